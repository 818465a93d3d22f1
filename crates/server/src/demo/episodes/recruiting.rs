//! Patient recruitment: requested, triaged, approved; institutions invited; patients contacted and enrolled.

use engine::Role;
use proto::kiban::recruitment::v1::{
    AgeRange, Answer, ApproveRecruitmentRequest, CloseRecruitmentRequest, Code as Coded, CodeSystem,
    Criterion, CriterionList, EnrolParticipantRequest, InviteInstitutionRequest, RejectRecruitmentRequest,
    ReportContactedRequest, RequestRecruitmentRequest, RespondToInvitationRequest, TriageRecruitmentRequest,
    Variant, criterion::Criterion as Node,
};
use tonic::Code;

use crate::demo::{
    actors::Part,
    calendar::{day, month, wire},
    checks,
    contracts::Deal,
    error::DemoError,
    prices::{ENROLMENT, RECRUITMENT_REQUEST},
    stage::{Expected, Stage},
    tally::share_out,
    world::World,
};

/// Under which pseudonyms patients are enrolled, and by whom.
pub(in crate::demo) const ENROLLED: [(Part, &str); 2] =
    [(Part::Aoba, "PSN-7Q4K-2026"), (Part::Hokurei, "PSN-M2XR-2026")];
/// How many patients each institution that takes part has contacted.
pub(in crate::demo) const CONTACTED: [(Part, u32); 2] = [(Part::Aoba, 14), (Part::Hokurei, 9)];

pub(super) async fn of_month(stage: &mut Stage, world: &mut World, index: i32) -> Result<(), DemoError> {
    stage.now(day(index, 25));
    match index {
        6 => {
            request(stage, world).await?;
            without_diagnosis(stage, world).await
        }
        7 => {
            approve(stage, world).await?;
            invite(stage, world).await
        }
        8 => enrol(stage, world).await,
        9 => close(stage, world).await,
        _ => Ok(()),
    }
}

/// October: adults with a pancreatic carcinoma and a KRAS variant who had no gemcitabine.
async fn request(stage: &mut Stage, world: &mut World) -> Result<(), DemoError> {
    let diagnosis = node(Node::Diagnosis(coded(CodeSystem::IcdO3, "8500/3", "膵管腺癌")));
    let gemcitabine = node(Node::PriorTherapy(coded(CodeSystem::Atc, "L01BC05", "ゲムシタビン")));
    let criteria = vec![diagnosis, adults(), kras(), node(Node::Not(Box::new(gemcitabine)))];
    let (hokuto, contract_id) = world.under(stage, Deal::Hokuto);
    let request = RequestRecruitmentRequest {
        command_id: "recruit-pancreas".into(),
        validate_only: false,
        contract_id,
        executor_id: world.cast.of(Part::Hikari).id.clone(),
        executor_contract_id: world.contracts.of(Deal::Hikari).id.clone(),
        study_title: "膵癌の分子標的薬 第II相試験".into(),
        participants_wanted: 40,
        criteria: Some(node(Node::All(CriterionList { criteria }))),
    };
    let step = "requesting recruitment";
    let requested = stage.done(step, hokuto.recruitment().request_recruitment(request).await)?;
    stage.check(
        checks::RECRUITMENT,
        !requested.triage_by_person,
        "criteria that hang on a diagnosis need no person's triage",
    );
    world.market.recruitment = requested.recruitment_id;
    Ok(())
}

/// October: who is sought by a variant alone may have no diagnosis. A person looks at it first, and turns it down.
async fn without_diagnosis(stage: &mut Stage, world: &mut World) -> Result<(), DemoError> {
    let (minato, contract_id) = world.under(stage, Deal::Minato);
    let request = RequestRecruitmentRequest {
        command_id: "recruit-carriers".into(),
        validate_only: false,
        contract_id,
        executor_id: world.cast.of(Part::Promoter).id.clone(),
        executor_contract_id: String::new(),
        study_title: "KRAS 変異保有者の血漿バイオマーカー研究".into(),
        participants_wanted: 100,
        criteria: Some(node(Node::All(CriterionList { criteria: vec![adults(), kras()] }))),
    };
    let step = "requesting recruitment";
    let requested = stage.done(step, minato.recruitment().request_recruitment(request).await)?;
    let by_person = requested.triage_by_person;
    stage.check(checks::RECRUITMENT, by_person, "criteria without a diagnosis go to a person");
    world.market.triaged.clone_from(&requested.recruitment_id);

    let reviewer = world.cast.session(stage, Part::Base, Role::Reviewer);
    let id = requested.recruitment_id;
    let outcome = reviewer.recruitment().approve_recruitment(approval("too-early", &id)).await;
    let expected = Expected::new(Code::FailedPrecondition, "TRIAGE_REQUIRED");
    let name = world.cast.of(Part::Base).name;
    stage.refused(name, "approve recruitment without a diagnosis before triage", expected, outcome);
    let triage = TriageRecruitmentRequest {
        command_id: "triage-carriers".into(),
        recruitment_id: id.clone(),
        finding: "診断のない参加者を含み得る".into(),
        ..Default::default()
    };
    stage.done("triaging", reviewer.recruitment().triage_recruitment(triage).await)?;
    let reject = RejectRecruitmentRequest {
        command_id: "reject-carriers".into(),
        recruitment_id: id,
        reason: "遺伝カウンセリングの体制がない".into(),
        ..Default::default()
    };
    stage.done("rejecting recruitment", reviewer.recruitment().reject_recruitment(reject).await)?;
    Ok(())
}

fn approval(key: &str, recruitment: &str) -> ApproveRecruitmentRequest {
    ApproveRecruitmentRequest {
        command_id: format!("approve-recruitment-{key}"),
        recruitment_id: recruitment.to_owned(),
        ethics_approval: "倫-2026-140".into(),
        valid_until: wire(day(11, 31)),
        ..Default::default()
    }
}

/// November: on an ethics committee's approval; the request fee falls due. Of it 60 % are for the institutions that
/// take part, alike.
async fn approve(stage: &mut Stage, world: &mut World) -> Result<(), DemoError> {
    let reviewer = world.cast.session(stage, Part::Base, Role::Reviewer);
    let request = approval("pancreas", &world.market.recruitment);
    stage.done("approving recruitment", reviewer.recruitment().approve_recruitment(request).await)?;
    let pool = CONTACTED.map(|(part, _)| (part, 1));
    charge(world, 7, "recruitment-request", RECRUITMENT_REQUEST, &pool);
    Ok(())
}

/// Counts a fee: 15 % for who carries it out, 60 % for the institutions, 25 % for the base operator.
fn charge(world: &mut World, index: i32, kind: &'static str, amount: i64, institutions: &[(Part, i64)]) {
    *world.tally.charged.entry((Deal::Hokuto, month(index), kind)).or_default() += amount;
    let parts = [(Part::Hikari, 15), (Part::Base, 25), (Part::Aoba, 60)];
    let [executor, base, pool] = share_out(amount, &parts)[..] else { return };
    world.tally.earn(kind, executor, &[(Part::Hikari, 1)]);
    world.tally.earn(kind, base, &[(Part::Base, 1)]);
    world.tally.earn(kind, pool, institutions);
}

/// November: three institutions are invited; one declines. One whose supply contract was never signed cannot be.
async fn invite(stage: &mut Stage, world: &World) -> Result<(), DemoError> {
    let (hikari, _) = world.under(stage, Deal::Hikari);
    let invitation = |part: Part, contract: &str| InviteInstitutionRequest {
        command_id: format!("invite-{part:?}"),
        recruitment_id: world.market.recruitment.clone(),
        institution_id: world.cast.of(part).id.clone(),
        supply_contract_id: contract.to_owned(),
        ..Default::default()
    };
    let request = invitation(Part::Minori, &world.contracts.unsigned);
    let outcome = hikari.recruitment().invite_institution(request).await;
    let expected =
        Expected::new(Code::FailedPrecondition, "CONTRACT_NOT_IN_FORCE").naming("supply_contract_id");
    let name = world.cast.of(Part::Hikari).name;
    stage.refused(name, "invite an institution without a supply contract in force", expected, outcome);

    let answers = [
        (Deal::Aoba, Answer::Accepted, ""),
        (Deal::Hokurei, Answer::Accepted, ""),
        (Deal::Setouchi, Answer::Declined, "該当患者が少ない"),
    ];
    for (deal, answer, reason) in answers {
        let contract = world.contracts.of(deal);
        let request = invitation(contract.applicant, &contract.id);
        let step = format!("inviting {}", contract.name);
        stage.done(&step, hikari.recruitment().invite_institution(request).await)?;
        let (institution, _) = world.under(stage, deal);
        let request = RespondToInvitationRequest {
            command_id: "respond".into(),
            recruitment_id: world.market.recruitment.clone(),
            answer: answer.into(),
            reason: reason.into(),
            ..Default::default()
        };
        let step = format!("{} answers", contract.name);
        stage.done(&step, institution.recruitment().respond_to_invitation(request).await)?;
    }
    Ok(())
}

/// December: patients are contacted, and two are enrolled.
async fn enrol(stage: &mut Stage, world: &mut World) -> Result<(), DemoError> {
    let recruitment_id = world.market.recruitment.clone();
    let enrolment = |pseudonym: &str| EnrolParticipantRequest {
        command_id: format!("enrol-{pseudonym}"),
        recruitment_id: recruitment_id.clone(),
        pseudonym: pseudonym.into(),
        ..Default::default()
    };
    let declined = world.cast.session(stage, Part::Setouchi, Role::Contracts);
    let outcome = declined.recruitment().enrol_participant(enrolment("PSN-0000-0000")).await;
    let expected = Expected::new(Code::FailedPrecondition, "INVITATION_NOT_ACCEPTED");
    stage.refused(world.cast.of(Part::Setouchi).name, "enrol after it has declined", expected, outcome);
    let first = world.cast.session(stage, Part::Aoba, Role::Contracts);
    let outcome = first.recruitment().enrol_participant(enrolment(ENROLLED[0].1)).await;
    let expected = Expected::new(Code::FailedPrecondition, "NOBODY_LEFT_TO_ENROL");
    stage.refused(world.cast.of(Part::Aoba).name, "enrol before anybody is contacted", expected, outcome);

    for (part, number) in CONTACTED {
        let session = world.cast.session(stage, part, Role::Contracts);
        let request = ReportContactedRequest {
            command_id: "contacted".into(),
            recruitment_id: recruitment_id.clone(),
            number,
            ..Default::default()
        };
        stage.done("reporting contacts", session.recruitment().report_contacted(request).await)?;
    }
    let each: Vec<(Part, i64)> = ENROLLED.iter().map(|(part, _)| (*part, 1)).collect();
    for (part, pseudonym) in ENROLLED {
        let session = world.cast.session(stage, part, Role::Contracts);
        stage.done("enrolling", session.recruitment().enrol_participant(enrolment(pseudonym)).await)?;
    }
    charge(world, 8, "recruitment-enrolment", ENROLMENT * ENROLLED.len() as i64, &each);
    Ok(())
}

/// January: the member has whom it needs.
async fn close(stage: &mut Stage, world: &World) -> Result<(), DemoError> {
    let (hokuto, _) = world.under(stage, Deal::Hokuto);
    let request = CloseRecruitmentRequest {
        command_id: "close-recruitment".into(),
        recruitment_id: world.market.recruitment.clone(),
        reason: "試験計画の終了".into(),
        ..Default::default()
    };
    stage.done("closing recruitment", hokuto.recruitment().close_recruitment(request).await)?;
    Ok(())
}

fn node(node: Node) -> Criterion {
    Criterion { criterion: Some(node) }
}

fn adults() -> Criterion {
    node(Node::Age(AgeRange { min: Some(20), max: None }))
}

fn kras() -> Criterion {
    node(Node::Variant(Variant { gene: "KRAS".into(), hgvs: "p.Gly12Asp".into() }))
}

fn coded(system: CodeSystem, code: &str, label: &str) -> Coded {
    Coded { system: system.into(), code: code.into(), label: label.into() }
}
