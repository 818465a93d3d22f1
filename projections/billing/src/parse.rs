//! Requests into questions.

use domain::{
    id::ContractId,
    time::{Month, Timestamp},
};
use engine::{
    Reason, Refusal,
    parse::{id, month, optional_id, page_size},
    what_if,
};
use event_log::Position;
use events::wire::right_of;
use proto::kiban::{
    billing::v1::{EstimateUsageRequest, ExplainLineRequest, GetStatementRequest},
    finance::v1 as finance,
};
use rating::{ledger::WhatIf, statement::SupposedUse};
use sha2::{Digest, Sha256};

const DEFAULT_PAGE: usize = 100;
const MOST_PER_PAGE: usize = 1_000;
/// The longest line id: five parts, each a slug, a number or an id.
const MAX_LINE_ID: usize = 256;

/// A contract and a month.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Asked {
    pub(crate) contract: ContractId,
    pub(crate) month: Month,
    /// Under which versions; `None`: those in force.
    pub(crate) what_if: Option<WhatIf>,
}

impl Asked {
    fn of(contract: &str, of_month: &str, under: Option<&finance::WhatIf>) -> Result<Self, Refusal> {
        let (contract, month) = (id("contract_id", contract)?, month("month", of_month)?);
        Ok(Self { contract, month, what_if: what_if(under, month)? })
    }
}

/// Which events of a line are asked for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Explained {
    pub(crate) asked: Asked,
    pub(crate) line: String,
    /// The most frames.
    pub(crate) size: usize,
    /// Where the page before ended; `None`: this is the first.
    pub(crate) page: Option<Page>,
}

/// Where a page starts.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Page {
    /// The position on which the first page stood.
    pub(crate) position: Position,
    /// The last frame of the page before.
    pub(crate) after: u64,
}

pub(crate) fn statement(request: &GetStatementRequest) -> Result<Asked, Refusal> {
    Asked::of(&request.contract_id, &request.month, request.what_if.as_ref())
}

pub(crate) fn explain(request: &ExplainLineRequest) -> Result<Explained, Refusal> {
    let asked = Asked::of(&request.contract_id, &request.month, request.what_if.as_ref())?;
    let line = &request.line_id;
    if line.is_empty() || line.len() > MAX_LINE_ID {
        return Err(Refusal::invalid("line_id", "must be the line_id of a line of the statement"));
    }
    let size = page_size("page_size", request.page_size.into(), DEFAULT_PAGE, MOST_PER_PAGE)?;
    let token = &request.page_token;
    let page = if token.is_empty() { None } else { Some(page(token, &asked, line)?) };
    Ok(Explained { asked, line: line.clone(), size, page })
}

/// A use of now, and the contract and month in which it would stand.
pub(crate) fn estimate(
    request: &EstimateUsageRequest,
    now: Timestamp,
) -> Result<(Asked, SupposedUse), Refusal> {
    let asked =
        Asked { contract: id("contract_id", &request.contract_id)?, month: Month::of(now), what_if: None };
    if request.cases == 0 {
        return Err(Refusal::invalid("cases", "must be at least 1"));
    }
    let supposed = SupposedUse {
        dataset: id("dataset_id", &request.dataset_id)?,
        right: right_of(request.right).ok_or_else(|| Refusal::invalid("right", "must be a right"))?,
        cases: request.cases,
        order: optional_id("order_id", &request.order_id)?,
        at: now,
    };
    Ok((asked, supposed))
}

/// The token of the page after: the position, the last frame, and a digest that binds both to the line and to the
/// versions under which it is asked about.
pub(crate) fn token(page: Page, asked: &Asked, line: &str) -> String {
    let Page { position, after } = page;
    let Asked { contract, month, what_if } = asked;
    let under = what_if.as_ref().map(|what_if| format!("/{what_if:?}")).unwrap_or_default();
    let digest: [u8; 32] =
        Sha256::digest(format!("{contract}/{month}/{line}/{position}/{after}{under}")).into();
    let binding: String = digest.iter().take(8).map(|byte| format!("{byte:02x}")).collect();
    format!("{position}-{after}-{binding}")
}

fn page(text: &str, asked: &Asked, line: &str) -> Result<Page, Refusal> {
    let mut parts = text.split('-');
    let mut number = || parts.next().and_then(|part| part.parse::<u64>().ok());
    let page = number().zip(number()).map(|(position, after)| Page { position: Position(position), after });
    page.filter(|page| token(*page, asked, line) == text).ok_or_else(|| {
        Refusal::field(Reason::InvalidPageToken, "page_token", "must be the next_page_token of this line")
    })
}
