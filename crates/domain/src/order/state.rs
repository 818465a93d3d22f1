//! What is known of an order.

use std::collections::BTreeSet;

use crate::{
    id::OrganisationId,
    order::{Artefact, PlacedOrder},
    text::{Name, Reason},
    time::Timestamp,
};

/// What is known of an order.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Order {
    /// Nothing has been ordered.
    #[default]
    Vacant,
    /// It has been placed; the vendor has not answered.
    Placed(Box<PlacedOrder>),
    /// The vendor did not take it.
    Declined(Box<DeclinedOrder>),
    /// The vendor took it and carries it out.
    UnderWay(Box<Work>),
    /// Every milestone has been accepted.
    Completed(Box<CompletedOrder>),
    /// It was ended before its completion.
    Cancelled(Box<CancelledOrder>),
}

/// An order that the vendor did not take.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeclinedOrder {
    /// What was ordered.
    pub placed: PlacedOrder,
    /// Why it was not taken.
    pub reason: Reason,
    /// When.
    pub at: Timestamp,
}

/// An order, and what was done on it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Work {
    /// What was ordered.
    pub placed: PlacedOrder,
    /// When the vendor took it; none if it was cancelled before.
    pub accepted_at: Option<Timestamp>,
    /// How far each milestone has come, in their order.
    pub milestones: Vec<MilestoneStage>,
    /// The results deposited with the base, in the order of their deposit.
    pub results: Vec<Deposit>,
}

/// An order of which every milestone has been accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CompletedOrder {
    /// What was ordered and done.
    pub work: Work,
    /// When the last milestone was accepted.
    pub at: Timestamp,
}

/// An order that was ended before its completion.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CancelledOrder {
    /// What was ordered and done.
    pub work: Work,
    /// Who ended it.
    pub by: OrganisationId,
    /// Why.
    pub reason: Reason,
    /// When.
    pub at: Timestamp,
}

/// How far a milestone has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MilestoneStage {
    /// Nothing has been delivered.
    Awaited,
    /// It has been delivered; the member has not answered.
    Delivered(Delivery),
    /// The member does not accept what was delivered.
    Disputed {
        /// What was delivered.
        delivery: Delivery,
        /// Why it is not accepted.
        reason: Reason,
        /// When that was said.
        at: Timestamp,
    },
    /// The member has accepted it: it is charged.
    Accepted {
        /// What was delivered.
        delivery: Delivery,
        /// When it was accepted.
        at: Timestamp,
    },
    /// The order was cancelled when it had been delivered and not disputed: it stays charged.
    ChargedOnCancellation {
        /// What was delivered.
        delivery: Delivery,
        /// When the order was cancelled.
        at: Timestamp,
    },
}

/// What was delivered, and when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    /// What was delivered.
    pub artefact: Artefact,
    /// When.
    pub at: Timestamp,
}

/// A result deposited with the base.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deposit {
    /// What it is.
    pub title: Name,
    /// The result.
    pub artefact: Artefact,
    /// When.
    pub at: Timestamp,
}

impl Order {
    /// What was ordered, if anything was.
    pub fn placed(&self) -> Option<&PlacedOrder> {
        match self {
            Self::Vacant => None,
            Self::Placed(placed) => Some(placed),
            Self::Declined(declined) => Some(&declined.placed),
            Self::UnderWay(_) | Self::Completed(_) | Self::Cancelled(_) => {
                self.work().map(|work| &work.placed)
            }
        }
    }

    /// What was ordered and what was done on it, from the vendor's acceptance on, or if it was cancelled before.
    pub fn work(&self) -> Option<&Work> {
        match self {
            Self::Vacant | Self::Placed(_) | Self::Declined(_) => None,
            Self::UnderWay(work) => Some(work),
            Self::Completed(completed) => Some(&completed.work),
            Self::Cancelled(cancelled) => Some(&cancelled.work),
        }
    }

    /// Whom the order concerns, everybody once.
    pub fn audience(&self) -> BTreeSet<OrganisationId> {
        self.placed().map(|placed| placed.concerned().collect()).unwrap_or_default()
    }

    /// The name of its stage in texts for people and programs.
    pub const fn stage(&self) -> &'static str {
        match self {
            Self::Vacant => "vacant",
            Self::Placed(_) => "placed",
            Self::Declined(_) => "declined",
            Self::UnderWay(_) => "under-way",
            Self::Completed(_) => "completed",
            Self::Cancelled(_) => "cancelled",
        }
    }
}

impl Work {
    /// Work on an order of which nothing has been delivered.
    pub(super) fn begun(placed: PlacedOrder, accepted_at: Option<Timestamp>) -> Self {
        let milestones = vec![MilestoneStage::Awaited; placed.milestones.len()];
        Self { placed, accepted_at, milestones, results: Vec::new() }
    }

    /// How far the milestone at a place, from 0, has come.
    pub fn stage(&self, milestone: u32) -> Option<&MilestoneStage> {
        self.milestones.get(usize::try_from(milestone).ok()?)
    }

    /// The places of the milestones that have been delivered and not answered, in order.
    pub fn unanswered(&self) -> Vec<u32> {
        let delivered = |stage: &MilestoneStage| matches!(stage, MilestoneStage::Delivered(_));
        let places = (0..).zip(&self.milestones);
        places.filter(|(_, stage)| delivered(stage)).map(|(place, _)| place).collect()
    }
}

impl MilestoneStage {
    /// Whether the milestone is charged.
    pub const fn is_charged(&self) -> bool {
        matches!(self, Self::Accepted { .. } | Self::ChargedOnCancellation { .. })
    }

    /// What was delivered last, if anything was.
    pub const fn delivery(&self) -> Option<&Delivery> {
        match self {
            Self::Awaited => None,
            Self::Delivered(delivery)
            | Self::Disputed { delivery, .. }
            | Self::Accepted { delivery, .. }
            | Self::ChargedOnCancellation { delivery, .. } => Some(delivery),
        }
    }
}
