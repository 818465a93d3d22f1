use super::*;

fn artefact(number: u8) -> Artefact {
    Artefact {
        uri: format!("https://vendor.example/{number}").parse().unwrap(),
        sha256: Sha256::from_bytes([number; 32]),
    }
}

fn accept(by: OrganisationId) -> Command {
    Command::AcceptOrder(AcceptOrder { by, at: march(3) })
}

fn decline(by: OrganisationId, why: &str) -> Command {
    Command::DeclineOrder(DeclineOrder { by, reason: reason(why), at: march(3) })
}

fn deliver(by: OrganisationId, milestone: u32, what: u8) -> Command {
    Command::DeliverMilestone(DeliverMilestone { by, milestone, artefact: artefact(what), at: march(4) })
}

fn accept_delivery(by: OrganisationId, milestone: u32) -> Command {
    Command::AcceptDelivery(AcceptDelivery { by, milestone, at: march(5) })
}

fn dispute(by: OrganisationId, milestone: u32, why: &str) -> Command {
    Command::DisputeDelivery(DisputeDelivery { by, milestone, reason: reason(why), at: march(5) })
}

fn cancel(by: OrganisationId, why: &str) -> Command {
    Command::CancelOrder(CancelOrder { by, reason: reason(why), at: march(6) })
}

fn deposit(by: OrganisationId, what: u8) -> Command {
    let (title, artefact) = ("tables".parse().unwrap(), artefact(what));
    Command::DepositResult(DepositResult { by, title, artefact, at: march(7) })
}

/// The history that these commands make of a placed order.
fn after(commands: impl IntoIterator<Item = Command>) -> Vec<Event> {
    commands.into_iter().fold(vec![ordered()], |mut events, command| {
        events.extend(decide(&events, command).unwrap());
        events
    })
}

fn charged(history: &[Event]) -> Vec<u32> {
    history.iter().flat_map(charged_by).copied().collect()
}

#[test]
fn an_order_is_delivered_by_milestones_and_completed_with_the_last() {
    let history =
        after([accept(VENDOR), deliver(VENDOR, 1, 1), accept_delivery(MEMBER, 1), deliver(VENDOR, 0, 2)]);
    assert_eq!(charged(&history), [1]);
    let last = decide(&history, accept_delivery(MEMBER, 0)).unwrap();
    let at = march(5);
    assert_eq!(
        last,
        [
            Event::DeliveryAccepted(DeliveryAccepted { milestone: 0, at }),
            Event::OrderCompleted(OrderCompleted { at }),
        ]
    );
    let history = [history, last].concat();
    assert_eq!(charged(&history), [1, 0]);
    let Order::Completed(completed) = fold::<Order>(&history) else { panic!("a completed order") };
    let stages = &completed.work.milestones;
    assert!(stages.iter().all(|stage| matches!(stage, MilestoneStage::Accepted { .. })));
}

#[test]
fn what_is_disputed_is_delivered_again() {
    let history = after([accept(VENDOR), deliver(VENDOR, 0, 1), dispute(MEMBER, 0, "incomplete")]);
    assert_eq!(charged(&history), []);
    for what in [1, 2] {
        let again = decide(&history, deliver(VENDOR, 0, what)).unwrap();
        let history = [history.clone(), again].concat();
        let accepted = decide(&history, accept_delivery(MEMBER, 0)).unwrap();
        assert_eq!(charged(&accepted), [0]);
    }
}

#[test]
fn what_was_delivered_and_not_disputed_stays_charged() {
    let three = |commands: Vec<Command>| {
        let mut placed = placed();
        placed.milestones.push(milestone("more", 1));
        let order = Event::OmicsAnalysisOrdered(Box::new(placed));
        commands.into_iter().fold(vec![order], |mut events, command| {
            events.extend(decide(&events, command).unwrap());
            events
        })
    };
    let history = three(vec![
        accept(VENDOR),
        deliver(VENDOR, 0, 1),
        accept_delivery(MEMBER, 0),
        deliver(VENDOR, 1, 2),
        deliver(VENDOR, 2, 3),
        dispute(MEMBER, 2, "unreadable"),
        cancel(MEMBER, "budget"),
    ]);
    assert_eq!(charged(&history), [0, 1], "accepted, then delivered; never what is disputed");
    let Order::Cancelled(cancelled) = fold::<Order>(&history) else { panic!("a cancelled order") };
    let stages: Vec<bool> = cancelled.work.milestones.iter().map(MilestoneStage::is_charged).collect();
    assert_eq!(stages, [true, true, false]);
}

#[test]
fn an_order_can_be_cancelled_before_the_vendor_answers() {
    for by in [MEMBER, VENDOR] {
        let history = after([cancel(by, "budget")]);
        assert_eq!(charged(&history), []);
        let Order::Cancelled(cancelled) = fold::<Order>(&history) else { panic!("a cancelled order") };
        assert_eq!((cancelled.by, cancelled.work.accepted_at), (by, None));
    }
}

#[test]
fn results_are_deposited_from_the_acceptance_on_and_after_the_completion() {
    let under_way = after([accept(VENDOR), deposit(VENDOR, 1)]);
    let rest = [0, 1].map(|milestone| [deliver(VENDOR, milestone, 9), accept_delivery(MEMBER, milestone)]);
    let completed = rest.into_iter().flatten().fold(under_way, |mut events, command| {
        events.extend(decide(&events, command).unwrap());
        events
    });
    let last = decide(&completed, deposit(VENDOR, 2)).unwrap();
    let order = fold::<Order>(&[completed, last].concat());
    let results: Vec<&Artefact> =
        order.work().unwrap().results.iter().map(|result| &result.artefact).collect();
    assert_eq!(results, [&artefact(1), &artefact(2)]);
}

#[test]
fn the_same_again_is_already_so() {
    let delivered = || vec![accept(VENDOR), deliver(VENDOR, 0, 1)];
    let more = |command| delivered().into_iter().chain([command]).collect::<Vec<_>>();
    for (history, command) in [
        (vec![accept(VENDOR)], accept(VENDOR)),
        (vec![decline(VENDOR, "busy")], decline(VENDOR, "busy")),
        (delivered(), deliver(VENDOR, 0, 1)),
        (more(accept_delivery(MEMBER, 0)), accept_delivery(MEMBER, 0)),
        (more(accept_delivery(MEMBER, 0)), deliver(VENDOR, 0, 1)),
        (more(dispute(MEMBER, 0, "why")), dispute(MEMBER, 0, "why")),
        (delivered(), accept(VENDOR)),
        (more(cancel(MEMBER, "budget")), cancel(MEMBER, "budget")),
        (more(deposit(VENDOR, 1)), deposit(VENDOR, 1)),
    ] {
        assert_eq!(decide(&after(history), command.clone()), Ok(vec![]), "{command:?}");
    }
}

#[test]
fn what_may_not_be_done() {
    let none = Vec::new;
    let taken = || vec![accept(VENDOR)];
    let delivered = || vec![accept(VENDOR), deliver(VENDOR, 0, 1)];
    let accepted = || [delivered(), vec![accept_delivery(MEMBER, 0)]].concat();
    let disputed = || [delivered(), vec![dispute(MEMBER, 0, "why")]].concat();
    let cancelled = || [delivered(), vec![cancel(MEMBER, "budget")]].concat();
    let declined = || vec![decline(VENDOR, "busy")];
    let organisation = MEMBER;
    let cases: Vec<(Vec<Command>, Command, Rejection)> = vec![
        (none(), accept(MEMBER), Rejection::NotTheVendor { organisation }),
        (none(), decline(MEMBER, "no"), Rejection::NotTheVendor { organisation }),
        (taken(), deliver(MEMBER, 0, 1), Rejection::NotTheVendor { organisation }),
        (taken(), deposit(MEMBER, 1), Rejection::NotTheVendor { organisation }),
        (delivered(), accept_delivery(VENDOR, 0), Rejection::NotTheMember { organisation: VENDOR }),
        (delivered(), dispute(VENDOR, 0, "no"), Rejection::NotTheMember { organisation: VENDOR }),
        (none(), cancel(PARTNER, "no"), Rejection::NotASide { organisation: PARTNER }),
        (declined(), accept(VENDOR), Rejection::NotAwaitingAnswer { stage: "declined" }),
        (declined(), decline(VENDOR, "other"), Rejection::NotAwaitingAnswer { stage: "declined" }),
        (taken(), decline(VENDOR, "busy"), Rejection::NotAwaitingAnswer { stage: "under-way" }),
        (cancelled(), accept(VENDOR), Rejection::NotAwaitingAnswer { stage: "cancelled" }),
        (none(), deliver(VENDOR, 0, 1), Rejection::NotUnderWay { stage: "placed" }),
        (none(), accept_delivery(MEMBER, 0), Rejection::NotUnderWay { stage: "placed" }),
        (cancelled(), deliver(VENDOR, 1, 1), Rejection::NotUnderWay { stage: "cancelled" }),
        (cancelled(), accept_delivery(MEMBER, 0), Rejection::NotUnderWay { stage: "cancelled" }),
        (cancelled(), dispute(MEMBER, 0, "late"), Rejection::NotUnderWay { stage: "cancelled" }),
        (none(), deposit(VENDOR, 1), Rejection::NotUnderWay { stage: "placed" }),
        (cancelled(), deposit(VENDOR, 1), Rejection::NotUnderWay { stage: "cancelled" }),
        (declined(), cancel(MEMBER, "budget"), Rejection::AlreadyEnded { stage: "declined" }),
        (cancelled(), cancel(MEMBER, "other"), Rejection::AlreadyEnded { stage: "cancelled" }),
        (taken(), deliver(VENDOR, 2, 1), Rejection::NoSuchMilestone { milestone: 2, milestones: 2 }),
        (delivered(), accept_delivery(MEMBER, 1), Rejection::NotDelivered { milestone: 1 }),
        (delivered(), dispute(MEMBER, 1, "no"), Rejection::NotDelivered { milestone: 1 }),
        (delivered(), deliver(VENDOR, 0, 2), Rejection::AwaitsAnswer { milestone: 0 }),
        (accepted(), deliver(VENDOR, 0, 2), Rejection::AlreadyAccepted { milestone: 0 }),
        (accepted(), dispute(MEMBER, 0, "late"), Rejection::AlreadyAccepted { milestone: 0 }),
        (disputed(), accept_delivery(MEMBER, 0), Rejection::Disputed { milestone: 0 }),
        (disputed(), dispute(MEMBER, 0, "other"), Rejection::Disputed { milestone: 0 }),
        (delivered(), cancel(VENDOR, "busy"), Rejection::DeliveryUnanswered { milestone: 0 }),
    ];
    for (history, command, rejection) in cases {
        let (history, shown) = (after(history), command.clone());
        assert_eq!(decide(&history, command), Err(rejection), "{shown:?}");
    }
    assert_eq!(decide(&[], accept(VENDOR)), Err(Rejection::NotOrdered));
    assert_eq!(decide(&[], cancel(MEMBER, "no")), Err(Rejection::NotOrdered));
}

#[test]
fn a_vendor_may_cancel_once_every_delivery_is_answered() {
    let disputed = after([accept(VENDOR), deliver(VENDOR, 0, 1), dispute(MEMBER, 0, "why")]);
    let cancelled = decide(&disputed, cancel(VENDOR, "we disagree")).unwrap();
    assert_eq!(charged(&cancelled), []);
}

#[test]
fn results_are_bounded() {
    let deposited = |number: usize| {
        Event::ResultDeposited(ResultDeposited {
            title: format!("result {number}").parse().unwrap(),
            artefact: artefact(0),
            at: march(7),
        })
    };
    let mut history = after([accept(VENDOR)]);
    history.extend((0..MOST_RESULTS).map(deposited));
    assert_eq!(decide(&history, deposit(VENDOR, 1)), Err(Rejection::TooManyResults));
}
