//! Requests into what commands are made of.
//!
//! The content of a listing is read by [`events::listing_form`], because the log keeps the same message; what
//! only a request may or may not say is read here.

use std::collections::BTreeSet;

use domain::{
    id::OrganisationId,
    listing::{ListingContent, ServiceKind},
    quote::Offer,
    vendor_admission::AdmissionMode,
};
use engine::{
    Reason, Refusal,
    parse::{amount, id, instant, text},
};
use events::listing_form;
use money::Decimal;
use proto::kiban::order::v1::{self as wire, vendor_admission::Mode};

use crate::milestones;

pub(super) fn content(content: Option<&wire::ListingContent>) -> Result<ListingContent, Refusal> {
    let content = content.ok_or_else(|| Refusal::invalid("content", "is missing"))?;
    Ok(listing_form::listing_content(content).map_err(|error| error.within("content"))?)
}

pub(super) fn service_kind(field: &str, number: i32) -> Result<ServiceKind, Refusal> {
    listing_form::service_kind(number).ok_or_else(|| Refusal::invalid(field, "is no kind of service"))
}

pub(super) fn offer(request: &wire::SubmitQuoteRequest) -> Result<Offer, Refusal> {
    Ok(Offer {
        price: amount("price", request.price.as_ref())?,
        milestones: milestones::parse("milestones", &request.milestones)?,
        turnaround_days: request.turnaround_days,
        valid_until: instant("valid_until", request.valid_until.as_ref())?,
        note: if request.note.is_empty() { None } else { Some(text("note", &request.note)?) },
    })
}

pub(super) fn shares(list: &[wire::ConsortiumShare]) -> Result<Vec<(OrganisationId, Decimal)>, Refusal> {
    let share = |(index, share): (usize, &wire::ConsortiumShare)| {
        let field = |name: &str| format!("shares[{index}].{name}");
        if !share.contract_id.is_empty() {
            let what = "must be empty: each member names its own contract when it joins";
            return Err(Refusal::invalid(field("contract_id"), what));
        }
        let percentage = text(&field("percentage"), &share.percentage)?;
        Ok((id(&field("vendor_id"), &share.vendor_id)?, percentage))
    };
    list.iter().enumerate().map(share).collect()
}

pub(super) fn admission(admission: Option<&wire::VendorAdmission>) -> Result<AdmissionMode, Refusal> {
    match admission.and_then(|admission| admission.mode.as_ref()) {
        None => Err(Refusal::invalid("admission.mode", "must be open, limited or exclusive")),
        Some(Mode::Open(wire::OpenAdmission {})) => Ok(AdmissionMode::Open),
        Some(Mode::Limited(limited)) => {
            let mut vendors = BTreeSet::new();
            for (index, vendor) in limited.vendor_ids.iter().enumerate() {
                let field = format!("admission.limited.vendor_ids[{index}]");
                if !vendors.insert(id(&field, vendor)?) {
                    return Err(Refusal::field(Reason::DuplicateEntry, field, "stands there twice"));
                }
            }
            Ok(AdmissionMode::Limited(vendors))
        }
        Some(Mode::ExclusiveVendorId(vendor)) => {
            Ok(AdmissionMode::Exclusive(id("admission.exclusive_vendor_id", vendor)?))
        }
    }
}
