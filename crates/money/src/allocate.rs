//! Sharing an amount out without losing or making a minor unit.

use std::cmp::Reverse;

use num_bigint::BigUint;
use num_integer::Integer;
use num_traits::{ToPrimitive, Zero};

use crate::{Decimal, Money};

/// A number by which an amount can be shared out: cases, or percentages.
pub trait Weight {
    /// The weight as a whole number, in a unit that is the same for all weights of the type; `None` if it is
    /// negative.
    fn in_units(&self) -> Option<BigUint>;
}

impl Weight for u64 {
    fn in_units(&self) -> Option<BigUint> {
        Some((*self).into())
    }
}

impl Weight for u128 {
    fn in_units(&self) -> Option<BigUint> {
        Some((*self).into())
    }
}

impl Weight for Decimal {
    fn in_units(&self) -> Option<BigUint> {
        let (mantissa, scale) = self.parts();
        let mantissa = u128::try_from(mantissa).ok()?;
        let missing = (crate::MAX_FRACTION_DIGITS as u32).saturating_sub(scale);
        Some(BigUint::from(mantissa) * BigUint::from(10u32).pow(missing))
    }
}

/// An amount that cannot be shared out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AllocationError {
    /// There are no weights, or all of them are zero: nobody can be given anything.
    #[error("the amount cannot be shared out: all weights are zero")]
    NoWeight,
    /// A weight is less than zero.
    #[error("weight {index} is negative")]
    NegativeWeight {
        /// Its place in the list, from 0.
        index: usize,
    },
}

/// Shares an amount out by weights, by largest remainder: the parts, in the order of the weights, sum to the
/// total, and each is within one minor unit of its exact share.
///
/// What is left over after rounding down goes, one minor unit each, to the largest remainders; ties go to the
/// larger weight, then to the lesser key (requirements §2.2). Keys should be distinct; the order of the input
/// then does not change who is given what. A negative total mirrors the positive one.
pub fn allocate<K: Ord + Clone, W: Weight>(
    total: Money,
    weights: &[(K, W)],
) -> Result<Vec<(K, Money)>, AllocationError> {
    let units = weights
        .iter()
        .enumerate()
        .map(|(index, (_, weight))| weight.in_units().ok_or(AllocationError::NegativeWeight { index }))
        .collect::<Result<Vec<_>, _>>()?;
    let sum: BigUint = units.iter().sum();
    if sum.is_zero() {
        return Err(AllocationError::NoWeight);
    }
    let magnitude = total.minor_units().unsigned_abs();
    let mut shares = Vec::with_capacity(weights.len());
    for ((key, _), weight) in weights.iter().zip(units) {
        let (whole, remainder) = (&weight * magnitude).div_rem(&sum);
        // The whole part of a share is at most the total, which fits.
        shares.push(Share { key, weight, whole: whole.to_u64().unwrap_or(magnitude), remainder });
    }
    give_left_over(magnitude, &mut shares);
    Ok(shares.into_iter().map(|share| (share.key.clone(), signed(total, share.whole))).collect())
}

struct Share<'k, K> {
    key: &'k K,
    weight: BigUint,
    whole: u64,
    remainder: BigUint,
}

/// Gives what rounding down left over, one minor unit each, to those who come first.
fn give_left_over<K: Ord>(magnitude: u64, shares: &mut [Share<'_, K>]) {
    let given: u64 = shares.iter().map(|share| share.whole).sum();
    let left_over = usize::try_from(magnitude - given).unwrap_or(usize::MAX);
    let mut order: Vec<_> = shares.iter_mut().collect();
    order.sort_by(|a, b| {
        (Reverse(&a.remainder), Reverse(&a.weight), a.key).cmp(&(
            Reverse(&b.remainder),
            Reverse(&b.weight),
            b.key,
        ))
    });
    for share in order.into_iter().take(left_over) {
        share.whole += 1;
    }
}

/// A part with the sign of the total; it is no greater than the total, which fits.
fn signed(total: Money, part: u64) -> Money {
    let part = i128::from(part);
    let part = if total.is_negative() { -part } else { part };
    Money::new(total.currency(), i64::try_from(part).unwrap_or(total.minor_units()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Currency, Fraction};
    use proptest::prelude::*;

    fn yen<K: Ord + Clone, W: Weight>(total: i64, weights: &[(K, W)]) -> Vec<i64> {
        let parts = allocate(Money::jpy(total), weights).unwrap();
        parts.into_iter().map(|(_, part)| part.minor_units()).collect()
    }

    fn percent(number: u32) -> Decimal {
        number.into()
    }

    #[test]
    fn the_example_of_the_requirements() {
        let weights = [("a", percent(2)), ("b", percent(38)), ("c", percent(60))];
        assert_eq!(yen(15, &weights), [0, 6, 9]);
        assert_eq!(yen(-15, &weights), [0, -6, -9]);
    }

    #[test]
    fn ties_go_to_the_larger_weight_and_then_to_the_lesser_key() {
        // Remainders: 1 × 1/4 and 1 × 3/4 differ; 2 × 1/4 and 2 × 3/4 are both one half.
        assert_eq!(yen(2, &[("a", 1u64), ("b", 3)]), [0, 2]);
        assert_eq!(yen(1, &[("b", 1u64), ("a", 1)]), [0, 1]);
        assert_eq!(yen(2, &[("c", 1u64), ("a", 1), ("b", 1)]), [0, 1, 1]);
    }

    #[test]
    fn the_ends_of_the_range_are_shared_out() {
        assert_eq!(yen(i64::MIN, &[("a", u64::MAX)]), [i64::MIN]);
        let most: Decimal = "999999999999999999.999999999".parse().unwrap();
        assert_eq!(yen(i64::MAX, &[("a", most), ("b", most)]), [i64::MAX / 2 + 1, i64::MAX / 2]);
    }

    #[test]
    fn what_cannot_be_shared_out_is_refused() {
        assert_eq!(allocate::<&str, u64>(Money::jpy(5), &[]), Err(AllocationError::NoWeight));
        assert_eq!(allocate(Money::jpy(5), &[("a", 0u64), ("b", 0)]), Err(AllocationError::NoWeight));
        let negative = Decimal::from_i64(-1).unwrap();
        assert_eq!(
            allocate(Money::jpy(5), &[("a", Decimal::ONE), ("b", negative)]),
            Err(AllocationError::NegativeWeight { index: 1 })
        );
    }

    fn weights() -> impl Strategy<Value = Vec<(usize, u64)>> {
        prop::collection::vec(prop_oneof![0u64..10, any::<u64>()], 1..12)
            .prop_filter("one weight must count", |weights| weights.iter().any(|weight| *weight > 0))
            .prop_map(|weights| weights.into_iter().enumerate().collect())
    }

    proptest! {
        #[test]
        fn parts_sum_to_the_total_within_one_of_the_exact_share(total: i64, weights in weights()) {
            let parts = allocate(Money::jpy(total), &weights).unwrap();
            let sum = Money::sum(Currency::Jpy, parts.iter().map(|(_, part)| *part));
            prop_assert_eq!(sum, Ok(Money::jpy(total)));
            let all: u128 = weights.iter().map(|(_, weight)| u128::from(*weight)).sum();
            for ((_, part), (_, weight)) in parts.iter().zip(&weights) {
                // |part × all − total × weight| < all, in whole numbers too large for one machine word.
                let part = num_bigint::BigInt::from(part.minor_units()) * all;
                let exact = num_bigint::BigInt::from(total) * *weight;
                prop_assert!((part - exact).magnitude() < &BigUint::from(all));
            }
        }

        #[test]
        fn the_order_of_the_input_does_not_matter(total: i64, weights in weights(), turn in 0usize..12) {
            let mut turned = weights.clone();
            turned.rotate_left(turn % weights.len());
            let mut parts = allocate(Money::jpy(total), &turned).unwrap();
            parts.sort();
            prop_assert_eq!(parts, allocate(Money::jpy(total), &weights).unwrap());
        }

        #[test]
        fn a_negative_total_mirrors(total in 0i64..=i64::MAX, weights in weights()) {
            let credit = allocate(Money::jpy(-total), &weights).unwrap();
            let charge = allocate(Money::jpy(total), &weights).unwrap();
            for ((_, credit), (_, charge)) in credit.into_iter().zip(charge) {
                prop_assert_eq!(credit.checked_neg(), Ok(charge));
            }
        }
    }

    #[test]
    fn percentages_and_fractions_agree() {
        let parts = yen(
            1_000,
            &[("a", "33.333333333".parse::<Decimal>().unwrap()), ("b", "66.666666667".parse().unwrap())],
        );
        assert_eq!(parts, [333, 667]);
        assert!(Fraction::from(1_000).percent("33.333333333".parse().unwrap()) > Fraction::from(333));
    }
}
