//! What has happened to a recruitment. Which one it is says the stream; `at` is when it was decided.

use crate::{
    id::{ContractId, OrganisationId, PersonId, RecruitmentId},
    recruitment::{Answer, EthicsApproval, Pseudonym, RequestedRecruitment, Triage},
    text::Reason,
    time::Timestamp,
};

/// An event of one recruitment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// It was asked for.
    PatientRecruitmentRequested(PatientRecruitmentRequested),
    /// A person looked at a request that does not hang on a diagnosis.
    RecruitmentTriaged(RecruitmentTriaged),
    /// It may begin: the request fee falls due.
    RecruitmentApproved(RecruitmentApproved),
    /// It was turned down.
    RecruitmentRejected(RecruitmentRejected),
    /// An institution was asked to take part.
    InstitutionInvited(InstitutionInvited),
    /// An institution said whether it does.
    InstitutionResponded(InstitutionResponded),
    /// An institution contacted patients.
    ParticipantsContacted(ParticipantsContacted),
    /// An institution enrolled a participant: the enrolment fee falls due.
    ParticipantEnrolled(ParticipantEnrolled),
    /// It is over.
    RecruitmentClosed(RecruitmentClosed),
}

/// Patients were asked to be recruited.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PatientRecruitmentRequested {
    /// The recruitment's id.
    pub id: RecruitmentId,
    /// The member's contract under which it was asked for, which bears the fees.
    pub contract: ContractId,
    /// The revision of the contract on which the decision stood.
    pub contract_revision: u64,
    /// What was asked for, by whom, of whom.
    pub request: RequestedRecruitment,
    /// Whether a person must look at it before it can be approved, as the rule said then.
    pub triage: Triage,
    /// When.
    pub at: Timestamp,
}

/// A person looked at a request that does not hang on a diagnosis.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecruitmentTriaged {
    /// Who; for which organisation says the metadata.
    pub by: PersonId,
    /// What was found.
    pub finding: Reason,
    /// When.
    pub at: Timestamp,
}

/// The recruitment may begin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecruitmentApproved {
    /// Who decided; for which organisation says the metadata.
    pub by: PersonId,
    /// The number under which the ethics committee approved the study.
    pub ethics_approval: EthicsApproval,
    /// From when on nobody may be invited or enrolled on it.
    pub valid_until: Timestamp,
    /// When; the month of the request fee.
    pub at: Timestamp,
}

/// The request was turned down.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecruitmentRejected {
    /// Who decided; for which organisation says the metadata.
    pub by: PersonId,
    /// Why.
    pub reason: Reason,
    /// When.
    pub at: Timestamp,
}

/// An institution was asked to take part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InstitutionInvited {
    /// Which.
    pub institution: OrganisationId,
    /// The institution's supply contract, under which it takes part.
    pub supply_contract: ContractId,
    /// The revision of that contract on which the decision stood.
    pub contract_revision: u64,
    /// Who invited it: the executor or an operator.
    pub by: OrganisationId,
    /// When.
    pub at: Timestamp,
}

/// An institution said whether it takes part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InstitutionResponded {
    /// Which.
    pub institution: OrganisationId,
    /// Whether it does.
    pub answer: Answer,
    /// Why, if it said so.
    pub reason: Option<Reason>,
    /// When.
    pub at: Timestamp,
}

/// An institution contacted patients who had consented to that.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParticipantsContacted {
    /// Which.
    pub institution: OrganisationId,
    /// How many more than before.
    pub number: u32,
    /// When it reported that.
    pub at: Timestamp,
}

/// An institution enrolled a participant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParticipantEnrolled {
    /// Which.
    pub institution: OrganisationId,
    /// By what the participant is known.
    pub pseudonym: Pseudonym,
    /// The revision of the member's contract on which the decision stood.
    pub contract_revision: u64,
    /// When; the month of the enrolment fee.
    pub at: Timestamp,
}

/// The recruitment is over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecruitmentClosed {
    /// Who ended it: the member, the executor or an operator.
    pub by: OrganisationId,
    /// Why.
    pub reason: Reason,
    /// When.
    pub at: Timestamp,
}
