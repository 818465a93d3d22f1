//! What is known of a listing.

use std::collections::BTreeMap;

use jiff::civil::Date;

use crate::{
    id::{ConsortiumId, ContractId, ListingId, OrganisationId},
    listing::ListingContent,
    text::Reason,
    time::Timestamp,
};

/// What is known of a listing.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Listing {
    /// Nothing is offered.
    #[default]
    Vacant,
    /// A service is offered.
    Listed(Box<Listed>),
    /// It was offered and is not any more.
    Withdrawn {
        /// What was offered.
        listed: Box<Listed>,
        /// Why not any more, and since when.
        withdrawal: Withdrawal,
    },
}

/// A service that is or was offered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// The listing's id.
    pub id: ListingId,
    /// Who offers; of a consortium its lead.
    pub vendor: OrganisationId,
    /// The vendor's participation contract.
    pub contract: ContractId,
    /// The consortium that sells it; `None`: the vendor sells alone.
    pub consortium: Option<ConsortiumId>,
    /// What is offered.
    pub content: ListingContent,
    /// Since when.
    pub listed_at: Timestamp,
    /// When it was last described anew.
    pub revised_at: Option<Timestamp>,
    /// The date in Asia/Tokyo on which each viewer last looked.
    pub viewed: BTreeMap<OrganisationId, Date>,
}

/// Why something is not offered any more, and since when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Withdrawal {
    /// Why.
    pub reason: Reason,
    /// Since when.
    pub at: Timestamp,
}

impl Listing {
    /// What is or was offered; `None` if nothing ever was.
    pub fn listed(&self) -> Option<&Listed> {
        match self {
            Self::Vacant => None,
            Self::Listed(listed) | Self::Withdrawn { listed, .. } => Some(listed),
        }
    }

    /// Whether it is offered. Whether its vendor's contract is in force and the vendor is admitted are facts
    /// of other streams.
    pub const fn is_listed(&self) -> bool {
        matches!(self, Self::Listed(_))
    }

    /// Who offers; of a consortium its lead.
    pub fn vendor(&self) -> Option<OrganisationId> {
        self.listed().map(|listed| listed.vendor)
    }

    /// The vendor's participation contract.
    pub fn contract(&self) -> Option<ContractId> {
        self.listed().map(|listed| listed.contract)
    }

    /// The consortium that sells it, if the vendor does not sell alone.
    pub fn consortium(&self) -> Option<ConsortiumId> {
        self.listed().and_then(|listed| listed.consortium)
    }

    /// What the vendor says of it.
    pub fn content(&self) -> Option<&ListingContent> {
        self.listed().map(|listed| &listed.content)
    }

    /// Why it is not offered any more, if it was.
    pub const fn withdrawal(&self) -> Option<&Withdrawal> {
        match self {
            Self::Vacant | Self::Listed(_) => None,
            Self::Withdrawn { withdrawal, .. } => Some(withdrawal),
        }
    }
}
