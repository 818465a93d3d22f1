//! One at a time.

use domain::{
    id::OrganisationId,
    relay::{Event, RelayLeaseTaken},
    time::Timestamp,
};
use engine::{Clock, read_events};
use event_log::{Append, EventLog, ExpectedRevision, Mood, NewEvent, Page};
use events::{Metadata, Recordable};

use crate::stage::{Stage, TERM, lease_stream, position};

#[tokio::test(start_paused = true)]
async fn of_two_one_publishes_and_the_other_takes_over_once_the_lease_is_over() {
    let stage = Stage::new();
    let mut appended = Vec::new();
    let (first, second) = (stage.relay("a"), stage.relay("b"));
    for _ in 0..3 {
        appended.push(stage.append("period-1", None).await);
        stage.pass(4).await;
        let active = [&first, &second].map(|running| running.relay.metrics().active);
        assert_eq!(active.iter().filter(|active| **active).count(), 1, "{active:?}");
    }
    assert_eq!(stage.broker.records("kiban.period").len(), 3);
    let (active, standing_by) = if first.relay.metrics().active { (first, second) } else { (second, first) };
    active.kill().await;
    appended.push(stage.append("period-1", None).await);
    stage.pass(1).await;
    assert!(!standing_by.relay.metrics().active);
    assert_eq!(standing_by.relay.metrics().published, 0);
    stage.pass(TERM + 3).await;
    assert!(standing_by.relay.metrics().active);
    assert_eq!(stage.first_seen("kiban.period"), appended);
    assert_eq!(stage.lease().await.epoch(), 2);
    standing_by.stop().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn who_lets_go_is_followed_at_once() {
    let stage = Stage::new();
    let first = stage.relay("a");
    stage.append("period-1", None).await;
    stage.pass(3).await;
    first.stop().await.unwrap();
    // It saved what was acknowledged, so nothing comes twice.
    let second = stage.relay("b");
    stage.append("period-1", None).await;
    stage.pass(3).await;
    let positions: Vec<u64> = stage.broker.records("kiban.period").iter().map(position).collect();
    assert_eq!(positions, stage.first_seen("kiban.period"));
    assert_eq!(positions.len(), 2);
    second.stop().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_stale_holder_learns_of_its_successor_and_stands_by() {
    let stage = Stage::new();
    let first = stage.relay("a");
    let published = stage.append("period-1", None).await;
    stage.pass(1).await;
    // It is stopped in the middle: its time stands still while that of the world goes on.
    take_over(&stage).await;
    stage.append("period-1", None).await;
    stage.pass(10).await;
    assert!(!first.relay.metrics().active);
    // It publishes nothing after it knows.
    let positions: Vec<u64> = stage.broker.records("kiban.period").iter().map(position).collect();
    assert_eq!(positions, [published]);
    let lease = stage.lease().await;
    assert_eq!((lease.epoch(), lease.cursor()), (2, 0));
    first.stop().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_stale_holder_that_hears_nothing_is_fenced_by_the_log() {
    let stage = Stage::new();
    stage.broker.become_of(Mood::Mute);
    let first = stage.relay("a");
    stage.append("period-1", None).await;
    stage.pass(1).await;
    // From here on the log's feed tells it nothing, but it can append.
    stage.feed.hold_back(true);
    take_over(&stage).await;
    stage.broker.become_of(Mood::Well);
    stage.pass(1).await;
    // It was told that all is published, and believes that it may say so.
    assert_eq!(first.relay.metrics().published, 1);
    assert!(first.relay.metrics().active);
    stage.pass(5).await;
    assert!(!first.relay.metrics().active);
    assert_eq!(first.relay.metrics().saves, 0);
    let lease = stage.lease().await;
    assert_eq!((lease.epoch(), lease.cursor()), (2, 0), "a stale holder has moved the cursor");
    assert_eq!(stage.lease_events().await, Some(1), "a stale holder has written");
    first.stop().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn killed_again_and_again_it_loses_nothing() {
    let stage = Stage::new();
    let mut appended = Vec::new();
    for run in 0..12 {
        let running = stage.relay_with(&format!("run {run}"), |options| {
            options.batch_records = 2;
            options.batches_in_flight = 3;
        });
        // Sometimes acknowledgements do not arrive before the end.
        stage.broker.become_of(if run % 3 == 0 { Mood::Mute } else { Mood::Well });
        for _ in 0..7 {
            appended.push(stage.append("period-1", None).await);
        }
        stage.pass(TERM + 3 + i64::from(run % 4)).await;
        assert!(stage.lease().await.cursor() <= stage.log.head().position.0);
        running.kill().await;
    }
    stage.broker.become_of(Mood::Well);
    let last = stage.relay("last");
    stage.pass(TERM + 3).await;
    assert_eq!(stage.first_seen("kiban.period"), appended);
    assert!(stage.broker.records("kiban.period").len() > appended.len(), "nothing came twice: a weak test");
    last.stop().await.unwrap();
}

/// Another process takes the lease once it has lapsed.
async fn take_over(stage: &Stage) {
    let leases: Vec<(u64, Event)> =
        read_events(&*stage.log, &lease_stream(), 0, Page::default()).await.unwrap();
    assert_eq!(leases.len(), 1, "it has saved already: {leases:?}");
    let now = stage.clock.now().as_micros() + (TERM + 1) * 1_000_000;
    stage.clock.set(Timestamp::from_micros(now).unwrap());
    let taken = Event::RelayLeaseTaken(RelayLeaseTaken {
        holder: "b".parse().unwrap(),
        epoch: 2,
        until: Timestamp::from_micros(now + 1_000_000_000).unwrap(),
        at: stage.clock.now(),
    });
    let metadata = Metadata {
        organisation: OrganisationId::from_u128(0),
        person: None,
        command: None,
        causation: None,
        correlation: None,
        occurred_at: stage.clock.now(),
        partition: None,
        audience: vec![],
        traceparent: String::new(),
    };
    let append = Append {
        stream: lease_stream(),
        expected: ExpectedRevision::Exact(0),
        guards: vec![],
        command: None,
        events: vec![NewEvent {
            id: [9; 16],
            event_type: taken.event_type().into(),
            metadata: metadata.encode().into(),
            payload: taken.encode().into(),
        }],
    };
    stage.log.append(append).await.unwrap();
}
