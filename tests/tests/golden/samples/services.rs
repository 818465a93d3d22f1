//! Orders.

use domain::{
    id::OrderId,
    order::{Event as Order, Milestone, OmicsAnalysisOrdered, OmicsModality, OrderedAnalysis},
    text::Name,
};
use events::Event;
use money::Money;

use super::{CONTRACT, MEMBER, VENDOR, at};

pub(super) fn events() -> Vec<Event> {
    OmicsModality::ALL.iter().map(|modality| ordered(*modality).into()).collect()
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
