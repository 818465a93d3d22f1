//! Exact fractions of any size: what stands between a price and an amount.

use std::{
    fmt,
    ops::{Add, Mul, Sub},
};

use num_bigint::BigInt;
use num_integer::Integer;
use num_rational::BigRational;
use num_traits::{One, Signed, ToPrimitive, Zero};

use crate::{Currency, Decimal, Money, MoneyError};

/// An exact fraction.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fraction(BigRational);

/// How a fraction of a minor unit is rounded.
///
/// Each mode rounds the *magnitude* and keeps the sign, so that a refund undoes its charge exactly: −2.5
/// becomes −3 half-up, −2.9 becomes −2 by floor and −2.1 becomes −3 by ceil.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Rounding {
    /// 切り捨て: what is less than a minor unit is dropped.
    Floor,
    /// 四捨五入: half a minor unit and more becomes one (away from zero).
    HalfUp,
    /// 切り上げ: what is less than a minor unit becomes one.
    Ceil,
}

/// A fraction without a denominator.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the denominator of a fraction is zero")]
pub struct ZeroDenominator;

impl Fraction {
    /// The fraction `numerator / denominator`.
    pub fn new(numerator: i64, denominator: i64) -> Result<Self, ZeroDenominator> {
        if denominator == 0 {
            return Err(ZeroDenominator);
        }
        Ok(Self(BigRational::new(numerator.into(), denominator.into())))
    }

    /// Nothing.
    pub fn zero() -> Self {
        Self(BigRational::zero())
    }

    /// One.
    pub fn one() -> Self {
        Self(BigRational::one())
    }

    /// Whether it is nothing.
    pub fn is_zero(&self) -> bool {
        self.0.is_zero()
    }

    /// Whether it is less than nothing.
    pub fn is_negative(&self) -> bool {
        self.0.is_negative()
    }

    /// The quotient, or [`ZeroDenominator`].
    pub fn checked_div(&self, divisor: &Self) -> Result<Self, ZeroDenominator> {
        if divisor.is_zero() {
            return Err(ZeroDenominator);
        }
        Ok(Self(&self.0 / &divisor.0))
    }

    /// So many per cent of it.
    pub fn percent(&self, percent: Decimal) -> Self {
        Self(&self.0 * Self::from(percent).0 / BigInt::from(100))
    }

    /// Numerator and denominator in lowest terms, as text; the denominator is positive.
    pub fn ratio(&self) -> (String, String) {
        (self.0.numer().to_string(), self.0.denom().to_string())
    }

    /// The whole number nearest by this mode, or [`MoneyError::Overflow`].
    pub fn round(&self, rounding: Rounding) -> Result<i64, MoneyError> {
        let (numerator, denominator) = (self.0.numer().abs(), self.0.denom());
        let magnitude = match rounding {
            Rounding::Floor => numerator.div_floor(denominator),
            Rounding::HalfUp => {
                let doubled: BigInt = denominator * 2;
                let raised: BigInt = numerator * 2 + denominator;
                raised.div_floor(&doubled)
            }
            Rounding::Ceil => numerator.div_ceil(denominator),
        };
        let signed = if self.is_negative() { -magnitude } else { magnitude };
        signed.to_i64().ok_or(MoneyError::Overflow)
    }

    /// The amount of so many minor units, rounded by this mode: the one rounding of a reckoning.
    pub fn to_money(&self, currency: Currency, rounding: Rounding) -> Result<Money, MoneyError> {
        self.round(rounding).map(|minor_units| Money::new(currency, minor_units))
    }
}

impl From<i64> for Fraction {
    fn from(number: i64) -> Self {
        Self(BigInt::from(number).into())
    }
}

impl From<Decimal> for Fraction {
    fn from(number: Decimal) -> Self {
        let (mantissa, scale) = number.parts();
        Self(BigRational::new(mantissa.into(), BigInt::from(10).pow(scale)))
    }
}

impl From<Money> for Fraction {
    /// The minor units of an amount.
    fn from(amount: Money) -> Self {
        amount.minor_units().into()
    }
}

impl Add for &Fraction {
    type Output = Fraction;

    fn add(self, other: Self) -> Fraction {
        Fraction(&self.0 + &other.0)
    }
}

impl Sub for &Fraction {
    type Output = Fraction;

    fn sub(self, other: Self) -> Fraction {
        Fraction(&self.0 - &other.0)
    }
}

impl Mul for &Fraction {
    type Output = Fraction;

    fn mul(self, other: Self) -> Fraction {
        Fraction(&self.0 * &other.0)
    }
}

/// The exact text: a decimal number where one exists in at most 27 fraction digits, else `7/3`.
impl fmt::Display for Fraction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match decimal_places(self.0.denom()) {
            Some(0) => self.0.numer().fmt(f),
            Some(places) => {
                let scaled = self.0.numer().abs() * BigInt::from(10).pow(places) / self.0.denom();
                let digits = format!("{scaled:0>width$}", width = places as usize + 1);
                let (integer, fraction) = digits.split_at(digits.len() - places as usize);
                write!(f, "{}{integer}.{fraction}", if self.is_negative() { "-" } else { "" })
            }
            None => write!(f, "{}/{}", self.0.numer(), self.0.denom()),
        }
    }
}

impl fmt::Debug for Fraction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

const MAX_PRINTED_PLACES: u32 = 27;

/// How many decimal places a fraction in lowest terms with this denominator has, if they are few.
fn decimal_places(denominator: &BigInt) -> Option<u32> {
    let mut power = BigInt::one();
    for places in 0..=MAX_PRINTED_PLACES {
        if power.is_multiple_of(denominator) {
            return Some(places);
        }
        power *= 10;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fraction(numerator: i64, denominator: i64) -> Fraction {
        Fraction::new(numerator, denominator).unwrap()
    }

    #[test]
    fn rounding_keeps_the_sign() {
        for (numerator, denominator, floor, half_up, ceil) in [
            (5, 2, 2, 3, 3),
            (-5, 2, -2, -3, -3),
            (12, 5, 2, 2, 3),
            (-12, 5, -2, -2, -3),
            (29, 10, 2, 3, 3),
            (7, 1, 7, 7, 7),
            (0, 3, 0, 0, 0),
        ] {
            let number = fraction(numerator, denominator);
            assert_eq!(number.round(Rounding::Floor), Ok(floor), "{number}");
            assert_eq!(number.round(Rounding::HalfUp), Ok(half_up), "{number}");
            assert_eq!(number.round(Rounding::Ceil), Ok(ceil), "{number}");
        }
    }

    #[test]
    fn the_tax_example_of_the_requirements() {
        // ¥105 × 3 at 10 %: 31 by floor, 32 by half-up, never 33.
        let tax = fraction(315, 1).percent(Decimal::from(10u32));
        assert_eq!(tax.to_string(), "31.5");
        assert_eq!(tax.to_money(Currency::Jpy, Rounding::Floor), Ok(Money::jpy(31)));
        assert_eq!(tax.to_money(Currency::Jpy, Rounding::HalfUp), Ok(Money::jpy(32)));
    }

    #[test]
    fn the_text_is_exact() {
        for (number, text) in [
            (fraction(1, 8), "0.125"),
            (fraction(-1, 20), "-0.05"),
            (fraction(7, 3), "7/3"),
            (fraction(-7, 3), "-7/3"),
            (fraction(10, 2), "5"),
            (fraction(1, -4), "-0.25"),
        ] {
            assert_eq!(number.to_string(), text);
        }
    }

    #[test]
    fn what_cannot_be_is_an_error() {
        assert_eq!(Fraction::new(1, 0), Err(ZeroDenominator));
        assert_eq!(Fraction::one().checked_div(&Fraction::zero()), Err(ZeroDenominator));
        let much = &Fraction::from(i64::MAX) * &Fraction::from(2);
        assert_eq!(much.round(Rounding::HalfUp), Err(MoneyError::Overflow));
        assert_eq!(Fraction::from(i64::MIN).round(Rounding::HalfUp), Ok(i64::MIN));
    }

    proptest::proptest! {
        #[test]
        fn rounding_stays_within_one(numerator: i64, denominator in 1i64..=i64::MAX) {
            let number = fraction(numerator, denominator);
            for rounding in [Rounding::Floor, Rounding::HalfUp, Rounding::Ceil] {
                let distance = &Fraction::from(number.round(rounding).unwrap()) - &number;
                proptest::prop_assert!(distance < Fraction::one() && &Fraction::zero() - &distance < Fraction::one());
            }
            let half_up = &Fraction::from(number.round(Rounding::HalfUp).unwrap()) - &number;
            proptest::prop_assert!(&half_up + &half_up <= Fraction::one());
        }

        #[test]
        fn a_decimal_is_its_fraction(text in "-?(0|[1-9][0-9]{0,17})(\\.[0-9]{1,9})?") {
            let number: Decimal = text.parse().unwrap();
            proptest::prop_assert_eq!(Fraction::from(number).to_string(), number.to_string());
        }
    }
}
