//! The code by which a provider knows a dataset.

use std::{fmt, str::FromStr};

/// The longest code, in characters.
const MOST_CHARACTERS: usize = 40;

/// A provider's code of a dataset, such as `TCGA-BRCA`: 1 to 40 visible ASCII characters.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DatasetCode(String);

impl DatasetCode {
    /// Checks and takes a code.
    pub fn new(text: &str) -> Result<Self, InvalidDatasetCode> {
        let visible = text.bytes().all(|byte| byte.is_ascii_graphic());
        if visible && (1..=MOST_CHARACTERS).contains(&text.len()) {
            Ok(Self(text.to_owned()))
        } else {
            Err(InvalidDatasetCode { text: text.chars().take(64).collect() })
        }
    }

    /// The code.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for DatasetCode {
    type Err = InvalidDatasetCode;

    fn from_str(text: &str) -> Result<Self, InvalidDatasetCode> {
        Self::new(text)
    }
}

impl fmt::Display for DatasetCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for DatasetCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A text that is no code of a dataset.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} is no dataset code: it must be 1 to 40 visible ASCII characters")]
pub struct InvalidDatasetCode {
    /// The text, cut to 64 characters.
    pub text: String,
}
