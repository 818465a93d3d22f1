//! Requests into what commands are made of. Cards and gifts in kind are read by [`events::venture_form`], because
//! the log keeps the same messages.

use std::collections::BTreeSet;

use domain::{
    forum_event::{ForumEventKind, ScheduleForumEvent},
    id::{ForumEventId, InvestmentId, OrganisationId, PersonId},
    investment::Form,
    time::Timestamp,
    venture::DealCard,
};
use engine::{
    Authorised, Reason, Refusal,
    parse::{amount, id, instant, text},
};
use events::venture_form;
use proto::kiban::venture::v1::{self as wire, record_investment_request::Form as WireForm};

/// The most parties, and the most investments, that are looked up; the decider refuses fewer.
const MOST_PARTIES_READ: usize = 64;

pub(crate) fn card(
    teaser: Option<&wire::Teaser>,
    full: Option<&wire::FullCard>,
) -> Result<DealCard, Refusal> {
    Ok(venture_form::deal_card(teaser, full)?)
}

pub(crate) fn form(request: &wire::RecordInvestmentRequest) -> Result<Form, Refusal> {
    match &request.form {
        None => Err(Refusal::invalid("cash", "is missing; give it, or something in_kind")),
        Some(WireForm::Cash(cash)) => amount("cash", Some(cash)).map(Form::Cash),
        Some(WireForm::InKind(given)) => {
            let given = venture_form::in_kind(given).map_err(|error| error.within("in_kind"))?;
            Ok(Form::InKind(given))
        }
    }
}

/// The parties of a joint venture, each once.
pub(crate) fn parties(ids: &[String]) -> Result<BTreeSet<OrganisationId>, Refusal> {
    if ids.len() > MOST_PARTIES_READ {
        return Err(Refusal::invalid("party_ids", format!("are more than {MOST_PARTIES_READ}")));
    }
    let parties = ids.iter().enumerate();
    parties.map(|(index, party)| id(&format!("party_ids[{index}]"), party)).collect()
}

/// The investments on which parties of a joint venture stand, each once.
pub(crate) fn investments(ids: &[String]) -> Result<BTreeSet<InvestmentId>, Refusal> {
    if ids.len() > MOST_PARTIES_READ {
        return Err(Refusal::invalid("investment_ids", format!("are more than {MOST_PARTIES_READ}")));
    }
    let investments = ids.iter().enumerate();
    investments.map(|(index, investment)| id(&format!("investment_ids[{index}]"), investment)).collect()
}

pub(crate) fn schedule(
    id: ForumEventId,
    organiser: OrganisationId,
    request: &wire::ScheduleForumEventRequest,
    at: Timestamp,
) -> Result<ScheduleForumEvent, Refusal> {
    Ok(ScheduleForumEvent {
        id,
        organiser,
        kind: kind("kind", request.kind)?,
        title: text("title", &request.title)?,
        starts_at: instant("starts_at", request.starts_at.as_ref())?,
        ends_at: instant("ends_at", request.ends_at.as_ref())?,
        submissions_until: instant("submissions_until", request.submissions_until.as_ref())?,
        at,
    })
}

/// Who looks: a person, for what is recorded is who saw what.
pub(crate) fn person<T>(request: &Authorised<T>) -> Result<PersonId, Refusal> {
    let message = "what is confidential is shown to a person: the caller must name one";
    request.caller().person.ok_or_else(|| Refusal::new(Reason::PersonRequired, message))
}

fn kind(field: &str, number: i32) -> Result<ForumEventKind, Refusal> {
    let kind = venture_form::forum_event_kind(number);
    kind.ok_or_else(|| Refusal::invalid(field, "is no kind of forum event"))
}
