//! On what an answer stands: what a ledger knew at a moment, and what its lines held there.

use std::collections::BTreeMap;

use domain::{
    id::{ContractId, OrganisationId},
    time::{Month, Timestamp},
};
use engine::{Refusal, ledger::HeldLines};
use money::{Currency, Money};
use rating::{
    ledger::{Ledger, LineKey, Totals, View, WhatIf},
    statement::{Statement, months_behind, rate_month, statement},
};

use crate::shares::{Operators, Shares, share_out};

/// What was known at a moment.
#[derive(Clone, Copy)]
pub(crate) struct Ground<'l> {
    /// What was known besides use.
    pub(crate) view: View<'l>,
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
        Self { view: what_if.map_or(self.view, |what_if| self.view.under(what_if)), ..self }
    }

    /// What the lines of a contract held in a month.
    pub(crate) fn lines(&self, contract: ContractId, month: Month) -> Vec<(LineKey, Totals)> {
        match self.held {
            None => self.view.ledger().lines(contract, month),
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
            None => rate_month(&self.view, month, self.now, lines)?,
            Some(contract) => {
                let lines = |month| lines(contract, month);
                statement(&self.view, contract, month, self.now, lines)?.into_iter().collect()
            }
        };
        let shown = statements.into_iter().map(|statement| {
            let may_see_lane = (self.may_see_lane)(statement.member);
            statement.shown(&self.view, may_see_lane)
        });
        Ok(shown.collect::<Result<_, _>>()?)
    }

    /// Who runs the forum in a month, for what an issuer charges.
    pub(crate) fn operators(&self, month: Month, issuer: OrganisationId) -> Result<Operators, Refusal> {
        let base_operator = self.view.base_operator(month, self.now);
        let missing = || Refusal::not_found(format!("a base operator for {month}"));
        let promoter = self.view.promoter(issuer, month, self.now);
        Ok(Operators { base_operator: base_operator.ok_or_else(missing)?, promoter })
    }

    /// The shares of statements of a month. Where nothing is charged, nobody need be there to share it.
    pub(crate) fn shares(&self, month: Month, statements: &[Statement]) -> Result<Shares, Refusal> {
        let charges = statements.iter().any(|statement| statement.lines.iter().any(|l| !l.amount.is_zero()));
        let promoter = |issuer| self.view.promoter(issuer, month, self.now);
        match self.view.base_operator(month, self.now) {
            Some(base_operator) => Ok(share_out(&self.view, base_operator, promoter, statements)?),
            None if charges => Err(Refusal::not_found(format!("a base operator for {month}"))),
            None => {
                let charged = Money::zero(Currency::Jpy);
                Ok(Shares { charged, parties: BTreeMap::new(), charges: Vec::new() })
            }
        }
    }

    /// The name of an organisation; empty if none is known.
    pub(crate) fn name(&self, organisation: OrganisationId) -> String {
        self.view.name(organisation).unwrap_or_default().to_owned()
    }
}

/// Which lines must be looked up for the statements of these months: those of the months, and those that
/// minimum commitments count which fall due in them.
pub(crate) fn wanted(
    ledger: &Ledger,
    position: u64,
    now: Timestamp,
    months: &[Month],
    contract: Option<ContractId>,
) -> Vec<(ContractId, Month)> {
    let asked = |of: &ContractId| contract.is_none_or(|contract| contract == *of);
    let used = ledger.months().filter(|(of, month)| asked(of) && months.contains(month));
    let mut wanted: Vec<_> = used.collect();
    let view = ledger.as_of(position);
    for committed in view.committed().filter(asked) {
        let behind = months.iter().flat_map(|month| months_behind(&view, committed, *month, now));
        wanted.extend(behind.map(|month| (committed, month)));
    }
    wanted
}
