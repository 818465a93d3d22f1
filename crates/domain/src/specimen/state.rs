//! What is known of a specimen.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    id::{DatasetId, OrderId, SpecimenId},
    specimen::SpecimenCode,
    terms::Material,
    text::Name,
    time::Timestamp,
};

/// A specimen as it is described.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SpecimenDescription {
    /// The base operator's code.
    pub code: SpecimenCode,
    /// The dataset to which its donor belongs.
    pub dataset: DatasetId,
    /// What it is.
    pub material: Material,
    /// How many aliquots there are.
    pub stock: u32,
    /// What was diagnosed, if that was said.
    pub diagnosis: Option<Name>,
}

/// What is known of a specimen.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Specimen {
    /// It has not been entered.
    #[default]
    Vacant,
    /// It has been entered.
    Registered(Box<RegisteredSpecimen>),
}

/// A specimen that has been entered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegisteredSpecimen {
    /// Its id.
    pub id: SpecimenId,
    /// What it is.
    pub description: SpecimenDescription,
    /// How many aliquots are reserved for which order; their sum is at most the stock.
    pub reserved: BTreeMap<OrderId, u32>,
    /// The orders for which aliquots were reserved and are no more.
    pub released: BTreeSet<OrderId>,
    /// When it was entered.
    pub registered_at: Timestamp,
}

impl Specimen {
    /// The specimen, if it has been entered.
    pub fn registered(&self) -> Option<&RegisteredSpecimen> {
        match self {
            Self::Vacant => None,
            Self::Registered(specimen) => Some(specimen),
        }
    }
}

impl RegisteredSpecimen {
    /// How many aliquots are reserved for no order.
    pub fn free(&self) -> u32 {
        self.reserved.values().fold(self.description.stock, |free, aliquots| free.saturating_sub(*aliquots))
    }
}
