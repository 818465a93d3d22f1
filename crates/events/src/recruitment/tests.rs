use domain::{
    id::{ContractId, OrganisationId, PersonId, RecruitmentId},
    recruitment::{Answer, Code, CodeSystem, Criteria, Criterion, GeneSymbol, Sex, Variant},
    time::Timestamp,
};

use super::*;

const INSTITUTION: OrganisationId = OrganisationId::from_u128(5);
const PERSON: PersonId = PersonId::from_u128(6);

fn at(second: i64) -> Timestamp {
    Timestamp::from_micros(1_774_000_000_000_000 + second * 1_000_000).unwrap()
}

fn diagnosis() -> Criterion {
    let label = "Adenocarcinoma, NOS".parse().unwrap();
    Criterion::Diagnosis(Code::new(CodeSystem::IcdO3, "8140/3", Some(label)).unwrap())
}

/// A tree with every kind of node.
fn every_node() -> Criterion {
    let code = |system, text: &str| Code::new(system, text, None).unwrap();
    let gene: GeneSymbol = "EGFR".parse().unwrap();
    let variant = |hgvs| Criterion::Variant(Variant { gene: gene.clone(), hgvs });
    let age = |min, max| Criterion::Age(domain::recruitment::AgeRange::new(min, max).unwrap());
    let sexes = Sex::ALL.into_iter().map(Criterion::Sex).collect();
    Criterion::All(vec![
        Criterion::Any(vec![diagnosis(), Criterion::Diagnosis(code(CodeSystem::Hpo, "HP:0002664"))]),
        age(Some(20), None),
        age(None, Some(0)),
        Criterion::Any(sexes),
        Criterion::Stage(code(CodeSystem::Ncit, "C27966")),
        Criterion::Any(vec![variant(None), variant(Some("p.Leu858Arg".parse().unwrap()))]),
        Criterion::Not(Box::new(Criterion::PriorTherapy(code(CodeSystem::Atc, "L01EB02")))),
    ])
}

fn request(sought: Sought, executor_contract: Option<ContractId>, triage: Triage) -> Event {
    Event::PatientRecruitmentRequested(PatientRecruitmentRequested {
        id: RecruitmentId::from_u128(1),
        contract: ContractId::from_u128(2),
        contract_revision: 5,
        request: RequestedRecruitment {
            member: OrganisationId::from_u128(3),
            executor: OrganisationId::from_u128(4),
            executor_contract,
            study_title: "Second line in lung adenocarcinoma".parse().unwrap(),
            sought,
            participants_wanted: 120,
        },
        triage,
        at: at(0),
    })
}

fn before_criteria() -> Event {
    request(Sought::Diagnosis("ICD-O-3:8140/3".parse().unwrap()), None, Triage::NotNeeded)
}

fn with_criteria(root: Criterion) -> Event {
    let sought = Sought::Criteria(Criteria::new(root).unwrap());
    request(sought, Some(ContractId::from_u128(7)), Triage::Person)
}

/// One of every type, and both forms of what may be absent.
fn samples() -> Vec<Event> {
    let reason = || "no case of it in three years".parse().unwrap();
    let respond = |answer, reason| {
        Event::InstitutionResponded(InstitutionResponded {
            institution: INSTITUTION,
            answer,
            reason,
            at: at(5),
        })
    };
    vec![
        before_criteria(),
        with_criteria(every_node()),
        Event::RecruitmentTriaged(RecruitmentTriaged { by: PERSON, finding: reason(), at: at(1) }),
        Event::RecruitmentApproved(RecruitmentApproved {
            by: PERSON,
            ethics_approval: "2026-117".parse().unwrap(),
            valid_until: at(100),
            at: at(2),
        }),
        Event::RecruitmentRejected(RecruitmentRejected { by: PERSON, reason: reason(), at: at(3) }),
        Event::InstitutionInvited(InstitutionInvited {
            institution: INSTITUTION,
            supply_contract: ContractId::from_u128(8),
            contract_revision: 9,
            by: OrganisationId::from_u128(4),
            at: at(4),
        }),
        respond(Answer::Accepted, None),
        respond(Answer::Declined, Some(reason())),
        Event::ParticipantsContacted(ParticipantsContacted {
            institution: INSTITUTION,
            number: 12,
            at: at(6),
        }),
        Event::ParticipantEnrolled(ParticipantEnrolled {
            institution: INSTITUTION,
            pseudonym: "P-000017".parse().unwrap(),
            contract_revision: 5,
            at: at(7),
        }),
        Event::RecruitmentClosed(RecruitmentClosed { by: INSTITUTION, reason: reason(), at: at(8) }),
    ]
}

#[test]
fn every_event_reads_back() {
    for event in samples() {
        assert_eq!(Event::decode(event.event_type(), &event.encode()), Ok(event));
    }
}

#[test]
fn a_request_from_before_criteria_keeps_its_bytes() {
    let old = form::PatientRecruitmentRequested {
        recruitment: vec![1; 16],
        contract: vec![2; 16],
        contract_revision: 5,
        member: vec![3; 16],
        executor: vec![4; 16],
        study_title: "第II相試験".into(),
        diagnosis: "ICD-O-3:8140/3".into(),
        participants_wanted: 40,
        requested_at_us: 1_774_000_000_000_000,
        ..Default::default()
    }
    .encode_to_vec();
    let read = Event::decode(REQUESTED, &old).unwrap();
    assert_eq!(read.encode(), old);
    let Event::PatientRecruitmentRequested(read) = read else { panic!("{read:?}") };
    assert_eq!((read.triage, read.request.executor_contract), (Triage::NotNeeded, None));
}

#[test]
fn defects_name_the_field() {
    let of_request = |event: &Event, change: fn(&mut form::PatientRecruitmentRequested)| {
        let mut message = form::PatientRecruitmentRequested::decode(event.encode().as_slice()).unwrap();
        change(&mut message);
        Event::decode(REQUESTED, &message.encode_to_vec()).unwrap_err().to_string()
    };
    let (old, new) = (before_criteria(), with_criteria(diagnosis()));
    let code = |message: &mut form::PatientRecruitmentRequested| match &mut message.criteria {
        Some(form::Criterion { criterion: Some(form::criterion::Criterion::Diagnosis(code)) }) => {
            code.clone()
        }
        other => panic!("{other:?}"),
    };
    assert_eq!(
        code(&mut form::PatientRecruitmentRequested::decode(new.encode().as_slice()).unwrap()).code,
        "8140/3"
    );
    for (defect, what) in [
        (
            of_request(&old, |message| message.diagnosis = "lung cancer".into()),
            "field diagnosis: \"lung cancer\" is no",
        ),
        (of_request(&old, |message| message.diagnosis.clear()), "field diagnosis: \"\" is no diagnosis"),
        (
            of_request(&new, |message| message.diagnosis = "NCIT:C1".into()),
            "field diagnosis: stands beside criteria",
        ),
        (
            of_request(&new, |message| message.criteria = Some(form::Criterion { criterion: None })),
            "field criteria: criterion: is missing",
        ),
        (of_request(&new, |message| message.executor_contract = vec![1]), "field executor_contract: 1 bytes"),
    ] {
        assert!(defect.starts_with(what), "{defect}");
    }
    let answer = form::InstitutionResponded {
        institution: vec![5; 16],
        answer: 0,
        reason: String::new(),
        responded_at_us: 0,
    };
    let defect = Event::decode(RESPONDED, &answer.encode_to_vec()).unwrap_err().to_string();
    assert_eq!(defect, "field answer: 0 is no answer");
    assert_eq!(Event::decode("Requested", &[]), Err(Defect::UnknownType("Requested".into())));
}

#[test]
fn a_tree_that_is_too_deep_is_not_read() {
    let mut message = crate::recruitment_form::criteria_form(&Criteria::new(diagnosis()).unwrap());
    for _ in 0..60 {
        message = form::Criterion { criterion: Some(form::criterion::Criterion::Not(Box::new(message))) };
    }
    let refused = criteria(&message).unwrap_err().to_string();
    assert!(refused.ends_with("is more than 8 levels deep"), "{refused}");
    assert!(refused.starts_with("not.not."), "{refused}");
}
