//! Instants, and the calendar in which money is counted.
//!
//! Periods are half-open `[start, end)` in Asia/Tokyo, which has had no daylight saving since 1951 and so is
//! the fixed offset +09:00: midnight belongs to exactly one month (requirements §2.2).

use std::{fmt, str::FromStr};

use jiff::civil::Date;

const MICROS_PER_SECOND: i64 = 1_000_000;
const MICROS_PER_DAY: i64 = 86_400 * MICROS_PER_SECOND;
const TOKYO_OFFSET_MICROS: i64 = 9 * 3_600 * MICROS_PER_SECOND;
/// 1970-01-01 as a day number of [`Date`] arithmetic.
const EPOCH: Date = jiff::civil::date(1970, 1, 1);

/// An instant in microseconds since 1970-01-01T00:00:00Z, in the years 1 to 9998 of Asia/Tokyo.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Timestamp(i64);

impl Timestamp {
    /// 0001-01-02T00:00:00Z, a day after the earliest civil date so that every instant has a date in Tokyo.
    pub const MIN: Self = Self(-62_135_510_400 * MICROS_PER_SECOND);
    /// The last microsecond of the year 9998 in Tokyo: the month after it still has a start.
    pub const MAX: Self = Self((253_370_764_800 - 9 * 3_600) * MICROS_PER_SECOND - 1);

    /// The instant so many microseconds after the epoch, or `None` outside [`Self::MIN`] to [`Self::MAX`].
    pub fn from_micros(micros: i64) -> Option<Self> {
        (Self::MIN.0..=Self::MAX.0).contains(&micros).then_some(Self(micros))
    }

    /// Microseconds since the epoch.
    pub const fn as_micros(self) -> i64 {
        self.0
    }

    /// The instant so many whole days later, held at [`Self::MAX`].
    pub fn plus_days(self, days: u32) -> Self {
        Self(self.0.saturating_add(i64::from(days) * MICROS_PER_DAY).min(Self::MAX.0))
    }

    /// The civil date in Asia/Tokyo.
    pub fn tokyo_date(self) -> Date {
        let days = (self.0 + TOKYO_OFFSET_MICROS).div_euclid(MICROS_PER_DAY);
        EPOCH.saturating_add(jiff::Span::new().days(days))
    }

    /// Midnight in Asia/Tokyo at which this date starts.
    pub fn start_of_tokyo_date(date: Date) -> Self {
        let days = EPOCH.until(date).map(|span| i64::from(span.get_days())).unwrap_or(0);
        let micros = days * MICROS_PER_DAY - TOKYO_OFFSET_MICROS;
        Self(micros.clamp(Self::MIN.0, Self::MAX.0))
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match jiff::Timestamp::from_microsecond(self.0) {
            Ok(instant) => instant.fmt(f),
            Err(_) => write!(f, "{} µs", self.0),
        }
    }
}

impl fmt::Debug for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A calendar month in Asia/Tokyo, the period of billing; `2026-03` on the wire.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Month {
    year: i16,
    month: i8,
}

impl Month {
    /// The month, or `None` if the number is not 1 to 12 or the year not 1 to 9998.
    pub fn new(year: i16, month: i8) -> Option<Self> {
        ((1..=9998).contains(&year) && (1..=12).contains(&month)).then_some(Self { year, month })
    }

    /// The month to which an instant belongs.
    pub fn of(instant: Timestamp) -> Self {
        let date = instant.tokyo_date();
        Self { year: date.year(), month: date.month() }
    }

    /// The calendar year.
    pub const fn year(self) -> i16 {
        self.year
    }

    /// The month's number, 1 to 12.
    pub const fn month(self) -> i8 {
        self.month
    }

    /// Months since January of year 0: a dense number for tables.
    pub const fn index(self) -> i32 {
        self.year as i32 * 12 + self.month as i32 - 1
    }

    /// The month with this [`index`](Self::index).
    pub fn from_index(index: i32) -> Option<Self> {
        Self::new(i16::try_from(index.div_euclid(12)).ok()?, index.rem_euclid(12) as i8 + 1)
    }

    /// The first date of the month.
    pub fn first_date(self) -> Date {
        Date::new(self.year, self.month, 1).unwrap_or(Date::MAX)
    }

    /// The first instant of the month.
    pub fn start(self) -> Timestamp {
        Timestamp::start_of_tokyo_date(self.first_date())
    }

    /// The first instant after the month.
    pub fn end(self) -> Timestamp {
        self.next().start()
    }

    /// How many days it has: 28 to 31.
    pub fn days(self) -> u64 {
        self.first_date().days_in_month().unsigned_abs().into()
    }

    /// The month after.
    pub fn next(self) -> Self {
        match self.month {
            12 => Self { year: self.year + 1, month: 1 },
            month => Self { year: self.year, month: month + 1 },
        }
    }
}

impl fmt::Display for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}", self.year, self.month)
    }
}

impl fmt::Debug for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A text that is no month.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a month is written as year and month, such as \"2026-03\"")]
pub struct InvalidMonth;

impl FromStr for Month {
    type Err = InvalidMonth;

    fn from_str(text: &str) -> Result<Self, InvalidMonth> {
        let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        match text.split_once('-') {
            Some((year, month)) if year.len() == 4 && month.len() == 2 && digits(year) && digits(month) => {
                let year = year.parse().map_err(|_| InvalidMonth)?;
                Self::new(year, month.parse().map_err(|_| InvalidMonth)?).ok_or(InvalidMonth)
            }
            _ => Err(InvalidMonth),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn micros(text: &str) -> Timestamp {
        Timestamp::from_micros(text.parse::<jiff::Timestamp>().unwrap().as_microsecond()).unwrap()
    }

    #[test]
    fn midnight_in_tokyo_belongs_to_exactly_one_month() {
        let march = Month::new(2026, 3).unwrap();
        assert_eq!(march.start(), micros("2026-02-28T15:00:00Z"));
        assert_eq!(Month::of(march.start()), march);
        assert_eq!(Month::of(micros("2026-02-28T14:59:59.999999Z")), Month::new(2026, 2).unwrap());
        assert_eq!(march.end(), Month::new(2026, 4).unwrap().start());
        assert_eq!(Month::new(2026, 12).unwrap().next(), Month::new(2027, 1).unwrap());
    }

    #[test]
    fn months_are_read_strictly() {
        assert_eq!("2026-03".parse(), Ok(Month::new(2026, 3).unwrap()));
        for text in
            ["2026-3", "2026-13", "2026-00", "26-03", "0000-01", "2026-03-01", "２０２６-03", "+026-03"]
        {
            assert!(text.parse::<Month>().is_err(), "{text}");
        }
    }

    #[test]
    fn the_ends_of_time_have_dates() {
        for instant in [Timestamp::MIN, Timestamp::MAX] {
            assert!((1..=9999).contains(&instant.tokyo_date().year()));
            assert!(!instant.to_string().contains("µs"));
        }
        assert_eq!(Timestamp::from_micros(i64::MAX), None);
        assert_eq!(Timestamp::from_micros(i64::MIN), None);
    }

    proptest::proptest! {
        #[test]
        fn a_month_holds_its_instants(micros in Timestamp::MIN.0..=Timestamp::MAX.0) {
            let instant = Timestamp::from_micros(micros).unwrap();
            let month = Month::of(instant);
            proptest::prop_assert!(month.start() <= instant && instant < month.end());
            proptest::prop_assert_eq!(Month::from_index(month.index()), Some(month));
        }
    }
}
