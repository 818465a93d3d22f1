use std::sync::Arc;

use money::Money;
use proptest::prelude::*;

use super::*;
use crate::{
    dataset::{Cohort, ConsentScope, DataType, Dataset, Description, Freeze, RegisteredDataset},
    fold,
    id::{ContractId, DatasetId, OrderId, OrganisationId, SpecimenId},
    listing::{OmicsModality, ServiceKind},
    milestone::Milestone,
    order::{Event as OrderEvent, Order, OrderAccepted, OrderDeclined, PlacedOrder},
    organisation::Capacity,
    time::Timestamp,
};

const SPECIMEN: SpecimenId = SpecimenId::from_u128(1);
const ORDER: OrderId = OrderId::from_u128(2);
const BASE: OrganisationId = OrganisationId::from_u128(3);
const VENDOR: OrganisationId = OrganisationId::from_u128(4);
const OTHER: OrganisationId = OrganisationId::from_u128(5);
const DATASET: DatasetId = DatasetId::from_u128(6);
const ELSEWHERE: DatasetId = DatasetId::from_u128(7);

fn at() -> Timestamp {
    Timestamp::default()
}

fn description(stock: u32) -> SpecimenDescription {
    SpecimenDescription {
        code: "FFPE-0001".parse().unwrap(),
        dataset: DATASET,
        material: "ffpe".parse().unwrap(),
        stock,
        diagnosis: Some("colon cancer".parse().unwrap()),
    }
}

fn dataset() -> Dataset {
    Dataset::Registered(Box::new(RegisteredDataset {
        id: DATASET,
        description: Description {
            code: "COLON".parse().unwrap(),
            name: "colon".parse().unwrap(),
            provider: BASE,
            class: "open".parse().unwrap(),
            disease: "colon cancer".parse().unwrap(),
            cohort: Cohort::Case,
            data_types: [DataType::Tumour].into(),
            reference: "https://base.example/colon".parse().unwrap(),
        },
        freezes: vec![],
        registered_at: at(),
    }))
}

fn register(stock: u32) -> RegisterSpecimen {
    RegisterSpecimen {
        id: SPECIMEN,
        description: description(stock),
        by: BASE,
        dataset: Arc::new(dataset()),
        at: at(),
    }
}

fn registered(stock: u32) -> Event {
    Event::SpecimenRegistered(SpecimenRegistered { id: SPECIMEN, description: description(stock), at: at() })
}

/// An order about a dataset, with what came after its placing.
fn order(dataset: Option<DatasetId>, events: &[OrderEvent]) -> Order {
    let placed = PlacedOrder {
        id: ORDER,
        contract: ContractId::from_u128(8),
        contract_revision: 5,
        member: OrganisationId::from_u128(9),
        vendor: VENDOR,
        vendor_contract: None,
        kind: ServiceKind::OmicsAnalysis,
        listing: None,
        quote: None,
        quantity: 1,
        price: Money::jpy(1),
        milestones: vec![Milestone { name: "all".parse().unwrap(), amount: Money::jpy(1) }],
        consortium: None,
        dataset,
        required_credentials: [].into(),
        ethics_approval: None,
        omics: Some(OmicsModality::Proteome),
        at: at(),
    };
    let placed = OrderEvent::OmicsAnalysisOrdered(Box::new(placed));
    fold::<Order>([&placed].into_iter().chain(events))
}

fn under_way(dataset: Option<DatasetId>) -> Arc<Order> {
    Arc::new(order(dataset, &[OrderEvent::OrderAccepted(OrderAccepted { at: at() })]))
}

fn reserve(aliquots: u32) -> ReserveSpecimen {
    ReserveSpecimen {
        order: ORDER,
        aliquots,
        by: VENDOR,
        capacities: [Capacity::Vendor].into(),
        ordered: under_way(Some(DATASET)),
        dataset: Arc::new(dataset()),
        at: at(),
    }
}

fn reserved(order: OrderId, aliquots: u32) -> Event {
    Event::SpecimenReserved(SpecimenReserved { order, aliquots, at: at() })
}

fn released(order: OrderId) -> Event {
    Event::SpecimenReleased(SpecimenReleased { order, at: at() })
}

fn decide(given: &[Event], when: Command) -> Result<Vec<Event>, Rejection> {
    Specimen::decide(&fold::<Specimen>(given), when)
}

fn registering(given: &[Event], when: RegisterSpecimen) -> Result<Vec<Event>, Rejection> {
    decide(given, Command::RegisterSpecimen(Box::new(when)))
}

fn reserving(given: &[Event], when: ReserveSpecimen) -> Result<Vec<Event>, Rejection> {
    decide(given, Command::ReserveSpecimen(when))
}

fn releasing(given: &[Event], order: OrderId) -> Result<Vec<Event>, Rejection> {
    decide(given, Command::ReleaseSpecimen(ReleaseSpecimen { order, at: at() }))
}

fn free(history: &[Event]) -> u32 {
    fold::<Specimen>(history).registered().unwrap().free()
}

#[test]
fn a_specimen_is_registered_and_its_aliquots_reserved_and_freed() {
    assert_eq!(registering(&[], register(10)), Ok(vec![registered(10)]));
    assert_eq!(reserving(&[registered(10)], reserve(4)), Ok(vec![reserved(ORDER, 4)]));
    let history = [registered(10), reserved(ORDER, 4)];
    assert_eq!(free(&history), 6);
    assert_eq!(releasing(&history, ORDER), Ok(vec![released(ORDER)]));
    let history = [registered(10), reserved(ORDER, 4), released(ORDER)];
    assert_eq!(free(&history), 10);
    assert_eq!(reserving(&history, reserve(10)), Ok(vec![reserved(ORDER, 10)]));
}

#[test]
fn the_base_operator_reserves_for_any_order_that_is_under_way() {
    let mut by_base = reserve(10);
    by_base.by = BASE;
    by_base.capacities = [Capacity::BaseOperator].into();
    by_base.ordered = under_way(None);
    assert_eq!(reserving(&[registered(10)], by_base), Ok(vec![reserved(ORDER, 10)]));
}

#[test]
fn the_same_again_is_already_so() {
    assert_eq!(registering(&[registered(10)], register(10)), Ok(vec![]));
    let history = [registered(10), reserved(ORDER, 4)];
    assert_eq!(reserving(&history, reserve(4)), Ok(vec![]));
    let history = [registered(10), reserved(ORDER, 4), released(ORDER)];
    assert_eq!(releasing(&history, ORDER), Ok(vec![]));
}

#[test]
fn what_may_not_be_registered() {
    type Change = fn(&mut RegisterSpecimen);
    let cases: Vec<(Change, Rejection)> = vec![
        (|specimen| specimen.description.stock = 0, Rejection::StockOutOfRange { aliquots: 0 }),
        (
            |specimen| specimen.description.stock = MOST_ALIQUOTS + 1,
            Rejection::StockOutOfRange { aliquots: MOST_ALIQUOTS + 1 },
        ),
        (
            |specimen| specimen.dataset = Arc::new(Dataset::Vacant),
            Rejection::NoSuchDataset { dataset: DATASET },
        ),
        (
            |specimen| specimen.by = OTHER,
            Rejection::DatasetOfAnother { dataset: DATASET, organisation: OTHER },
        ),
    ];
    for (change, rejection) in cases {
        let mut when = register(10);
        change(&mut when);
        assert_eq!(registering(&[], when), Err(rejection));
    }
    let other = registering(&[registered(10)], register(11));
    assert_eq!(other, Err(Rejection::AlreadyRegistered { id: SPECIMEN }));
}

#[test]
fn what_may_not_be_reserved() {
    type Change = fn(&mut ReserveSpecimen);
    let cases: Vec<(Change, Rejection)> = vec![
        (|reserve| reserve.aliquots = 0, Rejection::NoAliquots),
        (|reserve| reserve.aliquots = 8, Rejection::StockExceeded { aliquots: 8, free: 7 }),
        (|reserve| reserve.ordered = Arc::new(Order::Vacant), Rejection::NoSuchOrder { order: ORDER }),
        (|reserve| reserve.by = OTHER, Rejection::NotTheVendor { organisation: OTHER }),
        (
            |reserve| reserve.ordered = Arc::new(order(None, &[])),
            Rejection::OrderNotUnderWay { stage: "placed" },
        ),
        (
            |reserve| {
                let declined = OrderDeclined { reason: "busy".parse().unwrap(), at: at() };
                reserve.ordered = Arc::new(order(None, &[OrderEvent::OrderDeclined(declined)]));
            },
            Rejection::OrderNotUnderWay { stage: "declined" },
        ),
        (
            |reserve| reserve.ordered = under_way(Some(ELSEWHERE)),
            Rejection::OtherDataset { dataset: DATASET, ordered: ELSEWHERE },
        ),
        (|reserve| reserve.ordered = under_way(None), Rejection::NoDatasetOrdered { order: ORDER }),
    ];
    let given = [registered(10), reserved(OrderId::from_u128(20), 3)];
    for (change, rejection) in cases {
        let mut when = reserve(4);
        change(&mut when);
        assert_eq!(reserving(&given, when), Err(rejection));
    }
    assert_eq!(reserving(&[], reserve(4)), Err(Rejection::NotRegistered));
    let more = reserving(&[registered(10), reserved(ORDER, 3)], reserve(4));
    assert_eq!(more, Err(Rejection::AlreadyReserved { aliquots: 3 }));
}

/// What the donors agreed to when the order was placed may have been taken back since.
#[test]
fn derived_material_is_made_only_while_the_consent_lasts() {
    let model = |events: &[OrderEvent]| {
        let Order::Placed(placed) = order(Some(DATASET), &[]) else { panic!("an order") };
        let placed = PlacedOrder { kind: ServiceKind::PatientDerivedModel, omics: None, ..*placed };
        let placed = OrderEvent::OrderPlaced(Box::new(placed));
        Arc::new(fold::<Order>([&placed].into_iter().chain(events)))
    };
    let consents = |agreed: &[bool]| {
        let Dataset::Registered(mut known) = dataset() else { panic!("a dataset") };
        let freeze = |(number, sale): (u32, &bool)| Freeze {
            number,
            composition: vec![],
            consent: ConsentScope { derived_material_sale: *sale },
            released_at: at(),
        };
        known.freezes = (1..).zip(agreed).map(freeze).collect();
        Arc::new(Dataset::Registered(known))
    };
    let accepted = OrderEvent::OrderAccepted(OrderAccepted { at: at() });
    let of_models = |agreed: &[bool]| ReserveSpecimen {
        ordered: model(std::slice::from_ref(&accepted)),
        dataset: consents(agreed),
        ..reserve(4)
    };
    for by in [(VENDOR, Capacity::Vendor), (BASE, Capacity::BaseOperator)] {
        let reserve =
            |agreed: &[bool]| ReserveSpecimen { by: by.0, capacities: [by.1].into(), ..of_models(agreed) };
        assert_eq!(reserving(&[registered(10)], reserve(&[true])), Ok(vec![reserved(ORDER, 4)]));
        for agreed in [&[][..], &[false], &[true, false]] {
            let refused = reserving(&[registered(10)], reserve(agreed));
            assert_eq!(refused, Err(Rejection::ConsentMissing { dataset: DATASET }), "{agreed:?}");
        }
    }
    let nowhere = ReserveSpecimen { dataset: Arc::new(Dataset::Vacant), ..of_models(&[true]) };
    let refused = Err(Rejection::ConsentMissing { dataset: DATASET });
    assert_eq!(reserving(&[registered(10)], nowhere), refused);
    let held = [registered(10), reserved(ORDER, 4)];
    assert_eq!(reserving(&held, of_models(&[false])), Ok(vec![]), "it is so already");
    let omics = ReserveSpecimen { dataset: consents(&[false]), ..reserve(4) };
    assert!(reserving(&[registered(10)], omics).is_ok(), "an analysis sells no derived material");
}

#[test]
fn what_was_never_reserved_is_not_freed() {
    let given = [registered(10), reserved(OrderId::from_u128(20), 3)];
    assert_eq!(releasing(&given, ORDER), Err(Rejection::NothingReserved { order: ORDER }));
    assert_eq!(releasing(&[], ORDER), Err(Rejection::NotRegistered));
}

proptest! {
    #[test]
    fn whatever_is_asked_no_more_is_reserved_than_there_is(
        stock in 1..20u32,
        wishes in prop::collection::vec((0..6u128, 0..12u32, prop::bool::weighted(0.3)), 1..40),
    ) {
        let mut history = vec![registered(stock)];
        for (number, aliquots, free) in wishes {
            let order = OrderId::from_u128(number);
            let command = if free {
                Command::ReleaseSpecimen(ReleaseSpecimen { order, at: at() })
            } else {
                Command::ReserveSpecimen(ReserveSpecimen { order, ..reserve(aliquots) })
            };
            history.extend(decide(&history, command).unwrap_or_default());
            let state = fold::<Specimen>(&history);
            let specimen = state.registered().unwrap();
            let sum: u64 = specimen.reserved.values().map(|aliquots| u64::from(*aliquots)).sum();
            prop_assert!(sum <= u64::from(stock), "{} of {} are reserved", sum, stock);
            prop_assert_eq!(u64::from(specimen.free()) + sum, u64::from(stock));
        }
    }
}
