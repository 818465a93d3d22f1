//! Milestones: the parts of which a quote and an order consist, each delivered, accepted and charged on its own
//! (requirements §3.4). They are the whole: their amounts sum to the price exactly.

use std::collections::BTreeSet;

use money::Money;

use crate::{terms::MOST_AMOUNT, text::Name};

/// The most milestones of one quote or order.
pub const MOST_MILESTONES: usize = 100;

/// A part that is delivered, accepted and charged on its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Milestone {
    /// What is delivered.
    pub name: Name,
    /// What it costs.
    pub amount: Money,
}

/// Why milestones are not the parts of a price.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidMilestones {
    /// A service costs something.
    #[error("a price of {price} is not more than nothing")]
    PriceNotPositive {
        /// The price.
        price: Money,
    },
    /// More than one order is worth.
    #[error("a price of {price} is more than {MOST_AMOUNT}")]
    PriceTooHigh {
        /// The price.
        price: Money,
    },
    /// A service has parts, and no more than are kept.
    #[error("{milestones} milestones are not 1 to {MOST_MILESTONES}")]
    OutOfRange {
        /// How many.
        milestones: usize,
    },
    /// A milestone costs something.
    #[error("the amount of milestone {index}, {amount}, is not more than nothing")]
    NotPositive {
        /// Which, from 0.
        index: usize,
        /// Its amount.
        amount: Money,
    },
    /// A milestone is known by its name.
    #[error("milestone {index} has the same name as one before: {name}")]
    Twice {
        /// Which, from 0.
        index: usize,
        /// Its name.
        name: Name,
    },
    /// The milestones are the whole.
    #[error("the milestones do not sum to the price of {price}")]
    MissPrice {
        /// The price.
        price: Money,
    },
}

/// Checks that milestones are the parts of a price: of at least one, each with a name of its own and an amount
/// above nothing, and together the price, to the yen.
pub fn check(milestones: &[Milestone], price: Money) -> Result<(), InvalidMilestones> {
    if price.minor_units() <= 0 {
        return Err(InvalidMilestones::PriceNotPositive { price });
    }
    if price.minor_units() > MOST_AMOUNT {
        return Err(InvalidMilestones::PriceTooHigh { price });
    }
    if !(1..=MOST_MILESTONES).contains(&milestones.len()) {
        return Err(InvalidMilestones::OutOfRange { milestones: milestones.len() });
    }
    let mut names = BTreeSet::new();
    for (index, Milestone { name, amount }) in milestones.iter().enumerate() {
        if amount.minor_units() <= 0 {
            return Err(InvalidMilestones::NotPositive { index, amount: *amount });
        }
        if !names.insert(name) {
            return Err(InvalidMilestones::Twice { index, name: name.clone() });
        }
    }
    // A sum that no amount can hold is no price, either.
    let sum = Money::sum(price.currency(), milestones.iter().map(|milestone| milestone.amount));
    if sum != Ok(price) {
        return Err(InvalidMilestones::MissPrice { price });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn milestone(name: &str, yen: i64) -> Milestone {
        Milestone { name: name.parse().unwrap(), amount: Money::jpy(yen) }
    }

    #[test]
    fn the_most_that_an_order_costs_still_has_a_sum_over_a_month() {
        assert_eq!(check(&[milestone("all", MOST_AMOUNT)], Money::jpy(MOST_AMOUNT)), Ok(()));
        let month = std::iter::repeat_n(Money::jpy(MOST_AMOUNT), 1_000_000);
        assert!(Money::sum(money::Currency::Jpy, month).is_ok());
    }

    #[test]
    fn milestones_are_the_whole_price() {
        let raw = milestone("raw data", 600);
        let report = milestone("report", 400);
        let price = Money::jpy(1_000);
        assert_eq!(check(&[raw.clone(), report.clone()], price), Ok(()));
        let nothing = Money::jpy(0);
        let too_much = Money::jpy(MOST_AMOUNT + 1);
        let gift = milestone("gift", 0);
        let name = raw.name.clone();
        for (milestones, price, invalid) in [
            (vec![raw.clone()], nothing, InvalidMilestones::PriceNotPositive { price: nothing }),
            (vec![raw.clone()], too_much, InvalidMilestones::PriceTooHigh { price: too_much }),
            (vec![], price, InvalidMilestones::OutOfRange { milestones: 0 }),
            (vec![raw.clone(); 101], price, InvalidMilestones::OutOfRange { milestones: 101 }),
            (vec![raw.clone(), gift], price, InvalidMilestones::NotPositive { index: 1, amount: nothing }),
            (vec![raw.clone(), raw.clone()], price, InvalidMilestones::Twice { index: 1, name }),
            (vec![raw.clone()], price, InvalidMilestones::MissPrice { price }),
            (vec![raw, milestone("all", i64::MAX)], price, InvalidMilestones::MissPrice { price }),
        ] {
            assert_eq!(check(&milestones, price), Err(invalid));
        }
    }
}
