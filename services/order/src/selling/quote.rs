//! Requests for quotes, and the quotes that answer them.

use domain::{
    id::{DatasetId, ListingId, QuoteRequestId},
    quote::{Command, DeclineQuoteRequest, Event, Offer, Quote, RequestQuote, RequestedQuote, SubmitQuote},
};
use engine::{
    Authorised, Prepared, Refusal,
    parse::{id, optional_id, text},
    receipt,
};
use event_log::Guard;
use events::{Category, wire};
use proto::kiban::order::v1::{
    DeclineQuoteRequestRequest, DeclineQuoteRequestResponse, GetQuoteRequest, GetQuoteResponse,
    RequestQuoteRequest, RequestQuoteResponse, SubmitQuoteRequest, SubmitQuoteResponse,
};

use super::{Facts, ListingApi, parse, refuse};
use crate::fields::{credentials, missing};

impl ListingApi {
    pub(super) async fn request_quote(
        &self,
        request: Authorised<RequestQuoteRequest>,
    ) -> Result<RequestQuoteResponse, Refusal> {
        let (identity, envelope) = request.envelope()?;
        let quote: QuoteRequestId = identity.derived();
        let executed = self
            .quotes
            .execute(&Category::Quote.stream(quote), &envelope, || {
                Box::pin(async { Ok(self.facts.request_quote(&request, quote).await?) })
            })
            .await
            .map_err(refuse::quote)?;
        Ok(RequestQuoteResponse { quote_request_id: quote.to_string(), receipt: Some(receipt(&executed)) })
    }

    pub(super) async fn submit_quote(
        &self,
        request: Authorised<SubmitQuoteRequest>,
    ) -> Result<SubmitQuoteResponse, Refusal> {
        let (_, envelope) = request.envelope()?;
        let quote: QuoteRequestId = id("quote_request_id", &request.request().quote_request_id)?;
        let asked = self.asked(&request, quote).await?;
        let offer = parse::offer(request.request())?;
        let stream = Category::Quote.stream(quote);
        let executed = self
            .quotes
            .execute(&stream, &envelope, || {
                let offer = offer.clone();
                Box::pin(async { Ok(self.facts.submit_quote(&request, &asked, offer).await?) })
            })
            .await
            .map_err(refuse::quote)?;
        let number = executed.events.iter().find_map(|event| match event {
            Event::QuoteSubmitted(event) => Some(event.number),
            Event::QuoteRequested(_) | Event::QuoteRequestDeclined(_) => None,
        });
        let number = match number {
            Some(number) => number,
            // The same quote binds already: it is the last one.
            None => {
                let last = |state: &Quote, _| state.quotes().last().map(|quote| quote.number);
                self.quotes.read(&stream, last).await?.unwrap_or_default()
            }
        };
        Ok(SubmitQuoteResponse { number, receipt: Some(receipt(&executed)) })
    }

    pub(super) async fn decline_quote(
        &self,
        request: Authorised<DeclineQuoteRequestRequest>,
    ) -> Result<DeclineQuoteRequestResponse, Refusal> {
        let (_, envelope) = request.envelope()?;
        let quote: QuoteRequestId = id("quote_request_id", &request.request().quote_request_id)?;
        let asked = self.asked(&request, quote).await?;
        let reason = text("reason", &request.request().reason)?;
        let command = DeclineQuoteRequest { by: request.caller().organisation, reason, at: request.at() };
        let executed = self
            .quotes
            .execute(&Category::Quote.stream(quote), &envelope, || {
                let prepared = Prepared::new(Command::DeclineQuoteRequest(command.clone()))
                    .concerning([asked.member, asked.vendor])
                    .under(asked.contract);
                Box::pin(async { Ok(prepared) })
            })
            .await
            .map_err(refuse::quote)?;
        Ok(DeclineQuoteRequestResponse { receipt: Some(receipt(&executed)) })
    }

    pub(super) async fn get_quote(
        &self,
        request: Authorised<GetQuoteRequest>,
    ) -> Result<GetQuoteResponse, Refusal> {
        let quote: QuoteRequestId = id("quote_request_id", &request.request().quote_request_id)?;
        self.asked(&request, quote).await?;
        let look = |state: &Quote, revision| (wire::quote_request(state, request.at()), revision);
        let (found, revision) = self.quotes.read(&Category::Quote.stream(quote), look).await?;
        let found = found.ok_or_else(|| Refusal::not_found(quote))?;
        Ok(GetQuoteResponse { quote_request: Some(found), revision: revision.unwrap_or_default() })
    }

    /// What was asked, if the caller is concerned; to anybody else the request does not exist.
    async fn asked<T>(
        &self,
        request: &Authorised<T>,
        quote: QuoteRequestId,
    ) -> Result<RequestedQuote, Refusal> {
        let look = |state: &Quote, _| state.request().map(|(asked, _)| asked.clone());
        let asked = self.quotes.read(&Category::Quote.stream(quote), look).await?;
        let caller = request.caller().organisation;
        asked
            .filter(|asked| request.is_operator() || [asked.member, asked.vendor].contains(&caller))
            .ok_or_else(|| missing("quote_request_id", quote))
    }
}

impl Facts {
    async fn request_quote(
        &self,
        request: &Authorised<RequestQuoteRequest>,
        quote: QuoteRequestId,
    ) -> Result<Prepared<Quote>, Refusal> {
        let asked = request.request();
        let under = self.contract(request, id("contract_id", &asked.contract_id)?).await?;
        let listing_id: ListingId = id("listing_id", &asked.listing_id)?;
        let listing = self.listing(listing_id).await?;
        let vendor = listing.state.vendor().ok_or_else(|| missing("listing_id", listing_id))?;
        let dataset: Option<DatasetId> = optional_id("dataset_id", &asked.dataset_id)?;
        let mut guards = vec![under.guard, listing.guard()];
        if let Some(dataset) = dataset {
            guards.push(self.dataset(dataset).await?);
        }
        let (member, contract) = (request.caller().organisation, under.now.id);
        let command = Command::RequestQuote(RequestQuote {
            id: quote,
            member,
            contract: under.now,
            listing_id,
            listing: (*listing.state).clone(),
            quantity: asked.quantity,
            requirements: text("requirements", &asked.requirements)?,
            required_credentials: credentials(&asked.required_credentials)?,
            dataset,
            at: request.at(),
        });
        Ok(Prepared::new(command).guarded_by(guards).concerning([member, vendor]).under(contract))
    }

    async fn submit_quote(
        &self,
        request: &Authorised<SubmitQuoteRequest>,
        asked: &RequestedQuote,
        offer: Offer,
    ) -> Result<Prepared<Quote>, Refusal> {
        let under = self.contract(request, id("contract_id", &request.request().contract_id)?).await?;
        let listing = self.listing(asked.listing).await?;
        let guards = [under.guard, listing.guard()];
        let command = Command::SubmitQuote(SubmitQuote {
            by: request.caller().organisation,
            contract: under.now,
            listing: (*listing.state).clone(),
            offer,
            at: request.at(),
        });
        let prepared = Prepared::new(command).guarded_by(guards);
        Ok(prepared.concerning([asked.member, asked.vendor]).under(asked.contract))
    }

    /// The guard of a dataset that is registered.
    async fn dataset(&self, id: DatasetId) -> Result<Guard, Refusal> {
        let known = self.datasets.now(&Category::Dataset.stream(id)).await?;
        match known.state.registered() {
            Some(_) => Ok(known.guard()),
            None => Err(missing("dataset_id", id)),
        }
    }
}
