//! What is in flight, and what has been heard of it.

use std::sync::{
    Arc, Mutex,
    atomic::{
        AtomicU64, AtomicUsize,
        Ordering::{AcqRel, Acquire, Relaxed},
    },
};

use rdkafka::{
    ClientContext, Message,
    error::{KafkaError, RDKafkaErrorCode},
    producer::{DeliveryResult, NoCustomPartitioner, ProducerContext},
};
use tokio::sync::{oneshot, watch};

use crate::{
    live::held,
    relay::{Acknowledged, RelayError},
};

/// What one producer has in flight.
pub(super) struct Flight {
    bytes: AtomicUsize,
    acknowledgements: AtomicU64,
    errors: AtomicU64,
    /// Why it publishes nothing more.
    failure: watch::Sender<Option<RelayError>>,
}

impl Flight {
    pub(super) fn new() -> Arc<Self> {
        Arc::new(Self {
            bytes: AtomicUsize::new(0),
            acknowledgements: AtomicU64::new(0),
            errors: AtomicU64::new(0),
            failure: watch::Sender::new(None),
        })
    }

    /// The bytes in flight.
    pub(super) fn bytes(&self) -> usize {
        self.bytes.load(Acquire)
    }

    /// How many acknowledgements were heard, and how many errors.
    pub(super) fn heard(&self) -> (u64, u64) {
        (self.acknowledgements.load(Relaxed), self.errors.load(Relaxed))
    }

    /// Publishes nothing more. The first reason stays.
    pub(super) fn fail(&self, error: RelayError) {
        self.failure.send_if_modified(|failure| {
            let first = failure.is_none();
            failure.get_or_insert(error);
            first
        });
    }

    /// Why it publishes nothing more.
    pub(super) fn failure(&self) -> Option<RelayError> {
        self.failure.borrow().clone()
    }
}

/// A batch in flight. Each of its records holds it, and so does whoever is still handing them over.
pub(super) struct Batch {
    flight: Arc<Flight>,
    bytes: usize,
    left: AtomicUsize,
    done: Mutex<Option<oneshot::Sender<()>>>,
}

impl Batch {
    /// A batch of so many records and bytes, and what waits for it.
    pub(super) fn new(flight: &Arc<Flight>, records: usize, bytes: usize) -> (Arc<Self>, Acknowledged) {
        flight.bytes.fetch_add(bytes, AcqRel);
        let (done, acknowledged) = oneshot::channel();
        let done = Mutex::new(Some(done));
        let batch = Self { flight: flight.clone(), bytes, left: AtomicUsize::new(records), done };
        let mut failure = flight.failure.subscribe();
        let waits = async move {
            tokio::select! {
                biased;
                Ok(()) = acknowledged => Ok(()),
                failed = failure.wait_for(Option::is_some) => {
                    Err(failed.ok().and_then(|failed| (*failed).clone()).unwrap_or(RelayError::GivenUp))
                }
            }
        };
        (Arc::new(batch), Box::pin(waits))
    }

    fn acknowledge_one(&self) {
        self.flight.acknowledgements.fetch_add(1, Relaxed);
        if self.left.fetch_sub(1, AcqRel) == 1
            && let Some(done) = held(&self.done).take()
        {
            // Nobody need wait for it.
            let _ = done.send(());
        }
    }
}

impl Drop for Batch {
    fn drop(&mut self) {
        self.flight.bytes.fetch_sub(self.bytes, AcqRel);
    }
}

/// What librdkafka tells.
pub(super) struct Context(pub(super) Arc<Flight>);

impl ClientContext for Context {
    fn error(&self, error: KafkaError, reason: &str) {
        self.0.errors.fetch_add(1, Relaxed);
        if error.rdkafka_error_code() == Some(RDKafkaErrorCode::Fatal) {
            self.0.fail(RelayError::Fatal(reason.to_owned()));
        }
        tracing::warn!(%error, reason, "the relay's client reports an error");
    }
}

impl ProducerContext<NoCustomPartitioner> for Context {
    type DeliveryOpaque = Arc<Batch>;

    fn delivery(&self, result: &DeliveryResult<'_>, batch: Arc<Batch>) {
        match result {
            // Taken for a duplicate of something else, it may not be there: another producer publishes it again.
            Ok(message) if message.offset() < 0 => {
                let topic = message.topic();
                let what = format!("topic {topic}: a record was acknowledged that has no place there");
                self.0.fail(RelayError::Unavailable(what));
            }
            Ok(_) => batch.acknowledge_one(),
            Err((error, message)) => self.0.fail(undelivered(error, message.topic())),
        }
    }
}

/// What it means that a record was not delivered.
fn undelivered(error: &KafkaError, topic: &str) -> RelayError {
    match error.rdkafka_error_code() {
        Some(RDKafkaErrorCode::PurgeQueue | RDKafkaErrorCode::PurgeInflight) => RelayError::GivenUp,
        _ => RelayError::Fatal(format!("topic {topic}: {error}")),
    }
}
