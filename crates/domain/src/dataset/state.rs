//! What is known of a dataset.

use std::collections::BTreeSet;

use crate::{
    dataset::DatasetCode,
    id::{DatasetId, OrganisationId},
    terms::DatasetClass,
    text::{Name, Text},
    time::Timestamp,
};

/// Whether the participants have the disease or are controls.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Cohort {
    /// They have the disease.
    Case,
    /// They have not.
    Control,
}

/// What a dataset holds (requirements §3.3).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum DataType {
    /// Genomes as inherited.
    Germline,
    /// Genomes of tumours.
    Tumour,
    /// RNA.
    Transcriptome,
    /// Proteins.
    Proteome,
    /// Metabolites.
    Metabolome,
    /// DNA methylation and the like.
    Epigenome,
    /// Tumour DNA in blood.
    LiquidBiopsy,
    /// Clinical data.
    Clinical,
}

impl DataType {
    /// All of them, in order.
    pub const ALL: &'static [Self] = &[
        Self::Germline,
        Self::Tumour,
        Self::Transcriptome,
        Self::Proteome,
        Self::Metabolome,
        Self::Epigenome,
        Self::LiquidBiopsy,
        Self::Clinical,
    ];
}

/// A dataset as it is described.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Description {
    /// The provider's code.
    pub code: DatasetCode,
    /// Its name.
    pub name: Name,
    /// Whose it is: the base operator's or a data provider's.
    pub provider: OrganisationId,
    /// What contracts and price books know it by.
    pub class: DatasetClass,
    /// The disease that it is about.
    pub disease: Name,
    /// Whether its participants have that disease.
    pub cohort: Cohort,
    /// What it holds.
    pub data_types: BTreeSet<DataType>,
    /// Where the data are, a URI.
    pub reference: Text<1000>,
}

/// So many cases came from one institution.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct ComposedCases {
    /// The institution.
    pub institution: OrganisationId,
    /// How many, at least one.
    pub cases: u64,
}

/// What the participants of a freeze's cases have agreed to beyond the use of their data in the forum; what is
/// not said is not allowed, so the default allows nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct ConsentScope {
    /// Material derived from their specimens, such as xenografts and organoids, may be sold (requirements §3.4).
    pub derived_material_sale: bool,
}

/// A frozen state of a dataset, in force until the next one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Freeze {
    /// Its number: 1, 2, 3…
    pub number: u32,
    /// How many cases come from which institution, sorted by institution.
    pub composition: Vec<ComposedCases>,
    /// What the participants have agreed to.
    pub consent: ConsentScope,
    /// From when on it is in force.
    pub released_at: Timestamp,
}

impl Freeze {
    /// How many cases it holds.
    pub fn total_cases(&self) -> u64 {
        self.composition.iter().fold(0, |total, part| total.saturating_add(part.cases))
    }
}

/// What is known of a dataset.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Dataset {
    /// It has not been entered.
    #[default]
    Vacant,
    /// It has been entered.
    Registered(Box<RegisteredDataset>),
}

/// A dataset that has been entered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegisteredDataset {
    /// Its id.
    pub id: DatasetId,
    /// What it is.
    pub description: Description,
    /// Its freezes in order: freeze `n` at index `n - 1`, each released later than the one before.
    pub freezes: Vec<Freeze>,
    /// When it was entered.
    pub registered_at: Timestamp,
}

impl Dataset {
    /// The dataset, if it has been entered.
    pub fn registered(&self) -> Option<&RegisteredDataset> {
        match self {
            Self::Vacant => None,
            Self::Registered(dataset) => Some(dataset),
        }
    }
}

impl RegisteredDataset {
    /// The freeze in force at an instant, or `None` before the first.
    pub fn freeze_at(&self, instant: Timestamp) -> Option<&Freeze> {
        self.freezes.get(self.released_by(instant).checked_sub(1)?)
    }

    /// The freeze in force at an instant, and the stretch `[from, until)` around the instant in which it is;
    /// an open end is [`Timestamp::MIN`] or `None`.
    pub fn freeze_stretch_at(&self, instant: Timestamp) -> (Option<&Freeze>, Timestamp, Option<Timestamp>) {
        let released = self.released_by(instant);
        let freeze = released.checked_sub(1).and_then(|index| self.freezes.get(index));
        let from = freeze.map_or(Timestamp::MIN, |freeze| freeze.released_at);
        (freeze, from, self.freezes.get(released).map(|next| next.released_at))
    }

    /// How many cases the newest freeze holds.
    pub fn total_cases(&self) -> u64 {
        self.freezes.last().map_or(0, Freeze::total_cases)
    }

    fn released_by(&self, instant: Timestamp) -> usize {
        self.freezes.partition_point(|freeze| freeze.released_at <= instant)
    }
}
