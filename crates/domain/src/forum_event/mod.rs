//! Events of the forum (requirements §3.7): matchings, briefings on results, pitch contests, and the pitches that
//! ventures submit to them.
//!
//! Stream `forum_event-<id>`. Deadlines are resolved at the moment of the question.

mod command;
mod decide;
mod event;
mod evolve;
mod rejection;
mod state;
#[cfg(test)]
mod tests;

pub use command::{CancelForumEvent, Command, ScheduleForumEvent, SubmitPitch, WithdrawPitch};
pub use event::{Event, ForumEventCancelled, ForumEventScheduled, PitchSubmitted, PitchWithdrawn};
pub use rejection::Rejection;
pub use state::{ForumEvent, ForumEventKind, Pitch, Scheduled};

use crate::Decider;

impl Decider for ForumEvent {
    type Command = Command;
    type Event = Event;
    type State = Self;
    type Rejection = Rejection;

    fn decide(state: &Self, command: Command) -> Result<Vec<Event>, Rejection> {
        decide::decide(state, command)
    }

    fn evolve(state: Self, event: &Event) -> Self {
        evolve::evolve(state, event)
    }
}
