//! The engine where the server does what servers do now and then.

use super::{
    append::{Beside, Reply},
    deadline,
    fake::{Fake, Turn, refusal},
};
use crate::{
    Append, AppendError, AppendOutcome, EventFeed, EventLog, EventStoreLog,
    ExpectedRevision::{self, Any, Exact, NoStream},
    MemoryLog, Page, Position, ReadError, StreamName,
    conformance::{ManualClock, append, command, guard, stream, written},
    live::held,
    protocol,
};
use futures::StreamExt;
use std::time::Duration;
use tokio::time::timeout;

/// Longer than any of this takes, and shorter than what would be waited for without a deadline.
const SOON: Duration = Duration::from_secs(8);

/// A server may say that it does not know in time what became of an append. It stands, or somebody else stands there, or
/// nobody knows: the log tells.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_time_out_that_the_server_tells_is_resolved_by_reading_back() {
    let fake = Fake::new().await;
    let log = fake.connect("&defaultDeadline=700").await;
    let timed_out = || refusal(4, "Timeout", "Timeout");
    let a = stream("a");

    fake.told(|script| script.turns.push_back(Turn::WriteAndSay(timed_out())));
    let place = written(&*log, append(&a, NoStream, &[1, 2])).await;
    assert_eq!((place.first_revision, place.last_revision), (0, 1));

    // With a command id alone it is found, too.
    fake.told(|script| script.turns.push_back(Turn::WriteAndSay(timed_out())));
    let commanded = Append { command: Some(command("c-1", 1)), ..append(&a, Any, &[3]) };
    assert_eq!(written(&*log, commanded).await.first_revision, 2);

    written(&*fake.connect("").await, append(&a, Exact(2), &[9])).await;
    fake.told(|script| script.turns.push_back(Turn::Refuse(timed_out())));
    let overtaken = log.append(append(&a, Exact(2), &[4])).await;
    assert!(matches!(overtaken, Err(AppendError::Conflict { actual: Some(3), .. })), "{overtaken:?}");

    fake.told(|script| script.turns.push_back(Turn::Refuse(timed_out())));
    let unknown = timeout(SOON, log.append(append(&a, Exact(3), &[5]))).await.unwrap();
    assert!(matches!(unknown, Err(AppendError::Unknown(_))), "{unknown:?}");
}

/// A server that is not ready, too busy, or knows no leader has written nothing: it is asked again, also for what could
/// not be sent twice.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_not_taken_up_is_sent_again() {
    let fake = Fake::new().await;
    let log = fake.connect("&defaultDeadline=3000").await;
    let not_ready = || refusal(0, "Empty", "Server Is Not Ready");
    for (expected, number) in [(Any, 1), (Exact(0), 2)] {
        fake.told(|script| script.turns.extend([Turn::Refuse(not_ready()), Turn::Refuse(not_ready())]));
        written(&*log, append(&stream("a"), expected, &[number])).await;
    }
    // The others in the call are answered, and none of them twice.
    fake.told(|script| script.turns.push_back(Turn::Refuse(not_ready())));
    let flights: Vec<_> =
        (0..20).map(|number| log.append(append(&stream(&number.to_string()), Any, &[number]))).collect();
    for flight in flights {
        assert!(matches!(flight.await, Ok(AppendOutcome::Appended(_))));
    }
    assert_eq!(fake.log.head().position, Position(22));
}

/// It is told in time that nothing was written, and the server is not asked ever faster.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_stays_busy_is_said_to_be() {
    let fake = Fake::new().await;
    let log = fake.connect("&defaultDeadline=1500").await;
    fake.told(|script| script.refuse_all = Some(refusal(0, "Empty", "Server Is Busy")));
    let busy = timeout(SOON, log.append(append(&stream("a"), NoStream, &[1]))).await.unwrap();
    assert!(matches!(&busy, Err(AppendError::Unavailable(why)) if why == "Server Is Busy"), "{busy:?}");
    let mut appends = 0;
    fake.told(|script| appends = script.appends);
    assert!((2..10).contains(&appends), "{appends} times");
    fake.told(|script| script.refuse_all = None);
    written(&*log, append(&stream("a"), NoStream, &[1])).await;
}

/// What will not do later either must not be tried again.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_can_never_be_written_is_refused() {
    let fake = Fake::new().await;
    let log = fake.connect("").await;
    for details in ["BadRequest", "MaximumAppendSizeExceeded", "MaximumAppendEventSizeExceeded"] {
        fake.told(|script| script.turns.push_back(Turn::Refuse(refusal(3, details, details))));
        let refused = log.append(append(&stream("a"), NoStream, &[1])).await;
        assert!(matches!(refused, Err(AppendError::Invalid(_))), "{details}: {refused:?}");
    }
    fake.told(|script| script.turns.push_back(Turn::Refuse(refusal(7, "AccessDenied", "no"))));
    let denied = log.append(append(&stream("a"), NoStream, &[1])).await;
    assert!(matches!(denied, Err(AppendError::Unavailable(_))), "{denied:?}");
    // What may be otherwise later is tried until the deadline.
    let log = fake.connect("&defaultDeadline=300").await;
    for (code, details) in [(13, "Empty"), (2, "Unknown"), (0, "SomethingNew")] {
        fake.told(|script| script.turns.push_back(Turn::Refuse(refusal(code, details, details))));
        let unknown = log.append(append(&stream("a"), NoStream, &[1])).await;
        assert!(matches!(unknown, Err(AppendError::Unknown(_))), "{details}: {unknown:?}");
    }
}

/// A server that is there and answers nothing holds nobody for ever.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_hangs_holds_nobody() {
    let fake = Fake::new().await;
    let log = fake.connect("&defaultDeadline=600&maxDiscoverAttempts=2").await;
    let (a, one) = (stream("a"), Page { frames: 1, bytes: 0 });
    let place = written(&*log, append(&a, NoStream, &[1])).await;
    fake.told(|script| script.hung = true);
    let gone =
        |error: Option<ReadError>| assert!(matches!(error, Some(ReadError::Unavailable(_))), "{error:?}");
    let asked = async {
        gone(log.stream_revision(&a).await.err());
        gone(log.read_stream(&a, 0, one).await.err());
        gone(log.find_command(&a, [1; 16], "c").await.err());
        gone(log.head_now().await.err());
        gone(log.position_at(place.recorded_at - 1).await.err());
        assert!(log.append(append(&a, Exact(0), &[2])).await.is_err());
    };
    timeout(2 * SOON, asked).await.expect("all are told in time");
    // Answered, and then no more.
    fake.told(|script| script.hung = false);
    while log.stream_revision(&a).await.is_err() {}
    fake.told(|script| script.pace = Duration::from_secs(60));
    let begun = async {
        gone(log.stream_revision(&a).await.err());
        gone(log.read_stream(&a, 0, one).await.err());
    };
    timeout(SOON, begun).await.expect("all are told in time");
    fake.told(|script| (script.hung, script.pace) = (true, Duration::ZERO));
    let opened =
        timeout(SOON, EventStoreLog::open(fake.options("&defaultDeadline=300&maxDiscoverAttempts=2")));
    assert!(opened.await.expect("in time").is_err());
    fake.told(|script| script.hung = false);
    let again = async {
        while log.append(append(&a, Exact(0), &[2])).await.is_err() {}
        log.stream_revision(&a).await
    };
    assert_eq!(timeout(SOON, again).await.expect("it goes on").unwrap(), Some(1));
}

/// A stream of which the commands cannot be read within one deadline is read in several tries, and not from its
/// beginning each time.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_long_stream_takes_commands_after_a_while() {
    const EVENTS: u64 = 400;
    let fake = Fake::new().await;
    let a = stream("a");
    let writer = fake.connect("").await;
    let numbers: Vec<_> = (0..EVENTS).collect();
    for numbers in numbers.chunks(4) {
        written(&*writer, append(&a, Any, numbers)).await;
    }
    let log = fake.connect("&defaultDeadline=400").await;
    fake.told(|script| (script.pace, script.told) = (Duration::from_millis(3), 0));
    let once = Append { command: Some(command("c-1", 1)), ..append(&a, Any, &[EVENTS]) };
    let mut refused = 0;
    let place = loop {
        match log.append(once.clone()).await {
            Ok(AppendOutcome::Appended(place) | AppendOutcome::AlreadyAppended(place)) => break place,
            Err(AppendError::Unavailable(_)) => refused += 1,
            other => panic!("it was not sent: {other:?}"),
        }
        assert!(refused < 100, "it gets no further");
    };
    assert_eq!(place.first_revision, EVENTS);
    assert!(refused > 0, "one deadline is too short");
    // What is known is asked for no more.
    fake.told(|script| script.told = 0);
    assert!(log.find_command(&a, [1; 16], "c-1").await.unwrap().is_some());
    assert!(matches!(log.append(once).await, Ok(AppendOutcome::AlreadyAppended(again)) if again == place));
    fake.told(|script| assert!(script.told < 4, "{} events for what was known", script.told));
}

/// The server's clock steps back; what is recorded does not, and every reader is told the same.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn times_do_not_go_back_with_the_servers_clock() {
    let clock = ManualClock::at(1_000);
    let fake = Fake::of(MemoryLog::new(clock.clock())).await;
    // It steps back for long.
    fake.told(|script| {
        script.created.extend((3..=300).map(|position| (position, 500)));
        script.created.insert(2, 2_000);
    });
    let log = fake.connect("").await;
    let mut told = Vec::new();
    for number in 0..150 {
        told.push(written(&*log, append(&stream("a"), Any, &[number])).await);
        told.push(written(&*log, append(&stream(&number.to_string()), NoStream, &[number])).await);
    }
    let times: Vec<_> = told.iter().map(|place| place.recorded_at).collect();
    assert_eq!(times[..3], [1_000, 2_000, 2_000]);
    assert_eq!(times.last(), Some(&2_000));

    let fresh = fake.connect("").await;
    assert_eq!(fresh.head().recorded_at, 2_000);
    let of_a = fresh.read_stream(&stream("a"), 0, Page::default()).await.unwrap();
    assert!(of_a.iter().map(|frame| frame.appended()).eq(told.iter().step_by(2).copied()));
    for (begin, place) in told.iter().enumerate().step_by(37) {
        let page = Page { frames: 3, ..Page::default() };
        let read = fresh.read_all(Position(begin as u64), page).await.unwrap();
        assert!(read.iter().map(|frame| frame.appended()).eq(told[begin..].iter().take(3).copied()));
        let one = fresh.frame_at(place.first_position).await.unwrap().unwrap();
        assert_eq!(one.appended(), *place);
    }
    for (log, after) in [(&log, 0), (&fresh, 0), (&fresh, 277)] {
        let followed: Vec<_> = log.subscribe(Position(after)).take(20).collect().await;
        let followed = followed.into_iter().map(|frame| frame.unwrap().appended());
        assert!(followed.eq(told[after as usize..].iter().take(20).copied()));
    }
    assert_eq!(fresh.position_at(1_999).await.unwrap(), Position(1));
}

/// A member that does not lead says who does, and is not asked again.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_leader_is_followed_where_a_member_says_it_is() {
    let log = MemoryLog::new(ManualClock::at(1_000).clock());
    let (one, other) = (Fake::of(log.clone()).await, Fake::of(log.clone()).await);
    one.told(|script| script.leader = Some(other.address));
    let remote = one.connect("&defaultDeadline=3000").await;
    written(&*remote, append(&stream("a"), NoStream, &[1])).await;
    let appends = |fake: &Fake| {
        let mut appends = 0;
        fake.told(|script| appends = script.appends);
        appends
    };
    assert_eq!((appends(&one), appends(&other)), (0, 1));

    // It changes while appends are on their way: what is sent again stands once.
    one.told(|script| script.leader = None);
    other.told(|script| script.leader = Some(one.address));
    let mut number = 1;
    while appends(&one) == 0 {
        assert_eq!(remote.stream_revision(&stream("a")).await.unwrap(), Some(number - 1));
        written(&*remote, append(&stream("a"), Exact(number - 1), &[number + 1])).await;
        number += 1;
        other.told(|script| script.turns.push_back(Turn::Refuse(refusal(0, "Empty", "No leader info"))));
    }
    assert_eq!(log.stream_revision(&stream("a")).await.unwrap(), Some(number - 1));
}

/// Guards are looked at together: one after the other they would take a round trip each.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_guards_take_no_longer_than_one() {
    const GUARDS: u64 = 30;
    let fake = Fake::new().await;
    let log = fake.connect("").await;
    let guarded = guarded_by(&log, GUARDS).await;
    fake.told(|script| script.pace = Duration::from_millis(400));
    let written = timeout(Duration::from_secs(9), log.append(guarded(NoStream, 100))).await;
    assert!(written.expect("in time").is_ok());
    // The first in their order that does not hold is named.
    fake.told(|script| script.pace = Duration::ZERO);
    for moved in [20, 7] {
        written_to(&log, moved).await;
        let refused = log.append(guarded(Exact(0), 101)).await;
        let Err(AppendError::Conflict { stream, .. }) = refused else { panic!("{refused:?}") };
        assert_eq!(stream, dataset(moved));
    }
}

/// What stood on what had moved is told in the order of the log, and a stream that was seen is not asked for again.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn stale_guards_are_found_in_their_order() {
    const GUARDS: u64 = 40;
    let fake = Fake::new().await;
    let log = fake.connect("").await;
    let guarded = guarded_by(&log, GUARDS).await;
    let sound = written(&*log, guarded(NoStream, 100)).await;
    let mut stale = Vec::new();
    for (revision, moved) in [(0, 3), (1, 7)] {
        written_to(&log, moved).await;
        stale.push(sent_without_a_look(&log, guarded(Exact(revision), 200 + revision)).await);
    }
    let late = sound.last_position;
    for (after, known) in [(Position::START, true), (late, false)] {
        fake.told(|script| script.reads = 0);
        let found = log.stale_guards(after).take(3).collect::<Vec<_>>();
        let found =
            timeout(SOON, found).await.expect("all are found").into_iter().map(|found| found.unwrap());
        let found: Vec<_> = found.map(|found| (found.position, found.guard.stream)).collect();
        assert_eq!(found, [(stale[0], dataset(3)), (stale[1], dataset(3)), (stale[1], dataset(7))]);
        fake.told(|script| match known {
            true => assert_eq!(script.reads, 1, "all streams were read from their beginning"),
            false => assert!(script.reads <= 1 + GUARDS, "{} reads", script.reads),
        });
        assert_eq!(log.guards_examined(), log.head().position);
    }
}

fn dataset(number: u64) -> StreamName {
    stream(&format!("dataset-{number}"))
}

async fn written_to(log: &EventStoreLog, number: u64) {
    written(log, append(&dataset(number), Any, &[1_000 + number])).await;
}

/// Decisions that stand on the beginnings of so many streams.
async fn guarded_by(log: &EventStoreLog, guards: u64) -> impl Fn(ExpectedRevision, u64) -> Append {
    for number in 0..guards {
        written_to(log, number).await;
    }
    let guards: Vec<_> = (0..guards).map(|number| guard(&dataset(number), Some(0))).collect();
    move |expected, number| Append { guards: guards.clone(), ..append(&stream("usage"), expected, &[number]) }
}

/// As one that looked a moment too early.
async fn sent_without_a_look(log: &EventStoreLog, append: Append) -> Position {
    let appender = held(&log.appender).clone().unwrap();
    let terms = Some(protocol::terms(None, &append.guards));
    let until = deadline::after(SOON);
    let reply = appender.send(&append, Some(&Beside { terms, recorded_at_least: 0 }), until).await;
    let Ok(Reply::Bare(Ok((_, position)))) = reply else { panic!("it was refused") };
    log.reached(Position(position)).await.unwrap();
    Position(position)
}
