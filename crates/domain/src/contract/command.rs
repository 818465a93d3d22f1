//! What somebody wants of a contract.

use std::collections::BTreeSet;

use crate::{
    contract::{ContractKind, Lane, Quotas, Reviewer, Terms},
    id::{ContractId, OrganisationId, PersonId},
    organisation::Capacity,
    terms::{Purpose, Tier},
    text::Reason,
    time::Timestamp,
};

/// A command to one contract.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// Ask for a contract.
    ApplyForContract(ApplyForContract),
    /// Let an application go on to an offer.
    ApproveContract(ApproveContract),
    /// Turn an application down.
    RejectContract(RejectContract),
    /// Put terms before the parties.
    OfferContract(OfferContract),
    /// Agree to the terms.
    SignContract(SignContract),
    /// Go over to another tier.
    ChangeTier(ChangeTier),
    /// Suspend use.
    PauseContract(PauseContract),
    /// Let use go on.
    ResumeContract(ResumeContract),
    /// Go on after the term.
    RenewContract(RenewContract),
    /// End before the term does.
    TerminateContract(TerminateContract),
    /// Record that the term is over.
    ExpireContract(ExpireContract),
}

/// Ask for a contract.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApplyForContract {
    /// Its id, and the case number from now on.
    pub id: ContractId,
    /// With whom it is made.
    pub kind: ContractKind,
    /// Who asks.
    pub applicant: OrganisationId,
    /// Fact: the capacities that the applicant holds now.
    pub applicant_capacities: BTreeSet<Capacity>,
    /// Whom it asks, and who offers: the promoter, or the base operator itself.
    pub issuer: OrganisationId,
    /// Fact: the capacities that the issuer holds now.
    pub issuer_capacities: BTreeSet<Capacity>,
    /// What the data are to be used for; the contract will cover no other purposes.
    pub purposes: BTreeSet<Purpose>,
    /// How fast it is to be reviewed.
    pub lane: Lane,
    /// Now.
    pub at: Timestamp,
}

/// Let an application go on to an offer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApproveContract {
    /// Who decides.
    pub by: Reviewer,
    /// Fact: the capacities that the reviewer's organisation holds now.
    pub reviewer_capacities: BTreeSet<Capacity>,
    /// From when on nothing can be offered or signed on this approval; an approval always has an end.
    pub valid_until: Timestamp,
    /// Now.
    pub at: Timestamp,
}

/// Turn an application down.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RejectContract {
    /// Who decides.
    pub by: Reviewer,
    /// Fact: the capacities that the reviewer's organisation holds now.
    pub reviewer_capacities: BTreeSet<Capacity>,
    /// Why.
    pub reason: Reason,
    /// Now.
    pub at: Timestamp,
}

/// Put terms before the parties.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OfferContract {
    /// Who offers: the issuer whom the applicant asked.
    pub issuer: OrganisationId,
    /// Who must sign; the applicant and the issuer are among them.
    pub parties: BTreeSet<OrganisationId>,
    /// The terms.
    pub terms: Terms,
    /// Now.
    pub at: Timestamp,
}

/// Agree to the terms.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignContract {
    /// For which party.
    pub party: OrganisationId,
    /// Who signs for it.
    pub person: PersonId,
    /// Now.
    pub at: Timestamp,
}

/// Go over to another tier: a new segment, in which quotas and price bands start anew.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangeTier {
    /// The new tier.
    pub tier: Tier,
    /// Its quotas.
    pub quotas: Quotas,
    /// From when on; now or later, within the term.
    pub effective_at: Timestamp,
    /// Now.
    pub at: Timestamp,
}

/// Suspend use from now on. What becomes of the fee, the terms say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PauseContract {
    /// Why.
    pub reason: Reason,
    /// Now.
    pub at: Timestamp,
}

/// Let use go on from now on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResumeContract {
    /// Now.
    pub at: Timestamp,
}

/// Go on after the term, without a gap.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RenewContract {
    /// On which terms.
    pub renewal: Renewal,
    /// Now.
    pub at: Timestamp,
}

/// On which terms a contract goes on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Renewal {
    /// On those of the term's end.
    SameTerms {
        /// The new end.
        ends_at: Timestamp,
    },
    /// On others, whose term starts where the present one ends.
    NewTerms(Box<Terms>),
}

/// End before the term does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TerminateContract {
    /// Which party ends it.
    pub by: OrganisationId,
    /// Why.
    pub reason: Reason,
    /// From when on; now or later, before the end of the term.
    pub effective_at: Timestamp,
    /// Now.
    pub at: Timestamp,
}

/// Record that the term is over. It is over without that, too.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExpireContract {
    /// Now.
    pub at: Timestamp,
}
