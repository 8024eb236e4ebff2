//! The codes that commands to an interaction's record use.

use super::{Interaction, InteractionCommand};
use crate::codes::Codes;
use letopis_events::dictionaries::DictionaryName::{Actions, Results};

impl Interaction {
    pub(super) fn codes_in<'c>(&self, command: &'c InteractionCommand) -> Codes<'c> {
        let now = match self {
            Self::Unknown => None,
            Self::Recorded(details) => Some(details),
            // It takes none of these commands.
            Self::Withdrawn(_) => return Codes::default(),
        };
        let result = now.and_then(|now| now.result.as_ref());
        match command {
            InteractionCommand::Record(told) => {
                let action = told.next_step.as_ref().map(|step| &step.action);
                Codes::default().field(Results, told.result.as_ref(), "/result").field(
                    Actions,
                    action,
                    "/next_step/action",
                )
            }
            InteractionCommand::SetResult { result: new, .. } => {
                Codes::default().field(Results, Some(new).filter(|new| Some(*new) != result), "/result")
            }
            InteractionCommand::Correct(given) => {
                let before = now.and_then(|now| now.next_step.as_ref()).map(|step| &step.action);
                let action = given.next_step.value().map(|step| &step.action);
                Codes::default().change(Results, &given.result, result, "/result").field(
                    Actions,
                    action.filter(|action| Some(*action) != before),
                    "/next_step/action",
                )
            }
            InteractionCommand::Link { .. }
            | InteractionCommand::Unlink { .. }
            | InteractionCommand::LinkContact { .. }
            | InteractionCommand::UnlinkContact { .. }
            | InteractionCommand::Withdraw { .. } => Codes::default(),
        }
    }
}
