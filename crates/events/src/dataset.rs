//! Events of datasets as bytes and back.

use std::collections::BTreeSet;

use domain::dataset::{
    Cohort, ComposedCases, ConsentScope, DataType, DatasetRegistered, Description, Event, FreezeReleased,
};
use prost::Message;
use proto::kiban::access::v1 as form;

use crate::{
    Category, Defect, Recordable,
    field::{defect, id, id_bytes, instant, text},
    wire,
};

const DATASET_REGISTERED: &str = "kiban.access.v1.DatasetRegistered";
const FREEZE_RELEASED: &str = "kiban.access.v1.FreezeReleased";

impl Recordable for Event {
    const CATEGORY: Category = Category::Dataset;

    fn event_type(&self) -> &'static str {
        match self {
            Self::DatasetRegistered(_) => DATASET_REGISTERED,
            Self::FreezeReleased(_) => FREEZE_RELEASED,
        }
    }

    fn encode(&self) -> Vec<u8> {
        match self {
            Self::DatasetRegistered(event) => encode_registered(event).encode_to_vec(),
            Self::FreezeReleased(event) => form::FreezeReleased {
                number: event.number,
                composition: event.composition.iter().map(encode_cases).collect(),
                released_at_us: event.at.as_micros(),
                consent: encode_consent(event.consent),
            }
            .encode_to_vec(),
        }
    }

    fn decode(event_type: &str, payload: &[u8]) -> Result<Self, Defect> {
        match event_type {
            DATASET_REGISTERED => decode_registered(payload).map(Self::DatasetRegistered),
            FREEZE_RELEASED => decode_released(payload).map(Self::FreezeReleased),
            unknown => Err(Defect::UnknownType(unknown.into())),
        }
    }
}

fn encode_registered(event: &DatasetRegistered) -> form::DatasetRegistered {
    let description = &event.description;
    form::DatasetRegistered {
        dataset: id_bytes(event.id),
        code: description.code.as_str().into(),
        name: description.name.as_str().into(),
        provider: id_bytes(description.provider),
        dataset_class: description.class.as_str().into(),
        disease: description.disease.as_str().into(),
        cohort: cohort_number(description.cohort),
        data_types: description.data_types.iter().copied().map(data_type_number).collect(),
        reference: description.reference.as_str().into(),
        registered_at_us: event.at.as_micros(),
    }
}

fn decode_registered(payload: &[u8]) -> Result<DatasetRegistered, Defect> {
    let message = form::DatasetRegistered::decode(payload)?;
    let data_types: BTreeSet<DataType> =
        message.data_types.iter().map(|number| data_type(*number)).collect::<Result<_, _>>()?;
    Ok(DatasetRegistered {
        id: id("dataset", &message.dataset)?,
        description: Description {
            code: text("code", &message.code)?,
            name: text("name", &message.name)?,
            provider: id("provider", &message.provider)?,
            class: text("dataset_class", &message.dataset_class)?,
            disease: text("disease", &message.disease)?,
            cohort: cohort(message.cohort)?,
            data_types,
            reference: text("reference", &message.reference)?,
        },
        at: instant("registered_at_us", message.registered_at_us)?,
    })
}

fn decode_released(payload: &[u8]) -> Result<FreezeReleased, Defect> {
    let message = form::FreezeReleased::decode(payload)?;
    if message.number == 0 {
        return Err(defect("number", "freezes count from 1"));
    }
    let composition = message.composition.iter().map(decode_cases).collect::<Result<Vec<_>, _>>()?;
    if !composition.windows(2).all(|pair| pair[0].institution < pair[1].institution) {
        return Err(defect("composition", "not sorted by institution"));
    }
    let at = instant("released_at_us", message.released_at_us)?;
    let consent = decode_consent(message.consent);
    Ok(FreezeReleased { number: message.number, composition, consent, at })
}

/// What allows nothing is not written: so the freezes of before stay as they are, byte for byte.
fn encode_consent(consent: ConsentScope) -> Option<form::ReleasedConsent> {
    let ConsentScope { derived_material_sale } = consent;
    (consent != ConsentScope::default()).then_some(form::ReleasedConsent { derived_material_sale })
}

fn decode_consent(consent: Option<form::ReleasedConsent>) -> ConsentScope {
    let allowed = |consent: form::ReleasedConsent| ConsentScope {
        derived_material_sale: consent.derived_material_sale,
    };
    consent.map(allowed).unwrap_or_default()
}

fn encode_cases(part: &ComposedCases) -> form::ComposedCases {
    form::ComposedCases { institution: id_bytes(part.institution), cases: part.cases }
}

fn decode_cases(part: &form::ComposedCases) -> Result<ComposedCases, Defect> {
    Ok(ComposedCases { institution: id("composition.institution", &part.institution)?, cases: part.cases })
}

/// The number of `kiban.access.v1.Cohort`.
const fn cohort_number(cohort: Cohort) -> u32 {
    wire::cohort(cohort) as u32
}

fn cohort(number: u32) -> Result<Cohort, Defect> {
    let known = [Cohort::Case, Cohort::Control].into_iter().find(|known| cohort_number(*known) == number);
    known.ok_or_else(|| defect("cohort", format!("{number} is no cohort")))
}

/// The number of `kiban.access.v1.DataType`.
const fn data_type_number(data_type: DataType) -> u32 {
    wire::data_type(data_type) as u32
}

fn data_type(number: u32) -> Result<DataType, Defect> {
    let known = DataType::ALL.iter().copied().find(|known| data_type_number(*known) == number);
    known.ok_or_else(|| defect("data_types", format!("{number} is no type of data")))
}
