//! What became of a vendor's offers: views, quotes and orders, counted by listing and month of Asia/Tokyo.

use std::collections::BTreeMap;

use domain::{
    id::{ListingId, OrganisationId},
    order, quote,
    time::{Month, Timestamp},
};
use prost::Message;

/// One step of the funnel.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Step {
    Viewed,
    QuoteRequested,
    QuoteSubmitted,
    OrderPlaced,
    OrderAccepted,
}

/// How often each step was taken.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) struct Steps {
    pub(crate) views: u64,
    pub(crate) quotes_requested: u64,
    pub(crate) quotes_submitted: u64,
    pub(crate) orders_placed: u64,
    pub(crate) orders_accepted: u64,
}

/// Whose offer; there is no listing in orders from before there were listings.
type Offered = (OrganisationId, Option<ListingId>);

/// The counts, and what is needed to go on counting.
#[derive(Default)]
pub(crate) struct Funnel {
    /// By vendor, listing and the month's number.
    counts: BTreeMap<(OrganisationId, Option<ListingId>, i32), Steps>,
    /// Of requests for quotes and of orders that may take another step: by the names of their streams'
    /// aggregates.
    pending: BTreeMap<String, Offered>,
}

impl Funnel {
    /// Somebody looked at a listing.
    pub(crate) fn viewed(&mut self, vendor: OrganisationId, listing: ListingId, at: Timestamp) {
        self.count((vendor, Some(listing)), Step::Viewed, at);
    }

    /// Something happened to a request for a quote.
    pub(crate) fn quote(&mut self, id: &str, event: &quote::Event) {
        match event {
            quote::Event::QuoteRequested(event) => {
                let offered = (event.request.vendor, Some(event.request.listing));
                self.pending.insert(id.to_owned(), offered);
                self.count(offered, Step::QuoteRequested, event.at);
            }
            quote::Event::QuoteSubmitted(event) => {
                if let Some(offered) = self.pending.get(id).copied() {
                    self.count(offered, Step::QuoteSubmitted, event.at);
                }
            }
            quote::Event::QuoteRequestDeclined(_) => {
                self.pending.remove(id);
            }
        }
    }

    /// Something happened to an order.
    pub(crate) fn order(&mut self, id: &str, event: &order::Event) {
        match event {
            order::Event::OmicsAnalysisOrdered(placed) | order::Event::OrderPlaced(placed) => {
                let offered = (placed.vendor, placed.listing);
                self.pending.insert(id.to_owned(), offered);
                self.count(offered, Step::OrderPlaced, placed.at);
            }
            order::Event::OrderAccepted(event) => {
                if let Some(offered) = self.pending.remove(id) {
                    self.count(offered, Step::OrderAccepted, event.at);
                }
            }
            order::Event::OrderDeclined(_) | order::Event::OrderCancelled(_) => {
                self.pending.remove(id);
            }
            order::Event::MilestoneDelivered(_)
            | order::Event::DeliveryAccepted(_)
            | order::Event::DeliveryDisputed(_)
            | order::Event::OrderCompleted(_)
            | order::Event::ResultDeposited(_) => {}
        }
    }

    /// The steps of a vendor's offers in the months from one to another, in order of listings and months.
    pub(crate) fn of(
        &self,
        vendor: OrganisationId,
        first: Month,
        last: Month,
    ) -> impl Iterator<Item = (Option<ListingId>, Month, Steps)> {
        let all = self.counts.range((vendor, None, i32::MIN)..);
        let own = all.take_while(move |((other, ..), _)| *other == vendor);
        let within = own.filter(move |((.., month), _)| (first.index()..=last.index()).contains(month));
        within.filter_map(|((_, listing, month), steps)| Some((*listing, Month::from_index(*month)?, *steps)))
    }

    fn count(&mut self, (vendor, listing): Offered, step: Step, at: Timestamp) {
        let steps = self.counts.entry((vendor, listing, Month::of(at).index())).or_default();
        let count = match step {
            Step::Viewed => &mut steps.views,
            Step::QuoteRequested => &mut steps.quotes_requested,
            Step::QuoteSubmitted => &mut steps.quotes_submitted,
            Step::OrderPlaced => &mut steps.orders_placed,
            Step::OrderAccepted => &mut steps.orders_accepted,
        };
        *count = count.saturating_add(1);
    }
}

// A snapshot: every list in the order of its keys.

/// The form of a funnel in a snapshot.
#[derive(Clone, PartialEq, Message)]
pub(crate) struct StoredFunnel {
    #[prost(message, repeated, tag = "1")]
    counts: Vec<StoredCount>,
    #[prost(message, repeated, tag = "2")]
    pending: Vec<StoredPending>,
}

#[derive(Clone, PartialEq, Message)]
struct StoredCount {
    #[prost(message, required, tag = "1")]
    offered: StoredOffered,
    #[prost(sint32, tag = "2")]
    month: i32,
    #[prost(uint64, tag = "3")]
    views: u64,
    #[prost(uint64, tag = "4")]
    quotes_requested: u64,
    #[prost(uint64, tag = "5")]
    quotes_submitted: u64,
    #[prost(uint64, tag = "6")]
    orders_placed: u64,
    #[prost(uint64, tag = "7")]
    orders_accepted: u64,
}

#[derive(Clone, PartialEq, Message)]
struct StoredPending {
    #[prost(string, tag = "1")]
    id: String,
    #[prost(message, required, tag = "2")]
    offered: StoredOffered,
}

#[derive(Clone, PartialEq, Message)]
struct StoredOffered {
    #[prost(bytes = "vec", tag = "1")]
    vendor: Vec<u8>,
    /// Empty: none.
    #[prost(bytes = "vec", tag = "2")]
    listing: Vec<u8>,
}

impl Funnel {
    /// As it is kept.
    pub(crate) fn stored(&self) -> StoredFunnel {
        let count = |((vendor, listing, month), steps): (&(_, _, i32), &Steps)| StoredCount {
            offered: stored(&(*vendor, *listing)),
            month: *month,
            views: steps.views,
            quotes_requested: steps.quotes_requested,
            quotes_submitted: steps.quotes_submitted,
            orders_placed: steps.orders_placed,
            orders_accepted: steps.orders_accepted,
        };
        let pending = self
            .pending
            .iter()
            .map(|(id, offered)| StoredPending { id: id.clone(), offered: stored(offered) });
        StoredFunnel { counts: self.counts.iter().map(count).collect(), pending: pending.collect() }
    }

    /// Reads it back; `None` if an id has not 16 bytes.
    pub(crate) fn read(stored: StoredFunnel) -> Option<Self> {
        let mut funnel = Self::default();
        for count in stored.counts {
            let (vendor, listing) = offered(&count.offered)?;
            let steps = Steps {
                views: count.views,
                quotes_requested: count.quotes_requested,
                quotes_submitted: count.quotes_submitted,
                orders_placed: count.orders_placed,
                orders_accepted: count.orders_accepted,
            };
            funnel.counts.insert((vendor, listing, count.month), steps);
        }
        for pending in stored.pending {
            funnel.pending.insert(pending.id, offered(&pending.offered)?);
        }
        Some(funnel)
    }
}

fn stored((vendor, listing): &Offered) -> StoredOffered {
    StoredOffered {
        vendor: vendor.to_bytes().to_vec(),
        listing: listing.map(|listing| listing.to_bytes().to_vec()).unwrap_or_default(),
    }
}

fn offered(stored: &StoredOffered) -> Option<Offered> {
    let listing = match stored.listing.as_slice() {
        [] => None,
        bytes => Some(ListingId::from_bytes(bytes.try_into().ok()?)),
    };
    Some((OrganisationId::from_bytes(stored.vendor.as_slice().try_into().ok()?), listing))
}
