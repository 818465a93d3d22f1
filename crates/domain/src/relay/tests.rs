//! Given, when, then: through `decide` and `fold` alone.

use proptest::prelude::*;

use super::*;
use crate::{fold, text::Name, time::Timestamp};

fn at(micros: i64) -> Timestamp {
    Timestamp::from_micros(micros).unwrap()
}

fn holder(name: &str) -> Name {
    name.parse().unwrap()
}

fn take(name: &str, now: i64, until: i64) -> Command {
    Command::TakeRelayLease(TakeRelayLease { holder: holder(name), until: at(until), at: at(now) })
}

fn renew(epoch: u64, now: i64, until: i64) -> Command {
    Command::RenewRelayLease(RenewRelayLease { epoch, until: at(until), at: at(now) })
}

fn release(epoch: u64, now: i64) -> Command {
    Command::ReleaseRelayLease(ReleaseRelayLease { epoch, at: at(now) })
}

fn advance(epoch: u64, position: u64, now: i64) -> Command {
    Command::AdvanceRelay(AdvanceRelay { epoch, position, at: at(now) })
}

fn taken(name: &str, epoch: u64, now: i64, until: i64) -> Event {
    Event::RelayLeaseTaken(RelayLeaseTaken { holder: holder(name), epoch, until: at(until), at: at(now) })
}

fn renewed(epoch: u64, now: i64, until: i64) -> Event {
    Event::RelayLeaseRenewed(RelayLeaseRenewed { epoch, until: at(until), at: at(now) })
}

fn released(epoch: u64, now: i64) -> Event {
    Event::RelayLeaseReleased(RelayLeaseReleased { epoch, at: at(now) })
}

fn advanced(epoch: u64, position: u64, now: i64) -> Event {
    Event::RelayAdvanced(RelayAdvanced { epoch, position, at: at(now) })
}

fn decide(given: &[Event], when: Command) -> Result<Vec<Event>, Rejection> {
    RelayLease::decide(&fold::<RelayLease>(given), when)
}

#[test]
fn who_may_publish() {
    let held = vec![taken("a", 1, 0, 30)];
    for (given, when, then) in [
        (vec![], take("a", 0, 30), Ok(vec![taken("a", 1, 0, 30)])),
        (held.clone(), take("a", 29, 59), Ok(vec![])),
        (held.clone(), take("a", 30, 60), Ok(vec![taken("a", 2, 30, 60)])),
        (held.clone(), take("b", 30, 60), Ok(vec![taken("b", 2, 30, 60)])),
        (
            held.clone(),
            take("b", 29, 59),
            Err(Rejection::HeldByAnother { holder: holder("a"), until: at(30) }),
        ),
        (
            vec![taken("a", 1, 0, 30), renewed(1, 10, 40)],
            take("b", 39, 69),
            Err(Rejection::HeldByAnother { holder: holder("a"), until: at(40) }),
        ),
        (vec![taken("a", 1, 0, 30), released(1, 5)], take("b", 5, 35), Ok(vec![taken("b", 2, 5, 35)])),
        (vec![], take("a", 30, 30), Err(Rejection::NoTime { until: at(30), at: at(30) })),
    ] {
        assert_eq!(decide(&given, when.clone()), then, "{when:?} after {given:?}");
    }
}

#[test]
fn a_lease_is_renewed_while_it_lasts() {
    let held = vec![taken("a", 1, 0, 30)];
    let another = vec![taken("a", 1, 0, 30), taken("b", 2, 30, 60)];
    for (given, when, then) in [
        (held.clone(), renew(1, 10, 40), Ok(vec![renewed(1, 10, 40)])),
        (held.clone(), renew(1, 10, 30), Ok(vec![])),
        (held.clone(), renew(1, 30, 60), Err(Rejection::Lapsed { epoch: 1, until: at(30) })),
        (another, renew(1, 20, 50), Err(Rejection::Superseded { epoch: 1, newest: 2 })),
        (vec![], renew(1, 0, 30), Err(Rejection::Superseded { epoch: 1, newest: 0 })),
        (vec![taken("a", 1, 0, 30), released(1, 5)], renew(1, 6, 36), Err(Rejection::Released { epoch: 1 })),
    ] {
        assert_eq!(decide(&given, when.clone()), then, "{when:?} after {given:?}");
    }
}

#[test]
fn only_the_newest_lease_is_released() {
    let held = vec![taken("a", 1, 0, 30)];
    let again = vec![taken("a", 1, 0, 30), released(1, 5)];
    let another = vec![taken("a", 1, 0, 30), taken("b", 2, 30, 60)];
    for (given, when, then) in [
        (held.clone(), release(1, 5), Ok(vec![released(1, 5)])),
        // Lapsed, and nobody has taken it: it does no harm.
        (held, release(1, 40), Ok(vec![released(1, 40)])),
        (again, release(1, 6), Ok(vec![])),
        (another, release(1, 31), Err(Rejection::Superseded { epoch: 1, newest: 2 })),
    ] {
        assert_eq!(decide(&given, when.clone()), then, "{when:?} after {given:?}");
    }
}

#[test]
fn a_stale_holder_saves_nothing() {
    let held = vec![taken("a", 1, 0, 30), advanced(1, 7, 5)];
    let another = vec![taken("a", 1, 0, 30), advanced(1, 7, 5), taken("b", 2, 30, 60)];
    for (given, when, then) in [
        (held.clone(), advance(1, 8, 6), Ok(vec![advanced(1, 8, 6)])),
        (held.clone(), advance(1, 7, 6), Ok(vec![])),
        (held.clone(), advance(1, 6, 6), Err(Rejection::Backwards { position: 6, cursor: 7 })),
        // What was acknowledged is true after the lease's end as well, as long as nobody else has taken it.
        (held.clone(), advance(1, 9, 40), Ok(vec![advanced(1, 9, 40)])),
        (another.clone(), advance(1, 9, 31), Err(Rejection::Superseded { epoch: 1, newest: 2 })),
        (another, advance(2, 9, 31), Ok(vec![advanced(2, 9, 31)])),
        (vec![], advance(1, 1, 0), Err(Rejection::Superseded { epoch: 1, newest: 0 })),
        (vec![taken("a", 1, 0, 30), released(1, 5)], advance(1, 1, 6), Err(Rejection::Released { epoch: 1 })),
    ] {
        assert_eq!(decide(&given, when.clone()), then, "{when:?} after {given:?}");
    }
}

#[test]
fn what_is_known_follows_the_events() {
    assert_eq!(RelayLease::default().cursor(), 0);
    assert_eq!(RelayLease::default().epoch(), 0);
    let state = fold::<RelayLease>(&[taken("a", 1, 0, 30), advanced(1, 7, 5), renewed(1, 10, 40)]);
    assert_eq!((state.epoch(), state.cursor()), (1, 7));
    assert_eq!(state.lease_at(at(39)).map(|lease| lease.until), Some(at(40)));
    assert_eq!(state.lease_at(at(40)), None);
    let free = RelayLease::evolve(state, &released(1, 20));
    assert_eq!(free, RelayLease::Free { epoch: 1, cursor: 7 });
    assert_eq!(free.lease_at(at(20)), None);
    // Whoever takes it goes on where the last one was.
    assert_eq!(RelayLease::evolve(free.clone(), &taken("b", 2, 21, 51)).cursor(), 7);
    // Nothing of the kind is decided, and nothing comes of it.
    for event in [renewed(1, 1, 2), released(1, 1), advanced(1, 9, 1)] {
        assert_eq!(RelayLease::evolve(RelayLease::Vacant, &event), RelayLease::Vacant);
        assert_eq!(RelayLease::evolve(free.clone(), &event), free);
    }
}

#[test]
fn a_name_can_stand_in_a_stream_name() {
    for name in ["kafka", "dr_2", &"a".repeat(40)] {
        assert_eq!(name.parse::<RelayName>().unwrap().as_str(), name);
    }
    for name in ["", "Kafka", "a-b", "a b", "界", &"a".repeat(41)] {
        assert_eq!(name.parse::<RelayName>(), Err(InvalidRelayName), "{name:?}");
    }
}

fn any_command() -> impl Strategy<Value = (usize, u8, u64, i64)> {
    (0..3usize, 0..4u8, 0..50u64, 0..20i64)
}

proptest! {
    /// Three processes that act on what they believe, each with a clock of its own, as the log lets them: whatever they
    /// do, no two hold leases that are both the newest, and the cursor never goes back.
    #[test]
    fn epochs_rise_and_the_cursor_never_goes_back(steps in prop::collection::vec(any_command(), 0..80)) {
        let mut state = RelayLease::default();
        let mut epochs = [0u64; 3];
        let mut now = 0;
        for (process, kind, number, passed) in steps {
            now += passed;
            // A clock that is up to two seconds wrong.
            let clock = now + i64::try_from(process).unwrap() - 1;
            let command = match kind {
                0 => take(["a", "b", "c"][process], clock, clock + 30),
                1 => renew(epochs[process], clock, clock + 30),
                2 => release(epochs[process], clock),
                _ => advance(epochs[process], number, clock),
            };
            let (before, cursor) = (state.epoch(), state.cursor());
            let events = RelayLease::decide(&state, command).unwrap_or_default();
            for event in &events {
                state = RelayLease::evolve(state, event);
                match event {
                    Event::RelayLeaseTaken(event) => {
                        prop_assert_eq!(event.epoch, before + 1);
                        epochs[process] = event.epoch;
                    }
                    Event::RelayLeaseRenewed(event) => prop_assert_eq!(event.epoch, before),
                    Event::RelayLeaseReleased(event) => prop_assert_eq!(event.epoch, before),
                    Event::RelayAdvanced(event) => {
                        prop_assert_eq!(event.epoch, before);
                        prop_assert_eq!(epochs[process], before);
                    }
                }
            }
            prop_assert!(state.cursor() >= cursor);
        }
    }
}
