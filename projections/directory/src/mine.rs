//! Things that concern some organisations and not others, and who sees which of them.

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::Bound,
};

use domain::{
    Decider, contract::Contract, id::OrganisationId, order::Order, quote::Quote, recruitment::Recruitment,
    venture::Venture,
};
use events::{Defect, Histories, Recordable};

use crate::Viewer;

/// What concerns some organisations and not others. Whom it concerns only grows.
pub(crate) trait Concerning {
    /// The organisations that it concerns.
    fn audience(&self) -> BTreeSet<OrganisationId>;
}

/// Aggregates, and which of them concern whom.
pub(crate) struct Shared<D: Decider> {
    all: Histories<D>,
    /// It follows from the aggregates and is in no snapshot.
    concerns: BTreeMap<OrganisationId, BTreeSet<String>>,
}

impl<D: Decider> Default for Shared<D> {
    fn default() -> Self {
        Self { all: Histories::default(), concerns: BTreeMap::new() }
    }
}

impl<D: Decider<Event: Recordable + Clone, State: Concerning>> Shared<D> {
    /// Takes in the next event of an aggregate.
    pub(crate) fn apply(&mut self, id: &str, event: &D::Event) {
        self.all.apply(id, event);
        self.note_concerned(id);
    }

    /// Those that a viewer may see, after an id and in order of ids: those that concern it, or all.
    pub(crate) fn seen<'a>(
        &'a self,
        viewer: Viewer,
        after: &str,
    ) -> Box<dyn Iterator<Item = (&'a str, &'a D::State)> + 'a> {
        if viewer.operator { Box::new(self.all.after(after)) } else { self.of(viewer.organisation, after) }
    }

    /// Those that concern an organisation, after an id and in order of ids.
    pub(crate) fn of<'a>(
        &'a self,
        organisation: OrganisationId,
        after: &str,
    ) -> Box<dyn Iterator<Item = (&'a str, &'a D::State)> + 'a> {
        let Some(ids) = self.concerns.get(&organisation) else { return Box::new(std::iter::empty()) };
        let later = ids.range::<str, _>((Bound::Excluded(after), Bound::Unbounded));
        Box::new(later.filter_map(|id| self.all.get_key_value(id)))
    }

    /// Canonical bytes.
    pub(crate) fn encode(&self) -> Vec<u8> {
        self.all.encode()
    }

    /// Reads them back.
    pub(crate) fn decode(bytes: &[u8]) -> Result<Self, Defect> {
        let mut shared = Self { all: Histories::decode(bytes)?, concerns: BTreeMap::new() };
        let ids: Vec<String> = shared.all.after("").map(|(id, _)| id.to_owned()).collect();
        ids.iter().for_each(|id| shared.note_concerned(id));
        Ok(shared)
    }

    fn note_concerned(&mut self, id: &str) {
        let audience = self.all.get_key_value(id).map(|(_, state)| state.audience());
        for organisation in audience.into_iter().flatten() {
            let concerning = self.concerns.entry(organisation).or_default();
            if !concerning.contains(id) {
                concerning.insert(id.to_owned());
            }
        }
    }
}

impl Concerning for Contract {
    fn audience(&self) -> BTreeSet<OrganisationId> {
        Self::audience(self)
    }
}

impl Concerning for Order {
    fn audience(&self) -> BTreeSet<OrganisationId> {
        Self::audience(self)
    }
}

impl Concerning for Quote {
    fn audience(&self) -> BTreeSet<OrganisationId> {
        self.request().into_iter().flat_map(|(request, _)| [request.member, request.vendor]).collect()
    }
}

impl Concerning for Recruitment {
    fn audience(&self) -> BTreeSet<OrganisationId> {
        Self::audience(self)
    }
}

/// An investor sees ventures in the deal flow, under its agreement: in the directory they are their listers'.
impl Concerning for Venture {
    fn audience(&self) -> BTreeSet<OrganisationId> {
        self.card().into_iter().map(|listed| listed.lister).collect()
    }
}
