//! Terms of requests into terms of the domain.

use std::{collections::BTreeSet, fmt::Display, str::FromStr};

use domain::{
    contract::{Commitment, Limit, PausedFees, Quota, Quotas, Term, Terms},
    id::{Id, Kind},
    terms::{PriceBookChoice, Purpose, ShareRuleChoice},
};
use engine::{
    Refusal,
    parse::{amount, id, instant, text},
};
use proto::kiban::{common::v1 as common, contract::v1 as wire};

pub(crate) fn terms(field: &str, wire: Option<&wire::Terms>) -> Result<Terms, Refusal> {
    let wire = wire.ok_or_else(|| Refusal::invalid(field, "is missing"))?;
    let at = |name: &str| format!("{field}.{name}");
    let starts_at = instant(&at("start"), wire.start.as_ref())?;
    let ends_at = instant(&at("end"), wire.end.as_ref())?;
    Ok(Terms {
        tier: text(&at("tier"), &wire.tier)?,
        term: Term::new(starts_at, ends_at).map_err(|error| Refusal::invalid(at("end"), error))?,
        purposes: purposes(&at("purposes"), &wire.purposes)?,
        dataset_classes: texts(&at("dataset_classes"), &wire.dataset_classes)?,
        countries: texts(&at("countries"), &wire.countries)?,
        quotas: quotas(&at("quotas"), &wire.quotas)?,
        price_book: match version(&at("price_book"), wire.price_book.as_ref())? {
            (book, None) => PriceBookChoice::Follow(book),
            (book, Some(number)) => PriceBookChoice::Pin(book, number),
        },
        share_rule: match version(&at("share_rule"), wire.share_rule.as_ref())? {
            (rule, None) => ShareRuleChoice::Follow(rule),
            (rule, Some(number)) => ShareRuleChoice::Pin(rule, number),
        },
        minimum_commitment: wire
            .minimum_commitment
            .as_ref()
            .map(|wire| commitment(&at("minimum_commitment"), wire))
            .transpose()?,
        paused_fees: paused_fees(&at("paused_fees"), wire.paused_fees)?,
    })
}

/// Towards a commitment that names no charge counts what usually does.
fn commitment(field: &str, wire: &wire::MinimumCommitment) -> Result<Commitment, Refusal> {
    let mut charge_kinds = texts(&format!("{field}.charge_kinds"), &wire.charge_kinds)?;
    if charge_kinds.is_empty() {
        charge_kinds = Commitment::counted_by_default();
    }
    Ok(Commitment { amount: amount(&format!("{field}.amount"), wire.amount.as_ref())?, charge_kinds })
}

fn paused_fees(field: &str, number: i32) -> Result<PausedFees, Refusal> {
    match wire::PausedFees::try_from(number) {
        Ok(wire::PausedFees::Unspecified | wire::PausedFees::GoOn) => Ok(PausedFees::GoOn),
        Ok(wire::PausedFees::ByDays) => Ok(PausedFees::ByDays),
        Err(_) => Err(Refusal::invalid(field, "must be go on or by days")),
    }
}

pub(crate) fn purposes(field: &str, names: &[String]) -> Result<BTreeSet<Purpose>, Refusal> {
    texts(field, names)
}

/// The quotas of both rights; a right that is not named has none, so that no case may be analysed with it.
pub(crate) fn quotas(field: &str, wire: &[wire::Quota]) -> Result<Quotas, Refusal> {
    let (mut simple_analysis, mut detailed_analysis) = (None, None);
    for (index, quota) in wire.iter().enumerate() {
        let field = format!("{field}[{index}]");
        let right = format!("{field}.right");
        let place = match common::Right::try_from(quota.right) {
            Ok(common::Right::SimpleAnalysis) => &mut simple_analysis,
            Ok(common::Right::DetailedAnalysis) => &mut detailed_analysis,
            Ok(common::Right::Unspecified | common::Right::Browse | common::Right::Export) | Err(_) => {
                return Err(Refusal::invalid(right, "has no quota: only simple and detailed analysis have"));
            }
        };
        if place.replace(self::quota(&field, quota)?).is_some() {
            return Err(Refusal::invalid(right, "has a quota already"));
        }
    }
    Ok(Quotas {
        simple_analysis: simple_analysis.unwrap_or(Quota::NONE),
        detailed_analysis: detailed_analysis.unwrap_or(Quota::NONE),
    })
}

fn quota(field: &str, wire: &wire::Quota) -> Result<Quota, Refusal> {
    use wire::quota::CasesPerYear;
    let cases_per_year = match wire.cases_per_year {
        Some(CasesPerYear::Cases(cases)) => Limit::Cases(cases),
        Some(CasesPerYear::Unlimited(true)) => Limit::Unlimited,
        Some(CasesPerYear::Unlimited(false)) | None => {
            let what = "is missing; give a number of cases, or say that they are unlimited";
            return Err(Refusal::invalid(format!("{field}.cases_per_year"), what));
        }
    };
    let max_cases_per_run = match wire.max_cases_per_run {
        0 => Limit::Unlimited,
        most => Limit::Cases(most),
    };
    Ok(Quota { cases_per_year, max_cases_per_run })
}

fn version<K: Kind>(
    field: &str,
    wire: Option<&common::VersionChoice>,
) -> Result<(Id<K>, Option<u32>), Refusal> {
    let wire = wire.ok_or_else(|| Refusal::invalid(field, "is missing"))?;
    let pinned = (wire.pinned_version != 0).then_some(wire.pinned_version);
    Ok((id(&format!("{field}.id"), &wire.id)?, pinned))
}

fn texts<T: FromStr<Err: Display> + Ord>(field: &str, names: &[String]) -> Result<BTreeSet<T>, Refusal> {
    let named = names.iter().enumerate();
    named.map(|(index, name)| text(&format!("{field}[{index}]"), name)).collect()
}
