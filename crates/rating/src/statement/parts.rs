//! Which part of a line belongs to whose dataset, and by which rule it is shared.

use std::collections::BTreeMap;

use domain::{
    id::{DatasetId, OrganisationId, ShareRuleId},
    share_rule::SplitTable,
};
use money::{AllocationError, Money};

use crate::{
    Parties, allocate_to_datasets,
    ledger::{Totals, Version, View},
    statement::{Origin, StatementLine},
};

/// A part of a line that is split by itself: a dataset's, or the whole of a fee.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part<'l> {
    /// The dataset; `None` for a fee.
    pub dataset: Option<DatasetId>,
    /// What is shared. The parts of a line sum to its amount.
    pub net: Money,
    /// What stood charged of that which it gives back, shared before by the same rule; nothing unless it is a
    /// credit of an earlier charge. See [`split_onto`](crate::split_onto).
    pub standing: Money,
    /// Whose the dataset is, if it is known: the base operator or a data provider.
    pub provider: Option<OrganisationId>,
    /// The vendor of the order, if it was for one.
    pub vendor: Option<OrganisationId>,
    /// The institutions whose cases were used, by weight: the cases that the usage itself counted, and the
    /// rest pro rata to the composition of the freeze at the time of the use.
    pub institutions: Vec<(OrganisationId, u128)>,
    /// The version of the share rule in force; `None`: there is none.
    pub rule: Option<Version<ShareRuleId, &'l SplitTable>>,
}

impl Part<'_> {
    /// The parties of its split, under those who run the forum.
    pub fn parties(&self, base_operator: OrganisationId, promoter: OrganisationId) -> Parties<'_> {
        Parties {
            base_operator,
            promoter,
            seller: self.vendor.map(crate::Seller::alone),
            data_provider: self.provider.filter(|provider| *provider != base_operator),
            institutions: &self.institutions,
            data_fee_metered: false,
        }
    }
}

/// The parts of a line of a statement, by dataset. A line that bills nothing has none.
pub fn parts<'l, const BLOCK: u64, const COPY: usize>(
    view: &View<'l, BLOCK, COPY>,
    issuer: OrganisationId,
    line: &StatementLine,
) -> Result<Vec<Part<'l>>, AllocationError> {
    let rule = line.shared_by.and_then(|(choice, month)| view.shares(issuer, choice, month));
    let vendor = line.order.and_then(|order| view.vendor(order));
    let (totals, billed) = match &line.origin {
        Origin::Fee => {
            let institutions = Vec::new();
            let (net, standing) = (line.amount, line.standing);
            let whole = Part { dataset: None, net, standing, provider: None, vendor, institutions, rule };
            return Ok(if line.amount.is_zero() { Vec::new() } else { vec![whole] });
        }
        Origin::Usage { totals, billed, .. } => (totals, billed),
    };
    let billed = totals.only(|verdict| billed.contains(&verdict));
    let mut cases = BTreeMap::<DatasetId, u64>::new();
    for (cell, more) in billed.cells() {
        let sum = cases.entry(cell.dataset).or_default();
        *sum = sum.saturating_add(u64::try_from(*more).unwrap_or(0));
    }
    let cases: Vec<(DatasetId, u64)> = cases.into_iter().filter(|(_, cases)| *cases > 0).collect();
    if cases.is_empty() {
        return Ok(Vec::new());
    }
    let allocated = allocate_to_datasets(line.amount, &cases)?;
    let part = |(dataset, net)| Part {
        dataset: Some(dataset),
        net,
        standing: Money::zero(net.currency()),
        provider: view.dataset(dataset).map(|dataset| dataset.provider),
        vendor,
        institutions: weights(view, dataset, &billed),
        rule,
    };
    Ok(allocated.into_iter().map(part).collect())
}

/// Cases that no usage counted by institution, and the composition by which they are parted.
struct Rest {
    cases: u128,
    composition: Vec<(OrganisationId, u128)>,
    total: u128,
}

fn weights<const BLOCK: u64, const COPY: usize>(
    view: &View<'_, BLOCK, COPY>,
    dataset: DatasetId,
    billed: &Totals,
) -> Vec<(OrganisationId, u128)> {
    let positive = |cases: i64| u128::try_from(cases).unwrap_or(0);
    let mut counted = BTreeMap::<OrganisationId, u128>::new();
    let mut uncounted = BTreeMap::<Option<u32>, u128>::new();
    for (cell, cases) in billed.cells().iter().filter(|(cell, _)| cell.dataset == dataset) {
        *uncounted.entry(cell.freeze).or_default() += positive(*cases);
    }
    for ((cell, institution), cases) in
        billed.counted().iter().filter(|((cell, _), _)| cell.dataset == dataset)
    {
        *counted.entry(*institution).or_default() += positive(*cases);
        let rest = uncounted.entry(cell.freeze).or_default();
        *rest = rest.saturating_sub(positive(*cases));
    }
    let dataset = view.dataset(dataset);
    let rests = uncounted.into_iter().filter_map(|(freeze, cases)| {
        let composition = dataset?.composition(freeze?).iter();
        let composition: Vec<_> =
            composition.map(|part| (part.institution, u128::from(part.cases))).collect();
        let total = composition.iter().fold(0, |sum: u128, (_, cases)| sum + cases);
        (cases > 0 && total > 0).then_some(Rest { cases, composition, total })
    });
    let rests: Vec<Rest> = rests.collect();
    counted.retain(|_, cases| *cases > 0);
    match rests.as_slice() {
        [] => counted.into_iter().collect(),
        // The composition itself says it more plainly than multiples of it.
        [only] if counted.is_empty() => only.composition.clone(),
        rests => exactly(&counted, rests).unwrap_or_else(|| finely(&counted, rests)),
    }
}

/// Counted cases and parts of the rests, over one denominator; `None` if that does not fit.
fn exactly(counted: &BTreeMap<OrganisationId, u128>, rests: &[Rest]) -> Option<Vec<(OrganisationId, u128)>> {
    let unit =
        rests.iter().try_fold(1u128, |unit, rest| (unit / gcd(unit, rest.total)).checked_mul(rest.total))?;
    let mut weights = BTreeMap::<OrganisationId, u128>::new();
    for (institution, cases) in counted {
        weights.insert(*institution, cases.checked_mul(unit)?);
    }
    for rest in rests {
        let each = rest.cases.checked_mul(unit / rest.total)?;
        for (institution, cases) in &rest.composition {
            let sum = weights.entry(*institution).or_default();
            *sum = sum.checked_add(each.checked_mul(*cases)?)?;
        }
    }
    let common = weights.values().fold(0, |common, weight| gcd(common, *weight)).max(1);
    Some(weights.into_iter().map(|(institution, weight)| (institution, weight / common)).collect())
}

/// The same to within 2⁻³² of a case: for freezes so large and so many that exact weights do not fit 128 bits.
fn finely(counted: &BTreeMap<OrganisationId, u128>, rests: &[Rest]) -> Vec<(OrganisationId, u128)> {
    let mut weights: BTreeMap<OrganisationId, u128> =
        counted.iter().map(|(institution, cases)| (*institution, cases << 32)).collect();
    for rest in rests {
        for (institution, cases) in &rest.composition {
            let product = rest.cases.saturating_mul(*cases);
            let (whole, remainder) = (product / rest.total, product % rest.total);
            let weight = (whole << 32).saturating_add((remainder << 32) / rest.total);
            let sum = weights.entry(*institution).or_default();
            *sum = sum.saturating_add(weight);
        }
    }
    weights.into_iter().collect()
}

fn gcd(mut one: u128, mut other: u128) -> u128 {
    while other > 0 {
        (one, other) = (other, one % other);
    }
    one
}
