//! By which weights the institutions share the pool of what use charged.

use std::collections::BTreeMap;

use domain::id::{DatasetId, OrganisationId};

use crate::ledger::{Totals, View};

/// The composition of a freeze as weights.
pub(super) fn of_composition(composition: &[domain::dataset::ComposedCases]) -> Vec<(OrganisationId, u128)> {
    composition.iter().map(|part| (part.institution, u128::from(part.cases))).collect()
}

/// Cases that no usage counted by institution, and the composition by which they are parted.
struct Rest {
    cases: u128,
    composition: Vec<(OrganisationId, u128)>,
    total: u128,
}

pub(super) fn weights<const BLOCK: u64, const COPY: usize>(
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
