//! What the log counts.

use crate::Clock;
use std::{
    sync::{
        OnceLock,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    time::Duration,
};

/// Is told how long each commit took that wrote something: its pages go into the WAL and are synced there. It runs on
/// the writer's thread, so it must be quick.
pub type CommitObserver = Box<dyn Fn(Duration) + Send + Sync>;

/// What a log has done since it was opened, and how it stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Metrics {
    /// Transactions committed.
    pub commits: u64,
    /// Frames written.
    pub frames: u64,
    /// Events written.
    pub events: u64,
    /// Appends refused because the queue was full.
    pub overloaded: u64,
    /// Appends refused because a guard had moved.
    pub stale_guards: u64,
    /// Appends that wait for the writer now.
    pub queued_appends: u64,
    /// Bytes that wait for the writer now.
    pub queued_bytes: u64,
    /// Bytes of WAL in use now.
    pub wal_bytes: u64,
    /// The most bytes of WAL that were in use.
    pub wal_bytes_max: u64,
    /// Passive checkpoints beside the writer.
    pub checkpoints: u64,
    /// Commits after which the writer waited a moment for the checkpoint thread, the WAL being above half of
    /// its limit.
    pub throttled: u64,
    /// Checkpoints for which the writer paused.
    pub checkpoint_pauses: u64,
    /// Those of them that readers kept from starting the WAL afresh.
    pub checkpoint_pauses_busy: u64,
    /// The longest pause, in microseconds of the log's clock.
    pub checkpoint_pause_max_micros: u64,
    /// All pauses together, in microseconds of the log's clock.
    pub checkpoint_pause_micros: u64,
}

/// One page of WAL and the header before it.
const WAL_FRAME_BYTES: u64 = 4_096 + 24;

#[derive(Default)]
pub(super) struct Counters {
    pub(super) commits: AtomicU64,
    pub(super) frames: AtomicU64,
    pub(super) events: AtomicU64,
    pub(super) overloaded: AtomicU64,
    pub(super) stale_guards: AtomicU64,
    pub(super) throttled: AtomicU64,
    checkpoints: AtomicU64,
    pauses: AtomicU64,
    pauses_busy: AtomicU64,
    pause_max: AtomicU64,
    pause_total: AtomicU64,
    wal_pages: AtomicU64,
    wal_pages_max: AtomicU64,
    /// Pages at the WAL's start that a checkpoint has copied into the database.
    wal_pages_done: AtomicU64,
    pub(super) commit_observer: OnceLock<CommitObserver>,
}

impl Counters {
    /// Carries out a commit, and tells how long it took by a clock if somebody wants to know.
    pub(super) fn timed<T>(&self, clock: &Clock, commit: impl FnOnce() -> T) -> T {
        let Some(observer) = self.commit_observer.get() else { return commit() };
        let start = clock();
        let outcome = commit();
        let micros = u64::try_from(clock().saturating_sub(start)).unwrap_or(0);
        observer(Duration::from_micros(micros));
        outcome
    }

    pub(super) fn wal_has(&self, pages: u64) {
        let before = self.wal_pages.swap(pages, Relaxed);
        self.wal_pages_max.fetch_max(pages, Relaxed);
        if pages < before {
            self.wal_pages_done.store(0, Relaxed);
        }
    }

    pub(super) fn wal_checkpointed(&self, pages: u64) {
        self.checkpoints.fetch_add(1, Relaxed);
        self.wal_pages_done.store(pages, Relaxed);
    }

    pub(super) fn wal_bytes(&self) -> u64 {
        self.wal_pages.load(Relaxed) * WAL_FRAME_BYTES
    }

    /// Bytes of WAL that no checkpoint has copied yet.
    pub(super) fn wal_bytes_pending(&self) -> u64 {
        let (pages, done) = (self.wal_pages.load(Relaxed), self.wal_pages_done.load(Relaxed));
        // A checkpoint that ended as the WAL started afresh may have left the old count: then none is done.
        pages.checked_sub(done).unwrap_or(pages) * WAL_FRAME_BYTES
    }

    pub(super) fn paused(&self, micros: u64, busy: bool) {
        self.pauses.fetch_add(1, Relaxed);
        self.pauses_busy.fetch_add(u64::from(busy), Relaxed);
        self.pause_max.fetch_max(micros, Relaxed);
        self.pause_total.fetch_add(micros, Relaxed);
    }

    pub(super) fn snapshot(&self, queued_appends: usize, queued_bytes: usize) -> Metrics {
        Metrics {
            commits: self.commits.load(Relaxed),
            frames: self.frames.load(Relaxed),
            events: self.events.load(Relaxed),
            overloaded: self.overloaded.load(Relaxed),
            stale_guards: self.stale_guards.load(Relaxed),
            queued_appends: queued_appends as u64,
            queued_bytes: queued_bytes as u64,
            wal_bytes: self.wal_bytes(),
            wal_bytes_max: self.wal_pages_max.load(Relaxed) * WAL_FRAME_BYTES,
            checkpoints: self.checkpoints.load(Relaxed),
            throttled: self.throttled.load(Relaxed),
            checkpoint_pauses: self.pauses.load(Relaxed),
            checkpoint_pauses_busy: self.pauses_busy.load(Relaxed),
            checkpoint_pause_max_micros: self.pause_max.load(Relaxed),
            checkpoint_pause_micros: self.pause_total.load(Relaxed),
        }
    }
}
