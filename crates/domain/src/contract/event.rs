//! What has happened to a contract.
//!
//! `at` is when it was decided, `effective_at` from when on it holds.

use std::collections::BTreeSet;

use crate::{
    contract::{ContractKind, Lane, Quotas, Terms},
    id::{ContractId, OrganisationId, PersonId},
    terms::{Purpose, Tier},
    text::Reason,
    time::Timestamp,
};

/// An event of one contract.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// A contract was asked for.
    ContractApplied(ContractApplied),
    /// The application was approved.
    ContractApproved(ContractApproved),
    /// The application was turned down.
    ContractRejected(ContractRejected),
    /// Terms were put before the parties.
    ContractOffered(ContractOffered),
    /// A party agreed to the terms.
    ContractSigned(ContractSigned),
    /// Every party has signed.
    ContractActivated(ContractActivated),
    /// Another tier was agreed.
    TierChanged(TierChanged),
    /// Use was suspended.
    ContractPaused(ContractPaused),
    /// Use was let go on.
    ContractResumed(ContractResumed),
    /// The contract goes on after its term.
    ContractRenewed(ContractRenewed),
    /// The term is over.
    ContractExpired(ContractExpired),
    /// The contract ends before its term does.
    ContractTerminated(ContractTerminated),
}

/// A contract was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContractApplied {
    /// Its id, and the case number from now on.
    pub id: ContractId,
    /// With whom it is made.
    pub kind: ContractKind,
    /// Who asked.
    pub applicant: OrganisationId,
    /// Whom it asked, and who offers.
    pub issuer: OrganisationId,
    /// What the data are to be used for; the contract will cover no other purposes.
    pub purposes: BTreeSet<Purpose>,
    /// How fast it is to be reviewed.
    pub lane: Lane,
    /// When.
    pub at: Timestamp,
}

/// The application was approved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContractApproved {
    /// Who decided; for which organisation says the metadata.
    pub by: PersonId,
    /// From when on nothing can be offered or signed on this approval.
    pub valid_until: Timestamp,
    /// When.
    pub at: Timestamp,
}

/// The application was turned down.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContractRejected {
    /// Who decided; for which organisation says the metadata.
    pub by: PersonId,
    /// Why.
    pub reason: Reason,
    /// When.
    pub at: Timestamp,
}

/// Terms were put before the parties.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContractOffered {
    /// Who must sign, the applicant and the issuer among them.
    pub parties: BTreeSet<OrganisationId>,
    /// The terms.
    pub terms: Terms,
    /// When.
    pub at: Timestamp,
}

/// A party agreed to the terms.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContractSigned {
    /// The party.
    pub party: OrganisationId,
    /// Who signed for it.
    pub person: PersonId,
    /// When.
    pub at: Timestamp,
}

/// Every party has signed. Stands in the same frame as the last signature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContractActivated {
    /// From when on the contract is in force: the start of the term, or the last signature if that is later.
    /// Contract years count from here.
    pub effective_at: Timestamp,
}

/// Another tier was agreed: a new segment starts when it takes effect.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TierChanged {
    /// The new tier.
    pub tier: Tier,
    /// Its quotas.
    pub quotas: Quotas,
    /// From when on.
    pub effective_at: Timestamp,
    /// When it was agreed.
    pub at: Timestamp,
}

/// Use was suspended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContractPaused {
    /// Why.
    pub reason: Reason,
    /// From when on.
    pub effective_at: Timestamp,
}

/// Use was let go on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContractResumed {
    /// From when on.
    pub effective_at: Timestamp,
}

/// The contract goes on after its term, without a gap.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContractRenewed {
    /// The new end of the term.
    pub ends_at: Timestamp,
    /// The terms from the old end on, whose term is `[old end, new end)`; `None` if those that stood there go
    /// on.
    pub terms: Option<Terms>,
    /// When it was agreed.
    pub at: Timestamp,
}

/// The term is over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContractExpired {
    /// The end of the term.
    pub effective_at: Timestamp,
}

/// The contract ends before its term does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContractTerminated {
    /// Which party ended it.
    pub by: OrganisationId,
    /// Why.
    pub reason: Reason,
    /// From when on.
    pub effective_at: Timestamp,
    /// When it was decided.
    pub at: Timestamp,
}
