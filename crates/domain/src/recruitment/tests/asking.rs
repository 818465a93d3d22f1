//! Up to the approval.

use super::fixture::*;

/// Nobody needs a diagnosis to fit these.
fn by_sex() -> Vec<Event> {
    let request = RequestRecruitment { request: wanted(female()), ..request() };
    given([Command::RequestRecruitment(request)])
}

#[test]
fn a_vendor_is_asked_under_its_contract_the_promoter_without() {
    let of_vendor = decide(&[], Command::RequestRecruitment(request())).unwrap();
    let event = PatientRecruitmentRequested {
        id: RECRUITMENT,
        contract: CONTRACT,
        contract_revision: 5,
        request: wanted(lung()),
        triage: Triage::NotNeeded,
        at: at(0),
    };
    assert_eq!(of_vendor, [Event::PatientRecruitmentRequested(event)]);
    assert_eq!(state(&of_vendor).status(at(0)), Status::Requested);
    let of_promoter = RequestRecruitment {
        request: RequestedRecruitment { executor_contract: None, ..wanted(lung()) },
        executor_contract: None,
        executor_capacities: [Capacity::Promoter].into(),
        ..request()
    };
    assert!(decide(&[], Command::RequestRecruitment(of_promoter)).is_ok());
}

#[test]
fn the_same_request_is_already_so() {
    let mut again = request();
    again.contract.status = ContractStatus::Terminated;
    assert_eq!(decide(&approved(), Command::RequestRecruitment(again)), Ok(vec![]));
    let mut other = request();
    other.request.participants_wanted = 4;
    let refused = Err(Rejection::AlreadyRequested { id: RECRUITMENT });
    assert_eq!(decide(&requested(), Command::RequestRecruitment(other)), refused);
}

#[test]
fn what_may_not_be_asked_for() {
    type Change = fn(&mut RequestRecruitment);
    let cases: [(Change, Rejection); 10] = [
        (|when| when.request.participants_wanted = 0, Rejection::ParticipantsOutOfRange { participants: 0 }),
        (
            |when| when.request.participants_wanted = 25_001,
            Rejection::ParticipantsOutOfRange { participants: 25_001 },
        ),
        (|when| when.request.executor = MEMBER, Rejection::OwnExecutor { organisation: MEMBER }),
        (
            |when| when.contract.applicant = EXECUTOR,
            Rejection::NotCovered(NotCovered::NotOwn { contract: CONTRACT, organisation: MEMBER }),
        ),
        (
            |when| when.contract.kind = ContractKind::Investor,
            Rejection::NotCovered(NotCovered::OtherKind {
                kind: ContractKind::Investor,
                needed: ContractKind::Member,
            }),
        ),
        (
            |when| when.contract.status = ContractStatus::Paused,
            Rejection::NotCovered(NotCovered::NotInForce {
                contract: CONTRACT,
                status: ContractStatus::Paused,
            }),
        ),
        (
            |when| when.executor_capacities = [Capacity::MedicalInstitution].into(),
            Rejection::NotAnExecutor { organisation: EXECUTOR },
        ),
        (|when| when.executor_contract = None, Rejection::ExecutorContractMissing { organisation: EXECUTOR }),
        (
            |when| when.executor_contract = Some(supply(EXECUTOR)),
            Rejection::ExecutorNotCovered(NotCovered::OtherKind {
                kind: ContractKind::Supply,
                needed: ContractKind::VendorParticipation,
            }),
        ),
        (
            |when| {
                when.executor_contract =
                    Some(active(VENDORS_CONTRACT, ContractKind::VendorParticipation, STRANGER));
            },
            Rejection::ExecutorNotCovered(NotCovered::NotOwn {
                contract: VENDORS_CONTRACT,
                organisation: EXECUTOR,
            }),
        ),
    ];
    for (change, rejection) in cases {
        let mut when = request();
        change(&mut when);
        assert_eq!(decide(&[], Command::RequestRecruitment(when)), Err(rejection));
    }
}

/// Recruiting is a kind of service, so the operators say which vendors do it; the promoter needs no admission.
#[test]
fn a_vendor_recruits_only_while_it_is_admitted() {
    let of = |vendor| VendorAdmission::Set { mode: AdmissionMode::Exclusive(vendor), since: at(0) };
    let refused = Err(Rejection::NotAdmitted { organisation: EXECUTOR });
    let asked = RequestRecruitment { admission: of(STRANGER), ..request() };
    assert_eq!(decide(&[], Command::RequestRecruitment(asked)), refused);
    let approval = ApproveRecruitment { admission: of(STRANGER), ..approve() };
    assert_eq!(decide(&requested(), Command::ApproveRecruitment(approval.clone())), refused);
    assert_eq!(decide(&approved(), Command::ApproveRecruitment(approval)), Ok(vec![]), "it is so already");
    let own = RequestRecruitment { admission: of(EXECUTOR), ..request() };
    assert!(decide(&[], Command::RequestRecruitment(own)).is_ok());

    let of_promoter = RequestRecruitment {
        request: RequestedRecruitment { executor_contract: None, ..wanted(lung()) },
        executor_contract: None,
        executor_capacities: [Capacity::Promoter].into(),
        admission: of(STRANGER),
        ..request()
    };
    let asked = given([Command::RequestRecruitment(of_promoter)]);
    let approval = ApproveRecruitment { executor_contract: None, admission: of(STRANGER), ..approve() };
    assert!(decide(&asked, Command::ApproveRecruitment(approval)).is_ok());
}

#[test]
fn without_a_diagnosis_a_person_looks_first() {
    let asked = by_sex();
    assert_eq!(state(&asked).status(at(0)), Status::AwaitingTriage);
    let too_early = decide(&asked, Command::ApproveRecruitment(approve()));
    assert_eq!(too_early, Err(Rejection::TriageRequired));
    let found = decide(&asked, Command::TriageRecruitment(triage())).unwrap();
    let finding = "healthy volunteers are meant".parse().unwrap();
    assert_eq!(found, [Event::RecruitmentTriaged(RecruitmentTriaged { by: PERSON, finding, at: at(10) })]);
    let triaged = [asked, found].concat();
    assert_eq!(state(&triaged).status(at(10)), Status::Requested);
    assert_eq!(decide(&triaged, Command::TriageRecruitment(triage())), Ok(vec![]));
    let other = TriageRecruitment { finding: "none are".parse().unwrap(), ..triage() };
    assert_eq!(decide(&triaged, Command::TriageRecruitment(other)), Err(Rejection::TriageNotNeeded));
    assert!(decide(&triaged, Command::ApproveRecruitment(approve())).is_ok());
    let needless = decide(&requested(), Command::TriageRecruitment(triage()));
    assert_eq!(needless, Err(Rejection::TriageNotNeeded));
}

#[test]
fn a_request_from_before_criteria_hangs_on_its_diagnosis() {
    let sought = Sought::Diagnosis("ICD-O-3:8140/3".parse().unwrap());
    assert_eq!(sought.triage(), Triage::NotNeeded);
}

#[test]
fn a_decision_is_made_once() {
    let event = RecruitmentApproved {
        by: PERSON,
        ethics_approval: "2026-117".parse().unwrap(),
        valid_until: at(END),
        at: at(20),
    };
    let then = decide(&requested(), Command::ApproveRecruitment(approve())).unwrap();
    assert_eq!(then, [Event::RecruitmentApproved(event)]);
    assert_eq!(decide(&approved(), Command::ApproveRecruitment(approve())), Ok(vec![]));
    let longer = ApproveRecruitment { valid_until: at(END + 1), ..approve() };
    let past = |status| Err(Rejection::WrongStage { needed: Status::Requested, status });
    assert_eq!(decide(&approved(), Command::ApproveRecruitment(longer)), past(Status::Open));
    let rejected = given([Command::RequestRecruitment(request()), Command::RejectRecruitment(reject())]);
    assert_eq!(decide(&rejected, Command::RejectRecruitment(reject())), Ok(vec![]));
    assert_eq!(decide(&rejected, Command::ApproveRecruitment(approve())), past(Status::Rejected));
    assert_eq!(decide(&rejected, Command::TriageRecruitment(triage())), past(Status::Rejected));
    assert_eq!(decide(&[], Command::RejectRecruitment(reject())), past(Status::Vacant));
}

#[test]
fn neither_side_decides_and_only_operators_do() {
    let cases = [
        (MEMBER, Capacity::BaseOperator, Rejection::ConflictOfInterest { organisation: MEMBER }),
        (EXECUTOR, Capacity::Promoter, Rejection::ConflictOfInterest { organisation: EXECUTOR }),
        (STRANGER, Capacity::Member, Rejection::ReviewerMayNotDecide { organisation: STRANGER }),
    ];
    for (organisation, capacity, rejection) in cases {
        let by = reviewer(organisation);
        for command in [
            Command::TriageRecruitment(TriageRecruitment {
                by,
                reviewer_capacities: [capacity].into(),
                ..triage()
            }),
            Command::RejectRecruitment(RejectRecruitment {
                by,
                reviewer_capacities: [capacity].into(),
                ..reject()
            }),
            Command::ApproveRecruitment(ApproveRecruitment {
                by,
                reviewer_capacities: [capacity].into(),
                ..approve()
            }),
        ] {
            assert_eq!(decide(&requested(), command), Err(rejection.clone()));
        }
    }
}

#[test]
fn an_approval_has_an_end_that_lies_ahead() {
    let when = ApproveRecruitment { valid_until: at(20), ..approve() };
    let refused = Rejection::ApprovalEndsAtOnce { valid_until: at(20), now: at(20) };
    assert_eq!(decide(&requested(), Command::ApproveRecruitment(when)), Err(refused));
    assert_eq!(state(&approved()).status(at(END - 1)), Status::Open);
    assert_eq!(state(&approved()).status(at(END)), Status::Lapsed);
}

#[test]
fn nothing_is_approved_that_no_contract_covers_any_more() {
    let (ended, paused) = (ContractStatus::Expired, ContractStatus::Paused);
    let members = ApproveRecruitment { contract: ContractNow { status: ended, ..members() }, ..approve() };
    let of_member = NotCovered::NotInForce { contract: CONTRACT, status: ended };
    let executor_contract = Some(ContractNow { status: paused, ..executors() });
    let executors = ApproveRecruitment { executor_contract, ..approve() };
    let of_executor = NotCovered::NotInForce { contract: VENDORS_CONTRACT, status: paused };
    for (when, rejection) in
        [(members, Rejection::NotCovered(of_member)), (executors, Rejection::ExecutorNotCovered(of_executor))]
    {
        assert_eq!(decide(&requested(), Command::ApproveRecruitment(when.clone())), Err(rejection));
        assert_eq!(decide(&approved(), Command::ApproveRecruitment(when)), Ok(vec![]), "it is so already");
    }
    let by_promoter = ApproveRecruitment { executor_contract: None, ..approve() };
    assert!(decide(&requested(), Command::ApproveRecruitment(by_promoter)).is_ok());
}
