//! Organisations: who they are and in which capacities they take part (requirements §3.1).
//!
//! Stream `organisation-<id>`. An organisation has a *set* of capacities, each with half-open dates in
//! Asia/Tokyo: a university hospital is institution, academic and vendor at once.
//!
//! Grants of one capacity that overlap or touch are **merged**: the organisation holds it on every day that
//! any grant names. So a repeated grant changes nothing, and a longer one extends. Credentials of one kind
//! and number are merged in the same way.

mod command;
mod credential;
mod decide;
mod event;
mod evolve;
mod registration_number;
mod state;
#[cfg(test)]
mod tests;

pub use command::{AttestCredential, Command, GrantCapacity, RegisterOrganisation};
pub use credential::Credential;
pub use decide::Rejection;
pub use event::{CapacityGranted, CredentialAttested, Event, OrganisationRegistered};
pub use registration_number::{InvalidRegistrationNumber, RegistrationNumber};
pub use state::{Capacity, CapacityGrant, Organisation, Profile};

use crate::Decider;

impl Decider for Organisation {
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
