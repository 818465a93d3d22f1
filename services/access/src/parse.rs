//! Requests into commands and batches.

use domain::{
    access::{
        Applicant, Batch, BatchError, BatchHeader, RecordKey, RecordRule, ReportedCount, ReportedRecord,
        ReversalTarget,
    },
    dataset::{
        Cohort, ComposedCases, ConsentScope, DataType, DatasetCode, Description, Provision, RegisterDataset,
    },
    id::{DatasetId, Id, Kind, OrderId, OrganisationId, PersonId},
    terms::Right,
    time::Timestamp,
};
use engine::{
    Reason, Refusal,
    parse::{id, optional_id, text},
};
use events::wire::right_of;
use proto::kiban::access::v1 as wire;

/// The most datasets that one call may name: each is a stream that guards the append.
const MOST_DATASETS: usize = 1_000;

pub(crate) fn dataset_code(request: &wire::RegisterDatasetRequest) -> Result<DatasetCode, Refusal> {
    text("code", &request.code)
}

pub(crate) fn register_dataset(
    dataset: DatasetId,
    provider: OrganisationId,
    request: &wire::RegisterDatasetRequest,
    provision: Provision,
    at: Timestamp,
) -> Result<RegisterDataset, Refusal> {
    let types = request.data_types.iter().enumerate();
    let description = Description {
        code: dataset_code(request)?,
        name: text("name", &request.name)?,
        provider,
        class: text("dataset_class", &request.dataset_class)?,
        disease: text("disease", &request.disease)?,
        cohort: cohort(request.cohort)?,
        data_types: types
            .map(|(index, number)| data_type(&format!("data_types[{index}]"), *number))
            .collect::<Result<_, _>>()?,
        reference: text("reference", &request.reference)?,
    };
    Ok(RegisterDataset { id: dataset, description, provision, at })
}

pub(crate) fn composition(wire: &[wire::InstitutionCases]) -> Result<Vec<ComposedCases>, Refusal> {
    let part = |(index, part): (usize, &wire::InstitutionCases)| {
        let institution = id(&format!("composition[{index}].institution_id"), &part.institution_id)?;
        Ok(ComposedCases { institution, cases: part.cases })
    };
    wire.iter().enumerate().map(part).collect()
}

/// What is not said is not allowed.
pub(crate) fn consent(wire: Option<wire::ConsentScope>) -> ConsentScope {
    let wire = wire.unwrap_or_default();
    ConsentScope { derived_material_sale: wire.derived_material_sale }
}

pub(crate) fn applicant(viewer: PersonId, purpose: &str, country: &str) -> Result<Applicant, Refusal> {
    Ok(Applicant { viewer, purpose: text("purpose", purpose)?, country: text("country", country)? })
}

/// An analysis that is asked for.
#[derive(Clone)]
pub(crate) struct Analysis {
    pub(crate) dataset: DatasetId,
    pub(crate) applicant: Applicant,
    pub(crate) right: Right,
    pub(crate) cases: u32,
    pub(crate) order: Option<OrderId>,
}

pub(crate) fn analysis(request: &wire::RunAnalysisRequest, viewer: PersonId) -> Result<Analysis, Refusal> {
    let what = "must be RIGHT_SIMPLE_ANALYSIS or RIGHT_DETAILED_ANALYSIS";
    Ok(Analysis {
        dataset: id("dataset_id", &request.dataset_id)?,
        applicant: applicant(viewer, &request.purpose, &request.country)?,
        right: right_of(request.right).ok_or_else(|| Refusal::invalid("right", what))?,
        cases: request.cases,
        order: optional_id("order_id", &request.order_id)?,
    })
}

pub(crate) fn reversal_target(request: &wire::ReverseUsageRequest) -> Result<ReversalTarget, Refusal> {
    use wire::reverse_usage_request::Target;
    match &request.target {
        Some(Target::Admission(number)) => Ok(ReversalTarget::Admission(*number)),
        Some(Target::Record(key)) => Ok(ReversalTarget::Record(RecordKey {
            source: id("record.source_id", &key.source_id)?,
            epoch: key.epoch,
            sequence: key.sequence,
        })),
        None => Err(Refusal::invalid("target", "is missing: name a record or an admission")),
    }
}

pub(crate) fn batch(request: &wire::ReportUsageRequest) -> Result<Batch, Refusal> {
    if request.dataset_ids.len() > MOST_DATASETS {
        let what = format!("has {} entries, at most {MOST_DATASETS} are allowed", request.dataset_ids.len());
        return Err(Refusal::field(Reason::BatchTooLarge, "dataset_ids", what));
    }
    let header = BatchHeader {
        source: id("source_id", &request.source_id)?,
        epoch: request.epoch,
        datasets: ids("dataset_ids", &request.dataset_ids)?,
        viewers: ids("viewer_ids", &request.viewer_ids)?,
        orders: ids("order_ids", &request.order_ids)?,
        institutions: ids("institution_ids", &request.institution_ids)?,
    };
    let records = request.records.iter().map(|record| ReportedRecord {
        sequence: record.sequence,
        dataset: record.dataset,
        viewer: record.viewer,
        order: record.order,
        right: right_of(record.right),
        cases: record.cases,
        occurred_at_us: record.occurred_at_us,
        settles_admission: record.settles_admission,
    });
    let counts = request.institution_counts.iter().map(|count| ReportedCount {
        record: count.record,
        institution: count.institution,
        cases: count.cases,
    });
    Batch::new(header, records, counts).map_err(malformed)
}

/// Names the field, the index and the rule of a malformed report.
fn malformed(error: BatchError) -> Refusal {
    let message = error.to_string();
    match error {
        BatchError::EpochZero => Refusal::invalid("epoch", message),
        BatchError::NoRecords => Refusal::invalid("records", message),
        BatchError::TooManyRecords => Refusal::field(Reason::BatchTooLarge, "records", message),
        BatchError::TooManyCounts => Refusal::field(Reason::BatchTooLarge, "institution_counts", message),
        BatchError::TooManyEntries { dictionary, .. } => {
            Refusal::field(Reason::BatchTooLarge, dictionary.field(), message)
        }
        BatchError::EntryTwice { dictionary, index } => {
            Refusal::invalid(format!("{}[{index}]", dictionary.field()), message)
        }
        BatchError::Record { index, rule } => record_fault(index, rule),
        BatchError::Count { index, rule } => {
            let field = format!("institution_counts[{index}].{}", rule.field());
            Refusal::invalid(field, rule).with("index", index)
        }
    }
}

fn record_fault(index: usize, rule: RecordRule) -> Refusal {
    Refusal::invalid(format!("records[{index}].{}", rule.field()), rule).with("index", index)
}

fn ids<K: Kind>(field: &str, texts: &[String]) -> Result<Vec<Id<K>>, Refusal> {
    // The name of the field is made only for an id that is wrong.
    let parse =
        |(index, text): (usize, &String)| text.parse().or_else(|_| id(&format!("{field}[{index}]"), text));
    texts.iter().enumerate().map(parse).collect()
}

fn cohort(number: i32) -> Result<Cohort, Refusal> {
    match wire::Cohort::try_from(number) {
        Ok(wire::Cohort::Case) => Ok(Cohort::Case),
        Ok(wire::Cohort::Control) => Ok(Cohort::Control),
        Ok(wire::Cohort::Unspecified) | Err(_) => {
            Err(Refusal::invalid("cohort", "must be COHORT_CASE or COHORT_CONTROL"))
        }
    }
}

fn data_type(field: &str, number: i32) -> Result<DataType, Refusal> {
    use wire::DataType as Wire;
    match Wire::try_from(number) {
        Ok(Wire::Germline) => Ok(DataType::Germline),
        Ok(Wire::Tumour) => Ok(DataType::Tumour),
        Ok(Wire::Transcriptome) => Ok(DataType::Transcriptome),
        Ok(Wire::Proteome) => Ok(DataType::Proteome),
        Ok(Wire::Metabolome) => Ok(DataType::Metabolome),
        Ok(Wire::Epigenome) => Ok(DataType::Epigenome),
        Ok(Wire::LiquidBiopsy) => Ok(DataType::LiquidBiopsy),
        Ok(Wire::Clinical) => Ok(DataType::Clinical),
        Ok(Wire::Unspecified) | Err(_) => Err(Refusal::invalid(field, "is no type of data")),
    }
}
