//! Recruitments as the wire has them.

use domain::{id::OrganisationId, recruitment::Recruitment};
use engine::wire_time;
use proto::kiban::recruitment::v1 as wire;

/// The recruitment and whom it concerns, or none if nobody asked for it.
pub(crate) fn recruitment(state: &Recruitment) -> Option<(wire::Recruitment, [OrganisationId; 2])> {
    let Recruitment::Requested { id, contract, request, requested_at } = state else { return None };
    let recruitment = wire::Recruitment {
        id: id.to_string(),
        contract_id: contract.to_string(),
        member_id: request.member.to_string(),
        executor_id: request.executor.to_string(),
        study_title: request.study_title.as_str().into(),
        diagnosis: request.diagnosis.as_str().into(),
        participants_wanted: request.participants_wanted,
        requested_at: Some(wire_time(*requested_at)),
    };
    Some((recruitment, [request.member, request.executor]))
}
