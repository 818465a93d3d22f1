//! What is known of a contract.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

use crate::{
    contract::{ContractKind, Lane, NotActive, Standing, Terms, Timeline},
    id::{ContractId, OrganisationId, PersonId},
    terms::Purpose,
    text::Reason,
    time::Timestamp,
};

/// What is known of a contract.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Contract {
    /// Nobody has asked for it.
    #[default]
    Vacant,
    /// Asked for, not decided.
    Applied(Application),
    /// An offer may be made while the approval lasts.
    Approved {
        /// What was asked for.
        application: Application,
        /// Who let it pass, and until when.
        approval: Approval,
    },
    /// Turned down.
    Rejected {
        /// What was asked for.
        application: Application,
        /// Who turned it down, and why.
        refusal: Refusal,
    },
    /// Terms lie before the parties, some of which may have signed.
    Offered(Box<Agreement>),
    /// Every party has signed. Whether it is in force is a question of the instant.
    Signed(Box<Agreement>),
}

/// What was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Application {
    /// The contract's id.
    pub id: ContractId,
    /// With whom it is made.
    pub kind: ContractKind,
    /// Who asked.
    pub applicant: OrganisationId,
    /// Whom it asked.
    pub issuer: OrganisationId,
    /// What the data are to be used for.
    pub purposes: BTreeSet<Purpose>,
    /// How fast it is to be reviewed; no business of reviewers.
    pub lane: Lane,
    /// When.
    pub at: Timestamp,
}

/// Who let an application pass, and until when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Approval {
    /// Who.
    pub by: PersonId,
    /// From when on nothing can be offered or signed on it.
    pub valid_until: Timestamp,
    /// When.
    pub at: Timestamp,
}

/// Who turned an application down, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// Who.
    pub by: PersonId,
    /// Why.
    pub reason: Reason,
    /// When.
    pub at: Timestamp,
}

/// An offer and what became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Agreement {
    /// What was asked for.
    pub application: Application,
    /// Who let it pass, and until when.
    pub approval: Approval,
    /// The terms as offered; what holds at an instant is the timeline's to say.
    pub terms: Terms,
    /// Who must sign.
    pub parties: BTreeSet<OrganisationId>,
    /// When the offer was made.
    pub offered_at: Timestamp,
    /// Who has signed.
    pub signatures: BTreeMap<OrganisationId, Signature>,
    /// What the contract is at any instant.
    pub timeline: Timeline,
    /// Whether the end of the term has been recorded; a renewal is no longer possible then, anyway.
    pub expiry_recorded: bool,
}

/// A party's signature.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Signature {
    /// Who signed for the party.
    pub person: PersonId,
    /// When.
    pub at: Timestamp,
}

/// How far a contract has come, by its events alone.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Stage {
    /// Nobody has asked for it.
    Vacant,
    /// Asked for, not decided.
    Applied,
    /// Approved, not offered.
    Approved,
    /// Turned down.
    Rejected,
    /// Offered, not signed by every party.
    Offered,
    /// Signed by every party.
    Signed,
}

impl Stage {
    /// The name in texts for people.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Vacant => "vacant",
            Self::Applied => "applied for",
            Self::Approved => "approved",
            Self::Rejected => "rejected",
            Self::Offered => "offered",
            Self::Signed => "signed",
        }
    }
}

impl fmt::Display for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What a contract is now: its stage, with every deadline resolved.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Status {
    /// Nobody has asked for it.
    Vacant,
    /// Asked for, not decided.
    Applied,
    /// An offer may be made.
    Approved,
    /// Turned down.
    Rejected,
    /// It may be signed.
    Offered,
    /// The approval ended before every party had signed.
    Lapsed,
    /// Signed by every party, its term starts later.
    NotYetInForce,
    /// What the terms cover may be used.
    Active,
    /// Use is suspended.
    Paused,
    /// The term is over.
    Expired,
    /// Ended before its term.
    Terminated,
}

impl Status {
    /// The name in texts for people.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Vacant => "vacant",
            Self::Applied => "applied for",
            Self::Approved => "approved",
            Self::Rejected => "rejected",
            Self::Offered => "offered",
            Self::Lapsed => "lapsed",
            Self::NotYetInForce => "not yet in force",
            Self::Active => "active",
            Self::Paused => "paused",
            Self::Expired => "expired",
            Self::Terminated => "terminated",
        }
    }
}

impl Contract {
    /// How far the contract has come, by its events alone.
    pub const fn stage(&self) -> Stage {
        match self {
            Self::Vacant => Stage::Vacant,
            Self::Applied(_) => Stage::Applied,
            Self::Approved { .. } => Stage::Approved,
            Self::Rejected { .. } => Stage::Rejected,
            Self::Offered(_) => Stage::Offered,
            Self::Signed(_) => Stage::Signed,
        }
    }

    /// What the contract is now.
    pub fn status(&self, now: Timestamp) -> Status {
        match self {
            Self::Vacant => Status::Vacant,
            Self::Applied(_) => Status::Applied,
            Self::Rejected { .. } => Status::Rejected,
            Self::Approved { approval, .. } if approval.has_lapsed(now) => Status::Lapsed,
            Self::Approved { .. } => Status::Approved,
            Self::Offered(agreement) if agreement.approval.has_lapsed(now) => Status::Lapsed,
            Self::Offered(_) => Status::Offered,
            Self::Signed(agreement) => match agreement.timeline.standing_at(now) {
                Standing::NotActive(NotActive::Paused { .. }) => Status::Paused,
                Standing::NotActive(NotActive::NotYet { .. } | NotActive::NotSigned) => Status::NotYetInForce,
                Standing::InForce { .. } => Status::Active,
                Standing::Expired { .. } => Status::Expired,
                Standing::Terminated { .. } => Status::Terminated,
            },
        }
    }

    /// What the contract is at an instant, past or future, by what is known now.
    pub fn standing_at(&self, instant: Timestamp) -> Standing<'_> {
        match self {
            Self::Signed(agreement) => agreement.timeline.standing_at(instant),
            Self::Vacant
            | Self::Applied(_)
            | Self::Approved { .. }
            | Self::Rejected { .. }
            | Self::Offered(_) => Standing::NotActive(NotActive::NotSigned),
        }
    }

    /// What was asked for, if anything.
    pub const fn application(&self) -> Option<&Application> {
        match self {
            Self::Vacant => None,
            Self::Applied(application)
            | Self::Approved { application, .. }
            | Self::Rejected { application, .. } => Some(application),
            Self::Offered(agreement) | Self::Signed(agreement) => Some(&agreement.application),
        }
    }

    /// The offer and what became of it, if one was made.
    pub const fn agreement(&self) -> Option<&Agreement> {
        match self {
            Self::Offered(agreement) | Self::Signed(agreement) => Some(agreement),
            Self::Vacant | Self::Applied(_) | Self::Approved { .. } | Self::Rejected { .. } => None,
        }
    }

    /// What the contract is at any instant, once every party has signed.
    pub fn timeline(&self) -> Option<&Timeline> {
        match self {
            Self::Signed(agreement) => Some(&agreement.timeline),
            Self::Vacant
            | Self::Applied(_)
            | Self::Approved { .. }
            | Self::Rejected { .. }
            | Self::Offered(_) => None,
        }
    }

    /// The organisations that the contract concerns: applicant and issuer, later every party.
    pub fn audience(&self) -> BTreeSet<OrganisationId> {
        let asked = self.application().map(|application| [application.applicant, application.issuer]);
        let parties = self.agreement().map(|agreement| &agreement.parties);
        asked.into_iter().flatten().chain(parties.into_iter().flatten().copied()).collect()
    }
}

impl Approval {
    /// Whether nothing can be offered or signed on it any more.
    pub fn has_lapsed(&self, now: Timestamp) -> bool {
        self.valid_until <= now
    }
}

impl Agreement {
    /// Whether every party has signed.
    pub fn is_signed_by_all(&self) -> bool {
        self.parties.iter().all(|party| self.signatures.contains_key(party))
    }
}
