//! What is handed over: never the thing itself, but where it is and by which digest it is known.

use std::{fmt, str::FromStr};

use crate::text::Text;

/// Where something is, a URI.
pub type Uri = Text<1000>;

/// What is handed over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Artefact {
    /// Where it is.
    pub uri: Uri,
    /// By what it is known: whoever fetches it can tell that it is the same.
    pub sha256: Sha256,
}

/// A SHA-256 digest; 64 lower-case hexadecimal digits in texts.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Sha256([u8; 32]);

impl Sha256 {
    /// The digest of these bytes.
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// Its bytes.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

/// A text that is no digest.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} is no SHA-256 digest: it must be 64 lower-case hexadecimal digits")]
pub struct InvalidSha256 {
    /// The text, cut to 80 characters.
    pub text: String,
}

impl FromStr for Sha256 {
    type Err = InvalidSha256;

    fn from_str(text: &str) -> Result<Self, InvalidSha256> {
        parse(text).map(Self).ok_or_else(|| InvalidSha256 { text: text.chars().take(80).collect() })
    }
}

impl fmt::Display for Sha256 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Sha256 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

fn parse(text: &str) -> Option<[u8; 32]> {
    let digit = |byte: u8| match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        _ => None,
    };
    let digits: Vec<u8> = text.bytes().map(digit).collect::<Option<_>>()?;
    let (pairs, rest) = digits.as_chunks::<2>();
    let bytes: Vec<u8> = pairs.iter().map(|[high, low]| high << 4 | low).collect();
    if rest.is_empty() { bytes.try_into().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digest_reads_back() {
        let text = "00ff0123456789abcdef00ff0123456789abcdef00ff0123456789abcdef8899";
        let digest: Sha256 = text.parse().unwrap();
        assert_eq!(digest.to_string(), text);
        assert_eq!(digest.as_bytes()[..3], [0, 255, 1]);
    }

    #[test]
    fn other_texts_are_refused() {
        for text in ["", "00", &"0".repeat(63), &"0".repeat(65), &"G".repeat(64), &"A".repeat(64), "é"] {
            assert!(text.parse::<Sha256>().is_err(), "{text}");
        }
    }
}
