//! The largest things that the deciders let grow are still messages that clients take: by default, 4 MiB.

use domain::{
    id::{ContractId, ListingId, OrderId, OrganisationId, PersonId, QuoteRequestId, RecruitmentId},
    listing::ServiceKind,
    milestone::{MOST_MILESTONES, Milestone},
    order::{Artefact, Delivery, Deposit, MOST_RESULTS, MilestoneStage, Order, PlacedOrder, Sha256, Work},
    quote::{MOST_QUOTES, Offer, Quote, RequestedQuote, SubmittedQuote},
    recruitment::{
        Answer, Approval, Asked, Code, CodeSystem, Course, Criteria, Criterion, MOST_INSTITUTIONS,
        MOST_NODES, MOST_PARTICIPANTS, Participation, Recruitment, RequestedRecruitment, Response, Sought,
        Triage,
    },
    text::Text,
    time::Timestamp,
};
use events::wire;
use money::Money;
use prost::Message;

/// What clients take unless they are told otherwise.
const MOST_BYTES: usize = 4 * 1024 * 1024;

/// The longest text, of characters of four bytes, as there are in names.
fn longest<const MAX: usize>() -> Text<MAX> {
    Text::new(&"𠮷".repeat(MAX)).unwrap()
}

fn milestones() -> Vec<Milestone> {
    vec![Milestone { name: longest(), amount: Money::jpy(i64::MAX) }; MOST_MILESTONES]
}

fn artefact() -> Artefact {
    Artefact { uri: longest(), sha256: Sha256::from_bytes([255; 32]) }
}

fn organisation(number: usize) -> OrganisationId {
    OrganisationId::from_u128(number as u128)
}

#[test]
fn the_largest_order_can_be_read() {
    let at = Timestamp::MIN;
    let placed = PlacedOrder {
        id: OrderId::from_u128(1),
        contract: ContractId::from_u128(2),
        contract_revision: u64::MAX,
        member: organisation(3),
        vendor: organisation(4),
        vendor_contract: Some(ContractId::from_u128(5)),
        kind: ServiceKind::DataAnalysis,
        listing: Some(ListingId::from_u128(6)),
        quote: None,
        quantity: u32::MAX,
        price: Money::jpy(i64::MAX),
        milestones: milestones(),
        consortium: None,
        dataset: None,
        required_credentials: [].into(),
        ethics_approval: Some(longest()),
        omics: None,
        at,
    };
    let delivery = Delivery { artefact: artefact(), at };
    let disputed = MilestoneStage::Disputed { delivery, reason: longest(), at };
    let deposit = Deposit { title: longest(), artefact: artefact(), at };
    let work = Work {
        placed,
        accepted_at: Some(at),
        milestones: vec![disputed; MOST_MILESTONES],
        results: vec![deposit; MOST_RESULTS],
    };
    let order = wire::order(&Order::UnderWay(Box::new(work)), true).unwrap();
    assert_eq!((order.milestones.len(), order.results.len()), (MOST_MILESTONES, MOST_RESULTS));
    assert!(order.encoded_len() < MOST_BYTES, "{} bytes", order.encoded_len());
}

#[test]
fn the_largest_request_for_a_quote_can_be_read() {
    let request = RequestedQuote {
        id: QuoteRequestId::from_u128(1),
        member: organisation(2),
        contract: ContractId::from_u128(3),
        listing: ListingId::from_u128(4),
        vendor: organisation(5),
        kind: ServiceKind::DataAnalysis,
        quantity: u32::MAX,
        requirements: longest(),
        required_credentials: [].into(),
        dataset: None,
    };
    let offer = Offer {
        price: Money::jpy(i64::MAX),
        milestones: milestones(),
        turnaround_days: u32::MAX,
        valid_until: Timestamp::MIN,
        note: Some(longest()),
    };
    let contract = ContractId::from_u128(6);
    let quote = SubmittedQuote { number: u32::MAX, contract, offer, submitted_at: Timestamp::MIN };
    let quotes = vec![quote; MOST_QUOTES];
    let quoted = Quote::Quoted { request: Box::new(request), requested_at: Timestamp::MIN, quotes };
    let found = wire::quote_request(&quoted, Timestamp::MIN).unwrap();
    assert_eq!(found.quotes.len(), MOST_QUOTES);
    assert!(found.encoded_len() < MOST_BYTES, "{} bytes", found.encoded_len());
}

#[test]
fn the_largest_recruitment_can_be_read_by_everybody() {
    let at = Timestamp::MIN;
    let (member, executor, hospital) = (organisation(0), organisation(1), organisation(2));
    let leaf = Criterion::Diagnosis(Code::new(CodeSystem::Ncit, "C4872", Some(longest())).unwrap());
    let asked = Asked {
        id: RecruitmentId::from_u128(1),
        contract: ContractId::from_u128(2),
        request: RequestedRecruitment {
            member,
            executor,
            executor_contract: Some(ContractId::from_u128(3)),
            study_title: longest(),
            sought: Sought::Criteria(Criteria::new(Criterion::Any(vec![leaf; MOST_NODES - 1])).unwrap()),
            participants_wanted: MOST_PARTICIPANTS,
        },
        triage: Triage::NotNeeded,
        finding: None,
        at,
    };
    let part = Participation {
        supply_contract: ContractId::from_u128(4),
        invited_at: at,
        response: Some(Response { answer: Answer::Accepted, reason: Some(longest()), at }),
        contacted: u32::MAX,
        enrolled: MOST_PARTICIPANTS,
    };
    let approval =
        Approval { by: PersonId::from_u128(1), ethics_approval: longest(), valid_until: Timestamp::MAX, at };
    // Everybody takes part, and one hospital has enrolled all participants: the member itself, or the executor.
    let pseudonym = |number: u32| format!("{number:064}").parse().unwrap();
    for enrols in [member, executor, hospital] {
        let course = Course {
            approval: approval.clone(),
            institutions: (0..MOST_INSTITUTIONS).map(|number| (organisation(number), part.clone())).collect(),
            participants: (0..MOST_PARTICIPANTS).map(|number| (pseudonym(number), enrols)).collect(),
        };
        let (asked, course) = (Box::new(asked.clone()), Box::new(course));
        let recruitment = Recruitment::Approved { asked, course };
        for (viewer, is_operator) in [(member, false), (executor, true), (hospital, false)] {
            let sight = recruitment.sight_of(viewer, is_operator).unwrap();
            let shown = wire::recruitment(&recruitment, sight, at).unwrap();
            assert!(shown.encoded_len() < MOST_BYTES, "{viewer}: {} bytes", shown.encoded_len());
        }
    }
}
