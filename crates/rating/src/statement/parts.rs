//! Which part of a line belongs to whose dataset, and by which rule it is shared.

use std::collections::BTreeMap;

use domain::{
    id::{ContractId, DatasetId, OrderId, OrganisationId, ShareRuleId},
    order::PlacedOrder,
    share_rule::SplitTable,
};
use money::{AllocationError, Money};

use crate::{
    Parties, PoolWeight, Seller, allocate_to_datasets,
    ledger::{Totals, Version, View},
    statement::{
        DataFeeMode, Origin, RecruitmentFee, StatementLine, data_fee_mode,
        weights::{of_composition, weights},
    },
};

/// A part of a line that is split by itself: a dataset's, or the whole of what is no use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part<'l> {
    /// The dataset; `None` for a charge without one.
    pub dataset: Option<DatasetId>,
    /// What is shared. The parts of a line sum to its amount.
    pub net: Money,
    /// What stood charged of that which it gives back, shared before by the same rule; nothing unless it is a
    /// credit of an earlier charge. See [`split_onto`](crate::split_onto).
    pub standing: Money,
    /// Whose the dataset is, if it is known: the base operator or a data provider.
    pub provider: Option<OrganisationId>,
    /// Who sold it, if it is of an order or a recruitment.
    pub seller: Option<Seller<'l>>,
    /// The institutions that share the pool, by weight: of use the cases that the usage itself counted, and the
    /// rest pro rata to the composition of the freeze at the time of the use; of an order with a dataset the
    /// composition when it was placed; of a recruitment enrolments, or those who take part.
    pub institutions: Vec<(OrganisationId, u128)>,
    /// What those weights count.
    pub weighed_by: PoolWeight,
    /// Whether the data fee of the order is metered, so that none is taken out of the vendor's part.
    pub data_fee_metered: bool,
    /// The version of the share rule in force; `None`: there is none.
    pub rule: Option<Version<ShareRuleId, &'l SplitTable>>,
    /// Who bears it alone, whatever the rule says: a credit is borne by who granted it.
    pub borne_by: Option<OrganisationId>,
}

impl<'l> Part<'l> {
    /// The whole of an amount, of which nothing more is known.
    fn whole(net: Money, rule: Option<Version<ShareRuleId, &'l SplitTable>>) -> Self {
        Self {
            dataset: None,
            net,
            standing: Money::zero(net.currency()),
            provider: None,
            seller: None,
            institutions: Vec::new(),
            weighed_by: PoolWeight::Cases,
            data_fee_metered: false,
            rule,
            borne_by: None,
        }
    }

    /// An amount of an order: sold by its vendor or consortium, about its dataset if it names one.
    pub fn of_order<const BLOCK: u64, const COPY: usize>(
        view: &View<'l, BLOCK, COPY>,
        placed: &'l PlacedOrder,
        net: Money,
        rule: Option<Version<ShareRuleId, &'l SplitTable>>,
    ) -> Self {
        let dataset = placed.dataset.and_then(|dataset| view.dataset(dataset));
        let composition = dataset.map_or(&[][..], |dataset| dataset.composition_at(placed.at));
        Self {
            dataset: placed.dataset,
            provider: dataset.map(|dataset| dataset.provider),
            seller: Some(seller(placed)),
            institutions: of_composition(composition),
            data_fee_metered: data_fee_mode(view, placed) == DataFeeMode::Metered,
            ..Self::whole(net, rule)
        }
    }

    /// The parties of its split, under those who run the forum.
    pub fn parties(&self, base_operator: OrganisationId, promoter: OrganisationId) -> Parties<'_> {
        Parties {
            base_operator,
            promoter,
            seller: self.seller,
            data_provider: self.provider.filter(|provider| *provider != base_operator),
            institutions: &self.institutions,
            weighed_by: self.weighed_by,
            data_fee_metered: self.data_fee_metered,
        }
    }
}

/// The parts of a line of a statement, by dataset. A line that bills nothing has none.
pub fn parts<'l, const BLOCK: u64, const COPY: usize>(
    view: &View<'l, BLOCK, COPY>,
    issuer: OrganisationId,
    line: &StatementLine,
) -> Result<Vec<Part<'l>>, AllocationError> {
    if line.amount.is_zero() && !matches!(line.origin, Origin::Usage { .. }) {
        return Ok(Vec::new());
    }
    let rule = line.shared_by.and_then(|(choice, month)| view.shares(issuer, choice, month));
    let whole = Part::whole(line.amount, rule);
    Ok(match &line.origin {
        Origin::Fee { .. } => vec![Part { standing: line.standing, ..whole }],
        Origin::Review | Origin::Commitment { .. } => vec![whole],
        Origin::Credit { granted_by, .. } => vec![Part { borne_by: Some(*granted_by), ..whole }],
        Origin::Order { order } => {
            vec![view.placed(*order).map_or(whole, |placed| Part::of_order(view, placed, line.amount, rule))]
        }
        Origin::Recruitment { recruitment, fee, enrolled } => {
            let executor = view.requested(*recruitment).map(|event| event.request.executor);
            let institutions = match fee {
                RecruitmentFee::Request => {
                    view.participating(*recruitment).into_iter().map(|institution| (institution, 1)).collect()
                }
                RecruitmentFee::Enrolment => {
                    enrolled.iter().map(|(by, count)| (*by, u128::from(*count))).collect()
                }
            };
            let (seller, weighed_by) = (executor.map(Seller::alone), fee.weighed_by());
            vec![Part { seller, institutions, weighed_by, ..whole }]
        }
        Origin::Usage { key, totals, billed } => {
            let placed = line.order.and_then(|order| attributed(view, key.contract, order));
            of_use(view, line, placed, &totals.only(|verdict| billed.contains(&verdict)), &whole)?
        }
    })
}

/// The order to which a use that names it belongs: only if whoever holds the contract of the use ordered it or sells
/// it. Metering refuses nothing, so anybody can name an order; its vendor has no part in a stranger's use.
fn attributed<'l, const BLOCK: u64, const COPY: usize>(
    view: &View<'l, BLOCK, COPY>,
    contract: ContractId,
    order: OrderId,
) -> Option<&'l PlacedOrder> {
    let holder = view.contract(contract)?.member;
    view.placed(order).filter(|placed| placed.member == holder || placed.sells(holder))
}

/// The parts of a usage line.
fn of_use<'l, const BLOCK: u64, const COPY: usize>(
    view: &View<'l, BLOCK, COPY>,
    line: &StatementLine,
    placed: Option<&'l PlacedOrder>,
    billed: &Totals,
    whole: &Part<'l>,
) -> Result<Vec<Part<'l>>, AllocationError> {
    let mut cases = BTreeMap::<DatasetId, u64>::new();
    for (cell, more) in billed.cells() {
        let sum = cases.entry(cell.dataset).or_default();
        *sum = sum.saturating_add(u64::try_from(*more).unwrap_or(0));
    }
    let cases: Vec<(DatasetId, u64)> = cases.into_iter().filter(|(_, cases)| *cases > 0).collect();
    if cases.is_empty() {
        return Ok(Vec::new());
    }
    let data_fee_metered = placed.is_some_and(|placed| data_fee_mode(view, placed) == DataFeeMode::Metered);
    let allocated = allocate_to_datasets(line.amount, &cases)?;
    let part = |(dataset, net)| Part {
        dataset: Some(dataset),
        net,
        provider: view.dataset(dataset).map(|dataset| dataset.provider),
        seller: placed.map(seller),
        institutions: weights(view, dataset, billed),
        data_fee_metered,
        ..whole.clone()
    };
    Ok(allocated.into_iter().map(part).collect())
}

fn seller(placed: &PlacedOrder) -> Seller<'_> {
    let inner = placed.consortium.as_ref().map_or(&[][..], |consortium| &consortium.shares);
    Seller { vendor: placed.vendor, inner }
}
