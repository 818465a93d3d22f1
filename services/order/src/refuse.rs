//! Rejections of the domain as refusals on the wire, in one exhaustive match.

use domain::{order::Rejection, organisation::Capacity};
use engine::{Failure, Reason, Refusal, not_covered};

pub(crate) fn refuse(failure: Failure<Rejection>) -> Refusal {
    let rejection = match failure {
        Failure::Refused(refusal) => return refusal,
        Failure::Rejected(rejection) => rejection,
    };
    let message = rejection.to_string();
    let invalid = |field: String| Refusal::field(Reason::InvalidField, field, &message);
    match rejection {
        Rejection::SpecimensOutOfRange { .. } => invalid("specimens".into()),
        Rejection::PriceNotPositive { .. } => invalid("price".into()),
        Rejection::MilestonesOutOfRange { .. } => invalid("milestones".into()),
        Rejection::MilestoneNotPositive { index, .. } => invalid(format!("milestones[{index}].amount")),
        Rejection::MilestoneTwice { index, .. } => invalid(format!("milestones[{index}].name")),
        Rejection::MilestonesMissPrice { .. } => {
            Refusal::field(Reason::MilestonesMissPrice, "milestones", message)
        }
        Rejection::OwnVendor { .. } => invalid("vendor_id".into()),
        // The order's id follows from the command id.
        Rejection::AlreadyOrdered { .. } => Refusal::field(Reason::CommandIdReused, "command_id", message),
        Rejection::NotCovered(refused) => not_covered("contract_id", &refused),
        Rejection::NotAVendor { .. } => {
            Refusal::field(Reason::CounterpartyLacksCapacity, "vendor_id", message)
                .with("capacity", Capacity::Vendor.as_str())
        }
    }
}
