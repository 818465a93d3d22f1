//! What a relay counts.

use std::sync::atomic::{
    AtomicBool, AtomicI64, AtomicU64,
    Ordering::{Acquire, Relaxed, Release},
};

use domain::time::Timestamp;
use event_log::{Position, RelayError};

/// What a relay has done since it was made, and how it stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct RelayMetrics {
    /// Whether it publishes, or would if something came: it was the last to take the lease.
    pub active: bool,
    /// Everything up to this position was acknowledged, or is not relayed. Of one that stands by: what it knows of the
    /// cursor.
    pub position: u64,
    /// How many positions the log is ahead of that.
    pub lag_positions: u64,
    /// How long ago something was acknowledged; `None`: nothing was.
    pub seconds_since_acknowledgement: Option<u64>,
    /// Records acknowledged.
    pub published: u64,
    /// Their bytes: keys, headers and payloads.
    pub published_bytes: u64,
    /// Records that wait for an acknowledgement now.
    pub in_flight: u64,
    /// How often the cursor was saved.
    pub saves: u64,
    /// How often a producer was given up and another one made.
    pub restarts: u64,
    /// Those of them where the client had gone quiet.
    pub watchdog_restarts: u64,
}

/// No time yet.
const NEVER: i64 = i64::MIN;

pub(super) struct Counters {
    active: AtomicBool,
    position: AtomicU64,
    acknowledged_at: AtomicI64,
    published: AtomicU64,
    published_bytes: AtomicU64,
    in_flight: AtomicU64,
    saves: AtomicU64,
    restarts: AtomicU64,
    watchdog_restarts: AtomicU64,
}

impl Default for Counters {
    fn default() -> Self {
        Self {
            active: AtomicBool::default(),
            position: AtomicU64::default(),
            acknowledged_at: AtomicI64::new(NEVER),
            published: AtomicU64::default(),
            published_bytes: AtomicU64::default(),
            in_flight: AtomicU64::default(),
            saves: AtomicU64::default(),
            restarts: AtomicU64::default(),
            watchdog_restarts: AtomicU64::default(),
        }
    }
}

impl Counters {
    pub(super) fn set_active(&self, active: bool) {
        self.active.store(active, Release);
        if !active {
            self.in_flight.store(0, Relaxed);
        }
    }

    pub(super) fn position(&self) -> Position {
        Position(self.position.load(Acquire))
    }

    pub(super) fn stands_by(&self, position: Position) {
        self.position.store(position.0, Release);
    }

    pub(super) fn sent(&self, records: u64) {
        self.in_flight.fetch_add(records, Relaxed);
    }

    pub(super) fn acknowledged(&self, position: Position, records: u64, bytes: u64, now: Timestamp) {
        if records > 0 {
            self.in_flight.fetch_sub(records, Relaxed);
            self.published.fetch_add(records, Relaxed);
            self.published_bytes.fetch_add(bytes, Relaxed);
            self.acknowledged_at.store(now.as_micros(), Relaxed);
        }
        self.position.store(position.0, Release);
    }

    pub(super) fn saved(&self) {
        self.saves.fetch_add(1, Relaxed);
    }

    pub(super) fn restarted(&self, error: &RelayError) {
        self.in_flight.store(0, Relaxed);
        self.restarts.fetch_add(1, Relaxed);
        self.watchdog_restarts.fetch_add(u64::from(matches!(error, RelayError::Quiet(_))), Relaxed);
    }

    pub(super) fn snapshot(&self, head: Position, now: Timestamp) -> RelayMetrics {
        let position = self.position();
        let acknowledged_at = Some(self.acknowledged_at.load(Relaxed)).filter(|at| *at != NEVER);
        // A clock that was set back makes no negative age.
        let age = |at: i64| u64::try_from(now.as_micros().saturating_sub(at)).unwrap_or(0) / 1_000_000;
        RelayMetrics {
            active: self.active.load(Acquire),
            position: position.0,
            lag_positions: head.0.saturating_sub(position.0),
            seconds_since_acknowledgement: acknowledged_at.map(age),
            published: self.published.load(Relaxed),
            published_bytes: self.published_bytes.load(Relaxed),
            in_flight: self.in_flight.load(Relaxed),
            saves: self.saves.load(Relaxed),
            restarts: self.restarts.load(Relaxed),
            watchdog_restarts: self.watchdog_restarts.load(Relaxed),
        }
    }
}
