//! What may not be ordered.

use std::collections::BTreeSet;

use money::Money;

use crate::{
    contract::ContractKind,
    id::{OrderId, OrganisationId},
    order::{Command, Event, Milestone, OmicsAnalysisOrdered, Order, OrderOmicsAnalysis, OrderedAnalysis},
    organisation::Capacity,
    text::Name,
    under_contract::NotCovered,
};

/// The most specimens of one order.
pub const MOST_SPECIMENS: u32 = 100_000;
/// The most milestones of one order.
pub const MOST_MILESTONES: usize = 100;

/// Why a command to an order was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    /// Nothing, or more than one order holds, would be analysed.
    #[error("{specimens} specimens are not 1 to {MOST_SPECIMENS}")]
    SpecimensOutOfRange {
        /// How many.
        specimens: u32,
    },
    /// An order costs something.
    #[error("a price of {price} is not more than nothing")]
    PriceNotPositive {
        /// The price.
        price: Money,
    },
    /// An order has parts, and no more than are kept.
    #[error("{milestones} milestones are not 1 to {MOST_MILESTONES}")]
    MilestonesOutOfRange {
        /// How many.
        milestones: usize,
    },
    /// A milestone costs something.
    #[error("the amount of milestone {index}, {amount}, is not more than nothing")]
    MilestoneNotPositive {
        /// Which, from 0.
        index: usize,
        /// Its amount.
        amount: Money,
    },
    /// A milestone is known by its name.
    #[error("milestone {index} has the same name as one before: {name}")]
    MilestoneTwice {
        /// Which, from 0.
        index: usize,
        /// Its name.
        name: Name,
    },
    /// The milestones are the whole order.
    #[error("the milestones do not sum to the price of {price}")]
    MilestonesMissPrice {
        /// The price.
        price: Money,
    },
    /// A member orders from itself.
    #[error("{organisation} cannot order from itself")]
    OwnVendor {
        /// The organisation.
        organisation: OrganisationId,
    },
    /// The order stands, with other particulars.
    #[error("order {id} has already been placed with other particulars")]
    AlreadyOrdered {
        /// The order.
        id: OrderId,
    },
    /// The contract does not cover the order.
    #[error(transparent)]
    NotCovered(#[from] NotCovered),
    /// Only vendors take orders.
    #[error("{organisation} is no vendor today")]
    NotAVendor {
        /// The organisation.
        organisation: OrganisationId,
    },
}

pub(super) fn decide(state: &Order, command: Command) -> Result<Vec<Event>, Rejection> {
    let Command::OrderOmicsAnalysis(command) = command;
    let OrderOmicsAnalysis { id, analysis, contract, vendor_capacities, at } = command;
    check_analysis(&analysis)?;
    if let Order::Ordered { id: known, contract: under, analysis: ordered, .. } = state {
        let again = (*known, *under) == (id, contract.id) && **ordered == analysis;
        return if again { Ok(vec![]) } else { Err(Rejection::AlreadyOrdered { id: *known }) };
    }
    contract.check(analysis.member, ContractKind::Member)?;
    if !vendor_capacities.contains(&Capacity::Vendor) {
        return Err(Rejection::NotAVendor { organisation: analysis.vendor });
    }
    let (contract, contract_revision) = (contract.id, contract.revision);
    Ok(vec![Event::OmicsAnalysisOrdered(OmicsAnalysisOrdered {
        id,
        contract,
        contract_revision,
        analysis,
        at,
    })])
}

fn check_analysis(analysis: &OrderedAnalysis) -> Result<(), Rejection> {
    let OrderedAnalysis { member, vendor, modality: _, specimens, price, milestones } = analysis;
    if !(1..=MOST_SPECIMENS).contains(specimens) {
        return Err(Rejection::SpecimensOutOfRange { specimens: *specimens });
    }
    if price.minor_units() <= 0 {
        return Err(Rejection::PriceNotPositive { price: *price });
    }
    check_milestones(milestones, *price)?;
    if member == vendor {
        return Err(Rejection::OwnVendor { organisation: *member });
    }
    Ok(())
}

fn check_milestones(milestones: &[Milestone], price: Money) -> Result<(), Rejection> {
    if !(1..=MOST_MILESTONES).contains(&milestones.len()) {
        return Err(Rejection::MilestonesOutOfRange { milestones: milestones.len() });
    }
    let mut names = BTreeSet::new();
    let mut sum = Some(Money::zero(price.currency()));
    for (index, Milestone { name, amount }) in milestones.iter().enumerate() {
        if amount.minor_units() <= 0 {
            return Err(Rejection::MilestoneNotPositive { index, amount: *amount });
        }
        if !names.insert(name) {
            return Err(Rejection::MilestoneTwice { index, name: name.clone() });
        }
        // A sum that no amount can hold is no price, either.
        sum = sum.and_then(|sum| sum.checked_add(*amount).ok());
    }
    if sum != Some(price) {
        return Err(Rejection::MilestonesMissPrice { price });
    }
    Ok(())
}
