//! The relay to Kafka, on librdkafka.
//!
//! The producer is idempotent, waits for all in-sync replicas (`acks=all`) and never gives a record up by itself
//! (`message.timeout.ms=0`): a record that failed while later ones of its partition were written would be a gap that no
//! reader can see. So a broker numbers what comes from a producer and refuses what does not follow; whatever librdkafka
//! cannot mend is fatal to the producer, and every failed delivery is fatal here. What is left is a client that waits
//! for ever, and for that there is the [watchdog].

mod acks;
mod options;
mod producer;
mod topics;
mod watchdog;

pub use options::{InvalidCompression, KafkaCompression, KafkaOptions};
pub use producer::Kafka;
