//! How a relay behaves, and what it publishes.

use std::{collections::BTreeSet, time::Duration};

use domain::{relay::RelayName, text::Name};
use events::Category;

/// The categories that are not published unless an operator names them.
///
/// A record that has left cannot be called back: topics are kept for ever, and a cluster without ACLs shows them to
/// whoever reaches it. Everything in the log is confidential between members, and topics are for the operator's own
/// systems; a topic for each category lets ACLs say which of those reads what. But three categories hold in their
/// payloads what Kiban itself shows to nobody without recording that it did, or only under a pseudonym: full deal cards
/// and data rooms (`venture`), where the data of a dataset are (`dataset`), and the pseudonyms of patients
/// (`recruitment`). To publish those by default would make a way around the record, so it takes an operator to say so.
pub const CONFIDENTIAL: [Category; 3] = [Category::Venture, Category::Dataset, Category::Recruitment];

/// How a [`Relay`](super::Relay) behaves. [`RelayOptions::new`] gives what suits a server.
#[derive(Clone, Debug)]
pub struct RelayOptions {
    /// What tells the relays of one log apart: each has a lease and a cursor of its own.
    pub name: RelayName,
    /// This process, and no other one, nor another run of the same program.
    pub holder: Name,
    /// What stands before the category in the name of a topic.
    pub topic_prefix: String,
    /// The categories that are published. A relay's own is never.
    pub categories: BTreeSet<Category>,
    /// How long a lease lasts.
    pub term: Duration,
    /// The cursor is saved so often…
    pub save_every: Duration,
    /// …or after so many records, if something was published.
    pub save_records: u64,
    /// The most records of a batch, though one append always may be one.
    pub batch_records: usize,
    /// The most bytes of a batch, likewise.
    pub batch_bytes: usize,
    /// The most batches in flight.
    pub batches_in_flight: usize,
    /// How often a relay that stands by looks whether it is its turn.
    pub look_every: Duration,
    /// How long a relay that is to stop waits for what is in flight.
    pub grace: Duration,
}

impl RelayOptions {
    /// What suits a server.
    pub fn new(name: RelayName, holder: Name) -> Self {
        let published =
            |category: &Category| !CONFIDENTIAL.contains(category) && *category != Category::Relay;
        Self {
            name,
            holder,
            topic_prefix: "kiban.".to_owned(),
            categories: Category::ALL.into_iter().filter(published).collect(),
            term: Duration::from_secs(30),
            save_every: Duration::from_secs(5),
            save_records: 100_000,
            batch_records: 1_000,
            batch_bytes: 1 << 20,
            batches_in_flight: 32,
            look_every: Duration::from_secs(2),
            grace: Duration::from_secs(3),
        }
    }
}
