use super::*;
use crate::{
    contract::{ContractKind, Status},
    fold,
    id::{ContractId, OrganisationId, RecruitmentId},
    organisation::Capacity,
    time::Timestamp,
    under_contract::{ContractNow, NotCovered},
};

const RECRUITMENT: RecruitmentId = RecruitmentId::from_u128(1);
const CONTRACT: ContractId = ContractId::from_u128(2);
const MEMBER: OrganisationId = OrganisationId::from_u128(3);
const EXECUTOR: OrganisationId = OrganisationId::from_u128(4);

fn requested_recruitment() -> RequestedRecruitment {
    RequestedRecruitment {
        member: MEMBER,
        executor: EXECUTOR,
        study_title: "Second line in lung adenocarcinoma".parse().unwrap(),
        diagnosis: "ICD-O-3:8140/3".parse().unwrap(),
        participants_wanted: 120,
    }
}

fn request() -> RequestRecruitment {
    RequestRecruitment {
        id: RECRUITMENT,
        request: requested_recruitment(),
        contract: ContractNow {
            id: CONTRACT,
            revision: 5,
            kind: ContractKind::Member,
            applicant: MEMBER,
            status: Status::Active,
        },
        executor_capacities: [Capacity::Vendor].into(),
        at: Timestamp::default(),
    }
}

fn requested() -> Event {
    Event::PatientRecruitmentRequested(PatientRecruitmentRequested {
        id: RECRUITMENT,
        contract: CONTRACT,
        contract_revision: 5,
        request: requested_recruitment(),
        at: Timestamp::default(),
    })
}

fn decide(given: &[Event], when: RequestRecruitment) -> Result<Vec<Event>, Rejection> {
    Recruitment::decide(&fold::<Recruitment>(given), Command::RequestRecruitment(when))
}

#[test]
fn a_vendor_or_the_promoter_is_asked() {
    for capacity in [Capacity::Vendor, Capacity::Promoter] {
        let when = RequestRecruitment { executor_capacities: [capacity].into(), ..request() };
        assert_eq!(decide(&[], when), Ok(vec![requested()]));
    }
    let known = Recruitment::Requested {
        id: RECRUITMENT,
        contract: CONTRACT,
        request: Box::new(requested_recruitment()),
        requested_at: Timestamp::default(),
    };
    assert_eq!(fold::<Recruitment>(&[requested()]), known);
}

#[test]
fn the_same_request_is_already_so() {
    let mut again = request();
    again.contract.status = Status::Terminated;
    assert_eq!(decide(&[requested()], again), Ok(vec![]));
    let mut other = request();
    other.request.participants_wanted = 121;
    assert_eq!(decide(&[requested()], other), Err(Rejection::AlreadyRequested { id: RECRUITMENT }));
}

#[test]
fn what_may_not_be_asked_for() {
    type Change = fn(&mut RequestRecruitment);
    let cases: [(Change, Rejection); 7] = [
        (|when| when.request.participants_wanted = 0, Rejection::ParticipantsOutOfRange { participants: 0 }),
        (
            |when| when.request.participants_wanted = 100_001,
            Rejection::ParticipantsOutOfRange { participants: 100_001 },
        ),
        (|when| when.request.executor = MEMBER, Rejection::OwnExecutor { organisation: MEMBER }),
        (
            |when| when.contract.applicant = EXECUTOR,
            NotCovered::NotOwn { contract: CONTRACT, organisation: MEMBER }.into(),
        ),
        (
            |when| when.contract.kind = ContractKind::Investor,
            NotCovered::OtherKind { kind: ContractKind::Investor, needed: ContractKind::Member }.into(),
        ),
        (
            |when| when.contract.status = Status::Paused,
            NotCovered::NotInForce { contract: CONTRACT, status: Status::Paused }.into(),
        ),
        (
            |when| when.executor_capacities = [Capacity::MedicalInstitution].into(),
            Rejection::NotAnExecutor { organisation: EXECUTOR },
        ),
    ];
    for (change, rejection) in cases {
        let mut when = request();
        change(&mut when);
        assert_eq!(decide(&[], when), Err(rejection));
    }
}
