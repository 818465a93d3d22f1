//! How events change what is known of a request for a quote.

use crate::quote::{Declination, Event, Quote, QuoteSubmitted, SubmittedQuote};

pub(super) fn evolve(state: Quote, event: &Event) -> Quote {
    match event {
        Event::QuoteRequested(event) => {
            Quote::Requested { request: Box::new(event.request.clone()), requested_at: event.at }
        }
        Event::QuoteSubmitted(event) => quoted(state, event),
        Event::QuoteRequestDeclined(event) => match state {
            Quote::Requested { request, requested_at } => {
                let declination = Declination { reason: event.reason.clone(), at: event.at };
                Quote::Declined { request, requested_at, declination }
            }
            other @ (Quote::Vacant | Quote::Quoted { .. } | Quote::Declined { .. }) => other,
        },
    }
}

fn quoted(state: Quote, event: &QuoteSubmitted) -> Quote {
    let quote = SubmittedQuote {
        number: event.number,
        contract: event.contract,
        offer: event.offer.clone(),
        submitted_at: event.at,
    };
    match state {
        Quote::Vacant => Quote::Vacant,
        Quote::Requested { request, requested_at } | Quote::Declined { request, requested_at, .. } => {
            Quote::Quoted { request, requested_at, quotes: vec![quote] }
        }
        Quote::Quoted { request, requested_at, mut quotes } => {
            quotes.push(quote);
            Quote::Quoted { request, requested_at, quotes }
        }
    }
}
