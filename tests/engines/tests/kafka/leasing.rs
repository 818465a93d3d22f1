//! One at a time, and what remains of one that was too slow.

use std::{sync::Arc, time::Duration};

use engine::{Clock, ManualClock, SystemClock};
use event_log::{EventFeed, Frame, MemoryLog, Position, ReadError};
use futures::{StreamExt, future::BoxFuture, stream::BoxStream};
use tokio::sync::watch;

use crate::{
    broker::{Broker, shared},
    stage::{Running, Stage, eventually},
};

#[tokio::test(flavor = "multi_thread")]
async fn of_two_one_publishes() {
    let Some(broker) = shared() else { return };
    let stage = Stage::new(&broker, "two");
    let load = stage.keep_appending(200);
    let relays = [stage.relay("a"), stage.relay("b")];
    // Longer than a lease lasts: it is renewed.
    for _ in 0..160 {
        tokio::time::sleep(Duration::from_millis(50)).await;
        let active = relays.iter().filter(|running| running.relay.metrics().active).count();
        assert!(active <= 1, "two publish");
    }
    load.stop().await;
    let [first, second] = relays;
    let (active, other) = if first.relay.metrics().active { (first, second) } else { (second, first) };
    stage.wait_until_published(&active).await;
    assert_eq!(other.relay.metrics().published, 0);
    assert_eq!(stage.lease().await.epoch(), 1);
    // Who lets go is followed at once.
    active.stop().await;
    stage.append().await;
    stage.wait_until_published(&other).await;
    assert_eq!(stage.lease().await.epoch(), 2);
    other.stop().await;
    assert_eq!(stage.assert_topics_are_the_log().await, 0, "something came twice");
}

/// The worst case of a lease: its holder is stopped in the middle of sending, for longer than the lease lasts, hears
/// nothing of its successor, and then goes on as if nothing had happened.
#[tokio::test(flavor = "multi_thread")]
async fn what_a_stale_holder_still_sends_is_duplicates_and_it_saves_nothing() {
    let Some(broker) = Broker::start().await else { return };
    let proxy = broker.proxy().await;
    let stage = Stage::new(broker.address(), "stale");
    for _ in 0..200 {
        stage.append().await;
    }
    let clock = Arc::new(ManualClock::at(SystemClock.now()));
    let feed = Arc::new(HeldBack { log: stage.log.clone(), back: watch::Sender::new(false) });
    let mut kafka = stage.kafka();
    kafka.brokers = proxy.address.to_string();
    // It is to wait for as long as this takes.
    kafka.quiet = Duration::from_secs(3_600);
    let stale = Running::start(stage.log.clone(), feed.clone(), clock, kafka, stage.options("stale"));
    stage.wait_until_published(&stale).await;
    // What it saves later would tell it of its successor.
    stage.wait_until_saved().await;
    // Something is on its way, and stays there.
    proxy.freeze();
    for _ in 0..100 {
        stage.append().await;
    }
    eventually("records are in flight", || stale.relay.metrics().in_flight > 0).await;
    feed.back.send_replace(true);
    let position = stale.relay.metrics().position;
    let next = stage.relay("next");
    for _ in 0..100 {
        stage.append().await;
    }
    stage.wait_until_published(&next).await;
    let saved = stage.lease().await;
    assert!(stale.relay.metrics().active, "it knows already: a weak test");
    assert_eq!(stale.relay.metrics().position, position);

    proxy.thaw();
    eventually("the stale holder knows", || !stale.relay.metrics().active).await;
    stage.wait_until_published(&next).await;
    let lease = stage.lease().await;
    assert_eq!(lease.epoch(), saved.epoch());
    assert!(lease.cursor() >= saved.cursor());
    next.stop().await;
    stale.stop().await;
    assert!(stage.assert_topics_are_the_log().await > 0, "nothing came again: a weak test");
}

/// A log's feed that can be held back.
struct HeldBack {
    log: Arc<MemoryLog>,
    back: watch::Sender<bool>,
}

impl EventFeed for HeldBack {
    fn subscribe(&self, after: Position) -> BoxStream<'static, Result<Arc<Frame>, ReadError>> {
        let back = self.back.subscribe();
        let frames = self.log.subscribe(after).then(move |frame| {
            let mut back = back.clone();
            async move {
                let _ = back.wait_for(|back| !back).await;
                frame
            }
        });
        frames.boxed()
    }

    fn reached(&self, position: Position) -> BoxFuture<'static, Result<(), ReadError>> {
        self.log.reached(position)
    }
}
