//! Money beside prices: public funding, volume and package prices, a pause whose days are credited, a credit for an
//! early publication.

use engine::Role;
use proto::kiban::{
    common::v1::Right,
    contract::v1::{PauseContractRequest, ResumeContractRequest},
    finance::v1::{AgreeFundingRequest, GrantCreditRequest},
};
use tonic::Code;

use crate::demo::{
    actors::Part,
    calendar::{day, month},
    contracts::Deal,
    error::DemoError,
    prices::yen,
    stage::{Expected, Stage},
    world::{Ask, World},
};

/// The subsidy of the year, and what that is a day.
pub(in crate::demo) const FUNDING: i64 = 365 * FUNDING_A_DAY;
pub(in crate::demo) const FUNDING_A_DAY: i64 = 1_000_000;
/// What an early publication is worth to its member.
const PUBLICATION: i64 = 1_500_000;
/// The charge kind of the use whose price is known beforehand.
const USAGE: &str = "data-usage";

pub(super) async fn of_month(stage: &mut Stage, world: &mut World, index: i32) -> Result<(), DemoError> {
    use Right::{DetailedAnalysis, SimpleAnalysis};
    stage.now(day(index, 18));
    match index {
        0 => fund(stage, world).await,
        // By volume: all 80 in the first band, all 240 in the second.
        1 => diagnose(stage, world, index, SimpleAnalysis, 80, 80 * 300).await,
        3 => diagnose(stage, world, index, SimpleAnalysis, 240, 240 * 240).await,
        4 => pause(stage, world).await,
        5 => resume(stage, world).await,
        // Two packages of 50, the second one started.
        7 => diagnose(stage, world, index, DetailedAnalysis, 60, 2 * 80_000).await,
        9 => credit(stage, world).await,
        _ => Ok(()),
    }
}

/// April: a ministry funds the base operator for the fiscal year.
async fn fund(stage: &mut Stage, world: &mut World) -> Result<(), DemoError> {
    let base = world.cast.session(stage, Part::Base, Role::Finance);
    let request = AgreeFundingRequest {
        command_id: "funding".into(),
        validate_only: false,
        funder: "ゲノム医療推進事業".into(),
        amount: Some(yen(FUNDING)),
        start: month(0).to_string(),
        end: month(12).to_string(),
        reason: "情報基盤の運営費補助".into(),
    };
    let agreed = stage.done("recording public funding", base.finance().agree_funding(request).await)?;
    world.market.funding = agreed.funding_id;
    Ok(())
}

/// A diagnostics company analyses so many cases, at a price that is known beforehand.
async fn diagnose(
    stage: &mut Stage,
    world: &mut World,
    index: i32,
    right: Right,
    cases: u32,
    price: i64,
) -> Result<(), DemoError> {
    world.admit(stage, Ask::run(Deal::Minato, "TCGA-BRCA", right, cases)).await?;
    *world.tally.charged.entry((Deal::Minato, month(index), USAGE)).or_default() += price;
    Ok(())
}

/// August: a contract is paused whose fee is given back by days.
async fn pause(stage: &mut Stage, world: &World) -> Result<(), DemoError> {
    let promoter = world.cast.session(stage, Part::Promoter, Role::Contracts);
    let request = PauseContractRequest {
        command_id: "pause-minato".into(),
        contract_id: world.contracts.of(Deal::Minato).id.clone(),
        reason: "検査室の移転".into(),
        ..Default::default()
    };
    stage.done("pausing a contract", promoter.contracts().pause_contract(request).await)?;
    Ok(())
}

/// September: it goes on.
async fn resume(stage: &mut Stage, world: &World) -> Result<(), DemoError> {
    let promoter = world.cast.session(stage, Part::Promoter, Role::Contracts);
    let request = ResumeContractRequest {
        command_id: "resume-minato".into(),
        contract_id: world.contracts.of(Deal::Minato).id.clone(),
        ..Default::default()
    };
    stage.done("resuming a contract", promoter.contracts().resume_contract(request).await)?;
    Ok(())
}

/// January: a member publishes early, and the base operator bears the credit. The promoter cannot grant it.
async fn credit(stage: &mut Stage, world: &mut World) -> Result<(), DemoError> {
    let request = GrantCreditRequest {
        command_id: "credit".into(),
        validate_only: false,
        contract_id: world.contracts.of(Deal::Aozora).id.clone(),
        charge_kind: String::new(),
        amount: Some(yen(PUBLICATION)),
        reason: "公開前倒し: 膵癌の薬剤応答マーカー".into(),
        month: String::new(),
    };
    let promoter = world.cast.session(stage, Part::Promoter, Role::Finance);
    let outcome = promoter.finance().grant_credit(request.clone()).await;
    let expected = Expected::new(Code::PermissionDenied, "CAPACITY_REQUIRED");
    let name = world.cast.of(Part::Promoter).name;
    stage.refused(name, "grant a credit that the base operator would bear", expected, outcome);
    let base = world.cast.session(stage, Part::Base, Role::Finance);
    stage.done("granting a credit", base.finance().grant_credit(request).await)?;
    let bearer = [(Part::Base, 1)];
    world.tally.charge(Deal::Aozora, month(9), "publication-incentive", -PUBLICATION, &bearer);
    Ok(())
}
