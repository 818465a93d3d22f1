//! Exact decimal numbers: prices, quantities and percentages, as decimal text on every wire.

use std::{fmt, str::FromStr};

/// The most digits before the point.
pub const MAX_INTEGER_DIGITS: usize = 18;
/// The most digits after the point.
pub const MAX_FRACTION_DIGITS: usize = 9;

/// An exact decimal number of at most 18 integer and 9 fraction digits.
///
/// One number has one text: no exponent, no plus sign, no spaces, no needless zeros. Reading is as strict,
/// but for zeros at the end of the fraction ("1.50" is 1.5).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Decimal(rust_decimal::Decimal);

/// A text that is no decimal number.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidDecimal {
    /// The text has another form.
    #[error(
        "{text:?} is no decimal number: it must be digits with at most one point between them, such as \"12.5\""
    )]
    Malformed {
        /// The text, cut to 64 characters.
        text: String,
    },
    /// The number has too many digits.
    #[error("the number has more than {MAX_INTEGER_DIGITS} integer or {MAX_FRACTION_DIGITS} fraction digits")]
    TooLong,
}

impl Decimal {
    /// Nothing.
    pub const ZERO: Self = Self(rust_decimal::Decimal::ZERO);
    /// One.
    pub const ONE: Self = Self(rust_decimal::Decimal::ONE);
    /// One hundred: the sum of percentages.
    pub const HUNDRED: Self = Self(rust_decimal::Decimal::ONE_HUNDRED);

    /// The whole number, or [`InvalidDecimal::TooLong`] beyond 18 digits.
    pub fn from_i64(number: i64) -> Result<Self, InvalidDecimal> {
        Self::held(rust_decimal::Decimal::from(number)).ok_or(InvalidDecimal::TooLong)
    }

    /// The whole number, or [`InvalidDecimal::TooLong`] beyond 18 digits.
    pub fn from_u64(number: u64) -> Result<Self, InvalidDecimal> {
        Self::held(rust_decimal::Decimal::from(number)).ok_or(InvalidDecimal::TooLong)
    }

    /// Whether it is nothing.
    pub fn is_zero(&self) -> bool {
        self.0.is_zero()
    }

    /// Whether it is less than nothing.
    pub fn is_negative(&self) -> bool {
        self.0.is_sign_negative() && !self.0.is_zero()
    }

    /// The sum, or `None` beyond 18 integer digits.
    pub fn checked_add(self, other: Self) -> Option<Self> {
        self.0.checked_add(other.0).and_then(Self::held)
    }

    /// The difference, or `None` beyond 18 integer digits.
    pub fn checked_sub(self, other: Self) -> Option<Self> {
        self.0.checked_sub(other.0).and_then(Self::held)
    }

    /// The number as `(mantissa, scale)`: it is mantissa / 10^scale, and scale is at most 9.
    pub(crate) fn parts(&self) -> (i128, u32) {
        (self.0.mantissa(), self.0.scale())
    }

    /// The canonical form of a number that is within the bounds.
    fn held(number: rust_decimal::Decimal) -> Option<Self> {
        let number = number.normalize();
        let bound = 10i128.pow(MAX_INTEGER_DIGITS as u32) * 10i128.pow(number.scale());
        (number.scale() as usize <= MAX_FRACTION_DIGITS && number.mantissa().abs() < bound)
            .then_some(Self(number))
    }
}

impl From<u32> for Decimal {
    fn from(number: u32) -> Self {
        Self(rust_decimal::Decimal::from(number))
    }
}

impl FromStr for Decimal {
    type Err = InvalidDecimal;

    fn from_str(text: &str) -> Result<Self, InvalidDecimal> {
        let unsigned = text.strip_prefix('-').unwrap_or(text);
        let (integer, fraction) = match unsigned.split_once('.') {
            Some((integer, fraction)) => (integer, Some(fraction)),
            None => (unsigned, None),
        };
        let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
        let leading_zero = integer.len() > 1 && integer.starts_with('0');
        if !digits(integer) || leading_zero || !fraction.is_none_or(digits) {
            return Err(InvalidDecimal::Malformed { text: text.chars().take(64).collect() });
        }
        if integer.len() > MAX_INTEGER_DIGITS || fraction.is_some_and(|part| part.len() > MAX_FRACTION_DIGITS)
        {
            return Err(InvalidDecimal::TooLong);
        }
        let number = text.parse::<rust_decimal::Decimal>().map_err(|_| InvalidDecimal::TooLong)?;
        Self::held(number).ok_or(InvalidDecimal::TooLong)
    }
}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Debug for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_read_strictly_and_written_canonically() {
        for (text, canonical) in [
            ("0", "0"),
            ("-0", "0"),
            ("0.000000001", "0.000000001"),
            ("1.50", "1.5"),
            ("100.0", "100"),
            ("-12.25", "-12.25"),
            ("999999999999999999.999999999", "999999999999999999.999999999"),
        ] {
            assert_eq!(text.parse::<Decimal>().unwrap().to_string(), canonical);
        }
    }

    #[test]
    fn other_texts_are_refused() {
        for text in [
            "", "-", ".", "1.", ".5", "+1", " 1", "1 ", "1e3", "1_000", "1,000", "01", "-00", "1.2.3", "--1",
            "１", "NaN", "1.-2",
        ] {
            assert!(matches!(text.parse::<Decimal>(), Err(InvalidDecimal::Malformed { .. })), "{text}");
        }
        for text in ["1000000000000000000", "0.0000000001", "1.0000000000"] {
            assert_eq!(text.parse::<Decimal>(), Err(InvalidDecimal::TooLong), "{text}");
        }
    }

    #[test]
    fn sums_stay_within_the_bounds() {
        let most: Decimal = "999999999999999999.999999999".parse().unwrap();
        let least: Decimal = "0.000000001".parse().unwrap();
        assert_eq!(most.checked_add(least), None);
        assert_eq!(most.checked_sub(most), Some(Decimal::ZERO));
        assert_eq!(Decimal::from_u64(u64::MAX), Err(InvalidDecimal::TooLong));
        assert_eq!(Decimal::from_i64(-100).unwrap().to_string(), "-100");
    }

    proptest::proptest! {
        #[test]
        fn every_number_reads_back(text in "-?(0|[1-9][0-9]{0,17})(\\.[0-9]{1,9})?") {
            let number: Decimal = text.parse().unwrap();
            let canonical = number.to_string();
            proptest::prop_assert_eq!(canonical.parse(), Ok(number));
            proptest::prop_assert!(!canonical.contains('.') || !canonical.ends_with('0'));
        }
    }
}
