//! The lease, as one process takes, keeps and loses it. What holds is decided by the log: each append is at the exact
//! revision on which it was decided.

use std::{num::NonZeroUsize, sync::Arc, time::Duration};

use domain::{
    relay::{
        AdvanceRelay, Command, Rejection, RelayLease, ReleaseRelayLease, RenewRelayLease, TakeRelayLease,
    },
    text::Name,
    time::Timestamp,
};
use event_log::{EventLog, Position, StreamName};

use crate::{
    aggregate::{Aggregates, Failure},
    caller::{Caller, PLATFORM},
    clock::Clock,
    envelope::{Envelope, Prepared},
    error::Refusal,
    snapshot::{SnapshotStore, Snapshots},
};

/// A snapshot is kept for so many events: a busy relay writes some thousands a day.
const EVENTS_PER_SNAPSHOT: u64 = 1_000;

pub(super) struct Leases {
    leases: Aggregates<RelayLease>,
    stream: StreamName,
    holder: Name,
    clock: Arc<dyn Clock>,
    term: Duration,
}

/// A lease of this process.
#[derive(Clone, Debug)]
pub(super) struct Held {
    /// Its number.
    pub(super) epoch: u64,
    /// Its end.
    pub(super) until: Timestamp,
    /// What was saved.
    pub(super) cursor: u64,
}

/// What this process may not do any more, or does not know whether it did.
#[derive(Debug)]
pub(super) enum Refused {
    /// The lease is another's, or lapsed.
    Lost(Rejection),
    /// The log cannot be asked.
    Unknown(Refusal),
}

impl From<Refusal> for Refused {
    fn from(refusal: Refusal) -> Self {
        Self::Unknown(refusal)
    }
}

impl From<Failure<Rejection>> for Refused {
    fn from(failure: Failure<Rejection>) -> Self {
        match failure {
            Failure::Rejected(rejection) => Self::Lost(rejection),
            Failure::Refused(refusal) => Self::Unknown(refusal),
        }
    }
}

impl Leases {
    pub(super) fn new(
        log: Arc<dyn EventLog>,
        stream: StreamName,
        holder: Name,
        clock: Arc<dyn Clock>,
        term: Duration,
        snapshots: Option<Arc<dyn SnapshotStore>>,
    ) -> Self {
        let mut leases = Aggregates::new(log, NonZeroUsize::MIN);
        if let Some(store) = snapshots {
            leases = leases.with_snapshots(Snapshots::new(store, EVENTS_PER_SNAPSHOT));
        }
        Self { leases, stream, holder, clock, term }
    }

    /// The stream of the lease.
    pub(super) const fn stream(&self) -> &StreamName {
        &self.stream
    }

    /// How it stands.
    pub(super) async fn look(&self) -> Result<RelayLease, Refusal> {
        self.leases.read(&self.stream, |state, _| state.clone()).await
    }

    /// Takes the lease if it is free, or goes on with one that it has.
    pub(super) async fn take(&self) -> Result<Held, Refused> {
        let at = self.clock.now();
        let until = later(at, self.term);
        let holder = self.holder.clone();
        self.execute(at, Command::TakeRelayLease(TakeRelayLease { holder, until, at })).await?;
        let state = self.look().await?;
        match &state {
            RelayLease::Held { lease, cursor } if lease.holder == self.holder => {
                Ok(Held { epoch: lease.epoch, until: lease.until, cursor: *cursor })
            }
            // It was lost as soon as it was taken: the term is shorter than an append takes.
            _ => Err(Refused::Lost(Rejection::Superseded { epoch: 0, newest: state.epoch() })),
        }
    }

    /// Renews the lease; tells its end.
    pub(super) async fn renew(&self, epoch: u64) -> Result<Timestamp, Refused> {
        let at = self.clock.now();
        let until = later(at, self.term);
        self.execute(at, Command::RenewRelayLease(RenewRelayLease { epoch, until, at })).await?;
        Ok(until)
    }

    /// Saves the cursor.
    pub(super) async fn advance(&self, epoch: u64, position: Position) -> Result<(), Refused> {
        let at = self.clock.now();
        self.execute(at, Command::AdvanceRelay(AdvanceRelay { epoch, position: position.0, at })).await
    }

    /// Lets go.
    pub(super) async fn release(&self, epoch: u64) -> Result<(), Refused> {
        let at = self.clock.now();
        self.execute(at, Command::ReleaseRelayLease(ReleaseRelayLease { epoch, at })).await
    }

    async fn execute(&self, at: Timestamp, command: Command) -> Result<(), Refused> {
        // The platform's own doing, and nobody's command: what makes an event this one is its epoch and its time.
        let envelope = Envelope {
            caller: Caller { organisation: PLATFORM, person: None, roles: Vec::new() },
            command: None,
            expected_revision: None,
            validate_only: false,
            at,
            traceparent: String::new(),
        };
        let prepare = || {
            let prepared = Prepared::new(command.clone());
            Box::pin(async { Ok(prepared) }) as _
        };
        self.leases.execute(&self.stream, &envelope, prepare).await?;
        Ok(())
    }
}

/// The instant so much later.
pub(super) fn later(at: Timestamp, by: Duration) -> Timestamp {
    let micros = i64::try_from(by.as_micros()).unwrap_or(i64::MAX);
    Timestamp::from_micros(at.as_micros().saturating_add(micros)).unwrap_or(Timestamp::MAX)
}
