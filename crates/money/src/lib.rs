//! Currency, exact amounts, decimals and lossless allocation.
//!
//! Amounts are exact (requirements §2.2): whole minor units, prices and quantities as decimal text, fractions
//! of any size between them, and one rounding at the end. There is no float here, and nothing panics on
//! overflow.

#![deny(clippy::float_arithmetic)]

mod allocate;
mod amount;
mod currency;
mod decimal;
mod fraction;

pub use allocate::{AllocationError, Weight, allocate};
pub use amount::{Money, MoneyError};
pub use currency::{Currency, CurrencyError};
pub use decimal::{Decimal, InvalidDecimal, MAX_FRACTION_DIGITS, MAX_INTEGER_DIGITS};
pub use fraction::{Fraction, Rounding, ZeroDenominator};
