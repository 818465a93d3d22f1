//! Rejections of the domain as refusals on the wire, in one exhaustive match.

use domain::{order::Rejection, organisation::Capacity};
use engine::{Failure, Reason, Refusal, not_covered};

use super::parse::QUOTE_REQUEST;
use crate::{members, milestones};

pub(super) fn refuse(failure: Failure<Rejection>) -> Refusal {
    match failure {
        Failure::Refused(refusal) => refusal,
        Failure::Rejected(rejection) => refuse_rejection(rejection),
    }
}

fn refuse_rejection(rejection: Rejection) -> Refusal {
    let message = rejection.to_string();
    let at = |reason, field: &str| Refusal::field(reason, field, &message);
    match rejection {
        // The order's id follows from the command id.
        Rejection::AlreadyPlaced { .. } => at(Reason::CommandIdReused, "command_id"),
        Rejection::QuantityOutOfRange { .. } => at(Reason::InvalidField, "list_price.quantity"),
        Rejection::Milestones(invalid) => milestones::refuse("list_price", "list_price.milestones", &invalid),
        Rejection::TooManyCredentials { .. } => at(Reason::InvalidField, "required_credentials"),
        Rejection::NotCovered(refused) => not_covered("contract_id", &refused),
        Rejection::NoSuchListing { .. } => at(Reason::NotFound, "list_price.listing_id"),
        Rejection::ListingWithdrawn { .. } => at(Reason::ListingWithdrawn, "list_price.listing_id"),
        Rejection::OwnVendor { .. } => at(Reason::InvalidField, "source"),
        Rejection::VendorNotParticipating { status } => {
            at(Reason::VendorNotParticipating, "source").with("stage", status.as_str())
        }
        Rejection::NotAVendor { .. } => {
            at(Reason::CounterpartyLacksCapacity, "source").with("capacity", Capacity::Vendor.as_str())
        }
        Rejection::NotAdmitted { kind, .. } => at(Reason::VendorNotAdmitted, "source").with("kind", kind),
        Rejection::ConsortiumNotFormed => at(Reason::ConsortiumNotFormed, "source"),
        Rejection::MemberCannotSell(refused) => members::refuse("source", &refused),
        Rejection::NoSuchQuote { .. } => at(Reason::NotFound, "quote.number"),
        Rejection::QuoteOfAnother { .. } => at(Reason::NotFound, QUOTE_REQUEST),
        Rejection::QuoteUnderOtherContract { .. } => at(Reason::InvalidField, "contract_id"),
        Rejection::QuoteExpired { valid_until } => {
            at(Reason::QuoteExpired, "quote.number").with("valid_until", valid_until)
        }
        Rejection::NoListPrice { .. } => at(Reason::NoListPrice, "list_price"),
        Rejection::PriceOutOfRange { .. } => at(Reason::AmountOutOfRange, "list_price.quantity"),
        Rejection::CredentialMissing { credential, .. } => {
            at(Reason::CredentialMissing, "required_credentials").with("credential", credential)
        }
        Rejection::OtherDataset { dataset } => {
            at(Reason::OtherDataset, "dataset_id").with("dataset", dataset)
        }
        Rejection::DatasetMissing { .. } => at(Reason::InvalidField, "dataset_id"),
        Rejection::NoSuchDataset { .. } => at(Reason::NotFound, "dataset_id"),
        Rejection::ConsentMissing { .. } => {
            at(Reason::ConsentMissing, "dataset_id").with("consent", "derived-material-sale")
        }
        Rejection::NotToBeShared { .. } => {
            at(Reason::ConsentMissing, "source").with("consent", "pdx-mi-consent-to-share")
        }
        Rejection::EthicsApprovalMissing { .. } => at(Reason::EthicsApprovalMissing, "ethics_approval"),
        Rejection::NotOrdered => at(Reason::NotFound, "order_id"),
        Rejection::NotTheVendor { .. } | Rejection::NotTheMember { .. } | Rejection::NotASide { .. } => {
            Refusal::new(Reason::NotYours, message)
        }
        Rejection::NotAwaitingAnswer { stage }
        | Rejection::NotUnderWay { stage }
        | Rejection::AlreadyEnded { stage } => at(Reason::WrongStage, "order_id").with("stage", stage),
        Rejection::NoSuchMilestone { .. } => at(Reason::InvalidField, "milestone"),
        Rejection::NotDelivered { .. } => at(Reason::WrongStage, "milestone").with("stage", "awaited"),
        Rejection::AwaitsAnswer { .. } => at(Reason::WrongStage, "milestone").with("stage", "delivered"),
        Rejection::AlreadyAccepted { .. } => at(Reason::WrongStage, "milestone").with("stage", "accepted"),
        Rejection::Disputed { .. } => at(Reason::WrongStage, "milestone").with("stage", "disputed"),
        Rejection::DeliveryUnanswered { milestone } => {
            at(Reason::DeliveryUnanswered, "order_id").with("milestone", milestone)
        }
        Rejection::TooManyResults => Refusal::new(Reason::TooManyResults, message),
    }
}
