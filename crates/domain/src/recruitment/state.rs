//! What is known of a recruitment.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

use crate::{
    id::{ContractId, OrganisationId, PersonId, RecruitmentId},
    recruitment::{Criteria, Diagnosis, Pseudonym, requires_a_diagnosis},
    text::{Name, Reason, Text},
    time::Timestamp,
};

/// The number under which an ethics committee approved a study.
pub type EthicsApproval = Text<100>;

/// What is asked for, by whom, of whom.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestedRecruitment {
    /// Who asks and pays.
    pub member: OrganisationId,
    /// Who carries it out: a vendor or the promoter.
    pub executor: OrganisationId,
    /// The executing vendor's participation contract; none where the promoter carries it out.
    pub executor_contract: Option<ContractId>,
    /// For which study.
    pub study_title: Name,
    /// Whom the study seeks.
    pub sought: Sought,
    /// How many are wanted.
    pub participants_wanted: u32,
}

/// Whom a study seeks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sought {
    /// Patients with one diagnosis: what a request could say before there were criteria.
    Diagnosis(Diagnosis),
    /// Participants who satisfy the criteria.
    Criteria(Criteria),
}

/// Whether a person must look at a request before it can be approved (requirements §3.5: a request without a
/// diagnosis goes to a person).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Triage {
    /// Nobody without a diagnosis fits the criteria.
    NotNeeded,
    /// Somebody without a diagnosis may fit them.
    Person,
}

/// Whether an institution takes part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// It does.
    Accepted,
    /// It does not.
    Declined,
}

/// What is known of a recruitment.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Recruitment {
    /// Nobody has asked for it.
    #[default]
    Vacant,
    /// It has been asked for and not been decided.
    Requested(Box<Asked>),
    /// It was turned down.
    Rejected {
        /// What was asked for.
        asked: Box<Asked>,
        /// Who turned it down, and why.
        refusal: Refusal,
    },
    /// Institutions may be invited and participants enrolled while the approval lasts.
    Approved {
        /// What was asked for.
        asked: Box<Asked>,
        /// Who let it begin, and what came of it.
        course: Box<Course>,
    },
    /// It is over.
    Closed {
        /// What was asked for.
        asked: Box<Asked>,
        /// What came of it; none if it had not been approved.
        course: Option<Box<Course>>,
        /// Who ended it, and why.
        closing: Closing,
    },
}

/// What was asked for, and what triage found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// The recruitment's id.
    pub id: RecruitmentId,
    /// The member's contract under which it was asked for.
    pub contract: ContractId,
    /// What was asked for, by whom, of whom.
    pub request: RequestedRecruitment,
    /// Whether a person must look at it.
    pub triage: Triage,
    /// What a person found, if one looked.
    pub finding: Option<Finding>,
    /// When it was asked for.
    pub at: Timestamp,
}

/// What a person found at triage.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Who.
    pub by: PersonId,
    /// What.
    pub finding: Reason,
    /// When.
    pub at: Timestamp,
}

/// Who turned a request down, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// Who.
    pub by: PersonId,
    /// Why.
    pub reason: Reason,
    /// When.
    pub at: Timestamp,
}

/// Who let a recruitment begin, and until when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Approval {
    /// Who.
    pub by: PersonId,
    /// The number under which the ethics committee approved the study.
    pub ethics_approval: EthicsApproval,
    /// From when on nobody may be invited or enrolled on it.
    pub valid_until: Timestamp,
    /// When.
    pub at: Timestamp,
}

/// What came of an approved recruitment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Course {
    /// Who let it begin.
    pub approval: Approval,
    /// Who was invited, and what each did.
    pub institutions: BTreeMap<OrganisationId, Participation>,
    /// Every participant, and which institution enrolled them: what the member never learns.
    pub participants: BTreeMap<Pseudonym, OrganisationId>,
}

/// An invited institution's part in a recruitment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Participation {
    /// The supply contract under which it takes part.
    pub supply_contract: ContractId,
    /// When it was invited.
    pub invited_at: Timestamp,
    /// What it answered, if it did.
    pub response: Option<Response>,
    /// How many it has contacted in all.
    pub contacted: u32,
    /// How many it has enrolled.
    pub enrolled: u32,
}

/// An institution's answer to its invitation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Response {
    /// Whether it takes part.
    pub answer: Answer,
    /// Why, if it said so.
    pub reason: Option<Reason>,
    /// When.
    pub at: Timestamp,
}

/// Who ended a recruitment, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Closing {
    /// Who.
    pub by: OrganisationId,
    /// Why.
    pub reason: Reason,
    /// When.
    pub at: Timestamp,
}

/// Where a recruitment stands at an instant, with its deadline resolved.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Status {
    /// Nobody has asked for it.
    Vacant,
    /// A person must look at it before it can be approved.
    AwaitingTriage,
    /// It can be decided.
    Requested,
    /// It was turned down.
    Rejected,
    /// Institutions invite and enrol.
    Open,
    /// The approval has ended: nobody is invited or enrolled any more.
    Lapsed,
    /// It is over.
    Closed,
}

/// What an organisation may see of a recruitment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sight {
    /// Every pseudonym, without its institution: the member's.
    pub pseudonyms: bool,
    /// Each institution with its numbers: the executor's and the operators'.
    pub institutions: bool,
    /// The viewer's own part, with its own pseudonyms: an invited institution's.
    pub own: Option<OrganisationId>,
}

impl Sought {
    /// Whether a person must look at a request for these.
    pub fn triage(&self) -> Triage {
        match self {
            Self::Diagnosis(_) => Triage::NotNeeded,
            Self::Criteria(criteria) if requires_a_diagnosis(criteria.root()) => Triage::NotNeeded,
            Self::Criteria(_) => Triage::Person,
        }
    }
}

impl Asked {
    /// Whether a person has yet to look at it.
    pub const fn awaits_triage(&self) -> bool {
        matches!(self.triage, Triage::Person) && self.finding.is_none()
    }
}

impl Approval {
    /// Whether nobody may be invited or enrolled on it any more.
    pub fn has_lapsed(&self, now: Timestamp) -> bool {
        self.valid_until <= now
    }
}

impl Course {
    /// How many have been contacted, by all institutions.
    pub fn contacted(&self) -> u64 {
        self.institutions.values().map(|part| u64::from(part.contacted)).sum()
    }

    /// How many have been enrolled, by all institutions.
    pub fn enrolled(&self) -> usize {
        self.participants.len()
    }

    /// The pseudonyms that an institution gave.
    pub fn participants_of(&self, institution: OrganisationId) -> impl Iterator<Item = &Pseudonym> {
        self.participants.iter().filter(move |(_, by)| **by == institution).map(|(pseudonym, _)| pseudonym)
    }
}

impl Participation {
    /// Whether it takes part.
    pub fn has_accepted(&self) -> bool {
        self.response.as_ref().is_some_and(|response| response.answer == Answer::Accepted)
    }
}

impl Recruitment {
    /// What was asked for, if anything.
    pub fn asked(&self) -> Option<&Asked> {
        match self {
            Self::Vacant => None,
            Self::Requested(asked)
            | Self::Rejected { asked, .. }
            | Self::Approved { asked, .. }
            | Self::Closed { asked, .. } => Some(asked),
        }
    }

    /// Who let it begin and what came of it, if it was approved.
    pub fn course(&self) -> Option<&Course> {
        match self {
            Self::Vacant | Self::Requested(_) | Self::Rejected { .. } => None,
            Self::Approved { course, .. } => Some(course),
            Self::Closed { course, .. } => course.as_deref(),
        }
    }

    /// Where it stands at an instant.
    pub fn status(&self, now: Timestamp) -> Status {
        match self {
            Self::Vacant => Status::Vacant,
            Self::Requested(asked) if asked.awaits_triage() => Status::AwaitingTriage,
            Self::Requested(_) => Status::Requested,
            Self::Rejected { .. } => Status::Rejected,
            Self::Approved { course, .. } if course.approval.has_lapsed(now) => Status::Lapsed,
            Self::Approved { .. } => Status::Open,
            Self::Closed { .. } => Status::Closed,
        }
    }

    /// Whom it concerns: member, executor and every invited institution.
    pub fn audience(&self) -> BTreeSet<OrganisationId> {
        let asked = self.asked().map(|asked| [asked.request.member, asked.request.executor]);
        let invited = self.course().map(|course| course.institutions.keys().copied());
        asked.into_iter().flatten().chain(invited.into_iter().flatten()).collect()
    }

    /// What an organisation may see of it; `None`: to that one it does not exist. The member never sees which
    /// institution a pseudonym belongs to, nor which institutions take part, whatever else it is in the forum.
    pub fn sight_of(&self, organisation: OrganisationId, is_operator: bool) -> Option<Sight> {
        let request = &self.asked()?.request;
        let invited = |course: &Course| course.institutions.contains_key(&organisation);
        let own = self.course().is_some_and(invited).then_some(organisation);
        let pseudonyms = organisation == request.member;
        let institutions = !pseudonyms && (is_operator || organisation == request.executor);
        let sees = pseudonyms || institutions || own.is_some();
        sees.then_some(Sight { pseudonyms, institutions, own })
    }
}

impl Status {
    /// The name in texts for people.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Vacant => "vacant",
            Self::AwaitingTriage => "awaiting triage by a person",
            Self::Requested => "requested",
            Self::Rejected => "rejected",
            Self::Open => "open",
            Self::Lapsed => "lapsed",
            Self::Closed => "closed",
        }
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
