//! The handlers: authorise, parse, wait for the position, look, reply.

use std::sync::Arc;

use domain::id::ContractId;
use engine::{
    Authorised, Clock, Gate, Need, Projection, Refusal, come_to,
    ledger::{LedgerFold, Moment, lines_as_of, read_frames, touched},
};
use event_log::{EventLog, Position};
use proto::kiban::billing::v1::{
    ExplainLineRequest, ExplainLineResponse, GetStatementRequest, GetStatementResponse,
    billing_service_server::{BillingService, BillingServiceServer},
};
use rating::{
    ledger::Ledger,
    statement::{Origin, Statement, StatementLine, is_fee_event, statement},
};
use tonic::{Request, Response, Status};

use crate::{
    BillingFold,
    parse::{self, Asked, Explained, Page},
    view,
};

/// Serves `kiban.billing.v1.BillingService`.
pub struct Billing {
    projection: Arc<Projection<BillingFold>>,
    log: Arc<dyn EventLog>,
    gate: Arc<Gate>,
    clock: Arc<dyn Clock>,
}

/// A statement and the position on which it stands.
struct Stated {
    statement: Statement,
    position: Position,
}

impl Billing {
    /// The service over a projection, which somebody else keeps up to date.
    pub fn new(
        projection: Arc<Projection<BillingFold>>,
        log: Arc<dyn EventLog>,
        gate: Arc<Gate>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self { projection, log, gate, clock }
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
        let (as_of, least) = (asked_for.as_of.as_ref(), &asked_for.min_position);
        let moment = Moment::asked(&self.projection, &*self.log, &*self.clock, as_of, least).await?;
        let Stated { statement, position } = self.stated(&request, asked, moment).await?;
        Ok(GetStatementResponse {
            statement: Some(view::statement(&statement)),
            as_of_position: position.to_string(),
        })
    }

    async fn explain(&self, request: Authorised<ExplainLineRequest>) -> Result<ExplainLineResponse, Refusal> {
        let asked_for = request.request();
        let Explained { asked, line, size, page } = parse::explain(asked_for)?;
        let (as_of, least) = (asked_for.as_of.as_ref(), &asked_for.min_position);
        let moment = Moment::asked(&self.projection, &*self.log, &*self.clock, as_of, least).await?;
        // Every page stands on the position of the first, so that nothing moves between them.
        let moment = match page {
            None => moment,
            Some(Page { position, .. }) => {
                come_to(&self.projection, &*self.log, "page_token", position).await?;
                Moment::AsOf { position, now: moment.now() }
            }
        };
        let Stated { statement, position } = self.stated(&request, asked, moment).await?;
        let missing = || Refusal::not_found(format!("line {line} in {} of {}", asked.month, asked.contract));
        let found = statement.lines.iter().find(|found| found.id == line).ok_or_else(missing)?;
        let after = page.map_or(0, |page| page.after);
        let (frames, more) = self.frames(asked.contract, found, after, position, size)?;
        let next = frames.last().filter(|_| more).map(|last| Page { position, after: *last });
        let read = read_frames(&*self.log, frames).await?;
        let events = read.values().flatten().filter(|recorded| recorded.position <= position);
        let events = self.projection.look(|fold, _, _| {
            let ledger = fold.ledger();
            events.filter_map(|recorded| view::line_event(ledger, found, recorded)).collect()
        })?;
        Ok(ExplainLineResponse {
            line: Some(view::line(found)),
            arithmetic: found.arithmetic.clone(),
            events,
            next_page_token: next.map(|page| parse::token(page, asked, &line)).unwrap_or_default(),
            as_of_position: position.to_string(),
        })
    }

    /// The statement as known at a moment, for a caller who may see it.
    async fn stated<T>(
        &self,
        request: &Authorised<T>,
        asked: Asked,
        moment: Moment,
    ) -> Result<Stated, Refusal> {
        let Asked { contract, month } = asked;
        let known = match moment.position() {
            None => None,
            Some(position) => {
                self.projection.look(|fold, _, _| visible(request, fold.ledger(), contract, position))??;
                let projection = &*self.projection;
                let lines = lines_as_of(projection, &*self.log, &[contract], month, position).await?;
                Some((position, lines))
            }
        };
        // What is known now is looked at once, so that lines and terms stand on one position.
        self.projection.look(|fold, _, examined| {
            let ledger = fold.ledger();
            let (position, lines) = known.unwrap_or_else(|| (examined, ledger.lines(contract, month)));
            visible(request, ledger, contract, position)?;
            let statement = statement(&ledger.as_of(position.0), contract, month, moment.now(), &lines)?;
            let statement = statement.ok_or_else(|| Refusal::not_found(contract))?;
            Ok(Stated { statement, position })
        })?
    }

    /// One page of the frames behind a line, and whether there are more.
    fn frames(
        &self,
        contract: ContractId,
        line: &StatementLine,
        after: u64,
        position: Position,
        size: usize,
    ) -> Result<(Vec<u64>, bool), Refusal> {
        let mut frames = match &line.origin {
            Origin::Usage { key, .. } => touched(&self.projection, key, after, position, size + 1)?,
            Origin::Fee => self.projection.look(|fold, _, _| {
                let view = fold.ledger().as_of(position.0);
                let events = view.contract_events(contract).filter(|(_, event)| is_fee_event(event));
                let mut frames: Vec<u64> = events.map(|(at, _)| at.frame).filter(|at| *at > after).collect();
                frames.dedup();
                frames.truncate(size + 1);
                frames
            })?,
        };
        let more = frames.len() > size;
        frames.truncate(size);
        Ok((frames, more))
    }
}

/// Refuses unless the contract was known and the caller is one of those it concerns, or runs the forum.
fn visible<T>(
    request: &Authorised<T>,
    ledger: &Ledger,
    contract: ContractId,
    position: Position,
) -> Result<(), Refusal> {
    let known = ledger.as_of(position.0).contract(contract);
    let caller = request.caller().organisation;
    match known {
        Some(known) if request.is_operator() || known.parties.contains(&caller) => Ok(()),
        _ => Err(Refusal::not_found(contract)),
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
}
