//! The blanket contracts: applied for, approved or rejected, offered, signed by every party.

use domain::time::Timestamp;
use engine::Role;
use proto::kiban::contract::v1::{
    ApplyForContractRequest, ApproveContractRequest, ContractKind, OfferContractRequest,
    RejectContractRequest, SignContractRequest,
};
use tonic::Code;

use crate::demo::{
    actors::{Cast, Part},
    calendar::{moment, month, wire},
    checks,
    client::{granted, part},
    error::DemoError,
    plans::{Plan, owned, plans, terms},
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
    /// つばき前臨床研究所 sells patient-derived models.
    Tsubaki,
    /// なぎさヘルスデータ sells lifestyle data.
    Nagisa,
    /// ゆきしろ検体保管 stores specimens.
    Yukishiro,
    /// 北嶺大学病院 sells a method.
    Method,
    /// みなと診断薬: diagnostic, with a minimum commitment.
    Minato,
    /// ネオゲノム創薬 seeks money.
    Neogenome,
    /// つるぎイノベーション.
    Tsurugi,
    /// こはくメタボローム, from June.
    Kohaku,
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

/// All of them.
#[derive(Debug, Clone)]
pub(super) struct Contracts {
    /// In the order of [`Deal`].
    signed: Vec<Signed>,
    /// ctr_…: 東雲キャピタル's application, which was rejected.
    pub(super) rejected: String,
    /// ctr_…: みのり総合病院's application, which was approved and never signed.
    pub(super) unsigned: String,
}

impl Contracts {
    /// The contract with a place in the play.
    pub(super) fn of(&self, deal: Deal) -> &Signed {
        &self.signed[deal as usize]
    }

    /// All that were signed.
    pub(super) fn all(&self) -> &[Signed] {
        &self.signed
    }

    /// A further one that every party has signed.
    pub(super) fn add(&mut self, plan: &Plan, id: String) {
        self.signed.push(Signed { deal: plan.deal, name: plan.name, applicant: plan.applicant, id });
    }
}

/// Concludes all contracts, and refuses what cannot be agreed on.
pub(super) async fn conclude(
    stage: &mut Stage,
    cast: &Cast,
    published: &Published,
    records: u64,
) -> Result<Contracts, DemoError> {
    let rejected = refuse_applications(stage, cast).await?;
    let plans = plans();
    let mut ids = Vec::with_capacity(plans.len());
    stage.now(moment(month(-1), 16, 10));
    let minori = cast.session(stage, Part::Minori, Role::Contracts);
    let request = application(cast, "minori", ContractKind::Supply, &["case-supply"]);
    let unsigned = stage.done("applying", minori.contracts().apply_for_contract(request).await)?.contract_id;
    approve(stage, cast, "minori", &unsigned).await?;
    for plan in &plans {
        let id = apply(stage, cast, plan).await?;
        approve(stage, cast, plan.name, &id).await?;
        ids.push(id);
    }
    stage.now(moment(month(-1), 23, 14));
    for (plan, id) in plans.iter().zip(&ids) {
        offer(stage, cast, published, plan, id, records).await?;
    }
    stage.now(moment(month(-1), 26, 11));
    let mut contracts = Contracts { signed: Vec::with_capacity(plans.len()), rejected, unsigned };
    for (plan, id) in plans.iter().zip(ids) {
        sign(stage, cast, plan, &id).await?;
        contracts.add(plan, id);
    }
    Ok(contracts)
}

/// A prohibited purpose, a deciding applicant and an application that is turned down: ctr_….
async fn refuse_applications(stage: &mut Stage, cast: &Cast) -> Result<String, DemoError> {
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
    stage.done("rejecting an application", reviewer.contracts().reject_contract(reject).await)?;
    let sign = SignContractRequest {
        command_id: "sign-rejected".into(),
        contract_id: applied.contract_id.clone(),
        ..Default::default()
    };
    let outcome = investor.contracts().sign_contract(sign).await;
    let expected = Expected::new(Code::FailedPrecondition, "WRONG_STAGE");
    stage.refused(cast.of(Part::Shinonome).name, "sign what was rejected", expected, outcome);
    Ok(applied.contract_id)
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

/// Applies as a plan has it: ctr_….
pub(super) async fn apply(stage: &mut Stage, cast: &Cast, plan: &Plan) -> Result<String, DemoError> {
    let applicant = cast.session(stage, plan.applicant, Role::Contracts);
    let request = application(cast, &format!("{:?}", plan.deal), plan.kind, plan.purposes);
    let request = ApplyForContractRequest { lane: plan.lane.into(), ..request };
    let step = format!("applying for {}", plan.name);
    Ok(stage.done(&step, applicant.contracts().apply_for_contract(request).await)?.contract_id)
}

/// Somebody of the base operator approves an application until July.
pub(super) async fn approve(
    stage: &mut Stage,
    cast: &Cast,
    name: &str,
    contract: &str,
) -> Result<(), DemoError> {
    let request = ApproveContractRequest {
        command_id: format!("approve-{contract}"),
        contract_id: contract.to_owned(),
        valid_until: wire(moment(month(3), 1, 0)),
        ..Default::default()
    };
    let reviewer = cast.session(stage, Part::Base, Role::Reviewer);
    stage.done(&format!("approving {name}"), reviewer.contracts().approve_contract(request).await)?;
    Ok(())
}

/// The promoter offers the terms.
pub(super) async fn offer(
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
    stage.done(&step, promoter.contracts().offer_contract(request).await)?;
    Ok(())
}

/// Every party signs; the last signature activates. A retry with the same command id changes nothing.
pub(super) async fn sign(stage: &mut Stage, cast: &Cast, plan: &Plan, id: &str) -> Result<(), DemoError> {
    let request = SignContractRequest {
        command_id: format!("sign-{:?}", plan.deal),
        contract_id: id.to_owned(),
        ..Default::default()
    };
    let step = format!("signing {}", plan.name);
    let mut active = false;
    for party in [plan.applicant, Part::Promoter, Part::Base] {
        let session = cast.session(stage, party, Role::Contracts);
        let signed = stage.done(&step, session.contracts().sign_contract(request.clone()).await)?;
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

/// When the standard tier's member moves to the next tier.
pub(super) fn tier_change() -> Timestamp {
    month(6).start()
}
