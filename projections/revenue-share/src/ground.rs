//! On what an answer stands: what a ledger knew at a moment, and what its lines held there.

use std::collections::BTreeMap;

use domain::{
    id::{ContractId, OrganisationId},
    time::{Month, Timestamp},
};
use engine::{
    Refusal, Sharded,
    ledger::{HeldLines, LedgerFold},
};
use money::{Currency, Money};
use rating::{
    ledger::{LineKey, Totals, View, WhatIf},
    statement::{Statement, months_behind, rate_month, statement},
};

use crate::{
    RevenueShareFold,
    shares::{Operators, Shares, share_out},
};

/// What was known at a moment.
#[derive(Clone, Copy)]
pub(crate) struct Ground<'l> {
    /// What was known besides use, to each shard that is asked.
    pub(crate) views: &'l Sharded<View<'l>>,
    /// Under which versions it is asked; `None`: under those in force.
    pub(crate) what_if: Option<&'l WhatIf>,
    /// Up to when charges have fallen due.
    pub(crate) now: Timestamp,
    /// What lines held there; `None`: what they hold now.
    pub(crate) held: Option<&'l HeldLines>,
    /// Whether who asks may know in which lane the applications of an organisation are.
    pub(crate) may_see_lane: &'l dyn Fn(OrganisationId) -> bool,
}

impl<'l> Ground<'l> {
    /// The same, asked about under these versions; `None`: under those in force.
    pub(crate) fn under(self, what_if: Option<&'l WhatIf>) -> Self {
        Self { what_if, ..self }
    }

    /// What was known to every shard: of all but what became of the use, orders and recruitments under a contract, and
    /// of credits to it.
    pub(crate) fn view(&self) -> View<'l> {
        self.supposed(*self.views.first())
    }

    /// What was known to the shard of a contract: besides the same, everything of this contract.
    pub(crate) fn of(&self, contract: ContractId) -> View<'l> {
        self.supposed(*self.views.of(contract))
    }

    fn supposed(&self, view: View<'l>) -> View<'l> {
        self.what_if.map_or(view, |what_if| view.under(what_if))
    }

    /// What the lines of a contract held in a month.
    pub(crate) fn lines(&self, contract: ContractId, month: Month) -> Vec<(LineKey, Totals)> {
        match self.held {
            None => self.views.of(contract).ledger().lines(contract, month),
            Some(held) => held.of(contract, month),
        }
    }

    /// The statements of a month, as they are shown to who asks: of all contracts, or of one.
    pub(crate) fn statements(
        &self,
        month: Month,
        contract: Option<ContractId>,
    ) -> Result<Vec<Statement>, Refusal> {
        let lines = |contract, month| self.lines(contract, month);
        let statements = match contract {
            None => {
                let known = self.view().contracts().map(|contract| (contract, self.of(contract)));
                rate_month(known, month, self.now, lines)?
            }
            Some(contract) => {
                let lines = |month| lines(contract, month);
                statement(&self.of(contract), contract, month, self.now, lines)?.into_iter().collect()
            }
        };
        let shown = statements.into_iter().map(|statement| {
            let (view, may_see_lane) = (self.of(statement.contract), (self.may_see_lane)(statement.member));
            statement.shown(&view, may_see_lane)
        });
        Ok(shown.collect::<Result<_, _>>()?)
    }

    /// Who runs the forum in a month, for what an issuer charges.
    pub(crate) fn operators(&self, month: Month, issuer: OrganisationId) -> Result<Operators, Refusal> {
        let base_operator = self.view().base_operator(month, self.now);
        let missing = || Refusal::not_found(format!("a base operator for {month}"));
        let promoter = self.view().promoter(issuer, month, self.now);
        Ok(Operators { base_operator: base_operator.ok_or_else(missing)?, promoter })
    }

    /// The shares of statements of a month. Where nothing is charged, nobody need be there to share it.
    pub(crate) fn shares(&self, month: Month, statements: &[Statement]) -> Result<Shares, Refusal> {
        let charges = statements.iter().any(|statement| statement.lines.iter().any(|l| !l.amount.is_zero()));
        let promoter = |issuer| self.view().promoter(issuer, month, self.now);
        match self.view().base_operator(month, self.now) {
            Some(base_operator) => {
                Ok(share_out(|contract| self.of(contract), base_operator, promoter, statements)?)
            }
            None if charges => Err(Refusal::not_found(format!("a base operator for {month}"))),
            None => {
                let charged = Money::zero(Currency::Jpy);
                Ok(Shares { charged, parties: BTreeMap::new(), charges: Vec::new() })
            }
        }
    }

    /// The name of an organisation; empty if none is known.
    pub(crate) fn name(&self, organisation: OrganisationId) -> String {
        self.view().name(organisation).unwrap_or_default().to_owned()
    }
}

/// Which lines must be looked up for the statements of these months: those of the months, and those that
/// minimum commitments count which fall due in them.
pub(crate) fn wanted(
    folds: &Sharded<&RevenueShareFold>,
    position: u64,
    now: Timestamp,
    months: &[Month],
    contract: Option<ContractId>,
) -> Vec<(ContractId, Month)> {
    let asked = |of: &ContractId| contract.is_none_or(|contract| contract == *of);
    let mut wanted = used(&folds.map(|fold| fold.ledger().as_of(position)), months);
    wanted.retain(|(of, _)| asked(of));
    let view = folds.first().ledger().as_of(position);
    for committed in view.committed().filter(asked) {
        let behind = months.iter().flat_map(|month| months_behind(&view, committed, *month, now));
        wanted.extend(behind.map(|month| (committed, month)));
    }
    wanted
}

/// The contracts that have lines in one of these months, each with the month: of each shard only those that belong to
/// it, for of others it may know a part.
pub(crate) fn used(views: &Sharded<View<'_>>, months: &[Month]) -> Vec<(ContractId, Month)> {
    let mut used = Vec::new();
    for (shard, view) in views.numbered() {
        let own = view.ledger().months().filter(|(contract, _)| shard.takes(Some(*contract)));
        used.extend(own.filter(|(_, month)| months.contains(month)));
    }
    used
}
