//! While nothing goes wrong.

use std::{collections::BTreeMap, time::Duration};

use domain::id::{ContractId, OrganisationId};
use engine::RelayFailure;
use event_log::{EventLog, RelayError, StreamName};
use events::Category;
use rdkafka::{
    ClientConfig,
    admin::{AdminClient, AdminOptions, NewTopic, ResourceSpecifier, TopicReplication},
    client::DefaultClientContext,
};

use crate::{
    broker::{Broker, shared},
    stage::Stage,
};

#[tokio::test(flavor = "multi_thread")]
async fn every_event_arrives_once_in_order_with_its_headers() {
    let Some(broker) = shared() else { return };
    let stage = Stage::new(&broker, "once");
    for _ in 0..300 {
        stage.append().await;
    }
    let running = stage.relay("a");
    for _ in 0..300 {
        stage.append().await;
    }
    stage.append_to(StreamName::new("invoice-1").unwrap(), None, [3]).await;
    stage.wait_until_published(&running).await;
    let published = running.relay.metrics().published;
    running.stop().await;
    assert_eq!(stage.assert_topics_are_the_log().await, 0, "something came twice");

    let records = stage.topics().await;
    assert_eq!(records.len() as u64, published);
    assert!(!records.iter().any(|record| record.topic.contains("relay") || record.topic.contains("invoice")));
    let mut partition_of = BTreeMap::new();
    for record in &records {
        let place = partition_of.entry((&record.topic, &record.key)).or_insert(record.partition);
        assert_eq!(*place, record.partition, "a key in two partitions");
    }
    assert!(records.iter().any(|record| record.partition > 0), "one partition shows nothing of order");
    let by_position: BTreeMap<u64, _> = records.iter().map(|record| (record.position(), record)).collect();
    for frame in stage.frames().await {
        for (index, position) in (frame.first_position.0..=frame.last_position().0).enumerate() {
            let record = by_position[&position];
            let id = frame.stream.id();
            // The key is the contract, and else the id of the stream: here they look alike.
            assert_eq!(record.key, id);
            for (name, value) in [
                ("content-type", "application/protobuf".to_owned()),
                ("ce_specversion", "1.0".to_owned()),
                ("ce_id", format!("00000000-0000-0000-0000-{position:012x}")),
                ("ce_source", format!("/kiban/{}", frame.stream)),
                ("ce_type", "kiban.test.v1.Happened".to_owned()),
                ("ce_subject", id.to_owned()),
                ("ce_partitionkey", id.to_owned()),
                ("ce_kibanrevision", (frame.first_revision + index as u64).to_string()),
                ("ce_kibanoccurredat", "2026-03-20T09:46:40Z".to_owned()),
                ("ce_traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01".to_owned()),
            ] {
                assert_eq!(record.headers[name], value, "{name} of {position}");
            }
            assert_eq!(record.timestamp, frame.recorded_at / 1_000);
            assert!(record.headers["ce_time"].starts_with("20"), "{:?}", record.headers);
            assert_eq!(record.headers.len(), 12);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_largest_event_that_the_log_takes_is_published() {
    let Some(broker) = shared() else { return };
    let stage = Stage::new(&broker, "large");
    let contract = ContractId::from_u128(1);
    let stream = Category::Access.stream(contract);
    // Of 1 MiB that an append may hold, names and the envelope take a little.
    stage.append_to(stream.clone(), Some(contract), [event_log::MAX_APPEND_BYTES - 512]).await;
    stage.append_to(stream, Some(contract), [10]).await;
    let running = stage.relay("a");
    stage.wait_until_published(&running).await;
    running.stop().await;
    assert_eq!(stage.assert_topics_are_the_log().await, 0);
}

/// A partition that was just made is not ready at once: what is sent to it first comes back, and what was sent right
/// behind it must not take its place.
#[tokio::test(flavor = "multi_thread")]
async fn the_first_records_of_new_partitions_stay_first() {
    let Some(broker) = shared() else { return };
    for round in 0..10 {
        let stage = Stage::new(&broker, &format!("first-{round}"));
        // Each first record is a batch of its own, so the second one is sent apart from it.
        for contract in (1..=3).map(ContractId::from_u128) {
            for stream in [Category::Access, Category::Contract].map(|category| category.stream(contract)) {
                stage.append_to(stream.clone(), Some(contract), [1_000_000]).await;
                stage.append_to(stream, Some(contract), [10]).await;
            }
        }
        let running = stage.relay("a");
        stage.wait_until_published(&running).await;
        running.stop().await;
        stage.assert_topics_are_the_log().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_topic_is_made_to_keep_its_records_and_one_that_stands_is_left_alone() {
    let Some(broker) = shared() else { return };
    let stage = Stage::new(&broker, "topics");
    let admin: AdminClient<DefaultClientContext> =
        ClientConfig::new().set("bootstrap.servers", &broker).create().unwrap();
    let standing = format!("{}period", stage.prefix);
    let new = NewTopic::new(&standing, 1, TopicReplication::Fixed(1)).set("retention.ms", "7777777");
    admin.create_topics([&new], &AdminOptions::new()).await.unwrap()[0].as_ref().unwrap();
    let running = stage.relay("a");
    for _ in 0..20 {
        stage.append().await;
    }
    stage.wait_until_published(&running).await;
    running.stop().await;
    let made = format!("{}access", stage.prefix);
    let asked = [ResourceSpecifier::Topic(&made), ResourceSpecifier::Topic(&standing)];
    let configs = admin.describe_configs(&asked, &AdminOptions::new()).await.unwrap();
    let value =
        |of: usize, name: &str| configs[of].as_ref().unwrap().get(name).unwrap().value.clone().unwrap();
    assert_eq!(value(0, "retention.ms"), "-1");
    assert_eq!(value(0, "max.message.bytes"), "2097152");
    assert_eq!(value(1, "retention.ms"), "7777777");
    let metadata = admin.inner().fetch_metadata(Some(&made), Duration::from_secs(30)).unwrap();
    assert_eq!(metadata.topics()[0].partitions().len(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_that_the_broker_refuses_ends_the_relay_loudly() {
    let Some(broker) = shared() else { return };
    let stage = Stage::new(&broker, "refused");
    let admin: AdminClient<DefaultClientContext> =
        ClientConfig::new().set("bootstrap.servers", &broker).create().unwrap();
    let small = format!("{}period", stage.prefix);
    let new = NewTopic::new(&small, 1, TopicReplication::Fixed(1)).set("max.message.bytes", "2000");
    admin.create_topics([&new], &AdminOptions::new()).await.unwrap()[0].as_ref().unwrap();
    let organisation = Category::Period.stream(OrganisationId::from_u128(1));
    stage.append_to(organisation.clone(), None, [10]).await;
    let running = stage.relay("a");
    stage.wait_until_published(&running).await;
    let before = stage.log.head().position;
    stage.append_to(organisation.clone(), None, [100_000]).await;
    stage.append_to(organisation, None, [10]).await;
    let failure = running.ended().await.unwrap_err();
    let RelayFailure::Publish { position, source: RelayError::Fatal(why) } = failure else {
        panic!("{failure:?}")
    };
    assert!(position <= before, "{position:?} was not acknowledged");
    assert!(why.contains("period") || why.contains("large"), "{why}");
    // What came after it is not there: that would be a gap.
    let records = stage.topics().await;
    assert_eq!(records.len(), 1, "{records:?}");
    assert!(stage.lease().await.cursor() <= before.0);
}

#[tokio::test(flavor = "multi_thread")]
async fn over_tls_it_publishes_to_a_broker_whom_it_trusts_and_to_nobody_else() {
    let Some(broker) = Broker::start().await else { return };
    let stage = Stage::new(broker.address(), "tls");
    let (address, certificate) = broker.tls();
    for _ in 0..20 {
        stage.append().await;
    }
    let over_tls = |authority: &str| {
        let mut kafka = stage.kafka();
        kafka.brokers.clone_from(&address);
        kafka.connect = Duration::from_secs(2);
        let property = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        kafka.properties = vec![property("security.protocol", "ssl"), property("ssl.ca.location", authority)];
        kafka
    };
    // Those whom a machine usually trusts do not know it.
    let stranger = stage.relay_with(over_tls("probe"), stage.options("stranger"));
    tokio::time::sleep(Duration::from_secs(4)).await;
    assert!(!stranger.relay.metrics().active);
    assert_eq!(stage.lease().await.epoch(), 0);
    stranger.stop().await;

    let running = stage.relay_with(over_tls(certificate.to_str().unwrap()), stage.options("a"));
    stage.wait_until_published(&running).await;
    running.stop().await;
    assert_eq!(stage.assert_topics_are_the_log().await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_broker_it_stands_by_and_takes_no_lease() {
    let Some(_) = shared() else { return };
    // A port that nobody listens on.
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let stage = Stage::new(&port.to_string(), "nobody");
    stage.append().await;
    let mut kafka = stage.kafka();
    kafka.connect = Duration::from_millis(500);
    let running = stage.relay_with(kafka, stage.options("a"));
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert!(!running.relay.metrics().active);
    assert!(running.relay.metrics().lag_positions > 0);
    assert_eq!(stage.lease().await.epoch(), 0);
    running.stop().await;
}
