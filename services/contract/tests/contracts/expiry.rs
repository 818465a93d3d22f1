//! Expiry is put on record once, after it has come to pass.

use std::sync::Arc;

use contract::{Deadlines, Expiry};
use engine::{Folds, Projection, Store};
use event_log::{EventLog, Page, Position};

use crate::support::{World, terms};
use world::day;

async fn expired_events(log: &dyn EventLog) -> usize {
    let frames = log.read_all(Position::START, Page::default()).await.unwrap();
    let events = frames.iter().flat_map(|frame| &frame.events);
    events.filter(|event| &*event.event_type == "kiban.contract.v1.ContractExpired").count()
}

#[tokio::test]
async fn an_expiry_is_recorded_once_and_not_before_its_time() {
    let world = World::new().await;
    world.active().await;
    let deadlines: Arc<Projection<Deadlines>> = Projection::open(Store::in_memory().unwrap()).unwrap();
    let mut folds = Folds::default();
    folds.add(&deadlines);
    let folds = folds.run(world.feed.clone());
    let expiry = Expiry::new(world.log.clone(), deadlines.clone(), world.clock.clone());
    let reached = || async { deadlines.reached(world.log.head().position).await.unwrap() };

    reached().await;
    assert_eq!(expiry.record_due().await.unwrap(), 0, "the term has begun");

    let end = terms().end.unwrap().seconds * 1_000_000;
    assert!(day(2026, 3, 2).as_micros() < end);
    world.clock.set(domain::time::Timestamp::from_micros(end).unwrap());
    assert_eq!(expiry.record_due().await.unwrap(), 1);
    // The fold may not know yet what was just recorded: a second run finds the command carried out.
    expiry.record_due().await.unwrap();
    assert_eq!(expired_events(&*world.log).await, 1);
    reached().await;
    assert_eq!(expiry.record_due().await.unwrap(), 0);
    folds.stop().await;
}
