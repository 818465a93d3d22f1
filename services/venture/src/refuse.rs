//! Rejections of the domain as refusals on the wire, in one exhaustive match.

use domain::{investment::Rejection, organisation::Capacity};
use engine::{Failure, Reason, Refusal};

pub(crate) fn refuse(failure: Failure<Rejection>) -> Refusal {
    let rejection = match failure {
        Failure::Refused(refusal) => return refusal,
        Failure::Rejected(rejection) => rejection,
    };
    let message = rejection.to_string();
    match rejection {
        Rejection::AmountNotPositive { .. } => Refusal::field(Reason::InvalidField, "amount", message),
        Rejection::OwnVenture { .. } => Refusal::field(Reason::InvalidField, "venture_id", message),
        // The investment's id follows from the command id.
        Rejection::AlreadyMade { .. } => Refusal::field(Reason::CommandIdReused, "command_id", message),
        Rejection::NotAnInvestor { .. } => {
            Refusal::new(Reason::CapacityRequired, message).with("capacity", Capacity::Investor.as_str())
        }
        Rejection::VentureNotRegistered { .. } => Refusal::field(Reason::NotFound, "venture_id", message),
        Rejection::PlatformIsNoParty { .. } => Refusal::new(Reason::PlatformIsNoParty, message),
    }
}
