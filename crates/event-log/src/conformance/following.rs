//! Following: history and what comes are one stream.

use super::*;
use crate::{Frame, Page, Position, ReadError};
use ExpectedRevision::Any;
use futures::{StreamExt, future::join_all};
use std::sync::atomic::{AtomicBool, AtomicU64};

/// Subscribers that come at different times while others write: no gap, no repeat, no seam.
pub async fn subscribers_see_every_frame_once<H: Harness>(harness: &H) {
    const WRITERS: u64 = 4;
    const EACH: u64 = 150;
    let log = harness.open(ManualClock::at(5).clock());
    let writers = (0..WRITERS).map(|writer| {
        let log = log.clone();
        async move {
            for number in 0..EACH {
                let numbers: Vec<_> = (0..=number % 3).collect();
                written(&*log, append(&stream(&writer.to_string()), Any, &numbers)).await;
            }
        }
    });
    let total = WRITERS * (EACH / 3) * (1 + 2 + 3);
    let subscribers = (0..5u64).map(|subscriber| {
        let log = log.clone();
        async move {
            log.reached(Position(subscriber * total / 8)).await.unwrap();
            let after = Position(subscriber * 50);
            let mut feed = log.subscribe(after);
            let mut next = after.0 + 1;
            while next <= total {
                let frame = feed.next().await.expect("the feed goes on").unwrap();
                assert!(frame.last_position().0 >= next);
                assert!(
                    frame.first_position.0 == next || (next == after.0 + 1 && frame.first_position.0 < next)
                );
                assert!(frame.last_position() <= log.head().position, "sent before it was durable");
                next = frame.last_position().0 + 1;
            }
        }
    });
    let spawned: Vec<_> = subscribers.map(tokio::spawn).collect();
    join_all(writers).await;
    for task in spawned {
        task.await.unwrap();
    }
    assert_eq!(log.head().position, Position(total));
}

/// Exclusive of what was seen; whole frames; also from past the head.
pub async fn a_subscription_may_start_anywhere(harness: &impl Harness) {
    let log = harness.open(ManualClock::at(5).clock());
    let a = stream("a");
    written(&*log, append(&a, Any, &[1, 2, 3])).await;
    written(&*log, append(&a, Any, &[4])).await;
    for (after, first) in [(0, 1), (1, 1), (2, 1), (3, 4)] {
        let frame = log.subscribe(Position(after)).next().await.unwrap().unwrap();
        assert_eq!(frame.first_position.0, first);
    }
    let mut live = log.subscribe(Position(4));
    let mut ahead = log.subscribe(Position(5));
    written(&*log, append(&a, Any, &[5])).await;
    written(&*log, append(&a, Any, &[6])).await;
    assert_eq!(live.next().await.unwrap().unwrap().first_position, Position(5));
    assert_eq!(ahead.next().await.unwrap().unwrap().first_position, Position(6));
}

/// While appends are in flight no door shows more than the durable head.
pub async fn nothing_is_read_before_it_is_durable<H: Harness>(harness: &H) {
    let log = harness.open(ManualClock::at(5).clock());
    let a = stream("a");
    let done = Arc::new(AtomicBool::new(false));
    let acknowledged = Arc::new(AtomicU64::new(0));
    let watcher = {
        let (log, done, acknowledged, a) = (log.clone(), done.clone(), acknowledged.clone(), a.clone());
        tokio::spawn(async move {
            while !done.load(Ordering::SeqCst) {
                // What is acknowledged before a question must be in its answer.
                let least = acknowledged.load(Ordering::SeqCst);
                let head = log.head().position.0;
                assert!(head >= least);
                let revision = log.stream_revision(&a).await.unwrap().map_or(0, |revision| revision + 1);
                assert!(revision >= head);
                let page = log.read_all(Position(head.saturating_sub(1)), Page::default()).await.unwrap();
                let last = page.last().map_or(0, |frame: &Arc<Frame>| frame.last_position().0);
                assert!(last >= head);
                assert!(last <= log.head().position.0, "read past the head");
                // What was seen stays: a frame shown early could still vanish with its commit.
                assert!(log.frame_at(Position(last)).await.unwrap().is_some() || last == 0);
                tokio::task::yield_now().await;
            }
        })
    };
    for number in 0..300 {
        let place = written(&*log, append(&a, Any, &[number])).await;
        assert!(log.head().position >= place.last_position, "an answer comes after the head moved");
        acknowledged.store(place.last_position.0, Ordering::SeqCst);
    }
    done.store(true, Ordering::SeqCst);
    watcher.await.unwrap();
}

/// Waiting ends as soon as the head is there, or with the log.
pub async fn waiting_for_a_position(harness: &impl Harness) {
    let log = harness.open(ManualClock::at(5).clock());
    log.reached(Position::START).await.unwrap();
    let (waiting, never) = (log.reached(Position(2)), log.reached(Position(3)));
    let waiting = tokio::spawn(waiting);
    written(&*log, append(&stream("a"), Any, &[1])).await;
    assert!(!waiting.is_finished());
    written(&*log, append(&stream("a"), Any, &[2])).await;
    waiting.await.unwrap().unwrap();
    log.close().await;
    assert!(matches!(never.await, Err(ReadError::Closed)));
}

/// A feed ends with its log and not before.
pub async fn feeds_end_when_the_log_closes(harness: &impl Harness) {
    let log = harness.open(ManualClock::at(5).clock());
    written(&*log, append(&stream("a"), Any, &[1])).await;
    let mut feed = log.subscribe(Position::START);
    assert_eq!(feed.next().await.unwrap().unwrap().first_position, Position(1));
    let end = tokio::spawn(async move { feed.next().await });
    log.close().await;
    assert!(end.await.unwrap().is_none());
}
