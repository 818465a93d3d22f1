use std::collections::BTreeSet;

use money::Money;
use proptest::prelude::*;

use super::*;
use crate::{
    contract::{ContractKind, Status},
    fold,
    id::{ContractId, OrderId, OrganisationId},
    organisation::Capacity,
    time::Timestamp,
    under_contract::{ContractNow, NotCovered},
};

const ORDER: OrderId = OrderId::from_u128(1);
const CONTRACT: ContractId = ContractId::from_u128(2);
const MEMBER: OrganisationId = OrganisationId::from_u128(3);
const VENDOR: OrganisationId = OrganisationId::from_u128(4);

fn milestone(name: &str, yen: i64) -> Milestone {
    Milestone { name: name.parse().unwrap(), amount: Money::jpy(yen) }
}

fn analysis() -> OrderedAnalysis {
    OrderedAnalysis {
        member: MEMBER,
        vendor: VENDOR,
        modality: OmicsModality::Proteome,
        specimens: 48,
        price: Money::jpy(1_000_000),
        milestones: vec![milestone("raw data", 600_000), milestone("report", 400_000)],
    }
}

fn order() -> OrderOmicsAnalysis {
    OrderOmicsAnalysis {
        id: ORDER,
        analysis: analysis(),
        contract: ContractNow {
            id: CONTRACT,
            revision: 5,
            kind: ContractKind::Member,
            applicant: MEMBER,
            status: Status::Active,
        },
        vendor_capacities: [Capacity::Vendor, Capacity::Academic].into(),
        at: Timestamp::default(),
    }
}

fn ordered() -> Event {
    let at = Timestamp::default();
    let analysis = analysis();
    Event::OmicsAnalysisOrdered(OmicsAnalysisOrdered {
        id: ORDER,
        contract: CONTRACT,
        contract_revision: 5,
        analysis,
        at,
    })
}

fn decide(given: &[Event], when: OrderOmicsAnalysis) -> Result<Vec<Event>, Rejection> {
    Order::decide(&fold::<Order>(given), Command::OrderOmicsAnalysis(when))
}

#[test]
fn a_member_orders_under_its_contract() {
    assert_eq!(decide(&[], order()), Ok(vec![ordered()]));
    let known = fold::<Order>(&[ordered()]);
    let (id, contract, ordered_at) = (ORDER, CONTRACT, Timestamp::default());
    assert_eq!(known, Order::Ordered { id, contract, analysis: Box::new(analysis()), ordered_at });
}

#[test]
fn the_same_order_is_already_so() {
    let mut again = order();
    again.contract.status = Status::Expired;
    again.contract.revision = 9;
    assert_eq!(decide(&[ordered()], again), Ok(vec![]));
    let mut other = order();
    other.analysis.specimens = 49;
    assert_eq!(decide(&[ordered()], other), Err(Rejection::AlreadyOrdered { id: ORDER }));
}

#[test]
fn what_may_not_be_ordered() {
    type Change = fn(&mut OrderOmicsAnalysis);
    let price = Money::jpy(1_000_000);
    let cases: Vec<(Change, Rejection)> = vec![
        (|order| order.analysis.specimens = 0, Rejection::SpecimensOutOfRange { specimens: 0 }),
        (|order| order.analysis.specimens = 100_001, Rejection::SpecimensOutOfRange { specimens: 100_001 }),
        (|order| order.analysis.price = Money::jpy(0), Rejection::PriceNotPositive { price: Money::jpy(0) }),
        (|order| order.analysis.milestones.clear(), Rejection::MilestonesOutOfRange { milestones: 0 }),
        (
            |order| order.analysis.milestones = vec![milestone("part", 1); 101],
            Rejection::MilestonesOutOfRange { milestones: 101 },
        ),
        (
            |order| order.analysis.milestones.push(milestone("gift", 0)),
            Rejection::MilestoneNotPositive { index: 2, amount: Money::jpy(0) },
        ),
        (
            |order| order.analysis.milestones.push(milestone("report", 1)),
            Rejection::MilestoneTwice { index: 2, name: "report".parse().unwrap() },
        ),
        (
            |order| order.analysis.milestones.push(milestone("more", 1)),
            Rejection::MilestonesMissPrice { price },
        ),
        (
            |order| order.analysis.milestones.push(milestone("too much", i64::MAX)),
            Rejection::MilestonesMissPrice { price },
        ),
        (|order| order.analysis.vendor = MEMBER, Rejection::OwnVendor { organisation: MEMBER }),
        (
            |order| order.contract.applicant = VENDOR,
            NotCovered::NotOwn { contract: CONTRACT, organisation: MEMBER }.into(),
        ),
        (
            |order| order.contract.kind = ContractKind::Supply,
            NotCovered::OtherKind { kind: ContractKind::Supply, needed: ContractKind::Member }.into(),
        ),
        (
            |order| order.vendor_capacities = BTreeSet::from([Capacity::Academic]),
            Rejection::NotAVendor { organisation: VENDOR },
        ),
    ];
    for (change, rejection) in cases {
        let mut when = order();
        change(&mut when);
        assert_eq!(decide(&[], when), Err(rejection));
    }
}

#[test]
fn only_a_contract_in_force_covers_an_order() {
    for status in
        [Status::Offered, Status::NotYetInForce, Status::Paused, Status::Expired, Status::Terminated]
    {
        let mut when = order();
        when.contract.status = status;
        let refused = NotCovered::NotInForce { contract: CONTRACT, status };
        assert_eq!(decide(&[], when), Err(refused.into()));
    }
}

proptest! {
    #[test]
    fn an_order_is_taken_only_if_its_parts_are_the_whole(
        amounts in proptest::collection::vec(1i64..1_000, 1..10),
        off in -2i64..=2,
    ) {
        let sum: i64 = amounts.iter().sum();
        let mut when = order();
        when.analysis.price = Money::jpy((sum + off).max(1));
        let parts = amounts.iter().enumerate();
        when.analysis.milestones = parts.map(|(index, yen)| milestone(&index.to_string(), *yen)).collect();
        prop_assert_eq!(decide(&[], when.clone()).is_ok(), when.analysis.price == Money::jpy(sum));
    }
}
