//! The codes that commands to a client's record use.

use super::{Client, ClientCommand};
use crate::codes::Codes;
use letopis_events::dictionaries::DictionaryName::{Channels, Industries, Regions, Tags};

impl Client {
    pub(super) fn codes_in<'c>(&self, command: &'c ClientCommand) -> Codes<'c> {
        let now = match self {
            Self::Unknown => None,
            Self::Here(profile) => Some(profile),
            // It takes none of these commands.
            Self::Archived(_) | Self::Merged(..) => return Codes::default(),
        };
        match command {
            ClientCommand::Register(given) => Codes::default()
                .field(Industries, given.industry.as_ref(), "/industry")
                .field(Regions, given.region.as_ref(), "/region")
                .field(Channels, given.channel.as_ref(), "/channel")
                .list(Tags, &given.tags.0, "/tags"),
            ClientCommand::Correct { industry, region, channel, .. } => Codes::default()
                .change(Industries, industry, now.and_then(|now| now.industry.as_ref()), "/industry")
                .change(Regions, region, now.and_then(|now| now.region.as_ref()), "/region")
                .change(Channels, channel, now.and_then(|now| now.channel.as_ref()), "/channel"),
            ClientCommand::Tag { tag } => {
                let new = now.is_none_or(|now| !now.tags.contains(tag)).then_some(tag);
                Codes::default().field(Tags, new, "/tag")
            }
            ClientCommand::AddPhone(_)
            | ClientCommand::RemovePhone { .. }
            | ClientCommand::AddEmail(_)
            | ClientCommand::RemoveEmail { .. }
            | ClientCommand::AddAddress(_)
            | ClientCommand::RemoveAddress { .. }
            | ClientCommand::SetRequisites(_)
            | ClientCommand::AddRequisites(_)
            | ClientCommand::ChangeRequisites(_)
            | ClientCommand::RemoveRequisites { .. }
            | ClientCommand::ChangeStatus { .. }
            | ClientCommand::Untag { .. }
            | ClientCommand::Assign { .. }
            | ClientCommand::Release { .. }
            | ClientCommand::Relate(_)
            | ClientCommand::Unrelate { .. }
            | ClientCommand::GiveConsent(_)
            | ClientCommand::WithdrawConsent(_)
            | ClientCommand::Forbid(_)
            | ClientCommand::Allow(_)
            | ClientCommand::Suspect { .. }
            | ClientCommand::NotADuplicate { .. }
            | ClientCommand::Merge { .. }
            | ClientCommand::Unmerge { .. }
            | ClientCommand::Archive { .. }
            | ClientCommand::Restore { .. } => Codes::default(),
        }
    }
}
