//! What an order or a request needs of the contract under which a member makes it (requirements §3.2): one
//! contract covers a term and purposes, so it is enough that it is the member's own and in force now.

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

/// Why nothing can be ordered or requested under a contract.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotCovered {
    /// The contract is another's.
    #[error("contract {contract} is not {member}'s own")]
    NotOwn {
        /// The contract.
        contract: ContractId,
        /// Who wants to act under it.
        member: OrganisationId,
    },
    /// The contract is no member's.
    #[error("a contract of the kind {kind} covers no orders and requests, only a member contract does")]
    OtherKind {
        /// What it is for.
        kind: ContractKind,
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

    /// Whether the member may act under it.
    pub fn check(&self, member: OrganisationId) -> Result<(), NotCovered> {
        let Self { id: contract, revision: _, kind, applicant, status } = *self;
        if applicant != member {
            return Err(NotCovered::NotOwn { contract, member });
        }
        if kind != ContractKind::Member {
            return Err(NotCovered::OtherKind { kind });
        }
        if status != Status::Active {
            return Err(NotCovered::NotInForce { contract, status });
        }
        Ok(())
    }
}
