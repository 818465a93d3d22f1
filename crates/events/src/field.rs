//! Conversions that the contexts share: the log keeps ids as 16 bytes and instants as microseconds.

use std::str::FromStr;

use domain::{
    id::{Id, Kind},
    listing::ServiceKind,
    milestone::Milestone,
    time::Timestamp,
};
use money::Money;
use proto::kiban::{common::v1 as common, order::v1 as order};

use jiff::{Span, civil::Date};

use crate::Defect;

const EPOCH: Date = jiff::civil::date(1970, 1, 1);

/// An error that names the field.
pub(crate) fn defect(field: &'static str, what: impl ToString) -> Defect {
    Defect::Field { field, what: what.to_string() }
}

/// The bytes of an id.
pub(crate) fn id_bytes<K>(id: Id<K>) -> Vec<u8> {
    id.to_bytes().to_vec()
}

/// An id of 16 bytes.
pub(crate) fn id<K: Kind>(field: &'static str, bytes: &[u8]) -> Result<Id<K>, Defect> {
    let bytes = bytes.try_into().map_err(|_| defect(field, format!("{} bytes are no id", bytes.len())))?;
    Ok(Id::from_bytes(bytes))
}

/// An id of 16 bytes, or none if there are no bytes.
pub(crate) fn optional_id<K: Kind>(field: &'static str, bytes: &[u8]) -> Result<Option<Id<K>>, Defect> {
    if bytes.is_empty() { Ok(None) } else { id(field, bytes).map(Some) }
}

/// An instant.
pub(crate) fn instant(field: &'static str, micros: i64) -> Result<Timestamp, Defect> {
    Timestamp::from_micros(micros).ok_or_else(|| defect(field, format!("{micros} µs is out of range")))
}

/// A value with a strict text form.
pub(crate) fn text<T: FromStr>(field: &'static str, text: &str) -> Result<T, Defect>
where
    T::Err: ToString,
{
    text.parse().map_err(|error: T::Err| defect(field, error))
}

/// A value with a strict text form, or none if the text is empty.
pub(crate) fn optional_text<T: FromStr>(field: &'static str, written: &str) -> Result<Option<T>, Defect>
where
    T::Err: ToString,
{
    if written.is_empty() { Ok(None) } else { text(field, written).map(Some) }
}

/// A part that must be there.
pub(crate) fn required<T>(field: &'static str, part: Option<T>) -> Result<T, Defect> {
    part.ok_or_else(|| defect(field, "missing"))
}

/// An amount of money as the log keeps it: as the API has it.
pub(crate) use crate::wire::money as amount_form;

/// An amount of money.
pub(crate) fn amount(field: &'static str, amount: Option<common::Money>) -> Result<Money, Defect> {
    let amount = required(field, amount)?;
    Ok(Money::new(text(field, &amount.currency_code)?, amount.minor_units))
}

/// A milestone as the log keeps it.
pub(crate) fn milestone_form(milestone: &Milestone) -> order::OrderedMilestone {
    order::OrderedMilestone {
        name: milestone.name.as_str().into(),
        amount: Some(amount_form(milestone.amount)),
    }
}

/// A milestone.
pub(crate) fn milestone(message: order::OrderedMilestone) -> Result<Milestone, Defect> {
    Ok(Milestone {
        name: text("milestones.name", &message.name)?,
        amount: amount("milestones.amount", message.amount)?,
    })
}

/// The kind of service with this number of `kiban.order.v1.ServiceKind`.
pub(crate) fn service_kind(field: &'static str, number: u32) -> Result<ServiceKind, Defect> {
    let kind = i32::try_from(number).ok().and_then(crate::listing_form::service_kind);
    kind.ok_or_else(|| defect(field, format!("{number} is no kind of service")))
}

/// A date as days since 1970-01-01.
pub(crate) fn day_of_date(date: Date) -> i32 {
    EPOCH.until(date).map(|span| span.get_days()).unwrap_or_default()
}

/// The date so many days after 1970-01-01.
pub(crate) fn date_of_day(field: &'static str, day: i32) -> Result<Date, Defect> {
    let span = Span::new().try_days(day).map_err(|error| defect(field, error))?;
    EPOCH.checked_add(span).map_err(|error| defect(field, error))
}
