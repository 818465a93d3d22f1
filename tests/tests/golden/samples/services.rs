//! Orders and recruitment requests.

use domain::{
    id::{OrderId, RecruitmentId},
    order::{Event as Order, Milestone, OmicsAnalysisOrdered, OmicsModality, OrderedAnalysis},
    recruitment::{Diagnosis, Event as Recruitment, PatientRecruitmentRequested, RequestedRecruitment},
    text::Name,
};
use events::Event;
use money::Money;

use super::{CONTRACT, MEMBER, VENDOR, at};

pub(super) fn events() -> Vec<Event> {
    let mut events: Vec<Event> =
        OmicsModality::ALL.iter().map(|modality| ordered(*modality).into()).collect();
    events.push(requested().into());
    events
}

fn ordered(modality: OmicsModality) -> Order {
    let milestone = |name: &str, yen| Milestone { name: Name::new(name).unwrap(), amount: Money::jpy(yen) };
    Order::OmicsAnalysisOrdered(OmicsAnalysisOrdered {
        id: OrderId::from_u128(10),
        contract: CONTRACT,
        contract_revision: 4,
        analysis: OrderedAnalysis {
            member: MEMBER,
            vendor: VENDOR,
            modality,
            specimens: 96,
            price: Money::jpy(4_800_000),
            milestones: vec![milestone("library", 800_000), milestone("results", 4_000_000)],
        },
        at: at(40),
    })
}

fn requested() -> Recruitment {
    Recruitment::PatientRecruitmentRequested(PatientRecruitmentRequested {
        id: RecruitmentId::from_u128(11),
        contract: CONTRACT,
        contract_revision: 4,
        request: RequestedRecruitment {
            member: MEMBER,
            executor: VENDOR,
            study_title: Name::new("第II相試験").unwrap(),
            diagnosis: Diagnosis::new("ICD-O-3:8140/3").unwrap(),
            participants_wanted: 40,
        },
        at: at(50),
    })
}
