//! Requests into questions.

use domain::{
    id::{ListingId, OrganisationId},
    listing::ServiceKind,
    time::Month,
};
use engine::{
    Page, Reason, Refusal, invalid_token,
    parse::{amount, month, optional_id, text},
};
use events::listing_form::service_kind;
use money::Currency;
use proto::kiban::service_catalogue::v1 as wire;

use crate::{
    search::{Filters, Key, Order, Question},
    text::Terms,
};

/// The most months of one funnel.
const MOST_MONTHS: i32 = 120;
/// The most kinds that one search may name: each once.
const MOST_KINDS: usize = ServiceKind::ALL.len();

pub(crate) fn question(request: &wire::SearchServicesRequest, page: &Page) -> Result<Question, Refusal> {
    Ok(Question {
        terms: Terms::new(&request.query).map_err(|error| Refusal::invalid("query", error))?,
        filters: filters(request)?,
        order: order(request.order_by)?,
        after: if page.after().is_empty() { None } else { Some(read_key(page.after())?) },
        size: page.size(),
    })
}

fn filters(request: &wire::SearchServicesRequest) -> Result<Filters, Refusal> {
    if request.service_kinds.len() > MOST_KINDS {
        let what = format!("has {} entries, but there are {MOST_KINDS} kinds", request.service_kinds.len());
        return Err(Refusal::invalid("service_kinds", what));
    }
    let kind = |(index, number): (usize, &i32)| {
        let field = || format!("service_kinds[{index}]");
        service_kind(*number).ok_or_else(|| Refusal::invalid(field(), "is no kind of service"))
    };
    let credential = &request.credential;
    Ok(Filters {
        kinds: request.service_kinds.iter().enumerate().map(kind).collect::<Result<_, _>>()?,
        modality: modality(request.modality)?,
        max_price: max_price(request)?,
        max_turnaround_days: Some(request.max_turnaround_days).filter(|days| *days > 0),
        credential: (!credential.is_empty()).then(|| text("credential", credential)).transpose()?,
        vendor: optional_id("vendor_id", &request.vendor_id)?,
    })
}

/// Yen is the only currency that there is, so the amount says it all.
fn max_price(request: &wire::SearchServicesRequest) -> Result<Option<i64>, Refusal> {
    if request.max_price.is_none() {
        return Ok(None);
    }
    let price = amount("max_price", request.max_price.as_ref())?;
    match price.currency() {
        Currency::Jpy => Ok(Some(price.minor_units())),
    }
}

fn modality(number: i32) -> Result<Option<wire::Modality>, Refusal> {
    match wire::Modality::try_from(number) {
        Ok(wire::Modality::Unspecified) => Ok(None),
        Ok(modality) => Ok(Some(modality)),
        Err(_) => Err(Refusal::invalid("modality", "is no modality")),
    }
}

fn order(number: i32) -> Result<Order, Refusal> {
    match wire::ServiceOrder::try_from(number) {
        Ok(wire::ServiceOrder::Unspecified | wire::ServiceOrder::Relevance) => Ok(Order::Relevance),
        Ok(wire::ServiceOrder::Price) => Ok(Order::Price),
        Ok(wire::ServiceOrder::Turnaround) => Ok(Order::Turnaround),
        Err(_) => Err(Refusal::invalid("order_by", "is no order")),
    }
}

/// A key as a page's token bears it.
pub(crate) fn key_bytes(key: &Key) -> Vec<u8> {
    let numbers = [key.major.to_be_bytes(), key.minor.to_be_bytes()];
    numbers.as_flattened().iter().copied().chain(key.listing.to_bytes()).collect()
}

fn read_key(bytes: &[u8]) -> Result<Key, Refusal> {
    let read = || {
        let (major, rest) = bytes.split_first_chunk()?;
        let (minor, listing) = rest.split_first_chunk()?;
        let listing = ListingId::from_bytes(listing.try_into().ok()?);
        Some(Key { major: u64::from_be_bytes(*major), minor: u64::from_be_bytes(*minor), listing })
    };
    read().ok_or_else(invalid_token)
}

/// Whose funnel, from which month to which.
pub(crate) struct FunnelAsked {
    pub(crate) vendor: OrganisationId,
    pub(crate) first: Month,
    pub(crate) last: Month,
}

/// `caller` is asked for unless it is an operator that names another.
pub(crate) fn funnel(
    request: &wire::GetVendorFunnelRequest,
    caller: OrganisationId,
    operator: bool,
    now: Month,
) -> Result<FunnelAsked, Refusal> {
    let vendor = optional_id("vendor_id", &request.vendor_id)?.unwrap_or(caller);
    if vendor != caller && !operator {
        let what = "only those who run the forum see another vendor's funnel";
        return Err(Refusal::field(Reason::NotYours, "vendor_id", what));
    }
    let given = |field, text: &str, absent| if text.is_empty() { Ok(absent) } else { month(field, text) };
    let last = given("last_month", &request.last_month, now)?;
    let first = given("first_month", &request.first_month, last)?;
    let months = last.index().saturating_sub(first.index()).saturating_add(1);
    if !(1..=MOST_MONTHS).contains(&months) {
        let what = format!("must be at most {MOST_MONTHS} months up to last_month, {last}, and not after it");
        return Err(Refusal::invalid("first_month", what));
    }
    Ok(FunnelAsked { vendor, first, last })
}
