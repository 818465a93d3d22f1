//! What becomes of contracts and of use under them: each reason to deny it, a pause, a change of tier, ends.

use engine::Role;
use proto::kiban::{
    access::v1::{GetQuotaRequest, Outcome},
    common::v1::Right,
    contract::v1::{
        ApplyForContractRequest, ChangeTierRequest, GetContractRequest, PauseContractRequest,
        RenewContractRequest, ResumeContractRequest, TerminateContractRequest,
    },
    finance::v1::ClosePeriodRequest,
    membership::v1::RegisterOrganisationRequest,
};
use tonic::Code;

use crate::demo::{
    actors::Part,
    calendar::{day, moment, month, wire},
    checks,
    client::granted,
    contracts::{Deal, tier_change},
    error::DemoError,
    plans::quotas,
    prices,
    report::format::count_of,
    shares,
    stage::{Expected, Stage},
    usage::{Use, place},
    world::{Ask, World},
};

pub(super) async fn of_month(stage: &mut Stage, world: &mut World, index: i32) -> Result<(), DemoError> {
    stage.now(day(index, 15));
    match index {
        0 => terms(stage, world).await,
        1 => wrong_requests(stage, world).await,
        2 => pilot(stage, world).await,
        3 => expired(stage, world).await,
        4 => paused(stage, world).await,
        5 => revised(stage, world).await,
        8 => shares::revise(stage, &world.cast, &world.published).await,
        9 => terminated(stage, world).await,
        10 => renewed(stage, world).await,
        _ => Ok(()),
    }
}

/// March: the contracts are signed and not yet in force.
pub(in crate::demo) async fn before_the_year(stage: &mut Stage, world: &mut World) -> Result<(), DemoError> {
    stage.now(moment(month(-1), 30, 9));
    let ask = Ask::view(Deal::Aozora, "TCGA-LUAD");
    world.deny(stage, "contract-not-active", "view a dataset before the term begins", ask).await
}

/// April: the terms hold; `validate_only` shows what is left and takes nothing.
async fn terms(stage: &mut Stage, world: &mut World) -> Result<(), DemoError> {
    use Right::{DetailedAnalysis, SimpleAnalysis};
    let luad = Ask::view(Deal::Aozora, "TCGA-LUAD");
    let liquid = Ask::view(Deal::Aozora, "TBB-LIQUID");
    world.deny(stage, "dataset-class-not-covered", "view a liquid biopsy dataset", liquid).await?;
    let marketing = Ask { purpose: "marketing", ..luad };
    world.deny(stage, "purpose-not-covered", "view a dataset for marketing", marketing).await?;
    let abroad = Ask { country: "US", ..luad };
    world.deny(stage, "country-not-covered", "view a dataset from the United States", abroad).await?;
    let detailed = Ask::run(Deal::Mitsuba, "TCGA-LUAD", DetailedAnalysis, 5);
    world.deny(stage, "right-not-covered", "analyse 5 cases in detail", detailed).await?;

    let before = quota(stage, world).await?;
    let look = Ask { validate_only: true, ..Ask::run(Deal::Aozora, "TCGA-LUAD", SimpleAnalysis, 40) };
    let admission = world.admit(stage, look).await?;
    let after = quota(stage, world).await?;
    let left = admission.remaining.map_or(0, |remaining| remaining.cases);
    let shown = count_of(left);
    let text = format!("validate_only shows that {shown} simple cases would be left, and takes none");
    stage.check(checks::CONTRACTS, before == after && before == left + 40, text);
    Ok(())
}

/// What is left of あおぞら製薬's quota of simple analyses.
async fn quota(stage: &Stage, world: &World) -> Result<u64, DemoError> {
    let session = world.cast.session(stage, Part::Aozora, Role::Researcher);
    let request = GetQuotaRequest { contract_id: world.contracts.of(Deal::Aozora).id.clone() };
    let reply = granted("asking for the quota", session.access().get_quota(request).await)?;
    let simple = i32::from(Right::SimpleAnalysis);
    Ok(reply.remaining.iter().find(|left| left.right == simple).map_or(0, |left| left.cases))
}

/// May: requests that can never be right, whoever makes them.
async fn wrong_requests(stage: &mut Stage, world: &mut World) -> Result<(), DemoError> {
    let name = world.cast.of(Part::Aozora).name;
    let promoter = world.cast.of(Part::Promoter).id.clone();
    let apply = ApplyForContractRequest {
        command_id: "apply-Aozora".into(),
        validate_only: false,
        kind: 1,
        issuer_id: promoter,
        purposes: vec!["companion-diagnostics".into()],
        lane: Default::default(),
    };
    let researcher = world.cast.session(stage, Part::Aozora, Role::Researcher);
    let outcome = researcher.contracts().apply_for_contract(apply.clone()).await;
    let expected = Expected::new(Code::PermissionDenied, "ROLE_REQUIRED");
    stage.refused(name, "apply for a contract as a researcher", expected, outcome);

    let contracts = world.cast.session(stage, Part::Aozora, Role::Contracts);
    let outcome = contracts.contracts().apply_for_contract(apply).await;
    let expected = Expected::new(Code::AlreadyExists, "COMMAND_ID_REUSED");
    stage.refused(name, "use a command id again for something else", expected, outcome);

    let foreign = GetContractRequest { contract_id: world.contracts.of(Deal::Hokuto).id.clone() };
    let outcome = contracts.contracts().get_contract(foreign).await;
    stage.refused(
        name,
        "read another member's contract",
        Expected::new(Code::NotFound, "NOT_FOUND"),
        outcome,
    );

    let register = RegisterOrganisationRequest {
        command_id: "register-wrong".into(),
        name: "存在しない機構".into(),
        country: "JP".into(),
        registration_number: "1999914141414".into(),
        ..Default::default()
    };
    let member = world.cast.session(stage, Part::Aozora, Role::Administrator);
    let outcome = member.membership().register_organisation(register.clone()).await;
    let expected = Expected::new(Code::PermissionDenied, "CAPACITY_REQUIRED");
    stage.refused(name, "register an organisation", expected, outcome);
    let base = world.cast.session(stage, Part::Base, Role::Administrator);
    let outcome = base.membership().register_organisation(register).await;
    let expected = Expected::new(Code::InvalidArgument, "INVALID_FIELD").naming("registration_number");
    stage.refused(
        world.cast.of(Part::Base).name,
        "register a number with a wrong check digit",
        expected,
        outcome,
    );

    wrong_closes(stage, world).await
}

/// May: months are closed after their end, and in order.
async fn wrong_closes(stage: &mut Stage, world: &World) -> Result<(), DemoError> {
    let close = |month: &str| ClosePeriodRequest {
        command_id: format!("close-wrongly-{month}"),
        month: month.into(),
        ..Default::default()
    };
    let promoter = world.cast.session(stage, Part::Promoter, Role::Finance);
    let outcome = promoter.finance().close_period(close("2026-05")).await;
    let expected = Expected::new(Code::FailedPrecondition, "PERIOD_NOT_ENDED");
    stage.refused(world.cast.of(Part::Promoter).name, "close a month before its end", expected, outcome);
    // Each issuer has months of its own: the base operator's begin with February.
    let base = world.cast.session(stage, Part::Base, Role::Finance);
    stage.done("closing February", base.finance().close_period(close("2026-02")).await)?;
    let outcome = base.finance().close_period(close("2026-04")).await;
    let expected = Expected::new(Code::FailedPrecondition, "PERIOD_OUT_OF_ORDER");
    stage.refused(world.cast.of(Part::Base).name, "close April before March", expected, outcome);
    Ok(())
}

/// June: the pilot comes to its limits, and so do datasets.
async fn pilot(stage: &mut Stage, world: &mut World) -> Result<(), DemoError> {
    use Right::SimpleAnalysis;
    let brca = |cases| Ask::run(Deal::Pilot, "TCGA-BRCA", SimpleAnalysis, cases);
    world.deny(stage, "run-too-large", "analyse 460 cases in one run of at most 450", brca(460)).await?;
    world.admit(stage, brca(400)).await?;
    world.deny(stage, "quota-exceeded", "analyse 200 cases of the 100 that are left", brca(200)).await?;
    let next = Ask::run(Deal::Hokuto, "TBB-NEXT", SimpleAnalysis, 10);
    world.deny(stage, "no-freeze", "analyse a dataset that has no freeze yet", next).await?;
    let chol = Ask::run(Deal::Hokuto, "TCGA-CHOL", SimpleAnalysis, 52);
    world.deny(stage, "more-cases-than-dataset", "analyse 52 cases of a dataset of 51", chol).await?;
    // What has happened is recorded, whatever was admitted: 150 cases, beyond the 100 that are left.
    let over = Use {
        right: SimpleAnalysis,
        cases: 150,
        dataset: world.place_of("TCGA-BRCA"),
        ..world.one_use(place::PILOT, stage.time())
    };
    let over = world.delivery(place::PILOT, vec![over], Outcome::New);
    world.deliver(stage, vec![over]).await?;
    Ok(())
}

/// July: the pilot is over. Use after it is on record, and only flagged.
async fn expired(stage: &mut Stage, world: &mut World) -> Result<(), DemoError> {
    let ask = Ask::view(Deal::Pilot, "TCGA-BRCA");
    world.deny(stage, "contract-expired", "view a dataset after the term", ask).await?;
    let uses = (0..3).map(|_| world.one_use(place::PILOT, stage.time())).collect();
    let after = world.delivery(place::PILOT, uses, Outcome::New);
    world.deliver(stage, vec![after]).await?;
    Ok(())
}

/// August: a contract is paused for four hours.
async fn paused(stage: &mut Stage, world: &mut World) -> Result<(), DemoError> {
    stage.now(day(4, 17));
    let session = world.cast.session(stage, Part::Promoter, Role::Contracts);
    let contract_id = world.contracts.of(Deal::Hokuto).id.clone();
    let request = PauseContractRequest {
        command_id: "pause-hokuto".into(),
        contract_id: contract_id.clone(),
        reason: "利用者端末の点検".into(),
        ..Default::default()
    };
    stage.done("pausing a contract", session.contracts().pause_contract(request).await)?;
    let ask = Ask::view(Deal::Hokuto, "TCGA-LUAD");
    world.deny(stage, "contract-paused", "view a dataset while the contract is paused", ask).await?;
    stage.now(moment(month(4), 17, 15));
    let request =
        ResumeContractRequest { command_id: "resume-hokuto".into(), contract_id, ..Default::default() };
    stage.done("resuming a contract", session.contracts().resume_contract(request).await)?;
    world.admit(stage, ask).await?;
    // A meter that did not stop: what it saw is on record, and only flagged.
    let meanwhile = world.one_use(place::CLOUD, moment(month(4), 17, 13));
    let meanwhile = world.delivery(place::CLOUD, vec![meanwhile], Outcome::New);
    world.deliver(stage, vec![meanwhile]).await?;
    Ok(())
}

/// September: the tier changes from October on, and so do the prices.
async fn revised(stage: &mut Stage, world: &mut World) -> Result<(), DemoError> {
    let session = world.cast.session(stage, Part::Promoter, Role::Contracts);
    let request = ChangeTierRequest {
        command_id: "change-tier-aozora".into(),
        contract_id: world.contracts.of(Deal::Aozora).id.clone(),
        tier: "premium".into(),
        quotas: quotas(&[(Right::SimpleAnalysis, None, 0), (Right::DetailedAnalysis, None, 0)]),
        effective_at: wire(tier_change()),
        ..Default::default()
    };
    stage.done("changing a tier", session.contracts().change_tier(request).await)?;
    prices::revise(stage, &world.cast, &world.published).await
}

/// January: a vendor leaves at the month's end.
async fn terminated(stage: &mut Stage, world: &World) -> Result<(), DemoError> {
    let session = world.cast.session(stage, Part::Hikari, Role::Contracts);
    let request = TerminateContractRequest {
        command_id: "terminate-hikari".into(),
        contract_id: world.contracts.of(Deal::Hikari).id.clone(),
        reason: "事業再編".into(),
        effective_at: wire(month(10).start()),
        ..Default::default()
    };
    stage.done("terminating a contract", session.contracts().terminate_contract(request).await)?;
    Ok(())
}

/// February: the vendor has left; a member's term is renewed for a year.
async fn renewed(stage: &mut Stage, world: &mut World) -> Result<(), DemoError> {
    let ask = Ask::view(Deal::Hikari, "TCGA-LUAD");
    world.deny(stage, "contract-terminated", "view a dataset after the termination", ask).await?;
    let session = world.cast.session(stage, Part::Promoter, Role::Contracts);
    let request = RenewContractRequest {
        command_id: "renew-aozora".into(),
        contract_id: world.contracts.of(Deal::Aozora).id.clone(),
        end: wire(month(24).start()),
        ..Default::default()
    };
    stage.done("renewing a contract", session.contracts().renew_contract(request).await)?;
    Ok(())
}
