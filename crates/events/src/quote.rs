//! Events of requests for quotes as bytes and back.

use std::collections::BTreeSet;

use domain::{
    quote::{Event, Offer, QuoteRequestDeclined, QuoteRequested, QuoteSubmitted, RequestedQuote},
    terms::CredentialKind,
};
use prost::Message;
use proto::kiban::order::v1 as form;

use crate::{
    Category, Defect, Recordable,
    field::{
        amount, amount_form, defect, id, id_bytes, instant, milestone, milestone_form, optional_id,
        optional_text, service_kind, text,
    },
    listing_form::service_kind_form,
};

const REQUESTED: &str = "kiban.order.v1.QuoteRequested";
const SUBMITTED: &str = "kiban.order.v1.QuoteSubmitted";
const DECLINED: &str = "kiban.order.v1.QuoteRequestDeclined";

impl Recordable for Event {
    const CATEGORY: Category = Category::Quote;

    fn event_type(&self) -> &'static str {
        match self {
            Self::QuoteRequested(_) => REQUESTED,
            Self::QuoteSubmitted(_) => SUBMITTED,
            Self::QuoteRequestDeclined(_) => DECLINED,
        }
    }

    fn encode(&self) -> Vec<u8> {
        match self {
            Self::QuoteRequested(event) => encode_requested(event).encode_to_vec(),
            Self::QuoteSubmitted(event) => encode_submitted(event).encode_to_vec(),
            Self::QuoteRequestDeclined(event) => form::QuoteRequestDeclined {
                reason: event.reason.to_string(),
                declined_at_us: event.at.as_micros(),
            }
            .encode_to_vec(),
        }
    }

    fn decode(event_type: &str, payload: &[u8]) -> Result<Self, Defect> {
        match event_type {
            REQUESTED => decode_requested(payload).map(Self::QuoteRequested),
            SUBMITTED => decode_submitted(payload).map(Self::QuoteSubmitted),
            DECLINED => decode_declined(payload).map(Self::QuoteRequestDeclined),
            unknown => Err(Defect::UnknownType(unknown.into())),
        }
    }
}

fn encode_requested(event: &QuoteRequested) -> form::QuoteRequested {
    let request = &event.request;
    form::QuoteRequested {
        request: id_bytes(request.id),
        member: id_bytes(request.member),
        contract: id_bytes(request.contract),
        contract_revision: event.contract_revision,
        listing: id_bytes(request.listing),
        vendor: id_bytes(request.vendor),
        kind: service_kind_form(request.kind) as u32,
        quantity: request.quantity,
        requirements: request.requirements.to_string(),
        required_credentials: request.required_credentials.iter().map(ToString::to_string).collect(),
        dataset: request.dataset.map(id_bytes).unwrap_or_default(),
        requested_at_us: event.at.as_micros(),
    }
}

fn decode_requested(payload: &[u8]) -> Result<QuoteRequested, Defect> {
    let message = form::QuoteRequested::decode(payload)?;
    let credential = |kind: &String| text("required_credentials", kind);
    let required_credentials: BTreeSet<CredentialKind> =
        message.required_credentials.iter().map(credential).collect::<Result<_, _>>()?;
    let request = RequestedQuote {
        id: id("request", &message.request)?,
        member: id("member", &message.member)?,
        contract: id("contract", &message.contract)?,
        listing: id("listing", &message.listing)?,
        vendor: id("vendor", &message.vendor)?,
        kind: service_kind("kind", message.kind)?,
        quantity: message.quantity,
        requirements: text("requirements", &message.requirements)?,
        required_credentials,
        dataset: optional_id("dataset", &message.dataset)?,
    };
    let contract_revision = message.contract_revision;
    let at = instant("requested_at_us", message.requested_at_us)?;
    Ok(QuoteRequested { request, contract_revision, at })
}

fn encode_submitted(event: &QuoteSubmitted) -> form::QuoteSubmitted {
    let offer = &event.offer;
    form::QuoteSubmitted {
        number: event.number,
        contract: id_bytes(event.contract),
        contract_revision: event.contract_revision,
        price: Some(amount_form(offer.price)),
        milestones: offer.milestones.iter().map(milestone_form).collect(),
        turnaround_days: offer.turnaround_days,
        valid_until_us: offer.valid_until.as_micros(),
        note: offer.note.as_ref().map(ToString::to_string).unwrap_or_default(),
        submitted_at_us: event.at.as_micros(),
    }
}

fn decode_submitted(payload: &[u8]) -> Result<QuoteSubmitted, Defect> {
    let message = form::QuoteSubmitted::decode(payload)?;
    if message.number == 0 {
        return Err(defect("number", "quotes count from 1"));
    }
    let offer = Offer {
        price: amount("price", message.price)?,
        milestones: message.milestones.into_iter().map(milestone).collect::<Result<_, _>>()?,
        turnaround_days: message.turnaround_days,
        valid_until: instant("valid_until_us", message.valid_until_us)?,
        note: optional_text("note", &message.note)?,
    };
    Ok(QuoteSubmitted {
        number: message.number,
        contract: id("contract", &message.contract)?,
        contract_revision: message.contract_revision,
        offer,
        at: instant("submitted_at_us", message.submitted_at_us)?,
    })
}

fn decode_declined(payload: &[u8]) -> Result<QuoteRequestDeclined, Defect> {
    let message = form::QuoteRequestDeclined::decode(payload)?;
    Ok(QuoteRequestDeclined {
        reason: text("reason", &message.reason)?,
        at: instant("declined_at_us", message.declined_at_us)?,
    })
}
