//! The log: the only truth of the platform.
//!
//! # The contract, which the conformance suite tests for every engine
//!
//! - A **frame** is what one append wrote: one or more events of one stream, all or nothing. Folds
//!   checkpoint at frame ends.
//! - **Positions** number events over the whole log, from 1, without gaps, in commit order. **Revisions**
//!   number the events of one stream, from 0, without gaps. **Recorded-at** never decreases with position.
//! - An append takes its place in the log's order when [`EventLog::append`] is *called*; the future that it
//!   returns only waits. When the future answers `Ok`, the frame is durable: it outlives `kill -9` and loss
//!   of power. No reader sees a frame before that.
//! - Guards and the expected revision are checked by the single writer in the same commit as the append.
//! - A command key is remembered with the frame it wrote. The same key and digest again answers
//!   [`AppendOutcome::AlreadyAppended`] whatever the expected revision; another digest answers
//!   [`AppendError::IdMismatch`]; a refused append leaves the key free.
//! - An append without a command key whose expected revision is exact (a number, or "no stream") and whose
//!   event ids already stand at that place, as one frame, answers [`AppendOutcome::AlreadyAppended`]: a retry
//!   changes nothing.
//! - A retry is recognised before the expected revision and the guards are looked at, because they may have
//!   moved since. Then the stream is checked, then the guards in their order; the first that fails answers
//!   [`AppendError::Conflict`]. An append sees those called before it, whether they are durable yet or not;
//!   its answer waits until everything that it stood on is durable.
//! - History is never rewritten: there is no update and no delete.
//!
//! - After an append of which the outcome is not known the log has *failed*: it takes no more writes, and the
//!   process should stop, so that the next one finds out by reading. A failed write is never tried again.
//!
//! The log carries opaque bytes; what they mean is the `events` crate's business. Futures are polled on a
//! tokio runtime; time comes from the [`Clock`] that an engine is opened with.

#[cfg(feature = "conformance")]
pub mod conformance;
mod eventstoredb;
mod frame;
mod judge;
#[cfg(feature = "kafka")]
pub mod kafka;
mod limits;
mod live;
mod memory;
mod memory_broker;
mod protocol;
pub mod relay;
mod served;
mod sqlite;
mod types;

use futures::{future::BoxFuture, stream::BoxStream};
use std::sync::Arc;

pub use eventstoredb::{
    ConnectError, EventStoreLog, EventStoreOptions, InvalidConnectionString, StaleGuards,
};
pub use limits::{MAX_EVENT_TYPE, MAX_GUARDS};
pub use memory::MemoryLog;
pub use memory_broker::{MemoryBroker, Mood};
pub use protocol::PROTOCOL_DESCRIPTORS;
pub use relay::{Acknowledged, EventRelay, Overloaded, RelayConnector, RelayError, RelayRecord};
pub use served::{Reserved, Served};
pub use sqlite::{
    BackupReport, CommitObserver, Finding, MAX_FINDINGS, Metrics, OpenError, Place, SqliteLog, SqliteOptions,
    VerifyReport, backup, verify,
};
pub use types::*;

/// Where an engine takes recorded-at from: microseconds since the Unix epoch. It may go backwards; what is
/// recorded does not.
pub type Clock = Arc<dyn Fn() -> i64 + Send + Sync>;

/// A log that can be appended to and read.
pub trait EventLog: Send + Sync + 'static {
    /// Appends the events of one frame to one stream. The place in the order is taken by the call itself;
    /// the future waits for durability. A full queue answers [`AppendError::Overloaded`] at once.
    fn append(&self, append: Append) -> BoxFuture<'static, Result<AppendOutcome, AppendError>>;

    /// The frames of a stream that hold revisions from `from_revision` on, in order; at most one page.
    /// An empty page means the end of the stream (or that it does not exist).
    fn read_stream(
        &self,
        stream: &StreamName,
        from_revision: u64,
        page: Page,
    ) -> BoxFuture<'static, Result<Vec<Arc<Frame>>, ReadError>>;

    /// The frames after a position up to the head as it was when asked, in order; at most one page. An empty page
    /// means the head.
    fn read_all(&self, after: Position, page: Page)
    -> BoxFuture<'static, Result<Vec<Arc<Frame>>, ReadError>>;

    /// The frame that holds an event's position, if the log has come so far.
    fn frame_at(&self, position: Position) -> BoxFuture<'static, Result<Option<Arc<Frame>>, ReadError>>;

    /// The durable end of the log, as far as this process has seen it.
    fn head(&self) -> Head;

    /// The durable end of the log as the log itself knows it now. Where the log is in another process it may lie after
    /// [`head`](Self::head).
    fn head_now(&self) -> BoxFuture<'static, Result<Head, ReadError>> {
        Box::pin(std::future::ready(Ok(self.head())))
    }

    /// The durable revision of the last event of a stream, or `None` if the stream does not exist.
    fn stream_revision(&self, stream: &StreamName) -> BoxFuture<'static, Result<Option<u64>, ReadError>>;

    /// What a command id was used for, if it has been. An engine without an index of command ids looks in the stream
    /// alone: there an id is unique for its stream.
    fn find_command(
        &self,
        stream: &StreamName,
        scope: [u8; 16],
        id: &str,
    ) -> BoxFuture<'static, Result<Option<StoredCommand>, ReadError>>;

    /// The last position whose recorded-at is not after `recorded_at` (microseconds since the Unix epoch);
    /// [`Position::START`] if there is none. What the log knew at that time.
    fn position_at(&self, recorded_at: i64) -> BoxFuture<'static, Result<Position, ReadError>>;

    /// Waits until the log has failed, and says why; `None` if it was closed instead. An engine that cannot
    /// fail by itself waits for ever.
    fn failed(&self) -> BoxFuture<'static, Option<Arc<str>>> {
        Box::pin(futures::future::pending())
    }

    /// Takes no more appends, answers those that it has, ends the feeds and lets go of what it holds.
    /// Closing twice is closing once.
    fn close(&self) -> BoxFuture<'static, ()> {
        Box::pin(std::future::ready(()))
    }
}

/// A log that is both kept and followed.
pub trait Log: EventLog + EventFeed {}
impl<L: EventLog + EventFeed> Log for L {}

/// A log that tells what happens as it happens.
pub trait EventFeed: Send + Sync + 'static {
    /// All frames after a position (exclusive), first those that stand already and then, without a seam,
    /// each new one after its commit. A frame that begins at or before `after` and ends after it is sent
    /// whole. The stream ends only with an error or when the log closes.
    fn subscribe(&self, after: Position) -> BoxStream<'static, Result<Arc<Frame>, ReadError>>;

    /// Waits until the durable head is at or past a position.
    fn reached(&self, position: Position) -> BoxFuture<'static, Result<(), ReadError>>;
}
