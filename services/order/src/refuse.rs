//! Rejections of the domain as refusals on the wire, in one exhaustive match.

use domain::{contract::Status, order::Rejection, organisation::Capacity, under_contract::NotCovered};
use engine::{Failure, Reason, Refusal};

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
        Rejection::NotCovered(refused) => not_covered(&refused),
        Rejection::NotAVendor { .. } => {
            Refusal::field(Reason::CounterpartyLacksCapacity, "vendor_id", message)
                .with("capacity", Capacity::Vendor.as_str())
        }
    }
}

fn not_covered(refused: &NotCovered) -> Refusal {
    let message = refused.to_string();
    match refused {
        NotCovered::NotOwn { .. } => Refusal::field(Reason::NotYours, "contract_id", message),
        NotCovered::OtherKind { .. } => Refusal::field(Reason::WrongContractKind, "contract_id", message),
        NotCovered::NotInForce { status, .. } => {
            let reason = match status {
                Status::Expired | Status::Terminated => Reason::ContractEnded,
                Status::Vacant
                | Status::Applied
                | Status::Approved
                | Status::Rejected
                | Status::Offered
                | Status::Lapsed
                | Status::NotYetInForce
                | Status::Active
                | Status::Paused => Reason::ContractNotInForce,
            };
            Refusal::field(reason, "contract_id", message).with("stage", status.as_str())
        }
    }
}
