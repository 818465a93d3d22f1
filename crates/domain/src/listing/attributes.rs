//! The six kinds of services of table 3-7, and what is said of each.

use std::collections::BTreeSet;

use crate::{
    terms::{AnalysisMethod, Collection, DatasetClass, Material, closed},
    text::Text,
};

closed! {
    /// A kind of service (table 3-7, requirements §3.4).
    ServiceKind {
        /// Transcriptome, proteome, metabolome or epigenome of specimens.
        OmicsAnalysis "omics-analysis",
        /// Analysis of data of the base.
        DataAnalysis "data-analysis",
        /// Patients are found and asked for a study.
        PatientRecruiting "patient-recruiting",
        /// Models derived from patients: xenografts (PDX) and organoids.
        PatientDerivedModel "patient-derived-model",
        /// Lifestyle data and outcomes that patients report.
        LifestyleData "lifestyle-data",
        /// Specimens are stored and archived.
        SpecimenArchive "specimen-archive",
    }
    /// What is measured (requirements §3.4).
    OmicsModality {
        /// RNA.
        Transcriptome "transcriptome",
        /// Proteins.
        Proteome "proteome",
        /// Metabolites.
        Metabolome "metabolome",
        /// DNA methylation and the like.
        Epigenome "epigenome",
    }
    /// Whether the patient consented to share the model, in the terms of PDX-MI.
    ConsentToShare {
        /// The patient did.
        Yes "yes",
        /// The patient did not.
        No "no",
        /// Nobody knows.
        NotAvailable "not-available",
    }
}

/// What is said of a service beyond what is said of every one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Attributes {
    /// Of an omics analysis.
    OmicsAnalysis(OmicsAnalysis),
    /// Of an analysis of data.
    DataAnalysis(DataAnalysis),
    /// Of the recruiting of patients.
    PatientRecruiting(PatientRecruiting),
    /// Of a model derived from patients.
    PatientDerivedModel(PatientDerivedModel),
    /// Of lifestyle data.
    LifestyleData(LifestyleData),
    /// Of an archive of specimens.
    SpecimenArchive(SpecimenArchive),
}

/// An omics analysis.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OmicsAnalysis {
    /// What is measured.
    pub modality: OmicsModality,
    /// The platform of measurement.
    pub platform: Text<100>,
    /// What goes in.
    pub input: InputMaterial,
}

/// What goes into an omics analysis.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InputMaterial {
    /// Of which kind the specimens are.
    pub material: Material,
    /// The least amount, as a laboratory says it, such as "200 ng".
    pub minimum_amount: Text<60>,
}

/// An analysis of data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DataAnalysis {
    /// How the data are analysed: at least one method.
    pub methods: BTreeSet<AnalysisMethod>,
    /// What the member gets.
    pub deliverable: Text<200>,
    /// On which classes of datasets it works; none: on any.
    pub dataset_classes: BTreeSet<DatasetClass>,
}

/// Patients are found and asked for a study.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PatientRecruiting {
    /// Where: at least one region.
    pub regions: BTreeSet<Text<60>>,
    /// For which diseases; none: for any.
    pub diseases: BTreeSet<Text<100>>,
}

/// A model derived from patients, described in the terms of PDX-MI.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PatientDerivedModel {
    /// Of which kind it is.
    pub model: DerivedModel,
    /// How often it was passaged; 0: not since it was derived.
    pub passage_number: u32,
    /// Of which type the patient's tumour was.
    pub tumour_type: Text<100>,
    /// Whether the patient consented to share it.
    pub consent_to_share: ConsentToShare,
}

/// Of which kind a patient-derived model is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DerivedModel {
    /// A tumour grown in an animal: a patient-derived xenograft (PDX).
    Xenograft(Host),
    /// Tissue grown in culture, which has no host.
    Organoid,
}

/// The animal in which a xenograft grows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Host {
    /// Its species.
    pub species: Text<100>,
    /// Its strain.
    pub strain: Text<100>,
    /// Where the tumour was engrafted, such as "subcutaneous".
    pub engraftment_site: Text<100>,
    /// What was engrafted, such as "tumour fragment".
    pub engraftment_type: Text<100>,
}

/// Lifestyle data and outcomes that patients report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LifestyleData {
    /// With what they are collected, such as PRO-CTCAE: at least one instrument.
    pub instruments: BTreeSet<Text<60>>,
    /// How they are collected.
    pub collection: Collection,
}

/// Specimens are stored and archived.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SpecimenArchive {
    /// What may be stored: at least one material.
    pub materials: BTreeSet<Material>,
    /// At which temperature, in °C.
    pub storage_temperature_celsius: i32,
    /// How many specimens fit.
    pub capacity: u32,
}

impl Attributes {
    /// Of which kind the service is.
    pub const fn kind(&self) -> ServiceKind {
        match self {
            Self::OmicsAnalysis(_) => ServiceKind::OmicsAnalysis,
            Self::DataAnalysis(_) => ServiceKind::DataAnalysis,
            Self::PatientRecruiting(_) => ServiceKind::PatientRecruiting,
            Self::PatientDerivedModel(_) => ServiceKind::PatientDerivedModel,
            Self::LifestyleData(_) => ServiceKind::LifestyleData,
            Self::SpecimenArchive(_) => ServiceKind::SpecimenArchive,
        }
    }

    /// What is measured, if the service is an omics analysis.
    pub const fn modality(&self) -> Option<OmicsModality> {
        match self {
            Self::OmicsAnalysis(analysis) => Some(analysis.modality),
            Self::DataAnalysis(_)
            | Self::PatientRecruiting(_)
            | Self::PatientDerivedModel(_)
            | Self::LifestyleData(_)
            | Self::SpecimenArchive(_) => None,
        }
    }
}
