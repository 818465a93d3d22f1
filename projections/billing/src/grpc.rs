//! The handlers: authorise, parse, wait for the position, look, reply.

use std::sync::Arc;

use engine::{
    Authorised, Clock, Gate, Need, Reason, Refusal, Shards,
    ledger::{LedgerFold, Moment, lines_as_of, read_frames, touched},
    may_suppose,
    parse::id,
};
use event_log::{EventLog, Position};
use events::wire::money;
use proto::kiban::billing::v1::{
    EstimateUsageRequest, EstimateUsageResponse, ExplainLineRequest, ExplainLineResponse,
    GetStatementRequest, GetStatementResponse,
    billing_service_server::{BillingService, BillingServiceServer},
};
use rating::{
    ledger::Ledger,
    statement::{
        Behind, Dealt, Origin, Statement, StatementLine, behind, dealt, estimate, months_behind, statement,
    },
};
use tonic::{Request, Response, Status};

use crate::{
    BillingFold,
    parse::{self, Asked, Explained, Page},
    view,
};

/// Serves `kiban.billing.v1.BillingService`.
pub struct Billing {
    shards: Shards<BillingFold>,
    log: Arc<dyn EventLog>,
    gate: Arc<Gate>,
    clock: Arc<dyn Clock>,
}

/// A statement and the position on which it stands.
struct Stated {
    statement: Statement,
    /// How each of its lines is dealt with.
    dealt: Vec<Dealt>,
    position: Position,
}

impl Billing {
    /// The service over the projection's shards, or its only one, which somebody else keeps up to date.
    pub fn new(
        shards: impl Into<Shards<BillingFold>>,
        log: Arc<dyn EventLog>,
        gate: Arc<Gate>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self { shards: shards.into(), log, gate, clock }
    }

    /// As a gRPC server.
    pub fn server(self) -> BillingServiceServer<Self> {
        BillingServiceServer::new(self)
    }

    async fn statement(
        &self,
        request: Authorised<GetStatementRequest>,
    ) -> Result<GetStatementResponse, Refusal> {
        let asked_for = request.request();
        let asked = parse::statement(asked_for)?;
        let shard = self.shards.of(asked.contract);
        let (as_of, least) = (asked_for.as_of.as_ref(), &asked_for.min_position);
        let moment = Moment::asked(&shard, &*self.log, &*self.clock, as_of, least).await?;
        let Stated { statement, dealt, position } = self.stated(&shard, &request, &asked, moment).await?;
        Ok(GetStatementResponse {
            statement: Some(view::statement(&statement, &dealt)),
            as_of_position: position.to_string(),
            hypothetical: asked.what_if.is_some(),
        })
    }

    async fn explain(&self, request: Authorised<ExplainLineRequest>) -> Result<ExplainLineResponse, Refusal> {
        let asked_for = request.request();
        let Explained { asked, line, size, page } = parse::explain(asked_for)?;
        let shard = self.shards.of(asked.contract);
        let (as_of, least) = (asked_for.as_of.as_ref(), &asked_for.min_position);
        let moment = Moment::asked(&shard, &*self.log, &*self.clock, as_of, least).await?;
        // Every page stands on the position of the first, so that nothing moves between them.
        let moment = match page {
            None => moment,
            Some(Page { position, .. }) => {
                shard.come_to(&*self.log, "page_token", position).await?;
                Moment::AsOf { position, now: moment.now() }
            }
        };
        let Stated { statement, dealt, position } = self.stated(&shard, &request, &asked, moment).await?;
        let missing = || Refusal::not_found(format!("line {line} in {} of {}", asked.month, asked.contract));
        let mut lines = statement.lines.iter().zip(&dealt);
        let (found, dealt) = lines.find(|(found, _)| found.id == line).ok_or_else(missing)?;
        let after = page.map_or(0, |page| page.after);
        let facts = shard.look(|folds, _| {
            behind(&folds.of(asked.contract).ledger().as_of(position.0), asked.contract, asked.month, found)
        })?;
        let (frames, more) = frames(&shard, found, &facts, after, position, size)?;
        let next = frames.last().filter(|_| more).map(|last| Page { position, after: *last });
        let read = read_frames(&*self.log, frames).await?;
        let events = read.values().flatten().filter(|recorded| recorded.position <= position);
        let events = shard.look(|folds, _| {
            let ledger = folds.of(asked.contract).ledger();
            events.filter_map(|recorded| view::line_event(ledger, found, &facts, recorded)).collect()
        })?;
        Ok(ExplainLineResponse {
            line: Some(view::line(found, dealt)),
            arithmetic: found.arithmetic.clone(),
            events,
            next_page_token: next.map(|page| parse::token(page, &asked, &line)).unwrap_or_default(),
            as_of_position: position.to_string(),
            hypothetical: asked.what_if.is_some(),
        })
    }

    async fn estimate(
        &self,
        request: Authorised<EstimateUsageRequest>,
    ) -> Result<EstimateUsageResponse, Refusal> {
        let asked_for = request.request();
        let shard = self.shards.of(id("contract_id", &asked_for.contract_id)?);
        let least = &asked_for.min_position;
        let moment = Moment::asked(&shard, &*self.log, &*self.clock, None, least).await?;
        let (asked, supposed) = parse::estimate(asked_for, moment.now())?;
        shard.look(|folds, position| {
            let ledger = folds.of(asked.contract).ledger();
            visible(&request, ledger, &asked, position)?;
            let view = ledger.as_of(position.0);
            if supposed.order.is_some_and(|order| view.placed(order).is_none()) {
                return Err(Refusal::invalid("order_id", "does not exist"));
            }
            let lines = |month| ledger.lines(asked.contract, month);
            let missing = || Refusal::field(Reason::NotFound, "dataset_id", "does not exist");
            let found = estimate(&view, asked.contract, &supposed, lines)?.ok_or_else(missing)?;
            let issuer = view.contract(asked.contract).map(|contract| contract.issuer);
            let issuer = issuer.ok_or_else(|| Refusal::not_found(asked.contract))?;
            let operators = view.operators(issuer, asked.month, moment.now());
            let line = |line| view::line(line, &dealt(&view, issuer, operators, line));
            Ok(EstimateUsageResponse {
                amount: Some(money(found.amount)),
                month: asked.month.to_string(),
                before: found.before.as_ref().map(line),
                after: Some(line(&found.after)),
                arithmetic_before: found
                    .before
                    .as_ref()
                    .map(|line| line.arithmetic.clone())
                    .unwrap_or_default(),
                arithmetic_after: found.after.arithmetic.clone(),
                as_of_position: position.to_string(),
            })
        })?
    }

    /// The statement as known at a moment to the shard of its contract, for a caller who may see it.
    async fn stated<T>(
        &self,
        shard: &Shards<BillingFold>,
        request: &Authorised<T>,
        asked: &Asked,
        moment: Moment,
    ) -> Result<Stated, Refusal> {
        let Asked { contract, month, .. } = *asked;
        let known = match moment.position() {
            None => None,
            Some(position) => {
                let behind = shard.look(|folds, _| {
                    let ledger = folds.of(contract).ledger();
                    visible(request, ledger, asked, position)?;
                    let view = ledger.as_of(position.0);
                    Ok::<_, Refusal>(months_behind(&view, contract, month, moment.now()))
                })??;
                let wanted = std::iter::once(month).chain(behind).map(|month| (contract, month));
                Some((position, lines_as_of(shard, &*self.log, wanted, position).await?))
            }
        };
        // What is known now is looked at once, so that lines and terms stand on one position.
        shard.look(|folds, examined| {
            let ledger = folds.of(contract).ledger();
            let position = known.as_ref().map_or(examined, |(position, _)| *position);
            visible(request, ledger, asked, position)?;
            let view = ledger.as_of(position.0);
            let view = asked.what_if.as_ref().map_or(view, |what_if| view.under(what_if));
            let lines = |month| match &known {
                None => ledger.lines(contract, month),
                Some((_, held)) => held.of(contract, month),
            };
            let statement = statement(&view, contract, month, moment.now(), lines)?;
            let statement = statement.ok_or_else(|| Refusal::not_found(contract))?;
            let may_see_lane = request.may_see_lane(statement.member);
            let statement = statement.shown(&view, may_see_lane)?;
            let operators = view.operators(statement.issuer, month, moment.now());
            let dealt = |line| dealt(&view, statement.issuer, operators, line);
            let dealt = statement.lines.iter().map(dealt).collect();
            Ok(Stated { statement, dealt, position })
        })?
    }
}

/// One page of the frames behind a line, and whether there are more.
fn frames(
    shard: &Shards<BillingFold>,
    line: &StatementLine,
    facts: &[Behind],
    after: u64,
    position: Position,
    size: usize,
) -> Result<(Vec<u64>, bool), Refusal> {
    let mut frames = match &line.origin {
        Origin::Usage { key, .. } => touched(shard, key, after, position, size + 1)?,
        Origin::Fee { .. }
        | Origin::Order { .. }
        | Origin::Recruitment { .. }
        | Origin::Review
        | Origin::Commitment { .. }
        | Origin::Credit { .. } => {
            let mut frames: Vec<u64> = facts.iter().map(|fact| fact.at.frame).collect();
            frames.retain(|frame| *frame > after);
            frames.dedup();
            frames.truncate(size + 1);
            frames
        }
    };
    let more = frames.len() > size;
    frames.truncate(size);
    Ok((frames, more))
}

/// Refuses unless the contract was known and the caller is one of those it concerns, or runs the forum, and may
/// ask under the versions that it asks under.
fn visible<T>(
    request: &Authorised<T>,
    ledger: &Ledger,
    asked: &Asked,
    position: Position,
) -> Result<(), Refusal> {
    let known = ledger.as_of(position.0).contract(asked.contract);
    let caller = request.caller().organisation;
    match known {
        Some(known) if request.is_operator() || known.parties.contains(&caller) => {
            let suppose = |what_if| may_suppose(request, what_if, known.member == caller);
            asked.what_if.as_ref().map_or(Ok(()), suppose)
        }
        _ => Err(Refusal::not_found(asked.contract)),
    }
}

#[tonic::async_trait]
impl BillingService for Billing {
    async fn get_statement(
        &self,
        request: Request<GetStatementRequest>,
    ) -> Result<Response<GetStatementResponse>, Status> {
        let request = self.gate.authorise(request, Need::REGISTERED).await?;
        Ok(Response::new(self.statement(request).await?))
    }

    async fn explain_line(
        &self,
        request: Request<ExplainLineRequest>,
    ) -> Result<Response<ExplainLineResponse>, Status> {
        let request = self.gate.authorise(request, Need::REGISTERED).await?;
        Ok(Response::new(self.explain(request).await?))
    }

    async fn estimate_usage(
        &self,
        request: Request<EstimateUsageRequest>,
    ) -> Result<Response<EstimateUsageResponse>, Status> {
        let request = self.gate.authorise(request, Need::REGISTERED).await?;
        Ok(Response::new(self.estimate(request).await?))
    }
}
