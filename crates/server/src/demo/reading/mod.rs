//! What the server answers: statements, shares, an explained line, the meters.

use domain::time::Month;
use engine::Role;
use futures::{StreamExt, TryStreamExt, stream};
use proto::kiban::{
    access::v1::{GetSourceRequest, GetSourceResponse},
    billing::v1::{
        ExplainLineRequest, GetStatementRequest, GetStatementResponse, LineEvent, Statement, StatementLine,
    },
    common::v1::{AsOf, as_of::Moment},
    contract::v1::Contract,
    directory::v1::{ListContractsRequest, ListDatasetsRequest},
    finance::v1::{ShareRuleVersion, WhatIf},
    revenue_share::v1::{GetRevenueSharesRequest, GetRevenueSharesResponse},
};

use crate::demo::{
    actors::Part,
    calendar::months,
    client::{granted, part},
    contracts::Deal,
    error::DemoError,
    stage::Stage,
    world::World,
};

pub(super) mod deals;
pub(super) mod lists;
pub(super) mod market;
pub(super) mod pages;

/// How many questions are asked at once.
const AT_ONCE: usize = 8;

/// The statement of a contract and month, and what each party is owed of it.
#[derive(Debug, Clone)]
pub(in crate::demo) struct Account {
    pub(in crate::demo) deal: Deal,
    pub(in crate::demo) month: Month,
    pub(in crate::demo) statement: Statement,
    pub(in crate::demo) shares: GetRevenueSharesResponse,
}

/// The accounts of the year, and of each month what all parties are owed of all contracts.
#[derive(Debug, Clone)]
pub(in crate::demo) struct Books {
    pub(in crate::demo) accounts: Vec<Account>,
    pub(in crate::demo) months: Vec<(Month, GetRevenueSharesResponse)>,
}

/// The answers on a month, as they were at a position.
#[derive(Debug, Clone)]
pub(in crate::demo) struct AsItWas {
    pub(in crate::demo) position: String,
    pub(in crate::demo) month: Month,
    pub(in crate::demo) statements: Vec<(Deal, Statement)>,
    pub(in crate::demo) shares: GetRevenueSharesResponse,
}

/// A line of a statement, and all that is behind it.
#[derive(Debug, Clone)]
pub(in crate::demo) struct Explained {
    pub(in crate::demo) month: Month,
    pub(in crate::demo) line: StatementLine,
    pub(in crate::demo) arithmetic: Vec<String>,
    pub(in crate::demo) events: Vec<LineEvent>,
}

/// A statement as the promoter sees it, as of a position or of now.
pub(in crate::demo) async fn statement(
    stage: &Stage,
    world: &World,
    deal: Deal,
    month: Month,
    position: Option<&str>,
) -> Result<GetStatementResponse, DemoError> {
    let request = GetStatementRequest {
        contract_id: world.contracts.of(deal).id.clone(),
        month: month.to_string(),
        as_of: position.map(as_of),
        min_position: stage.position.clone(),
        what_if: None,
    };
    let session = world.cast.session(stage, Part::Promoter, Role::Finance);
    let step = format!("the statement of {} for {month}", world.contracts.of(deal).name);
    granted(&step, session.billing().get_statement(request).await)
}

/// The shares of a month as the base operator sees them, of one contract or of all.
pub(in crate::demo) async fn shares(
    stage: &Stage,
    world: &World,
    deal: Option<Deal>,
    month: Month,
    position: Option<&str>,
) -> Result<GetRevenueSharesResponse, DemoError> {
    let request = GetRevenueSharesRequest {
        month: month.to_string(),
        contract_id: deal.map(|deal| world.contracts.of(deal).id.clone()).unwrap_or_default(),
        as_of: position.map(as_of),
        min_position: stage.position.clone(),
        what_if: None,
    };
    let session = world.cast.session(stage, Part::Base, Role::Finance);
    let step = format!("the revenue shares of {month}");
    granted(&step, session.revenue_share().get_revenue_shares(request).await)
}

/// What the shares of a month would be under a share rule that nobody has published.
pub(in crate::demo) async fn shares_if(
    stage: &Stage,
    world: &World,
    month: Month,
    shares: ShareRuleVersion,
) -> Result<GetRevenueSharesResponse, DemoError> {
    let request = GetRevenueSharesRequest {
        month: month.to_string(),
        min_position: stage.position.clone(),
        what_if: Some(WhatIf { prices: None, shares: Some(shares) }),
        ..Default::default()
    };
    let session = world.cast.session(stage, Part::Base, Role::Finance);
    let step = format!("the revenue shares of {month} under other shares");
    granted(&step, session.revenue_share().get_revenue_shares(request).await)
}

/// The answers on a month as they are now.
pub(in crate::demo) async fn as_it_is(
    stage: &Stage,
    world: &World,
    month: Month,
) -> Result<AsItWas, DemoError> {
    let position = stage.position.clone();
    at_position(stage, world, month, &position).await
}

/// The answers on a month as of a position.
pub(in crate::demo) async fn at_position(
    stage: &Stage,
    world: &World,
    month: Month,
    position: &str,
) -> Result<AsItWas, DemoError> {
    let mut statements = Vec::new();
    for signed in world.contracts.all() {
        let step = format!("the statement of {} as of {position}", signed.name);
        let reply = statement(stage, world, signed.deal, month, Some(position)).await?;
        statements.push((signed.deal, part(&step, "a statement", reply.statement)?));
    }
    let shares = shares(stage, world, None, month, Some(position)).await?;
    Ok(AsItWas { position: position.to_owned(), month, statements, shares })
}

/// The accounts of all contracts and months.
pub(in crate::demo) async fn books(stage: &Stage, world: &World) -> Result<Books, DemoError> {
    let wanted = months().flat_map(|month| world.contracts.all().iter().map(move |of| (of.deal, month)));
    let accounts = stream::iter(wanted)
        .map(|(deal, month)| account(stage, world, deal, month))
        .buffered(AT_ONCE)
        .try_collect()
        .await?;
    let months = stream::iter(months())
        .map(|month| async move { Ok((month, shares(stage, world, None, month, None).await?)) })
        .buffered(AT_ONCE)
        .try_collect()
        .await?;
    Ok(Books { accounts, months })
}

async fn account(stage: &Stage, world: &World, deal: Deal, month: Month) -> Result<Account, DemoError> {
    let reply = statement(stage, world, deal, month, None).await?;
    let statement = part("reading the accounts", "a statement", reply.statement)?;
    let shares = shares(stage, world, Some(deal), month, None).await?;
    Ok(Account { deal, month, statement, shares })
}

/// A statement as the member itself sees it.
pub(in crate::demo) async fn own_statement(
    stage: &Stage,
    world: &World,
    deal: Deal,
    month: Month,
) -> Result<Statement, DemoError> {
    let contract = world.contracts.of(deal);
    let request = GetStatementRequest {
        contract_id: contract.id.clone(),
        month: month.to_string(),
        as_of: None,
        min_position: stage.position.clone(),
        what_if: None,
    };
    let session = world.cast.session(stage, contract.applicant, Role::Finance);
    let step = format!("the statement of {} for {month}, as it sees it", contract.name);
    let reply = granted(&step, session.billing().get_statement(request).await)?;
    part(&step, "a statement", reply.statement)
}

/// One line with everything behind it, as the member itself sees it.
pub(in crate::demo) async fn explain(
    stage: &Stage,
    world: &World,
    deal: Deal,
    month: Month,
    line_id: &str,
) -> Result<Explained, DemoError> {
    let contract = world.contracts.of(deal);
    let session = world.cast.session(stage, contract.applicant, Role::Finance);
    let step = format!("explaining {line_id}");
    let mut events = Vec::new();
    let mut page_token = String::new();
    loop {
        let request = ExplainLineRequest {
            contract_id: contract.id.clone(),
            month: month.to_string(),
            line_id: line_id.to_owned(),
            as_of: Some(as_of(&stage.position)),
            min_position: stage.position.clone(),
            page_size: 1_000,
            page_token,
            what_if: None,
        };
        let reply = granted(&step, session.billing().explain_line(request).await)?;
        events.extend(reply.events);
        if reply.next_page_token.is_empty() {
            let line = part(&step, "the line", reply.line)?;
            return Ok(Explained { month, line, arithmetic: reply.arithmetic, events });
        }
        page_token = reply.next_page_token;
    }
}

/// The contracts that the directory lists to somebody: those of which it is a party.
pub(in crate::demo) async fn contracts(
    stage: &Stage,
    world: &World,
    by: Part,
) -> Result<Vec<Contract>, DemoError> {
    let session = world.cast.session(stage, by, Role::Contracts);
    let min_position = stage.position.clone();
    let request = ListContractsRequest { page_size: 100, min_position, ..Default::default() };
    Ok(granted("listing contracts", session.directory().list_contracts(request).await)?.contracts)
}

/// How many datasets the directory lists to a member, page by page.
pub(in crate::demo) async fn datasets(stage: &Stage, world: &World, by: Part) -> Result<usize, DemoError> {
    let session = world.cast.session(stage, by, Role::Researcher);
    let mut datasets = 0;
    let mut page_token = String::new();
    loop {
        let min_position = stage.position.clone();
        let request = ListDatasetsRequest { page_size: 10, page_token, min_position, ..Default::default() };
        let page = granted("listing datasets", session.directory().list_datasets(request).await)?;
        datasets += page.datasets.len();
        if page.next_page_token.is_empty() {
            return Ok(datasets);
        }
        page_token = page.next_page_token;
    }
}

/// What is known of each meter, in their order.
pub(in crate::demo) async fn sources(
    stage: &Stage,
    world: &World,
) -> Result<Vec<GetSourceResponse>, DemoError> {
    let session = world.cast.session(stage, Part::Base, Role::Administrator);
    let mut sources = Vec::with_capacity(world.meters.len());
    for meter in &world.meters {
        let request = GetSourceRequest {
            contract_id: world.contracts.of(meter.deal).id.clone(),
            source_id: meter.source.clone(),
            epoch: 1,
        };
        let step = format!("asking for the meter {}", meter.name);
        sources.push(granted(&step, session.access().get_source(request).await)?);
    }
    Ok(sources)
}

fn as_of(position: &str) -> AsOf {
    AsOf { moment: Some(Moment::Position(position.to_owned())) }
}
