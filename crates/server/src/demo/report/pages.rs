//! The pages of a vendor and of an institution for people.

use std::{collections::BTreeMap, fmt::Write};

use proto::kiban::revenue_share::v1::Payout;

use crate::demo::{
    checks::amount,
    report::{
        Report,
        format::{count, count_of, named, right, yen},
        tables::{bold, finished, numbers, table, titled},
    },
};

/// How many datasets are shown.
const DATASETS: usize = 5;

/// A vendor's orders, what each has earned it and may earn it, and why.
pub(super) fn vendor(report: &Report) -> String {
    let page = &report.scene.pages.vendor;
    let mut table = table(&["order", "stage", "data fee", "earned", "expected"]);
    numbers(&mut table, &[3, 4]);
    for sold in &page.orders {
        let Some(order) = &sold.order else { continue };
        let earned: i64 = sold.earned.iter().map(|payout| amount(payout.amount.as_ref())).sum();
        let expected = sold.expected.as_ref().map(|payout| yen(amount(payout.amount.as_ref())));
        table.add_row([
            format!(
                "{} for {}",
                named(order.kind().as_str_name(), "SERVICE_KIND_"),
                report.name_of(&order.member_id)
            ),
            named(order.stage().as_str_name(), "ORDER_STAGE_"),
            named(sold.data_fee_mode().as_str_name(), "DATA_FEE_MODE_"),
            yen(earned),
            expected.unwrap_or_default(),
        ]);
    }
    let [earned, expected] = [&page.earned, &page.expected].map(|sum| bold(&yen(amount(sum.as_ref()))));
    table.add_row([bold("in all"), bold(""), bold(""), earned, expected]);
    // What each order earns at last, or may earn.
    let last = page.orders.iter().filter_map(|sold| sold.expected.as_ref().or(sold.earned.last()));
    let reasons: String = last.map(why).collect();
    titled(&format!("The page of {}", page.name), table) + &reasons
}

/// Why a vendor gets what it gets, step by step.
fn why(payout: &Payout) -> String {
    let [part, whole] = [&payout.amount, &payout.net].map(|of| yen(amount(of.as_ref())));
    let mut text = format!("{part} of {whole} in {}, because:\n", payout.month);
    for step in &payout.steps {
        let _ = writeln!(text, "  {:>14}  {}", yen(amount(step.amount.as_ref())), step.reason);
    }
    text
}

/// An institution's datasets, how they were used, and what it earned.
pub(super) fn institution(report: &Report) -> String {
    let page = &report.scene.pages.institution;
    let mut used: BTreeMap<&str, BTreeMap<&str, i64>> = BTreeMap::new();
    for part in &page.uses {
        *used.entry(&part.dataset_id).or_default().entry(right(part.right)).or_default() += part.cases;
    }
    let mut earned: BTreeMap<&str, i64> = BTreeMap::new();
    let mut by_kind: BTreeMap<&str, i64> = BTreeMap::new();
    for earning in &page.earnings {
        *earned.entry(&earning.dataset_id).or_default() += amount(earning.amount.as_ref());
        *by_kind.entry(&earning.charge_kind).or_default() += amount(earning.amount.as_ref());
    }
    let rights = ["browse", "simple-analysis", "detailed-analysis"];
    let mut datasets = table(&[&["dataset", "own cases", "of"], &rights[..], &["earned"]].concat());
    numbers(&mut datasets, &[1, 2, 3, 4, 5, 6]);
    let yen_of = |dataset: &str| earned.get(dataset).copied().unwrap_or(0);
    let mut shown: Vec<_> = page.datasets.iter().collect();
    shown.sort_by_key(|dataset| -yen_of(&dataset.dataset_id));
    for dataset in shown.iter().take(DATASETS) {
        let uses = used.get(dataset.dataset_id.as_str());
        let cases = rights.map(|right| count(uses.and_then(|uses| uses.get(right)).copied().unwrap_or(0)));
        let own = [dataset.code.clone(), count_of(dataset.own_cases), count_of(dataset.cases)];
        datasets.add_row(own.into_iter().chain(cases).chain([yen(yen_of(&dataset.dataset_id))]));
    }
    datasets.add_row([format!("and {} more", shown.len().saturating_sub(DATASETS))]);
    let mut kinds = table(&["earned by", "amount"]);
    numbers(&mut kinds, &[1]);
    for (kind, sum) in by_kind {
        kinds.add_row([kind.to_owned(), yen(sum)]);
    }
    kinds.add_row([bold("in all"), bold(&yen(amount(page.earned.as_ref())))]);
    titled(&format!("The page of {}", page.name), datasets) + &finished(kinds)
}
