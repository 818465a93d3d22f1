//! Rejections of the domain as refusals on the wire, each in one exhaustive match.

use domain::{access, dataset};
use engine::{Failure, Reason, Refusal, not_covered};

pub(crate) fn refuse_use(failure: Failure<access::Rejection>) -> Refusal {
    use access::Rejection;
    let rejection = match failure {
        Failure::Refused(refusal) => return refusal,
        Failure::Rejected(rejection) => rejection,
    };
    let message = rejection.to_string();
    match rejection {
        Rejection::SourceAlreadyRegistered { .. } => Refusal::new(Reason::KeyTaken, message),
        Rejection::UnknownSource { .. } => Refusal::field(Reason::UnknownSource, "source_id", message),
        Rejection::DatasetNotRegistered => Refusal::field(Reason::NotFound, "dataset_id", message),
        Rejection::NotAnAnalysis { .. } => Refusal::invalid("right", message),
        Rejection::NoCases => Refusal::invalid("cases", message),
        Rejection::UnknownDataset { index, .. } => {
            Refusal::field(Reason::NotFound, format!("dataset_ids[{index}]"), message).with("index", index)
        }
        Rejection::OccurredInFuture { index, .. } => {
            let field = format!("records[{index}].occurred_at_us");
            Refusal::field(Reason::OccurredInFuture, field, message).with("index", index)
        }
        Rejection::UnknownSettledAdmission { index, .. } => {
            let field = format!("records[{index}].settles_admission");
            Refusal::field(Reason::UnknownAdmission, field, message).with("index", index)
        }
        // The handler looks them up and asks again; a caller sees this only if that never ended.
        Rejection::EarlierRecordsMissing => Refusal::new(Reason::Contention, message),
        Rejection::UnknownRecord { .. } => Refusal::field(Reason::UnknownRecord, "record", message),
        Rejection::RecordIsConflict { .. } => Refusal::field(Reason::RecordIsConflict, "record", message),
        Rejection::UnknownAdmission { .. } => Refusal::field(Reason::UnknownAdmission, "admission", message),
        Rejection::AdmissionSettled { .. } => Refusal::field(Reason::AdmissionSettled, "admission", message),
        Rejection::AlreadyReversed { .. } => Refusal::new(Reason::AlreadyReversed, message),
    }
}

pub(crate) fn refuse_dataset(failure: Failure<dataset::Rejection>) -> Refusal {
    use dataset::Rejection;
    let rejection = match failure {
        Failure::Refused(refusal) => return refusal,
        Failure::Rejected(rejection) => rejection,
    };
    let message = rejection.to_string();
    match rejection {
        Rejection::NoDataTypes => Refusal::invalid("data_types", message),
        Rejection::AlreadyRegistered { .. } => Refusal::new(Reason::KeyTaken, message),
        Rejection::NotRegistered => Refusal::field(Reason::NotFound, "dataset_id", message),
        Rejection::NotCovered(refused) => not_covered("contract_id", &refused),
        Rejection::NoCases { index } => Refusal::invalid(format!("composition[{index}].cases"), message),
        Rejection::EmptyComposition
        | Rejection::TooManyInstitutions { .. }
        | Rejection::InstitutionTwice { .. }
        | Rejection::TooManyCases { .. } => Refusal::invalid("composition", message),
        Rejection::NotLaterThanLast { .. } => Refusal::new(Reason::FreezeNotLater, message),
    }
}
