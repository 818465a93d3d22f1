//! Snapshots of long histories, beside the log: to be thrown away at will.

use std::{marker::PhantomData, sync::Arc};

use event_log::{Appended, EventLog, ReadError, StreamName};
use events::Snapshot;

use crate::mark::Mark;

/// Where snapshots of aggregates are kept.
pub trait SnapshotStore: Send + Sync + 'static {
    /// The newest snapshot of a stream.
    fn load(&self, stream: &StreamName) -> Option<KeptSnapshot>;

    /// Keeps a snapshot in place of an older one of its stream. It may be lost: the history is in the log.
    fn save(&self, snapshot: &KeptSnapshot);
}

/// A snapshot of an aggregate.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct KeptSnapshot {
    /// The last event in it.
    pub end: Mark,
    /// The version of the fold that made it.
    pub fold_version: u32,
    /// Canonical bytes.
    pub bytes: Vec<u8>,
}

/// A snapshot of what is not durable yet.
pub(crate) struct DueSnapshot {
    /// The id of the last event in it.
    event: [u8; 16],
    bytes: Vec<u8>,
}

/// Snapshots of the states of one kind of aggregate.
pub struct Snapshots<S> {
    store: Arc<dyn SnapshotStore>,
    every: u64,
    version: u32,
    encode: fn(&S) -> Vec<u8>,
    decode: fn(&[u8]) -> Option<S>,
    state: PhantomData<fn() -> S>,
}

impl<S: Snapshot> Snapshots<S> {
    /// Snapshots in a store, one for so many events of a stream.
    pub fn new(store: Arc<dyn SnapshotStore>, every: u64) -> Self {
        Self {
            store,
            every: every.max(1),
            version: S::FOLD_VERSION,
            encode: S::encode,
            decode: |bytes| S::decode(bytes).ok(),
            state: PhantomData,
        }
    }
}

impl<S> Snapshots<S> {
    /// A snapshot to start from, unless it is of another fold or of another history than the log's.
    pub(crate) async fn load(
        &self,
        stream: &StreamName,
        log: &dyn EventLog,
    ) -> Result<Option<(S, u64)>, ReadError> {
        let Some(kept) = self.store.load(stream).filter(|kept| kept.fold_version == self.version) else {
            return Ok(None);
        };
        if !kept.end.stands_in(log).await? {
            tracing::warn!(%stream, "its snapshot was made from another history than the log's");
            return Ok(None);
        }
        Ok((self.decode)(&kept.bytes).map(|state| (state, kept.end.revision)))
    }

    /// The snapshot after an event, if going from one revision to another makes it due.
    pub(crate) fn due(
        &self,
        before: Option<u64>,
        after: u64,
        event: [u8; 16],
        state: &S,
    ) -> Option<DueSnapshot> {
        let taken = |revision: u64| (revision + 1) / self.every;
        (before.map_or(0, taken) < taken(after)).then(|| DueSnapshot { event, bytes: (self.encode)(state) })
    }

    /// Keeps the snapshot of a durable revision.
    pub(crate) fn save(&self, stream: &StreamName, appended: &Appended, due: DueSnapshot) {
        let end = Mark::appended(stream, appended, due.event);
        self.store.save(&KeptSnapshot { end, fold_version: self.version, bytes: due.bytes });
    }
}
