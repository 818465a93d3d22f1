//! How the relay to Kafka behaves.

use std::{fmt, str::FromStr, time::Duration};

use rdkafka::ClientConfig;

use crate::relay::RelayError;

/// The largest record, and the largest batch: an append of the log holds at most 1 MiB, and headers come on top.
pub(super) const MOST_MESSAGE_BYTES: &str = "2097152";

/// What the order and the safety of records rest on, and what is said otherwise: nobody sets it by its name. librdkafka
/// knows some of it by two names, and a second one would win or lose by chance.
const RESERVED: [&str; 17] = [
    "acks",
    "bootstrap.servers",
    "compression.codec",
    "compression.type",
    "delivery.timeout.ms",
    "enable.gapless.guarantee",
    "enable.idempotence",
    "max.in.flight",
    "max.in.flight.requests.per.connection",
    "message.max.bytes",
    "message.send.max.retries",
    "message.timeout.ms",
    "metadata.broker.list",
    "partitioner",
    "request.required.acks",
    "retries",
    "transactional.id",
];

/// How records are compressed on their way and in the topics.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum KafkaCompression {
    /// Not at all.
    None,
    /// Fast, and headers are much alike.
    Lz4,
    /// Slower and smaller.
    Gzip,
    /// As old consumers know it.
    Snappy,
}

impl KafkaCompression {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::None, Self::Lz4, Self::Gzip, Self::Snappy];

    /// Its name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Lz4 => "lz4",
            Self::Gzip => "gzip",
            Self::Snappy => "snappy",
        }
    }
}

impl fmt::Display for KafkaCompression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A text that names no compression.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the compressions are none, lz4, gzip and snappy")]
pub struct InvalidCompression;

impl FromStr for KafkaCompression {
    type Err = InvalidCompression;

    fn from_str(text: &str) -> Result<Self, InvalidCompression> {
        Self::ALL.into_iter().find(|compression| compression.as_str() == text).ok_or(InvalidCompression)
    }
}

/// How a [`Kafka`](super::Kafka) behaves. [`KafkaOptions::new`] gives what suits a server.
#[derive(Clone, Debug)]
pub struct KafkaOptions {
    /// Where to begin: `host:port`, several separated by commas.
    pub brokers: String,
    /// How many partitions a topic is made with. Records of one key stay in order as long as this number stays: it is
    /// not changed for a topic that stands.
    pub partitions: i32,
    /// On how many machines a topic is kept that the relay makes; `None` leaves it to the brokers.
    pub replication: Option<i32>,
    /// How records are compressed.
    pub compression: KafkaCompression,
    /// The most bytes in flight, though one batch always may be.
    pub in_flight_bytes: usize,
    /// With records in flight and nothing heard for so long, a producer is given up.
    pub quiet: Duration,
    /// How long the brokers may take to say which topics there are, and to make those that are missing.
    pub connect: Duration,
    /// Properties of librdkafka for what is not said here, such as those of SASL. What the order and the safety of
    /// records rest on is refused.
    pub properties: Vec<(String, String)>,
}

impl KafkaOptions {
    /// What suits a server.
    pub fn new(brokers: impl Into<String>) -> Self {
        Self {
            brokers: brokers.into(),
            partitions: 6,
            replication: None,
            compression: KafkaCompression::None,
            in_flight_bytes: 64 << 20,
            quiet: Duration::from_secs(30),
            connect: Duration::from_secs(15),
            properties: Vec::new(),
        }
    }

    /// Refuses properties that are not for others to set, as connecting does; so that whoever gave them hears it at once.
    pub fn check(&self) -> Result<(), RelayError> {
        let reserved = |(name, _): &&(String, String)| RESERVED.contains(&name.as_str());
        match self.properties.iter().find(reserved) {
            None => Ok(()),
            Some((name, _)) => {
                Err(RelayError::Fatal(format!("the property {name} is the relay's own to set")))
            }
        }
    }

    /// The configuration of a client.
    pub(super) fn client(&self) -> ClientConfig {
        let mut config = ClientConfig::new();
        config.set("client.id", "kiban-relay").set("reconnect.backoff.max.ms", "2000").set("linger.ms", "5");
        for (name, value) in &self.properties {
            config.set(name, value);
        }
        config.set("bootstrap.servers", &self.brokers).set("message.max.bytes", MOST_MESSAGE_BYTES);
        config
    }

    /// The configuration of the producer.
    pub(super) fn producer(&self) -> ClientConfig {
        let mut config = self.client();
        config
            .set("enable.idempotence", "true")
            .set("enable.gapless.guarantee", "true")
            .set("acks", "all")
            // A broker that has heard nothing of a producer takes whatever number it hears first. If the first batch
            // meets a partition that is not ready yet and the second, sent right behind it, is taken, the first comes
            // back as a duplicate, which the client counts as published: it would be lost, and acknowledged.
            .set("max.in.flight.requests.per.connection", "1")
            .set("message.timeout.ms", "0")
            // What the Java clients do: a key has one partition, whoever writes.
            .set("partitioner", "murmur2_random")
            .set("compression.type", self.compression.as_str())
            // What is in flight is bounded by `in_flight_bytes`, before anything of a batch is taken.
            .set("queue.buffering.max.messages", "0")
            .set("queue.buffering.max.kbytes", "2097151");
        config
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_order_and_safety_rest_on_is_not_for_others_to_set() {
        let with = |name: &str| KafkaOptions {
            properties: vec![("socket.keepalive.enable".into(), "true".into()), (name.into(), "1".into())],
            ..KafkaOptions::new("127.0.0.1:9092")
        };
        assert_eq!(with("security.protocol").check(), Ok(()));
        for reserved in RESERVED {
            let refused = with(reserved).check().unwrap_err();
            assert!(!refused.may_go_on() && refused.to_string().contains(reserved), "{refused}");
        }
        // Whatever is set for the sake of both has no other way in.
        let options = KafkaOptions::new("127.0.0.1:9092");
        let free = ["client.id", "linger.ms", "reconnect.backoff.max.ms"];
        let bounds = ["queue.buffering.max.messages", "queue.buffering.max.kbytes"];
        for name in options.producer().config_map().keys() {
            let known = RESERVED.iter().chain(&free).chain(&bounds);
            assert!(known.into_iter().any(|known| known == name), "{name} is neither reserved nor free");
        }
    }
}
