//! Appending: the order, the checks, the retries.

use super::*;
use crate::{MAX_APPEND_BYTES, MAX_COMMAND_ID, MAX_EVENT_TYPE, MAX_EVENTS_PER_APPEND, MAX_GUARDS, Position};
use ExpectedRevision::{Any, Exact, NoStream, StreamExists};

fn open<H: Harness>(harness: &H) -> Arc<H::Log> {
    harness.open(ManualClock::at(1_000).clock())
}

/// Positions run over all streams from 1, revisions over one stream from 0.
pub async fn positions_and_revisions_have_no_gaps(harness: &impl Harness) {
    let log = open(harness);
    let (a, b) = (stream("a"), stream("b"));
    let mut places = Vec::new();
    for (stream, numbers) in [(&a, &[1, 2][..]), (&b, &[3]), (&a, &[4]), (&b, &[5, 6, 7])] {
        let place = written(&*log, append(stream, Any, numbers)).await;
        places.push((
            place.first_position.0,
            place.last_position.0,
            place.first_revision,
            place.last_revision,
        ));
        assert_eq!(log.head().position, place.last_position);
    }
    assert_eq!(places, [(1, 2, 0, 1), (3, 3, 0, 0), (4, 4, 2, 2), (5, 7, 1, 3)]);
}

/// Each expectation against a stream that exists and one that does not.
pub async fn expected_revisions_are_checked(harness: &impl Harness) {
    let log = open(harness);
    let there = stream("there");
    written(&*log, append(&there, Any, &[1, 2, 3])).await;
    for (number, expected) in
        [NoStream, Exact(0), Exact(1), Exact(3), Exact(u64::MAX)].into_iter().enumerate()
    {
        let refused = conflict(&*log, append(&there, expected, &[100 + number as u64])).await;
        assert_eq!(refused, (there.clone(), expected, Some(2)));
    }
    let missing = stream("missing");
    for expected in [StreamExists, Exact(0), Exact(u64::MAX)] {
        let refused = conflict(&*log, append(&missing, expected, &[10])).await;
        assert_eq!(refused, (missing.clone(), expected, None));
    }
    assert_eq!(log.head().position, Position(3), "a refusal takes no position");
    for (expected, numbers) in [(Exact(2), [11]), (StreamExists, [12]), (Any, [13])] {
        written(&*log, append(&there, expected, &numbers)).await;
    }
    written(&*log, append(&missing, NoStream, &[14])).await;
    assert_eq!(log.head().position, Position(7));
}

/// A guard holds on the revision that was named, or on absence.
pub async fn guards_are_checked_in_the_same_commit(harness: &impl Harness) {
    let log = open(harness);
    let (contract, dataset, usage) = (stream("contract"), stream("dataset"), stream("usage"));
    written(&*log, append(&contract, NoStream, &[1, 2])).await;
    let guarded = |guards, number| Append { guards, ..append(&usage, Any, &[number]) };

    let held = vec![guard(&contract, Some(1)), guard(&dataset, None)];
    written(&*log, guarded(held.clone(), 3)).await;
    let refused = conflict(&*log, guarded(vec![guard(&contract, Some(0))], 4)).await;
    assert_eq!(refused, (contract.clone(), Exact(0), Some(1)));
    let refused = conflict(&*log, guarded(vec![guard(&contract, None)], 4)).await;
    assert_eq!(refused, (contract.clone(), NoStream, Some(1)));

    // The move and the append that must see it are in flight together.
    let moved = log.append(append(&dataset, NoStream, &[5]));
    let late = log.append(guarded(held, 6));
    match late.await {
        Err(AppendError::Conflict { stream, actual, .. }) => assert_eq!((stream, actual), (dataset, Some(0))),
        other => panic!("the guard did not hold: {other:?}"),
    }
    assert!(matches!(moved.await, Ok(AppendOutcome::Appended(_))));
}

/// The same id and digest is the same command, whatever has moved since.
pub async fn a_command_is_carried_out_once(harness: &impl Harness) {
    let log = open(harness);
    let (a, b) = (stream("a"), stream("b"));
    let once = Append {
        command: Some(command("c-1", 7)),
        guards: vec![guard(&b, None)],
        ..append(&a, NoStream, &[1, 2])
    };
    let first = written(&*log, once.clone()).await;
    written(&*log, append(&b, Any, &[3])).await;
    written(&*log, append(&a, Any, &[4])).await;
    assert_eq!(already(&*log, once.clone()).await, first);

    // Two tries in flight together.
    let twice = Append { command: Some(command("c-2", 7)), ..append(&a, Any, &[5]) };
    let tries = (log.append(twice.clone()), log.append(twice));
    let (one, other) = (tries.0.await, tries.1.await);
    match (one, other) {
        (Ok(AppendOutcome::Appended(one)), Ok(AppendOutcome::AlreadyAppended(other))) => {
            assert_eq!(one, other)
        }
        other => panic!("expected one to be written: {other:?}"),
    }
    assert_eq!(log.head().position, Position(5));
}

/// Another digest under the same id is another command; another scope makes it another id.
pub async fn a_command_id_with_another_content_is_refused(harness: &impl Harness) {
    let log = open(harness);
    let a = stream("a");
    let with = |key, number| Append { command: Some(key), ..append(&a, Any, &[number]) };
    written(&*log, with(command("c-1", 1), 1)).await;
    let other = log.append(with(command("c-1", 2), 2)).await;
    assert!(matches!(other, Err(AppendError::IdMismatch)), "{other:?}");
    written(&*log, with(CommandKey { scope: [2; 16], ..command("c-1", 2) }, 3)).await;
    written(&*log, with(command("c-10", 2), 4)).await;
}

/// What wrote nothing did not happen.
pub async fn a_refused_append_leaves_the_command_free(harness: &impl Harness) {
    let log = open(harness);
    let a = stream("a");
    let attempt = Append { command: Some(command("c-1", 1)), ..append(&a, StreamExists, &[1]) };
    conflict(&*log, attempt).await;
    assert_eq!(log.find_command(&a, [1; 16], "c-1").await.unwrap(), None);
    written(&*log, Append { command: Some(command("c-1", 2)), ..append(&a, NoStream, &[1]) }).await;
}

/// Event ids at the exact place tell a retry from a conflict.
pub async fn a_retry_without_a_command_changes_nothing(harness: &impl Harness) {
    let log = open(harness);
    let (a, b) = (stream("a"), stream("b"));
    let first = written(&*log, append(&a, NoStream, &[1, 2])).await;
    let second = written(&*log, append(&a, Exact(1), &[3, 4])).await;
    written(&*log, append(&b, NoStream, &[9])).await;
    assert_eq!(already(&*log, append(&a, NoStream, &[1, 2])).await, first);
    let guarded = Append { guards: vec![guard(&b, None)], ..append(&a, Exact(1), &[3, 4]) };
    assert_eq!(already(&*log, guarded).await, second, "a guard may have moved since");
    for (expected, numbers) in
        [(Exact(1), &[3][..]), (Exact(1), &[4, 3]), (Exact(0), &[3, 4]), (Exact(2), &[4]), (NoStream, &[1])]
    {
        conflict(&*log, append(&a, expected, numbers)).await;
    }
    conflict(&*log, Append { command: Some(command("c", 1)), ..append(&a, Exact(1), &[3, 4]) }).await;
    // An append that names no place is no retry.
    written(&*log, append(&a, Any, &[1, 2])).await;
}

/// The next decision need not wait for the last one's fsync.
pub async fn a_chain_of_appends_in_flight_holds(harness: &impl Harness) {
    let log = open(harness);
    let a = stream("a");
    let mut answers = vec![log.append(append(&a, NoStream, &[0]))];
    for number in 1..200 {
        answers.push(log.append(append(&a, Exact(number - 1), &[number])));
    }
    // Asked for in the other order: the call has taken the place, not the first look at its future.
    for (revision, answer) in answers.into_iter().enumerate().rev() {
        match answer.await {
            Ok(AppendOutcome::Appended(place)) => assert_eq!(place.first_revision, revision as u64),
            other => panic!("revision {revision}: {other:?}"),
        }
    }
}

/// Appends that are refused among others that are not.
pub async fn a_refused_append_does_not_hurt_its_neighbours(harness: &impl Harness) {
    let log = open(harness);
    let a = stream("a");
    let answers: Vec<_> = (0..100)
        .map(|number| {
            let expected = if number % 3 == 2 { Exact(1_000) } else { Any };
            log.append(append(&a, expected, &[number]))
        })
        .collect();
    let (mut next, mut refused) = (0, 0);
    for answer in answers {
        match answer.await {
            Ok(AppendOutcome::Appended(place)) => {
                next += 1;
                assert_eq!(place.first_position, Position(next));
            }
            Err(AppendError::Conflict { .. }) => refused += 1,
            other => panic!("{other:?}"),
        }
    }
    assert_eq!((next, refused), (67, 33));
}

/// The clock may go back; the log does not.
pub async fn recorded_at_never_decreases(harness: &impl Harness) {
    let clock = ManualClock::at(5_000);
    let log = harness.open(clock.clock());
    let mut recorded = Vec::new();
    for (number, time) in [5_000, 4_000, -7, 6_000, 5_999].into_iter().enumerate() {
        clock.set(time);
        recorded.push(written(&*log, append(&stream("a"), Any, &[number as u64])).await.recorded_at);
    }
    assert!(recorded.is_sorted(), "{recorded:?}");
    assert_eq!(log.head().recorded_at, *recorded.last().unwrap());
}

/// Every limit, one past it; the message names it.
pub async fn limits_are_enforced(harness: &impl Harness) {
    let log = open(harness);
    let a = stream("a");
    let base = append(&a, Any, &[1]);
    let with = |event: NewEvent| Append { events: vec![event], ..base.clone() };
    let named = |id: String| Append { command: Some(command(&id, 1)), ..base.clone() };
    let cases = [
        (Append { events: vec![], ..base.clone() }, "no events"),
        (Append { events: vec![event(1); MAX_EVENTS_PER_APPEND + 1], ..base.clone() }, "events, at most"),
        (Append { guards: vec![guard(&a, None); MAX_GUARDS + 1], ..base.clone() }, "guards, at most"),
        (named(String::new()), "command id of 0 bytes"),
        (named("x".repeat(MAX_COMMAND_ID + 1)), "command id of 257 bytes"),
        (with(NewEvent { event_type: "".into(), ..event(1) }), "type of event 0"),
        (with(NewEvent { event_type: "x".repeat(MAX_EVENT_TYPE + 1).into(), ..event(1) }), "type of event 0"),
        (with(NewEvent { payload: vec![0; MAX_APPEND_BYTES].into(), ..event(1) }), "bytes, at most"),
        (with(NewEvent { metadata: vec![0; MAX_APPEND_BYTES].into(), ..event(1) }), "bytes, at most"),
    ];
    for (append, rule) in cases {
        match log.append(append).await {
            Err(AppendError::Invalid(what)) => assert!(what.contains(rule), "{what:?} should name {rule:?}"),
            other => panic!("{rule}: {other:?}"),
        }
    }
    assert_eq!(log.head().position, Position::START);

    let full = MAX_APPEND_BYTES - a.as_str().len() - 1;
    let largest = NewEvent {
        event_type: "x".into(),
        metadata: Bytes::new(),
        payload: vec![7; full].into(),
        ..event(1)
    };
    written(&*log, with(largest.clone())).await;
    let frame = log.frame_at(Position(1)).await.unwrap().unwrap();
    assert_eq!(frame.events[0].payload, largest.payload);
    written(&*log, Append { events: (0..MAX_EVENTS_PER_APPEND as u64).map(event).collect(), ..base }).await;
}

/// A closed log says so.
pub async fn nothing_is_taken_after_closing(harness: &impl Harness) {
    let log = open(harness);
    let queued = log.append(append(&stream("a"), Any, &[1]));
    log.close().await;
    log.close().await;
    assert!(matches!(queued.await, Ok(AppendOutcome::Appended(_))), "what was taken is written");
    let late = log.append(append(&stream("a"), Any, &[2])).await;
    assert!(matches!(late, Err(AppendError::Unavailable(_))), "{late:?}");
    assert_eq!(log.failed().await, None);
}
