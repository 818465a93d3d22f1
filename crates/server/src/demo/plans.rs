//! The contracts as they are to be: for whom, for what, on which terms.

use proto::kiban::{
    common::v1::{Right, VersionChoice},
    contract::v1::{ContractKind, Lane, MinimumCommitment, PausedFees, Quota, Terms, quota::CasesPerYear},
};

use crate::demo::{
    actors::{INSTITUTIONS, Part},
    calendar::{month, wire},
    contracts::Deal,
    datasets::class,
    prices::{Published, yen},
};

/// What みなと診断薬 pays for the use of data in a contract year at least.
pub(super) const COMMITMENT: i64 = 1_000_000;

/// A contract as it is to be.
pub(super) struct Plan {
    pub(super) deal: Deal,
    pub(super) name: &'static str,
    pub(super) applicant: Part,
    pub(super) kind: ContractKind,
    pub(super) tier: &'static str,
    pub(super) lane: Lane,
    /// In months from April 2026.
    pub(super) from: i32,
    /// In months from April 2026.
    pub(super) until: i32,
    pub(super) purposes: &'static [&'static str],
    classes: &'static [&'static str],
    countries: &'static [&'static str],
    quotas: &'static [(Right, Option<u64>, u64)],
    /// Yen per contract year; 0: none.
    commitment: i64,
    paused_fees: PausedFees,
}

/// Those that are concluded before the year begins, in the order of [`Deal`].
pub(super) fn plans() -> Vec<Plan> {
    let mut plans = Vec::from(members());
    plans.extend(sellers());
    plans.extend(suppliers());
    plans.push(Plan {
        tier: "diagnostic",
        purposes: &["companion-diagnostics"],
        classes: &[class::WGS, class::COHORT],
        quotas: UNLIMITED,
        commitment: COMMITMENT,
        paused_fees: PausedFees::ByDays,
        ..plan(Deal::Minato, "みなと診断薬", Part::Minato, ContractKind::Member)
    });
    plans.push(Plan {
        tier: "start-up",
        ..plan(Deal::Neogenome, "ネオゲノム創薬", Part::Neogenome, ContractKind::Member)
    });
    plans.push(investor(Deal::Sakura, "さくらライフ投資", Part::Sakura));
    plans.push(investor(Deal::Tsurugi, "つるぎイノベーション", Part::Tsurugi));
    plans.sort_by_key(|plan| plan.deal);
    plans
}

/// The one that comes in the expedited lane.
pub(super) fn expedited() -> Plan {
    let plan = vendor(Deal::Kohaku, "こはくメタボローム", Part::Kohaku, &["analysis-service"]);
    Plan { lane: Lane::Expedited, from: 2, ..plan }
}

/// How many cases the quota of the standard tier holds, such that its member outgrows it in September.
pub(super) const fn standard_quota(records: u64) -> u64 {
    records * 38 / 100
}

/// Quotas by right: cases per contract year, or none for without limit, and the most of one run.
pub(super) fn quotas(quotas: &[(Right, Option<u64>, u64)]) -> Vec<Quota> {
    let quota = |(right, cases, per_run): &(Right, Option<u64>, u64)| Quota {
        right: i32::from(*right),
        cases_per_year: Some(cases.map_or(CasesPerYear::Unlimited(true), CasesPerYear::Cases)),
        max_cases_per_run: *per_run,
    };
    quotas.iter().map(quota).collect()
}

/// What the parties of a contract agree on.
pub(super) fn terms(plan: &Plan, published: &Published, records: u64) -> Terms {
    let choice = |id: &str| Some(VersionChoice { id: id.to_owned(), pinned_version: 0 });
    let commitment = MinimumCommitment { amount: Some(yen(plan.commitment)), charge_kinds: vec![] };
    Terms {
        tier: plan.tier.into(),
        start: wire(month(plan.from).start()),
        end: wire(month(plan.until).start()),
        purposes: owned(plan.purposes),
        dataset_classes: owned(plan.classes),
        countries: owned(plan.countries),
        quotas: match plan.tier {
            "standard" => standard_quotas(records),
            _ => quotas(plan.quotas),
        },
        price_book: choice(&published.price_book),
        share_rule: choice(&published.share_rule),
        minimum_commitment: (plan.commitment > 0).then_some(commitment),
        paused_fees: plan.paused_fees.into(),
    }
}

/// Texts as requests carry them.
pub(super) fn owned(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}

const UNLIMITED: &[(Right, Option<u64>, u64)] =
    &[(Right::SimpleAnalysis, None, 0), (Right::DetailedAnalysis, None, 0)];
const EVERY_CLASS: &[&str] = &[class::WGS, class::RARE, class::COHORT, class::LIQUID];

fn standard_quotas(records: u64) -> Vec<Quota> {
    let simple = standard_quota(records);
    quotas(&[(Right::SimpleAnalysis, Some(simple), 1_000), (Right::DetailedAnalysis, Some(simple / 6), 500)])
}

fn members() -> [Plan; 3] {
    let member = |deal, name, part| plan(deal, name, part, ContractKind::Member);
    [
        Plan { tier: "standard", until: 12, ..member(Deal::Aozora, "あおぞら製薬", Part::Aozora) },
        Plan {
            tier: "premium",
            classes: EVERY_CLASS,
            countries: &["JP", "DE"],
            quotas: UNLIMITED,
            ..member(Deal::Hokuto, "北斗ファーマ", Part::Hokuto)
        },
        Plan {
            tier: "pilot",
            until: 3,
            quotas: &[(Right::SimpleAnalysis, Some(500), 450)],
            ..member(Deal::Pilot, "北斗ファーマ (試用)", Part::Hokuto)
        },
    ]
}

/// Those that sell services. Only those that use data of the base name classes and quotas.
fn sellers() -> [Plan; 6] {
    let analysis = &["analysis-service"];
    [
        Plan {
            classes: &[class::WGS],
            quotas: &[(Right::SimpleAnalysis, None, 0), (Right::DetailedAnalysis, Some(0), 0)],
            ..vendor(Deal::Mitsuba, "みつばオミクス", Part::Mitsuba, analysis)
        },
        Plan {
            classes: &[class::WGS],
            quotas: &[(Right::SimpleAnalysis, Some(1_000), 0)],
            ..vendor(Deal::Hikari, "ひかり臨床開発", Part::Hikari, &["recruitment-service"])
        },
        vendor(Deal::Tsubaki, "つばき前臨床研究所", Part::Tsubaki, &["model-service"]),
        vendor(Deal::Nagisa, "なぎさヘルスデータ", Part::Nagisa, &["lifestyle-data-service"]),
        vendor(Deal::Yukishiro, "ゆきしろ検体保管", Part::Yukishiro, &["archive-service"]),
        vendor(Deal::Method, "北嶺大学病院 (手法)", Part::Hokurei, analysis),
    ]
}

/// Those that supply cases, or offer datasets of their own.
fn suppliers() -> Vec<Plan> {
    let names = ["青葉がんセンター", "瀬戸内医療センター", "北嶺大学病院"];
    let deals = [Deal::Aoba, Deal::Setouchi, Deal::Hokurei];
    let supply = |((deal, part), name)| Plan {
        tier: "supply",
        purposes: &["case-supply"],
        ..plan(deal, name, part, ContractKind::Supply)
    };
    let mut plans: Vec<Plan> = deals.into_iter().zip(INSTITUTIONS).zip(names).map(supply).collect();
    plans.push(Plan {
        tier: "supply",
        purposes: &["data-provision"],
        classes: EVERY_CLASS,
        // Its datasets are there before anybody uses them.
        from: -1,
        ..plan(Deal::Tokai, "東海バイオバンク", Part::Tokai, ContractKind::DataProvider)
    });
    plans
}

fn vendor(deal: Deal, name: &'static str, part: Part, purposes: &'static [&'static str]) -> Plan {
    let plan = plan(deal, name, part, ContractKind::VendorParticipation);
    Plan { tier: "vendor", purposes, classes: &[], ..plan }
}

fn investor(deal: Deal, name: &'static str, part: Part) -> Plan {
    let plan = plan(deal, name, part, ContractKind::Investor);
    Plan { tier: "investor", purposes: &["deal-flow"], classes: &[], ..plan }
}

/// Three years of research on tumours, on whatever tier.
fn plan(deal: Deal, name: &'static str, applicant: Part, kind: ContractKind) -> Plan {
    Plan {
        deal,
        name,
        applicant,
        kind,
        tier: "",
        lane: Lane::Standard,
        from: 0,
        until: 36,
        purposes: &["drug-discovery", "biomarker-discovery"],
        classes: &[class::WGS, class::RARE],
        countries: &["JP"],
        quotas: &[],
        commitment: 0,
        paused_fees: PausedFees::GoOn,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn contracts_stand_in_the_order_of_the_play() {
        let all = plans().into_iter().chain([expedited()]);
        for (index, plan) in all.enumerate() {
            assert_eq!(plan.deal as usize, index, "{}", plan.name);
        }
    }
}
