//! Reading the fields of requests: each error names the field and the rule.

use std::{fmt::Display, str::FromStr};

use domain::{
    id::{Id, Kind},
    time::{Month, Timestamp},
};
use event_log::Position;
use jiff::civil::Date;
use money::Money;
use proto::kiban::common::v1 as wire;

use crate::error::Refusal;

/// A text of a strict form.
pub fn text<T: FromStr<Err: Display>>(field: &str, text: &str) -> Result<T, Refusal> {
    text.parse().map_err(|error: T::Err| Refusal::invalid(field, error))
}

/// An id of one kind.
pub fn id<K: Kind>(field: &str, text: &str) -> Result<Id<K>, Refusal> {
    if text.is_empty() {
        return Err(Refusal::invalid(field, format!("is missing; it must be an id \"{}_…\"", K::PREFIX)));
    }
    self::text(field, text)
}

/// An id of one kind, or none if the text is empty.
pub fn optional_id<K: Kind>(field: &str, text: &str) -> Result<Option<Id<K>>, Refusal> {
    if text.is_empty() { Ok(None) } else { id(field, text).map(Some) }
}

/// A month such as `2026-03`.
pub fn month(field: &str, text: &str) -> Result<Month, Refusal> {
    self::text(field, text)
}

/// A date such as `2026-04-01`.
pub fn date(field: &str, text: &str) -> Result<Date, Refusal> {
    let strict = text.len() == 10 && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-');
    let date = strict.then(|| text.parse().ok()).flatten();
    date.ok_or_else(|| Refusal::invalid(field, "must be a date, such as \"2026-04-01\""))
}

/// A moment, cut to microseconds.
pub fn instant(field: &str, wire: Option<&prost_types::Timestamp>) -> Result<Timestamp, Refusal> {
    let wire = wire.ok_or_else(|| Refusal::invalid(field, "is missing"))?;
    let micros = (0..1_000_000_000)
        .contains(&wire.nanos)
        .then(|| wire.seconds.checked_mul(1_000_000)?.checked_add(i64::from(wire.nanos) / 1_000));
    let instant = micros.flatten().and_then(Timestamp::from_micros);
    instant.ok_or_else(|| Refusal::invalid(field, "is no moment of the years 1 to 9998"))
}

/// A moment, or none.
pub fn optional_instant(
    field: &str,
    wire: Option<&prost_types::Timestamp>,
) -> Result<Option<Timestamp>, Refusal> {
    wire.map(|wire| instant(field, Some(wire))).transpose()
}

/// An amount of money.
pub fn amount(field: &str, wire: Option<&wire::Money>) -> Result<Money, Refusal> {
    let wire = wire.ok_or_else(|| Refusal::invalid(field, "is missing"))?;
    let currency = text(&format!("{field}.currency_code"), &wire.currency_code)?;
    Ok(Money::new(currency, wire.minor_units))
}

/// A position token; `None` if the text is empty.
pub fn position(field: &str, token: &str) -> Result<Option<Position>, Refusal> {
    if token.is_empty() {
        return Ok(None);
    }
    let digits = token.len() <= 20 && token.bytes().all(|byte| byte.is_ascii_digit());
    let position = digits.then(|| token.parse().ok()).flatten().map(Position);
    position.map(Some).ok_or_else(|| Refusal::invalid(field, "is no position token of this log"))
}

/// How many items a page holds: the default for 0, and never more than the most.
pub fn page_size(field: &str, wire: i64, default: usize, most: usize) -> Result<usize, Refusal> {
    match usize::try_from(wire) {
        Ok(0) => Ok(default),
        Ok(size) => Ok(size.min(most)),
        Err(_) => Err(Refusal::invalid(field, "must not be negative")),
    }
}
