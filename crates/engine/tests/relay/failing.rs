//! What passes is waited for; what does not ends it.

use std::time::Duration;

use bytes::Bytes;
use engine::{Clock, RelayFailure};
use event_log::{Mood, Position, RelayError};

use crate::stage::Stage;

#[tokio::test(start_paused = true)]
async fn a_broker_that_goes_and_comes_back_costs_nothing_but_time() {
    let stage = Stage::new();
    let running = stage.relay("a");
    let mut appended = vec![stage.append("period-1", None).await];
    stage.pass(3).await;
    stage.broker.become_of(Mood::Failing(RelayError::Unavailable("no route".into())));
    for _ in 0..5 {
        appended.push(stage.append("period-1", None).await);
        stage.pass(10).await;
    }
    // Who cannot reach the brokers lets another go on.
    assert!(!running.relay.metrics().active);
    assert_eq!(stage.lease().await.lease_at(stage.clock.now()), None);
    assert!(running.relay.metrics().lag_positions >= 5);
    stage.broker.become_of(Mood::Well);
    stage.pass(5).await;
    assert!(running.relay.metrics().active);
    assert_eq!(stage.first_seen("kiban.period"), appended);
    assert_eq!(running.relay.metrics().lag_positions, 0);
    running.stop().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_client_that_went_quiet_is_replaced() {
    let stage = Stage::new();
    let running = stage.relay("a");
    stage.broker.become_of(Mood::Mute);
    let mut appended = vec![stage.append("period-1", None).await, stage.append("period-1", None).await];
    stage.pass(3).await;
    // The client says so itself, and the next one finds the broker well.
    stage.broker.become_of(Mood::Failing(RelayError::Quiet(Duration::from_secs(30))));
    tokio::task::yield_now().await;
    stage.broker.become_of(Mood::Well);
    appended.push(stage.append("period-1", None).await);
    stage.pass(3).await;
    let metrics = running.relay.metrics();
    assert_eq!((metrics.restarts, metrics.watchdog_restarts), (1, 1));
    // The first two came twice: they were not acknowledged.
    assert_eq!(stage.broker.records("kiban.period").len(), 5);
    assert_eq!(stage.first_seen("kiban.period"), appended);
    running.stop().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn what_cannot_pass_ends_it_loudly() {
    let stage = Stage::new();
    stage.append("period-1", None).await;
    stage.broker.become_of(Mood::Failing(RelayError::Fatal("topic kiban.period: not authorised".into())));
    let failed = stage.relay("a").task.await.unwrap();
    let refused = RelayError::Fatal("topic kiban.period: not authorised".into());
    assert_eq!(failed, Err(RelayFailure::Publish { position: Position(0), source: refused }));
    // In the middle as well; then what was acknowledged is saved, and the lease is free.
    stage.broker.become_of(Mood::Well);
    let running = stage.relay("b");
    stage.pass(3).await;
    stage.broker.become_of(Mood::Failing(RelayError::Fatal("gone".into())));
    stage.append("period-1", None).await;
    let failed = running.task.await.unwrap().unwrap_err();
    let RelayFailure::Publish { position, .. } = failed else { panic!("{failed:?}") };
    assert_eq!(stage.lease().await.cursor(), position.0);
    assert_eq!(stage.lease().await.lease_at(stage.clock.now()), None);
}

#[tokio::test(start_paused = true)]
async fn an_envelope_that_cannot_be_read_ends_it_with_its_position() {
    let stage = Stage::new();
    stage.append("period-1", None).await;
    let spoiled = stage.append_bytes("period-1", Bytes::from_static(&[0xff])).await;
    let failed = stage.relay("a").task.await.unwrap().unwrap_err();
    let RelayFailure::Event(defect) = failed else { panic!("{failed:?}") };
    assert_eq!(defect.position, Position(spoiled));
    // Foreign streams are not read, so they cannot end it.
    let stage = Stage::new();
    stage.append_bytes("invoice-1", Bytes::from_static(&[0xff])).await;
    let last = stage.append("period-1", None).await;
    let running = stage.relay("a");
    stage.pass(3).await;
    assert_eq!(stage.first_seen("kiban.period"), [last]);
    running.stop().await.unwrap();
}
