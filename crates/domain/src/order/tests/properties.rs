use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;

/// Anything that anybody may want of an order of three milestones, at any moment.
fn any_command() -> impl Strategy<Value = Command> {
    let who = prop::sample::select(vec![MEMBER, VENDOR, PARTNER]);
    (0..8u8, who, 0..4u32, 0..3u8).prop_map(|(what, by, milestone, value)| {
        let at = march(4);
        let reason = reason(&format!("reason {value}"));
        let uri = "https://vendor.example/data".parse().unwrap();
        let artefact = Artefact { uri, sha256: Sha256::from_bytes([value; 32]) };
        match what {
            0 => Command::PlaceOrder(Box::new(order())),
            1 => Command::AcceptOrder(AcceptOrder { by, at }),
            2 => Command::DeclineOrder(DeclineOrder { by, reason, at }),
            3 => Command::DeliverMilestone(DeliverMilestone { by, milestone, artefact, at }),
            4 => Command::AcceptDelivery(AcceptDelivery { by, milestone, at }),
            5 => Command::DisputeDelivery(DisputeDelivery { by, milestone, reason, at }),
            6 => Command::CancelOrder(CancelOrder { by, reason, at }),
            _ => Command::DepositResult(DepositResult { by, title: "t".parse().unwrap(), artefact, at }),
        }
    })
}

/// An order of three milestones that the vendor has taken: what is refused at first teaches little.
fn begun() -> Vec<Event> {
    let mut placed = placed();
    placed.milestones = vec![milestone("a", 100_000), milestone("b", 100_000), milestone("c", 40_000)];
    let accepted = Event::OrderAccepted(OrderAccepted { at: march(3) });
    vec![Event::OmicsAnalysisOrdered(Box::new(placed)), accepted]
}

proptest! {
    #[test]
    fn whatever_is_asked_the_parts_are_the_whole_and_nothing_is_charged_wrongly(
        commands in prop::collection::vec(any_command(), 1..60),
        from_the_start in any::<bool>(),
    ) {
        let mut history = if from_the_start { vec![] } else { begun() };
        for command in commands {
            let state = fold::<Order>(&history);
            if let Ok(events) = Order::decide(&state, command) {
                history.extend(events);
            }
        }
        let order = fold::<Order>(&history);
        let Some(placed) = order.placed() else { return Ok(()) };
        let whole = Money::sum(placed.price.currency(), placed.milestones.iter().map(|part| part.amount));
        prop_assert_eq!(whole, Ok(placed.price));
        check_charges(&history, &order)?;
        let placings = history.iter().filter(|event| event.placed().is_some()).count();
        prop_assert_eq!(placings, 1);
    }
}

/// Nothing is charged twice, without a delivery before, or while it is disputed; the state says the same.
fn check_charges(history: &[Event], order: &Order) -> Result<(), TestCaseError> {
    let (mut standing, mut charged) = (BTreeSet::new(), BTreeSet::new());
    for event in history {
        for milestone in charged_by(event) {
            prop_assert!(standing.contains(milestone), "{} is charged without a delivery", milestone);
            prop_assert!(charged.insert(*milestone), "{} is charged twice", milestone);
        }
        match event {
            Event::MilestoneDelivered(event) => {
                prop_assert!(!charged.contains(&event.milestone), "delivered after it was charged");
                standing.insert(event.milestone);
            }
            Event::DeliveryDisputed(event) => {
                standing.remove(&event.milestone);
            }
            _ => {}
        }
    }
    let stages = order.work().map(|work| work.milestones.as_slice()).unwrap_or_default();
    let of_state: BTreeSet<u32> =
        (0..).zip(stages).filter(|(_, stage)| stage.is_charged()).map(|(place, _)| place).collect();
    prop_assert_eq!(&of_state, &charged);
    if let Order::Completed(_) = order {
        prop_assert_eq!(charged.len(), stages.len());
    }
    Ok(())
}
