//! The name by which an enrolled participant is known here; who that is, the institution alone knows.

use std::{fmt, str::FromStr};

/// A participant's pseudonym: 8 to 64 of A-Z, a-z, 0-9 and `-`, unique in its recruitment.
///
/// The institution makes it up. It must say nothing of the person and nothing of the institution, for the member
/// sees it; Kiban can check its form alone.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Pseudonym(String);

impl Pseudonym {
    /// Checks and takes a pseudonym.
    pub fn new(text: &str) -> Result<Self, InvalidPseudonym> {
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
        if (8..=64).contains(&text.len()) && text.bytes().all(allowed) {
            Ok(Self(text.to_owned()))
        } else {
            Err(InvalidPseudonym)
        }
    }

    /// The pseudonym.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Pseudonym {
    type Err = InvalidPseudonym;

    fn from_str(text: &str) -> Result<Self, InvalidPseudonym> {
        Self::new(text)
    }
}

impl fmt::Display for Pseudonym {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Pseudonym {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A text that is no pseudonym. It is not repeated: what was sent by mistake may be a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a pseudonym is 8 to 64 of the characters A-Z, a-z, 0-9 and -")]
pub struct InvalidPseudonym;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pseudonyms_have_one_form() {
        for text in ["P-000017", "a1b2c3d4", &"x".repeat(64)] {
            assert_eq!(Pseudonym::new(text).unwrap().as_str(), text);
        }
        for text in ["", "P-00017", &"x".repeat(65), "Yamada Taro", "山田太郎山田太郎", "P_000017"] {
            assert_eq!(Pseudonym::new(text), Err(InvalidPseudonym), "{text}");
        }
    }
}
