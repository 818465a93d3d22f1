//! What has happened to an order.

use crate::{
    id::OrganisationId,
    order::{Artefact, PlacedOrder},
    text::{Name, Reason},
    time::Timestamp,
};

/// An event of one order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// An omics analysis was ordered: what [`Event::OrderPlaced`] is for every other kind of service.
    OmicsAnalysisOrdered(Box<PlacedOrder>),
    /// A service other than an omics analysis was ordered.
    OrderPlaced(Box<PlacedOrder>),
    /// The vendor took the order.
    OrderAccepted(OrderAccepted),
    /// The vendor did not take the order.
    OrderDeclined(OrderDeclined),
    /// The vendor delivered a milestone.
    MilestoneDelivered(MilestoneDelivered),
    /// The member accepted what was delivered: the milestone is charged.
    DeliveryAccepted(DeliveryAccepted),
    /// The member does not accept what was delivered.
    DeliveryDisputed(DeliveryDisputed),
    /// Every milestone has been accepted.
    OrderCompleted(OrderCompleted),
    /// The order was ended before its completion.
    OrderCancelled(OrderCancelled),
    /// The vendor deposited a result with the base.
    ResultDeposited(ResultDeposited),
}

/// The vendor took the order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OrderAccepted {
    /// When.
    pub at: Timestamp,
}

/// The vendor did not take the order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderDeclined {
    /// Why.
    pub reason: Reason,
    /// When.
    pub at: Timestamp,
}

/// The vendor delivered a milestone, for the first time or again after a dispute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MilestoneDelivered {
    /// The milestone's place, from 0.
    pub milestone: u32,
    /// What was delivered.
    pub artefact: Artefact,
    /// When.
    pub at: Timestamp,
}

/// The member accepted what was delivered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DeliveryAccepted {
    /// The milestone's place, from 0.
    pub milestone: u32,
    /// When: in this month it is charged.
    pub at: Timestamp,
}

/// The member does not accept what was delivered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeliveryDisputed {
    /// The milestone's place, from 0.
    pub milestone: u32,
    /// Why.
    pub reason: Reason,
    /// When.
    pub at: Timestamp,
}

/// Every milestone has been accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OrderCompleted {
    /// When.
    pub at: Timestamp,
}

/// The order was ended before its completion.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderCancelled {
    /// Who ended it: the member or the vendor.
    pub by: OrganisationId,
    /// Why.
    pub reason: Reason,
    /// The places of the milestones that had been delivered, not disputed and not yet accepted, in order: they stay
    /// charged.
    pub charged: Vec<u32>,
    /// When: in this month they are charged.
    pub at: Timestamp,
}

/// The vendor deposited a result with the base.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResultDeposited {
    /// What it is.
    pub title: Name,
    /// The result.
    pub artefact: Artefact,
    /// When.
    pub at: Timestamp,
}

impl Event {
    /// The order, if this is the event that placed it.
    pub fn placed(&self) -> Option<&PlacedOrder> {
        match self {
            Self::OmicsAnalysisOrdered(placed) | Self::OrderPlaced(placed) => Some(placed),
            Self::OrderAccepted(_)
            | Self::OrderDeclined(_)
            | Self::MilestoneDelivered(_)
            | Self::DeliveryAccepted(_)
            | Self::DeliveryDisputed(_)
            | Self::OrderCompleted(_)
            | Self::OrderCancelled(_)
            | Self::ResultDeposited(_) => None,
        }
    }

    /// When it happened.
    pub fn at(&self) -> Timestamp {
        match self {
            Self::OmicsAnalysisOrdered(event) | Self::OrderPlaced(event) => event.at,
            Self::OrderAccepted(event) => event.at,
            Self::OrderDeclined(event) => event.at,
            Self::MilestoneDelivered(event) => event.at,
            Self::DeliveryAccepted(event) => event.at,
            Self::DeliveryDisputed(event) => event.at,
            Self::OrderCompleted(event) => event.at,
            Self::OrderCancelled(event) => event.at,
            Self::ResultDeposited(event) => event.at,
        }
    }
}
