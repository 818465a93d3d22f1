//! What is published, and what is saved of it.

use std::{sync::Arc, time::Duration};

use domain::{id::ContractId, relay::RelayLease};
use engine::{Clock, RelayOptions, Store, check_snapshots};
use event_log::{EventLog, Mood};
use events::Category;

use crate::stage::{Running, Stage, TERM, position};

#[tokio::test(start_paused = true)]
async fn what_is_appended_is_published_once_in_order() {
    let stage = Stage::new();
    let contract = ContractId::from_u128(7);
    let mut accesses = vec![stage.append(&format!("access-{contract}"), Some(contract)).await];
    let running = stage.relay("a");
    stage.pass(3).await;
    for _ in 0..20 {
        accesses.push(stage.append(&format!("access-{contract}"), Some(contract)).await);
        stage.append("invoice-1", None).await;
        stage.append("venture-1", None).await;
    }
    let period = stage.append("period-org_1", None).await;
    stage.pass(3).await;
    let positions: Vec<u64> = stage.broker.records("kiban.access").iter().map(position).collect();
    assert_eq!(positions, accesses);
    assert_eq!(stage.broker.records("kiban.period").iter().map(position).collect::<Vec<_>>(), [period]);
    assert_eq!(stage.broker.records("kiban.period")[0].key, "org_1");
    assert_eq!(stage.broker.records("kiban.access")[0].key, contract.to_string());
    // What nobody named is not there: deal cards, foreign streams, the relay's own.
    let topics = stage.broker.topics();
    for topic in ["kiban.venture", "kiban.dataset", "kiban.recruitment", "kiban.relay", "kiban.invoice"] {
        assert!(!topics.iter().any(|known| **known == *topic), "{topics:?}");
    }
    let metrics = running.relay.metrics();
    assert!(metrics.active);
    assert_eq!((metrics.published, metrics.in_flight, metrics.restarts), (22, 0, 0));
    assert_eq!(metrics.lag_positions, 0, "{metrics:?}");
    running.stop().await.unwrap();
    assert_eq!(stage.lease().await.lease_at(stage.clock.now()), None);
}

#[tokio::test(start_paused = true)]
async fn an_operator_may_name_what_is_published() {
    let stage = Stage::new();
    let running = stage.relay_with("a", |options| {
        options.topic_prefix = "forum.".into();
        options.categories = [Category::Venture, Category::Relay].into();
    });
    stage.append("venture-1", None).await;
    stage.append("period-1", None).await;
    stage.pass(3).await;
    // A relay's own category is never published, whoever names it.
    assert_eq!(stage.broker.topics(), [Arc::from("forum.venture")]);
    assert_eq!(stage.broker.records("forum.venture").len(), 1);
    running.stop().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn its_own_events_keep_it_busy_no_longer_than_others_do() {
    let stage = Stage::new();
    let last = stage.append("period-1", None).await;
    // Another relay's events are no work either, else two would keep each other awake.
    let running = stage.relay("a");
    let other = stage.relay_with("b", |options| options.name = "other".parse().unwrap());
    stage.pass(10 * TERM).await;
    let (events, head) = (stage.lease_events().await, stage.log.head());
    assert!(stage.lease().await.cursor() >= last);
    assert!(events.unwrap() < 6, "{events:?}");
    stage.pass(100 * TERM).await;
    assert_eq!((stage.lease_events().await, stage.log.head()), (events, head));
    // Its lease has lapsed long ago: it takes another, and remains the one.
    let epoch = stage.lease().await.epoch();
    stage.append("period-1", None).await;
    stage.pass(1).await;
    assert_eq!(stage.broker.records("kiban.period").len(), 2 * 2);
    assert_eq!(stage.lease().await.epoch(), epoch + 1);
    assert!(running.relay.metrics().active);
    assert_eq!(running.relay.metrics().restarts, 0);
    running.stop().await.unwrap();
    other.stop().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn the_cursor_waits_for_acknowledgements() {
    let stage = Stage::new();
    stage.broker.become_of(Mood::Mute);
    for _ in 0..10 {
        stage.append("period-1", None).await;
    }
    let running = stage.relay("a");
    stage.pass(4 * TERM).await;
    assert_eq!(stage.broker.records("kiban.period").len(), 10);
    let metrics = running.relay.metrics();
    assert_eq!((metrics.position, metrics.published, metrics.in_flight), (0, 0, 10));
    assert_eq!(metrics.seconds_since_acknowledgement, None);
    assert!(metrics.lag_positions >= 10);
    assert_eq!(stage.lease().await.cursor(), 0);
    stage.broker.become_of(Mood::Well);
    stage.pass(6).await;
    assert!(stage.lease().await.cursor() >= 10);
    let metrics = running.relay.metrics();
    assert_eq!((metrics.published, metrics.in_flight, metrics.lag_positions), (10, 0, 0));
    assert!(metrics.seconds_since_acknowledgement.is_some_and(|seconds| seconds <= 6), "{metrics:?}");
    running.stop().await.unwrap();
    assert_eq!(stage.broker.records("kiban.period").len(), 10);
}

#[tokio::test(start_paused = true)]
async fn snapshots_of_its_own_history_are_what_the_history_gives() {
    let stage = Stage::new();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("relay.db");
    let mut options = RelayOptions::new("kafka".parse().unwrap(), "a".parse().unwrap());
    options.save_records = 1;
    let running = Running::start(&stage, options, Some(Arc::new(Store::open(&path).unwrap())));
    for _ in 0..1_200 {
        stage.append("period-1", None).await;
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    stage.pass(3).await;
    assert!(stage.lease_events().await.unwrap() >= 1_000);
    running.stop().await.unwrap();
    let check = check_snapshots::<RelayLease>(&*stage.log, &path).await;
    assert_eq!(check.findings, [""; 0]);
    assert!(Store::open(&path).unwrap().snapshot_streams("", 10).unwrap().len() == 1);
}
