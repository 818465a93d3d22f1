//! The states of everything that can be listed.

use std::collections::BTreeSet;

use domain::{
    contract::Contract,
    dataset::{Dataset, RegisteredDataset},
    forum_event::ForumEvent,
    id::OrganisationId,
    order::Order,
    organisation::{Organisation, Profile},
    quote::Quote,
    recruitment::Recruitment,
    venture::{self, Venture},
};
use engine::Fold;
use events::{Category, Defect, Event, Histories, Recorded};
use prost::Message;

use crate::mine::Shared;

/// For whom a list is made.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Viewer {
    /// The calling organisation.
    pub organisation: OrganisationId,
    /// Whether it runs the forum, and so sees everything.
    pub operator: bool,
}

/// Everything that can be listed, as it stands at one position.
#[derive(Default)]
pub struct DirectoryFold {
    organisations: Histories<Organisation>,
    contracts: Shared<Contract>,
    datasets: Histories<Dataset>,
    orders: Shared<Order>,
    quotes: Shared<Quote>,
    recruitments: Shared<Recruitment>,
    ventures: Shared<Venture>,
    forum_events: Histories<ForumEvent>,
}

impl Fold for DirectoryFold {
    const NAME: &'static str = "directory";
    const VERSION: u32 = 3;
    const CATEGORIES: &'static [Category] = &[
        Category::Organisation,
        Category::Contract,
        Category::Dataset,
        Category::Order,
        Category::Quote,
        Category::Recruitment,
        Category::Venture,
        Category::ForumEvent,
    ];

    fn apply(&mut self, recorded: &Recorded) {
        let id = recorded.stream.id();
        match &recorded.event {
            Event::Organisation(event) => self.organisations.apply(id, event),
            Event::Contract(event) => self.contracts.apply(id, event),
            Event::Dataset(event) => self.datasets.apply(id, event),
            Event::Order(event) => self.orders.apply(id, event),
            Event::Quote(event) => self.quotes.apply(id, event),
            Event::Recruitment(event) => self.recruitments.apply(id, event),
            Event::Venture(event) if changes_the_card(event) => self.ventures.apply(id, event),
            Event::Venture(_) => {}
            Event::ForumEvent(event) => self.forum_events.apply(id, event),
            // Other contexts are not delivered. Within these, each decider's `evolve` is exhaustive.
            _ => {}
        }
    }

    fn encode(&self) -> Vec<u8> {
        StoredDirectory {
            organisations: self.organisations.encode(),
            contracts: self.contracts.encode(),
            datasets: self.datasets.encode(),
            orders: self.orders.encode(),
            quotes: self.quotes.encode(),
            recruitments: self.recruitments.encode(),
            ventures: self.ventures.encode(),
            forum_events: self.forum_events.encode(),
        }
        .encode_to_vec()
    }

    fn decode(bytes: &[u8]) -> Result<Self, Defect> {
        let stored = StoredDirectory::decode(bytes)?;
        Ok(Self {
            organisations: Histories::decode(&stored.organisations)?,
            contracts: Shared::decode(&stored.contracts)?,
            datasets: Histories::decode(&stored.datasets)?,
            orders: Shared::decode(&stored.orders)?,
            quotes: Shared::decode(&stored.quotes)?,
            recruitments: Shared::decode(&stored.recruitments)?,
            ventures: Shared::decode(&stored.ventures)?,
            forum_events: Histories::decode(&stored.forum_events)?,
        })
    }
}

/// Things after an id, in order of ids.
pub(crate) type Seen<'a, T> = Box<dyn Iterator<Item = (&'a str, &'a T)> + 'a>;

impl DirectoryFold {
    /// The organisations that a viewer may see, after an id: all, or its own and those it shares a contract
    /// with.
    pub fn organisations<'a>(&'a self, viewer: Viewer, after: &str) -> Seen<'a, Profile> {
        let registered = |(id, state): (&'a str, &'a Organisation)| Some((id, state.profile()?));
        if viewer.operator {
            return Box::new(self.organisations.after(after).filter_map(registered));
        }
        let contracts = self.contracts.of(viewer.organisation, "");
        let shared = contracts.flat_map(|(_, contract)| contract.audience());
        let mut seen: BTreeSet<String> = shared.map(|organisation| organisation.to_string()).collect();
        seen.insert(viewer.organisation.to_string());
        let after = after.to_owned();
        let later = seen.into_iter().filter(move |id| *id > after);
        let known = later.filter_map(|id| self.organisations.get_key_value(&id));
        Box::new(known.filter_map(registered))
    }

    /// The contracts that a viewer may see, after an id: all, or those that concern it as applicant, issuer
    /// or party.
    pub fn contracts<'a>(&'a self, viewer: Viewer, after: &str) -> Seen<'a, Contract> {
        self.contracts.seen(viewer, after)
    }

    /// The datasets after an id: whoever is registered may browse them all.
    pub fn datasets<'a>(&'a self, after: &str) -> impl Iterator<Item = (&'a str, &'a RegisteredDataset)> {
        self.datasets.after(after).filter_map(|(id, state)| Some((id, state.registered()?)))
    }

    /// The orders that a viewer may see, after an id: all, or those of which it is the member, the vendor or
    /// of the consortium that sells.
    pub fn orders<'a>(&'a self, viewer: Viewer, after: &str) -> Seen<'a, Order> {
        self.orders.seen(viewer, after)
    }

    /// The requests for quotes that a viewer may see, after an id: all, or those that it made or was asked.
    pub fn quotes<'a>(&'a self, viewer: Viewer, after: &str) -> Seen<'a, Quote> {
        self.quotes.seen(viewer, after)
    }

    /// The recruitments that a viewer may see, after an id: all, or those of which it is the member, the
    /// executor or an invited institution.
    pub fn recruitments<'a>(&'a self, viewer: Viewer, after: &str) -> Seen<'a, Recruitment> {
        self.recruitments.seen(viewer, after)
    }

    /// The ventures that a viewer may see, after an id: all, or those that it listed.
    pub fn ventures<'a>(&'a self, viewer: Viewer, after: &str) -> Seen<'a, Venture> {
        self.ventures.seen(viewer, after)
    }

    /// The events of the forum after an id: whoever is registered may know of them all.
    pub fn forum_events<'a>(
        &'a self,
        after: &str,
    ) -> impl Iterator<Item = (&'a str, &'a ForumEvent)> + use<'a> {
        self.forum_events.after(after)
    }
}

/// Whether a list shows what an event changes. Each look at a deal is an event; those of investors are not kept here, so
/// that the fold does not grow with them, nor does it know where a data room is.
const fn changes_the_card(event: &venture::Event) -> bool {
    match event {
        venture::Event::VentureListed(_)
        | venture::Event::VentureRevised(_)
        | venture::Event::VentureWithdrawn(_) => true,
        venture::Event::DealViewed(_)
        | venture::Event::InterestExpressed(_)
        | venture::Event::DataRoomOpened(_)
        | venture::Event::DataRoomEntered(_)
        | venture::Event::JointVentureFormed(_) => false,
    }
}

/// A snapshot: the canonical histories, side by side.
#[derive(Clone, PartialEq, Message)]
struct StoredDirectory {
    #[prost(bytes = "vec", tag = "1")]
    organisations: Vec<u8>,
    #[prost(bytes = "vec", tag = "2")]
    contracts: Vec<u8>,
    #[prost(bytes = "vec", tag = "3")]
    datasets: Vec<u8>,
    #[prost(bytes = "vec", tag = "4")]
    orders: Vec<u8>,
    #[prost(bytes = "vec", tag = "5")]
    quotes: Vec<u8>,
    #[prost(bytes = "vec", tag = "6")]
    recruitments: Vec<u8>,
    #[prost(bytes = "vec", tag = "7")]
    ventures: Vec<u8>,
    #[prost(bytes = "vec", tag = "8")]
    forum_events: Vec<u8>,
}
