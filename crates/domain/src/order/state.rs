//! What is known of an order.

use money::Money;

use crate::{
    id::{ContractId, OrderId, OrganisationId},
    text::Name,
    time::Timestamp,
};

/// What is measured (requirements §3.4).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum OmicsModality {
    /// RNA.
    Transcriptome,
    /// Proteins.
    Proteome,
    /// Metabolites.
    Metabolome,
    /// DNA methylation and the like.
    Epigenome,
}

impl OmicsModality {
    /// All of them, in order.
    pub const ALL: &'static [Self] =
        &[Self::Transcriptome, Self::Proteome, Self::Metabolome, Self::Epigenome];
}

/// A part of an order that is delivered, accepted and charged on its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Milestone {
    /// What is delivered.
    pub name: Name,
    /// What it costs.
    pub amount: Money,
}

/// What is ordered, by whom, from whom.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderedAnalysis {
    /// Who orders and pays.
    pub member: OrganisationId,
    /// Who carries it out.
    pub vendor: OrganisationId,
    /// What is measured.
    pub modality: OmicsModality,
    /// How many specimens are analysed.
    pub specimens: u32,
    /// What the whole costs.
    pub price: Money,
    /// The parts, in the order of delivery; they sum to the price.
    pub milestones: Vec<Milestone>,
}

/// What is known of an order.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Order {
    /// Nothing has been ordered.
    #[default]
    Vacant,
    /// An omics analysis has been ordered.
    Ordered {
        /// The order's id.
        id: OrderId,
        /// The contract under which it was ordered.
        contract: ContractId,
        /// What was ordered, by whom, from whom.
        analysis: Box<OrderedAnalysis>,
        /// When.
        ordered_at: Timestamp,
    },
}
