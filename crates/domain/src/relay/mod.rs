//! Relays: who publishes the log for other systems, and how far it has come (design §4, "Kafka").
//!
//! Stream `relay-<name>`. One process at a time holds the lease of a relay. A lease has a number, its *epoch*, and an
//! end; once that has come anybody may take the next one. Every event is appended at the exact revision that it was
//! decided on, so whoever has lost the lease learns of it from its next append, whatever it believed: the log is the
//! fence. The cursor is where the next holder goes on, and it moves only under the newest epoch.

mod command;
mod decide;
mod event;
mod evolve;
mod name;
mod state;
#[cfg(test)]
mod tests;

pub use command::{AdvanceRelay, Command, ReleaseRelayLease, RenewRelayLease, TakeRelayLease};
pub use decide::Rejection;
pub use event::{Event, RelayAdvanced, RelayLeaseReleased, RelayLeaseRenewed, RelayLeaseTaken};
pub use name::{InvalidRelayName, RelayName};
pub use state::{Lease, RelayLease};

use crate::Decider;

impl Decider for RelayLease {
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
