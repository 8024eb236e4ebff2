//! What is recorded of a client is corrected, field by field.

use super::command::ClientCommand;
use super::error::ClientError;
use super::parents;
use super::profile::{Profile, changed};
use crate::decider::{Context, Seen};
use letopis_events::clients::ClientEvent;
use letopis_events::{Change, Personal, Text};

impl Profile {
    pub(super) fn corrected(
        &self,
        command: ClientCommand,
        seen: &Seen,
        context: &Context<'_>,
    ) -> Result<Vec<ClientEvent>, ClientError> {
        let ClientCommand::Correct {
            name,
            kind,
            country,
            industry,
            size,
            region,
            channel,
            website,
            about,
            time_zone,
            language,
            parent_client_id,
            attributes,
            reason,
            accept_duplicates,
        } = command
        else {
            return Ok(vec![]);
        };
        let own = context.stream;
        if let Change::Set(parent) = parent_client_id {
            parents::check(parent, seen, own)?;
        }
        let name = kept(name, "/name")?.map(|name: Text<200>| Personal::new(own, name));
        let changes = changed(&self.attributes, attributes);
        let event = ClientEvent::Corrected {
            kind: kept(kind, "/kind")?.filter(|kind| *kind != self.kind),
            name: name.filter(|name| *name != self.name),
            country: kept(country, "/country")?.filter(|country| *country != self.country),
            industry: industry.against(self.industry.as_ref()),
            size: size.against(self.size.as_ref()),
            region: region.against(self.region.as_ref()),
            channel: channel.against(self.channel.as_ref()),
            website: website.against(self.website.as_ref()),
            about: about.map(|about| Personal::new(own, about)).against(self.about.as_ref()),
            time_zone: time_zone.against(self.time_zone.as_ref()),
            language: language.against(self.language.as_ref()),
            parent_client_id: parent_client_id.against(self.parent.as_ref()),
            attributes: changes.map(|changes| Personal::new(own, changes)),
            reason,
            accept_duplicates,
        };
        let mut after = self.clone();
        after.change(&event);
        Ok(if after == *self { vec![] } else { vec![event] })
    }
}

/// The new value of a field that is never empty.
fn kept<T>(change: Change<T>, field: &'static str) -> Result<Option<T>, ClientError> {
    match change {
        Change::Keep => Ok(None),
        Change::Set(value) => Ok(Some(value)),
        Change::Clear => Err(ClientError::Required(field)),
    }
}
