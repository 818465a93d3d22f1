//! Rejections of the domain as refusals on the wire, in one exhaustive match.

use domain::{contract::Status, recruitment::Rejection, under_contract::NotCovered};
use engine::{Failure, Reason, Refusal};

pub(crate) fn refuse(failure: Failure<Rejection>) -> Refusal {
    let rejection = match failure {
        Failure::Refused(refusal) => return refusal,
        Failure::Rejected(rejection) => rejection,
    };
    let message = rejection.to_string();
    match rejection {
        Rejection::ParticipantsOutOfRange { .. } => {
            Refusal::field(Reason::InvalidField, "participants_wanted", message)
        }
        Rejection::OwnExecutor { .. } => Refusal::field(Reason::InvalidField, "executor_id", message),
        // The request's id follows from the command id.
        Rejection::AlreadyRequested { .. } => Refusal::field(Reason::CommandIdReused, "command_id", message),
        Rejection::NotCovered(refused) => not_covered(&refused),
        Rejection::NotAnExecutor { .. } => {
            Refusal::field(Reason::CounterpartyLacksCapacity, "executor_id", message)
                .with("capacity", "vendor or promoter")
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
