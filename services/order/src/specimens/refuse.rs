//! Rejections of the domain as refusals on the wire, in one exhaustive match.

use domain::specimen::Rejection;
use engine::{Failure, Reason, Refusal};

pub(super) fn refuse(failure: Failure<Rejection>) -> Refusal {
    let rejection = match failure {
        Failure::Refused(refusal) => return refusal,
        Failure::Rejected(rejection) => rejection,
    };
    let message = rejection.to_string();
    match rejection {
        Rejection::StockOutOfRange { .. } => Refusal::field(Reason::InvalidField, "stock", message),
        // The specimen's id follows from the command id.
        Rejection::AlreadyRegistered { .. } => Refusal::field(Reason::CommandIdReused, "command_id", message),
        Rejection::NoSuchDataset { .. } => Refusal::field(Reason::NotFound, "dataset_id", message),
        Rejection::DatasetOfAnother { .. } => Refusal::field(Reason::NotYours, "dataset_id", message),
        Rejection::NotRegistered => Refusal::field(Reason::NotFound, "specimen_id", message),
        Rejection::NoAliquots => Refusal::field(Reason::InvalidField, "aliquots", message),
        Rejection::NoSuchOrder { .. } | Rejection::NothingReserved { .. } => {
            Refusal::field(Reason::NotFound, "order_id", message)
        }
        Rejection::NotTheVendor { .. } => Refusal::new(Reason::NotYours, message),
        Rejection::OrderNotUnderWay { stage } => {
            Refusal::field(Reason::WrongStage, "order_id", message).with("stage", stage)
        }
        Rejection::OtherDataset { ordered, .. } => {
            Refusal::field(Reason::OtherDataset, "specimen_id", message).with("dataset", ordered)
        }
        Rejection::NoDatasetOrdered { .. } => Refusal::field(Reason::NoDatasetOrdered, "order_id", message),
        Rejection::ConsentMissing { .. } => Refusal::field(Reason::ConsentMissing, "specimen_id", message)
            .with("consent", "derived-material-sale"),
        Rejection::AlreadyReserved { aliquots } => {
            Refusal::field(Reason::AlreadyReserved, "order_id", message).with("aliquots", aliquots)
        }
        Rejection::StockExceeded { free, .. } => {
            Refusal::field(Reason::StockExceeded, "aliquots", message).with("free", free)
        }
    }
}
