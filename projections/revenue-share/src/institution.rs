//! An institution's or a data provider's page: the datasets that hold its cases or are its own, their use, its yen.

use std::collections::BTreeMap;

use domain::{
    dataset::RegisteredDataset,
    id::{ContractId, DatasetId, OrganisationId},
    terms::{ChargeKind, Right},
    time::Month,
};
use engine::Refusal;
use events::wire::{money, right};
use money::{Currency, Money, MoneyError};
use proto::kiban::revenue_share::v1 as wire;

use crate::{ground::Ground, shares::ShareError};

/// Use of a dataset.
#[derive(Clone, Copy, Default)]
struct Use {
    /// By everybody and with any verdict.
    cases: i64,
    /// Of those, the ones that the usage itself counted as the institution's.
    counted: i64,
}

pub(crate) fn page(
    ground: &Ground<'_>,
    institution: OrganisationId,
    months: &[Month],
    contracts: &[(ContractId, Month)],
) -> Result<wire::GetInstitutionPageResponse, Refusal> {
    let concerns = |dataset: &RegisteredDataset| {
        let mut parts = dataset.freezes.iter().flat_map(|freeze| &freeze.composition);
        dataset.description.provider == institution || parts.any(|part| part.institution == institution)
    };
    let datasets: BTreeMap<DatasetId, Box<RegisteredDataset>> =
        ground.view().datasets().filter(|(_, dataset)| concerns(dataset)).collect();
    let mut uses = BTreeMap::new();
    for (contract, month) in contracts.iter().filter(|(_, month)| months.contains(month)) {
        count(ground, institution, &datasets, *contract, *month, &mut uses);
    }
    let mut earned = BTreeMap::new();
    for month in months {
        earn(ground, institution, *month, &mut earned)?;
    }
    let sum = Money::sum(Currency::Jpy, earned.values().copied()).map_err(ShareError::from)?;
    Ok(wire::GetInstitutionPageResponse {
        institution_id: institution.to_string(),
        name: ground.name(institution),
        datasets: datasets.iter().map(|(id, known)| dataset(*id, known, institution)).collect(),
        uses: uses.into_iter().map(|(of, used)| usage(of, used)).collect(),
        earnings: earned.into_iter().map(|(of, amount)| earning(of, amount)).collect(),
        earned: Some(money(sum)),
        as_of_position: ground.view().position().to_string(),
    })
}

type UseOf = (Month, DatasetId, Right);

/// Adds the use of these datasets under a contract in a month.
fn count(
    ground: &Ground<'_>,
    institution: OrganisationId,
    datasets: &BTreeMap<DatasetId, Box<RegisteredDataset>>,
    contract: ContractId,
    month: Month,
    uses: &mut BTreeMap<UseOf, Use>,
) {
    for (key, totals) in ground.lines(contract, month) {
        let Some(line) = key.of_use() else { continue };
        for (cell, cases) in totals.cells().iter().filter(|(cell, _)| datasets.contains_key(&cell.dataset)) {
            let used = uses.entry((month, cell.dataset, line.right)).or_default();
            used.cases = used.cases.wrapping_add(*cases);
        }
        for ((cell, by), cases) in totals.counted() {
            if *by == institution && datasets.contains_key(&cell.dataset) {
                let used = uses.entry((month, cell.dataset, line.right)).or_default();
                used.counted = used.counted.wrapping_add(*cases);
            }
        }
    }
}

type EarnedBy = (Month, ChargeKind, Option<DatasetId>);

/// Adds what the institution earned in a month.
fn earn(
    ground: &Ground<'_>,
    institution: OrganisationId,
    month: Month,
    earned: &mut BTreeMap<EarnedBy, Money>,
) -> Result<(), Refusal> {
    let shares = ground.shares(month, &ground.statements(month, None)?)?;
    let add = |earned: &mut BTreeMap<EarnedBy, Money>| -> Result<(), MoneyError> {
        for charge in &shares.charges {
            let amount = charge.of(institution)?;
            if !amount.is_zero() {
                let of = (month, charge.kind.clone(), charge.dataset);
                let sum = earned.entry(of).or_insert(Money::zero(amount.currency()));
                *sum = sum.checked_add(amount)?;
            }
        }
        Ok(())
    };
    Ok(add(earned).map_err(ShareError::from)?)
}

fn dataset(
    id: DatasetId,
    known: &RegisteredDataset,
    institution: OrganisationId,
) -> wire::InstitutionDataset {
    let description = &known.description;
    let newest = known.freezes.last();
    let own =
        newest.and_then(|freeze| freeze.composition.iter().find(|part| part.institution == institution));
    wire::InstitutionDataset {
        dataset_id: id.to_string(),
        code: description.code.to_string(),
        name: description.name.to_string(),
        dataset_class: description.class.to_string(),
        provider_id: description.provider.to_string(),
        freeze: newest.map_or(0, |freeze| freeze.number),
        own_cases: own.map_or(0, |part| part.cases),
        cases: known.total_cases(),
    }
}

fn usage((month, dataset, by): UseOf, used: Use) -> wire::InstitutionUse {
    wire::InstitutionUse {
        month: month.to_string(),
        dataset_id: dataset.to_string(),
        right: right(by).into(),
        cases: used.cases,
        counted: used.counted,
    }
}

fn earning((month, kind, dataset): EarnedBy, amount: Money) -> wire::InstitutionEarning {
    wire::InstitutionEarning {
        month: month.to_string(),
        charge_kind: kind.to_string(),
        dataset_id: dataset.map(|dataset| dataset.to_string()).unwrap_or_default(),
        amount: Some(money(amount)),
    }
}
