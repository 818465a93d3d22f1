//! The blanket contracts: applied for, approved or rejected, offered, signed by every party.

use domain::time::Timestamp;
use engine::Role;
use proto::kiban::{
    common::v1::{Right, VersionChoice},
    contract::v1::{
        ApplyForContractRequest, ApproveContractRequest, ContractKind, OfferContractRequest, Quota,
        RejectContractRequest, SignContractRequest, Terms, quota::CasesPerYear,
    },
};
use tonic::Code;

use crate::demo::{
    actors::{Cast, INSTITUTIONS, Part},
    calendar::{moment, month, wire},
    checks,
    client::{granted, part, written},
    datasets::class,
    error::DemoError,
    prices::Published,
    stage::{Expected, Stage},
};

/// A contract's place in the play.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Deal {
    /// あおぞら製薬: standard, later premium.
    Aozora,
    /// 北斗ファーマ: premium.
    Hokuto,
    /// 北斗ファーマ tries the forum for three months.
    Pilot,
    /// みつばオミクス uses data of the base in its services.
    Mitsuba,
    /// ひかり臨床開発, terminated in January.
    Hikari,
    /// さくらライフ投資.
    Sakura,
    /// 東海バイオバンク offers its datasets.
    Tokai,
    /// The institutions supply cases.
    Aoba,
    /// The institutions supply cases.
    Setouchi,
    /// The institutions supply cases.
    Hokurei,
}

/// A contract as it is to be.
struct Plan {
    deal: Deal,
    name: &'static str,
    applicant: Part,
    kind: ContractKind,
    tier: &'static str,
    /// In months from April 2026.
    until: i32,
    purposes: &'static [&'static str],
    classes: &'static [&'static str],
    countries: &'static [&'static str],
    quotas: &'static [(Right, Option<u64>, u64)],
}

/// A contract that every party has signed.
#[derive(Debug, Clone)]
pub(super) struct Signed {
    pub(super) deal: Deal,
    pub(super) name: &'static str,
    pub(super) applicant: Part,
    /// ctr_…
    pub(super) id: String,
}

/// All of them, in the order of [`Deal`].
#[derive(Debug, Clone)]
pub(super) struct Contracts(Vec<Signed>);

impl Contracts {
    /// The contract with a place in the play.
    pub(super) fn of(&self, deal: Deal) -> &Signed {
        &self.0[deal as usize]
    }

    /// All of them.
    pub(super) fn all(&self) -> &[Signed] {
        &self.0
    }
}

/// How many cases the quota of the standard tier holds, such that its member outgrows it in September.
pub(super) const fn standard_quota(records: u64) -> u64 {
    records * 38 / 100
}

/// Concludes all contracts, and refuses what cannot be agreed on.
pub(super) async fn conclude(
    stage: &mut Stage,
    cast: &Cast,
    published: &Published,
    records: u64,
) -> Result<Contracts, DemoError> {
    refuse_applications(stage, cast).await?;
    let plans = plans();
    let mut ids = Vec::with_capacity(plans.len());
    stage.now(moment(month(-1), 16, 10));
    for plan in &plans {
        ids.push(apply_and_approve(stage, cast, plan).await?);
    }
    stage.now(moment(month(-1), 23, 14));
    for (plan, id) in plans.iter().zip(&ids) {
        offer(stage, cast, published, plan, id, records).await?;
    }
    stage.now(moment(month(-1), 26, 11));
    for (plan, id) in plans.iter().zip(&ids) {
        sign(stage, cast, plan, id).await?;
    }
    let signed = plans.into_iter().zip(ids).map(|(plan, id)| Signed {
        deal: plan.deal,
        name: plan.name,
        applicant: plan.applicant,
        id,
    });
    Ok(Contracts(signed.collect()))
}

/// A prohibited purpose, a deciding applicant and an application that is turned down.
async fn refuse_applications(stage: &mut Stage, cast: &Cast) -> Result<(), DemoError> {
    stage.now(moment(month(-1), 12, 10));
    let hokuto = cast.session(stage, Part::Hokuto, Role::Contracts);
    let request = application(cast, "insurance", ContractKind::Member, &["insurance-underwriting"]);
    let outcome = hokuto.contracts().apply_for_contract(request).await;
    let expected = Expected::new(Code::InvalidArgument, "PURPOSE_PROHIBITED");
    let name = cast.of(Part::Hokuto).name;
    stage.refused(name, "apply for insurance underwriting (T6-2)", expected, outcome);

    let investor = cast.session(stage, Part::Shinonome, Role::Contracts);
    let request = application(cast, "shinonome", ContractKind::Investor, &["deal-flow"]);
    let applied = granted("applying", investor.contracts().apply_for_contract(request).await)?;
    let approve = ApproveContractRequest {
        command_id: "approve-own".into(),
        contract_id: applied.contract_id.clone(),
        valid_until: wire(moment(month(2), 1, 0)),
        ..Default::default()
    };
    let own = cast.session(stage, Part::Shinonome, Role::Reviewer);
    let outcome = own.contracts().approve_contract(approve).await;
    let expected = Expected::new(Code::PermissionDenied, "CONFLICT_OF_INTEREST");
    stage.refused(cast.of(Part::Shinonome).name, "approve its own application", expected, outcome);

    let reject = RejectContractRequest {
        command_id: "reject-shinonome".into(),
        contract_id: applied.contract_id.clone(),
        reason: "出資方針の説明が不足している".into(),
        ..Default::default()
    };
    let reviewer = cast.session(stage, Part::Base, Role::Reviewer);
    let rejected = granted("rejecting an application", reviewer.contracts().reject_contract(reject).await)?;
    stage.saw(written(rejected.receipt.as_ref()));
    let sign = SignContractRequest {
        command_id: "sign-rejected".into(),
        contract_id: applied.contract_id,
        ..Default::default()
    };
    let outcome = investor.contracts().sign_contract(sign).await;
    let expected = Expected::new(Code::FailedPrecondition, "WRONG_STAGE");
    stage.refused(cast.of(Part::Shinonome).name, "sign what was rejected", expected, outcome);
    Ok(())
}

fn application(cast: &Cast, key: &str, kind: ContractKind, purposes: &[&str]) -> ApplyForContractRequest {
    ApplyForContractRequest {
        command_id: format!("apply-{key}"),
        validate_only: false,
        kind: kind.into(),
        issuer_id: cast.of(Part::Promoter).id.clone(),
        purposes: owned(purposes),
        lane: Default::default(),
    }
}

async fn apply_and_approve(stage: &mut Stage, cast: &Cast, plan: &Plan) -> Result<String, DemoError> {
    let key = format!("{:?}", plan.deal);
    let applicant = cast.session(stage, plan.applicant, Role::Contracts);
    let request = application(cast, &key, plan.kind, plan.purposes);
    let step = format!("applying for {}", plan.name);
    let applied = granted(&step, applicant.contracts().apply_for_contract(request).await)?;
    let request = ApproveContractRequest {
        command_id: format!("approve-{key}"),
        contract_id: applied.contract_id.clone(),
        valid_until: wire(moment(month(3), 1, 0)),
        ..Default::default()
    };
    let reviewer = cast.session(stage, Part::Base, Role::Reviewer);
    let step = format!("approving {}", plan.name);
    let approved = granted(&step, reviewer.contracts().approve_contract(request).await)?;
    stage.saw(written(approved.receipt.as_ref()));
    Ok(applied.contract_id)
}

async fn offer(
    stage: &mut Stage,
    cast: &Cast,
    published: &Published,
    plan: &Plan,
    id: &str,
    records: u64,
) -> Result<(), DemoError> {
    let request = OfferContractRequest {
        command_id: format!("offer-{:?}", plan.deal),
        contract_id: id.to_owned(),
        terms: Some(terms(plan, published, records)),
        further_party_ids: vec![cast.of(Part::Base).id.clone()],
        ..Default::default()
    };
    let promoter = cast.session(stage, Part::Promoter, Role::Contracts);
    let step = format!("offering {}", plan.name);
    let offered = granted(&step, promoter.contracts().offer_contract(request).await)?;
    stage.saw(written(offered.receipt.as_ref()));
    Ok(())
}

/// Every party signs; the last signature activates. A retry with the same command id changes nothing.
async fn sign(stage: &mut Stage, cast: &Cast, plan: &Plan, id: &str) -> Result<(), DemoError> {
    let request = SignContractRequest {
        command_id: format!("sign-{:?}", plan.deal),
        contract_id: id.to_owned(),
        ..Default::default()
    };
    let step = format!("signing {}", plan.name);
    let mut active = false;
    for party in [plan.applicant, Part::Promoter, Part::Base] {
        let session = cast.session(stage, party, Role::Contracts);
        let signed = granted(&step, session.contracts().sign_contract(request.clone()).await)?;
        stage.saw(written(signed.receipt.as_ref()));
        active = signed.active;
    }
    if !active {
        stage.check(checks::CONTRACTS, false, format!("{} is active when every party has signed", plan.name));
    }
    if plan.deal == Deal::Aozora {
        let session = cast.session(stage, Part::Base, Role::Contracts);
        let again = granted(&step, session.contracts().sign_contract(request).await)?;
        let receipt = part(&step, "a receipt", again.receipt)?;
        let same = receipt.replayed && receipt.position == stage.position;
        stage.check(
            "contracts",
            same,
            "a retried signature with its command id gets the first one's receipt",
        );
    }
    Ok(())
}

fn terms(plan: &Plan, published: &Published, records: u64) -> Terms {
    let choice = |id: &str| Some(VersionChoice { id: id.to_owned(), pinned_version: 0 });
    Terms {
        tier: plan.tier.into(),
        start: wire(month(0).start()),
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
        minimum_commitment: None,
        paused_fees: Default::default(),
    }
}

fn standard_quotas(records: u64) -> Vec<Quota> {
    let simple = standard_quota(records);
    quotas(&[(Right::SimpleAnalysis, Some(simple), 1_000), (Right::DetailedAnalysis, Some(simple / 6), 500)])
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

fn plans() -> Vec<Plan> {
    use Right::{DetailedAnalysis, SimpleAnalysis};
    let all = &[class::WGS, class::RARE, class::COHORT, class::LIQUID][..];
    let tumours = &[class::WGS, class::RARE][..];
    let research = &["drug-discovery", "biomarker-discovery"][..];
    let plan = |deal, name, applicant, kind, tier| Plan {
        deal,
        name,
        applicant,
        kind,
        tier,
        until: 36,
        purposes: research,
        classes: tumours,
        countries: &["JP"],
        quotas: &[],
    };
    let unlimited = &[(SimpleAnalysis, None, 0), (DetailedAnalysis, None, 0)];
    let vendor = ContractKind::VendorParticipation;
    let mut plans = vec![
        Plan {
            until: 12,
            ..plan(Deal::Aozora, "あおぞら製薬", Part::Aozora, ContractKind::Member, "standard")
        },
        Plan {
            classes: all,
            countries: &["JP", "DE"],
            quotas: unlimited,
            ..plan(Deal::Hokuto, "北斗ファーマ", Part::Hokuto, ContractKind::Member, "premium")
        },
        Plan {
            until: 3,
            quotas: &[(SimpleAnalysis, Some(500), 450)],
            ..plan(Deal::Pilot, "北斗ファーマ (試用)", Part::Hokuto, ContractKind::Member, "pilot")
        },
        Plan {
            purposes: &["analysis-service"],
            classes: &[class::WGS],
            quotas: &[(SimpleAnalysis, None, 0), (DetailedAnalysis, Some(0), 0)],
            ..plan(Deal::Mitsuba, "みつばオミクス", Part::Mitsuba, vendor, "vendor")
        },
        Plan {
            purposes: &["recruitment-service"],
            classes: &[class::WGS],
            quotas: &[(SimpleAnalysis, Some(1_000), 0)],
            ..plan(Deal::Hikari, "ひかり臨床開発", Part::Hikari, vendor, "vendor")
        },
        Plan {
            purposes: &["deal-flow"],
            ..plan(Deal::Sakura, "さくらライフ投資", Part::Sakura, ContractKind::Investor, "investor")
        },
        Plan {
            purposes: &["data-provision"],
            classes: all,
            ..plan(Deal::Tokai, "東海バイオバンク", Part::Tokai, ContractKind::DataProvider, "supply")
        },
    ];
    let names = ["青葉がんセンター", "瀬戸内医療センター", "北嶺大学病院"];
    let supplies = [Deal::Aoba, Deal::Setouchi, Deal::Hokurei].into_iter().zip(INSTITUTIONS).zip(names);
    plans.extend(supplies.map(|((deal, part), name)| Plan {
        purposes: &["case-supply"],
        ..plan(deal, name, part, ContractKind::Supply, "supply")
    }));
    plans
}

fn owned(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}

/// When the standard tier's member moves to the next tier.
pub(super) fn tier_change() -> Timestamp {
    month(6).start()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn contracts_stand_in_the_order_of_the_play() {
        for (index, plan) in plans().iter().enumerate() {
            assert_eq!(plan.deal as usize, index, "{}", plan.name);
        }
    }
}
