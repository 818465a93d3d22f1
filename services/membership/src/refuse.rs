//! Rejections of the domain as refusals on the wire, in one exhaustive match.

use domain::organisation::Rejection;
use engine::{Failure, Reason, Refusal};

pub(crate) fn refuse(failure: Failure<Rejection>) -> Refusal {
    let rejection = match failure {
        Failure::Refused(refusal) => return refusal,
        Failure::Rejected(rejection) => rejection,
    };
    let message = rejection.to_string();
    match rejection {
        Rejection::GrantHoldsNoDate { .. } | Rejection::TooManyGrants { .. } => {
            Refusal::field(Reason::InvalidField, "capacities", message)
        }
        Rejection::RegisteredElsewhere { .. } => {
            Refusal::field(Reason::InvalidField, "registration_number", message)
        }
        Rejection::CredentialHoldsNoDate { .. } => {
            Refusal::field(Reason::InvalidField, "credential.valid_until", message)
        }
        Rejection::CredentialOfAnotherIssuer { .. } => {
            Refusal::field(Reason::CredentialOfAnotherIssuer, "credential.issuer", message)
        }
        Rejection::TooManyCredentials { .. } => Refusal::new(Reason::TooManyCredentials, message),
        Rejection::AlreadyRegistered { .. } => Refusal::new(Reason::KeyTaken, message),
        Rejection::NotRegistered => Refusal::new(Reason::NotFound, message),
    }
}
