//! The name of a relay.

use std::{fmt, str::FromStr};

/// The longest name, in characters.
const LONGEST: usize = 40;

/// What tells the relays of one log apart, such as `kafka`: 1 to 40 of `a` to `z`, `0` to `9` and `_`, so that it can
/// stand in a stream's name.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct RelayName(String);

impl RelayName {
    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A text that is no name of a relay.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the name of a relay is 1 to {LONGEST} of a to z, 0 to 9 and _")]
pub struct InvalidRelayName;

impl FromStr for RelayName {
    type Err = InvalidRelayName;

    fn from_str(text: &str) -> Result<Self, InvalidRelayName> {
        let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
        if (1..=LONGEST).contains(&text.len()) && text.bytes().all(allowed) {
            Ok(Self(text.to_owned()))
        } else {
            Err(InvalidRelayName)
        }
    }
}

impl fmt::Display for RelayName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
