//! Alerts: history and what comes, as far as it matches, and while the agreement lasts.

mod support;

use std::time::Duration;

use domain::{id::VentureId, venture::Teaser};
use event_log::EventLog;
use futures::{Stream, StreamExt};
use jiff::civil::date;
use proto::kiban::deal_flow::v1::{
    DealChange, DealChangeKind, DealFilter, WatchRequest, WatchResponse,
    deal_flow_service_server::DealFlowService, watch_response::Message,
};
use support::*;
use tonic::Status;

/// Where the log ends before any venture is listed.
const BEFORE: &str = "11";

fn series_a() -> Option<DealFilter> {
    Some(DealFilter { round: "series-a".into(), ..Default::default() })
}

fn series_b(title: &str) -> Teaser {
    Teaser { round: "series-b".parse().unwrap(), ..teaser(title) }
}

async fn watch(
    world: &World,
    after: &str,
) -> impl Stream<Item = Result<WatchResponse, Status>> + Unpin + use<> {
    let (contract_id, after_position) = (AGREEMENT.to_string(), after.into());
    let request = WatchRequest { contract_id, filter: series_a(), after_position };
    message(world.deals.watch(by(INVESTOR, request)).await)
}

async fn next(stream: &mut (impl Stream<Item = Result<WatchResponse, Status>> + Unpin)) -> Message {
    stream.next().await.unwrap().unwrap().message.unwrap()
}

async fn change(stream: &mut (impl Stream<Item = Result<WatchResponse, Status>> + Unpin)) -> DealChange {
    loop {
        if let Message::Change(change) = next(stream).await {
            return change;
        }
    }
}

/// What is told of a change: where, what, of which venture, with which title.
fn told(change: &DealChange) -> (u64, DealChangeKind, u128, String) {
    let title = change.deal.as_ref().and_then(|deal| deal.teaser.as_ref()).map(|teaser| teaser.title.clone());
    let venture: VentureId = change.venture_id.parse().unwrap();
    (change.position.parse().unwrap(), change.kind(), venture.as_u128(), title.unwrap_or_default())
}

#[tokio::test]
async fn what_matches_is_told_from_a_position_and_as_it_comes() {
    let world = World::forum().await;
    assert_eq!(world.head(), BEFORE);
    world.list(1, LISTER, teaser("one")).await;
    world.list(2, LISTER, series_b("two")).await;
    let mut stream = watch(&world, BEFORE).await;
    assert_eq!(told(&change(&mut stream).await), (12, DealChangeKind::Listed, 1, "one".into()));
    assert_eq!(next(&mut stream).await, Message::ExaminedPosition("13".into()), "the other does not match");

    world.revise(2, 2, teaser("two, anew")).await;
    assert_eq!(told(&change(&mut stream).await), (14, DealChangeKind::Revised, 2, "two, anew".into()));
    world.followed(1, INVESTOR).await;
    world.revise(1, 2, series_b("one, later")).await;
    assert_eq!(told(&change(&mut stream).await), (20, DealChangeKind::NoMatch, 1, String::new()));
    world.withdraw(1).await;
    world.withdraw(2).await;
    assert_eq!(told(&change(&mut stream).await), (22, DealChangeKind::Withdrawn, 2, String::new()));
}

#[tokio::test]
async fn what_was_taken_back_is_not_shown_to_those_who_look_at_the_past() {
    let world = World::forum().await;
    world.list(1, LISTER, teaser("one")).await;
    world.revise(1, 2, teaser("one, anew")).await;
    world.withdraw(1).await;
    let mut stream = watch(&world, BEFORE).await;
    assert_eq!(told(&change(&mut stream).await), (14, DealChangeKind::Withdrawn, 1, String::new()));
    let mut stream = watch(&world, "14").await;
    assert_eq!(next(&mut stream).await, Message::ExaminedPosition("14".into()));
}

#[tokio::test]
async fn whoever_was_shown_a_deal_learns_that_it_is_gone_however_late() {
    let world = World::forum().await;
    world.list(1, LISTER, teaser("one")).await;
    let mut stream = watch(&world, BEFORE).await;
    assert_eq!(told(&change(&mut stream).await), (12, DealChangeKind::Listed, 1, "one".into()));
    drop(stream);
    world.revise(1, 2, series_b("one, later")).await;
    world.withdraw(1).await;
    // By now the fold knows of the withdrawal, while the log is examined at what came before it.
    let mut stream = watch(&world, "12").await;
    assert_eq!(told(&change(&mut stream).await), (13, DealChangeKind::NoMatch, 1, String::new()));
    assert_eq!(next(&mut stream).await, Message::ExaminedPosition("14".into()), "it had ceased to match");
}

#[tokio::test]
async fn operators_watch_without_an_agreement_and_others_are_refused() {
    let world = World::forum().await;
    world.list(1, LISTER, teaser("one")).await;
    let request = WatchRequest::default();
    let mut stream = message(world.deals.watch(by(PROMOTER, request)).await);
    assert_eq!(told(&change(&mut stream).await).2, 1);
    for (caller, contract_id, reason) in [
        (RIVAL, String::new(), "INVALID_FIELD"),
        (RIVAL, AGREEMENT.to_string(), "NOT_FOUND"),
        (LISTER, AGREEMENT.to_string(), "NOT_FOUND"),
    ] {
        let request = WatchRequest { contract_id, ..Default::default() };
        let answer = world.deals.watch(by(caller, request)).await;
        assert_eq!(refused(answer), (reason.into(), "contract_id".into()));
    }
    let ahead = WatchRequest { after_position: "999".into(), ..Default::default() };
    let answer = world.deals.watch(by(PROMOTER, ahead)).await;
    assert_eq!(refused(answer), ("POSITION_AHEAD".into(), "after_position".into()));
}

/// The refusal with which a stream ends, after messages that hold no change.
async fn end(stream: &mut (impl Stream<Item = Result<WatchResponse, Status>> + Unpin)) -> (String, String) {
    let status = loop {
        match stream.next().await.unwrap() {
            Ok(message) => assert!(matches!(message.message, Some(Message::ExaminedPosition(_)))),
            Err(status) => break status,
        }
    };
    assert!(stream.next().await.is_none(), "nothing comes after a refusal");
    why(&status)
}

#[tokio::test(start_paused = true)]
async fn an_agreement_that_expires_ends_the_stream_within_seconds() {
    let world = World::forum().await;
    let mut stream = watch(&world, BEFORE).await;
    assert_eq!(next(&mut stream).await, Message::ExaminedPosition(BEFORE.into()));
    world.clock.set(on(date(2027, 4, 1)));
    let ended = tokio::time::timeout(Duration::from_secs(5), end(&mut stream)).await;
    assert_eq!(ended, Ok(("CONTRACT_ENDED".into(), "contract_id".into())));
}

#[tokio::test]
async fn no_teaser_is_told_after_the_agreement_has_ended() {
    let world = World::forum().await;
    let mut stream = watch(&world, BEFORE).await;
    assert_eq!(next(&mut stream).await, Message::ExaminedPosition(BEFORE.into()));
    world.terminate().await;
    world.list(1, LISTER, teaser("one")).await;
    assert_eq!(end(&mut stream).await, ("CONTRACT_ENDED".into(), "contract_id".into()));
}

#[tokio::test(start_paused = true)]
async fn what_was_examined_is_told_every_five_seconds() {
    let world = World::forum().await;
    let mut stream = watch(&world, BEFORE).await;
    assert_eq!(next(&mut stream).await, Message::ExaminedPosition(BEFORE.into()));
    for _ in 0..3 {
        let told = tokio::time::timeout(Duration::from_secs(5), next(&mut stream)).await;
        assert_eq!(told, Ok(Message::ExaminedPosition(BEFORE.into())));
    }
}

#[tokio::test]
async fn a_stop_or_a_closed_log_ends_the_stream_cleanly() {
    let world = World::forum().await;
    let mut stream = watch(&world, BEFORE).await;
    assert_eq!(next(&mut stream).await, Message::ExaminedPosition(BEFORE.into()));
    world.stop.send(true).unwrap();
    assert_eq!(next(&mut stream).await, Message::ExaminedPosition(BEFORE.into()));
    assert!(stream.next().await.is_none());

    let world = World::forum().await;
    let mut stream = watch(&world, BEFORE).await;
    assert_eq!(next(&mut stream).await, Message::ExaminedPosition(BEFORE.into()));
    world.log.close().await;
    assert_eq!(next(&mut stream).await, Message::ExaminedPosition(BEFORE.into()));
    assert!(stream.next().await.is_none());
}
