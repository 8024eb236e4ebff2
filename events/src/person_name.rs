//! A person's name as forms and lists need it.

use crate::Text;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A person's name in its parts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PersonName {
    /// Family name.
    pub last: Text<100>,
    /// Given name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first: Option<Text<100>>,
    /// Patronymic.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub patronymic: Option<Text<100>>,
}

impl PersonName {
    /// The name as it is read in a list: last, first, patronymic.
    pub fn full(&self) -> String {
        let parts = [Some(&self.last), self.first.as_ref(), self.patronymic.as_ref()];
        parts.into_iter().flatten().map(Text::as_str).collect::<Vec<_>>().join(" ")
    }
}
