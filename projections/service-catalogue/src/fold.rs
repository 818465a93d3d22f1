//! What the catalogue knows: listings, who offers them, and what became of the offers.

use std::sync::{Mutex, PoisonError};

use domain::{
    contract::{self, Contract, ContractKind, Status},
    id::{ContractId, ListingId, OrganisationId},
    listing::{self, Listed, Listing, ServiceKind},
    organisation::{Capacity, Organisation, Profile},
    time::{Month, Timestamp},
    vendor_admission::VendorAdmission,
};
use engine::Fold;
use events::{Category, Defect, Event, Histories, Recorded};
use prost::Message;

use crate::{
    funnel::{Funnel, Steps, StoredFunnel},
    search::{Found, Question, search},
    shelf::{Shelf, Standing},
    text::{Candidates, IndexError, TextIndex},
};

/// Listings, their vendors, and the vendors' funnels as they stand at one position.
#[derive(Default)]
pub struct CatalogueFold {
    /// Without the views, which are only counted.
    listings: Histories<Listing>,
    organisations: Histories<Organisation>,
    /// The vendors' participation contracts, and no other.
    contracts: Histories<Contract>,
    /// By kind of service.
    admissions: Histories<VendorAdmission>,
    funnel: Funnel,
    /// It follows from the listings and is in no snapshot.
    shelf: Shelf,
    /// It follows from the shelf and is in no snapshot.
    index: Mutex<LazyIndex>,
}

/// The steps that were taken of a listing's offer in a month.
pub(crate) type FunnelRow = (Option<ListingId>, Month, Steps);

/// The text index, which is brought up to date when somebody asks: an event only says which slots have
/// changed.
#[derive(Default)]
struct LazyIndex {
    index: Option<TextIndex>,
    changed: Vec<u32>,
}

impl Fold for CatalogueFold {
    const NAME: &'static str = "service-catalogue";
    const VERSION: u32 = 1;
    const CATEGORIES: &'static [Category] = &[
        Category::Organisation,
        Category::Contract,
        Category::Listing,
        Category::VendorAdmission,
        Category::Quote,
        Category::Order,
    ];

    fn apply(&mut self, recorded: &Recorded) {
        let id = recorded.stream.id();
        match &recorded.event {
            Event::Organisation(event) => self.organisations.apply(id, event),
            Event::Contract(event) => self.contract(id, event),
            Event::Listing(event) => self.listing(id, event),
            Event::VendorAdmission(event) => self.admissions.apply(id, event),
            Event::Quote(event) => self.funnel.quote(id, event),
            Event::Order(event) => self.funnel.order(id, event),
            // Other contexts are not delivered. Within the six, each match is exhaustive.
            _ => {}
        }
    }

    fn encode(&self) -> Vec<u8> {
        StoredCatalogue {
            listings: self.listings.encode(),
            organisations: self.organisations.encode(),
            contracts: self.contracts.encode(),
            admissions: self.admissions.encode(),
            funnel: self.funnel.stored(),
        }
        .encode_to_vec()
    }

    fn decode(bytes: &[u8]) -> Result<Self, Defect> {
        let stored = StoredCatalogue::decode(bytes)?;
        let funnel = Funnel::read(stored.funnel);
        let what = "an id has not 16 bytes".to_owned();
        let mut fold = Self {
            listings: Histories::decode(&stored.listings)?,
            organisations: Histories::decode(&stored.organisations)?,
            contracts: Histories::decode(&stored.contracts)?,
            admissions: Histories::decode(&stored.admissions)?,
            funnel: funnel.ok_or(Defect::Field { field: "funnel", what })?,
            ..Self::default()
        };
        let ids: Vec<String> = fold.listings.after("").map(|(id, _)| id.to_owned()).collect();
        ids.iter().for_each(|id| fold.put(id));
        Ok(fold)
    }
}

impl CatalogueFold {
    /// Answers a search. The index is brought up to date first, so that the answer stands on everything that
    /// was applied.
    pub(crate) fn search(&self, question: &Question, now: Timestamp) -> Result<Found, IndexError> {
        let standing = self.standing(now);
        if question.terms.is_empty() {
            let all = self.shelf.entries().map(|(slot, _)| (slot, 0.0));
            return Ok(search(question, &self.shelf, &standing, all));
        }
        // Only bringing it up to date needs the lock; searches go on side by side.
        let candidates = self.index()?;
        let proposed = candidates.candidates(&question.terms, question.order.needs_scores())?;
        Ok(search(question, &self.shelf, &standing, proposed.into_iter()))
    }

    /// Brings the text index up to date, so that the next search need not.
    pub(crate) fn warm_up(&self) -> Result<(), IndexError> {
        self.index().map(drop)
    }

    /// What is offered in a listing.
    pub(crate) fn listed(&self, listing: ListingId) -> Option<&Listed> {
        self.listings.get_key_value(&listing.to_string()).and_then(|(_, state)| state.listed())
    }

    /// Who an organisation is.
    pub(crate) fn profile(&self, organisation: OrganisationId) -> Option<&Profile> {
        self.organisations.get_key_value(&organisation.to_string()).and_then(|(_, state)| state.profile())
    }

    /// The vendors, in order of their numbers in counts.
    pub(crate) fn vendors(&self) -> &[OrganisationId] {
        self.shelf.vendors()
    }

    /// The steps of a vendor's offers in the months from one to another.
    pub(crate) fn funnel(
        &self,
        vendor: OrganisationId,
        first: Month,
        last: Month,
    ) -> impl Iterator<Item = FunnelRow> {
        self.funnel.of(vendor, first, last)
    }

    fn contract(&mut self, id: &str, event: &contract::Event) {
        let applied = match event {
            contract::Event::ContractApplied(applied) => applied.kind == ContractKind::VendorParticipation,
            contract::Event::ContractApproved(_)
            | contract::Event::ContractRejected(_)
            | contract::Event::ContractOffered(_)
            | contract::Event::ContractSigned(_)
            | contract::Event::ContractActivated(_)
            | contract::Event::TierChanged(_)
            | contract::Event::ContractPaused(_)
            | contract::Event::ContractResumed(_)
            | contract::Event::ContractRenewed(_)
            | contract::Event::ContractTerminated(_)
            | contract::Event::ContractExpired(_) => false,
        };
        if applied || self.contracts.get_key_value(id).is_some() {
            self.contracts.apply(id, event);
        }
    }

    fn listing(&mut self, id: &str, event: &listing::Event) {
        match event {
            listing::Event::ServiceListed(_)
            | listing::Event::ServiceRevised(_)
            | listing::Event::ServiceWithdrawn(_) => {
                self.listings.apply(id, event);
                self.put(id);
            }
            listing::Event::ServiceViewed(viewed) => {
                let listed = self.listings.get_key_value(id).and_then(|(_, state)| state.listed());
                if let Some(listed) = listed {
                    self.funnel.viewed(listed.vendor, listed.id, viewed.at);
                }
            }
        }
    }

    /// Puts a listing on the shelf as it is now.
    fn put(&mut self, id: &str) {
        let Some((_, state)) = self.listings.get_key_value(id) else { return };
        let Some(listed) = state.listed() else { return };
        let slot = self.shelf.put(listed, state.is_listed());
        let lazy = self.index.get_mut().unwrap_or_else(PoisonError::into_inner);
        // Until somebody asks there is no index, and then it is built of everything.
        if lazy.index.is_some() {
            lazy.changed.push(slot);
        }
    }

    /// What every vendor is now: deadlines need no event.
    fn standing(&self, now: Timestamp) -> Standing {
        let in_force = |contract: &ContractId| {
            let known = self.contracts.get_key_value(&contract.to_string());
            known.is_some_and(|(_, contract)| contract.status(now) == Status::Active)
        };
        let admissions: Vec<Option<&VendorAdmission>> = ServiceKind::ALL
            .iter()
            .map(|kind| self.admissions.get_key_value(kind.as_str()).map(|(_, admission)| admission))
            .collect();
        let admitted = |vendor: &OrganisationId| {
            let sells = self.profile(*vendor).is_some_and(|profile| profile.holds(Capacity::Vendor, now));
            let mut kinds = [sells; crate::shelf::KINDS];
            for (kind, admission) in kinds.iter_mut().zip(&admissions) {
                *kind &= admission.is_none_or(|admission| admission.admits(*vendor));
            }
            kinds
        };
        let credentials =
            |vendor: &OrganisationId| self.profile(*vendor).map(|profile| profile.credentials_on(now));
        Standing {
            in_force: self.shelf.contracts().iter().map(in_force).collect(),
            admitted: self.shelf.vendors().iter().map(admitted).collect(),
            credentials: self
                .shelf
                .vendors()
                .iter()
                .map(|vendor| credentials(vendor).unwrap_or_default())
                .collect(),
        }
    }

    fn index(&self) -> Result<Candidates, IndexError> {
        let mut lazy = match self.index.lock() {
            Ok(lazy) => lazy,
            Err(poisoned) => {
                // Whoever held it panicked, so nobody knows what was put: it is built again.
                let mut lazy = poisoned.into_inner();
                *lazy = LazyIndex::default();
                self.index.clear_poison();
                lazy
            }
        };
        let brought_up = lazy.bring_up(&self.shelf);
        if brought_up.is_err() {
            *lazy = LazyIndex::default();
        }
        brought_up
    }
}

impl LazyIndex {
    fn bring_up(&mut self, shelf: &Shelf) -> Result<Candidates, IndexError> {
        let Some(index) = &mut self.index else {
            let mut index = TextIndex::new()?;
            for (slot, entry) in shelf.entries() {
                index.put(slot, entry.text.as_ref())?;
            }
            index.commit()?;
            self.changed.clear();
            return Ok(self.index.insert(index).searcher());
        };
        if !self.changed.is_empty() {
            self.changed.sort_unstable();
            self.changed.dedup();
            for slot in &self.changed {
                index.put(*slot, shelf.entry(*slot).and_then(|entry| entry.text.as_ref()))?;
            }
            index.commit()?;
            self.changed.clear();
        }
        Ok(index.searcher())
    }
}

/// A snapshot: the canonical histories, side by side, and the counts.
#[derive(Clone, PartialEq, Message)]
struct StoredCatalogue {
    #[prost(bytes = "vec", tag = "1")]
    listings: Vec<u8>,
    #[prost(bytes = "vec", tag = "2")]
    organisations: Vec<u8>,
    #[prost(bytes = "vec", tag = "3")]
    contracts: Vec<u8>,
    #[prost(bytes = "vec", tag = "4")]
    admissions: Vec<u8>,
    #[prost(message, required, tag = "5")]
    funnel: StoredFunnel,
}
