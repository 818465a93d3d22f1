//! Rejections of the domain as refusals on the wire, in one exhaustive match.

use domain::recruitment::Rejection;
use engine::{Failure, Reason, Refusal, not_covered};

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
        Rejection::NotCovered(refused) => not_covered("contract_id", &refused),
        Rejection::NotAnExecutor { .. } => {
            Refusal::field(Reason::CounterpartyLacksCapacity, "executor_id", message)
                .with("capacity", "vendor or promoter")
        }
    }
}
