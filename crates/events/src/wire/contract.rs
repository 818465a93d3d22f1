//! Contracts as the wire has them, at the moment of the question.

use domain::{
    contract::{
        Approval, Contract, ContractKind, Lane, Limit, PausedFees, Quota, Quotas, Status, Terms, Timeline,
    },
    terms::{PriceBookChoice, Right, ShareRuleChoice},
    time::Timestamp,
};
use proto::kiban::{common::v1 as common, contract::v1 as wire};

use super::{money, time};

/// A contract as it is now; `None` if nobody has asked for it.
pub fn contract(contract: &Contract, now: Timestamp) -> Option<wire::Contract> {
    let application = contract.application()?;
    let agreement = contract.agreement();
    let parties = agreement.into_iter().flat_map(|agreement| &agreement.parties);
    let signed = agreement.into_iter().flat_map(|agreement| agreement.signatures.keys());
    Some(wire::Contract {
        id: application.id.to_string(),
        kind: contract_kind(application.kind).into(),
        stage: contract_stage(contract.status(now))?.into(),
        applicant_id: application.applicant.to_string(),
        issuer_id: application.issuer.to_string(),
        purposes: application.purposes.iter().map(ToString::to_string).collect(),
        terms: terms_now(contract, now).map(terms),
        party_ids: parties.map(ToString::to_string).collect(),
        signed_party_ids: signed.map(ToString::to_string).collect(),
        activated_at: contract.timeline().and_then(Timeline::activated_at).map(time),
        approved_until: approval(contract).map(|approval| time(approval.valid_until)),
        rejection_reason: rejection_reason(contract),
        ends_at: contract.timeline().and_then(Timeline::ends_at).map(time),
        // Not everybody who may see a contract may see its lane: who shows it adds it.
        lane: wire::Lane::Unspecified.into(),
    })
}

/// A kind of contract.
pub const fn contract_kind(kind: ContractKind) -> wire::ContractKind {
    match kind {
        ContractKind::Member => wire::ContractKind::Member,
        ContractKind::VendorParticipation => wire::ContractKind::VendorParticipation,
        ContractKind::Investor => wire::ContractKind::Investor,
        ContractKind::Supply => wire::ContractKind::Supply,
        ContractKind::DataProvider => wire::ContractKind::DataProvider,
    }
}

/// The lane of an application.
pub const fn contract_lane(lane: Lane) -> wire::Lane {
    match lane {
        Lane::Standard => wire::Lane::Standard,
        Lane::Expedited => wire::Lane::Expedited,
    }
}

/// What a pause does to the fee.
pub const fn paused_fees(paused_fees: PausedFees) -> wire::PausedFees {
    match paused_fees {
        PausedFees::GoOn => wire::PausedFees::GoOn,
        PausedFees::ByDays => wire::PausedFees::ByDays,
    }
}

/// A stage, with every deadline resolved; `None` if nobody has asked for the contract.
pub const fn contract_stage(status: Status) -> Option<wire::ContractStage> {
    Some(match status {
        Status::Vacant => return None,
        Status::Applied => wire::ContractStage::Applied,
        Status::Approved => wire::ContractStage::Approved,
        Status::Rejected => wire::ContractStage::Rejected,
        Status::Offered => wire::ContractStage::Offered,
        Status::NotYetInForce => wire::ContractStage::NotYetInForce,
        Status::Active => wire::ContractStage::Active,
        Status::Paused => wire::ContractStage::Paused,
        Status::Lapsed => wire::ContractStage::Lapsed,
        Status::Expired => wire::ContractStage::Expired,
        Status::Terminated => wire::ContractStage::Terminated,
    })
}

/// The terms that apply now: those offered before every party has signed, the first ones before the start,
/// the last ones after the end; `None` before an offer.
pub fn terms_now(contract: &Contract, now: Timestamp) -> Option<&Terms> {
    let phase = contract.timeline().and_then(|timeline| {
        let phases = timeline.phases();
        phases.iter().rev().find(|phase| phase.starts_at <= now).or(phases.first())
    });
    match phase {
        Some(phase) => Some(&phase.terms),
        None => contract.agreement().map(|agreement| &agreement.terms),
    }
}

/// Terms.
pub fn terms(terms: &Terms) -> wire::Terms {
    wire::Terms {
        tier: terms.tier.to_string(),
        start: Some(time(terms.term.starts_at())),
        end: Some(time(terms.term.ends_at())),
        purposes: terms.purposes.iter().map(ToString::to_string).collect(),
        dataset_classes: terms.dataset_classes.iter().map(ToString::to_string).collect(),
        countries: terms.countries.iter().map(|country| country.as_str().into()).collect(),
        quotas: quotas(&terms.quotas),
        price_book: Some(match terms.price_book {
            PriceBookChoice::Follow(id) => version(id.to_string(), 0),
            PriceBookChoice::Pin(id, pinned) => version(id.to_string(), pinned),
        }),
        share_rule: Some(match terms.share_rule {
            ShareRuleChoice::Follow(id) => version(id.to_string(), 0),
            ShareRuleChoice::Pin(id, pinned) => version(id.to_string(), pinned),
        }),
        minimum_commitment: terms.minimum_commitment.as_ref().map(|commitment| wire::MinimumCommitment {
            amount: Some(money(commitment.amount)),
            charge_kinds: commitment.charge_kinds.iter().map(ToString::to_string).collect(),
        }),
        paused_fees: paused_fees(terms.paused_fees).into(),
    }
}

/// The quotas under which any case may be analysed: on the wire a right without a quota admits none, and a
/// bound of 0 for the run would leave it to the year.
pub fn quotas(quotas: &Quotas) -> Vec<wire::Quota> {
    let bounded = Right::ALL.iter().filter_map(|right| Some((*right, quotas.of(*right)?)));
    let admitting =
        bounded.filter(|(_, quota)| quota.cases_per_year.admits(1) && quota.max_cases_per_run.admits(1));
    admitting.map(|(right, bound)| quota(right, bound)).collect()
}

/// A right.
pub const fn right(right: Right) -> common::Right {
    match right {
        Right::Browse => common::Right::Browse,
        Right::SimpleAnalysis => common::Right::SimpleAnalysis,
        Right::DetailedAnalysis => common::Right::DetailedAnalysis,
        Right::Export => common::Right::Export,
    }
}

/// The right that a request names; `None` for a number that names none.
pub fn right_of(number: i32) -> Option<Right> {
    match common::Right::try_from(number).ok()? {
        common::Right::Unspecified => None,
        common::Right::Browse => Some(Right::Browse),
        common::Right::SimpleAnalysis => Some(Right::SimpleAnalysis),
        common::Right::DetailedAnalysis => Some(Right::DetailedAnalysis),
        common::Right::Export => Some(Right::Export),
    }
}

fn quota(bounded: Right, quota: Quota) -> wire::Quota {
    let cases_per_year = match quota.cases_per_year {
        Limit::Cases(cases) => wire::quota::CasesPerYear::Cases(cases),
        Limit::Unlimited => wire::quota::CasesPerYear::Unlimited(true),
    };
    let max_cases_per_run = match quota.max_cases_per_run {
        Limit::Cases(cases) => cases,
        Limit::Unlimited => 0,
    };
    wire::Quota { right: right(bounded).into(), cases_per_year: Some(cases_per_year), max_cases_per_run }
}

fn approval(contract: &Contract) -> Option<&Approval> {
    match contract {
        Contract::Approved { approval, .. } => Some(approval),
        Contract::Offered(agreement) | Contract::Signed(agreement) => Some(&agreement.approval),
        Contract::Vacant | Contract::Applied(_) | Contract::Rejected { .. } => None,
    }
}

fn rejection_reason(contract: &Contract) -> String {
    match contract {
        Contract::Rejected { refusal, .. } => refusal.reason.as_str().into(),
        Contract::Vacant
        | Contract::Applied(_)
        | Contract::Approved { .. }
        | Contract::Offered(_)
        | Contract::Signed(_) => String::new(),
    }
}

const fn version(id: String, pinned_version: u32) -> common::VersionChoice {
    common::VersionChoice { id, pinned_version }
}
