//! The states of everything that can be listed.

use std::collections::{BTreeMap, BTreeSet};

use domain::{
    contract::Contract,
    dataset::{Dataset, RegisteredDataset},
    id::OrganisationId,
    organisation::{Organisation, Profile},
};
use engine::Fold;
use events::{Category, Defect, Event, Histories, Recorded};
use prost::Message;

/// For whom a list is made.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Viewer {
    /// The calling organisation.
    pub organisation: OrganisationId,
    /// Whether it runs the forum, and so sees everything.
    pub operator: bool,
}

/// Organisations, contracts and datasets as they stand at one position.
#[derive(Default)]
pub struct DirectoryFold {
    organisations: Histories<Organisation>,
    contracts: Histories<Contract>,
    datasets: Histories<Dataset>,
    /// The contracts that concern an organisation. It follows from the contracts and is in no snapshot.
    concerns: BTreeMap<OrganisationId, BTreeSet<String>>,
}

impl Fold for DirectoryFold {
    const NAME: &'static str = "directory";
    const VERSION: u32 = 1;
    const CATEGORIES: &'static [Category] = &[Category::Organisation, Category::Contract, Category::Dataset];

    fn apply(&mut self, recorded: &Recorded) {
        let id = recorded.stream.id();
        match &recorded.event {
            Event::Organisation(event) => self.organisations.apply(id, event),
            Event::Contract(event) => {
                self.contracts.apply(id, event);
                self.note_concerned(id);
            }
            Event::Dataset(event) => self.datasets.apply(id, event),
            // Other contexts are not delivered. Within the three, each decider's `evolve` is exhaustive.
            _ => {}
        }
    }

    fn encode(&self) -> Vec<u8> {
        StoredDirectory {
            organisations: self.organisations.encode(),
            contracts: self.contracts.encode(),
            datasets: self.datasets.encode(),
        }
        .encode_to_vec()
    }

    fn decode(bytes: &[u8]) -> Result<Self, Defect> {
        let stored = StoredDirectory::decode(bytes)?;
        let mut fold = Self {
            organisations: Histories::decode(&stored.organisations)?,
            contracts: Histories::decode(&stored.contracts)?,
            datasets: Histories::decode(&stored.datasets)?,
            concerns: BTreeMap::new(),
        };
        let ids: Vec<String> = fold.contracts.after("").map(|(id, _)| id.to_owned()).collect();
        ids.iter().for_each(|id| fold.note_concerned(id));
        Ok(fold)
    }
}

impl DirectoryFold {
    /// The organisations that a viewer may see, after an id: all, or its own and those it shares a contract
    /// with.
    pub fn organisations<'a>(
        &'a self,
        viewer: Viewer,
        after: &str,
    ) -> Box<dyn Iterator<Item = (&'a str, &'a Profile)> + 'a> {
        let registered = |(id, state): (&'a str, &'a Organisation)| Some((id, state.profile()?));
        if viewer.operator {
            return Box::new(self.organisations.after(after).filter_map(registered));
        }
        let shared = self.contracts_of(viewer.organisation).flat_map(|(_, contract)| contract.audience());
        let mut seen: BTreeSet<String> = shared.map(|organisation| organisation.to_string()).collect();
        seen.insert(viewer.organisation.to_string());
        let after = after.to_owned();
        let later = seen.into_iter().filter(move |id| *id > after);
        let known = later.filter_map(|id| self.organisations.get_key_value(&id));
        Box::new(known.filter_map(registered))
    }

    /// The contracts that a viewer may see, after an id: all, or those that concern it as applicant, issuer or
    /// party.
    pub fn contracts<'a>(
        &'a self,
        viewer: Viewer,
        after: &str,
    ) -> Box<dyn Iterator<Item = (&'a str, &'a Contract)> + 'a> {
        if viewer.operator {
            return Box::new(self.contracts.after(after));
        }
        let after = after.to_owned();
        Box::new(self.contracts_of(viewer.organisation).filter(move |(id, _)| *id > after.as_str()))
    }

    /// The datasets after an id: whoever is registered may browse them all.
    pub fn datasets<'a>(&'a self, after: &str) -> impl Iterator<Item = (&'a str, &'a RegisteredDataset)> {
        self.datasets.after(after).filter_map(|(id, state)| Some((id, state.registered()?)))
    }

    fn contracts_of(&self, organisation: OrganisationId) -> impl Iterator<Item = (&str, &Contract)> {
        let ids = self.concerns.get(&organisation).into_iter().flatten();
        ids.filter_map(|id| self.contracts.get_key_value(id))
    }

    /// Whom a contract concerns only grows, so nothing is ever taken out.
    fn note_concerned(&mut self, id: &str) {
        let audience = self.contracts.get_key_value(id).map(|(_, contract)| contract.audience());
        for organisation in audience.into_iter().flatten() {
            let contracts = self.concerns.entry(organisation).or_default();
            if !contracts.contains(id) {
                contracts.insert(id.to_owned());
            }
        }
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
}
