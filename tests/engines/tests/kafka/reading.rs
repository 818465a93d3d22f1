//! Reading topics as a consumer does.

use std::{collections::BTreeMap, time::Duration};

use rdkafka::{
    ClientConfig, Message, Offset, TopicPartitionList,
    consumer::{BaseConsumer, Consumer},
    error::KafkaResult,
    message::Headers,
};

/// How long the broker may take for anything.
const PATIENCE: Duration = Duration::from_secs(60);

/// A record as a consumer sees it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Seen {
    pub(crate) topic: String,
    pub(crate) partition: i32,
    pub(crate) key: String,
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) payload: Vec<u8>,
    /// Milliseconds since the Unix epoch.
    pub(crate) timestamp: i64,
}

impl Seen {
    /// Where the event stands in the log.
    pub(crate) fn position(&self) -> u64 {
        self.headers["ce_kibanposition"].parse().unwrap()
    }
}

/// Everything that topics with a prefix hold now, partition by partition in the order of offsets.
pub(crate) async fn read_topics(broker: &str, prefix: &str) -> Vec<Seen> {
    let (broker, prefix) = (broker.to_owned(), prefix.to_owned());
    tokio::task::spawn_blocking(move || read_blocking(&broker, &prefix)).await.unwrap()
}

fn read_blocking(broker: &str, prefix: &str) -> Vec<Seen> {
    let consumer: BaseConsumer = ClientConfig::new()
        .set("bootstrap.servers", broker)
        // It joins no group and keeps no offsets.
        .set("group.id", "kiban-test")
        .set("enable.auto.commit", "false")
        .create()
        .unwrap();
    let metadata = patiently(|| consumer.fetch_metadata(None, PATIENCE));
    let mut wanted = TopicPartitionList::new();
    let mut left = BTreeMap::new();
    for topic in metadata.topics().iter().filter(|topic| topic.name().starts_with(prefix)) {
        for partition in topic.partitions() {
            let (_, end) = patiently(|| consumer.fetch_watermarks(topic.name(), partition.id(), PATIENCE));
            if end > 0 {
                wanted.add_partition_offset(topic.name(), partition.id(), Offset::Beginning).unwrap();
                left.insert((topic.name().to_owned(), partition.id()), end);
            }
        }
    }
    consumer.assign(&wanted).unwrap();
    let mut seen: BTreeMap<(String, i32), Vec<Seen>> = BTreeMap::new();
    while !left.is_empty() {
        let message = consumer.poll(PATIENCE).expect("the broker tells nothing more").unwrap();
        let place = (message.topic().to_owned(), message.partition());
        if left.get(&place).is_some_and(|end| message.offset() + 1 >= *end) {
            left.remove(&place);
        }
        let text = |bytes: Option<&[u8]>| String::from_utf8(bytes.unwrap_or_default().to_vec()).unwrap();
        let headers = message.headers().into_iter().flat_map(Headers::iter);
        seen.entry(place).or_default().push(Seen {
            topic: message.topic().to_owned(),
            partition: message.partition(),
            key: text(message.key()),
            headers: headers.map(|header| (header.key.to_owned(), text(header.value))).collect(),
            payload: message.payload().unwrap_or_default().to_vec(),
            timestamp: message.timestamp().to_millis().unwrap(),
        });
    }
    seen.into_values().flatten().collect()
}

/// Asks again for what a broker cannot tell yet: it has just started, or the topic was just made.
fn patiently<T>(ask: impl Fn() -> KafkaResult<T>) -> T {
    for _ in 0..PATIENCE.as_secs() {
        match ask() {
            Ok(answer) => return answer,
            Err(_) => std::thread::sleep(Duration::from_secs(1)),
        }
    }
    ask().unwrap()
}

/// What is left once a reader drops, in each partition, positions that are not above the highest that it has seen.
pub(crate) fn first_seen(records: &[Seen]) -> Vec<&Seen> {
    let mut highest: BTreeMap<(&str, i32), u64> = BTreeMap::new();
    let mut first = Vec::new();
    for record in records {
        let highest = highest.entry((&record.topic, record.partition)).or_default();
        if record.position() > *highest {
            *highest = record.position();
            first.push(record);
        }
    }
    first
}
