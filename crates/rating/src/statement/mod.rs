//! The charges of a contract for a month, rated at the question (requirements §2.2, §4).
//!
//! [`statement`] rates what a [`View`](crate::ledger::View) knew; [`rate_month`] does so for many contracts;
//! [`parts`] says which part of a line belongs to whose dataset and by which rule it is shared, [`behind`] from
//! which events it follows, [`dealt`] who issues and collects it, [`estimate`] what one
//! more use would add.
//!
//! - A usage line goes through the version of the price book in force in its month, as the terms of its
//!   segment name it. Terms that are renewed within a segment apply from the next month on, as versions do.
//! - The contract fee of a month is what falls due in it: the instalments of one segment are one line, each
//!   priced by the month in which it fell due, or, for a credit, in which what it gives back did. They are
//!   summed exactly and rounded once.
//! - What the price book does not price is shown, flagged, and charged nothing.
//! - Use under a contract of a vendor is charged as `data-fee`, under any other as `data-usage` (requirements
//!   §2.1); if the data fee of the order that a vendor's use was for is a percentage, the use is charged nothing, as
//!   long as something of the order is or can be charged.
//! - A line is attributed to the order that its use names only if the contract's holder is the order's member or
//!   sells it: anybody may name an order, and the vendor has a part in nobody else's use.
//! - A service order is charged as its milestones are accepted, a recruitment at its approval and with each
//!   enrolment, the expedited lane with the application, a minimum commitment when a contract year ends; a
//!   credit is charged less than nothing.

mod behind;
mod commitment;
mod dealt;
mod estimate;
mod fee;
mod once;
mod order;
mod parts;
mod recruitment;
mod usage;
mod weights;

use std::collections::{BTreeMap, BTreeSet};

use domain::{
    contract::{ContractKind, Timeline},
    id::{ContractId, CreditId, OrderId, OrganisationId, PriceBookId, RecruitmentId},
    terms::{ChargeKind, DatasetClass, Right, ShareRuleChoice, Tier, Verdict},
    time::{Month, Timestamp},
};
use money::{Currency, Decimal, Fraction, Money, MoneyError};

use crate::{
    BandUse, RatedLine, RatingError,
    ledger::{ContractView, Entry, LineKey, Totals, View, nearest_segment},
};

pub use behind::{Behind, behind};
pub use commitment::{Counted, months_behind};
pub use dealt::{Dealt, dealt};
pub use estimate::{Estimate, SupposedUse, estimate};
pub use fee::is_fee_event;
pub use order::{DataFeeMode, data_fee_mode, lines_of_order, rule_of_order};
pub use parts::{Part, parts};
pub use recruitment::{RecruitmentFee, lines_of_recruitment};

/// The charges of a contract for a month, before consumption tax.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    /// The contract.
    pub contract: ContractId,
    /// Who pays.
    pub member: OrganisationId,
    /// Who charges.
    pub issuer: OrganisationId,
    /// The month.
    pub month: Month,
    /// The lines: fees by segment, usage by line, orders, recruitments, what stands there once, and what makes
    /// commitments up.
    pub lines: Vec<StatementLine>,
    /// The sum of the lines.
    pub total: Money,
    /// Whether the issuer has closed the month.
    pub closed: bool,
    /// Records stored as conflicts in the month, never billed.
    pub conflicts: u64,
}

/// A charge, and how it was reckoned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatementLine {
    /// Names the line within its contract and month; stable for ever.
    pub id: String,
    /// What is charged.
    pub charge_kind: ChargeKind,
    /// The segment, counted from 0.
    pub segment: u32,
    /// Its tier; `None` if no terms are known for the segment.
    pub tier: Option<Tier>,
    /// What was done; `None` for a fee.
    pub right: Option<Right>,
    /// The class of the datasets; `None` for a fee.
    pub class: Option<DatasetClass>,
    /// The order, if it was for one.
    pub order: Option<OrderId>,
    /// The recruitment, if it was for one.
    pub recruitment: Option<RecruitmentId>,
    /// What is billed: cases, milestones, enrolments, or the part of a contract year, less what is given back.
    pub quantity: Fraction,
    /// What was used and is only flagged: cases by verdict.
    pub flagged: Vec<(Verdict, u64)>,
    /// What the bands of the price took; empty for flat prices and fees.
    pub bands: Vec<BandUse>,
    /// The amount.
    pub amount: Money,
    /// What stood charged, on earlier lines, of that which it gives back; nothing for any other line. It is
    /// shared as the difference of two splits: of what stood, and of what is left (requirements §2.2).
    pub standing: Money,
    /// The price book and its version, of a fee that of its last instalment; `None`: none is in force, or the
    /// price is agreed otherwise, as that of an order.
    pub price_book: Option<(PriceBookId, u32)>,
    /// Whether there is no price for it, or for an instalment of it.
    pub unpriced: bool,
    /// The line in one sentence.
    pub description: String,
    /// The arithmetic for people, a step a line.
    pub arithmetic: Vec<String>,
    /// How its segment names the share rule, and the month whose version shares it out.
    pub shared_by: Option<(ShareRuleChoice, Month)>,
    /// What it was reckoned from.
    pub origin: Origin,
}

/// What a line was reckoned from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// The terms of the contract.
    Fee {
        /// Whether it is what pauses give back.
        paused: bool,
    },
    /// Use.
    Usage {
        /// The line of the ledger.
        key: LineKey,
        /// What it held.
        totals: Totals,
        /// The verdicts that are billed.
        billed: BTreeSet<Verdict>,
    },
    /// Accepted milestones, and those that stay charged after a cancellation.
    Order {
        /// The order.
        order: OrderId,
    },
    /// A recruitment.
    Recruitment {
        /// Which.
        recruitment: RecruitmentId,
        /// Which fee of it.
        fee: RecruitmentFee,
        /// Which institutions enrolled how many of the participants that the line charges.
        enrolled: BTreeMap<OrganisationId, u64>,
    },
    /// The application in the expedited lane.
    Review,
    /// A minimum commitment, and what counts towards it.
    Commitment {
        /// The contract year, from 0.
        contract_year: u32,
        /// The lines that count, by month.
        counted: Vec<Counted>,
    },
    /// A credit to the member.
    Credit {
        /// Which.
        credit: CreditId,
        /// Who granted it, and bears it alone.
        granted_by: OrganisationId,
    },
}

impl Statement {
    /// The statement as it is shown to somebody who may know in which lane an application is, or may not: from the
    /// latter the charge of the expedited lane is kept until somebody has decided, for the lane changes the clock and
    /// never the criteria (requirements §3.2). The total is that of the lines which are left.
    pub fn shown<const BLOCK: u64, const COPY: usize>(
        mut self,
        view: &View<'_, BLOCK, COPY>,
        may_see_lane: bool,
    ) -> Result<Self, StatementError> {
        let lines = self.lines.len();
        if !may_see_lane && !view.is_decided(self.contract) {
            self.lines.retain(|line| line.origin != Origin::Review);
        }
        if self.lines.len() < lines {
            self.total = total(self.contract, &self.lines)?;
        }
        Ok(self)
    }
}

impl StatementLine {
    /// A line of which no more is known: of the first segment, one of it, priced by no price book.
    fn of(id: String, charge_kind: ChargeKind, amount: Money, origin: Origin) -> Self {
        Self {
            id,
            charge_kind,
            segment: 0,
            tier: None,
            right: None,
            class: None,
            order: None,
            recruitment: None,
            quantity: Fraction::one(),
            flagged: Vec::new(),
            bands: Vec::new(),
            amount,
            standing: Money::zero(amount.currency()),
            price_book: None,
            unpriced: false,
            description: String::new(),
            arithmetic: Vec::new(),
            shared_by: None,
            origin,
        }
    }
}

/// A statement that cannot be reckoned.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StatementError {
    /// A line cannot be rated.
    #[error("line {line} of {contract} cannot be rated")]
    Line {
        /// The contract.
        contract: ContractId,
        /// The line.
        line: String,
        /// Why.
        source: RatingError,
    },
    /// The lines cannot be summed.
    #[error("the lines of {contract} cannot be summed")]
    Total {
        /// The contract.
        contract: ContractId,
        /// Why.
        source: MoneyError,
    },
}

/// The charges of a contract for a month; `None` if the contract was not known. `lines` gives what its lines of
/// a month held: it is asked for this month, and, where a minimum commitment falls due, for the other ones of
/// [`months_behind`]. `now` is the instant up to which charges have fallen due: the clock for a question about
/// now, recorded-at for one about a position.
pub fn statement<const BLOCK: u64, const COPY: usize>(
    view: &View<'_, BLOCK, COPY>,
    contract: ContractId,
    month: Month,
    now: Timestamp,
    mut lines: impl FnMut(Month) -> Vec<(LineKey, Totals)>,
) -> Result<Option<Statement>, StatementError> {
    let Some(contract) = view.contract(contract) else { return Ok(None) };
    let held = lines(month);
    let mut charged = charges(view, &contract, month, now, &held)?;
    charged.extend(commitment::lines(view, &contract, month, now, &mut lines)?);
    let conflicts =
        held.iter().filter(|(key, _)| is_of(key, &contract, month) && key.entry == Entry::Conflicts);
    let conflicts = conflicts.map(|(_, totals)| u64::try_from(totals.records()).unwrap_or(0)).sum();
    let total = total(contract.id, &charged)?;
    Ok(Some(Statement {
        contract: contract.id,
        member: contract.member,
        issuer: contract.issuer,
        month,
        lines: charged,
        total,
        closed: view.is_closed(contract.issuer, month),
        conflicts,
    }))
}

/// The statements of those of these contracts that have charges or conflicts in a month, each by what a view knew of it;
/// `lines` gives what the lines of a contract held in a month.
pub fn rate_month<'l, const BLOCK: u64, const COPY: usize>(
    contracts: impl IntoIterator<Item = (ContractId, View<'l, BLOCK, COPY>)>,
    month: Month,
    now: Timestamp,
    mut lines: impl FnMut(ContractId, Month) -> Vec<(LineKey, Totals)>,
) -> Result<Vec<Statement>, StatementError> {
    let mut statements = Vec::new();
    for (contract, view) in contracts {
        let statement = statement(&view, contract, month, now, |month| lines(contract, month))?;
        statements.extend(statement.filter(|found| !found.lines.is_empty() || found.conflicts > 0));
    }
    Ok(statements)
}

/// The lines of a month, but for what makes a commitment up: that counts them.
fn charges<const BLOCK: u64, const COPY: usize>(
    view: &View<'_, BLOCK, COPY>,
    contract: &ContractView,
    month: Month,
    now: Timestamp,
    held: &[(LineKey, Totals)],
) -> Result<Vec<StatementLine>, StatementError> {
    let mut charged = fee::lines(view, contract, month, now)?;
    for (key, totals) in held.iter().filter(|(key, _)| is_of(key, contract, month)) {
        if let Entry::Use(line) = &key.entry {
            charged.push(usage::line(view, contract, key, line, totals)?);
        }
    }
    charged.extend(order::lines(view, contract, month)?);
    charged.extend(recruitment::lines(view, contract, month)?);
    charged.extend(once::lines(view, contract, month)?);
    Ok(charged)
}

fn total(contract: ContractId, lines: &[StatementLine]) -> Result<Money, StatementError> {
    let sum = Money::sum(Currency::Jpy, lines.iter().map(|line| line.amount));
    sum.map_err(|source| StatementError::Total { contract, source })
}

fn is_of(key: &LineKey, contract: &ContractView, month: Month) -> bool {
    key.contract == contract.id && key.month == month
}

/// As what the use under a contract is charged.
fn usage_charge(kind: ContractKind) -> ChargeKind {
    match kind {
        ContractKind::VendorParticipation => ChargeKind::data_fee(),
        ContractKind::Member | ContractKind::Investor | ContractKind::Supply | ContractKind::DataProvider => {
            ChargeKind::data_usage()
        }
    }
}

/// The terms that price a segment in a month: those in force when the month started or, if the segment starts
/// later, its first ones.
fn terms_of(timeline: &Timeline, segment: u32, month: Month) -> Option<&domain::contract::Terms> {
    let phases = || timeline.phases().iter().filter(|phase| phase.segment == segment);
    let at_start = phases().rfind(|phase| phase.starts_at <= month.start());
    at_start.or_else(|| phases().next()).map(|phase| &phase.terms)
}

/// The segment of an instant; before the start and between segments the nearest one.
fn segment_at(contract: &ContractView, instant: Timestamp) -> u32 {
    nearest_segment(&contract.timeline, instant)
}

/// What a quantity costs for which there is no price: nothing, and that is shown.
fn unpriced(currency: Currency, quantity: Decimal) -> RatedLine {
    RatedLine {
        amount: Money::zero(currency),
        exact: Fraction::zero(),
        bands: Vec::new(),
        arithmetic: vec![format!("no price for {quantity}: charged nothing")],
    }
}

fn failed(contract: &ContractView, line: &str) -> impl Fn(RatingError) -> StatementError + use<> {
    let (contract, line) = (contract.id, line.to_owned());
    move |source| StatementError::Line { contract, line: line.clone(), source }
}
