//! Terms, quotas and versions as the log keeps them.

use domain::{
    contract::{Commitment, Limit, PausedFees, Quota, Quotas, Term, Terms},
    terms::{PriceBookChoice, ShareRuleChoice},
};
use proto::kiban::{common::v1 as common, contract::v1 as form};

use crate::{
    Defect,
    field::{amount, amount_form, defect, id, id_bytes, instant, required, text},
    wire,
};

pub(super) fn encode_terms(terms: &Terms) -> form::AgreedTerms {
    let price_book = match terms.price_book {
        PriceBookChoice::Follow(book) => version(id_bytes(book), None),
        PriceBookChoice::Pin(book, number) => version(id_bytes(book), Some(number)),
    };
    let share_rule = match terms.share_rule {
        ShareRuleChoice::Follow(rule) => version(id_bytes(rule), None),
        ShareRuleChoice::Pin(rule, number) => version(id_bytes(rule), Some(number)),
    };
    form::AgreedTerms {
        tier: terms.tier.as_str().into(),
        start_us: terms.term.starts_at().as_micros(),
        end_us: terms.term.ends_at().as_micros(),
        purposes: terms.purposes.iter().map(ToString::to_string).collect(),
        dataset_classes: terms.dataset_classes.iter().map(ToString::to_string).collect(),
        countries: terms.countries.iter().map(ToString::to_string).collect(),
        quotas: encode_quotas(&terms.quotas),
        price_book: Some(price_book),
        share_rule: Some(share_rule),
        minimum_commitment: terms.minimum_commitment.as_ref().map(encode_commitment),
        paused_fees: paused_fees_number(terms.paused_fees),
    }
}

pub(super) fn decode_terms(terms: &form::AgreedTerms) -> Result<Terms, Defect> {
    let (starts_at, ends_at) = (instant("start_us", terms.start_us)?, instant("end_us", terms.end_us)?);
    let price_book = required("price_book", terms.price_book.as_ref())?;
    let book = id("price_book", &price_book.id)?;
    let share_rule = required("share_rule", terms.share_rule.as_ref())?;
    let rule = id("share_rule", &share_rule.id)?;
    Ok(Terms {
        tier: text("tier", &terms.tier)?,
        term: Term::new(starts_at, ends_at).map_err(|error| defect("end_us", error))?,
        purposes: terms.purposes.iter().map(|name| text("purposes", name)).collect::<Result<_, _>>()?,
        dataset_classes: terms
            .dataset_classes
            .iter()
            .map(|name| text("dataset_classes", name))
            .collect::<Result<_, _>>()?,
        countries: terms.countries.iter().map(|code| text("countries", code)).collect::<Result<_, _>>()?,
        quotas: decode_quotas(&terms.quotas)?,
        price_book: match price_book.pinned {
            None => PriceBookChoice::Follow(book),
            Some(number) => PriceBookChoice::Pin(book, number),
        },
        share_rule: match share_rule.pinned {
            None => ShareRuleChoice::Follow(rule),
            Some(number) => ShareRuleChoice::Pin(rule, number),
        },
        minimum_commitment: terms.minimum_commitment.as_ref().map(decode_commitment).transpose()?,
        paused_fees: decode_paused_fees(terms.paused_fees)?,
    })
}

fn encode_commitment(commitment: &Commitment) -> form::AgreedCommitment {
    form::AgreedCommitment {
        amount: Some(amount_form(commitment.amount)),
        charge_kinds: commitment.charge_kinds.iter().map(ToString::to_string).collect(),
    }
}

fn decode_commitment(form: &form::AgreedCommitment) -> Result<Commitment, Defect> {
    let field = "minimum_commitment";
    Ok(Commitment {
        amount: amount(field, form.amount.clone())?,
        charge_kinds: form.charge_kinds.iter().map(|kind| text(field, kind)).collect::<Result<_, _>>()?,
    })
}

/// The number of `kiban.contract.v1.PausedFees`; nothing if fees go on, as they always did at first.
const fn paused_fees_number(paused_fees: PausedFees) -> u32 {
    match paused_fees {
        PausedFees::GoOn => 0,
        PausedFees::ByDays => wire::paused_fees(paused_fees) as u32,
    }
}

fn decode_paused_fees(number: u32) -> Result<PausedFees, Defect> {
    let known = [PausedFees::GoOn, PausedFees::ByDays].into_iter();
    let found = known.into_iter().find(|paused_fees| paused_fees_number(*paused_fees) == number);
    found.ok_or_else(|| defect("paused_fees", format!("{number} is no way to treat fees of a pause")))
}

pub(super) fn encode_quotas(quotas: &Quotas) -> Vec<form::AgreedQuota> {
    let quota = |right: common::Right, quota: Quota| form::AgreedQuota {
        right: right as u32,
        cases_per_year: cases(quota.cases_per_year),
        max_cases_per_run: cases(quota.max_cases_per_run),
    };
    vec![
        quota(common::Right::SimpleAnalysis, quotas.simple_analysis),
        quota(common::Right::DetailedAnalysis, quotas.detailed_analysis),
    ]
}

/// Each right that has a quota stands exactly once.
pub(super) fn decode_quotas(quotas: &[form::AgreedQuota]) -> Result<Quotas, Defect> {
    let (mut simple_analysis, mut detailed_analysis) = (None, None);
    for quota in quotas {
        let place = match common::Right::try_from(quota.right.cast_signed()) {
            Ok(common::Right::SimpleAnalysis) => &mut simple_analysis,
            Ok(common::Right::DetailedAnalysis) => &mut detailed_analysis,
            _ => return Err(defect("quotas", format!("right {} has no quota", quota.right))),
        };
        let agreed = Quota {
            cases_per_year: limit(quota.cases_per_year),
            max_cases_per_run: limit(quota.max_cases_per_run),
        };
        if place.replace(agreed).is_some() {
            return Err(defect("quotas", format!("right {} stands twice", quota.right)));
        }
    }
    Ok(Quotas {
        simple_analysis: required("quotas", simple_analysis)?,
        detailed_analysis: required("quotas", detailed_analysis)?,
    })
}

const fn cases(limit: Limit) -> Option<u64> {
    match limit {
        Limit::Cases(cases) => Some(cases),
        Limit::Unlimited => None,
    }
}

fn limit(cases: Option<u64>) -> Limit {
    cases.map_or(Limit::Unlimited, Limit::Cases)
}

const fn version(id: Vec<u8>, pinned: Option<u32>) -> form::AgreedVersion {
    form::AgreedVersion { id, pinned }
}
