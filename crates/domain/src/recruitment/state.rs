//! What is known of a recruitment.

use crate::{
    id::{ContractId, OrganisationId, RecruitmentId},
    recruitment::Diagnosis,
    text::Name,
    time::Timestamp,
};

/// What is asked for, by whom, of whom.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestedRecruitment {
    /// Who asks and pays.
    pub member: OrganisationId,
    /// Who carries it out: a vendor or the promoter.
    pub executor: OrganisationId,
    /// For which study.
    pub study_title: Name,
    /// What the patients have.
    pub diagnosis: Diagnosis,
    /// How many are wanted.
    pub participants_wanted: u32,
}

/// What is known of a recruitment.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Recruitment {
    /// Nobody has asked for it.
    #[default]
    Vacant,
    /// It has been asked for.
    Requested {
        /// The recruitment's id.
        id: RecruitmentId,
        /// The contract under which it was asked for.
        contract: ContractId,
        /// What was asked for, by whom, of whom.
        request: Box<RequestedRecruitment>,
        /// When.
        requested_at: Timestamp,
    },
}
