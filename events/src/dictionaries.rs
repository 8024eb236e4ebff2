//! What happens to the dictionaries, one stream each: their entries are the codes that commands may use.

use crate::{Attributes, Code, Color, Event, StreamId, Text};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Which dictionary.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
pub enum DictionaryName {
    /// What came of an interaction or a step.
    Results,
    /// Lines of business.
    Industries,
    /// How clients found us.
    Channels,
    /// What a contact person decides at a client.
    Roles,
    /// Regions.
    Regions,
    /// What a next step is.
    Actions,
    /// Why something was dropped, lost or refused.
    Reasons,
    /// Marks on clients.
    Tags,
}

impl DictionaryName {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::Results,
        Self::Industries,
        Self::Channels,
        Self::Roles,
        Self::Regions,
        Self::Actions,
        Self::Reasons,
        Self::Tags,
    ];

    /// As stored and asked for.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Results => "results",
            Self::Industries => "industries",
            Self::Channels => "channels",
            Self::Roles => "roles",
            Self::Regions => "regions",
            Self::Actions => "actions",
            Self::Reasons => "reasons",
            Self::Tags => "tags",
        }
    }

    /// The one whose stream it is.
    pub fn of(stream: StreamId) -> Option<Self> {
        Self::ALL.into_iter().find(|name| name.stream() == stream)
    }

    /// Its stream: every store has the same (UUID version 5 of the name).
    pub fn stream(self) -> StreamId {
        StreamId(Uuid::new_v5(&DICTIONARIES, self.name().as_bytes()))
    }
}

/// The namespace of the dictionaries' streams; part of the stored format, never to change.
const DICTIONARIES: Uuid = Uuid::from_u128(0x6c65_746f_7069_735f_6469_6374_696f_6e31);

/// An entry of a dictionary.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(inline)]
pub struct Entry {
    /// What is stored where the entry is used.
    pub code: Code,
    /// Its text in Russian.
    pub ru: Text<200>,
    /// Its text in English.
    pub en: Text<200>,
    /// Its place in a list; equal places stand in the order of codes.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub order: i32,
    /// Its colour, `#rrggbb`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub color: Option<Color>,
    /// What it counts as: a result as `reached`, `success`, `refusal`, `call_back`.
    #[serde(default, skip_serializing_if = "Attributes::is_empty")]
    pub attributes: Attributes,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands over references")]
const fn is_zero(order: &i32) -> bool {
    *order == 0
}

/// An event of a dictionary.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "type", content = "data")]
pub enum DictionaryEvent {
    /// Began, with these entries.
    Opened {
        /// Which one.
        name: DictionaryName,
        /// Its first entries.
        entries: Vec<Entry>,
    },
    /// Has this entry too.
    EntryAdded {
        /// The entry.
        entry: Entry,
    },
    /// The entry of this code reads so now.
    EntryChanged {
        /// The entry.
        entry: Entry,
    },
    /// The entry is no longer offered; what uses it stays readable.
    EntryRetired {
        /// Which one.
        code: Code,
        /// Why.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<Text<1000>>,
    },
    /// The entry is offered again.
    EntryRestored {
        /// Which one.
        code: Code,
    },
}

impl Event for DictionaryEvent {
    const CATEGORY: &'static str = "dictionaries";
}
