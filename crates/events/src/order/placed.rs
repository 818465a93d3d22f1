//! The placing of an order as bytes and back. There are two forms: that of omics analyses is as old as the log, and what
//! has come since stands in later fields; that of every other kind of service has been there since listings are.

use std::collections::BTreeSet;

use domain::{
    id::{Id, Kind, OrganisationId},
    listing::{OmicsModality, ServiceKind},
    order::{PlacedOrder, QuoteTaken, SellingConsortium},
};
use money::Decimal;
use prost::Message;
use proto::kiban::order::v1 as form;

use crate::{
    Defect,
    field::{
        amount, amount_form, defect, id, id_bytes, instant, milestone, milestone_form, optional_id,
        optional_text, service_kind, text,
    },
    listing_form::{omics_modality, omics_modality_form, service_kind_form},
};

pub(super) fn omics_form(placed: &PlacedOrder) -> form::OmicsAnalysisOrdered {
    form::OmicsAnalysisOrdered {
        order: id_bytes(placed.id),
        contract: id_bytes(placed.contract),
        contract_revision: placed.contract_revision,
        member: id_bytes(placed.member),
        vendor: id_bytes(placed.vendor),
        modality: placed.omics.map_or(0, |modality| omics_modality_form(modality) as u32),
        specimens: placed.quantity,
        price: Some(amount_form(placed.price)),
        milestones: placed.milestones.iter().map(milestone_form).collect(),
        ordered_at_us: placed.at.as_micros(),
        vendor_contract: optional_id_bytes(placed.vendor_contract),
        listing: optional_id_bytes(placed.listing),
        quote: placed.quote.map(quote_form),
        consortium: placed.consortium.as_ref().map(consortium_form),
        dataset: optional_id_bytes(placed.dataset),
        required_credentials: placed.required_credentials.iter().map(ToString::to_string).collect(),
        ethics_approval: placed.ethics_approval.as_ref().map(ToString::to_string).unwrap_or_default(),
    }
}

pub(super) fn form(placed: &PlacedOrder) -> form::OrderPlaced {
    // The two messages differ in nothing but the number at which the kind stands.
    let omics = omics_form(placed);
    form::OrderPlaced {
        order: omics.order,
        contract: omics.contract,
        contract_revision: omics.contract_revision,
        member: omics.member,
        vendor: omics.vendor,
        kind: service_kind_form(placed.kind) as u32,
        quantity: omics.specimens,
        price: omics.price,
        milestones: omics.milestones,
        ordered_at_us: omics.ordered_at_us,
        vendor_contract: omics.vendor_contract,
        listing: omics.listing,
        quote: omics.quote,
        consortium: omics.consortium,
        dataset: omics.dataset,
        required_credentials: omics.required_credentials,
        ethics_approval: omics.ethics_approval,
    }
}

pub(super) fn read_omics(payload: &[u8]) -> Result<PlacedOrder, Defect> {
    let message = form::OmicsAnalysisOrdered::decode(payload)?;
    let number = message.modality;
    let modality = i32::try_from(number).ok().and_then(omics_modality);
    let modality = modality.ok_or_else(|| defect("modality", format!("{number} is no modality")))?;
    placed(ServiceKind::OmicsAnalysis, Some(modality), message)
}

pub(super) fn read(payload: &[u8]) -> Result<PlacedOrder, Defect> {
    let message = form::OrderPlaced::decode(payload)?;
    let kind = service_kind("kind", message.kind)?;
    if kind == ServiceKind::OmicsAnalysis {
        return Err(defect("kind", "an omics analysis has a type of its own"));
    }
    let message = form::OmicsAnalysisOrdered {
        order: message.order,
        contract: message.contract,
        contract_revision: message.contract_revision,
        member: message.member,
        vendor: message.vendor,
        modality: 0,
        specimens: message.quantity,
        price: message.price,
        milestones: message.milestones,
        ordered_at_us: message.ordered_at_us,
        vendor_contract: message.vendor_contract,
        listing: message.listing,
        quote: message.quote,
        consortium: message.consortium,
        dataset: message.dataset,
        required_credentials: message.required_credentials,
        ethics_approval: message.ethics_approval,
    };
    placed(kind, None, message)
}

fn placed(
    kind: ServiceKind,
    omics: Option<OmicsModality>,
    message: form::OmicsAnalysisOrdered,
) -> Result<PlacedOrder, Defect> {
    let credential = |kind: &String| text("required_credentials", kind);
    Ok(PlacedOrder {
        id: id("order", &message.order)?,
        contract: id("contract", &message.contract)?,
        contract_revision: message.contract_revision,
        member: id("member", &message.member)?,
        vendor: id("vendor", &message.vendor)?,
        vendor_contract: optional_id("vendor_contract", &message.vendor_contract)?,
        kind,
        listing: optional_id("listing", &message.listing)?,
        quote: message.quote.as_ref().map(quote).transpose()?,
        quantity: message.specimens,
        price: amount("price", message.price)?,
        milestones: message.milestones.into_iter().map(milestone).collect::<Result<_, _>>()?,
        consortium: message.consortium.as_ref().map(consortium).transpose()?,
        dataset: optional_id("dataset", &message.dataset)?,
        required_credentials: message
            .required_credentials
            .iter()
            .map(credential)
            .collect::<Result<BTreeSet<_>, _>>()?,
        ethics_approval: optional_text("ethics_approval", &message.ethics_approval)?,
        omics,
        at: instant("ordered_at_us", message.ordered_at_us)?,
    })
}

fn optional_id_bytes<K: Kind>(id: Option<Id<K>>) -> Vec<u8> {
    id.map(id_bytes).unwrap_or_default()
}

fn quote_form(taken: QuoteTaken) -> form::TakenQuote {
    form::TakenQuote { request: id_bytes(taken.request), number: taken.number }
}

fn quote(message: &form::TakenQuote) -> Result<QuoteTaken, Defect> {
    if message.number == 0 {
        return Err(defect("quote.number", "quotes count from 1"));
    }
    Ok(QuoteTaken { request: id("quote.request", &message.request)?, number: message.number })
}

fn consortium_form(consortium: &SellingConsortium) -> form::OrderedConsortium {
    let share = |(vendor, percentage): &(OrganisationId, Decimal)| form::OrderedShare {
        vendor: id_bytes(*vendor),
        percentage: percentage.to_string(),
    };
    form::OrderedConsortium {
        consortium: id_bytes(consortium.id),
        shares: consortium.shares.iter().map(share).collect(),
    }
}

/// Whoever splits what is earned relies on it that everybody has one share and that they are the whole.
fn consortium(message: &form::OrderedConsortium) -> Result<SellingConsortium, Defect> {
    let share = |share: &form::OrderedShare| {
        let vendor = id("consortium.shares.vendor", &share.vendor)?;
        Ok((vendor, text("consortium.shares.percentage", &share.percentage)?))
    };
    let shares: Vec<(OrganisationId, Decimal)> =
        message.shares.iter().map(share).collect::<Result<_, Defect>>()?;
    if !shares.is_sorted_by(|(one, _), (next, _)| one < next) {
        return Err(defect("consortium.shares", "the vendors do not ascend"));
    }
    let sum = shares.iter().try_fold(Decimal::ZERO, |sum, (_, percentage)| {
        if percentage.is_negative() { None } else { sum.checked_add(*percentage) }
    });
    if sum != Some(Decimal::HUNDRED) {
        return Err(defect("consortium.shares", "the percentages do not sum to 100"));
    }
    Ok(SellingConsortium { id: id("consortium.consortium", &message.consortium)?, shares })
}
