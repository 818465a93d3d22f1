//! What a yearly fee costs for some of the year.

use domain::{price_book::PriceModel, time::Timestamp};
use money::{Currency, Decimal, Fraction};

use crate::{RatedLine, RatingError, rate};

/// What a yearly fee costs for so many of the days of a contract year: the exact fraction, rounded once
/// (requirements §2.2: a tier change starts a new segment, and fixed fees go by days).
pub fn rate_fee(
    model: &PriceModel,
    currency: Currency,
    days: u32,
    days_in_year: u32,
) -> Result<RatedLine, RatingError> {
    let out_of_year = RatingError::DaysOutOfYear { days, days_in_year };
    if days > days_in_year {
        return Err(out_of_year);
    }
    let part = Fraction::new(days.into(), days_in_year.into()).map_err(|_| out_of_year)?;
    rate(model, currency, &Decimal::ONE, Some(&part))
}

/// How many dates in Asia/Tokyo lie in `[from, until)`: the date of `from` counts, that of `until` does not,
/// so that the days of adjoining segments sum to the days of both. Nothing if `until` is not later.
pub fn days_between(from: Timestamp, until: Timestamp) -> u32 {
    const MICROS_PER_DAY: i64 = 86_400_000_000;
    let midnight = |at: Timestamp| Timestamp::start_of_tokyo_date(at.tokyo_date()).as_micros();
    let micros = midnight(until).saturating_sub(midnight(from));
    u32::try_from(micros / MICROS_PER_DAY).unwrap_or(0)
}
