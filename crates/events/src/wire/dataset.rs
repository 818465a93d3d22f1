//! Datasets as the wire has them.

use domain::dataset::{Cohort, ComposedCases, ConsentScope, DataType, Freeze, RegisteredDataset};
use proto::kiban::access::v1 as wire;

use super::time;

/// How much of a dataset is shown.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Shown {
    /// All of it: for the provider and the operators.
    Whole,
    /// The description and the reference, without the composition by institution: a view under a contract.
    Viewed,
    /// The description alone: where the data are is told by a view, which is recorded.
    Listed,
}

/// A dataset, as much of it as is to be shown.
pub fn dataset(dataset: &RegisteredDataset, shown: Shown) -> wire::Dataset {
    let description = &dataset.description;
    let reference = match shown {
        Shown::Whole | Shown::Viewed => description.reference.as_str().into(),
        Shown::Listed => String::new(),
    };
    wire::Dataset {
        id: dataset.id.to_string(),
        code: description.code.as_str().into(),
        name: description.name.as_str().into(),
        provider_id: description.provider.to_string(),
        dataset_class: description.class.to_string(),
        disease: description.disease.as_str().into(),
        cohort: cohort(description.cohort).into(),
        data_types: description.data_types.iter().map(|held| data_type(*held).into()).collect(),
        reference,
        freezes: dataset.freezes.iter().map(|released| freeze(released, shown)).collect(),
    }
}

/// A cohort.
pub const fn cohort(cohort: Cohort) -> wire::Cohort {
    match cohort {
        Cohort::Case => wire::Cohort::Case,
        Cohort::Control => wire::Cohort::Control,
    }
}

/// What a dataset holds.
pub const fn data_type(data_type: DataType) -> wire::DataType {
    match data_type {
        DataType::Germline => wire::DataType::Germline,
        DataType::Tumour => wire::DataType::Tumour,
        DataType::Transcriptome => wire::DataType::Transcriptome,
        DataType::Proteome => wire::DataType::Proteome,
        DataType::Metabolome => wire::DataType::Metabolome,
        DataType::Epigenome => wire::DataType::Epigenome,
        DataType::LiquidBiopsy => wire::DataType::LiquidBiopsy,
        DataType::Clinical => wire::DataType::Clinical,
    }
}

fn freeze(freeze: &Freeze, shown: Shown) -> wire::Freeze {
    let composition = match shown {
        Shown::Whole => freeze.composition.iter().map(institution_cases).collect(),
        Shown::Viewed | Shown::Listed => Vec::new(),
    };
    wire::Freeze {
        number: freeze.number,
        composition,
        released_at: Some(time(freeze.released_at)),
        consent: Some(consent(freeze.consent)),
    }
}

const fn consent(consent: ConsentScope) -> wire::ConsentScope {
    wire::ConsentScope { derived_material_sale: consent.derived_material_sale }
}

fn institution_cases(part: &ComposedCases) -> wire::InstitutionCases {
    wire::InstitutionCases { institution_id: part.institution.to_string(), cases: part.cases }
}
