//! A client that goes quiet.

use std::time::Duration;

use crate::{
    broker::Broker,
    stage::{Stage, eventually},
};

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_hears_nothing_any_more_is_replaced() {
    let Some(broker) = Broker::start().await else { return };
    let proxy = broker.proxy().await;
    let stage = Stage::new(broker.address(), "quiet");
    let mut kafka = stage.kafka();
    kafka.brokers = proxy.address.to_string();
    kafka.quiet = Duration::from_secs(2);
    let running = stage.relay_with(kafka, stage.options("a"));
    for _ in 0..50 {
        stage.append().await;
    }
    stage.wait_until_published(&running).await;
    // A slow machine may have been quiet for so long before.
    let before = running.relay.metrics();
    // A client that has nothing to wait for may hear nothing for as long as it likes.
    proxy.freeze();
    tokio::time::sleep(Duration::from_secs(5)).await;
    assert_eq!(running.relay.metrics().restarts, before.restarts);
    let connections = proxy.accepted();
    for _ in 0..50 {
        stage.append().await;
    }
    // librdkafka itself would wait for a minute.
    eventually("the watchdog has acted", || {
        running.relay.metrics().watchdog_restarts > before.watchdog_restarts
    })
    .await;
    stage.wait_until_published(&running).await;
    assert!(proxy.accepted() > connections);
    // What was held back arrives late, long after the new client has sent the same.
    proxy.thaw();
    for _ in 0..50 {
        stage.append().await;
    }
    stage.wait_until_published(&running).await;
    let metrics = running.relay.metrics();
    assert_eq!(metrics.restarts, metrics.watchdog_restarts, "nothing else went wrong");
    running.stop().await;
    stage.assert_topics_are_the_log().await;
}
