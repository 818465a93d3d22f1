//! The relay against Kafka's own producer, on the same broker in one run:
//!
//! ```sh
//! export KIBAN_KAFKA_JARS="$PWD/target/kafka-jars" KIBAN_KAFKA_JVM="-Xms1g -Xmx1g"
//! KIBAN_TEST_KAFKA="$(.ci/kafka/start target/kafka-bench)" cargo bench -p engines --features kafka --bench relay
//! .ci/kafka/stop target/kafka-bench
//! ```
//!
//! Kafka's is `kafka-producer-perf-test` (`org.apache.kafka.tools.ProducerPerformance`), with records as large as those
//! of the relay, key and headers included, in a topic of as many partitions, with `acks=all` and idempotence, which are
//! its defaults, and else with its defaults, too. The relay reads an embedded log on disk, maps each event, publishes it,
//! waits for it and saves its cursor in that log. The two take turns, so that both meet the same machine.
//! `KIBAN_BENCH_ROUNDS` (3) says how often, after a round that is not counted.
#![allow(clippy::disallowed_methods, reason = "a benchmark measures real time")]

use std::{
    path::Path,
    process::Command,
    sync::Arc,
    time::{Duration, Instant},
};

use domain::{id::ContractId, time::Timestamp};
use engine::{Clock, Relay, RelayOptions, SystemClock};
use event_log::{
    Append, EventLog, ExpectedRevision, NewEvent, SqliteLog, SqliteOptions,
    kafka::{Kafka, KafkaOptions},
};
use events::{Category, Metadata};
use futures::{StreamExt, stream::FuturesUnordered};
use rdkafka::{
    ClientConfig,
    admin::{AdminClient, AdminOptions, NewTopic, TopicReplication},
    client::DefaultClientContext,
};

const PARTITIONS: i32 = 6;
const CONTRACTS: u64 = 500;

/// What is published: its name, the bytes of a payload, how many events.
const ROWS: [(&str, usize, u64); 2] =
    [("one act an event, 300 B", 300, 1_000_000), ("1,000 uses an event, 25 kB", 25_000, 20_000)];

#[tokio::main]
async fn main() {
    let broker = engines::engine("KIBAN_TEST_KAFKA").expect("KIBAN_TEST_KAFKA names a broker");
    let jars = engines::engine("KIBAN_KAFKA_JARS").expect("KIBAN_KAFKA_JARS is where the broker's jars are");
    let rounds = std::env::var("KIBAN_BENCH_ROUNDS").ok().and_then(|text| text.parse().ok()).unwrap_or(3_u32);
    let run = std::process::id();
    println!("| events | bytes a record | round | producer | records/s | MB/s |");
    println!("|---|---:|---:|---|---:|---:|");
    for (row, (name, payload, events)) in ROWS.into_iter().enumerate() {
        let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("a folder");
        let log = fill(folder.path(), payload, events).await;
        let (mut ours, mut theirs) = (Vec::new(), Vec::new());
        // The first round warms the broker up, and is not counted.
        for round in 0..=rounds {
            let tell = |producer: &str, size: u64, seconds: f64| {
                let rate = events as f64 / seconds;
                let megabytes = rate * size as f64 / 1e6;
                println!("| {name} | {size} | {round} | {producer} | {rate:.0} | {megabytes:.1} |");
                rate
            };
            let prefix = format!("bench-{run}-{row}-{round}.");
            let (seconds, size) = relay(&log, &broker, &prefix, events).await;
            let topic = format!("{prefix}perf");
            make(&broker, &topic).await;
            let their_seconds = perf(&jars, &broker, &topic, events, size);
            if round > 0 {
                ours.push(tell("relay", size, seconds));
                theirs.push(tell("kafka-producer-perf-test", size, their_seconds));
            }
        }
        println!("{name}: {:.2} of Kafka's own producer, by medians", median(ours) / median(theirs));
    }
}

fn median(mut rates: Vec<f64>) -> f64 {
    rates.sort_by(f64::total_cmp);
    rates[rates.len() / 2]
}

/// A log of so many events, one append each.
async fn fill(folder: &Path, payload: usize, events: u64) -> Arc<SqliteLog> {
    let log = SqliteLog::open(folder, SqliteOptions::new(Arc::new(now))).expect("a log");
    let mut waiting = FuturesUnordered::new();
    for number in 0..events {
        let contract = ContractId::from_u128(u128::from(number % CONTRACTS));
        let metadata = Metadata {
            organisation: domain::id::OrganisationId::from_u128(1),
            person: None,
            command: None,
            causation: None,
            correlation: Some(contract.to_bytes()),
            occurred_at: Timestamp::from_micros(now()).unwrap_or_default(),
            partition: Some(contract),
            audience: vec![domain::id::OrganisationId::from_u128(1)],
            traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01".into(),
        };
        let event = NewEvent {
            id: u128::from(number).to_be_bytes(),
            event_type: "kiban.access.v1.UsageRecorded".into(),
            metadata: metadata.encode().into(),
            payload: (0..payload).map(|at| (at as u64 * 2_654_435_761 + number) as u8).collect(),
        };
        let stream = Category::Access.stream(contract);
        let expected = ExpectedRevision::Any;
        waiting.push(log.append(Append {
            stream,
            expected,
            guards: vec![],
            command: None,
            events: vec![event],
        }));
        while waiting.len() >= 1_000 {
            waiting.next().await.expect("one waits").expect("appended");
        }
    }
    while let Some(appended) = waiting.next().await {
        appended.expect("appended");
    }
    log
}

fn now() -> i64 {
    SystemClock.now().as_micros()
}

/// Publishes the log; tells for how long, and how many bytes a record has.
async fn relay(log: &Arc<SqliteLog>, broker: &str, prefix: &str, events: u64) -> (f64, u64) {
    let kafka = KafkaOptions { partitions: PARTITIONS, ..KafkaOptions::new(broker) };
    let name = format!("bench_{}", now());
    let options = RelayOptions {
        topic_prefix: prefix.to_owned(),
        categories: [Category::Access].into(),
        ..RelayOptions::new(name.parse().expect("a name"), "bench".parse().expect("a name"))
    };
    let (clock, connector) = (Arc::new(SystemClock), Arc::new(Kafka::new(kafka)));
    let relay = Arc::new(Relay::new(log.clone(), log.clone(), connector, clock, None, options));
    let (stop, stopped) = tokio::sync::watch::channel(false);
    let running = relay.clone();
    let start = Instant::now();
    let task = tokio::spawn(async move { running.run(stopped).await });
    while relay.metrics().published < events {
        assert!(!task.is_finished(), "the relay has ended");
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    let seconds = start.elapsed().as_secs_f64();
    stop.send(true).expect("it runs");
    task.await.expect("it ran").expect("it was well");
    let metrics = relay.metrics();
    assert_eq!((metrics.published, metrics.restarts), (events, 0));
    (seconds, metrics.published_bytes / events)
}

async fn make(broker: &str, topic: &str) {
    let admin: AdminClient<DefaultClientContext> =
        ClientConfig::new().set("bootstrap.servers", broker).create().expect("a client");
    let new =
        NewTopic::new(topic, PARTITIONS, TopicReplication::Fixed(1)).set("max.message.bytes", "2097152");
    let made = admin.create_topics([&new], &AdminOptions::new()).await.expect("an answer");
    made[0].as_ref().expect("a topic");
}

/// Runs Kafka's own test; tells for how long it was sending, by its own account.
fn perf(jars: &str, broker: &str, topic: &str, events: u64, size: u64) -> f64 {
    let output = Command::new("java")
        .args(["-Xmx512m", "-cp", &format!("{jars}/*"), "org.apache.kafka.tools.ProducerPerformance"])
        .args(["--topic", topic, "--num-records", &events.to_string(), "--record-size", &size.to_string()])
        .args(["--throughput", "-1", "--producer-props", &format!("bootstrap.servers={broker}")])
        .args(["acks=all", "enable.idempotence=true"])
        .output()
        .expect("java");
    let text = String::from_utf8_lossy(&output.stdout);
    // The last line sums up: "1000000 records sent, 123456.7 records/sec (… MB/sec), …".
    let last = text.lines().rfind(|line| line.contains("records sent")).unwrap_or_default();
    let rate = last.split(", ").nth(1).and_then(|part| part.split(' ').next());
    let rate: f64 = rate.and_then(|rate| rate.parse().ok()).unwrap_or_else(|| {
        panic!("no figure in {text}\n{}", String::from_utf8_lossy(&output.stderr));
    });
    assert!(last.starts_with(&format!("{events} records sent")), "{last}");
    events as f64 / rate
}
