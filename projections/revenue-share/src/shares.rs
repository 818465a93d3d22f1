//! Charges into shares: pure, and checked to sum before anybody is told.

use std::collections::BTreeMap;

use domain::{
    id::{ContractId, DatasetId, OrderId, OrganisationId, RecruitmentId, ShareRuleId},
    share_rule::{ChargeTerms, PayoutTreatment},
    terms::ChargeKind,
};
use engine::{Reason, Refusal};
use money::{AllocationError, Currency, Money, MoneyError};
use rating::{
    SplitError,
    ledger::View,
    split_onto,
    statement::{Part, Statement, StatementLine, parts},
};

/// Everything that is shared out.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Shares {
    /// What was charged: the sum of the statements, of the charges and of the parties.
    pub(crate) charged: Money,
    /// What each party is owed in all.
    pub(crate) parties: BTreeMap<OrganisationId, Money>,
    /// The charges, by contract, line and dataset; those of nothing are left out.
    pub(crate) charges: Vec<Charge>,
}

/// One part of a line, split by itself.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Charge {
    pub(crate) contract: ContractId,
    pub(crate) line: String,
    pub(crate) kind: ChargeKind,
    /// `None`: a charge without one.
    pub(crate) dataset: Option<DatasetId>,
    pub(crate) net: Money,
    /// The version of the rule in force for it; `None`: there is none.
    pub(crate) rule: Option<(ShareRuleId, u32)>,
    /// Whether no rule covers it, so that the base operator holds it.
    pub(crate) unruled: bool,
    /// The order, if it is of one.
    pub(crate) order: Option<OrderId>,
    /// The recruitment, if it is of one.
    pub(crate) recruitment: Option<RecruitmentId>,
    /// What the platform is when it pays out.
    pub(crate) treatment: PayoutTreatment,
    /// What each step of the split gives whom, in order.
    pub(crate) shares: Vec<Share>,
}

impl Charge {
    /// What it gives an organisation in all.
    pub(crate) fn of(&self, organisation: OrganisationId) -> Result<Money, MoneyError> {
        let own = self.shares.iter().filter(|share| share.organisation == organisation);
        Money::sum(self.net.currency(), own.map(|share| share.amount))
    }
}

/// What one step of a split gives a party.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Share {
    pub(crate) organisation: OrganisationId,
    pub(crate) amount: Money,
    pub(crate) reason: String,
}

/// Charges that cannot be shared out.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum ShareError {
    /// A line cannot be parted by dataset.
    #[error("line {line} of {contract} cannot be parted by dataset: {why}")]
    Parts { contract: ContractId, line: String, why: AllocationError },
    /// A rule cannot be carried out: it was not checked at publication.
    #[error("line {line} of {contract} cannot be split: {why}")]
    Split { contract: ContractId, line: String, why: SplitError },
    /// Amounts do not fit, or are in several currencies.
    #[error("the shares cannot be counted: {0}")]
    Amount(MoneyError),
    /// The parts do not sum to the whole.
    #[error("{what} sums to {sum}, not to {whole}")]
    NotWhole { what: String, sum: Money, whole: Money },
}

impl From<MoneyError> for ShareError {
    fn from(error: MoneyError) -> Self {
        Self::Amount(error)
    }
}

impl From<ShareError> for Refusal {
    fn from(error: ShareError) -> Self {
        let reason = match &error {
            ShareError::Amount(_) | ShareError::Split { why: SplitError::Amount(_), .. } => {
                Reason::AmountOutOfRange
            }
            // No history that passed the deciders leads here: better no answer than one that is wrong.
            ShareError::Parts { .. } | ShareError::Split { .. } | ShareError::NotWhole { .. } => {
                Reason::LogCorrupt
            }
        };
        Self::new(reason, error.to_string())
    }
}

/// Who runs the forum, for the shares of one statement.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Operators {
    /// The base operator.
    pub(crate) base_operator: OrganisationId,
    /// The promoter.
    pub(crate) promoter: OrganisationId,
}

/// Shares out the charges of these statements, each part of a line by the rule in force for it (requirements
/// §2.2); `view` tells what was known of a contract, `promoter` who the promoter is for what an issuer charges. What
/// no rule covers, the base operator holds.
pub(crate) fn share_out<'l, const BLOCK: u64, const COPY: usize>(
    view: impl Fn(ContractId) -> View<'l, BLOCK, COPY>,
    base_operator: OrganisationId,
    promoter: impl Fn(OrganisationId) -> OrganisationId,
    statements: &[Statement],
) -> Result<Shares, ShareError> {
    let mut charges = Vec::new();
    for statement in statements {
        let Statement { contract, issuer, .. } = *statement;
        let operators = Operators { base_operator, promoter: promoter(issuer) };
        let view = view(contract);
        for line in &statement.lines {
            charges.extend(share_line(&view, operators, contract, issuer, line)?);
        }
    }
    let mut parties = BTreeMap::new();
    for share in charges.iter().flat_map(|charge: &Charge| &charge.shares) {
        let sum = parties.entry(share.organisation).or_insert_with(|| Money::zero(share.amount.currency()));
        *sum = sum.checked_add(share.amount)?;
    }
    let charged = Money::sum(Currency::Jpy, statements.iter().map(|statement| statement.total))?;
    whole("what the parties are owed", parties.values().copied(), charged)?;
    Ok(Shares { charged, parties, charges })
}

/// Shares out a line of a contract of an issuer, each part of it by itself.
pub(crate) fn share_line<const BLOCK: u64, const COPY: usize>(
    view: &View<'_, BLOCK, COPY>,
    operators: Operators,
    contract: ContractId,
    issuer: OrganisationId,
    line: &StatementLine,
) -> Result<Vec<Charge>, ShareError> {
    let parts = parts(view, issuer, line).map_err(|why| ShareError::Parts {
        contract,
        line: line.id.clone(),
        why,
    })?;
    let shared = parts.iter().filter(|part| !part.net.is_zero());
    let charges = shared.map(|part| {
        let charge = share_part(operators, contract, &line.id, &line.charge_kind, part)?;
        Ok(Charge { order: line.order, recruitment: line.recruitment, ..charge })
    });
    let charges = charges.collect::<Result<Vec<_>, ShareError>>()?;
    let what = || format!("line {} of {contract}, parted by dataset,", line.id);
    whole(what(), charges.iter().map(|charge| charge.net), line.amount)?;
    Ok(charges)
}

/// Shares out a part of a line of a contract.
pub(crate) fn share_part(
    operators: Operators,
    contract: ContractId,
    line: &str,
    kind: &ChargeKind,
    part: &Part<'_>,
) -> Result<Charge, ShareError> {
    let Operators { base_operator, promoter } = operators;
    let parties = part.parties(base_operator, promoter);
    let with_provider = parties.data_provider.is_some();
    let rule = part.rule.filter(|_| part.borne_by.is_none());
    let table = rule.map(|rule| rule.content).filter(|t| t.split_for(kind, with_provider).is_some());
    let alone = |organisation, reason: &str| {
        vec![Share { organisation, amount: part.net, reason: reason.to_owned() }]
    };
    let shares = match (part.borne_by, table) {
        (Some(bearer), _) => alone(bearer, "granted by it, and borne by it alone"),
        (None, None) => alone(base_operator, "no share rule covers the charge: held by the base operator"),
        (None, Some(table)) => {
            let lines = split_onto(part.standing, part.net, table, kind, &parties);
            let lines = lines.map_err(|why| ShareError::Split { contract, line: line.to_owned(), why })?;
            let share = |line: rating::ShareLine| {
                let reason = line.reason();
                Share { organisation: line.organisation, amount: line.amount, reason }
            };
            lines.into_iter().map(share).collect()
        }
    };
    let what = || format!("the split of line {line} of {contract}");
    whole(what(), shares.iter().map(|share| share.amount), part.net)?;
    let usual = || ChargeTerms::usual(kind.clone());
    Ok(Charge {
        contract,
        line: line.to_owned(),
        kind: kind.clone(),
        dataset: part.dataset,
        net: part.net,
        rule: rule.map(|rule| (rule.id, rule.number)),
        unruled: part.borne_by.is_none() && table.is_none(),
        order: None,
        recruitment: None,
        treatment: rule.map_or_else(usual, |rule| rule.content.terms_for(kind)).treatment,
        shares,
    })
}

/// Refuses what does not sum: what was shared out must be what there was, to the yen.
fn whole(
    what: impl Into<String>,
    parts: impl IntoIterator<Item = Money>,
    whole: Money,
) -> Result<(), ShareError> {
    let sum = Money::sum(whole.currency(), parts)?;
    if sum == whole { Ok(()) } else { Err(ShareError::NotWhole { what: what.into(), sum, whole }) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_sum_is_refused_and_says_by_how_much() {
        let parts = || [Money::jpy(70), Money::jpy(20), Money::jpy(-1)];
        assert_eq!(whole("it", parts(), Money::jpy(89)), Ok(()));
        let refusal = Refusal::from(whole("it", parts(), Money::jpy(90)).unwrap_err());
        let (sum, all) = (Money::jpy(89), Money::jpy(90));
        assert_eq!(refusal, Refusal::new(Reason::LogCorrupt, format!("it sums to {sum}, not to {all}")));
    }
}
