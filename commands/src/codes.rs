//! The codes a command uses, each an entry of a dictionary, as a module lists them in [`Decider::codes`](crate::decider::Decider::codes).

use letopis_events::dictionaries::DictionaryName;
use letopis_events::{Change, Code};
use std::borrow::Cow;

/// The codes a command uses, with the dictionary and the field of each.
#[derive(Debug, Default)]
pub struct Codes<'c>(pub(crate) Vec<(DictionaryName, &'c Code, Cow<'static, str>)>);

impl<'c> Codes<'c> {
    /// The code in a field, where there is one.
    #[must_use]
    pub fn field(
        mut self,
        of: DictionaryName,
        code: Option<&'c Code>,
        path: impl Into<Cow<'static, str>>,
    ) -> Self {
        self.0.extend(code.map(|code| (of, code, path.into())));
        self
    }

    /// The code a field is changed to; what it is already was checked when it became so.
    #[must_use]
    pub fn change(
        self,
        of: DictionaryName,
        change: &'c Change<Code>,
        now: Option<&Code>,
        path: impl Into<Cow<'static, str>>,
    ) -> Self {
        self.field(of, change.value().filter(|code| Some(*code) != now), path)
    }

    /// The codes in a list.
    #[must_use]
    pub fn list(mut self, of: DictionaryName, codes: &'c [Code], path: &str) -> Self {
        let codes = codes.iter().enumerate();
        self.0.extend(codes.map(|(index, code)| (of, code, format!("{path}/{index}").into())));
        self
    }
}
