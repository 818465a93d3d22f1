//! What somebody wants of a specimen.

use std::{collections::BTreeSet, sync::Arc};

use crate::{
    dataset::Dataset,
    id::{OrderId, OrganisationId, SpecimenId},
    order::Order,
    organisation::Capacity,
    specimen::SpecimenDescription,
    time::Timestamp,
};

/// A command to one specimen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// Enter it.
    RegisterSpecimen(Box<RegisterSpecimen>),
    /// Reserve aliquots for an order.
    ReserveSpecimen(ReserveSpecimen),
    /// Free what is reserved for an order.
    ReleaseSpecimen(ReleaseSpecimen),
}

/// Enter a specimen. That only the base operator does so is the service's to check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegisterSpecimen {
    /// The specimen's id.
    pub id: SpecimenId,
    /// What it is.
    pub description: SpecimenDescription,
    /// Who enters it.
    pub by: OrganisationId,
    /// Fact: the dataset to which its donor belongs.
    pub dataset: Arc<Dataset>,
    /// Now.
    pub at: Timestamp,
}

/// Reserve aliquots for an order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReserveSpecimen {
    /// The order.
    pub order: OrderId,
    /// How many aliquots.
    pub aliquots: u32,
    /// Who reserves them.
    pub by: OrganisationId,
    /// Fact: the capacities that this organisation holds now.
    pub capacities: BTreeSet<Capacity>,
    /// Fact: the order as it is now.
    pub ordered: Arc<Order>,
    /// Fact: the dataset to which the specimen's donor belongs, as it is now.
    pub dataset: Arc<Dataset>,
    /// Now.
    pub at: Timestamp,
}

/// Free what is reserved for an order. That only the base operator or the platform does so is the service's to check.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReleaseSpecimen {
    /// The order.
    pub order: OrderId,
    /// Now.
    pub at: Timestamp,
}
