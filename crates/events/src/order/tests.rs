use domain::{
    id::{ConsortiumId, ContractId, DatasetId, ListingId, OrderId, OrganisationId, QuoteRequestId},
    listing::{OmicsModality, ServiceKind},
    milestone::Milestone,
    order::{PlacedOrder, QuoteTaken, SellingConsortium},
    time::Timestamp,
};
use money::Money;

use super::*;

fn at() -> Timestamp {
    Timestamp::from_micros(1_774_000_000_000_000).unwrap()
}

/// An order from before there were listings.
fn old(modality: OmicsModality) -> PlacedOrder {
    let milestone = |name: &str, yen| Milestone { name: name.parse().unwrap(), amount: Money::jpy(yen) };
    PlacedOrder {
        id: OrderId::from_u128(1),
        contract: ContractId::from_u128(2),
        contract_revision: 5,
        member: OrganisationId::from_u128(3),
        vendor: OrganisationId::from_u128(4),
        vendor_contract: None,
        kind: ServiceKind::OmicsAnalysis,
        listing: None,
        quote: None,
        quantity: 48,
        price: Money::jpy(1_000_000),
        milestones: vec![milestone("raw data", 600_000), milestone("report", 400_000)],
        consortium: None,
        dataset: None,
        required_credentials: [].into(),
        ethics_approval: None,
        omics: Some(modality),
        at: at(),
    }
}

/// An order that names everything that one can.
fn full(kind: ServiceKind) -> PlacedOrder {
    let shares = vec![
        (OrganisationId::from_u128(4), "62.5".parse().unwrap()),
        (OrganisationId::from_u128(5), "37.5".parse().unwrap()),
    ];
    PlacedOrder {
        vendor_contract: Some(ContractId::from_u128(6)),
        kind,
        listing: Some(ListingId::from_u128(7)),
        quote: Some(QuoteTaken { request: QuoteRequestId::from_u128(8), number: 2 }),
        consortium: Some(SellingConsortium { id: ConsortiumId::from_u128(9), shares }),
        dataset: Some(DatasetId::from_u128(10)),
        required_credentials: ["cap".parse().unwrap(), "iso-15189".parse().unwrap()].into(),
        ethics_approval: Some("IRB-2026-014".parse().unwrap()),
        omics: (kind == ServiceKind::OmicsAnalysis).then_some(OmicsModality::Proteome),
        ..old(OmicsModality::Proteome)
    }
}

fn placed(order: PlacedOrder) -> Event {
    match order.kind {
        ServiceKind::OmicsAnalysis => Event::OmicsAnalysisOrdered(Box::new(order)),
        _ => Event::OrderPlaced(Box::new(order)),
    }
}

fn artefact() -> Artefact {
    Artefact { uri: "https://vendor.example/raw".parse().unwrap(), sha256: Sha256::from_bytes([7; 32]) }
}

fn cancelled(charged: Vec<u32>) -> Event {
    let (by, reason) = (OrganisationId::from_u128(3), "budget".parse().unwrap());
    Event::OrderCancelled(OrderCancelled { by, reason, charged, at: at() })
}

#[test]
fn every_event_reads_back() {
    let (reason, at) = (|| "too late".parse().unwrap(), at());
    let mut events: Vec<Event> = OmicsModality::ALL.iter().map(|modality| placed(old(*modality))).collect();
    events.extend(ServiceKind::ALL.iter().map(|kind| placed(full(*kind))));
    events.extend([
        Event::OrderAccepted(OrderAccepted { at }),
        Event::OrderDeclined(OrderDeclined { reason: reason(), at }),
        Event::MilestoneDelivered(MilestoneDelivered { milestone: 1, artefact: artefact(), at }),
        Event::DeliveryAccepted(DeliveryAccepted { milestone: 1, at }),
        Event::DeliveryDisputed(DeliveryDisputed { milestone: 0, reason: reason(), at }),
        Event::OrderCompleted(OrderCompleted { at }),
        cancelled(vec![]),
        cancelled(vec![0, 2]),
        Event::ResultDeposited(ResultDeposited {
            title: "tables".parse().unwrap(),
            artefact: artefact(),
            at,
        }),
    ]);
    for event in events {
        assert_eq!(Event::decode(event.event_type(), &event.encode()), Ok(event));
    }
}

#[test]
fn what_was_written_before_there_were_listings_reads_and_is_written_as_it_was() {
    let written = [
        "0a100000000000000000000000000000000a1210000000000000000000000000",
        "0000000718042210000000000000000000000000000000032a10000000000000",
        "0000000000000000000430023860420a0a034a50591080fca4024a140a076c69",
        "627261727912090a034a50591080ea304a150a07726573756c7473120a0a034a",
        "5059108092f4015081aca6d8b3ca9303",
    ]
    .concat();
    let digits: Vec<u8> = written.chars().map(|digit| digit.to_digit(16).unwrap() as u8).collect();
    let (pairs, _) = digits.as_chunks::<2>();
    let bytes: Vec<u8> = pairs.iter().map(|[high, low]| high << 4 | low).collect();
    let event = Event::decode(OMICS_ANALYSIS_ORDERED, &bytes).unwrap();
    assert_eq!(event.encode(), bytes);
    let order = event.placed().unwrap();
    assert_eq!((order.kind, order.omics), (ServiceKind::OmicsAnalysis, Some(OmicsModality::Proteome)));
    assert_eq!((order.quantity, order.price), (96, Money::jpy(4_800_000)));
    assert_eq!((order.listing, order.vendor_contract, order.quote, order.dataset), (None, None, None, None));
    assert_eq!((&order.consortium, &order.ethics_approval), (&None, &None));
    assert!(order.required_credentials.is_empty());
}

#[test]
fn defects_name_the_field() {
    let defect = |change: fn(&mut form::OmicsAnalysisOrdered)| {
        let bytes = placed(full(ServiceKind::OmicsAnalysis)).encode();
        let mut message = form::OmicsAnalysisOrdered::decode(bytes.as_slice()).unwrap();
        change(&mut message);
        Event::decode(OMICS_ANALYSIS_ORDERED, &message.encode_to_vec()).unwrap_err().to_string()
    };
    for (defect, what) in [
        (defect(|message| message.modality = 0), "field modality: 0 is no modality"),
        (defect(|message| message.price = None), "field price: missing"),
        (defect(|message| message.milestones[0].name.clear()), "field milestones.name: the text is empty"),
        (defect(|message| message.vendor.clear()), "field vendor: 0 bytes are no id"),
        (
            defect(|message| message.quote.as_mut().unwrap().number = 0),
            "field quote.number: quotes count from 1",
        ),
        (
            defect(|message| message.consortium.as_mut().unwrap().shares.reverse()),
            "field consortium.shares: the vendors do not ascend",
        ),
        (
            defect(|message| message.consortium.as_mut().unwrap().shares.truncate(1)),
            "field consortium.shares: the percentages do not sum to 100",
        ),
        (
            defect(|message| message.required_credentials[0] = "ISO 15189".into()),
            "field required_credentials: \"ISO 15189\" is no credential kind",
        ),
    ] {
        assert!(defect.starts_with(what), "{defect}");
    }
    assert_eq!(Event::decode("Ordered", &[]), Err(Defect::UnknownType("Ordered".into())));
}

#[test]
fn an_omics_analysis_has_its_own_type() {
    let bytes = placed(full(ServiceKind::DataAnalysis)).encode();
    let mut message = form::OrderPlaced::decode(bytes.as_slice()).unwrap();
    message.kind = form::ServiceKind::OmicsAnalysis as u32;
    let defect = Event::decode(PLACED, &message.encode_to_vec()).unwrap_err().to_string();
    assert_eq!(defect, "field kind: an omics analysis has a type of its own");
}

#[test]
fn no_milestone_is_charged_twice_by_one_cancellation() {
    for charged in [vec![1, 1], vec![2, 0]] {
        let bytes = cancelled(charged).encode();
        let defect = Event::decode(CANCELLED, &bytes).unwrap_err().to_string();
        assert_eq!(defect, "field charged: the places do not ascend");
    }
}

#[test]
fn a_digest_has_thirty_two_bytes() {
    let event = MilestoneDelivered { milestone: 0, artefact: artefact(), at: at() };
    let bytes = Event::MilestoneDelivered(event).encode();
    let mut message = form::MilestoneDelivered::decode(bytes.as_slice()).unwrap();
    message.artefact.as_mut().unwrap().sha256.pop();
    let defect = Event::decode(DELIVERED, &message.encode_to_vec()).unwrap_err().to_string();
    assert_eq!(defect, "field artefact.sha256: 31 bytes");
}
