//! Requests into what is asked for.

use domain::{
    contract::Reviewer,
    id::OrganisationId,
    recruitment::{Answer, RequestedRecruitment, Sought},
    text::Reason,
};
use engine::{
    Caller, Reason as Why, Refusal,
    parse::{id, optional_id, text},
};
use events::recruitment_form;
use proto::kiban::recruitment::v1 as wire;

pub(crate) fn request(
    member: OrganisationId,
    request: &wire::RequestRecruitmentRequest,
) -> Result<RequestedRecruitment, Refusal> {
    Ok(RequestedRecruitment {
        member,
        executor: id("executor_id", &request.executor_id)?,
        executor_contract: optional_id("executor_contract_id", &request.executor_contract_id)?,
        study_title: text("study_title", &request.study_title)?,
        sought: sought(request.criteria.as_ref())?,
        participants_wanted: request.participants_wanted,
    })
}

pub(crate) fn reviewer(caller: &Caller) -> Result<Reviewer, Refusal> {
    let message = "a decision is a person's: the caller must name one";
    let person = caller.person.ok_or_else(|| Refusal::new(Why::PersonRequired, message))?;
    Ok(Reviewer { organisation: caller.organisation, person })
}

pub(crate) fn answer(number: i32) -> Result<Answer, Refusal> {
    let known = recruitment_form::answer(number);
    known.ok_or_else(|| Refusal::invalid("answer", "must be accepted or declined"))
}

pub(crate) fn optional_reason(written: &str) -> Result<Option<Reason>, Refusal> {
    if written.is_empty() { Ok(None) } else { text("reason", written).map(Some) }
}

fn sought(criteria: Option<&wire::Criterion>) -> Result<Sought, Refusal> {
    let written = criteria.ok_or_else(|| Refusal::invalid("criteria", "is missing"))?;
    let read = recruitment_form::criteria(written).map_err(|error| error.within("criteria"))?;
    Ok(Sought::Criteria(read))
}
