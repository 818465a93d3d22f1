//! The real binary: a relay that is killed, and a log that is killed under it, while a forum goes on.

#[path = "../../../support/process.rs"]
mod binary;

use std::{collections::BTreeMap, time::Duration};

use binary::Process;

use engine::{Clock, SystemClock};
use engines::engine;
use proto::kiban::membership::v1::{
    RegisterOrganisationRequest, RegisterOrganisationResponse,
    membership_service_client::MembershipServiceClient,
};
use rdkafka::{
    ClientConfig,
    admin::{AdminClient, AdminOptions, AlterConfig, NewTopic, ResourceSpecifier, TopicReplication},
    client::DefaultClientContext,
};
use tokio::sync::watch;
use tonic::{Request, Status, transport::Channel};

use crate::{
    broker::shared,
    reading::{first_seen, read_topics},
    stage::{Dice, PATIENCE},
};

#[tokio::test(flavor = "multi_thread")]
async fn a_relay_and_a_log_killed_under_load_lose_nothing() {
    let (Some(broker), Some(binary)) = (shared(), engine("KIBAN_TEST_BINARY")) else { return };
    let folder = tempfile::tempdir().unwrap();
    let secret = folder.path().join("secret");
    std::fs::write(&secret, "a-secret-of-the-tests").unwrap();
    let secret = format!("--event-log-secret-file={}", secret.display());
    let forum = ["--role=event-log".to_owned(), "--role=membership".to_owned(), secret.clone()];
    let log_dir = folder.path().join("log");
    let mut log = Process::serve(&binary, &log_dir, "127.0.0.1:0", &forum);
    let prefix = format!("test-process-{}.", SystemClock.now().as_micros());
    let relay = [
        "--role=relay".to_owned(),
        secret,
        format!("--event-log=esdb://{}?tls=false", log.address),
        format!("--kafka={broker}"),
        format!("--kafka-topic-prefix={prefix}"),
        "--kafka-partitions=3".to_owned(),
        "--relay-lease-seconds=3".to_owned(),
    ];
    let start_relay = || Process::serve(&binary, &folder.path().join("relay"), "127.0.0.1:0", &relay);

    let (enough, told) = watch::channel(false);
    let registering = tokio::spawn(register_until(told, log.address.clone()));
    let mut dice = Dice::new(5);
    for round in 0..5 {
        let running = start_relay();
        // It waits for the lease of the one before, and then publishes something.
        let before = read_topics(&broker, &prefix).await.len();
        eventually_more(&broker, &prefix, before).await;
        tokio::time::sleep(Duration::from_millis(dice.below(2_000))).await;
        if round % 2 == 1 {
            // The log goes, and comes back where it was; the relay waits for it.
            let address = log.address.clone();
            drop(log);
            tokio::time::sleep(Duration::from_millis(dice.below(1_500))).await;
            log = Process::serve(&binary, &log_dir, &address, &forum);
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
        drop(running);
    }
    assert!(!registering.is_finished());
    enough.send(true).unwrap();
    let registered = registering.await.unwrap();
    let _last = start_relay();
    let published = tokio::time::timeout(PATIENCE, wait_for(&broker, &prefix, registered.len())).await;
    let published = published.expect("something does not come");
    assert_eq!(published, registered, "positions and organisations differ");
}

/// The forum does not stop for whoever listens to it.
#[tokio::test(flavor = "multi_thread")]
async fn a_relay_that_cannot_go_on_stops_nobody_beside_it_and_begins_again() {
    let (Some(broker), Some(binary)) = (shared(), engine("KIBAN_TEST_BINARY")) else { return };
    let folder = tempfile::tempdir().unwrap();
    let prefix = format!("test-beside-{}.", SystemClock.now().as_micros());
    let topic = format!("{prefix}organisation");
    let admin: AdminClient<DefaultClientContext> =
        ClientConfig::new().set("bootstrap.servers", &broker).create().unwrap();
    let new = NewTopic::new(&topic, 1, TopicReplication::Fixed(1)).set("max.message.bytes", "100");
    admin.create_topics([&new], &AdminOptions::new()).await.unwrap()[0].as_ref().unwrap();
    let relaying = [
        format!("--kafka={broker}"),
        format!("--kafka-topic-prefix={prefix}"),
        "--relay-lease-seconds=3".to_owned(),
    ];
    let forum = Process::serve(&binary, folder.path(), "127.0.0.1:0", &relaying);
    let channel = Channel::from_shared(format!("http://{}", forum.address)).unwrap().connect_lazy();
    register(channel.clone(), 0).await.unwrap();
    tokio::time::sleep(Duration::from_secs(5)).await;
    register(channel, 1).await.expect("the forum goes on");
    assert_eq!(read_topics(&broker, &topic).await, []);

    let larger = AlterConfig::new(ResourceSpecifier::Topic(&topic)).set("max.message.bytes", "2097152");
    admin.alter_configs([&larger], &AdminOptions::new()).await.unwrap()[0].as_ref().unwrap();
    tokio::time::timeout(PATIENCE, wait_for(&broker, &prefix, 2)).await.expect("it does not begin again");
}

/// Waits until there are more records than before.
async fn eventually_more(broker: &str, prefix: &str, before: usize) {
    let more = async {
        while read_topics(broker, prefix).await.len() <= before {
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    };
    tokio::time::timeout(PATIENCE, more).await.expect("nothing is published any more");
}

/// Registers organisations until it is enough, each again until it is acknowledged. Tells by position who stands there.
async fn register_until(enough: watch::Receiver<bool>, address: String) -> BTreeMap<u64, String> {
    let channel = Channel::from_shared(format!("http://{address}")).unwrap().connect_lazy();
    let mut registered = BTreeMap::new();
    for number in 0.. {
        if *enough.borrow() {
            break;
        }
        let receipt = loop {
            match register(channel.clone(), number).await {
                Ok(reply) => break reply,
                // The log is away, or what came of it is not known: the same command again.
                Err(status) => {
                    assert_ne!(status.code(), tonic::Code::InvalidArgument, "{status}");
                    tokio::time::sleep(Duration::from_millis(50)).await;
                }
            }
        };
        let position = receipt.receipt.unwrap().position.parse().unwrap();
        registered.insert(position, receipt.organisation_id);
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    registered
}

async fn register(channel: Channel, number: u64) -> Result<RegisterOrganisationResponse, Status> {
    let digits = format!("{number:012}");
    let weighted = |(place, digit): (usize, char)| {
        digit.to_digit(10).unwrap() * if place.is_multiple_of(2) { 1 } else { 2 }
    };
    let sum: u32 = digits.chars().rev().enumerate().map(weighted).sum();
    let mut request = Request::new(RegisterOrganisationRequest {
        command_id: format!("organisation-{number}"),
        name: format!("Organisation {number}"),
        country: "JP".into(),
        registration_number: format!("{}{digits}", 9 - sum % 9),
        ..Default::default()
    });
    let platform = format!("organisation={}; roles=administrator", engine::PLATFORM);
    request.metadata_mut().insert("kiban-caller", platform.parse().unwrap());
    request.set_timeout(Duration::from_secs(10));
    MembershipServiceClient::new(channel)
        .register_organisation(request)
        .await
        .map(tonic::Response::into_inner)
}

/// Waits until a consumer sees so many organisations; tells by position who they are.
async fn wait_for(broker: &str, prefix: &str, organisations: usize) -> BTreeMap<u64, String> {
    loop {
        let records = read_topics(broker, &format!("{prefix}organisation")).await;
        let seen = first_seen(&records);
        let mut positions: BTreeMap<u64, String> = BTreeMap::new();
        for record in &seen {
            assert_eq!(record.headers["ce_type"], "kiban.membership.v1.OrganisationRegistered");
            let before = positions.insert(record.position(), record.key.clone());
            assert_eq!(before, None, "{} stands in two partitions", record.position());
        }
        if positions.len() >= organisations {
            println!("{} of {} records came again", records.len() - seen.len(), records.len());
            return positions;
        }
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
}
