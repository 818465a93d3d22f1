//! How a message that the API and the log have in common is read: each part names its field, so that an error says
//! where in the whole message it lies, whichever of the two holds it.

use std::str::FromStr;

use money::Money;
use proto::kiban::common::v1 as common;

/// A field of a message that holds no value of its kind.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{path}: {what}")]
pub struct FormError {
    /// The field, from the message that was read, such as `items[3].model.graduated.bands[1].up_to`.
    pub path: String,
    /// What is wrong with it.
    pub what: String,
}

impl FormError {
    /// An error of one field.
    pub fn new(path: impl Into<String>, what: impl ToString) -> Self {
        Self { path: path.into(), what: what.to_string() }
    }

    /// The same error as the message sees it that holds the one that was read, in the field `outer`.
    pub fn within(self, outer: &str) -> Self {
        Self { path: format!("{outer}.{}", self.path), ..self }
    }
}

/// A value with a strict text form.
pub(crate) fn text<T: FromStr<Err: ToString>>(field: &str, text: &str) -> Result<T, FormError> {
    text.parse().map_err(|error: T::Err| FormError::new(field, error))
}

/// A value with a strict text form, or none if the text is empty.
pub(crate) fn optional_text<T: FromStr<Err: ToString>>(
    field: &str,
    written: &str,
) -> Result<Option<T>, FormError> {
    if written.is_empty() { Ok(None) } else { text(field, written).map(Some) }
}

/// A part that must be there.
pub(crate) fn required<'a, T>(field: &str, part: Option<&'a T>) -> Result<&'a T, FormError> {
    part.ok_or_else(|| FormError::new(field, "is missing"))
}

/// The elements of a list, an error with the index of its element.
pub(crate) fn each<T, U>(
    field: &str,
    list: &[T],
    read: impl Fn(&T) -> Result<U, FormError>,
) -> Result<Vec<U>, FormError> {
    let elements = list.iter().enumerate();
    elements
        .map(|(index, element)| read(element).map_err(|error| error.within(&format!("{field}[{index}]"))))
        .collect()
}

/// An amount of money.
pub(crate) fn amount(field: &str, message: &common::Money) -> Result<Money, FormError> {
    let currency = text("currency_code", &message.currency_code).map_err(|error| error.within(field))?;
    Ok(Money::new(currency, message.minor_units))
}
