//! The fiscal year that passes: FY2026, April 2026 to March 2027 in Asia/Tokyo.

use domain::time::{Month, Timestamp};
use engine::wire_time;

const MICROS_PER_HOUR: i64 = 3_600_000_000;
/// April 2026, as the months since January of year 0.
const FIRST_MONTH: i32 = 2026 * 12 + 3;
/// What the year is called.
pub(super) const FISCAL_YEAR: &str = "FY2026";
/// The first month of the year, as prices name it.
pub(super) const START: &str = "2026-04";

/// The month so many months after April 2026; -1 is the March in which everything is prepared.
pub(super) fn month(index: i32) -> Month {
    Month::from_index(FIRST_MONTH + index).unwrap_or_else(|| Month::of(Timestamp::default()))
}

/// The twelve months.
pub(super) fn months() -> impl Iterator<Item = Month> {
    (0..12).map(month)
}

/// A day of a month, from 1, at an hour in Asia/Tokyo.
pub(super) fn moment(month: Month, day: u32, hour: u32) -> Timestamp {
    let midnight = month.start().plus_days(day.saturating_sub(1)).as_micros();
    Timestamp::from_micros(midnight + i64::from(hour) * MICROS_PER_HOUR).unwrap_or_default()
}

/// A day of the month so many months after April 2026, in the late morning.
pub(super) fn day(index: i32, day: u32) -> Timestamp {
    moment(month(index), day, 11)
}

/// An instant as requests carry it.
pub(super) fn wire(at: Timestamp) -> Option<prost_types::Timestamp> {
    Some(wire_time(at))
}
