//! Listings, requests for quotes, consortia and admissions as the wire has them.

use domain::{
    consortium::{Consortium, Proposal},
    listing::Listing,
    milestone::Milestone,
    quote::{Quote, Stage, SubmittedQuote},
    time::Timestamp,
    vendor_admission::AdmissionMode,
};
use proto::kiban::order::v1::{self as wire, vendor_admission::Mode};

use super::{money, time};
use crate::listing_form::{listing_content_form, service_kind_form};

/// A listing; `None` if nothing was ever offered there.
pub fn listing(listing: &Listing) -> Option<wire::Listing> {
    let listed = listing.listed()?;
    let withdrawal = listing.withdrawal();
    Some(wire::Listing {
        id: listed.id.to_string(),
        vendor_id: listed.vendor.to_string(),
        contract_id: listed.contract.to_string(),
        consortium_id: listed.consortium.map(|id| id.to_string()).unwrap_or_default(),
        kind: service_kind_form(listed.content.kind()).into(),
        content: Some(listing_content_form(&listed.content)),
        listed: listing.is_listed(),
        withdrawal_reason: withdrawal.map(|withdrawal| withdrawal.reason.to_string()).unwrap_or_default(),
        listed_at: Some(time(listed.listed_at)),
        revised_at: listed.revised_at.map(time),
        withdrawn_at: withdrawal.map(|withdrawal| time(withdrawal.at)),
    })
}

/// A request for a quote as it is now; `None` if nobody has asked.
pub fn quote_request(quote: &Quote, now: Timestamp) -> Option<wire::QuoteRequest> {
    let (request, requested_at) = quote.request()?;
    let declination = quote.declination();
    Some(wire::QuoteRequest {
        id: request.id.to_string(),
        member_id: request.member.to_string(),
        contract_id: request.contract.to_string(),
        vendor_id: request.vendor.to_string(),
        listing_id: request.listing.to_string(),
        kind: service_kind_form(request.kind).into(),
        quantity: request.quantity,
        requirements: request.requirements.to_string(),
        required_credentials: request.required_credentials.iter().map(ToString::to_string).collect(),
        dataset_id: request.dataset.map(|id| id.to_string()).unwrap_or_default(),
        stage: quote_request_stage(quote.stage(now)?).into(),
        quotes: quote.quotes().iter().map(submitted).collect(),
        decline_reason: declination.map(|declination| declination.reason.to_string()).unwrap_or_default(),
        requested_at: Some(time(requested_at)),
        declined_at: declination.map(|declination| time(declination.at)),
    })
}

/// How far a request for a quote has come.
pub const fn quote_request_stage(stage: Stage) -> wire::QuoteRequestStage {
    match stage {
        Stage::Requested => wire::QuoteRequestStage::Requested,
        Stage::Quoted => wire::QuoteRequestStage::Quoted,
        Stage::Expired => wire::QuoteRequestStage::Expired,
        Stage::Declined => wire::QuoteRequestStage::Declined,
    }
}

/// A milestone of a quote or an order.
pub fn milestone(milestone: &Milestone) -> wire::Milestone {
    wire::Milestone { name: milestone.name.to_string(), amount: Some(money(milestone.amount)) }
}

/// A consortium; `None` if nobody has proposed it.
pub fn consortium(consortium: &Consortium) -> Option<wire::Consortium> {
    let Proposal { id, name, lead, shares, joined, proposed_at } = consortium.proposal()?;
    let shares = shares.iter().map(|(member, percentage)| wire::ConsortiumShare {
        vendor_id: member.to_string(),
        percentage: percentage.to_string(),
        contract_id: joined.get(member).map(ToString::to_string).unwrap_or_default(),
    });
    Some(wire::Consortium {
        id: id.to_string(),
        name: name.to_string(),
        lead_id: lead.to_string(),
        shares: shares.collect(),
        formed: consortium.formed().is_some(),
        proposed_at: Some(time(*proposed_at)),
    })
}

/// Who is admitted to a kind of service.
pub fn vendor_admission(mode: &AdmissionMode) -> wire::VendorAdmission {
    let mode = match mode {
        AdmissionMode::Open => Mode::Open(wire::OpenAdmission {}),
        AdmissionMode::Limited(vendors) => Mode::Limited(wire::LimitedAdmission {
            vendor_ids: vendors.iter().map(ToString::to_string).collect(),
        }),
        AdmissionMode::Exclusive(vendor) => Mode::ExclusiveVendorId(vendor.to_string()),
    };
    wire::VendorAdmission { mode: Some(mode) }
}

fn submitted(quote: &SubmittedQuote) -> wire::Quote {
    // The vendor's contract is the vendor's affair.
    let SubmittedQuote { number, contract: _, offer, submitted_at } = quote;
    wire::Quote {
        number: *number,
        price: Some(money(offer.price)),
        milestones: offer.milestones.iter().map(milestone).collect(),
        turnaround_days: offer.turnaround_days,
        valid_until: Some(time(offer.valid_until)),
        note: offer.note.as_ref().map(ToString::to_string).unwrap_or_default(),
        submitted_at: Some(time(*submitted_at)),
    }
}
