//! An exact amount.

use std::fmt;

use crate::Currency;

/// An amount in whole minor units of a currency (yen for JPY); negative for a credit.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Money {
    currency: Currency,
    minor_units: i64,
}

/// Amounts that cannot be reckoned with each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MoneyError {
    /// The result does not fit the 64 bits of an amount.
    #[error("the amount exceeds {} to {} minor units", i64::MIN, i64::MAX)]
    Overflow,
    /// The amounts are in different currencies.
    #[error("an amount in {right} cannot be added to one in {left}")]
    CurrencyMismatch {
        /// The currency of the first amount.
        left: Currency,
        /// The currency of the second amount.
        right: Currency,
    },
}

impl Money {
    /// So many minor units of a currency.
    pub const fn new(currency: Currency, minor_units: i64) -> Self {
        Self { currency, minor_units }
    }

    /// So many yen.
    pub const fn jpy(yen: i64) -> Self {
        Self::new(Currency::Jpy, yen)
    }

    /// Nothing.
    pub const fn zero(currency: Currency) -> Self {
        Self::new(currency, 0)
    }

    /// The currency.
    pub const fn currency(self) -> Currency {
        self.currency
    }

    /// The minor units.
    pub const fn minor_units(self) -> i64 {
        self.minor_units
    }

    /// Whether there is nothing.
    pub const fn is_zero(self) -> bool {
        self.minor_units == 0
    }

    /// Whether it is less than nothing.
    pub const fn is_negative(self) -> bool {
        self.minor_units < 0
    }

    /// The sum.
    pub fn checked_add(self, other: Self) -> Result<Self, MoneyError> {
        self.with(other, i64::checked_add)
    }

    /// The difference.
    pub fn checked_sub(self, other: Self) -> Result<Self, MoneyError> {
        self.with(other, i64::checked_sub)
    }

    /// The same amount the other way.
    pub fn checked_neg(self) -> Result<Self, MoneyError> {
        let minor_units = self.minor_units.checked_neg().ok_or(MoneyError::Overflow)?;
        Ok(Self { minor_units, ..self })
    }

    /// The sum of many; nothing if there are none.
    pub fn sum(currency: Currency, amounts: impl IntoIterator<Item = Self>) -> Result<Self, MoneyError> {
        amounts.into_iter().try_fold(Self::zero(currency), Self::checked_add)
    }

    fn with(self, other: Self, reckon: impl Fn(i64, i64) -> Option<i64>) -> Result<Self, MoneyError> {
        if self.currency != other.currency {
            return Err(MoneyError::CurrencyMismatch { left: self.currency, right: other.currency });
        }
        let minor_units = reckon(self.minor_units, other.minor_units).ok_or(MoneyError::Overflow)?;
        Ok(Self { minor_units, ..self })
    }
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.minor_units, self.currency)
    }
}

impl fmt::Debug for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn overflow_is_an_error() {
        let (most, least) = (Money::jpy(i64::MAX), Money::jpy(i64::MIN));
        assert_eq!(most.checked_add(Money::jpy(1)), Err(MoneyError::Overflow));
        assert_eq!(least.checked_sub(Money::jpy(1)), Err(MoneyError::Overflow));
        assert_eq!(least.checked_neg(), Err(MoneyError::Overflow));
        assert_eq!(most.checked_add(least), Ok(Money::jpy(-1)));
    }

    #[test]
    fn a_sum_of_none_is_nothing() {
        assert_eq!(Money::sum(Currency::Jpy, []), Ok(Money::jpy(0)));
        assert_eq!(Money::sum(Currency::Jpy, [Money::jpy(5), Money::jpy(-7)]), Ok(Money::jpy(-2)));
    }
}
