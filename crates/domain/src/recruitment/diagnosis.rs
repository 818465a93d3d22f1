//! What patients are looked for by.

use std::{fmt, str::FromStr};

/// The longest name of a code system, in characters.
const MOST_OF_SYSTEM: usize = 20;
/// The longest code, in characters.
const MOST_OF_CODE: usize = 40;

/// A diagnosis as a code with its system, such as `ICD-O-3:8140/3` or `NCIT:C4872`.
///
/// The system is 1 to 20 characters of A-Z, 0-9, `-` and `.`, the code 1 to 40 visible ASCII characters.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Diagnosis(String);

impl Diagnosis {
    /// Checks and takes a code with its system.
    pub fn new(text: &str) -> Result<Self, InvalidDiagnosis> {
        let of_system = |byte: u8| matches!(byte, b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.');
        let valid = text.split_once(':').is_some_and(|(system, code)| {
            (1..=MOST_OF_SYSTEM).contains(&system.len())
                && system.bytes().all(of_system)
                && (1..=MOST_OF_CODE).contains(&code.len())
                && code.bytes().all(|byte| byte.is_ascii_graphic())
        });
        if valid { Ok(Self(text.to_owned())) } else { Err(InvalidDiagnosis { text: shown(text) }) }
    }

    /// The code with its system.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Diagnosis {
    type Err = InvalidDiagnosis;

    fn from_str(text: &str) -> Result<Self, InvalidDiagnosis> {
        Self::new(text)
    }
}

impl fmt::Display for Diagnosis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Diagnosis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A text that is no code with its system.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} is no diagnosis: it must be a code with its system, such as \"ICD-O-3:8140/3\"")]
pub struct InvalidDiagnosis {
    /// The text, cut to 64 characters.
    pub text: String,
}

fn shown(text: &str) -> String {
    text.chars().take(64).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_bear_their_system() {
        for text in ["ICD-O-3:8140/3", "NCIT:C4872", "HP:0002664", "ICD-10:C34.1"] {
            assert_eq!(Diagnosis::new(text).unwrap().as_str(), text);
        }
        for text in ["", "8140/3", ":8140/3", "NCIT:", "ncit:C4872", "NCIT:C 4872", "NCIT:肺癌", "NCIT C4872"]
        {
            assert!(Diagnosis::new(text).is_err(), "{text}");
        }
        assert!(Diagnosis::new(&format!("NCIT:{}", "C".repeat(41))).is_err());
        assert!(Diagnosis::new(&format!("{}:C", "N".repeat(21))).is_err());
    }
}
