//! Watching: history and what comes without a seam, for whom it concerns, and how far it was examined.

mod support;

use std::{sync::Arc, time::Duration};

use domain::{
    id::{ContractId, OrganisationId},
    organisation::Capacity,
};
use event_log::EventLog;
use futures::{FutureExt, Stream, StreamExt};
use proto::kiban::directory::v1::{
    Notice, WatchRequest, WatchResponse, directory_service_server::DirectoryService, watch_response::Message,
};
use support::*;
use tonic::Status;

const OURS: ContractId = ContractId::from_u128(10);

async fn watch(
    world: &World,
    caller: OrganisationId,
    after: &str,
) -> impl Stream<Item = Result<WatchResponse, Status>> + Unpin + use<> {
    let request = WatchRequest { after_position: after.into() };
    message(world.directory.watch(by(caller, request)).await)
}

async fn next(stream: &mut (impl Stream<Item = Result<WatchResponse, Status>> + Unpin)) -> Message {
    stream.next().await.unwrap().unwrap().message.unwrap()
}

async fn notice(stream: &mut (impl Stream<Item = Result<WatchResponse, Status>> + Unpin)) -> Notice {
    loop {
        if let Message::Notice(notice) = next(stream).await {
            return notice;
        }
    }
}

fn examined(position: impl ToString) -> Message {
    Message::ExaminedPosition(position.to_string())
}

#[tokio::test]
async fn a_notice_says_that_something_happened_and_not_what() {
    let world = World::forum().await;
    world.contract(OURS, PHARMA, "basic").await;
    let mut stream = watch(&world, PHARMA, "6").await;
    let notice = notice(&mut stream).await;
    assert_eq!((notice.position.as_str(), notice.revision), ("7", 1));
    assert_eq!(notice.event_type, "kiban.contract.v1.ContractApproved");
    assert_eq!(notice.subject, OURS.to_string());
    let micros = today().as_micros();
    assert_eq!(notice.recorded_at.unwrap().seconds, micros / 1_000_000);
}

#[tokio::test]
async fn only_those_concerned_are_told_operators_too() {
    let world = World::forum().await;
    world.append(OURS, &[applied(OURS, PHARMA)], &[PHARMA, PROMOTER]).await;
    world.append(OURS, &agreed(PHARMA, "basic"), &[PHARMA]).await;
    for (caller, told) in [(PROMOTER, vec![1, 6]), (BASE, vec![2]), (PHARMA, vec![3, 6, 7, 8, 9, 10, 11, 12])]
    {
        let mut stream = watch(&world, caller, "").await;
        for position in told {
            assert_eq!(notice(&mut stream).await.position, position.to_string(), "{caller}");
        }
        assert_eq!(next(&mut stream).await, examined(12), "{caller}");
        assert!(stream.next().now_or_never().is_none(), "{caller} is told nothing more");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn history_and_what_comes_follow_without_a_gap_or_a_repeat() {
    const EVENTS: u64 = 2_000;
    let world = Arc::new(World::forum().await);
    let writer = tokio::spawn({
        let world = world.clone();
        async move {
            for number in 0..EVENTS / 2 {
                let id = ContractId::from_u128(number.into());
                let audience = if number % 3 == 0 { vec![PHARMA] } else { vec![RIVAL] };
                world.append(id, &[applied(id, PHARMA), applied(id, RIVAL)], &audience).await;
            }
        }
    });
    let mut streams = Vec::new();
    for after in [0, 3, 6, 504] {
        while world.log.head().position.0 < after {
            tokio::task::yield_now().await;
        }
        streams.push((after, watch(&world, PHARMA, &after.to_string()).await));
    }
    for (after, mut stream) in streams {
        let concerned = |position: &u64| match position.checked_sub(6) {
            Some(offset) => offset / 2 % 3 == 0,
            None => *position == 3,
        };
        let expected: Vec<u64> = (after + 1..=5 + EVENTS).filter(concerned).collect();
        let mut told: Vec<u64> = Vec::new();
        while told.len() < expected.len() {
            told.push(notice(&mut stream).await.position.parse().unwrap());
        }
        assert_eq!(told, expected, "after {after}");
    }
    writer.await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn what_was_examined_is_told_at_the_head_and_every_five_seconds() {
    let world = World::forum().await;
    let mut stream = watch(&world, BIOBANK, "5").await;
    assert_eq!(next(&mut stream).await, examined(5));
    for position in 6..10 {
        // Nothing of this concerns the watcher.
        world.organisation(OrganisationId::from_u128(position), "Somebody", Capacity::Member).await;
        let told = tokio::time::timeout(Duration::from_secs(5), next(&mut stream)).await;
        assert_eq!(told, Ok(examined(position)));
    }
    let told = tokio::time::timeout(Duration::from_secs(5), next(&mut stream)).await;
    assert_eq!(told, Ok(examined(9)), "also when nothing happens");
}

#[tokio::test(start_paused = true)]
async fn no_position_is_told_as_examined_before_its_notices() {
    let world = World::forum().await;
    let mut stream = watch(&world, PHARMA, "5").await;
    assert_eq!(next(&mut stream).await, examined(5));
    world.append(OURS, &agreed(PHARMA, "basic"), &[PHARMA]).await;
    for position in 6..=11 {
        // A slow caller: ticks fall due while the notices of one frame wait.
        tokio::time::advance(Duration::from_secs(7)).await;
        match next(&mut stream).await {
            Message::Notice(notice) => assert_eq!(notice.position, position.to_string()),
            Message::ExaminedPosition(told) => {
                assert_eq!((position, told.as_str()), (6, "5"));
                assert_eq!(notice(&mut stream).await.position, "6");
            }
        }
    }
    assert_eq!(next(&mut stream).await, examined(11));
}

#[tokio::test]
async fn wrong_tokens_are_refused() {
    let world = World::forum().await;
    for (token, reason) in [
        ("6", "POSITION_AHEAD"),
        ("18446744073709551615", "POSITION_AHEAD"),
        ("18446744073709551616", "INVALID_FIELD"),
        ("-1", "INVALID_FIELD"),
        ("now", "INVALID_FIELD"),
        (" 1", "INVALID_FIELD"),
    ] {
        let request = WatchRequest { after_position: token.into() };
        let answer = world.directory.watch(by(PHARMA, request)).await;
        assert_eq!(refused(answer), (reason.to_owned(), "after_position".to_owned()), "{token}");
    }
    let stranger = OrganisationId::from_u128(99);
    let answer = world.directory.watch(by(stranger, WatchRequest::default())).await;
    assert_eq!(refused(answer).0, "CAPACITY_REQUIRED");
}

#[tokio::test]
async fn a_stop_ends_the_stream_cleanly() {
    let world = World::forum().await;
    let mut stream = watch(&world, BIOBANK, "5").await;
    assert_eq!(next(&mut stream).await, examined(5));
    world.stop.send(true).unwrap();
    assert_eq!(next(&mut stream).await, examined(5));
    assert!(stream.next().await.is_none());
}

#[tokio::test]
async fn a_closed_log_ends_the_stream_cleanly() {
    let world = World::forum().await;
    let mut stream = watch(&world, BIOBANK, "5").await;
    assert_eq!(next(&mut stream).await, examined(5));
    world.log.close().await;
    assert_eq!(next(&mut stream).await, examined(5));
    assert!(stream.next().await.is_none());
}
