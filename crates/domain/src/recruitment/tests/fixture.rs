//! A recruitment of one member, one vendor and three institutions.

use crate::{Decider, fold};
pub(super) use crate::{
    contract::{ContractKind, Reviewer, Status as ContractStatus},
    id::{ContractId, OrganisationId, PersonId, RecruitmentId},
    organisation::Capacity,
    recruitment::*,
    time::Timestamp,
    under_contract::{ContractNow, NotCovered},
    vendor_admission::{AdmissionMode, VendorAdmission},
};

pub(super) const RECRUITMENT: RecruitmentId = RecruitmentId::from_u128(1);
pub(super) const CONTRACT: ContractId = ContractId::from_u128(2);
pub(super) const MEMBER: OrganisationId = OrganisationId::from_u128(3);
pub(super) const EXECUTOR: OrganisationId = OrganisationId::from_u128(4);
pub(super) const BASE: OrganisationId = OrganisationId::from_u128(5);
pub(super) const STRANGER: OrganisationId = OrganisationId::from_u128(6);
pub(super) const VENDORS_CONTRACT: ContractId = ContractId::from_u128(7);
pub(super) const PERSON: PersonId = PersonId::from_u128(8);
pub(super) const NORTH: OrganisationId = OrganisationId::from_u128(11);
pub(super) const SOUTH: OrganisationId = OrganisationId::from_u128(12);

/// The approval of [`approved`] ends at this second.
pub(super) const END: i64 = 1_000;

pub(super) fn at(second: i64) -> Timestamp {
    Timestamp::from_micros(second * 1_000_000).unwrap()
}

pub(super) fn reviewer(organisation: OrganisationId) -> Reviewer {
    Reviewer { organisation, person: PERSON }
}

pub(super) fn active(id: ContractId, kind: ContractKind, applicant: OrganisationId) -> ContractNow {
    ContractNow { id, revision: 5, kind, applicant, status: ContractStatus::Active }
}

/// The supply contract of an institution has the institution's number.
pub(super) fn supply(institution: OrganisationId) -> ContractNow {
    active(ContractId::from_u128(institution.as_u128()), ContractKind::Supply, institution)
}

pub(super) fn members() -> ContractNow {
    active(CONTRACT, ContractKind::Member, MEMBER)
}

pub(super) fn executors() -> ContractNow {
    active(VENDORS_CONTRACT, ContractKind::VendorParticipation, EXECUTOR)
}

pub(super) fn lung() -> Criterion {
    Criterion::Diagnosis(Code::new(CodeSystem::IcdO3, "C34.1", None).unwrap())
}

pub(super) fn female() -> Criterion {
    Criterion::Sex(Sex::Female)
}

pub(super) fn wanted(sought: Criterion) -> RequestedRecruitment {
    RequestedRecruitment {
        member: MEMBER,
        executor: EXECUTOR,
        executor_contract: Some(VENDORS_CONTRACT),
        study_title: "Second line in lung adenocarcinoma".parse().unwrap(),
        sought: Sought::Criteria(Criteria::new(sought).unwrap()),
        participants_wanted: 3,
    }
}

pub(super) fn request() -> RequestRecruitment {
    RequestRecruitment {
        id: RECRUITMENT,
        request: wanted(lung()),
        contract: members(),
        executor_capacities: [Capacity::Vendor].into(),
        executor_contract: Some(executors()),
        admission: VendorAdmission::Vacant,
        at: at(0),
    }
}

pub(super) fn triage() -> TriageRecruitment {
    TriageRecruitment {
        by: reviewer(BASE),
        reviewer_capacities: [Capacity::BaseOperator].into(),
        finding: "healthy volunteers are meant".parse().unwrap(),
        at: at(10),
    }
}

pub(super) fn approve() -> ApproveRecruitment {
    ApproveRecruitment {
        by: reviewer(BASE),
        reviewer_capacities: [Capacity::BaseOperator].into(),
        ethics_approval: "2026-117".parse().unwrap(),
        valid_until: at(END),
        contract: members(),
        executor_contract: Some(executors()),
        admission: VendorAdmission::Vacant,
        at: at(20),
    }
}

pub(super) fn reject() -> RejectRecruitment {
    RejectRecruitment {
        by: reviewer(BASE),
        reviewer_capacities: [Capacity::BaseOperator].into(),
        reason: "no protocol".parse().unwrap(),
        at: at(20),
    }
}

pub(super) fn invite(institution: OrganisationId) -> InviteInstitution {
    InviteInstitution {
        by: EXECUTOR,
        by_operator: false,
        institution,
        executor_contract: Some(executors()),
        supply_contract: supply(institution),
        at: at(30),
    }
}

pub(super) fn respond(institution: OrganisationId, answer: Answer) -> RespondToInvitation {
    RespondToInvitation {
        institution,
        answer,
        reason: None,
        supply_contract: Some(supply(institution)),
        at: at(40),
    }
}

pub(super) fn contact(institution: OrganisationId, number: u32) -> ReportContacted {
    ReportContacted { institution, number, at: at(50) }
}

pub(super) fn enrol(institution: OrganisationId, pseudonym: &str) -> EnrolParticipant {
    EnrolParticipant {
        institution,
        pseudonym: pseudonym.parse().unwrap(),
        contract: Some(members()),
        supply_contract: Some(supply(institution)),
        executor_contract: Some(executors()),
        at: at(60),
    }
}

pub(super) fn close(by: OrganisationId) -> CloseRecruitment {
    CloseRecruitment { by, by_operator: false, reason: "enough".parse().unwrap(), at: at(70) }
}

pub(super) fn decide(given: &[Event], when: Command) -> Result<Vec<Event>, Rejection> {
    Recruitment::decide(&fold::<Recruitment>(given), when)
}

/// What follows when every command is carried out.
pub(super) fn given(commands: impl IntoIterator<Item = Command>) -> Vec<Event> {
    commands.into_iter().fold(Vec::new(), |mut events, command| {
        let happened = decide(&events, command).unwrap();
        events.extend(happened);
        events
    })
}

pub(super) fn state(events: &[Event]) -> Recruitment {
    fold::<Recruitment>(events)
}

pub(super) fn requested() -> Vec<Event> {
    given([Command::RequestRecruitment(request())])
}

pub(super) fn approved() -> Vec<Event> {
    given([Command::RequestRecruitment(request()), Command::ApproveRecruitment(approve())])
}

/// Both institutions are invited; the northern one has accepted and contacted two.
pub(super) fn under_way() -> Vec<Event> {
    given([
        Command::RequestRecruitment(request()),
        Command::ApproveRecruitment(approve()),
        Command::InviteInstitution(invite(NORTH)),
        Command::InviteInstitution(invite(SOUTH)),
        Command::RespondToInvitation(respond(NORTH, Answer::Accepted)),
        Command::ReportContacted(contact(NORTH, 2)),
    ])
}
