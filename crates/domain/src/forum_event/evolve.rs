//! How events change what is known of an event of the forum.

use std::collections::BTreeMap;

use crate::forum_event::{Event, ForumEvent, Pitch, Scheduled};

pub(super) fn evolve(state: ForumEvent, event: &Event) -> ForumEvent {
    let mut scheduled = match (state, event) {
        (ForumEvent::Vacant, Event::ForumEventScheduled(event)) => {
            return ForumEvent::Scheduled(Box::new(Scheduled {
                id: event.id,
                organiser: event.organiser,
                kind: event.kind,
                title: event.title.clone(),
                starts_at: event.starts_at,
                ends_at: event.ends_at,
                submissions_until: event.submissions_until,
                scheduled_at: event.at,
                pitches: BTreeMap::new(),
            }));
        }
        (ForumEvent::Scheduled(was), Event::ForumEventCancelled(event)) => {
            return ForumEvent::Cancelled { was, reason: event.reason.clone(), at: event.at };
        }
        (ForumEvent::Scheduled(scheduled), _) => scheduled,
        (state @ (ForumEvent::Vacant | ForumEvent::Cancelled { .. }), _) => return state,
    };
    match event {
        Event::ForumEventScheduled(_) | Event::ForumEventCancelled(_) => {}
        Event::PitchSubmitted(event) => {
            let pitch = Pitch {
                lister: event.lister,
                title: event.title.clone(),
                summary: event.summary.clone(),
                at: event.at,
            };
            scheduled.pitches.insert(event.venture, pitch);
        }
        Event::PitchWithdrawn(event) => {
            scheduled.pitches.remove(&event.venture);
        }
    }
    ForumEvent::Scheduled(scheduled)
}
