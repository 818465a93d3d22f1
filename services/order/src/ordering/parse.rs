//! Requests into commands.

use std::collections::BTreeSet;

use domain::{
    id::{ContractId, DatasetId, ListingId, OrderId, OrganisationId},
    order::{
        AcceptDelivery, AcceptOrder, Artefact, CancelOrder, Command, DeclineOrder, DeliverMilestone,
        DepositResult, DisputeDelivery, EthicsApproval, Milestone, QuoteTaken,
    },
    terms::CredentialKind,
    time::Timestamp,
};
use engine::{
    Refusal,
    parse::{id, optional_id, text},
};
use proto::kiban::order::v1::{self as wire, place_order_request::Source as WireSource};

use crate::{fields::credentials, milestones};

/// The field that names the request for quote from which an order comes.
pub(super) const QUOTE_REQUEST: &str = "quote.quote_request_id";

/// What somebody wants to order, before anything that it names has been looked up.
#[derive(Clone)]
pub(super) struct Placing {
    pub(super) id: OrderId,
    pub(super) member: OrganisationId,
    pub(super) contract: ContractId,
    pub(super) source: NamedSource,
    pub(super) required_credentials: BTreeSet<CredentialKind>,
    pub(super) dataset: Option<DatasetId>,
    pub(super) ethics_approval: Option<EthicsApproval>,
    pub(super) at: Timestamp,
}

/// From what the price and the milestones come, as a request names it.
#[derive(Clone)]
pub(super) enum NamedSource {
    Quote(QuoteTaken),
    ListPrice { listing: ListingId, quantity: u32, milestones: Vec<Milestone> },
}

pub(super) fn placing(
    order: OrderId,
    member: OrganisationId,
    request: &wire::PlaceOrderRequest,
    at: Timestamp,
) -> Result<Placing, Refusal> {
    Ok(Placing {
        id: order,
        member,
        contract: id("contract_id", &request.contract_id)?,
        source: source(request.source.as_ref())?,
        required_credentials: credentials(&request.required_credentials)?,
        dataset: optional_id("dataset_id", &request.dataset_id)?,
        ethics_approval: match request.ethics_approval.as_str() {
            "" => None,
            approval => Some(text("ethics_approval", approval)?),
        },
        at,
    })
}

fn source(source: Option<&WireSource>) -> Result<NamedSource, Refusal> {
    match source {
        None => Err(Refusal::invalid("source", "is missing: name a quote, or a list price")),
        Some(WireSource::Quote(quote)) => Ok(NamedSource::Quote(QuoteTaken {
            request: id(QUOTE_REQUEST, &quote.quote_request_id)?,
            number: quote.number,
        })),
        Some(WireSource::ListPrice(price)) => Ok(NamedSource::ListPrice {
            listing: id("list_price.listing_id", &price.listing_id)?,
            quantity: price.quantity,
            milestones: milestones::parse("list_price.milestones", &price.milestones)?,
        }),
    }
}

pub(super) fn accept(by: OrganisationId, at: Timestamp) -> Command {
    Command::AcceptOrder(AcceptOrder { by, at })
}

pub(super) fn decline(by: OrganisationId, reason: &str, at: Timestamp) -> Result<Command, Refusal> {
    Ok(Command::DeclineOrder(DeclineOrder { by, reason: text("reason", reason)?, at }))
}

pub(super) fn deliver(
    by: OrganisationId,
    request: &wire::DeliverMilestoneRequest,
    at: Timestamp,
) -> Result<Command, Refusal> {
    let artefact = artefact("artefact", request.artefact.as_ref())?;
    Ok(Command::DeliverMilestone(DeliverMilestone { by, milestone: request.milestone, artefact, at }))
}

pub(super) fn accept_delivery(by: OrganisationId, milestone: u32, at: Timestamp) -> Command {
    Command::AcceptDelivery(AcceptDelivery { by, milestone, at })
}

pub(super) fn dispute(
    by: OrganisationId,
    request: &wire::DisputeDeliveryRequest,
    at: Timestamp,
) -> Result<Command, Refusal> {
    let reason = text("reason", &request.reason)?;
    Ok(Command::DisputeDelivery(DisputeDelivery { by, milestone: request.milestone, reason, at }))
}

pub(super) fn cancel(by: OrganisationId, reason: &str, at: Timestamp) -> Result<Command, Refusal> {
    Ok(Command::CancelOrder(CancelOrder { by, reason: text("reason", reason)?, at }))
}

pub(super) fn deposit(
    by: OrganisationId,
    request: &wire::DepositResultRequest,
    at: Timestamp,
) -> Result<Command, Refusal> {
    Ok(Command::DepositResult(DepositResult {
        by,
        title: text("title", &request.title)?,
        artefact: artefact("artefact", request.artefact.as_ref())?,
        at,
    }))
}

fn artefact(field: &str, wire: Option<&wire::Artefact>) -> Result<Artefact, Refusal> {
    let wire = wire.ok_or_else(|| Refusal::invalid(field, "is missing"))?;
    Ok(Artefact {
        uri: text(&format!("{field}.uri"), &wire.uri)?,
        sha256: text(&format!("{field}.sha256"), &wire.sha256)?,
    })
}
