//! The listings as they are searched: small entries side by side, each with a number, its slot.
//!
//! It follows from the listings' states and is in no snapshot. What depends on the clock or on other streams
//! (whether the vendor's contract is in force, what the vendor holds) is no part of an entry: it is found out
//! anew for each question, once for each contract and vendor ([`Standing`]).

use std::collections::{BTreeMap, BTreeSet};

use domain::{
    id::{ContractId, ListingId, OrganisationId},
    listing::{Attributes, DerivedModel, Listed, ListingContent, OmicsModality, ServiceKind},
    terms::CredentialKind,
};
use proto::kiban::service_catalogue::v1::Modality;

use crate::text::SearchText;

/// All listings, by slot.
#[derive(Default)]
pub(crate) struct Shelf {
    entries: Vec<Entry>,
    slots: BTreeMap<ListingId, u32>,
    vendors: Numbered<OrganisationId>,
    contracts: Numbered<ContractId>,
}

/// A listing as it is searched.
pub(crate) struct Entry {
    pub(crate) listing: ListingId,
    pub(crate) kind: ServiceKind,
    pub(crate) modality: Modality,
    /// The number of the vendor.
    pub(crate) vendor: u32,
    /// The number of the vendor's contract.
    pub(crate) contract: u32,
    /// The list price of a unit, in minor units; yen is the only currency that there is.
    pub(crate) price: Option<i64>,
    pub(crate) turnaround_days: Option<u32>,
    /// What is searched; `None` once the vendor has withdrawn it.
    pub(crate) text: Option<SearchText>,
}

/// What the vendors are at the moment of a question, by their numbers and those of their contracts.
pub(crate) struct Standing {
    /// Whether the contract is in force.
    pub(crate) in_force: Vec<bool>,
    /// To which kinds, in their order, the vendor is admitted; to none if it is no vendor any more.
    pub(crate) admitted: Vec<[bool; KINDS]>,
    /// What the vendor holds.
    pub(crate) credentials: Vec<BTreeSet<CredentialKind>>,
}

/// How many kinds of services there are.
pub(crate) const KINDS: usize = ServiceKind::ALL.len();

impl Shelf {
    /// Puts a listing in its slot, and tells which that is.
    pub(crate) fn put(&mut self, listed: &Listed, is_listed: bool) -> u32 {
        let content = &listed.content;
        let entry = Entry {
            listing: listed.id,
            kind: content.kind(),
            modality: modality(&content.attributes),
            vendor: self.vendors.number(listed.vendor),
            contract: self.contracts.number(listed.contract),
            price: content.list_price.as_ref().map(|unit| unit.price.minor_units()),
            turnaround_days: content.turnaround_days,
            text: is_listed.then(|| search_text(content)),
        };
        let next = u32::try_from(self.entries.len()).unwrap_or(u32::MAX);
        let slot = *self.slots.entry(listed.id).or_insert(next);
        match self.entries.get_mut(slot as usize) {
            Some(known) => *known = entry,
            None => self.entries.push(entry),
        }
        slot
    }

    /// The entry in a slot.
    pub(crate) fn entry(&self, slot: u32) -> Option<&Entry> {
        self.entries.get(slot as usize)
    }

    /// Every entry with its slot.
    pub(crate) fn entries(&self) -> impl Iterator<Item = (u32, &Entry)> {
        (0..).zip(&self.entries)
    }

    /// The vendors, in order of their numbers.
    pub(crate) fn vendors(&self) -> &[OrganisationId] {
        &self.vendors.keys
    }

    /// The vendors' contracts, in order of their numbers.
    pub(crate) fn contracts(&self) -> &[ContractId] {
        &self.contracts.keys
    }
}

impl Standing {
    /// Whether a listing can be ordered, as far as its vendor goes.
    pub(crate) fn sells(&self, entry: &Entry) -> bool {
        let admitted = self.admitted.get(entry.vendor as usize);
        self.in_force.get(entry.contract as usize) == Some(&true)
            && admitted.and_then(|kinds| kinds.get(entry.kind as usize)) == Some(&true)
    }
}

/// Keys, each with a number from 0.
struct Numbered<K> {
    numbers: BTreeMap<K, u32>,
    keys: Vec<K>,
}

impl<K> Default for Numbered<K> {
    fn default() -> Self {
        Self { numbers: BTreeMap::new(), keys: Vec::new() }
    }
}

impl<K: Ord + Copy> Numbered<K> {
    fn number(&mut self, key: K) -> u32 {
        let next = u32::try_from(self.keys.len()).unwrap_or(u32::MAX);
        *self.numbers.entry(key).or_insert_with(|| {
            self.keys.push(key);
            next
        })
    }
}

/// What is measured, or what a patient-derived model is.
pub(crate) const fn modality(attributes: &Attributes) -> Modality {
    match attributes {
        Attributes::OmicsAnalysis(analysis) => match analysis.modality {
            OmicsModality::Transcriptome => Modality::Transcriptome,
            OmicsModality::Proteome => Modality::Proteome,
            OmicsModality::Metabolome => Modality::Metabolome,
            OmicsModality::Epigenome => Modality::Epigenome,
        },
        Attributes::PatientDerivedModel(model) => match model.model {
            DerivedModel::Xenograft(_) => Modality::Xenograft,
            DerivedModel::Organoid => Modality::Organoid,
        },
        Attributes::DataAnalysis(_)
        | Attributes::PatientRecruiting(_)
        | Attributes::LifestyleData(_)
        | Attributes::SpecimenArchive(_) => Modality::Unspecified,
    }
}

fn search_text(content: &ListingContent) -> SearchText {
    let code = [content.code.as_str()];
    let attributes = code.into_iter().chain(texts(&content.attributes));
    SearchText::new(content.title.as_str(), content.description.as_str(), attributes)
}

/// What the attributes say in words.
fn texts(attributes: &Attributes) -> Vec<&str> {
    match attributes {
        Attributes::OmicsAnalysis(analysis) => vec![
            analysis.modality.as_str(),
            analysis.platform.as_str(),
            analysis.input.material.as_str(),
            analysis.input.minimum_amount.as_str(),
        ],
        Attributes::DataAnalysis(analysis) => {
            let methods = analysis.methods.iter().map(|method| method.as_str());
            let classes = analysis.dataset_classes.iter().map(|class| class.as_str());
            methods.chain([analysis.deliverable.as_str()]).chain(classes).collect()
        }
        Attributes::PatientRecruiting(recruiting) => {
            let regions = recruiting.regions.iter().map(|region| region.as_str());
            regions.chain(recruiting.diseases.iter().map(|disease| disease.as_str())).collect()
        }
        Attributes::PatientDerivedModel(model) => {
            let mut texts = vec![model.tumour_type.as_str()];
            match &model.model {
                DerivedModel::Organoid => texts.push("organoid"),
                DerivedModel::Xenograft(host) => texts.extend([
                    "xenograft",
                    "pdx",
                    host.species.as_str(),
                    host.strain.as_str(),
                    host.engraftment_site.as_str(),
                    host.engraftment_type.as_str(),
                ]),
            }
            texts
        }
        Attributes::LifestyleData(data) => {
            let instruments = data.instruments.iter().map(|instrument| instrument.as_str());
            instruments.chain([data.collection.as_str()]).collect()
        }
        Attributes::SpecimenArchive(archive) => {
            archive.materials.iter().map(|material| material.as_str()).collect()
        }
    }
}
