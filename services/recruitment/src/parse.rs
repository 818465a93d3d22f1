//! Requests into what is asked for.

use domain::{id::OrganisationId, recruitment::RequestedRecruitment};
use engine::{
    Refusal,
    parse::{id, text},
};
use proto::kiban::recruitment::v1 as wire;

pub(crate) fn request(
    member: OrganisationId,
    request: &wire::RequestRecruitmentRequest,
) -> Result<RequestedRecruitment, Refusal> {
    Ok(RequestedRecruitment {
        member,
        executor: id("executor_id", &request.executor_id)?,
        study_title: text("study_title", &request.study_title)?,
        diagnosis: text("diagnosis", &request.diagnosis)?,
        participants_wanted: request.participants_wanted,
    })
}
