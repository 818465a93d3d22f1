//! Events of events of the forum as bytes and back.

use domain::forum_event::{Event, ForumEventCancelled, ForumEventScheduled, PitchSubmitted, PitchWithdrawn};
use prost::Message;
use proto::kiban::venture::v1 as form;

use crate::{
    Category, Defect, Recordable,
    field::{defect, id, id_bytes, instant, text},
    venture_form::{forum_event_kind, forum_event_kind_form},
};

const FORUM_EVENT_SCHEDULED: &str = "kiban.venture.v1.ForumEventScheduled";
const FORUM_EVENT_CANCELLED: &str = "kiban.venture.v1.ForumEventCancelled";
const PITCH_SUBMITTED: &str = "kiban.venture.v1.PitchSubmitted";
const PITCH_WITHDRAWN: &str = "kiban.venture.v1.PitchWithdrawn";

impl Recordable for Event {
    const CATEGORY: Category = Category::ForumEvent;

    fn event_type(&self) -> &'static str {
        match self {
            Self::ForumEventScheduled(_) => FORUM_EVENT_SCHEDULED,
            Self::ForumEventCancelled(_) => FORUM_EVENT_CANCELLED,
            Self::PitchSubmitted(_) => PITCH_SUBMITTED,
            Self::PitchWithdrawn(_) => PITCH_WITHDRAWN,
        }
    }

    fn encode(&self) -> Vec<u8> {
        match self {
            Self::ForumEventScheduled(event) => form::ForumEventScheduled {
                forum_event: id_bytes(event.id),
                organiser: id_bytes(event.organiser),
                kind: forum_event_kind_form(event.kind).into(),
                title: event.title.as_str().into(),
                starts_at_us: event.starts_at.as_micros(),
                ends_at_us: event.ends_at.as_micros(),
                submissions_until_us: event.submissions_until.as_micros(),
                scheduled_at_us: event.at.as_micros(),
            }
            .encode_to_vec(),
            Self::ForumEventCancelled(event) => form::ForumEventCancelled {
                reason: event.reason.as_str().into(),
                cancelled_at_us: event.at.as_micros(),
            }
            .encode_to_vec(),
            Self::PitchSubmitted(event) => form::PitchSubmitted {
                venture: id_bytes(event.venture),
                lister: id_bytes(event.lister),
                title: event.title.as_str().into(),
                summary: event.summary.as_str().into(),
                submitted_at_us: event.at.as_micros(),
            }
            .encode_to_vec(),
            Self::PitchWithdrawn(event) => form::PitchWithdrawn {
                venture: id_bytes(event.venture),
                withdrawn_at_us: event.at.as_micros(),
            }
            .encode_to_vec(),
        }
    }

    fn decode(event_type: &str, payload: &[u8]) -> Result<Self, Defect> {
        match event_type {
            FORUM_EVENT_SCHEDULED => scheduled(payload).map(Self::ForumEventScheduled),
            FORUM_EVENT_CANCELLED => {
                let message = form::ForumEventCancelled::decode(payload)?;
                Ok(Self::ForumEventCancelled(ForumEventCancelled {
                    reason: text("reason", &message.reason)?,
                    at: instant("cancelled_at_us", message.cancelled_at_us)?,
                }))
            }
            PITCH_SUBMITTED => {
                let message = form::PitchSubmitted::decode(payload)?;
                Ok(Self::PitchSubmitted(PitchSubmitted {
                    venture: id("venture", &message.venture)?,
                    lister: id("lister", &message.lister)?,
                    title: text("title", &message.title)?,
                    summary: text("summary", &message.summary)?,
                    at: instant("submitted_at_us", message.submitted_at_us)?,
                }))
            }
            PITCH_WITHDRAWN => {
                let message = form::PitchWithdrawn::decode(payload)?;
                Ok(Self::PitchWithdrawn(PitchWithdrawn {
                    venture: id("venture", &message.venture)?,
                    at: instant("withdrawn_at_us", message.withdrawn_at_us)?,
                }))
            }
            _ => Err(Defect::UnknownType(event_type.into())),
        }
    }
}

fn scheduled(payload: &[u8]) -> Result<ForumEventScheduled, Defect> {
    let message = form::ForumEventScheduled::decode(payload)?;
    let kind = forum_event_kind(message.kind);
    Ok(ForumEventScheduled {
        id: id("forum_event", &message.forum_event)?,
        organiser: id("organiser", &message.organiser)?,
        kind: kind.ok_or_else(|| defect("kind", format!("{} is no kind of forum event", message.kind)))?,
        title: text("title", &message.title)?,
        starts_at: instant("starts_at_us", message.starts_at_us)?,
        ends_at: instant("ends_at_us", message.ends_at_us)?,
        submissions_until: instant("submissions_until_us", message.submissions_until_us)?,
        at: instant("scheduled_at_us", message.scheduled_at_us)?,
    })
}
