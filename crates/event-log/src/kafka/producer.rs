//! The producer.

use std::{future::ready, sync::Arc};

use futures::future::BoxFuture;
use rdkafka::{
    error::{KafkaError, RDKafkaErrorCode},
    message::{Header, OwnedHeaders},
    producer::{BaseRecord, Producer as _, PurgeConfig, ThreadedProducer},
};
use tokio::task::JoinHandle;

use super::{
    acks::{Batch, Context, Flight},
    options::KafkaOptions,
    topics::{make_missing, misconfigured},
    watchdog::watch,
};
use crate::relay::{Acknowledged, EventRelay, Overloaded, RelayConnector, RelayError, RelayRecord};

/// A Kafka cluster to publish to.
pub struct Kafka(KafkaOptions);

impl Kafka {
    /// A cluster. Nothing is connected yet.
    pub const fn new(options: KafkaOptions) -> Self {
        Self(options)
    }
}

impl RelayConnector for Kafka {
    fn connect(&self, topics: Vec<Arc<str>>) -> BoxFuture<'static, Result<Box<dyn EventRelay>, RelayError>> {
        let options = self.0.clone();
        Box::pin(async move {
            options.check()?;
            make_missing(&options, topics).await?;
            Ok(Box::new(Producer::new(&options)?) as Box<dyn EventRelay>)
        })
    }
}

struct Producer {
    /// Taken when it is given up.
    client: Option<ThreadedProducer<Context>>,
    flight: Arc<Flight>,
    watchdog: JoinHandle<()>,
    in_flight_bytes: usize,
}

impl Producer {
    fn new(options: &KafkaOptions) -> Result<Self, RelayError> {
        let flight = Flight::new();
        let client =
            options.producer().create_with_context(Context(flight.clone())).map_err(misconfigured)?;
        let watchdog = tokio::spawn(watch(flight.clone(), options.quiet));
        Ok(Self { client: Some(client), flight, watchdog, in_flight_bytes: options.in_flight_bytes })
    }

    fn hand_over(&self, record: &RelayRecord, batch: Arc<Batch>) -> Result<(), RelayError> {
        // Something handed over before may have failed by now: nothing may follow it.
        if let Some(failure) = self.flight.failure() {
            return Err(failure);
        }
        let client = self.client.as_ref().ok_or(RelayError::GivenUp)?;
        let mut headers = OwnedHeaders::new_with_capacity(record.headers.len());
        for (key, value) in &record.headers {
            headers = headers.insert(Header { key, value: Some(&value[..]) });
        }
        let sent = client.send(
            BaseRecord::with_opaque_to(&record.topic, batch)
                .key(&record.key[..])
                .payload(&record.payload[..])
                .timestamp(record.recorded_at / 1_000)
                .headers(headers),
        );
        sent.map_err(|(error, _)| refused(client, &record.topic, &error))
    }
}

/// Why a record was not taken.
fn refused(client: &ThreadedProducer<Context>, topic: &str, error: &KafkaError) -> RelayError {
    if let Some((_, reason)) = client.client().fatal_error() {
        return RelayError::Fatal(reason);
    }
    match error.rdkafka_error_code() {
        // The bound on what is in flight is below this one; a new producer begins with nothing in flight.
        Some(RDKafkaErrorCode::QueueFull) => RelayError::Unavailable(error.to_string()),
        _ => RelayError::Fatal(format!("topic {topic}: {error}")),
    }
}

impl EventRelay for Producer {
    fn publish(&self, records: &[RelayRecord]) -> Result<Acknowledged, Overloaded> {
        if let Some(failure) = self.flight.failure() {
            return Ok(Box::pin(ready(Err(failure))));
        }
        if records.is_empty() {
            return Ok(Box::pin(ready(Ok(()))));
        }
        let bytes = records.iter().map(RelayRecord::size).sum::<usize>().max(1);
        let in_flight = self.flight.bytes();
        if in_flight > 0 && in_flight.saturating_add(bytes) > self.in_flight_bytes {
            return Err(Overloaded);
        }
        let (batch, acknowledged) = Batch::new(&self.flight, records.len(), bytes);
        for record in records {
            if let Err(error) = self.hand_over(record, batch.clone()) {
                self.flight.fail(error);
                break;
            }
        }
        Ok(acknowledged)
    }
}

impl Drop for Producer {
    fn drop(&mut self) {
        self.watchdog.abort();
        self.flight.fail(RelayError::GivenUp);
        let Some(client) = self.client.take() else { return };
        // At once, so that nothing more is sent; the rest of the goodbye takes its time.
        client.purge(PurgeConfig::default().queue().inflight());
        let goodbye = std::thread::Builder::new().name("kafka-goodbye".into());
        if let Err(error) = goodbye.spawn(move || drop(client)) {
            tracing::warn!(%error, "a producer said its goodbye here, no thread could be had for it");
        }
    }
}
