//! A server that stops and starts again is the same to its clients.

use domain::time::Timestamp;
use engine::ManualClock;
use proto::kiban::directory::v1::{ListContractsRequest, directory_service_client::DirectoryServiceClient};

use crate::{
    World, day,
    money::{statement, statement_as_of},
    support::by,
    usage::{report, send, view},
};

#[tokio::test(flavor = "multi_thread")]
async fn the_same_directory_gives_the_same_statement() {
    let mut world = World::found().await;
    world.clock.set(day(10));
    let receipt = view(&world.forum, "view", "JP").await.unwrap();
    let first = send(&world.forum, report(&world.forum, 1, &[250; 40], day(9))).await.unwrap();
    let position = first.receipt.unwrap().position;
    let before = statement(&world.forum, &position).await;
    let earlier = statement_as_of(&world.forum, &receipt.position).await;
    assert_ne!(before, earlier);

    for _ in 0..2 {
        world = world.restart().await;
        assert_eq!(statement(&world.forum, &position).await, before);
        assert_eq!(statement_as_of(&world.forum, &receipt.position).await, earlier);
        let again = send(&world.forum, report(&world.forum, 1, &[250; 40], day(9))).await.unwrap();
        assert_eq!(again.receipt.unwrap().position, "", "the meter's records are remembered");
        let replayed = view(&world.forum, "view", "JP").await.unwrap();
        assert!(replayed.replayed && replayed.position == receipt.position, "{replayed:?}");
        let mut directory = DirectoryServiceClient::new(world.forum.channel.clone());
        let list = ListContractsRequest { min_position: position.clone(), ..Default::default() };
        let listed = directory.list_contracts(by(&world.forum.member, list)).await.unwrap().into_inner();
        let ids: Vec<&str> = listed.contracts.iter().map(|contract| contract.id.as_str()).collect();
        assert_eq!(ids, [world.forum.contract.as_str()]);
    }
    world.server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn commands_sent_again_years_later_answer_as_they_did() {
    let mut world = World::found().await;
    let then = ManualClock::at(day(1));
    let meter = world.forum.source.clone();
    // Long after the approval lapsed and the term ended, by the same server and by another one.
    for year in [2027, 2031] {
        world.clock.set(Timestamp::start_of_tokyo_date(jiff::civil::date(year, 1, 1)));
        assert_eq!(world.forum.sign(&then, "first").await, world.forum.contract);
        assert_eq!(world.forum.add_source(&world.forum.contract, "meter").await, meter);
        world = world.restart().await;
        assert_eq!(world.forum.sign(&then, "first").await, world.forum.contract);
        assert_eq!(world.forum.add_source(&world.forum.contract, "meter").await, meter);
    }
    world.server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn projections_that_were_deleted_come_back() {
    let world = World::found().await;
    world.clock.set(day(10));
    let reply = send(&world.forum, report(&world.forum, 1, &[250; 40], day(9))).await.unwrap();
    let position = reply.receipt.unwrap().position;
    let before = statement(&world.forum, &position).await;
    let World { mut forum, server, clock, directory } = world;
    server.stop().await;
    crate::support::topology::delete_projections(directory.path());
    let server = crate::support::serve(directory.path(), clock).await;
    forum.channel = crate::support::connect(&server).await;
    assert_eq!(statement(&forum, &position).await, before);
    server.stop().await;
}
