//! Quotes: a member asks the vendor of a service, and the vendor answers with binding quotes (requirements
//! §3.4).
//!
//! Stream `quote-<id>`: one request, with all the quotes that answer it. A quote binds the vendor until its
//! own expiry, and none can be taken back, so the member may order from any that is unexpired.

mod command;
mod decide;
mod event;
mod evolve;
mod rejection;
mod state;
#[cfg(test)]
mod tests;

pub use command::{Command, DeclineQuoteRequest, RequestQuote, SubmitQuote};
pub use decide::{MOST_CREDENTIALS, MOST_QUOTES};
pub use event::{Event, QuoteRequestDeclined, QuoteRequested, QuoteSubmitted};
pub use rejection::Rejection;
pub use state::{Declination, Offer, Quote, RequestedQuote, Stage, SubmittedQuote};

use crate::Decider;

impl Decider for Quote {
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
