//! What somebody wants of a recruitment.

use std::collections::BTreeSet;

use crate::{
    id::RecruitmentId, organisation::Capacity, recruitment::RequestedRecruitment, time::Timestamp,
    under_contract::ContractNow,
};

/// A command to one recruitment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// Ask for patients to be recruited.
    RequestRecruitment(RequestRecruitment),
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
    /// Now.
    pub at: Timestamp,
}
