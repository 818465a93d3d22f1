//! A text to look for in lists.

use crate::error::Refusal;

/// The longest text to look for, in characters: no name is longer.
const MOST_CHARACTERS: usize = 200;

/// A text to look for, whatever the case of its letters; an empty one is found everywhere.
#[derive(Clone, Debug)]
pub struct Needle(String);

impl Needle {
    /// The text that a field of a request asks for.
    pub fn new(field: &str, text: &str) -> Result<Self, Refusal> {
        if text.chars().nth(MOST_CHARACTERS).is_some() {
            let what = format!("has more than {MOST_CHARACTERS} characters, which no name has");
            return Err(Refusal::invalid(field, what));
        }
        Ok(Self(text.to_lowercase()))
    }

    /// Whether it is in one of these texts.
    pub fn is_in<const N: usize>(&self, texts: [&str; N]) -> bool {
        self.0.is_empty() || texts.into_iter().any(|text| text.to_lowercase().contains(&self.0))
    }
}
