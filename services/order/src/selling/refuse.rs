//! Rejections of the selling side as refusals on the wire, each aggregate's in one exhaustive match.

use domain::{
    consortium, listing,
    listing::{AttributeList, InvalidContent},
    organisation::Capacity,
    quote, vendor_admission,
};
use engine::{Failure, Reason, Refusal, not_covered};

use crate::{members, milestones};

pub(super) fn listing(failure: Failure<listing::Rejection>) -> Refusal {
    of_listing("consortium_id", failure)
}

/// The same of a request that names the listing alone.
pub(super) fn revision(failure: Failure<listing::Rejection>) -> Refusal {
    of_listing("listing_id", failure)
}

/// `together` is the field from which the consortium follows.
fn of_listing(together: &str, failure: Failure<listing::Rejection>) -> Refusal {
    use listing::Rejection;
    let rejection = match failure {
        Failure::Refused(refusal) => return refusal,
        Failure::Rejected(rejection) => rejection,
    };
    let message = rejection.to_string();
    match rejection {
        Rejection::InvalidContent(invalid @ InvalidContent::PriceTooHigh { .. }) => {
            Refusal::field(Reason::AmountOutOfRange, path(&invalid), message)
        }
        Rejection::InvalidContent(invalid) => Refusal::field(Reason::InvalidField, path(&invalid), message),
        // The listing's id follows from the command id.
        Rejection::AlreadyListed { .. } => Refusal::field(Reason::CommandIdReused, "command_id", message),
        Rejection::NotListed => Refusal::field(Reason::NotFound, "listing_id", message),
        Rejection::Withdrawn { .. } => Refusal::field(Reason::ListingWithdrawn, "listing_id", message),
        Rejection::NotTheVendor { .. } => Refusal::field(Reason::NotYours, "listing_id", message),
        Rejection::NotAVendor { .. } => {
            Refusal::new(Reason::CapacityRequired, message).with("capacity", Capacity::Vendor.as_str())
        }
        Rejection::NotCovered(refused) => not_covered("contract_id", &refused),
        Rejection::NotAdmitted { kind, .. } => {
            Refusal::field(Reason::VendorNotAdmitted, "content", message).with("kind", kind)
        }
        Rejection::ConsortiumNotFormed { .. } => {
            Refusal::field(Reason::ConsortiumNotFormed, together, message)
        }
        // Who lists leads the consortium and knows its members.
        Rejection::MemberCannotSell(refused) => {
            members::refuse(together, &refused).with("vendor", refused.organisation)
        }
        Rejection::NotTheLead { .. } => Refusal::field(Reason::NotYours, "consortium_id", message),
        Rejection::KindChanged { .. } => Refusal::field(Reason::NeverChanges, "content", message),
        Rejection::CodeChanged { .. } => Refusal::field(Reason::NeverChanges, "content.code", message),
        Rejection::OwnListing { .. } => Refusal::field(Reason::InvalidField, "listing_id", message),
    }
}

pub(super) fn quote(failure: Failure<quote::Rejection>) -> Refusal {
    use quote::Rejection;
    let rejection = match failure {
        Failure::Refused(refusal) => return refusal,
        Failure::Rejected(rejection) => rejection,
    };
    let message = rejection.to_string();
    let invalid = |field: &str| Refusal::field(Reason::InvalidField, field, &message);
    match rejection {
        Rejection::NotListed { .. } => Refusal::field(Reason::ListingWithdrawn, "listing_id", message),
        Rejection::OwnListing { .. } => invalid("listing_id"),
        Rejection::QuantityOutOfRange { .. } => invalid("quantity"),
        Rejection::TooManyCredentials { .. } => invalid("required_credentials"),
        // The request's id follows from the command id.
        Rejection::AlreadyRequested { .. } => Refusal::field(Reason::CommandIdReused, "command_id", message),
        Rejection::NotCovered(refused) => not_covered("contract_id", &refused),
        Rejection::NotRequested => Refusal::field(Reason::NotFound, "quote_request_id", message),
        Rejection::NotTheVendor { .. } => Refusal::field(Reason::NotYours, "quote_request_id", message),
        Rejection::InvalidMilestones(refused) => milestones::refuse("price", "milestones", &refused),
        Rejection::InvalidTurnaround(_) => invalid("turnaround_days"),
        Rejection::ExpiryPast { .. } => invalid("valid_until"),
        Rejection::Declined { .. } => {
            Refusal::field(Reason::QuoteRequestDeclined, "quote_request_id", message)
        }
        Rejection::AlreadyQuoted { .. } => Refusal::field(Reason::QuoteBinds, "quote_request_id", message),
        Rejection::TooManyQuotes => Refusal::field(Reason::TooManyQuotes, "quote_request_id", message),
    }
}

pub(super) fn consortium(failure: Failure<consortium::Rejection>) -> Refusal {
    use consortium::Rejection;
    let rejection = match failure {
        Failure::Refused(refusal) => return refusal,
        Failure::Rejected(rejection) => rejection,
    };
    let message = rejection.to_string();
    match rejection {
        Rejection::MembersOutOfRange { .. } | Rejection::LeadNotAMember { .. } => {
            Refusal::field(Reason::InvalidField, "shares", message)
        }
        Rejection::MemberTwice { .. } => Refusal::field(Reason::DuplicateEntry, "shares", message),
        Rejection::InvalidPercentage { index, .. } => {
            Refusal::field(Reason::InvalidPercentage, format!("shares[{index}].percentage"), message)
        }
        Rejection::PercentagesNotHundred { .. } => {
            Refusal::field(Reason::PercentagesNotHundred, "shares", message)
        }
        // The consortium's id follows from the command id.
        Rejection::AlreadyProposed { .. } => Refusal::field(Reason::CommandIdReused, "command_id", message),
        // Who is not a member learns no more than that: to it the consortium does not exist.
        Rejection::NotProposed | Rejection::NotAMember { .. } => {
            Refusal::field(Reason::NotFound, "consortium_id", "the consortium does not exist")
        }
        Rejection::AlreadyJoined { .. } => Refusal::field(Reason::AlreadyJoined, "contract_id", message),
        Rejection::NotCovered(refused) => not_covered("contract_id", &refused),
    }
}

pub(super) fn admission(failure: Failure<vendor_admission::Rejection>) -> Refusal {
    use vendor_admission::Rejection;
    let rejection = match failure {
        Failure::Refused(refusal) => return refusal,
        Failure::Rejected(rejection) => rejection,
    };
    let message = rejection.to_string();
    match rejection {
        Rejection::VendorsOutOfRange { .. } => {
            Refusal::field(Reason::InvalidField, "admission.limited.vendor_ids", message)
        }
    }
}

/// Where in a request stands what cannot be said of a service.
fn path(invalid: &InvalidContent) -> &'static str {
    match invalid {
        InvalidContent::EntriesOutOfRange { list, .. } => match list {
            AttributeList::Methods => "content.data_analysis.methods",
            AttributeList::DatasetClasses => "content.data_analysis.dataset_classes",
            AttributeList::Regions => "content.patient_recruiting.regions",
            AttributeList::Diseases => "content.patient_recruiting.diseases",
            AttributeList::Instruments => "content.lifestyle_data.instruments",
            AttributeList::Materials => "content.specimen_archive.materials",
        },
        InvalidContent::TemperatureOutOfRange { .. } => {
            "content.specimen_archive.storage_temperature_celsius"
        }
        InvalidContent::NoCapacity => "content.specimen_archive.capacity",
        InvalidContent::TurnaroundOutOfRange { .. } => "content.turnaround_days",
        InvalidContent::PriceNotPositive { .. } | InvalidContent::PriceTooHigh { .. } => {
            "content.list_price.price"
        }
        InvalidContent::MinimumOutOfRange { .. } => "content.minimum_quantity",
    }
}
