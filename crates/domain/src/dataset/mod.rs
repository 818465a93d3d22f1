//! Datasets of the base operator and of data providers, and their freezes (requirements §3.3).
//!
//! Stream `dataset-<id>`. Kiban holds no genomes: a dataset is a description, a reference to where the data
//! are, and frozen states with their composition by institution, by which the institutions' pool is split.

mod code;
mod command;
mod decide;
mod event;
mod evolve;
mod state;
#[cfg(test)]
mod tests;

pub use code::{DatasetCode, InvalidDatasetCode};
pub use command::{Command, Provision, RegisterDataset, ReleaseFreeze};
pub use decide::{MOST_INSTITUTIONS, Rejection};
pub use event::{DatasetRegistered, Event, FreezeReleased};
pub use state::{
    Cohort, ComposedCases, ConsentScope, DataType, Dataset, Description, Freeze, RegisteredDataset,
};

use crate::Decider;

impl Decider for Dataset {
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
