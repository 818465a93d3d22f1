//! Runs a relay: the log, published for other systems, by one process at a time.
//!
//! Who publishes is decided in the log: a lease, [`domain::relay`]. Its holder reads after the cursor, maps each event
//! to a record ([`record`](self)), publishes, waits for every acknowledgement and then, now and then, saves the cursor.
//! The cursor is never ahead of what was acknowledged. So each holder, and each producer of a holder, starts after
//! records that are all published, and by the contract of [`event_log::relay`] the first appearances of a topic's and
//! key's records stand in the log's order without a gap, whoever else still publishes.
//!
//! # What the lease is good for, and what it is not
//!
//! It keeps two processes from doing the same work, and it fences the cursor: whoever has lost the lease cannot move
//! it, because its next append conflicts. It cannot fence the brokers. A holder that was stopped in the middle, or
//! whose clock is slow, may still send what it has in flight after another has taken over; so may a producer that was
//! given up. Such records are **duplicates** of what the other publishes, never anything else: both publish beginnings
//! of the same order, from places before which everything is published. Readers drop positions that they have seen.
//!
//! A holder stops publishing some time before its lease ends by its own clock, so that clocks which differ by less than
//! that do not even make duplicates.
//!
//! # What is quiet
//!
//! A relay's own events are never published, never wake it up and are no reason to save. So a log to which nobody
//! appends stays as it is: an idle holder lets its lease lapse, and takes the next one when something comes.

mod lease;
mod metrics;
mod options;
mod publishing;
mod record;

use std::sync::Arc;

use domain::relay::Rejection;
use event_log::{EventFeed, EventLog, EventRelay, Page, Position, ReadError, RelayConnector, RelayError};
use events::{Category, DecodeError, relay_stream};
use tokio::sync::watch;

pub use metrics::RelayMetrics;
pub use options::{CONFIDENTIAL, RelayOptions};

use crate::{clock::Clock, error::Refusal, read::refusal_of_read, snapshot::SnapshotStore};
use lease::{Held, Leases, Refused};
use metrics::Counters;
use publishing::{End, Publishing};
use record::Topics;

/// A relay of one log.
pub struct Relay {
    log: Arc<dyn EventLog>,
    feed: Arc<dyn EventFeed>,
    connector: Arc<dyn RelayConnector>,
    clock: Arc<dyn Clock>,
    options: RelayOptions,
    topics: Topics,
    leases: Leases,
    counters: Counters,
}

/// Why a relay has ended that was not told to. Another start would meet the same: somebody must look.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RelayFailure {
    /// The brokers refuse what it publishes, or its client has broken its promises.
    #[error("the relay cannot go on after position {position}")]
    Publish {
        /// What was acknowledged.
        position: Position,
        /// Why.
        source: RelayError,
    },
    /// An event's envelope cannot be read.
    #[error("the relay cannot go on")]
    Event(#[source] DecodeError),
    /// The log cannot be read.
    #[error("the relay cannot go on: {0}")]
    Log(String),
}

impl Relay {
    /// A relay from a log to whatever the connector reaches. With a store it need not read its own history from the
    /// beginning whenever it starts.
    pub fn new(
        log: Arc<dyn EventLog>,
        feed: Arc<dyn EventFeed>,
        connector: Arc<dyn RelayConnector>,
        clock: Arc<dyn Clock>,
        snapshots: Option<Arc<dyn SnapshotStore>>,
        options: RelayOptions,
    ) -> Self {
        let topics = Topics::new(&options.topic_prefix, &options.categories);
        let stream = relay_stream(&options.name);
        let holder = options.holder.clone();
        let leases = Leases::new(log.clone(), stream, holder, clock.clone(), options.term, snapshots);
        Self { log, feed, connector, clock, options, topics, leases, counters: Counters::default() }
    }

    /// What it has done and how it stands.
    pub fn metrics(&self) -> RelayMetrics {
        self.counters.snapshot(self.log.head().position, self.clock.now())
    }

    /// Publishes whenever it is this process's turn, until it is told to stop or the sender is gone. What can pass is
    /// waited for; what cannot ends it.
    pub async fn run(&self, mut stopped: watch::Receiver<bool>) -> Result<(), RelayFailure> {
        loop {
            let turn = tokio::select! {
                biased;
                () = told_to_stop(&mut stopped) => return Ok(()),
                turn = self.stand_by() => turn?,
            };
            self.counters.set_active(true);
            let ended = self.publish(turn, &mut stopped).await;
            self.counters.set_active(false);
            match ended? {
                Some(rejection) => tracing::warn!(%rejection, "the relay goes back to standing by"),
                None if *stopped.borrow() || stopped.has_changed().is_err() => return Ok(()),
                None => {}
            }
        }
    }

    /// Waits until there is something to publish and nobody else does so, the brokers can be reached and the lease is
    /// taken. Whoever cannot reach the brokers takes no lease: another may be better placed.
    async fn stand_by(&self) -> Result<Turn, RelayFailure> {
        let mut idle = Position::START;
        loop {
            match self.try_turn(&mut idle).await {
                Ok(Some(turn)) => return Ok(turn),
                Ok(None) => {}
                Err(NoTurn::Broker(error)) if error.may_go_on() => {
                    tracing::warn!(%error, "the relay has nobody to publish to; trying again");
                }
                Err(NoTurn::Broker(source)) => {
                    return Err(RelayFailure::Publish { position: self.counters.position(), source });
                }
                Err(NoTurn::Log(refusal)) => {
                    tracing::warn!(message = %refusal.message, "the relay cannot read its lease; trying again");
                }
            }
            tokio::time::sleep(self.options.look_every).await;
        }
    }

    /// Takes the lease if it is free and there is something to do. `idle` is how far there was nothing.
    async fn try_turn(&self, idle: &mut Position) -> Result<Option<Turn>, NoTurn> {
        let state = self.leases.look().await?;
        let cursor = Position(state.cursor());
        *idle = cursor.max(*idle);
        self.counters.stands_by(*idle);
        let others = state.lease_at(self.clock.now()).filter(|lease| lease.holder != self.options.holder);
        if others.is_some() || !self.work_after(idle).await? {
            return Ok(None);
        }
        let producer = self.connect().await.map_err(NoTurn::Broker)?;
        match self.leases.take().await {
            Ok(held) => Ok(Some(Turn { held, producer })),
            // Somebody was faster.
            Err(Refused::Lost(_)) => Ok(None),
            Err(Refused::Unknown(refusal)) => Err(refusal.into()),
        }
    }

    /// Whether there is anything but relays' own events after a position, which moves up to where there is.
    async fn work_after(&self, after: &mut Position) -> Result<bool, Refusal> {
        loop {
            let frames = self.log.read_all(*after, Page::default()).await.map_err(refusal_of_read)?;
            if frames.is_empty() {
                return Ok(false);
            }
            for frame in frames {
                if Category::of(&frame.stream) != Some(Category::Relay) {
                    return Ok(true);
                }
                *after = frame.last_position();
                self.counters.stands_by(*after);
            }
        }
    }

    async fn connect(&self) -> Result<Box<dyn EventRelay>, RelayError> {
        self.connector.connect(self.topics.names()).await
    }

    /// Publishes under a lease, with one producer after another, until it is lost, let go of or time to stop. Tells to
    /// whom it was lost.
    async fn publish(
        &self,
        turn: Turn,
        stopped: &mut watch::Receiver<bool>,
    ) -> Result<Option<Rejection>, RelayFailure> {
        let Turn { mut held, mut producer } = turn;
        let mut after = Position(held.cursor);
        loop {
            let mut publishing = Publishing::new(self, held, producer, after);
            let end = publishing.run(stopped).await;
            // What was in flight and is not acknowledged is given up here.
            let (now_held, acknowledged) = publishing.give_up();
            (held, after) = (now_held, acknowledged);
            match end {
                End::Lost(rejection) => return Ok(Some(rejection)),
                End::Stopped => {
                    self.let_go(&held, after).await;
                    return Ok(None);
                }
                End::Log(ReadError::Corrupt { position, what }) => {
                    self.let_go(&held, after).await;
                    return Err(RelayFailure::Log(format!("it is corrupt at position {position}: {what}")));
                }
                End::Log(error) => {
                    tracing::warn!(%error, "the relay cannot read the log; trying again");
                    tokio::time::sleep(self.options.look_every).await;
                    return Ok(None);
                }
                End::Unsure(refusal) => {
                    tracing::warn!(message = %refusal.message, "the relay cannot keep its lease; trying again");
                    tokio::time::sleep(self.options.look_every).await;
                    return Ok(None);
                }
                End::Event(defect) => {
                    self.let_go(&held, after).await;
                    return Err(RelayFailure::Event(defect));
                }
                End::Producer(source) if !source.may_go_on() => {
                    self.let_go(&held, after).await;
                    return Err(RelayFailure::Publish { position: after, source });
                }
                End::Producer(error) => {
                    tracing::warn!(%error, "the relay gives its producer up and makes another one");
                    self.counters.restarted(&error);
                }
            }
            producer = tokio::select! {
                biased;
                () = told_to_stop(stopped) => {
                    self.let_go(&held, after).await;
                    return Ok(None);
                }
                connected = self.connect() => match connected {
                    Ok(producer) => producer,
                    // Another may be better placed.
                    Err(error) if error.may_go_on() => {
                        tracing::warn!(%error, "the relay lets go of its lease: it has nobody to publish to");
                        self.let_go(&held, after).await;
                        return Ok(None);
                    }
                    Err(source) => {
                        self.let_go(&held, after).await;
                        return Err(RelayFailure::Publish { position: after, source });
                    }
                },
            };
        }
    }

    /// Saves what was acknowledged and releases the lease, so that another can go on at once. If that fails the lease
    /// lapses, and the next holder publishes some records again.
    async fn let_go(&self, held: &Held, acknowledged: Position) {
        let saved = self.leases.advance(held.epoch, acknowledged).await;
        let released = match saved {
            Ok(()) => self.leases.release(held.epoch).await,
            failed => failed,
        };
        match released {
            Ok(()) | Err(Refused::Lost(_)) => {}
            Err(Refused::Unknown(refusal)) => {
                tracing::warn!(message = %refusal.message, "the relay's lease could not be released; it lapses");
            }
        }
    }
}

/// A lease, and somebody to publish to.
struct Turn {
    held: Held,
    producer: Box<dyn EventRelay>,
}

/// Why it is not this process's turn, though nobody else's either.
enum NoTurn {
    Broker(RelayError),
    Log(Refusal),
}

impl From<Refusal> for NoTurn {
    fn from(refusal: Refusal) -> Self {
        Self::Log(refusal)
    }
}

async fn told_to_stop(stopped: &mut watch::Receiver<bool>) {
    // A sender that is gone has stopped too.
    let _ = stopped.wait_for(|stopped| *stopped).await;
}
