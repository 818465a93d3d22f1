//! Rejections of the domain as refusals on the wire, in one exhaustive match.

use domain::{order::Rejection, organisation::Capacity};
use engine::{Failure, Reason, Refusal, not_covered};

use crate::milestones;

pub(super) fn refuse(failure: Failure<Rejection>) -> Refusal {
    match failure {
        Failure::Refused(refusal) => refusal,
        Failure::Rejected(rejection) => refuse_rejection(rejection),
    }
}

fn refuse_rejection(rejection: Rejection) -> Refusal {
    let message = rejection.to_string();
    match rejection {
        // The order's id follows from the command id.
        Rejection::AlreadyPlaced { .. } => Refusal::field(Reason::CommandIdReused, "command_id", message),
        Rejection::QuantityOutOfRange { .. } => {
            Refusal::field(Reason::InvalidField, "list_price.quantity", message)
        }
        Rejection::Milestones(invalid) => milestones::refuse("list_price", "list_price.milestones", &invalid),
        Rejection::TooManyCredentials { .. } => {
            Refusal::field(Reason::InvalidField, "required_credentials", message)
        }
        Rejection::NotCovered(refused) => not_covered("contract_id", &refused),
        Rejection::NoSuchListing { .. } => Refusal::field(Reason::NotFound, "list_price.listing_id", message),
        Rejection::ListingWithdrawn { .. } => {
            Refusal::field(Reason::ListingWithdrawn, "list_price.listing_id", message)
        }
        Rejection::OwnVendor { .. } => Refusal::field(Reason::InvalidField, "source", message),
        Rejection::VendorNotParticipating { status } => {
            Refusal::field(Reason::VendorNotParticipating, "source", message).with("stage", status.as_str())
        }
        Rejection::NotAVendor { .. } => Refusal::field(Reason::CounterpartyLacksCapacity, "source", message)
            .with("capacity", Capacity::Vendor.as_str()),
        Rejection::NotAdmitted { kind, .. } => {
            Refusal::field(Reason::VendorNotAdmitted, "source", message).with("kind", kind)
        }
        Rejection::ConsortiumNotFormed => Refusal::field(Reason::ConsortiumNotFormed, "source", message),
        Rejection::NoSuchQuote { .. } => Refusal::field(Reason::NotFound, "quote.number", message),
        Rejection::QuoteOfAnother { .. } => {
            Refusal::field(Reason::NotFound, "quote.quote_request_id", message)
        }
        Rejection::QuoteUnderOtherContract { .. } => {
            Refusal::field(Reason::InvalidField, "contract_id", message)
        }
        Rejection::QuoteExpired { valid_until } => {
            Refusal::field(Reason::QuoteExpired, "quote.number", message).with("valid_until", valid_until)
        }
        Rejection::NoListPrice { .. } => Refusal::field(Reason::NoListPrice, "list_price", message),
        Rejection::PriceOutOfRange { .. } => {
            Refusal::field(Reason::AmountOutOfRange, "list_price.quantity", message)
        }
        Rejection::CredentialMissing { credential, .. } => {
            Refusal::field(Reason::CredentialMissing, "required_credentials", message)
                .with("credential", credential)
        }
        Rejection::OtherDataset { dataset } => {
            Refusal::field(Reason::OtherDataset, "dataset_id", message).with("dataset", dataset)
        }
        Rejection::DatasetMissing { .. } => Refusal::field(Reason::InvalidField, "dataset_id", message),
        Rejection::NoSuchDataset { .. } => Refusal::field(Reason::NotFound, "dataset_id", message),
        Rejection::ConsentMissing { .. } => Refusal::field(Reason::ConsentMissing, "dataset_id", message)
            .with("consent", "derived-material-sale"),
        Rejection::EthicsApprovalMissing { .. } => {
            Refusal::field(Reason::EthicsApprovalMissing, "ethics_approval", message)
        }
        Rejection::NotOrdered => Refusal::field(Reason::NotFound, "order_id", message),
        Rejection::NotTheVendor { .. } | Rejection::NotTheMember { .. } => {
            Refusal::new(Reason::NotYours, message)
        }
        Rejection::NotAwaitingAnswer { stage }
        | Rejection::NotUnderWay { stage }
        | Rejection::AlreadyEnded { stage } => {
            Refusal::field(Reason::WrongStage, "order_id", message).with("stage", stage)
        }
        Rejection::NoSuchMilestone { .. } => Refusal::field(Reason::InvalidField, "milestone", message),
        Rejection::NotDelivered { .. } => milestone("awaited", message),
        Rejection::AwaitsAnswer { .. } => milestone("delivered", message),
        Rejection::AlreadyAccepted { .. } => milestone("accepted", message),
        Rejection::Disputed { .. } => milestone("disputed", message),
        Rejection::DeliveryUnanswered { milestone } => {
            Refusal::field(Reason::DeliveryUnanswered, "order_id", message).with("milestone", milestone)
        }
        Rejection::TooManyResults => Refusal::new(Reason::TooManyResults, message),
    }
}

/// A milestone that has not come so far, or is past it.
fn milestone(stage: &str, message: String) -> Refusal {
    Refusal::field(Reason::WrongStage, "milestone", message).with("stage", stage)
}
