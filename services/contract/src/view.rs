//! Contracts as the wire has them.

use domain::{
    contract::{Agreement, Contract, ContractKind, Limit, Quota, Quotas, Status, Terms},
    id::{Id, Kind},
    terms::{PriceBookChoice, ShareRuleChoice},
    time::Timestamp,
};
use engine::wire_time;
use proto::kiban::{common::v1 as common, contract::v1 as wire};

/// The contract as it stands now, or none if nobody has applied for it.
pub(crate) fn contract(state: &Contract, now: Timestamp) -> Option<wire::Contract> {
    let application = state.application()?;
    let agreement = state.agreement();
    let timeline = state.timeline();
    let approval = match state {
        Contract::Approved { approval, .. } => Some(approval),
        Contract::Offered(agreement) | Contract::Signed(agreement) => Some(&agreement.approval),
        Contract::Vacant | Contract::Applied(_) | Contract::Rejected { .. } => None,
    };
    let rejection_reason = match state {
        Contract::Rejected { refusal, .. } => refusal.reason.as_str().to_owned(),
        Contract::Vacant
        | Contract::Applied(_)
        | Contract::Approved { .. }
        | Contract::Offered(_)
        | Contract::Signed(_) => String::new(),
    };
    Some(wire::Contract {
        id: application.id.to_string(),
        kind: kind(application.kind).into(),
        stage: stage(state.status(now)).into(),
        applicant_id: application.applicant.to_string(),
        issuer_id: application.issuer.to_string(),
        purposes: application.purposes.iter().map(ToString::to_string).collect(),
        terms: agreement.map(|agreement| terms(terms_at(agreement, now))),
        party_ids: agreement.map(|agreement| texts(&agreement.parties)).unwrap_or_default(),
        signed_party_ids: agreement.map(|agreement| texts(agreement.signatures.keys())).unwrap_or_default(),
        activated_at: timeline.and_then(|timeline| timeline.activated_at()).map(wire_time),
        approved_until: approval.map(|approval| wire_time(approval.valid_until)),
        rejection_reason,
        ends_at: timeline.and_then(|timeline| timeline.ends_at()).map(wire_time),
    })
}

/// The terms that apply now, or applied last; before the start, those that were offered.
fn terms_at(agreement: &Agreement, now: Timestamp) -> &Terms {
    let until = agreement.timeline.ends_at();
    let started = agreement.timeline.phases().iter().rev();
    let started = started.filter(|phase| until.is_none_or(|until| phase.starts_at < until));
    started
        .map(|phase| (phase.starts_at, &phase.terms))
        .find(|(start, _)| *start <= now)
        .map_or(&agreement.terms, |(_, terms)| terms)
}

fn terms(terms: &Terms) -> wire::Terms {
    wire::Terms {
        tier: terms.tier.to_string(),
        start: Some(wire_time(terms.term.starts_at())),
        end: Some(wire_time(terms.term.ends_at())),
        purposes: texts(&terms.purposes),
        dataset_classes: texts(&terms.dataset_classes),
        countries: texts(&terms.countries),
        quotas: quotas(&terms.quotas),
        price_book: Some(match terms.price_book {
            PriceBookChoice::Follow(book) => version(book, 0),
            PriceBookChoice::Pin(book, number) => version(book, number),
        }),
        share_rule: Some(match terms.share_rule {
            ShareRuleChoice::Follow(rule) => version(rule, 0),
            ShareRuleChoice::Pin(rule, number) => version(rule, number),
        }),
    }
}

/// The quotas that admit anything: a right that is not named has none.
fn quotas(quotas: &Quotas) -> Vec<wire::Quota> {
    let rights = [
        (common::Right::SimpleAnalysis, quotas.simple_analysis),
        (common::Right::DetailedAnalysis, quotas.detailed_analysis),
    ];
    rights
        .into_iter()
        .filter(|(_, quota)| *quota != Quota::NONE)
        .map(|(right, at_most)| quota(right, at_most))
        .collect()
}

fn quota(right: common::Right, quota: Quota) -> wire::Quota {
    use wire::quota::CasesPerYear;
    let cases_per_year = match quota.cases_per_year {
        Limit::Cases(cases) => CasesPerYear::Cases(cases),
        Limit::Unlimited => CasesPerYear::Unlimited(true),
    };
    let max_cases_per_run = match quota.max_cases_per_run {
        Limit::Cases(most) => most,
        Limit::Unlimited => 0,
    };
    wire::Quota { right: right.into(), cases_per_year: Some(cases_per_year), max_cases_per_run }
}

fn version<K: Kind>(id: Id<K>, pinned_version: u32) -> common::VersionChoice {
    common::VersionChoice { id: id.to_string(), pinned_version }
}

const fn kind(kind: ContractKind) -> wire::ContractKind {
    match kind {
        ContractKind::Member => wire::ContractKind::Member,
        ContractKind::VendorParticipation => wire::ContractKind::VendorParticipation,
        ContractKind::Investor => wire::ContractKind::Investor,
        ContractKind::Supply => wire::ContractKind::Supply,
        ContractKind::DataProvider => wire::ContractKind::DataProvider,
    }
}

const fn stage(status: Status) -> wire::ContractStage {
    match status {
        Status::Vacant => wire::ContractStage::Unspecified,
        Status::Applied => wire::ContractStage::Applied,
        Status::Approved => wire::ContractStage::Approved,
        Status::Rejected => wire::ContractStage::Rejected,
        Status::Offered => wire::ContractStage::Offered,
        Status::Lapsed => wire::ContractStage::Lapsed,
        Status::NotYetInForce => wire::ContractStage::NotYetInForce,
        Status::Active => wire::ContractStage::Active,
        Status::Paused => wire::ContractStage::Paused,
        Status::Expired => wire::ContractStage::Expired,
        Status::Terminated => wire::ContractStage::Terminated,
    }
}

fn texts<T: ToString>(things: impl IntoIterator<Item = T>) -> Vec<String> {
    things.into_iter().map(|thing| thing.to_string()).collect()
}
