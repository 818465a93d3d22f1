//! The handlers: authorise, parse, decide, reply.

use std::{num::NonZeroUsize, sync::Arc};

use domain::{
    id::{OrganisationId, PriceBookId, ShareRuleId},
    period::{self, ClosePeriod, Periods},
    price_book::{self, PriceBook, PriceList, PublishPriceBook},
    share_rule::{self, PublishShareRule, ShareRule, SplitTable},
};
use engine::{
    Aggregates, Authorised, Envelope, Executed, Gate, Known, Lookup, Need, OPERATORS, Prepared, Refusal,
    Role,
    parse::{id, month, optional_id},
    receipt, versions,
};
use event_log::EventLog;
use events::Category;
use proto::kiban::finance::v1::{
    AgreeFundingRequest, AgreeFundingResponse, ClosePeriodRequest, ClosePeriodResponse,
    CreatePriceBookRequest, CreatePriceBookResponse, CreateShareRuleRequest, CreateShareRuleResponse,
    GetCreditRequest, GetCreditResponse, GetFundingRequest, GetFundingResponse, GetPeriodsRequest,
    GetPeriodsResponse, GetPriceBookRequest, GetPriceBookResponse, GetShareRuleRequest, GetShareRuleResponse,
    GrantCreditRequest, GrantCreditResponse, RevisePriceBookRequest, RevisePriceBookResponse,
    ReviseShareRuleRequest, ReviseShareRuleResponse,
    finance_service_server::{FinanceService, FinanceServiceServer},
};
use tonic::{Request, Response, Status};

use crate::{
    grants::Grants,
    refuse::{self, VERSION},
    view,
};

/// Few, and a version may be hundreds of kilobytes.
const HOT_VERSIONED: NonZeroUsize = NonZeroUsize::new(200).unwrap();
/// One of each issuer, a few bytes.
const HOT_PERIODS: NonZeroUsize = NonZeroUsize::new(1_000).unwrap();
/// Who publishes prices and shares, and closes periods.
const FINANCE: Need = Need::role_in(Role::Finance, OPERATORS);

/// Serves `kiban.finance.v1.FinanceService`.
pub struct Finance {
    gate: Arc<Gate>,
    price_books: Aggregates<PriceBook>,
    share_rules: Aggregates<ShareRule>,
    periods: Aggregates<Periods>,
    closed_periods: Lookup<Periods>,
    grants: Grants,
}

impl Finance {
    /// The service over a log.
    pub fn new(log: Arc<dyn EventLog>, gate: Arc<Gate>) -> Self {
        Self {
            gate,
            grants: Grants::new(&log),
            price_books: Aggregates::new(log.clone(), HOT_VERSIONED),
            share_rules: Aggregates::new(log.clone(), HOT_VERSIONED),
            periods: Aggregates::new(log.clone(), HOT_PERIODS),
            closed_periods: Lookup::new(log, HOT_PERIODS),
        }
    }

    /// As a gRPC server.
    pub fn server(self) -> FinanceServiceServer<Self> {
        FinanceServiceServer::new(self)
    }

    /// Publishes prices as the caller's. The month that its periods are closed through is a fact of the
    /// decision, so the append holds only if none was closed meanwhile.
    async fn publish_prices(
        &self,
        id: PriceBookId,
        prices: PriceList,
        envelope: &Envelope,
        command: fn(PublishPriceBook) -> price_book::Command,
    ) -> Result<Executed<price_book::Event>, Refusal> {
        let (published_by, at) = (envelope.caller.organisation, envelope.at);
        let prepare = || -> engine::Preparation<'_, PriceBook> {
            let prices = prices.clone();
            Box::pin(async move {
                let closed = self.closed_periods_of(published_by).await?;
                let closed_through = closed.state.closed_through();
                let publish = PublishPriceBook { id, prices, closed_through, published_by, at };
                Ok(Prepared::new(command(publish)).guarded_by([closed.guard()]))
            })
        };
        let stream = Category::PriceBook.stream(id);
        self.price_books.execute(&stream, envelope, prepare).await.map_err(refuse::price_book)
    }

    /// Publishes splits as the caller's, guarded like prices.
    async fn publish_table(
        &self,
        id: ShareRuleId,
        table: SplitTable,
        envelope: &Envelope,
        command: fn(PublishShareRule) -> share_rule::Command,
    ) -> Result<Executed<share_rule::Event>, Refusal> {
        let (published_by, at) = (envelope.caller.organisation, envelope.at);
        let prepare = || -> engine::Preparation<'_, ShareRule> {
            let table = table.clone();
            Box::pin(async move {
                let closed = self.closed_periods_of(published_by).await?;
                let closed_through = closed.state.closed_through();
                let publish = PublishShareRule { id, table, closed_through, published_by, at };
                Ok(Prepared::new(command(publish)).guarded_by([closed.guard()]))
            })
        };
        let stream = Category::ShareRule.stream(id);
        self.share_rules.execute(&stream, envelope, prepare).await.map_err(refuse::share_rule)
    }

    async fn closed_periods_of(&self, issuer: OrganisationId) -> Result<Known<Periods>, Refusal> {
        self.closed_periods.now(&Category::Period.stream(issuer)).await
    }

    async fn create_book(
        &self,
        request: Authorised<CreatePriceBookRequest>,
    ) -> Result<CreatePriceBookResponse, Refusal> {
        let (identity, envelope) = request.envelope()?;
        let prices = versions::prices(VERSION, request.request().version.as_ref())?;
        let id: PriceBookId = identity.derived();
        let command = price_book::Command::PublishPriceBook;
        let executed = self.publish_prices(id, prices, &envelope, command).await?;
        Ok(CreatePriceBookResponse { price_book_id: id.to_string(), receipt: Some(receipt(&executed)) })
    }

    async fn revise_book(
        &self,
        request: Authorised<RevisePriceBookRequest>,
    ) -> Result<RevisePriceBookResponse, Refusal> {
        let (_, envelope) = request.envelope()?;
        let id = id("price_book_id", &request.request().price_book_id)?;
        let prices = versions::prices(VERSION, request.request().version.as_ref())?;
        let command = price_book::Command::RevisePriceBook;
        let executed = self.publish_prices(id, prices, &envelope, command).await?;
        let published = executed.events.first().map(|event| match event {
            price_book::Event::PriceBookPublished(event) => event.version,
        });
        let version = published.unwrap_or_else(|| version_at(executed.revision));
        Ok(RevisePriceBookResponse { version, receipt: Some(receipt(&executed)) })
    }

    async fn get_book(
        &self,
        request: Authorised<GetPriceBookRequest>,
    ) -> Result<GetPriceBookResponse, Refusal> {
        let GetPriceBookRequest { price_book_id, version } = request.request();
        let book: PriceBookId = id("price_book_id", price_book_id)?;
        let look = |state: &PriceBook, revision| view::price_book(book, state, *version, revision);
        let found = self.price_books.read(&Category::PriceBook.stream(book), look).await?;
        found.ok_or_else(|| not_found(book, *version))
    }

    async fn create_rule(
        &self,
        request: Authorised<CreateShareRuleRequest>,
    ) -> Result<CreateShareRuleResponse, Refusal> {
        let (identity, envelope) = request.envelope()?;
        let table = versions::shares(VERSION, request.request().version.as_ref())?;
        let id: ShareRuleId = identity.derived();
        let command = share_rule::Command::PublishShareRule;
        let executed = self.publish_table(id, table, &envelope, command).await?;
        Ok(CreateShareRuleResponse { share_rule_id: id.to_string(), receipt: Some(receipt(&executed)) })
    }

    async fn revise_rule(
        &self,
        request: Authorised<ReviseShareRuleRequest>,
    ) -> Result<ReviseShareRuleResponse, Refusal> {
        let (_, envelope) = request.envelope()?;
        let id = id("share_rule_id", &request.request().share_rule_id)?;
        let table = versions::shares(VERSION, request.request().version.as_ref())?;
        let command = share_rule::Command::ReviseShareRule;
        let executed = self.publish_table(id, table, &envelope, command).await?;
        let published = executed.events.first().map(|event| match event {
            share_rule::Event::ShareRulePublished(event) => event.version,
        });
        let version = published.unwrap_or_else(|| version_at(executed.revision));
        Ok(ReviseShareRuleResponse { version, receipt: Some(receipt(&executed)) })
    }

    async fn get_rule(
        &self,
        request: Authorised<GetShareRuleRequest>,
    ) -> Result<GetShareRuleResponse, Refusal> {
        let GetShareRuleRequest { share_rule_id, version } = request.request();
        let rule: ShareRuleId = id("share_rule_id", share_rule_id)?;
        let look = |state: &ShareRule, revision| view::share_rule(rule, state, *version, revision);
        let found = self.share_rules.read(&Category::ShareRule.stream(rule), look).await?;
        found.ok_or_else(|| not_found(rule, *version))
    }

    async fn close(&self, request: Authorised<ClosePeriodRequest>) -> Result<ClosePeriodResponse, Refusal> {
        let (_, envelope) = request.envelope()?;
        let month = month("month", &request.request().month)?;
        let issuer = envelope.caller.organisation;
        let command = period::Command::ClosePeriod(ClosePeriod { issuer, month, at: request.at() });
        let prepare =
            || -> engine::Preparation<'_, Periods> { Box::pin(async move { Ok(Prepared::new(command)) }) };
        let stream = Category::Period.stream(issuer);
        let executed = self.periods.execute(&stream, &envelope, prepare).await.map_err(refuse::period)?;
        Ok(ClosePeriodResponse { receipt: Some(receipt(&executed)) })
    }

    async fn periods_of(
        &self,
        request: Authorised<GetPeriodsRequest>,
    ) -> Result<GetPeriodsResponse, Refusal> {
        let named = optional_id("issuer_id", &request.request().issuer_id)?;
        let issuer: OrganisationId = named.unwrap_or(request.caller().organisation);
        let look = |state: &Periods, revision: Option<u64>| GetPeriodsResponse {
            closed_through: state.closed_through().map(|month| month.to_string()).unwrap_or_default(),
            revision: revision.unwrap_or_default(),
        };
        self.periods.read(&Category::Period.stream(issuer), look).await
    }
}

/// The number of the version that stands at a revision: each version is one event, and revisions start at 0.
fn version_at(revision: Option<u64>) -> u32 {
    revision
        .and_then(|revision| u32::try_from(revision).ok())
        .map_or(0, |revision| revision.saturating_add(1))
}

fn not_found(id: impl std::fmt::Display, version: u32) -> Refusal {
    match version {
        0 => Refusal::not_found(id),
        version => Refusal::not_found(format!("version {version} of {id}")),
    }
}

#[tonic::async_trait]
impl FinanceService for Finance {
    async fn create_price_book(
        &self,
        request: Request<CreatePriceBookRequest>,
    ) -> Result<Response<CreatePriceBookResponse>, Status> {
        let request = self.gate.authorise(request, FINANCE).await?;
        Ok(Response::new(self.create_book(request).await?))
    }

    async fn revise_price_book(
        &self,
        request: Request<RevisePriceBookRequest>,
    ) -> Result<Response<RevisePriceBookResponse>, Status> {
        let request = self.gate.authorise(request, FINANCE).await?;
        Ok(Response::new(self.revise_book(request).await?))
    }

    /// Prices are seen before signing.
    async fn get_price_book(
        &self,
        request: Request<GetPriceBookRequest>,
    ) -> Result<Response<GetPriceBookResponse>, Status> {
        let request = self.gate.authorise(request, Need::REGISTERED).await?;
        Ok(Response::new(self.get_book(request).await?))
    }

    async fn create_share_rule(
        &self,
        request: Request<CreateShareRuleRequest>,
    ) -> Result<Response<CreateShareRuleResponse>, Status> {
        let request = self.gate.authorise(request, FINANCE).await?;
        Ok(Response::new(self.create_rule(request).await?))
    }

    async fn revise_share_rule(
        &self,
        request: Request<ReviseShareRuleRequest>,
    ) -> Result<Response<ReviseShareRuleResponse>, Status> {
        let request = self.gate.authorise(request, FINANCE).await?;
        Ok(Response::new(self.revise_rule(request).await?))
    }

    /// Share rules are part of the contracts that name them.
    async fn get_share_rule(
        &self,
        request: Request<GetShareRuleRequest>,
    ) -> Result<Response<GetShareRuleResponse>, Status> {
        let request = self.gate.authorise(request, Need::REGISTERED).await?;
        Ok(Response::new(self.get_rule(request).await?))
    }

    async fn close_period(
        &self,
        request: Request<ClosePeriodRequest>,
    ) -> Result<Response<ClosePeriodResponse>, Status> {
        let request = self.gate.authorise(request, FINANCE).await?;
        Ok(Response::new(self.close(request).await?))
    }

    /// Whether a month of theirs is final is of interest to whoever is billed.
    async fn get_periods(
        &self,
        request: Request<GetPeriodsRequest>,
    ) -> Result<Response<GetPeriodsResponse>, Status> {
        let request = self.gate.authorise(request, Need::REGISTERED).await?;
        Ok(Response::new(self.periods_of(request).await?))
    }

    async fn grant_credit(
        &self,
        request: Request<GrantCreditRequest>,
    ) -> Result<Response<GrantCreditResponse>, Status> {
        let request = self.gate.authorise(request, Need::role(Role::Finance)).await?;
        Ok(Response::new(self.grants.grant(&request).await?))
    }

    async fn get_credit(
        &self,
        request: Request<GetCreditRequest>,
    ) -> Result<Response<GetCreditResponse>, Status> {
        let request = self.gate.authorise(request, Need::REGISTERED).await?;
        Ok(Response::new(self.grants.credit(&request).await?))
    }

    async fn agree_funding(
        &self,
        request: Request<AgreeFundingRequest>,
    ) -> Result<Response<AgreeFundingResponse>, Status> {
        let request = self.gate.authorise(request, Need::role(Role::Finance)).await?;
        Ok(Response::new(self.grants.agree(&request).await?))
    }

    async fn get_funding(
        &self,
        request: Request<GetFundingRequest>,
    ) -> Result<Response<GetFundingResponse>, Status> {
        let request = self.gate.authorise(request, Need::REGISTERED).await?;
        Ok(Response::new(self.grants.funding(&request).await?))
    }
}
