//! Publishing for other systems.
//!
//! # The contract of a relay
//!
//! - An [`EventRelay`] is **one producer**. From its first failure on it publishes nothing more, and every batch that
//!   is not acknowledged fails. Whoever wants to go on makes another one, and starts after what was acknowledged.
//! - A batch takes its place in the order when [`EventRelay::publish`] is *called*; the future that it returns only
//!   waits. Records of one topic and key stay in that order, within a batch and across batches.
//! - The future answers `Ok` when **every** record of the batch is acknowledged: the other side keeps it on as many
//!   machines as it was told to. It says nothing of earlier batches, so they are awaited in their order.
//! - What a producer has published of a topic and key is a **beginning** of what it was handed, also where it failed:
//!   there is no gap, and nothing is out of order. What was not acknowledged may have been published or not.
//! - [`Overloaded`] takes nothing of the batch. It is no failure: wait for an acknowledgement and call again.
//! - To drop a producer is to give up what is in flight.
//!
//! So a record may come twice, from two producers, and never too late: if each producer starts after records that were
//! all acknowledged, the first appearances of a topic's and key's records are in the log's order, without a gap,
//! whoever else publishes the same at the same time. Readers drop what they have seen.

use bytes::Bytes;
use futures::future::BoxFuture;
use std::{sync::Arc, time::Duration};

/// A record for other systems. What its bytes mean is not known here.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RelayRecord {
    /// Where it goes.
    pub topic: Arc<str>,
    /// Records of one key stay in order.
    pub key: Bytes,
    /// Names and values beside the payload.
    pub headers: Vec<(&'static str, Bytes)>,
    /// The payload.
    pub payload: Bytes,
    /// When the log took it: microseconds since the Unix epoch.
    pub recorded_at: i64,
}

impl RelayRecord {
    /// Its bytes: key, headers and payload.
    pub fn size(&self) -> usize {
        let headers: usize = self.headers.iter().map(|(name, value)| name.len() + value.len()).sum();
        self.key.len() + headers + self.payload.len()
    }
}

/// Too much is in flight; nothing of the batch was taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("too much is in flight")]
pub struct Overloaded;

/// Why a batch is not known to be published.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RelayError {
    /// The other side cannot be reached.
    #[error("the brokers cannot be reached: {0}")]
    Unavailable(String),
    /// With records in flight nothing was heard for so long.
    #[error("nothing was acknowledged for {0:?} with records in flight")]
    Quiet(Duration),
    /// The producer was given up.
    #[error("the producer was given up")]
    GivenUp,
    /// To go on would break the order or lose something, or would be refused again: somebody must look.
    #[error("publishing was refused: {0}")]
    Fatal(String),
}

impl RelayError {
    /// Whether another producer may go on by itself.
    pub const fn may_go_on(&self) -> bool {
        match self {
            Self::Unavailable(_) | Self::Quiet(_) | Self::GivenUp => true,
            Self::Fatal(_) => false,
        }
    }
}

/// Waits until every record of a batch is acknowledged.
pub type Acknowledged = BoxFuture<'static, Result<(), RelayError>>;

/// One producer of records; see the [module](self) for what it promises.
pub trait EventRelay: Send + Sync + 'static {
    /// Publishes a batch. The place in the order is taken by the call itself; the future waits.
    fn publish(&self, records: &[RelayRecord]) -> Result<Acknowledged, Overloaded>;
}

/// Makes one producer after another, each for the same topics. It fails with [`RelayError::Unavailable`] if the other
/// side cannot be reached, and with [`RelayError::Fatal`] if it refuses.
pub trait RelayConnector: Send + Sync + 'static {
    /// Makes a producer, and the topics that are not there yet.
    fn connect(&self, topics: Vec<Arc<str>>) -> BoxFuture<'static, Result<Box<dyn EventRelay>, RelayError>>;
}
