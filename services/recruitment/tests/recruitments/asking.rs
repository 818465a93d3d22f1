//! Up to the approval.

use engine::wire_time;
use proto::kiban::recruitment::v1::{
    AgeRange, Code, CriterionList, RecruitmentStage, RejectRecruitmentRequest, RequestRecruitmentRequest,
    criterion::Criterion as Node, recruitment_service_server::RecruitmentService,
};
use world::{by, day, reason};

use crate::forum::{Forum, adenocarcinoma, approval, closing, contract_of, female, node, triage};

fn refused(reason: &str, field: &str) -> (String, String) {
    (reason.into(), field.into())
}

#[tokio::test]
async fn a_member_asks_and_those_concerned_may_look() {
    let forum = Forum::new().await;
    let id = forum.requested().await;
    for concerned in [forum.member, forum.vendor, forum.promoter, forum.base] {
        let found = forum.seen(concerned, &id).await;
        assert_eq!((found.id.as_str(), found.criteria.as_ref()), (id.as_str(), Some(&adenocarcinoma())));
        assert_eq!(found.executor_contract_id, contract_of(forum.vendor));
        assert_eq!(found.stage(), RecruitmentStage::Requested);
        assert!(!found.triage_by_person && found.diagnosis.is_empty());
    }
    for stranger in [forum.rival, forum.north] {
        assert_eq!(reason(forum.get(stranger, &id).await), refused("NOT_FOUND", ""));
    }
    let again = forum.recruitments.request_recruitment(by(forum.member, forum.request())).await.unwrap();
    assert!(again.into_inner().receipt.unwrap().replayed);
    let promoters = RequestRecruitmentRequest {
        command_id: "of the promoter".into(),
        executor_id: forum.promoter.to_string(),
        executor_contract_id: String::new(),
        ..forum.request()
    };
    assert!(forum.recruitments.request_recruitment(by(forum.member, promoters)).await.is_ok());
}

#[tokio::test]
async fn requests_are_refused_by_rule() {
    let forum = Forum::new().await;
    type Change<'a> = &'a dyn Fn(&mut RequestRecruitmentRequest);
    let cases: [(Change<'_>, &str, &str); 9] = [
        (&|request| request.criteria = None, "INVALID_FIELD", "criteria"),
        (&|request| request.study_title.clear(), "INVALID_FIELD", "study_title"),
        (&|request| request.participants_wanted = 0, "INVALID_FIELD", "participants_wanted"),
        (&|request| request.executor_id = forum.member.to_string(), "NOT_FOUND", "executor_contract_id"),
        (&|request| request.executor_contract_id.clear(), "INVALID_FIELD", "executor_contract_id"),
        (
            &|request| request.executor_contract_id = forum.contract.to_string(),
            "NOT_FOUND",
            "executor_contract_id",
        ),
        (
            &|request| {
                request.executor_id = forum.member.to_string();
                request.executor_contract_id.clear();
            },
            "INVALID_FIELD",
            "executor_id",
        ),
        (
            &|request| {
                request.executor_id = forum.north.to_string();
                request.executor_contract_id = contract_of(forum.north);
            },
            "COUNTERPARTY_LACKS_CAPACITY",
            "executor_id",
        ),
        (
            &|request| {
                // The promoter issued the supply contract, so it knows of it; but it is not its own.
                request.executor_id = forum.promoter.to_string();
                request.executor_contract_id = contract_of(forum.north);
            },
            "NOT_YOURS",
            "executor_contract_id",
        ),
    ];
    for (change, text, field) in cases {
        let mut request = forum.request();
        change(&mut request);
        let outcome = forum.recruitments.request_recruitment(by(forum.member, request)).await;
        assert_eq!(reason(outcome), refused(text, field));
    }
    let strangers = forum.recruitments.request_recruitment(by(forum.rival, forum.request())).await;
    assert_eq!(reason(strangers), refused("NOT_FOUND", "contract_id"));
    let vendors = forum.recruitments.request_recruitment(by(forum.vendor, forum.request())).await;
    assert_eq!(reason(vendors), refused("CAPACITY_REQUIRED", ""));
    forum.world.pause(forum.contract).await;
    let paused = forum.recruitments.request_recruitment(by(forum.member, forum.request())).await;
    assert_eq!(reason(paused), refused("CONTRACT_NOT_IN_FORCE", "contract_id"));
    forum.world.clock.set(day(2027, 3, 1));
    let expired = forum.recruitments.request_recruitment(by(forum.member, forum.request())).await;
    assert_eq!(reason(expired), refused("CONTRACT_ENDED", "contract_id"));
}

#[tokio::test]
async fn what_is_wrong_with_criteria_is_named_by_its_place() {
    let forum = Forum::new().await;
    let code = |system, code: &str| Code { system, code: code.into(), label: String::new() };
    let all = |criteria| node(Node::All(CriterionList { criteria }));
    let deep = (0..8).fold(female(), |tree, _| node(Node::Not(Box::new(tree))));
    let range = AgeRange { min: Some(65), max: Some(20) };
    let wrong_code = all(vec![female(), node(Node::Diagnosis(code(1, "adenocarcinoma")))]);
    for (criteria, field) in [
        (wrong_code, "criteria.all.criteria[1].diagnosis.code"),
        (node(Node::Stage(code(0, "II"))), "criteria.stage.system"),
        (all(vec![node(Node::Age(range))]), "criteria.all.criteria[0].age"),
        (all(vec![]), "criteria.all"),
        (all(vec![female(), node(Node::Any(CriterionList::default()))]), "criteria.all.criteria[1].any"),
        (node(Node::Diagnosis(code(8, "L01EB02"))), "criteria.criterion"),
        (deep, "criteria.not.not.not.not.not.not.not.not.criterion"),
    ] {
        let request = RequestRecruitmentRequest { criteria: Some(criteria), ..forum.request() };
        let outcome = forum.recruitments.request_recruitment(by(forum.member, request)).await;
        assert_eq!(reason(outcome), refused("INVALID_FIELD", field));
    }
}

#[tokio::test]
async fn without_a_diagnosis_a_person_looks_first() {
    let forum = Forum::new().await;
    let request = RequestRecruitmentRequest { criteria: Some(female()), ..forum.request() };
    let asked = forum.recruitments.request_recruitment(by(forum.member, request)).await.unwrap().into_inner();
    assert!(asked.triage_by_person);
    let id = asked.recruitment_id;
    assert_eq!(forum.seen(forum.member, &id).await.stage(), RecruitmentStage::AwaitingTriage);
    let too_early = forum.recruitments.approve_recruitment(by(forum.base, approval(&id))).await;
    assert_eq!(reason(too_early), refused("TRIAGE_REQUIRED", ""));
    forum.recruitments.triage_recruitment(by(forum.base, triage(&id))).await.unwrap();
    assert_eq!(forum.seen(forum.vendor, &id).await.triage_finding, "healthy volunteers are meant");
    assert_eq!(forum.seen(forum.member, &id).await.triage_finding, "");
    assert!(forum.recruitments.approve_recruitment(by(forum.base, approval(&id))).await.is_ok());
}

#[tokio::test]
async fn a_person_of_an_operator_that_takes_no_part_decides() {
    let forum = Forum::new().await;
    let id = forum.requested().await;
    for no_operator in [forum.member, forum.vendor] {
        let outcome = forum.recruitments.approve_recruitment(by(no_operator, approval(&id))).await;
        assert_eq!(reason(outcome), refused("CAPACITY_REQUIRED", ""));
    }
    let mut machines = by(forum.base, approval(&id));
    let caller = format!("organisation={}; roles=reviewer", forum.base);
    machines.metadata_mut().insert(engine::CALLER_HEADER, caller.parse().unwrap());
    let outcome = forum.recruitments.approve_recruitment(machines).await;
    assert_eq!(reason(outcome), refused("PERSON_REQUIRED", ""));
    let at_once = Some(wire_time(day(2026, 3, 2)));
    let ended =
        proto::kiban::recruitment::v1::ApproveRecruitmentRequest { valid_until: at_once, ..approval(&id) };
    let outcome = forum.recruitments.approve_recruitment(by(forum.base, ended)).await;
    assert_eq!(reason(outcome), refused("INVALID_FIELD", "valid_until"));
    let promoters = RequestRecruitmentRequest {
        command_id: "of the promoter".into(),
        executor_id: forum.promoter.to_string(),
        executor_contract_id: String::new(),
        ..forum.request()
    };
    let asked = forum.recruitments.request_recruitment(by(forum.member, promoters)).await.unwrap();
    let own = approval(&asked.into_inner().recruitment_id);
    let outcome = forum.recruitments.approve_recruitment(by(forum.promoter, own)).await;
    assert_eq!(reason(outcome), refused("CONFLICT_OF_INTEREST", ""));
}

#[tokio::test]
async fn what_was_turned_down_says_why() {
    let forum = Forum::new().await;
    let id = forum.requested().await;
    let needless = forum.recruitments.triage_recruitment(by(forum.base, triage(&id))).await;
    assert_eq!(reason(needless), refused("TRIAGE_NOT_NEEDED", ""));
    let request = RejectRecruitmentRequest {
        command_id: "reject".into(),
        recruitment_id: id.clone(),
        reason: "no protocol".into(),
        ..Default::default()
    };
    forum.recruitments.reject_recruitment(by(forum.base, request)).await.unwrap();
    let found = forum.seen(forum.member, &id).await;
    assert_eq!((found.stage(), found.reason.as_str()), (RecruitmentStage::Rejected, "no protocol"));
    let late = forum.recruitments.approve_recruitment(by(forum.base, approval(&id))).await;
    assert_eq!(reason(late), refused("WRONG_STAGE", ""));
    let late = forum.recruitments.close_recruitment(by(forum.member, closing(&id))).await;
    assert_eq!(reason(late), refused("WRONG_STAGE", ""));
}
