//! What an act in the forum needs of the contract under which it is done (requirements §3.2): one contract covers
//! a term and purposes, so it is enough that it is one's own, of the kind that the act needs, and in force now.
//! A member orders and requests under a member contract, a vendor lists under its participation, an investor sees
//! deals under its agreement, an institution is invited under its supply contract.

use crate::{
    contract::{Contract, ContractKind, Status},
    id::{ContractId, OrganisationId},
    time::Timestamp,
};

/// Fact: a contract as it is now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ContractNow {
    /// The contract.
    pub id: ContractId,
    /// Its revision, on which the decision stands.
    pub revision: u64,
    /// What it is for.
    pub kind: ContractKind,
    /// Whose it is.
    pub applicant: OrganisationId,
    /// What it is now, with every deadline resolved.
    pub status: Status,
}

/// Why nothing can be done under a contract.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotCovered {
    /// The contract is another's.
    #[error("contract {contract} is not {organisation}'s own")]
    NotOwn {
        /// The contract.
        contract: ContractId,
        /// Who wants to act under it.
        organisation: OrganisationId,
    },
    /// The contract is of another kind than the act needs.
    #[error("a contract of the kind {kind} does not cover this, only one of the kind {needed} does")]
    OtherKind {
        /// What it is for.
        kind: ContractKind,
        /// What it would have to be for.
        needed: ContractKind,
    },
    /// The contract is of neither of the two kinds under either of which the act may be done.
    #[error(
        "a contract of the kind {kind} does not cover this, only one of the kind {} or {} does",
        needed[0], needed[1]
    )]
    NeitherKind {
        /// What it is for.
        kind: ContractKind,
        /// What it would have to be for: one of these.
        needed: [ContractKind; 2],
    },
    /// The contract is not in force now.
    #[error("contract {contract} is not in force: it is {}", status.as_str())]
    NotInForce {
        /// The contract.
        contract: ContractId,
        /// What it is.
        status: Status,
    },
}

impl ContractNow {
    /// The fact, from what is known of a contract at a revision; `None` if nobody has asked for it.
    pub fn of(contract: &Contract, revision: u64, now: Timestamp) -> Option<Self> {
        let application = contract.application()?;
        Some(Self {
            id: application.id,
            revision,
            kind: application.kind,
            applicant: application.applicant,
            status: contract.status(now),
        })
    }

    /// Whether the organisation may act under it as what a contract of the needed kind makes it.
    pub fn check(&self, organisation: OrganisationId, needed: ContractKind) -> Result<(), NotCovered> {
        let Self { id: contract, revision: _, kind, applicant, status } = *self;
        if applicant != organisation {
            return Err(NotCovered::NotOwn { contract, organisation });
        }
        if kind != needed {
            return Err(NotCovered::OtherKind { kind, needed });
        }
        if status != Status::Active {
            return Err(NotCovered::NotInForce { contract, status });
        }
        Ok(())
    }
}
