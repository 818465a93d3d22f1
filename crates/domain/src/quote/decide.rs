//! What may not be done with a request for a quote.

use crate::{
    contract::ContractKind,
    id::OrganisationId,
    listing::{Listing, MOST_QUANTITY, check_turnaround},
    milestone,
    quote::{
        Command, DeclineQuoteRequest, Event, Offer, Quote, QuoteRequestDeclined, QuoteRequested,
        QuoteSubmitted, Rejection, RequestQuote, RequestedQuote, SubmitQuote,
    },
    time::Timestamp,
};

/// The most credentials that one request for a quote requires, or one order.
pub const MOST_CREDENTIALS: usize = 20;
/// The most quotes that answer one request, so that all of them fit the 4 MiB of a message that clients take.
pub const MOST_QUOTES: usize = 40;

pub(super) fn decide(state: &Quote, command: Command) -> Result<Vec<Event>, Rejection> {
    match command {
        Command::RequestQuote(command) => request(state, command),
        Command::SubmitQuote(command) => submit(state, command),
        Command::DeclineQuoteRequest(command) => decline(state, command),
    }
}

fn request(state: &Quote, command: RequestQuote) -> Result<Vec<Event>, Rejection> {
    let RequestQuote { id, member, contract, listing_id, listing, at, .. } = command;
    let credentials = command.required_credentials.len();
    if credentials > MOST_CREDENTIALS {
        return Err(Rejection::TooManyCredentials { credentials });
    }
    let listed = listing.listed().ok_or(Rejection::NotListed { id: listing_id })?;
    let request = RequestedQuote {
        id,
        member,
        contract: contract.id,
        listing: listing_id,
        vendor: listed.vendor,
        kind: listed.content.kind(),
        quantity: command.quantity,
        requirements: command.requirements,
        required_credentials: command.required_credentials,
        dataset: command.dataset,
    };
    if let Some((known, _)) = state.request() {
        return if *known == request {
            Ok(vec![])
        } else {
            Err(Rejection::AlreadyRequested { id: known.id })
        };
    }
    if !listing.is_listed() {
        return Err(Rejection::NotListed { id: listing_id });
    }
    if listed.vendor == member {
        return Err(Rejection::OwnListing { organisation: member });
    }
    let minimum = listed.content.minimum_quantity;
    if !(minimum..=MOST_QUANTITY).contains(&request.quantity) {
        return Err(Rejection::QuantityOutOfRange { quantity: request.quantity, minimum });
    }
    contract.check(member, ContractKind::Member)?;
    let contract_revision = contract.revision;
    Ok(vec![Event::QuoteRequested(QuoteRequested { request, contract_revision, at })])
}

fn submit(state: &Quote, command: SubmitQuote) -> Result<Vec<Event>, Rejection> {
    let SubmitQuote { by, contract, listing, offer, at } = command;
    check_offer(&offer, at)?;
    let request = asked(state, by)?;
    if state.declination().is_some() {
        return Err(Rejection::Declined { id: request.id });
    }
    check_offered(&listing, request)?;
    contract.check(by, ContractKind::VendorParticipation)?;
    let quotes = state.quotes();
    // It binds already; a second one would say nothing new. Under another contract it would: an order stands on it.
    if quotes.last().is_some_and(|last| last.offer == offer && last.contract == contract.id) {
        return Ok(vec![]);
    }
    let number = u32::try_from(quotes.len() + 1).unwrap_or(u32::MAX);
    if quotes.len() >= MOST_QUOTES {
        return Err(Rejection::TooManyQuotes);
    }
    let (contract, contract_revision) = (contract.id, contract.revision);
    Ok(vec![Event::QuoteSubmitted(QuoteSubmitted { number, contract, contract_revision, offer, at })])
}

fn decline(state: &Quote, command: DeclineQuoteRequest) -> Result<Vec<Event>, Rejection> {
    let DeclineQuoteRequest { by, reason, at } = command;
    let request = asked(state, by)?;
    match state {
        Quote::Declined { .. } => Ok(vec![]),
        Quote::Quoted { quotes, .. } => {
            Err(Rejection::AlreadyQuoted { id: request.id, quotes: quotes.len() })
        }
        Quote::Vacant | Quote::Requested { .. } => {
            Ok(vec![Event::QuoteRequestDeclined(QuoteRequestDeclined { reason, at })])
        }
    }
}

fn check_offer(offer: &Offer, at: Timestamp) -> Result<(), Rejection> {
    milestone::check(&offer.milestones, offer.price)?;
    check_turnaround(offer.turnaround_days).map_err(Rejection::InvalidTurnaround)?;
    if offer.binds(at) { Ok(()) } else { Err(Rejection::ExpiryPast { valid_until: offer.valid_until, at }) }
}

/// Nothing is quoted for what is not offered any more.
fn check_offered(listing: &Listing, request: &RequestedQuote) -> Result<(), Rejection> {
    let same = listing.listed().is_some_and(|listed| listed.id == request.listing);
    if same && listing.is_listed() { Ok(()) } else { Err(Rejection::NotListed { id: request.listing }) }
}

/// What was asked, if the organisation was.
fn asked(state: &Quote, organisation: OrganisationId) -> Result<&RequestedQuote, Rejection> {
    let (request, _) = state.request().ok_or(Rejection::NotRequested)?;
    if request.vendor == organisation {
        Ok(request)
    } else {
        Err(Rejection::NotTheVendor { id: request.id, organisation })
    }
}
