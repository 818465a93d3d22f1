//! The handler: authorise, parse, wait for the position, look, reply.

use std::{collections::BTreeMap, sync::Arc};

use domain::{
    id::{ContractId, OrganisationId},
    organisation::Capacity,
    time::{Month, Timestamp},
};
use engine::{
    Authorised, Clock, Gate, Need, Projection, Refusal,
    ledger::{LedgerFold, Moment, lines_as_of},
};
use event_log::{EventLog, Position};
use money::{Currency, Money};
use proto::kiban::revenue_share::v1::{
    GetRevenueSharesRequest, GetRevenueSharesResponse,
    revenue_share_service_server::{RevenueShareService, RevenueShareServiceServer},
};
use rating::{
    ledger::{LineKey, Totals, View},
    statement::{Statement, rate_month, statement},
};
use tonic::{Request, Response, Status};

use crate::{
    RevenueShareFold,
    parse::{self, Asked},
    shares::{Shares, share_out},
    view::{self, Answer, Viewer},
};

/// Serves `kiban.revenue_share.v1.RevenueShareService`.
pub struct RevenueShare {
    projection: Arc<Projection<RevenueShareFold>>,
    log: Arc<dyn EventLog>,
    gate: Arc<Gate>,
    clock: Arc<dyn Clock>,
}

/// What the lines of contracts held.
type Lines = BTreeMap<ContractId, Vec<(LineKey, Totals)>>;

impl RevenueShare {
    /// The service over a projection, which somebody else keeps up to date.
    pub fn new(
        projection: Arc<Projection<RevenueShareFold>>,
        log: Arc<dyn EventLog>,
        gate: Arc<Gate>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self { projection, log, gate, clock }
    }

    /// As a gRPC server.
    pub fn server(self) -> RevenueShareServiceServer<Self> {
        RevenueShareServiceServer::new(self)
    }

    async fn shares(
        &self,
        request: Authorised<GetRevenueSharesRequest>,
    ) -> Result<GetRevenueSharesResponse, Refusal> {
        let asked_for = request.request();
        let asked = parse::shares(asked_for)?;
        let (as_of, least) = (asked_for.as_of.as_ref(), &asked_for.min_position);
        let moment = Moment::asked(&self.projection, &*self.log, &*self.clock, as_of, least).await?;
        let known = match moment.position() {
            None => None,
            Some(position) => Some((position, self.lines(asked, position).await?)),
        };
        let viewer = if request.is_operator() {
            Viewer::Operator
        } else {
            Viewer::Party(request.caller().organisation)
        };
        // What is known now is looked at once, so that lines and terms stand on one position.
        self.projection.look(|fold, _, examined| {
            let ledger = fold.ledger();
            let position = known.as_ref().map_or(examined, |(position, _)| *position);
            let view = ledger.as_of(position.0);
            let lines = |contract| match &known {
                None => ledger.lines(contract, asked.month),
                Some((_, lines)) => lines.get(&contract).cloned().unwrap_or_default(),
            };
            let statements = statements(&view, asked, moment.now(), viewer, lines)?;
            let base_operator = base_operator(&view, asked.month, moment.now());
            let promoter = |issuer| promoter(&view, issuer, asked.month, moment.now());
            let shares = shared(&view, asked.month, base_operator, promoter, &statements)?;
            let name = |organisation| view.name(organisation).unwrap_or_default().to_owned();
            let answer = Answer { month: asked.month, position, base_operator, shares: &shares, name };
            Ok(view::response(&answer, viewer))
        })?
    }

    /// What the lines of the month held at a position, contract by contract, so that no more frames are held
    /// at a time than one contract's lines need.
    async fn lines(&self, asked: Asked, position: Position) -> Result<Lines, Refusal> {
        let Asked { month, contract } = asked;
        let contracts = self.projection.look(|fold, _, _| {
            let used = fold.ledger().months().filter(|(_, other)| *other == month);
            let used = used.map(|(of, _)| of).filter(|of| contract.is_none_or(|contract| contract == *of));
            used.collect::<Vec<_>>()
        })?;
        let mut lines = Lines::new();
        for contract in contracts {
            let held = lines_as_of(&self.projection, &*self.log, &[contract], month, position).await?;
            lines.insert(contract, held);
        }
        Ok(lines)
    }
}

/// The statements that are asked for.
fn statements(
    view: &View<'_>,
    asked: Asked,
    now: Timestamp,
    viewer: Viewer,
    lines: impl Fn(ContractId) -> Vec<(LineKey, Totals)>,
) -> Result<Vec<Statement>, Refusal> {
    let Some(contract) = asked.contract else { return Ok(rate_month(view, asked.month, now, lines)?) };
    match statement(view, contract, asked.month, now, &lines(contract))? {
        Some(statement) => Ok(vec![statement]),
        // Whoever runs the forum should know of a slip; others are told of no contract whether it exists.
        None if viewer == Viewer::Operator => Err(Refusal::not_found(contract)),
        None => Ok(Vec::new()),
    }
}

/// Who is the base operator of a month: the holder of the capacity at its end; of a month in which it ended,
/// the holder at its start; else the holder now.
fn base_operator(view: &View<'_>, month: Month, now: Timestamp) -> Option<OrganisationId> {
    instants(month, now).into_iter().find_map(|at| view.operator(Capacity::BaseOperator, at))
}

/// Who is the promoter for what an issuer charges in a month: the issuer, if it is a promoter; if the base
/// operator charges, whoever is found like the base operator of the month.
fn promoter(view: &View<'_>, issuer: OrganisationId, month: Month, now: Timestamp) -> OrganisationId {
    let instants = instants(month, now);
    if instants.iter().any(|at| view.operates_as(issuer, Capacity::Promoter, *at)) {
        return issuer;
    }
    instants.into_iter().find_map(|at| view.operator(Capacity::Promoter, at)).unwrap_or(issuer)
}

/// The instants at which it is asked, in this order, who runs the forum in a month.
fn instants(month: Month, now: Timestamp) -> [Timestamp; 3] {
    let end = Timestamp::from_micros(month.end().as_micros() - 1).unwrap_or(month.start());
    [end, month.start(), now]
}

fn shared(
    view: &View<'_>,
    month: Month,
    base_operator: Option<OrganisationId>,
    promoter: impl Fn(OrganisationId) -> OrganisationId,
    statements: &[Statement],
) -> Result<Shares, Refusal> {
    let charges = statements.iter().any(|statement| statement.lines.iter().any(|l| !l.amount.is_zero()));
    match base_operator {
        Some(base_operator) => Ok(share_out(view, base_operator, promoter, statements)?),
        None if charges => Err(Refusal::not_found(format!("a base operator for {month}"))),
        None => {
            Ok(Shares { charged: Money::zero(Currency::Jpy), parties: BTreeMap::new(), charges: Vec::new() })
        }
    }
}

#[tonic::async_trait]
impl RevenueShareService for RevenueShare {
    async fn get_revenue_shares(
        &self,
        request: Request<GetRevenueSharesRequest>,
    ) -> Result<Response<GetRevenueSharesResponse>, Status> {
        let request = self.gate.authorise(request, Need::REGISTERED).await?;
        Ok(Response::new(self.shares(request).await?))
    }
}
