//! The handlers: authorise, parse, wait for the position, look, reply.

use std::sync::Arc;

use domain::{
    forum_event::{ForumEvent, ForumEventKind},
    id::{ContractId, VentureId},
    time::Timestamp,
};
use engine::{
    Authorised, Clock, Gate, Investors, Need, Page, Projection, Reason, Refusal, check_reached,
    come_to_min_position,
    parse::{id, month, optional_id, optional_instant, position},
};
use event_log::{EventFeed, EventLog, Position};
use events::{venture_form, wire};
use proto::kiban::deal_flow::v1::{
    GetFunnelRequest, GetFunnelResponse, ListForumEventsRequest, ListForumEventsResponse,
    ListInvestmentsRequest, ListInvestmentsResponse, SearchDealsRequest, SearchDealsResponse, WatchRequest,
    deal_flow_service_server::{DealFlowService, DealFlowServiceServer},
};
use tokio::sync::watch;
use tonic::{Request, Response, Status};

use crate::{
    DealFlowFold,
    filter::Filter,
    funnel::{self, Asked},
    view,
    watch::{Deals, Watch, Watcher},
};

/// Serves `kiban.deal_flow.v1.DealFlowService`.
pub struct DealFlow {
    projection: Arc<Projection<DealFlowFold>>,
    log: Arc<dyn EventLog>,
    feed: Arc<dyn EventFeed>,
    gate: Arc<Gate>,
    clock: Arc<dyn Clock>,
    investors: Arc<Investors>,
    stopped: watch::Receiver<bool>,
}

impl DealFlow {
    /// The service over a projection, which somebody else keeps up to date, and over the log that is watched and in
    /// which agreements are looked up. When `stopped` holds true, or its sender is gone, every watch ends.
    pub fn new(
        projection: Arc<Projection<DealFlowFold>>,
        log: Arc<dyn EventLog>,
        feed: Arc<dyn EventFeed>,
        gate: Arc<Gate>,
        clock: Arc<dyn Clock>,
        stopped: watch::Receiver<bool>,
    ) -> Self {
        let investors = Arc::new(Investors::new(log.clone()));
        Self { projection, log, feed, gate, clock, investors, stopped }
    }

    /// As a gRPC server.
    pub fn server(self) -> DealFlowServiceServer<Self> {
        DealFlowServiceServer::new(self)
    }

    async fn search(&self, request: Authorised<SearchDealsRequest>) -> Result<SearchDealsResponse, Refusal> {
        let asked = request.request();
        let caller = request.caller().organisation;
        let page = Page::asked(caller, asked)?;
        let filter = Filter::asked(asked.filter.as_ref())?;
        self.come_to(&asked.min_position).await?;
        self.may_browse(&request, &asked.contract_id).await?;
        let after = page.after_id()?;
        self.projection.look(|fold, _, as_of| {
            let listed = fold.ventures_after(after);
            let wanted =
                listed.filter(|(_, row)| row.browsed().is_some_and(|card| filter.lets_pass(&card.teaser)));
            let messages = wanted.filter_map(|(id, row)| {
                let newest = row.cards.len().checked_sub(1)?;
                Some((id, view::deal(id, row, newest)?))
            });
            let (deals, next_page_token) = page.take(messages);
            SearchDealsResponse { deals, next_page_token, as_of_position: as_of.to_string() }
        })
    }

    async fn changes(&self, request: Authorised<WatchRequest>) -> Result<Watch, Refusal> {
        let asked = request.request();
        let filter = Filter::asked(asked.filter.as_ref())?;
        let field = "after_position";
        let after = position(field, &asked.after_position)?.unwrap_or(Position::START);
        check_reached(&*self.log, field, after).await?;
        let head = self.log.head().position;
        let contract = self.may_browse(&request, &asked.contract_id).await?;
        let deals = Deals {
            projection: self.projection.clone(),
            investors: self.investors.clone(),
            clock: self.clock.clone(),
            watcher: Watcher { organisation: request.caller().organisation, contract },
            filter,
        };
        Ok(engine::watch(&*self.feed, deals, after, head, self.stopped.clone()))
    }

    async fn funnel(&self, request: Authorised<GetFunnelRequest>) -> Result<GetFunnelResponse, Refusal> {
        let wire = request.request();
        let asked_month = |field: &str, text: &str| {
            if text.is_empty() { Ok(None) } else { month(field, text).map(Some) }
        };
        let asked = Asked {
            lister: (!request.is_operator()).then_some(request.caller().organisation),
            venture: optional_id("venture_id", &wire.venture_id)?,
            from: asked_month("from_month", &wire.from_month)?,
            to: asked_month("to_month", &wire.to_month)?,
        };
        self.come_to(&wire.min_position).await?;
        self.projection.look(|fold, _, as_of| {
            if let Some(venture) = asked.venture {
                let row = fold.venture(&venture.to_string()).map(|(_, row)| row);
                // To anybody but its lister a venture does not exist here.
                row.filter(|row| asked.lister.is_none_or(|lister| lister == row.lister))
                    .ok_or_else(|| missing_venture(venture))?;
            }
            let (months, total) = funnel::funnel(fold, &asked);
            Ok(GetFunnelResponse { months, total: Some(total), as_of_position: as_of.to_string() })
        })?
    }

    async fn investments(
        &self,
        request: Authorised<ListInvestmentsRequest>,
    ) -> Result<ListInvestmentsResponse, Refusal> {
        let asked = request.request();
        let (caller, operator) = (request.caller().organisation, request.is_operator());
        let page = Page::asked(caller, asked)?;
        let venture: Option<VentureId> = optional_id("venture_id", &asked.venture_id)?;
        let from = optional_instant("from_time", asked.from_time.as_ref())?;
        let until = optional_instant("until_time", asked.until_time.as_ref())?;
        self.come_to(&asked.min_position).await?;
        let after = page.after_id()?;
        self.projection.look(|fold, _, as_of| {
            let known = fold.investments.after("").filter_map(|(id, state)| {
                let made = state.made()?;
                let own = made.deal.investor == caller || made.deal.venture == caller;
                let wanted = (operator || own)
                    && venture.is_none_or(|asked| made.deal.card.is_some_and(|card| card.venture == asked))
                    && from.is_none_or(|from| from <= made.at)
                    && until.is_none_or(|until| made.at < until);
                wanted.then(|| (in_time(made.at, id), state))
            });
            let mut known: Vec<_> = known.filter(|(key, _)| key.as_str() > after).collect();
            known.sort_by(|one, other| one.0.cmp(&other.0));
            let messages = known.iter().filter_map(|(key, state)| {
                let own = state.made()?.deal.investor == caller;
                Some((key.as_str(), wire::investment(state, operator || own)?))
            });
            let (investments, next_page_token) = page.take(messages);
            ListInvestmentsResponse { investments, next_page_token, as_of_position: as_of.to_string() }
        })
    }

    async fn forum_events(
        &self,
        request: Authorised<ListForumEventsRequest>,
    ) -> Result<ListForumEventsResponse, Refusal> {
        let asked = request.request();
        let caller = request.caller().organisation;
        let page = Page::asked(caller, asked)?;
        let kind = asked_kind(asked.kind)?;
        let ending_after = optional_instant("ending_after", asked.ending_after.as_ref())?;
        self.come_to(&asked.min_position).await?;
        // Without an agreement one still sees the events, and one's own pitches.
        let named = !asked.contract_id.is_empty();
        if named {
            self.may_browse(&request, &asked.contract_id).await?;
        }
        let sees_all = request.is_operator() || named;
        let after = page.after_id()?;
        self.projection.look(|fold, _, as_of| {
            let known = fold.forum_events.after("").filter_map(|(id, state): (&str, &ForumEvent)| {
                let announced = state.announced()?;
                let wanted = kind.is_none_or(|asked| announced.kind == asked)
                    && ending_after.is_none_or(|asked| asked < announced.ends_at);
                wanted.then(|| (in_time(announced.starts_at, id), state))
            });
            let mut known: Vec<_> = known.filter(|(key, _)| key.as_str() > after).collect();
            known.sort_by(|one, other| one.0.cmp(&other.0));
            let messages = known.iter().filter_map(|(key, state)| {
                let message = wire::forum_event(state, |lister| sees_all || lister == caller)?;
                Some((key.as_str(), message))
            });
            let (forum_events, next_page_token) = page.take(messages);
            ListForumEventsResponse { forum_events, next_page_token, as_of_position: as_of.to_string() }
        })
    }

    /// Lets pass an investor under its own agreement, and operators, who need none; tells the agreement that must
    /// go on. It is looked up in the log, not in the fold: what is shown stands on what holds now.
    async fn may_browse<T>(
        &self,
        request: &Authorised<T>,
        contract: &str,
    ) -> Result<Option<ContractId>, Refusal> {
        if request.is_operator() && contract.is_empty() {
            return Ok(None);
        }
        let contract = id("contract_id", contract)?;
        self.investors.check(request.caller().organisation, contract, request.at()).await?;
        Ok(Some(contract))
    }

    async fn come_to(&self, min_position: &str) -> Result<(), Refusal> {
        come_to_min_position(&self.projection, &*self.log, min_position).await
    }
}

#[tonic::async_trait]
impl DealFlowService for DealFlow {
    async fn search_deals(
        &self,
        request: Request<SearchDealsRequest>,
    ) -> Result<Response<SearchDealsResponse>, Status> {
        let request = self.gate.authorise(request, Need::REGISTERED).await?;
        Ok(Response::new(self.search(request).await?))
    }

    type WatchStream = Watch;

    async fn watch(&self, request: Request<WatchRequest>) -> Result<Response<Watch>, Status> {
        let request = self.gate.authorise(request, Need::REGISTERED).await?;
        Ok(Response::new(self.changes(request).await?))
    }

    async fn get_funnel(
        &self,
        request: Request<GetFunnelRequest>,
    ) -> Result<Response<GetFunnelResponse>, Status> {
        let request = self.gate.authorise(request, Need::REGISTERED).await?;
        Ok(Response::new(self.funnel(request).await?))
    }

    async fn list_investments(
        &self,
        request: Request<ListInvestmentsRequest>,
    ) -> Result<Response<ListInvestmentsResponse>, Status> {
        let request = self.gate.authorise(request, Need::REGISTERED).await?;
        Ok(Response::new(self.investments(request).await?))
    }

    async fn list_forum_events(
        &self,
        request: Request<ListForumEventsRequest>,
    ) -> Result<Response<ListForumEventsResponse>, Status> {
        let request = self.gate.authorise(request, Need::REGISTERED).await?;
        Ok(Response::new(self.forum_events(request).await?))
    }
}

/// A key that sorts by time and then by id. Whatever was before the year 1970 comes first, in order of ids.
fn in_time(at: Timestamp, id: &str) -> String {
    format!("{:020}-{id}", at.as_micros().max(0))
}

fn asked_kind(number: i32) -> Result<Option<ForumEventKind>, Refusal> {
    if number == 0 {
        return Ok(None);
    }
    let kind = venture_form::forum_event_kind(number);
    kind.map(Some).ok_or_else(|| Refusal::invalid("kind", "is no kind of forum event"))
}

fn missing_venture(venture: VentureId) -> Refusal {
    Refusal::field(Reason::NotFound, "venture_id", format!("{venture} does not exist"))
}
