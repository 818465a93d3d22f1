//! Requests for quotes and orders, as the log holds them.

use std::collections::BTreeSet;

use domain::{
    id::{ListingId, OrderId, OrganisationId, QuoteRequestId},
    listing::ServiceKind,
    order::{self, Milestone, OrderAccepted, OrderCancelled, OrderDeclined, PlacedOrder},
    quote::{self, Offer, QuoteRequestDeclined, QuoteRequested, QuoteSubmitted, RequestedQuote},
    text::{Name, Reason, Text},
    time::Timestamp,
};
use money::{Currency, Money};

use super::{PHARMA, contract_of};

pub(crate) fn quote_id(number: u128) -> QuoteRequestId {
    QuoteRequestId::from_u128(number)
}

pub(crate) fn order_id(number: u128) -> OrderId {
    OrderId::from_u128(number)
}

pub(crate) fn requested(
    number: u128,
    listing: ListingId,
    vendor: OrganisationId,
    at: Timestamp,
) -> quote::Event {
    let request = RequestedQuote {
        id: quote_id(number),
        member: PHARMA,
        contract: contract_of(PHARMA),
        listing,
        vendor,
        kind: ServiceKind::OmicsAnalysis,
        quantity: 10,
        requirements: Text::new("FFPE").unwrap(),
        required_credentials: BTreeSet::new(),
        dataset: None,
    };
    quote::Event::QuoteRequested(QuoteRequested { request, contract_revision: 5, at })
}

pub(crate) fn submitted(number: u32, vendor: OrganisationId, at: Timestamp) -> quote::Event {
    let price = Money::new(Currency::Jpy, 1_000);
    let offer = Offer {
        price,
        milestones: vec![Milestone { name: Name::new("納品").unwrap(), amount: price }],
        turnaround_days: 10,
        valid_until: at.plus_days(30),
        note: None,
    };
    let contract = contract_of(vendor);
    quote::Event::QuoteSubmitted(QuoteSubmitted { number, contract, contract_revision: 5, offer, at })
}

pub(crate) fn quote_declined(at: Timestamp) -> quote::Event {
    quote::Event::QuoteRequestDeclined(QuoteRequestDeclined { reason: Reason::new("多忙").unwrap(), at })
}

pub(crate) fn placed(
    number: u128,
    listing: Option<ListingId>,
    vendor: OrganisationId,
    at: Timestamp,
) -> order::Event {
    let price = Money::new(Currency::Jpy, 1_000);
    order::Event::OrderPlaced(Box::new(PlacedOrder {
        id: order_id(number),
        contract: contract_of(PHARMA),
        contract_revision: 5,
        member: PHARMA,
        vendor,
        vendor_contract: Some(contract_of(vendor)),
        kind: ServiceKind::SpecimenArchive,
        listing,
        quote: None,
        quantity: 1,
        price,
        milestones: vec![Milestone { name: Name::new("納品").unwrap(), amount: price }],
        consortium: None,
        dataset: None,
        required_credentials: BTreeSet::new(),
        ethics_approval: None,
        omics: None,
        at,
    }))
}

pub(crate) fn accepted(at: Timestamp) -> order::Event {
    order::Event::OrderAccepted(OrderAccepted { at })
}

pub(crate) fn declined(at: Timestamp) -> order::Event {
    order::Event::OrderDeclined(OrderDeclined { reason: Reason::new("多忙").unwrap(), at })
}

pub(crate) fn cancelled(at: Timestamp) -> order::Event {
    let reason = Reason::new("中止").unwrap();
    order::Event::OrderCancelled(OrderCancelled { by: PHARMA, reason, charged: vec![], at })
}
