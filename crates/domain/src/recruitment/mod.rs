//! Patient recruitment (患者リクルーティング, requirements §3.5): so far the request.
//!
//! Stream `recruitment-<id>`. A member asks a vendor or the promoter to find patients for a study, under its
//! own contract. No identity ever reaches the member, and none stands in the log.

mod command;
mod decide;
mod diagnosis;
mod event;
mod evolve;
mod state;
#[cfg(test)]
mod tests;

pub use command::{Command, RequestRecruitment};
pub use decide::{MOST_PARTICIPANTS, Rejection};
pub use diagnosis::{Diagnosis, InvalidDiagnosis};
pub use event::{Event, PatientRecruitmentRequested};
pub use state::{Recruitment, RequestedRecruitment};

use crate::Decider;

impl Decider for Recruitment {
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
