//! Share rules: who gets how much of each charge, in versions (requirements §2.1, §2.2).
//!
//! Stream `share_rule-<id>`. A version is a whole table of splits, keyed by charge kind and by whether the
//! data are a data provider's. It never changes; a new version takes its place from a month on that is not
//! closed (see [`version`](crate::version) for which one is in force). How a split is carried out is the
//! `rating` crate's business.

mod charges;
mod check;
mod command;
mod decide;
mod defaults;
mod event;
mod evolve;
mod splits;
mod state;
#[cfg(test)]
mod tests;

pub use charges::{ChargeTerms, Dealer, PayoutTreatment};
pub use check::{MOST_CHARGES, MOST_PARTS, MOST_SPLITS};
pub use command::{Command, PublishShareRule};
pub use decide::Rejection;
pub use defaults::default_splits;
pub use event::{Event, ShareRulePublished};
pub use splits::{List, Party, Split, SplitTable};
pub use state::{ShareRule, ShareRuleVersion};

use crate::Decider;

impl Decider for ShareRule {
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
