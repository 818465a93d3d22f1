//! Patient recruitment, from the request to its end.

use domain::{
    id::{ContractId, RecruitmentId},
    recruitment::{
        AgeRange, Answer, Code, CodeSystem, Criteria, Criterion, Diagnosis, Event as Recruitment,
        InstitutionInvited, InstitutionResponded, ParticipantEnrolled, ParticipantsContacted,
        PatientRecruitmentRequested, Pseudonym, RecruitmentApproved, RecruitmentClosed, RecruitmentRejected,
        RecruitmentTriaged, RequestedRecruitment, Sex, Sought, Triage, Variant,
    },
    text::{Name, Reason, Text},
};
use events::Event;

use super::{CONTRACT, INSTITUTION, MEMBER, PERSON, VENDOR, at};

pub(super) fn events() -> Vec<Event> {
    let diagnosis = Sought::Diagnosis(Diagnosis::new("ICD-O-3:8140/3").unwrap());
    let criteria = |root| Sought::Criteria(Criteria::new(root).unwrap());
    let without = Criterion::Not(Box::new(Criterion::Diagnosis(tumour())));
    let events = [
        requested(diagnosis, None, Triage::NotNeeded),
        requested(criteria(every_criterion()), Some(ContractId::from_u128(13)), Triage::NotNeeded),
        requested(criteria(without), None, Triage::Person),
    ];
    events.into_iter().chain(decided()).chain(carried_out()).map(Event::from).collect()
}

fn requested(sought: Sought, executor_contract: Option<ContractId>, triage: Triage) -> Recruitment {
    Recruitment::PatientRecruitmentRequested(PatientRecruitmentRequested {
        id: RecruitmentId::from_u128(11),
        contract: CONTRACT,
        contract_revision: 4,
        request: RequestedRecruitment {
            member: MEMBER,
            executor: VENDOR,
            executor_contract,
            study_title: Name::new("第II相試験").unwrap(),
            sought,
            participants_wanted: 40,
        },
        triage,
        at: at(50),
    })
}

fn decided() -> [Recruitment; 3] {
    let reason = Reason::new("倫理審査の結果による").unwrap();
    [
        Recruitment::RecruitmentTriaged(RecruitmentTriaged {
            by: PERSON,
            finding: reason.clone(),
            at: at(51),
        }),
        Recruitment::RecruitmentApproved(RecruitmentApproved {
            by: PERSON,
            ethics_approval: Text::new("2026-117").unwrap(),
            valid_until: at(86_400),
            at: at(52),
        }),
        Recruitment::RecruitmentRejected(RecruitmentRejected { by: PERSON, reason, at: at(52) }),
    ]
}

fn carried_out() -> [Recruitment; 6] {
    let institution = INSTITUTION;
    let responded = |answer, reason| {
        Recruitment::InstitutionResponded(InstitutionResponded { institution, answer, reason, at: at(54) })
    };
    [
        Recruitment::InstitutionInvited(InstitutionInvited {
            institution,
            supply_contract: ContractId::from_u128(14),
            contract_revision: 5,
            by: VENDOR,
            at: at(53),
        }),
        responded(Answer::Accepted, None),
        responded(Answer::Declined, Some(Reason::new("no ward for it").unwrap())),
        Recruitment::ParticipantsContacted(ParticipantsContacted { institution, number: 12, at: at(55) }),
        Recruitment::ParticipantEnrolled(ParticipantEnrolled {
            institution,
            pseudonym: Pseudonym::new("P-000017").unwrap(),
            contract_revision: 4,
            at: at(56),
        }),
        Recruitment::RecruitmentClosed(RecruitmentClosed {
            by: MEMBER,
            reason: Reason::new("enough").unwrap(),
            at: at(57),
        }),
    ]
}

fn tumour() -> Code {
    Code::new(CodeSystem::IcdO3, "8140/3", Some(Text::new("腺癌").unwrap())).unwrap()
}

/// Every kind of criterion, every system of codes, with what may be absent both there and not.
fn every_criterion() -> Criterion {
    let code = |system, text| Code::new(system, text, None).unwrap();
    let diagnoses = [
        (CodeSystem::IcdO3, "C34.1"),
        (CodeSystem::Icd10, "C34.1"),
        (CodeSystem::Ncit, "C4872"),
        (CodeSystem::Hpo, "HP:0002664"),
        (CodeSystem::Omim, "114480"),
        (CodeSystem::Mondo, "MONDO:0005061"),
        (CodeSystem::Orphanet, "144"),
    ];
    let diagnoses = diagnoses.map(|(system, text)| Criterion::Diagnosis(code(system, text)));
    let therapies = [(CodeSystem::Atc, "L01EB02"), (CodeSystem::RxNorm, "1307298")]
        .map(|(system, text)| Criterion::PriorTherapy(code(system, text)));
    let variant = |hgvs: Option<&str>| {
        let hgvs = hgvs.map(|hgvs| hgvs.parse().unwrap());
        Criterion::Variant(Variant { gene: "EGFR".parse().unwrap(), hgvs })
    };
    let age = |min, max| Criterion::Age(AgeRange::new(min, max).unwrap());
    Criterion::All(vec![
        Criterion::Diagnosis(tumour()),
        Criterion::Any(diagnoses.to_vec()),
        age(Some(20), None),
        age(None, Some(0)),
        Criterion::Any(Sex::ALL.map(Criterion::Sex).to_vec()),
        Criterion::Stage(code(CodeSystem::Ncit, "C27966")),
        Criterion::Any(vec![variant(None), variant(Some("p.Leu858Arg"))]),
        Criterion::Not(Box::new(Criterion::Any(therapies.to_vec()))),
    ])
}
