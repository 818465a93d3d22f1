//! Ventures, investments and events of the forum.

use domain::{
    forum_event::{ForumEvent, Pitch},
    id::{OrganisationId, VentureId},
    investment::{Form, Investment},
};
use proto::kiban::venture::v1::{self as wire, investment::Form as WireForm};

use super::{money, time};
use crate::venture_form::{forum_event_kind_form, in_kind_form};

/// An investment; `None` if it was not recorded. Under which agreement it was made concerns its investor and those who
/// run the forum, not whom it was made in.
pub fn investment(state: &Investment, shows_agreement: bool) -> Option<wire::Investment> {
    let made = state.made()?;
    let withdrawn = match state {
        Investment::Withdrawn { reason, at, .. } => Some((reason, *at)),
        Investment::Vacant | Investment::Made(_) => None,
    };
    let deal = &made.deal;
    let agreement = deal.card.filter(|_| shows_agreement);
    Some(wire::Investment {
        id: made.id.to_string(),
        investor_id: deal.investor.to_string(),
        organisation_id: deal.venture.to_string(),
        round: deal.round.to_string(),
        form: Some(match &deal.form {
            Form::Cash(amount) => WireForm::Cash(money(*amount)),
            Form::InKind(given) => WireForm::InKind(in_kind_form(given)),
        }),
        made_at: Some(time(made.at)),
        venture_id: deal.card.map(|card| card.venture.to_string()).unwrap_or_default(),
        contract_id: agreement.map(|card| card.contract.to_string()).unwrap_or_default(),
        withdrawn_at: withdrawn.map(|(_, at)| time(at)),
        withdrawal_reason: withdrawn.map(|(reason, _)| reason.to_string()).unwrap_or_default(),
    })
}

/// An event of the forum with the pitches of those listers whose pitches may be shown; `None` if nobody announced
/// it.
pub fn forum_event(
    state: &ForumEvent,
    may_be_shown: impl Fn(OrganisationId) -> bool,
) -> Option<wire::ForumEvent> {
    let announced = state.announced()?;
    let cancelled = match state {
        ForumEvent::Cancelled { reason, at, .. } => Some((reason, *at)),
        ForumEvent::Vacant | ForumEvent::Scheduled(_) => None,
    };
    let pitches = announced.pitches.iter().filter(|(_, pitch)| may_be_shown(pitch.lister));
    Some(wire::ForumEvent {
        id: announced.id.to_string(),
        organiser_id: announced.organiser.to_string(),
        kind: forum_event_kind_form(announced.kind).into(),
        title: announced.title.as_str().into(),
        starts_at: Some(time(announced.starts_at)),
        ends_at: Some(time(announced.ends_at)),
        submissions_until: Some(time(announced.submissions_until)),
        scheduled_at: Some(time(announced.scheduled_at)),
        cancelled_at: cancelled.map(|(_, at)| time(at)),
        cancellation_reason: cancelled.map(|(reason, _)| reason.to_string()).unwrap_or_default(),
        pitches: pitches.map(pitch).collect(),
    })
}

fn pitch((venture, pitch): (&VentureId, &Pitch)) -> wire::Pitch {
    wire::Pitch {
        venture_id: venture.to_string(),
        lister_id: pitch.lister.to_string(),
        title: pitch.title.as_str().into(),
        summary: pitch.summary.as_str().into(),
        submitted_at: Some(time(pitch.at)),
    }
}
