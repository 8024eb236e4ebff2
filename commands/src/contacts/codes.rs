//! The codes that commands to a contact person's record use.

use super::{Contact, ContactCommand, Joining};
use crate::codes::Codes;
use letopis_events::dictionaries::DictionaryName::Roles;
use letopis_events::{ClientId, Code};

impl Contact {
    pub(super) fn codes_in<'c>(&self, command: &'c ContactCommand) -> Codes<'c> {
        match command {
            ContactCommand::Register(given) => {
                let joins = given.joins.0.iter().enumerate();
                joins.fold(Codes::default(), |codes, (index, join)| {
                    codes.field(Roles, join.role.value(), format!("/joins/{index}/role"))
                })
            }
            ContactCommand::Join(Joining { client_id, role, .. })
            | ContactCommand::Move { to_client_id: client_id, role, .. } => {
                Codes::default().change(Roles, role, self.role_at(*client_id), "/role")
            }
            ContactCommand::Correct(_)
            | ContactCommand::AddPhone(_)
            | ContactCommand::RemovePhone { .. }
            | ContactCommand::MarkPhone { .. }
            | ContactCommand::AddEmail(_)
            | ContactCommand::RemoveEmail { .. }
            | ContactCommand::MarkEmail { .. }
            | ContactCommand::Leave { .. } => Codes::default(),
        }
    }

    /// What they decide at a client, as last told.
    fn role_at(&self, client: ClientId) -> Option<&Code> {
        match self {
            Self::Unknown => None,
            Self::Known(person) => person.stays.at(client).next_back()?.join.role.as_ref(),
        }
    }
}
