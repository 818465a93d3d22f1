//! Answers a search: what passes the filters, in which order, and how it is spread over their values.
//!
//! Whatever was proposed is looked at once. A listing that passes every filter is found; one that fails
//! exactly one filter counts for that filter's facet alone, because a facet shows what another choice would
//! find.

use std::collections::{BTreeMap, BTreeSet, BinaryHeap};

use domain::{
    id::{ListingId, OrganisationId},
    listing::ServiceKind,
    terms::CredentialKind,
};
use proto::kiban::service_catalogue::v1::Modality;

use crate::{
    shelf::{Entry, KINDS, Shelf, Standing},
    text::{Place, Terms},
};

/// What is asked for.
pub(crate) struct Question {
    pub(crate) terms: Terms,
    pub(crate) filters: Filters,
    pub(crate) order: Order,
    /// The key after which the page starts.
    pub(crate) after: Option<Key>,
    pub(crate) size: usize,
}

/// What must hold of a listing; `None` and an empty list ask for nothing.
#[derive(Default)]
pub(crate) struct Filters {
    pub(crate) kinds: Vec<ServiceKind>,
    pub(crate) modality: Option<Modality>,
    /// In yen.
    pub(crate) max_price: Option<i64>,
    pub(crate) max_turnaround_days: Option<u32>,
    pub(crate) credential: Option<CredentialKind>,
    pub(crate) vendor: Option<OrganisationId>,
}

/// In which order.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Order {
    Relevance,
    Price,
    Turnaround,
}

impl Order {
    /// Whether it matters how well a text fits.
    pub(crate) const fn needs_scores(self) -> bool {
        matches!(self, Self::Relevance)
    }
}

/// Where a listing stands in the order: the lowest comes first, and no two listings have the same.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) struct Key {
    pub(crate) major: u64,
    pub(crate) minor: u64,
    pub(crate) listing: ListingId,
}

/// The answer.
pub(crate) struct Found {
    pub(crate) total: u64,
    pub(crate) counts: Counts,
    /// The keys of the page, in order, each with its listing's slot.
    pub(crate) page: Vec<(Key, u32)>,
    /// Whether there is a page after it.
    pub(crate) more: bool,
}

/// How what was found is spread: by the places of the values in their lists.
#[derive(Default)]
pub(crate) struct Counts {
    pub(crate) kinds: [u64; KINDS],
    pub(crate) modalities: BTreeMap<Modality, u64>,
    pub(crate) prices: [u64; PRICES.len() + 1],
    pub(crate) turnarounds: [u64; TURNAROUNDS.len() + 1],
    pub(crate) credentials: BTreeMap<CredentialKind, u64>,
    /// By number.
    pub(crate) vendors: Vec<u64>,
}

/// Where the bands of prices begin, in yen; the last count is of what has no list price.
pub(crate) const PRICES: [i64; 5] = [0, 10_000, 100_000, 1_000_000, 10_000_000];
/// Where the bands of days begin; the last count is of what says none.
pub(crate) const TURNAROUNDS: [i64; 5] = [1, 8, 15, 31, 91];

/// The filters as bits of a mask.
mod failing {
    pub(super) const KIND: u8 = 1;
    pub(super) const MODALITY: u8 = 2;
    pub(super) const PRICE: u8 = 4;
    pub(super) const TURNAROUND: u8 = 8;
    pub(super) const CREDENTIAL: u8 = 16;
    pub(super) const VENDOR: u8 = 32;
}

/// Looks at what the index proposes, or at everything if there is no term. The score of a listing is that of
/// the index; without an index it is 0.
pub(crate) fn search(
    question: &Question,
    shelf: &Shelf,
    standing: &Standing,
    proposed: impl Iterator<Item = (u32, f32)>,
) -> Found {
    let mut tally = Tally::new(question, shelf, standing);
    for (slot, score) in proposed {
        tally.look_at(slot, score);
    }
    tally.found()
}

/// What has been seen so far.
struct Tally<'a> {
    question: &'a Question,
    shelf: &'a Shelf,
    standing: &'a Standing,
    /// By the vendor's number: which of the filters on vendors it fails.
    failing: Vec<u8>,
    kinds: [bool; KINDS],
    total: u64,
    counts: Counts,
    /// By the modality's number.
    modalities: [u64; 8],
    /// By the vendor's number: what counts for the facet of credentials.
    of_holders: Vec<u64>,
    /// The first of those after the page's start, one more than the page holds.
    first: BinaryHeap<(Key, u32)>,
}

impl<'a> Tally<'a> {
    fn new(question: &'a Question, shelf: &'a Shelf, standing: &'a Standing) -> Self {
        let filters = &question.filters;
        let of_vendor =
            |(vendor, credentials): (&OrganisationId, &_)| failed_by_vendor(filters, *vendor, credentials);
        let failing: Vec<u8> = shelf.vendors().iter().zip(&standing.credentials).map(of_vendor).collect();
        let mut kinds = [filters.kinds.is_empty(); KINDS];
        for kind in &filters.kinds {
            add(&mut kinds, *kind as usize, |asked| *asked = true);
        }
        let vendors = vec![0; failing.len()];
        Self {
            question,
            shelf,
            standing,
            kinds,
            total: 0,
            counts: Counts { vendors: vendors.clone(), ..Counts::default() },
            modalities: [0; 8],
            of_holders: vendors,
            failing,
            first: BinaryHeap::with_capacity(question.size.saturating_add(2)),
        }
    }

    fn look_at(&mut self, slot: u32, score: f32) {
        let Some(entry) = self.shelf.entry(slot) else { return };
        let Some(text) = &entry.text else { return };
        if !self.standing.sells(entry) {
            return;
        }
        let failed = self.failed(entry);
        if failed.count_ones() > 1 {
            return;
        }
        // The text is compared last, because that takes longest.
        let Some(place) = text.place_of(&self.question.terms) else { return };
        self.count(entry, failed);
        if failed == 0 {
            self.total += 1;
            self.keep(key(self.question.order, entry, place, score), slot);
        }
    }

    /// Which filters a listing fails.
    fn failed(&self, entry: &Entry) -> u8 {
        let filters = &self.question.filters;
        let mut failed = self.failing.get(entry.vendor as usize).copied().unwrap_or_default();
        let mut fails = |bit: u8, fails: bool| failed |= if fails { bit } else { 0 };
        fails(failing::KIND, self.kinds.get(entry.kind as usize) != Some(&true));
        fails(failing::MODALITY, filters.modality.is_some_and(|asked| entry.modality != asked));
        let over = |most: i64| entry.price.is_none_or(|price| price > most);
        fails(failing::PRICE, filters.max_price.is_some_and(over));
        let longer = |most: u32| entry.turnaround_days.is_none_or(|days| days > most);
        fails(failing::TURNAROUND, filters.max_turnaround_days.is_some_and(longer));
        failed
    }

    /// Counts a listing for the facets of which it passes all other filters.
    fn count(&mut self, entry: &Entry, failed: u8) {
        let counts_for = |bit: u8| failed & !bit == 0;
        let one = |count: &mut u64| *count += 1;
        if counts_for(failing::KIND) {
            add(&mut self.counts.kinds, entry.kind as usize, one);
        }
        if counts_for(failing::MODALITY) {
            add(&mut self.modalities, entry.modality as usize, one);
        }
        if counts_for(failing::PRICE) {
            add(&mut self.counts.prices, band(&PRICES, entry.price), one);
        }
        if counts_for(failing::TURNAROUND) {
            add(&mut self.counts.turnarounds, band(&TURNAROUNDS, entry.turnaround_days.map(i64::from)), one);
        }
        if counts_for(failing::CREDENTIAL) {
            add(&mut self.of_holders, entry.vendor as usize, one);
        }
        if counts_for(failing::VENDOR) {
            add(&mut self.counts.vendors, entry.vendor as usize, one);
        }
    }

    fn keep(&mut self, key: Key, slot: u32) {
        if self.question.after.is_some_and(|after| key <= after) {
            return;
        }
        let full = self.first.len() > self.question.size;
        if full && self.first.peek().is_some_and(|(last, _)| *last <= key) {
            return;
        }
        self.first.push((key, slot));
        if full {
            self.first.pop();
        }
    }

    fn found(self) -> Found {
        let mut counts = self.counts;
        for (held, count) in
            self.standing.credentials.iter().zip(&self.of_holders).filter(|(_, count)| **count > 0)
        {
            for credential in held {
                *counts.credentials.entry(credential.clone()).or_default() += count;
            }
        }
        let modalities = (0..).zip(self.modalities).filter(|(_, count)| *count > 0);
        counts.modalities = modalities
            .filter_map(|(number, count)| Some((Modality::try_from(number).ok()?, count)))
            .collect();
        counts.modalities.remove(&Modality::Unspecified);
        let mut page = self.first.into_sorted_vec();
        let more = page.len() > self.question.size;
        page.truncate(self.question.size);
        Found { total: self.total, counts, page, more }
    }
}

fn failed_by_vendor(filters: &Filters, vendor: OrganisationId, held: &BTreeSet<CredentialKind>) -> u8 {
    let other = filters.vendor.is_some_and(|asked| asked != vendor);
    let lacks = filters.credential.as_ref().is_some_and(|asked| !held.contains(asked));
    (if other { failing::VENDOR } else { 0 }) | (if lacks { failing::CREDENTIAL } else { 0 })
}

/// Where a listing stands in an order.
fn key(order: Order, entry: &Entry, place: Place, score: f32) -> Key {
    let known = |value: Option<u64>| value.unwrap_or(u64::MAX);
    let (major, minor) = match order {
        // Scores are not negative, so their bits are in the order of the scores.
        Order::Relevance => (place as u64, !score.max(0.0).to_bits()),
        Order::Price => (known(entry.price.and_then(|price| u64::try_from(price).ok())), 0),
        Order::Turnaround => (known(entry.turnaround_days.map(u64::from)), 0),
    };
    Key { major, minor: minor.into(), listing: entry.listing }
}

/// In which band a value lies; the last if there is none.
fn band<const BANDS: usize>(starts: &[i64; BANDS], value: Option<i64>) -> usize {
    value.map_or(BANDS, |value| starts.partition_point(|start| *start <= value).saturating_sub(1))
}

fn add<T>(values: &mut [T], index: usize, change: impl FnOnce(&mut T)) {
    if let Some(value) = values.get_mut(index) {
        change(value);
    }
}
