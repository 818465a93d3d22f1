//! While things go wrong.

use std::{collections::HashSet, time::Duration};

use crate::{
    broker::{Broker, shared},
    reading::Seen,
    stage::{Dice, Running, Stage, TERM, eventually},
};

/// How long the broker stays away. librdkafka alone would give a message up after five minutes, and a request after one.
const DOWN: Duration = Duration::from_secs(60);

#[tokio::test(flavor = "multi_thread")]
async fn a_broker_killed_under_load_loses_nothing_that_the_cursor_counts_on() {
    let Some(broker) = Broker::start().await else { return };
    let stage = Stage::new(broker.address(), "killed");
    let load = stage.keep_appending(300);
    let mut running = Some(stage.relay("0"));
    let mut dice = Dice::new(7);
    for round in 1..=4 {
        if let Some(running) = &running {
            some_published(running).await;
        }
        tokio::time::sleep(Duration::from_millis(dice.below(2_000))).await;
        broker.kill().await;
        // Every other time the relay dies with it, and what it had saved must be there.
        if round % 2 == 0 {
            running.take().unwrap().kill().await;
            let cursor = stage.lease().await.cursor();
            broker.restart().await;
            let there: HashSet<u64> = stage.topics().await.iter().map(Seen::position).collect();
            for frame in stage.frames().await {
                for position in (frame.first_position.0..=frame.last_position().0).filter(|at| *at <= cursor)
                {
                    assert!(there.contains(&position), "{position} was saved as published and is not there");
                }
            }
            running = Some(stage.relay(&round.to_string()));
        } else {
            broker.restart().await;
        }
    }
    load.stop().await;
    let running = running.unwrap();
    stage.wait_until_published(&running).await;
    running.stop().await;
    let again = stage.assert_topics_are_the_log().await;
    println!("{again} records came again");
}

/// Waits until a relay has published some more.
async fn some_published(running: &Running) {
    let before = running.relay.metrics().published;
    eventually("something is published", || running.relay.metrics().published > before + 50).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broker_that_is_away_for_a_while_is_waited_for() {
    let Some(broker) = Broker::start().await else { return };
    let stage = Stage::new(broker.address(), "away");
    let load = stage.keep_appending(100);
    let running = stage.relay("a");
    some_published(&running).await;
    broker.stop().await;
    tokio::time::sleep(DOWN).await;
    let metrics = running.relay.metrics();
    assert!(metrics.lag_positions > 100, "{metrics:?}");
    assert!(metrics.seconds_since_acknowledgement >= Some(DOWN.as_secs() - 1), "{metrics:?}");
    assert!(stage.lease().await.cursor() <= metrics.position);
    broker.restart().await;
    load.stop().await;
    stage.wait_until_published(&running).await;
    running.stop().await;
    stage.assert_topics_are_the_log().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_relay_killed_at_random_points_is_followed_by_another() {
    let Some(broker) = shared() else { return };
    let stage = Stage::new(&broker, "followed");
    let load = stage.keep_appending(400);
    let mut dice = Dice::new(11);
    for run in 0..8 {
        let mut options = stage.options(&format!("run {run}"));
        if run == 4 {
            // What it published comes again, since it says so nowhere.
            options.save_every = Duration::from_secs(3_600);
        }
        let running = stage.relay_with(stage.kafka(), options);
        // Some die while they wait for the lease, some in the middle.
        if run % 2 == 0 {
            some_published(&running).await;
        }
        tokio::time::sleep(TERM / 2 + Duration::from_millis(dice.below(4_000))).await;
        running.kill().await;
    }
    load.stop().await;
    let last = stage.relay("last");
    stage.wait_until_published(&last).await;
    last.stop().await;
    let again = stage.assert_topics_are_the_log().await;
    assert!(again > 0, "nothing came again: a weak test");
    assert!(stage.lease().await.epoch() >= 3, "hardly anybody had the lease: a weak test");
}
