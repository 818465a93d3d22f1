//! What happens is told to those whom it concerns, and to nobody else.

use std::time::Duration;

use proto::kiban::{
    directory::v1::{
        Notice, WatchRequest, directory_service_client::DirectoryServiceClient, watch_response::Message,
    },
    membership::v1::Capacity,
};

use crate::{
    World, day,
    support::{Forum, by, organisation},
    usage::{report, send},
};

/// Everything that a caller is told from a position on, up to another.
async fn told(forum: &Forum, caller: &str, after: &str, until: u64) -> Vec<Notice> {
    let mut directory = DirectoryServiceClient::new(forum.channel.clone());
    let request = by(caller, WatchRequest { after_position: after.into() });
    let mut stream = directory.watch(request).await.unwrap().into_inner();
    let mut notices = Vec::new();
    loop {
        let next = tokio::time::timeout(Duration::from_secs(20), stream.message()).await;
        match next.expect("something is sent at least every 5 s").unwrap().unwrap().message.unwrap() {
            Message::Notice(notice) => notices.push(notice),
            Message::ExaminedPosition(position) if position.parse::<u64>().unwrap() >= until => {
                return notices;
            }
            Message::ExaminedPosition(_) => {}
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn those_concerned_are_told_in_order_and_strangers_nothing() {
    let World { forum, server, clock, .. } = World::found().await;
    let stranger = organisation(&forum.channel, "Other", 77, &[Capacity::Member]).await;
    clock.set(day(10));
    let reply = send(&forum, report(&forum, 1, &[5], day(9))).await.unwrap();
    let position: u64 = reply.receipt.unwrap().position.parse().unwrap();

    let notices = told(&forum, &forum.member, "", position).await;
    let types: Vec<&str> =
        notices.iter().map(|notice| notice.event_type.rsplit('.').next().unwrap()).collect();
    for concerned in ["ContractApplied", "ContractOffered", "ContractSigned", "ContractActivated"] {
        assert!(types.contains(&concerned), "{types:?}");
    }
    assert_eq!(types.last(), Some(&"UsageRecorded"));
    let positions: Vec<u64> = notices.iter().map(|notice| notice.position.parse().unwrap()).collect();
    assert!(positions.is_sorted_by(|one, next| one < next), "{positions:?}");
    let signed = notices.iter().find(|notice| notice.event_type.ends_with("ContractSigned")).unwrap();
    assert_eq!(signed.subject, forum.contract);

    // From a position on, what came before is not told again.
    let from = &notices[notices.len() - 2].position;
    assert_eq!(told(&forum, &forum.member, from, position).await, notices[notices.len() - 1..]);

    let strangers = told(&forum, &stranger, "", position).await;
    assert!(strangers.iter().all(|notice| notice.subject != forum.contract), "{strangers:?}");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_happens_while_watching_is_told_and_a_stop_ends_the_stream() {
    let World { forum, server, clock, .. } = World::found().await;
    clock.set(day(10));
    let mut directory = DirectoryServiceClient::new(forum.channel.clone());
    let request = by(&forum.member, WatchRequest::default());
    let mut stream = directory.watch(request).await.unwrap().into_inner();
    while !matches!(stream.message().await.unwrap().unwrap().message, Some(Message::ExaminedPosition(_))) {}
    let reported = send(&forum, report(&forum, 1, &[5], day(9))).await.unwrap().receipt.unwrap().position;
    loop {
        let next = tokio::time::timeout(Duration::from_secs(20), stream.message()).await;
        // On a slow machine the history before it may not be told yet.
        match next.unwrap().unwrap().unwrap().message {
            Some(Message::Notice(notice)) if notice.position == reported => {
                assert_eq!(notice.event_type, "kiban.access.v1.UsageRecorded");
                break;
            }
            Some(Message::ExaminedPosition(examined)) => {
                let number = |position: &str| position.parse::<u64>().unwrap();
                assert!(number(&examined) < number(&reported), "it was passed over");
            }
            _ => {}
        }
    }
    tokio::time::timeout(Duration::from_secs(20), server.stop()).await.expect("a watcher keeps no server up");
}
