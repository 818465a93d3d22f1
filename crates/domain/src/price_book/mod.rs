//! Price books: what things cost, in versions (requirements §2.1, §2.2).
//!
//! Stream `price_book-<id>`. A version is a whole list of prices, keyed by charge kind, tier, dataset class
//! and right. It never changes; a new version takes its place from a month on that is not closed
//! (see [`version`](crate::version) for which one is in force).

mod check;
mod command;
mod decide;
mod event;
mod evolve;
mod prices;
mod state;
#[cfg(test)]
mod tests;

pub use check::{MOST_BANDS, MOST_ITEMS};
pub use command::{Command, PublishPriceBook};
pub use decide::{BandDefect, Banded, Excess, Rejection};
pub use event::{Event, PriceBookPublished};
pub use prices::{Band, PriceItem, PriceKey, PriceList, PriceModel, billed_by_default};
pub use state::{PriceBook, PriceBookVersion};

use crate::Decider;

impl Decider for PriceBook {
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
