//! Listings: the services that vendors offer in the forum (requirements §3.4, table 3-7).
//!
//! Stream `listing-<id>`. A vendor lists under its own active participation contract, and only what the
//! operators admit it to; a listing that is revised keeps its kind and its code. Members' views of it are
//! events, because they are the first step of the vendor's funnel.

mod attributes;
mod command;
mod content;
mod decide;
mod event;
mod evolve;
mod rejection;
mod state;
#[cfg(test)]
mod tests;

pub use attributes::{
    Attributes, ConsentToShare, DataAnalysis, DerivedModel, Host, InputMaterial, LifestyleData,
    OmicsAnalysis, OmicsModality, PatientDerivedModel, PatientRecruiting, ServiceKind, SpecimenArchive,
};
pub use command::{Command, ListService, ReviseService, ViewService, WithdrawService};
pub(crate) use content::check_turnaround;
pub use content::{
    AttributeList, InvalidContent, InvalidListingCode, ListingCode, ListingContent, MOST_ENTRIES,
    MOST_QUANTITY, MOST_TURNAROUND_DAYS, UnitPrice,
};
pub use event::{Event, ServiceListed, ServiceRevised, ServiceViewed, ServiceWithdrawn};
pub use rejection::Rejection;
pub use state::{Listed, Listing, Withdrawal};

use crate::Decider;

impl Decider for Listing {
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
