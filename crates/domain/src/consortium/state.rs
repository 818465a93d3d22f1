//! What is known of a consortium.

use std::collections::BTreeMap;

use money::Decimal;

use crate::{
    id::{ConsortiumId, ContractId, OrganisationId},
    text::Name,
    time::Timestamp,
};

/// What is known of a consortium.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Consortium {
    /// Nobody has proposed it.
    #[default]
    Vacant,
    /// Somebody has not joined yet.
    Proposed(Box<Proposal>),
    /// Every member has joined.
    Formed(Box<Proposal>),
}

/// Who sells together, and how the vendor's part is parted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proposal {
    /// The consortium's id.
    pub id: ConsortiumId,
    /// What it is called.
    pub name: Name,
    /// Who leads it.
    pub lead: OrganisationId,
    /// Who gets which percentage of the vendor's part; they sum to 100.
    pub shares: BTreeMap<OrganisationId, Decimal>,
    /// Who has joined, and under which participation contract.
    pub joined: BTreeMap<OrganisationId, ContractId>,
    /// When it was proposed.
    pub proposed_at: Timestamp,
}

impl Consortium {
    /// Who sells together, or would.
    pub fn proposal(&self) -> Option<&Proposal> {
        match self {
            Self::Vacant => None,
            Self::Proposed(proposal) | Self::Formed(proposal) => Some(proposal),
        }
    }

    /// Who sells together, once every member has joined.
    pub fn formed(&self) -> Option<&Proposal> {
        match self {
            Self::Vacant | Self::Proposed(_) => None,
            Self::Formed(proposal) => Some(proposal),
        }
    }
}

impl Proposal {
    /// Whether an organisation is a member, joined or not.
    pub fn has_member(&self, organisation: OrganisationId) -> bool {
        self.shares.contains_key(&organisation)
    }

    /// The members, joined or not.
    pub fn members(&self) -> impl Iterator<Item = OrganisationId> {
        self.shares.keys().copied()
    }

    /// Whether every member has joined.
    pub(super) fn is_complete(&self) -> bool {
        self.shares.keys().all(|member| self.joined.contains_key(member))
    }
}
