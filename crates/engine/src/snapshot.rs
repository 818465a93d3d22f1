//! Snapshots of long histories, beside the log: to be thrown away at will.

use std::{marker::PhantomData, sync::Arc};

use event_log::{Appended, Position, StreamName};
use events::Snapshot;

/// Where snapshots of aggregates are kept.
pub trait SnapshotStore: Send + Sync + 'static {
    /// The newest snapshot of a stream: its revision, the version of its fold and its bytes.
    fn load(&self, stream: &StreamName) -> Option<(u64, u32, Vec<u8>)>;

    /// Keeps a snapshot in place of an older one. It may be lost: the history is in the log.
    fn save(&self, stream: &StreamName, snapshot: &KeptSnapshot);
}

/// A snapshot of an aggregate.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct KeptSnapshot {
    /// The revision of the last event in it.
    pub revision: u64,
    /// That event's position.
    pub position: Position,
    /// The version of the fold that made it.
    pub fold_version: u32,
    /// Canonical bytes.
    pub bytes: Vec<u8>,
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
    /// A snapshot to start from, unless it is of another fold or ahead of the log.
    pub(crate) fn load(&self, stream: &StreamName, durable: Option<u64>) -> Option<(S, u64)> {
        let (revision, version, bytes) = self.store.load(stream)?;
        if version != self.version || durable < Some(revision) {
            return None;
        }
        Some(((self.decode)(&bytes)?, revision))
    }

    /// The bytes of a snapshot, if going from one revision to another passes the mark of one.
    pub(crate) fn due(&self, before: Option<u64>, after: u64, state: &S) -> Option<Vec<u8>> {
        let marks = |revision: u64| (revision + 1) / self.every;
        (before.map_or(0, marks) < marks(after)).then(|| (self.encode)(state))
    }

    /// Keeps the snapshot of a durable revision.
    pub(crate) fn save(&self, stream: &StreamName, appended: &Appended, bytes: Vec<u8>) {
        let (revision, position) = (appended.last_revision, appended.last_position);
        self.store.save(stream, &KeptSnapshot { revision, position, fold_version: self.version, bytes });
    }
}
