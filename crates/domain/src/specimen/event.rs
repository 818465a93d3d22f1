//! What has happened to a specimen.

use crate::{
    id::{OrderId, SpecimenId},
    specimen::SpecimenDescription,
    time::Timestamp,
};

/// An event of one specimen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// It was entered.
    SpecimenRegistered(SpecimenRegistered),
    /// Aliquots were reserved for an order.
    SpecimenReserved(SpecimenReserved),
    /// What was reserved for an order is free again.
    SpecimenReleased(SpecimenReleased),
}

/// A specimen was entered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SpecimenRegistered {
    /// Its id.
    pub id: SpecimenId,
    /// What it is.
    pub description: SpecimenDescription,
    /// When.
    pub at: Timestamp,
}

/// Aliquots were reserved for an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SpecimenReserved {
    /// The order.
    pub order: OrderId,
    /// How many aliquots.
    pub aliquots: u32,
    /// When.
    pub at: Timestamp,
}

/// What was reserved for an order is free again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SpecimenReleased {
    /// The order.
    pub order: OrderId,
    /// When.
    pub at: Timestamp,
}
