//! The code by which the base operator knows a specimen.

use std::{fmt, str::FromStr};

/// The longest code, in characters.
const MOST_CHARACTERS: usize = 40;

/// The base operator's code of a specimen: 1 to 40 visible ASCII characters.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SpecimenCode(String);

/// A text that is no code of a specimen.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} is no specimen code: it must be 1 to {MOST_CHARACTERS} visible ASCII characters")]
pub struct InvalidSpecimenCode {
    /// The text, cut to 64 characters.
    pub text: String,
}

impl SpecimenCode {
    /// The code.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for SpecimenCode {
    type Err = InvalidSpecimenCode;

    fn from_str(text: &str) -> Result<Self, InvalidSpecimenCode> {
        let visible = text.bytes().all(|byte| byte.is_ascii_graphic());
        if visible && (1..=MOST_CHARACTERS).contains(&text.len()) {
            Ok(Self(text.to_owned()))
        } else {
            Err(InvalidSpecimenCode { text: text.chars().take(64).collect() })
        }
    }
}

impl fmt::Display for SpecimenCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for SpecimenCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
