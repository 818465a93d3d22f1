//! Orders and specimens.

use domain::{
    id::{
        ConsortiumId, ContractId, DatasetId, ListingId, OrderId, OrganisationId, QuoteRequestId, SpecimenId,
    },
    listing::{OmicsModality, ServiceKind},
    milestone::Milestone,
    order::{
        Artefact, DeliveryAccepted, DeliveryDisputed, Event as Order, MilestoneDelivered, OrderAccepted,
        OrderCancelled, OrderCompleted, OrderDeclined, PlacedOrder, QuoteTaken, ResultDeposited,
        SellingConsortium, Sha256,
    },
    specimen::{
        Event as Specimen, SpecimenDescription, SpecimenRegistered, SpecimenReleased, SpecimenReserved,
    },
    text::Name,
};
use events::Event;
use money::Money;

use super::{CONTRACT, MEMBER, VENDOR, at};

const ORDER: OrderId = OrderId::from_u128(10);

pub(super) fn events() -> Vec<Event> {
    let mut events: Vec<Event> =
        OmicsModality::ALL.iter().map(|modality| placed(before_listings(*modality)).into()).collect();
    // An omics analysis at a list price, and each kind from a quote of a consortium.
    let listing = Some(ListingId::from_u128(21));
    let listed = PlacedOrder { listing, ..before_listings(OmicsModality::Proteome) };
    events.push(placed(listed).into());
    events.extend(ServiceKind::ALL.iter().map(|kind| placed(from_quote(*kind)).into()));
    events.extend(delivering().into_iter().map(Event::from));
    events.extend(specimens().into_iter().map(Event::from));
    events
}

/// Orders from before there were listings have no more than this.
fn before_listings(modality: OmicsModality) -> PlacedOrder {
    let milestone = |name: &str, yen| Milestone { name: Name::new(name).unwrap(), amount: Money::jpy(yen) };
    PlacedOrder {
        id: ORDER,
        contract: CONTRACT,
        contract_revision: 4,
        member: MEMBER,
        vendor: VENDOR,
        vendor_contract: None,
        kind: ServiceKind::OmicsAnalysis,
        listing: None,
        quote: None,
        quantity: 96,
        price: Money::jpy(4_800_000),
        milestones: vec![milestone("library", 800_000), milestone("results", 4_000_000)],
        consortium: None,
        dataset: None,
        required_credentials: [].into(),
        ethics_approval: None,
        omics: Some(modality),
        at: at(40),
    }
}

fn from_quote(kind: ServiceKind) -> PlacedOrder {
    let partner = OrganisationId::from_u128(20);
    let shares = vec![(VENDOR, "62.5".parse().unwrap()), (partner, "37.5".parse().unwrap())];
    PlacedOrder {
        vendor_contract: Some(ContractId::from_u128(22)),
        kind,
        listing: Some(ListingId::from_u128(21)),
        quote: Some(QuoteTaken { request: QuoteRequestId::from_u128(23), number: 2 }),
        consortium: Some(SellingConsortium { id: ConsortiumId::from_u128(24), shares }),
        dataset: Some(DatasetId::from_u128(25)),
        required_credentials: ["cap", "iso-15189"].map(|kind| kind.parse().unwrap()).into(),
        ethics_approval: Some("倫理審査 2026-014".parse().unwrap()),
        omics: (kind == ServiceKind::OmicsAnalysis).then_some(OmicsModality::Epigenome),
        ..before_listings(OmicsModality::Epigenome)
    }
}

fn placed(order: PlacedOrder) -> Order {
    match order.kind {
        ServiceKind::OmicsAnalysis => Order::OmicsAnalysisOrdered(Box::new(order)),
        _ => Order::OrderPlaced(Box::new(order)),
    }
}

fn delivering() -> Vec<Order> {
    let artefact = || Artefact {
        uri: "https://vendor.example/results/1".parse().unwrap(),
        sha256: Sha256::from_bytes([0x5a; 32]),
    };
    let reason = || "納期に間に合わない".parse().unwrap();
    let cancelled = |charged| OrderCancelled { by: MEMBER, reason: reason(), charged, at: at(46) };
    vec![
        Order::OrderAccepted(OrderAccepted { at: at(41) }),
        Order::OrderDeclined(OrderDeclined { reason: reason(), at: at(41) }),
        Order::MilestoneDelivered(MilestoneDelivered { milestone: 0, artefact: artefact(), at: at(42) }),
        Order::MilestoneDelivered(MilestoneDelivered { milestone: 1, artefact: artefact(), at: at(42) }),
        Order::DeliveryAccepted(DeliveryAccepted { milestone: 0, at: at(43) }),
        Order::DeliveryAccepted(DeliveryAccepted { milestone: 1, at: at(43) }),
        Order::DeliveryDisputed(DeliveryDisputed { milestone: 1, reason: reason(), at: at(44) }),
        Order::OrderCompleted(OrderCompleted { at: at(45) }),
        Order::OrderCancelled(cancelled(vec![])),
        Order::OrderCancelled(cancelled(vec![0, 1])),
        Order::ResultDeposited(ResultDeposited {
            title: Name::new("発現量の表").unwrap(),
            artefact: artefact(),
            at: at(47),
        }),
    ]
}

fn specimens() -> Vec<Specimen> {
    let registered = |diagnosis: Option<&str>| {
        let description = SpecimenDescription {
            code: "FFPE-0001".parse().unwrap(),
            dataset: DatasetId::from_u128(25),
            material: "ffpe".parse().unwrap(),
            stock: 12,
            diagnosis: diagnosis.map(|text| Name::new(text).unwrap()),
        };
        let id = SpecimenId::from_u128(26);
        Specimen::SpecimenRegistered(SpecimenRegistered { id, description, at: at(38) })
    };
    vec![
        registered(None),
        registered(Some("大腸がん")),
        Specimen::SpecimenReserved(SpecimenReserved { order: ORDER, aliquots: 4, at: at(41) }),
        Specimen::SpecimenReleased(SpecimenReleased { order: ORDER, at: at(48) }),
    ]
}
