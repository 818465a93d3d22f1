//! What somebody wants of a recruitment.

use std::collections::BTreeSet;

use crate::{
    contract::Reviewer,
    id::{OrganisationId, RecruitmentId},
    organisation::Capacity,
    recruitment::{Answer, EthicsApproval, Pseudonym, RequestedRecruitment},
    text::Reason,
    time::Timestamp,
    under_contract::ContractNow,
    vendor_admission::VendorAdmission,
};

/// A command to one recruitment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// Ask for patients to be recruited.
    RequestRecruitment(RequestRecruitment),
    /// Say what a person found in a request that does not hang on a diagnosis.
    TriageRecruitment(TriageRecruitment),
    /// Let it begin.
    ApproveRecruitment(ApproveRecruitment),
    /// Turn it down.
    RejectRecruitment(RejectRecruitment),
    /// Ask an institution to take part.
    InviteInstitution(InviteInstitution),
    /// Say whether one's institution takes part.
    RespondToInvitation(RespondToInvitation),
    /// Report how many patients were contacted.
    ReportContacted(ReportContacted),
    /// Enrol a participant.
    EnrolParticipant(EnrolParticipant),
    /// End it.
    CloseRecruitment(CloseRecruitment),
}

/// Ask for patients to be recruited.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestRecruitment {
    /// The recruitment's id.
    pub id: RecruitmentId,
    /// What is asked for, by whom, of whom.
    pub request: RequestedRecruitment,
    /// Fact: the contract under which it is asked for, as it is now.
    pub contract: ContractNow,
    /// Fact: the capacities that the executor holds now.
    pub executor_capacities: BTreeSet<Capacity>,
    /// Fact: the executor's contract as it is now, if the request names one.
    pub executor_contract: Option<ContractNow>,
    /// Fact: whom the operators admit to recruiting now.
    pub admission: VendorAdmission,
    /// Now.
    pub at: Timestamp,
}

/// Say what a person found in a request that does not hang on a diagnosis.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TriageRecruitment {
    /// Who looked, for which organisation.
    pub by: Reviewer,
    /// Fact: the capacities that that organisation holds now.
    pub reviewer_capacities: BTreeSet<Capacity>,
    /// What was found.
    pub finding: Reason,
    /// Now.
    pub at: Timestamp,
}

/// Let it begin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApproveRecruitment {
    /// Who decides, for which organisation.
    pub by: Reviewer,
    /// Fact: the capacities that that organisation holds now.
    pub reviewer_capacities: BTreeSet<Capacity>,
    /// The number under which the ethics committee approved the study.
    pub ethics_approval: EthicsApproval,
    /// From when on nobody may be invited or enrolled on it.
    pub valid_until: Timestamp,
    /// Fact: the member's contract under which it was asked for, as it is now: the approval is charged to it.
    pub contract: ContractNow,
    /// Fact: the executor's contract as it is now, if the request names one.
    pub executor_contract: Option<ContractNow>,
    /// Fact: whom the operators admit to recruiting now.
    pub admission: VendorAdmission,
    /// Now.
    pub at: Timestamp,
}

/// Turn it down.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RejectRecruitment {
    /// Who decides, for which organisation.
    pub by: Reviewer,
    /// Fact: the capacities that that organisation holds now.
    pub reviewer_capacities: BTreeSet<Capacity>,
    /// Why.
    pub reason: Reason,
    /// Now.
    pub at: Timestamp,
}

/// Ask an institution to take part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InviteInstitution {
    /// Who invites.
    pub by: OrganisationId,
    /// Fact: whether that organisation runs the forum.
    pub by_operator: bool,
    /// Which institution.
    pub institution: OrganisationId,
    /// Fact: the executor's contract as it is now, if the request names one.
    pub executor_contract: Option<ContractNow>,
    /// Fact: the supply contract under which it would take part, as it is now.
    pub supply_contract: ContractNow,
    /// Now.
    pub at: Timestamp,
}

/// Say whether one's institution takes part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RespondToInvitation {
    /// Which institution.
    pub institution: OrganisationId,
    /// Whether it does.
    pub answer: Answer,
    /// Why, if it says so.
    pub reason: Option<Reason>,
    /// Fact: the supply contract under which it was invited, as it is now; none if it was not.
    pub supply_contract: Option<ContractNow>,
    /// Now.
    pub at: Timestamp,
}

/// Report how many patients were contacted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReportContacted {
    /// Which institution.
    pub institution: OrganisationId,
    /// How many more than before.
    pub number: u32,
    /// Now.
    pub at: Timestamp,
}

/// Enrol a participant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EnrolParticipant {
    /// Which institution.
    pub institution: OrganisationId,
    /// By what the participant is known.
    pub pseudonym: Pseudonym,
    /// Fact: the member's contract under which it was asked for, as it is now; none if nobody asked.
    pub contract: Option<ContractNow>,
    /// Fact: the supply contract under which the institution was invited, as it is now; none if it was not.
    pub supply_contract: Option<ContractNow>,
    /// Fact: the executor's contract as it is now, if the request names one.
    pub executor_contract: Option<ContractNow>,
    /// Now.
    pub at: Timestamp,
}

/// End it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CloseRecruitment {
    /// Who ends it.
    pub by: OrganisationId,
    /// Fact: whether that organisation runs the forum.
    pub by_operator: bool,
    /// Why.
    pub reason: Reason,
    /// Now.
    pub at: Timestamp,
}
