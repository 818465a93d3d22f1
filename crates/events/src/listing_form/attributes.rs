//! The attributes of the six kinds of services.

use std::{collections::BTreeSet, str::FromStr};

use domain::listing::{
    Attributes, ConsentToShare, DataAnalysis, DerivedModel, Host, InputMaterial, LifestyleData,
    OmicsAnalysis, PatientDerivedModel, PatientRecruiting, SpecimenArchive,
};
use proto::kiban::order::v1::{self as form, listing_content::Attributes as Form};

use super::{omics_modality, omics_modality_form};
use crate::form::{FormError, text};

pub(super) fn attributes(message: &Form) -> Result<Attributes, FormError> {
    match message {
        Form::OmicsAnalysis(message) => {
            omics(message).map(Attributes::OmicsAnalysis).map_err(|error| error.within("omics_analysis"))
        }
        Form::DataAnalysis(message) => {
            data(message).map(Attributes::DataAnalysis).map_err(|error| error.within("data_analysis"))
        }
        Form::PatientRecruiting(message) => recruiting(message)
            .map(Attributes::PatientRecruiting)
            .map_err(|error| error.within("patient_recruiting")),
        Form::PatientDerivedModel(message) => derived_model(message)
            .map(Attributes::PatientDerivedModel)
            .map_err(|error| error.within("patient_derived_model")),
        Form::LifestyleData(message) => {
            lifestyle(message).map(Attributes::LifestyleData).map_err(|error| error.within("lifestyle_data"))
        }
        Form::SpecimenArchive(message) => archive(message)
            .map(Attributes::SpecimenArchive)
            .map_err(|error| error.within("specimen_archive")),
    }
}

pub(super) fn attributes_form(attributes: &Attributes) -> Form {
    match attributes {
        Attributes::OmicsAnalysis(analysis) => Form::OmicsAnalysis(form::OmicsAnalysisAttributes {
            modality: omics_modality_form(analysis.modality).into(),
            platform: analysis.platform.to_string(),
            input_material: analysis.input.material.to_string(),
            input_minimum_amount: analysis.input.minimum_amount.to_string(),
        }),
        Attributes::DataAnalysis(analysis) => Form::DataAnalysis(form::DataAnalysisAttributes {
            methods: texts(&analysis.methods),
            deliverable: analysis.deliverable.to_string(),
            dataset_classes: texts(&analysis.dataset_classes),
        }),
        Attributes::PatientRecruiting(recruiting) => {
            Form::PatientRecruiting(form::PatientRecruitingAttributes {
                regions: texts(&recruiting.regions),
                diseases: texts(&recruiting.diseases),
            })
        }
        Attributes::PatientDerivedModel(model) => Form::PatientDerivedModel(derived_model_form(model)),
        Attributes::LifestyleData(data) => Form::LifestyleData(form::LifestyleDataAttributes {
            instruments: texts(&data.instruments),
            collection: data.collection.to_string(),
        }),
        Attributes::SpecimenArchive(archive) => Form::SpecimenArchive(form::SpecimenArchiveAttributes {
            materials: texts(&archive.materials),
            storage_temperature_celsius: archive.storage_temperature_celsius,
            capacity: archive.capacity,
        }),
    }
}

fn omics(message: &form::OmicsAnalysisAttributes) -> Result<OmicsAnalysis, FormError> {
    Ok(OmicsAnalysis {
        modality: omics_modality(message.modality)
            .ok_or_else(|| FormError::new("modality", "is no modality"))?,
        platform: text("platform", &message.platform)?,
        input: InputMaterial {
            material: text("input_material", &message.input_material)?,
            minimum_amount: text("input_minimum_amount", &message.input_minimum_amount)?,
        },
    })
}

fn data(message: &form::DataAnalysisAttributes) -> Result<DataAnalysis, FormError> {
    Ok(DataAnalysis {
        methods: set("methods", &message.methods)?,
        deliverable: text("deliverable", &message.deliverable)?,
        dataset_classes: set("dataset_classes", &message.dataset_classes)?,
    })
}

fn recruiting(message: &form::PatientRecruitingAttributes) -> Result<PatientRecruiting, FormError> {
    Ok(PatientRecruiting {
        regions: set("regions", &message.regions)?,
        diseases: set("diseases", &message.diseases)?,
    })
}

fn lifestyle(message: &form::LifestyleDataAttributes) -> Result<LifestyleData, FormError> {
    Ok(LifestyleData {
        instruments: set("instruments", &message.instruments)?,
        collection: text("collection", &message.collection)?,
    })
}

fn archive(message: &form::SpecimenArchiveAttributes) -> Result<SpecimenArchive, FormError> {
    Ok(SpecimenArchive {
        materials: set("materials", &message.materials)?,
        storage_temperature_celsius: message.storage_temperature_celsius,
        capacity: message.capacity,
    })
}

fn derived_model(message: &form::PatientDerivedModelAttributes) -> Result<PatientDerivedModel, FormError> {
    let model = match form::DerivedModel::try_from(message.model) {
        Ok(form::DerivedModel::Pdx) => DerivedModel::Xenograft(Host {
            species: text("host_species", &message.host_species)?,
            strain: text("host_strain", &message.host_strain)?,
            engraftment_site: text("engraftment_site", &message.engraftment_site)?,
            engraftment_type: text("engraftment_type", &message.engraftment_type)?,
        }),
        Ok(form::DerivedModel::Organoid) => {
            check_hostless(message)?;
            DerivedModel::Organoid
        }
        Ok(form::DerivedModel::Unspecified) | Err(_) => {
            return Err(FormError::new("model", "must be a PDX or an organoid"));
        }
    };
    let consent = ConsentToShare::ALL.iter().copied();
    Ok(PatientDerivedModel {
        model,
        passage_number: message.passage_number,
        tumour_type: text("tumour_type", &message.tumour_type)?,
        consent_to_share: consent
            .into_iter()
            .find(|known| consent_form(*known) as i32 == message.consent_to_share)
            .ok_or_else(|| FormError::new("consent_to_share", "must be yes, no or not available"))?,
    })
}

/// What grows in culture was engrafted nowhere.
fn check_hostless(message: &form::PatientDerivedModelAttributes) -> Result<(), FormError> {
    let hosts = [
        ("host_species", &message.host_species),
        ("host_strain", &message.host_strain),
        ("engraftment_site", &message.engraftment_site),
        ("engraftment_type", &message.engraftment_type),
    ];
    match hosts.into_iter().find(|(_, text)| !text.is_empty()) {
        None => Ok(()),
        Some((field, _)) => Err(FormError::new(field, "must be empty: an organoid has no host")),
    }
}

fn derived_model_form(model: &PatientDerivedModel) -> form::PatientDerivedModelAttributes {
    let bare = form::PatientDerivedModelAttributes {
        model: form::DerivedModel::Organoid.into(),
        passage_number: model.passage_number,
        tumour_type: model.tumour_type.to_string(),
        consent_to_share: consent_form(model.consent_to_share).into(),
        ..Default::default()
    };
    match &model.model {
        DerivedModel::Organoid => bare,
        DerivedModel::Xenograft(host) => form::PatientDerivedModelAttributes {
            model: form::DerivedModel::Pdx.into(),
            host_species: host.species.to_string(),
            host_strain: host.strain.to_string(),
            engraftment_site: host.engraftment_site.to_string(),
            engraftment_type: host.engraftment_type.to_string(),
            ..bare
        },
    }
}

const fn consent_form(consent: ConsentToShare) -> form::ConsentToShare {
    match consent {
        ConsentToShare::Yes => form::ConsentToShare::Yes,
        ConsentToShare::No => form::ConsentToShare::No,
        ConsentToShare::NotAvailable => form::ConsentToShare::NotAvailable,
    }
}

/// A set of texts, each of which stands there once.
fn set<T: FromStr<Err: ToString> + Ord>(field: &str, list: &[String]) -> Result<BTreeSet<T>, FormError> {
    let mut set = BTreeSet::new();
    for (index, written) in list.iter().enumerate() {
        let path = format!("{field}[{index}]");
        if !set.insert(text(&path, written)?) {
            return Err(FormError::new(path, "stands there twice"));
        }
    }
    Ok(set)
}

fn texts<T: ToString>(set: &BTreeSet<T>) -> Vec<String> {
    set.iter().map(ToString::to_string).collect()
}
