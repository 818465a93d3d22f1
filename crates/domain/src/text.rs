//! Texts that people write: names, reasons.

use std::{fmt, str::FromStr};

/// The name of an organisation.
pub type Name = Text<200>;
/// Why somebody decided as they did.
pub type Reason = Text<1000>;

/// A text of 1 to `MAX` characters, without control characters and without space at either end.
///
/// Nothing is trimmed or folded on the way in: what was sent is what stands in the log, or it is refused.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Text<const MAX: usize>(String);

impl<const MAX: usize> Text<MAX> {
    /// Checks and takes a text.
    pub fn new(text: &str) -> Result<Self, InvalidText> {
        let characters = text.chars().count();
        if text.is_empty() {
            return Err(InvalidText::Empty);
        }
        if characters > MAX {
            return Err(InvalidText::TooLong { characters, most: MAX });
        }
        if text.chars().any(char::is_control) {
            return Err(InvalidText::ControlCharacter);
        }
        if text.trim() != text {
            return Err(InvalidText::OuterSpace);
        }
        Ok(Self(text.to_owned()))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl<const MAX: usize> FromStr for Text<MAX> {
    type Err = InvalidText;

    fn from_str(text: &str) -> Result<Self, InvalidText> {
        Self::new(text)
    }
}

impl<const MAX: usize> fmt::Display for Text<MAX> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl<const MAX: usize> fmt::Debug for Text<MAX> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

/// What is wrong with a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidText {
    /// Nothing was written.
    #[error("the text is empty")]
    Empty,
    /// More was written than is kept.
    #[error("the text has {characters} characters, at most {most} are allowed")]
    TooLong {
        /// How long it is, in characters.
        characters: usize,
        /// How long it may be.
        most: usize,
    },
    /// A line break, a tab or another control character.
    #[error("the text has a control character, such as a line break")]
    ControlCharacter,
    /// Space before or after the text.
    #[error("the text starts or ends with space")]
    OuterSpace,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_kept_as_they_are() {
        for text in ["a", "国立がん研究センター", "a  b", &"あ".repeat(8)] {
            assert_eq!(Text::<10>::new(text).unwrap().as_str(), text);
        }
    }

    #[test]
    fn what_is_wrong_is_named() {
        for (text, wrong) in [
            ("", InvalidText::Empty),
            ("abcd", InvalidText::TooLong { characters: 4, most: 3 }),
            ("a\nb", InvalidText::ControlCharacter),
            (" a", InvalidText::OuterSpace),
            ("a\u{3000}", InvalidText::OuterSpace),
        ] {
            assert_eq!(Text::<3>::new(text), Err(wrong), "{text:?}");
        }
    }
}
