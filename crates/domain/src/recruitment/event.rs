//! What has happened to a recruitment.

use crate::{
    id::{ContractId, RecruitmentId},
    recruitment::RequestedRecruitment,
    time::Timestamp,
};

/// An event of one recruitment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// It was asked for.
    PatientRecruitmentRequested(PatientRecruitmentRequested),
}

/// Patients were asked to be recruited.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PatientRecruitmentRequested {
    /// The recruitment's id.
    pub id: RecruitmentId,
    /// The contract under which it was asked for.
    pub contract: ContractId,
    /// The revision of the contract on which the decision stood.
    pub contract_revision: u64,
    /// What was asked for, by whom, of whom.
    pub request: RequestedRecruitment,
    /// When.
    pub at: Timestamp,
}
