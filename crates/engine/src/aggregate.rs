//! Runs deciders: one mailbox for each hot aggregate, each command decided before the last one's fsync.
//!
//! The state in a slot is *speculative*: it includes what was sent to the log and is not yet durable. So no
//! answer, a refusal or a no-op included, leaves before the revision it was decided on is durable; and if an
//! append turns out not to hold, the slot forgets its state and the followers are decided again.

use std::{num::NonZeroUsize, sync::Arc};

use domain::Decider;
use event_log::{AppendError, AppendOutcome, Appended, EventLog, Guard, Page, ReadError, StreamName};
use events::Recordable;
use futures::future::{BoxFuture, FutureExt, Shared};
use lru::LruCache;
use tokio::sync::Mutex;
use tracing::Instrument;

use crate::{
    envelope::{Envelope, Prepared},
    error::Refusal,
    read::{read_events, refusal_of_read},
    reason::Reason,
    snapshot::{DueSnapshot, Snapshots},
    trace,
};

/// How often a command is decided again when others were faster.
const MAX_ATTEMPTS: usize = 16;

/// A decider whose events stand in the log.
pub trait Aggregate:
    Decider<State: Send + Sync + 'static, Command: Send, Event: Recordable + Clone, Rejection: Send>
    + Send
    + Sync
    + 'static
{
}

impl<D> Aggregate for D where
    D: Decider<State: Send + Sync + 'static, Command: Send, Event: Recordable + Clone, Rejection: Send>
        + Send
        + Sync
        + 'static
{
}

/// A command that was carried out, now or before.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Executed<E> {
    /// What happened; empty if it was already so.
    pub events: Vec<E>,
    /// The revision of the stream on which the answer stands; `None`: the stream does not exist.
    pub revision: Option<u64>,
    /// Where the events stand; `None` if nothing was written.
    pub appended: Option<Appended>,
    /// True if this command id had been carried out before.
    pub replayed: bool,
}

/// A command that was not carried out.
#[derive(Debug)]
pub enum Failure<R> {
    /// The decider said no.
    Rejected(R),
    /// The engine said no.
    Refused(Refusal),
}

impl<R> From<Refusal> for Failure<R> {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

/// What one attempt to prepare a command gives.
pub type Preparation<'a, D> = BoxFuture<'a, Result<Prepared<D>, Failure<<D as Decider>::Rejection>>>;

/// All aggregates of one kind: a bounded cache of mailboxes over the log.
pub struct Aggregates<D: Aggregate> {
    log: Arc<dyn EventLog>,
    slots: std::sync::Mutex<LruCache<StreamName, Arc<Mutex<Slot<D>>>>>,
    snapshots: Option<Snapshots<D::State>>,
}

type SharedAppend = Shared<BoxFuture<'static, Result<AppendOutcome, AppendError>>>;

struct Slot<D: Decider> {
    /// `None` until the history has been read, and after an append did not hold.
    state: Option<D::State>,
    revision: Option<u64>,
    /// Raised whenever the state is forgotten.
    generation: u64,
    /// The newest append: if it holds, so do all before it.
    last: Option<SharedAppend>,
}

/// What was decided on, so that it can be checked after the lock is released.
struct Basis {
    revision: Option<u64>,
    generation: u64,
    last: Option<SharedAppend>,
}

enum Verdict<D: Decider> {
    Rejected(D::Rejection),
    MovedOn { actual: Option<u64> },
    AlreadySo,
    Preview(Vec<D::Event>),
    Sent { events: Vec<D::Event>, append: SharedAppend, snapshot: Option<DueSnapshot> },
}

impl<D: Aggregate> Aggregates<D> {
    /// Aggregates over a log, of which at most `capacity` are kept hot.
    pub fn new(log: Arc<dyn EventLog>, capacity: NonZeroUsize) -> Self {
        Self { log, slots: std::sync::Mutex::new(LruCache::new(capacity)), snapshots: None }
    }

    /// Keeps snapshots of long histories, so that a cold aggregate need not be folded from its first event.
    pub fn with_snapshots(mut self, snapshots: Snapshots<D::State>) -> Self {
        self.snapshots = Some(snapshots);
        self
    }

    /// Decides a command and appends what follows from it.
    ///
    /// `prepare` looks up the facts that the command needs; it runs again whenever they moved meanwhile.
    pub async fn execute<'a>(
        &self,
        stream: &StreamName,
        envelope: &Envelope,
        mut prepare: impl FnMut() -> Preparation<'a, D> + Send,
    ) -> Result<Executed<D::Event>, Failure<D::Rejection>> {
        for _ in 0..MAX_ATTEMPTS {
            let prepared = prepare().await?;
            let guards = prepared.guards.clone();
            let slot = self.slot(stream);
            let (basis, verdict) = {
                let mut slot = slot.lock().await;
                self.load(stream, &mut slot).await?;
                let basis = slot.basis();
                let deciding = || self.decide(stream, envelope, &mut slot, prepared);
                let verdict = trace::deciding(stream).in_scope(deciding);
                (basis, verdict)
            };
            let answer = match verdict {
                Verdict::Sent { events, append, snapshot } => {
                    let span = trace::appending(stream, events.len());
                    self.sent(stream, &slot, basis, events, append, snapshot).instrument(span).await?
                }
                // Nothing was written: the answer holds only if what it stands on is durable and unmoved.
                unwritten => match self.settled(&slot, &basis).await && self.unmoved(&guards).await? {
                    false => None,
                    true => Some(self.unwritten(stream, envelope, basis.revision, unwritten).await?),
                },
            };
            if let Some(executed) = answer {
                return Ok(executed);
            }
        }
        let message = format!("{stream} and what it stands on kept changing; try again with the same id");
        Err(Refusal::new(Reason::Contention, message).into())
    }

    /// Decides a command and writes nothing: what must be known before something else is written for its sake.
    pub async fn preview<'a>(
        &self,
        stream: &StreamName,
        envelope: &Envelope,
        prepare: impl FnMut() -> Preparation<'a, D> + Send,
    ) -> Result<Executed<D::Event>, Failure<D::Rejection>> {
        let envelope = Envelope { validate_only: true, ..envelope.clone() };
        self.execute(stream, &envelope, prepare).await
    }

    /// Looks at an aggregate as it durably stands.
    pub async fn read<T>(
        &self,
        stream: &StreamName,
        look: impl Fn(&D::State, Option<u64>) -> T,
    ) -> Result<T, Refusal> {
        loop {
            let slot = self.slot(stream);
            let (basis, answer) = {
                let mut slot = slot.lock().await;
                self.load(stream, &mut slot).await?;
                let basis = slot.basis();
                let answer = look(slot.state.get_or_insert_default(), basis.revision);
                (basis, answer)
            };
            if self.settled(&slot, &basis).await {
                return Ok(answer);
            }
        }
    }

    /// Looks at an aggregate as it will stand once everything sent to the log is durable. For preparing a
    /// command only: an answer to a caller must come from [`read`](Self::read).
    pub async fn peek<T>(
        &self,
        stream: &StreamName,
        look: impl FnOnce(&D::State) -> T,
    ) -> Result<T, Refusal> {
        let slot = self.slot(stream);
        let mut slot = slot.lock().await;
        self.load(stream, &mut slot).await?;
        Ok(look(slot.state.get_or_insert_default()))
    }

    fn slot(&self, stream: &StreamName) -> Arc<Mutex<Slot<D>>> {
        let mut slots = self.slots.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        slots.get_or_insert(stream.clone(), Default::default).clone()
    }

    /// Brings an idle slot up to what the log holds; a busy one is the newest there is.
    async fn load(&self, stream: &StreamName, slot: &mut Slot<D>) -> Result<(), Refusal> {
        let idle = slot.last.as_ref().is_none_or(|last| last.peek().is_some());
        if slot.state.is_some() && !idle {
            return Ok(());
        }
        // Whoever sent it may have gone before it could forget what did not come to pass.
        let ended = slot.last.as_ref().and_then(|last| last.peek());
        if ended.is_some_and(|outcome| !matches!(outcome, Ok(AppendOutcome::Appended(_)))) {
            slot.forget();
        }
        let durable = self.log.stream_revision(stream).await.map_err(refusal_of_read)?;
        if slot.state.is_some() && slot.revision == durable {
            return Ok(());
        }
        let (mut state, mut next) = match (slot.state.take(), slot.revision) {
            (Some(state), Some(revision)) if durable >= Some(revision) => (state, revision + 1),
            _ => match self.snapshot(stream).await.map_err(refusal_of_read)? {
                Some((state, revision)) => (state, revision + 1),
                None => (D::State::default(), 0),
            },
        };
        while durable.is_some_and(|durable| next <= durable) {
            let events = read_events::<D::Event>(&*self.log, stream, next, Page::default()).await?;
            let Some((revision, _)) = events.last() else { break };
            let end = revision + 1;
            state = events.iter().fold(state, |state, (_, event)| D::evolve(state, event));
            next = end;
        }
        slot.state = Some(state);
        slot.revision = next.checked_sub(1);
        slot.last = None;
        Ok(())
    }

    async fn snapshot(&self, stream: &StreamName) -> Result<Option<(D::State, u64)>, ReadError> {
        match &self.snapshots {
            Some(snapshots) => snapshots.load(stream, &*self.log).await,
            None => Ok(None),
        }
    }

    fn decide(
        &self,
        stream: &StreamName,
        envelope: &Envelope,
        slot: &mut Slot<D>,
        prepared: Prepared<D>,
    ) -> Verdict<D> {
        if envelope.expected_revision.is_some() && envelope.expected_revision != slot.revision {
            return Verdict::MovedOn { actual: slot.revision };
        }
        let (command, around) = prepared.parted();
        let events = match D::decide(slot.state.get_or_insert_default(), command) {
            Err(rejection) => return Verdict::Rejected(rejection),
            Ok(events) if events.is_empty() => return Verdict::AlreadySo,
            Ok(events) if envelope.validate_only => return Verdict::Preview(events),
            Ok(events) => events,
        };
        let append = around.append(stream, slot.revision, envelope, &events);
        let last = append.events.last().map(|event| event.id);
        let append = self.log.append(append).shared();
        let state = slot.state.take().unwrap_or_default();
        let state = events.iter().fold(state, D::evolve);
        let revision = slot.revision.map_or(0, |revision| revision + 1) + events.len() as u64 - 1;
        let snapshot = self
            .snapshots
            .as_ref()
            .zip(last)
            .and_then(|(snapshots, event)| snapshots.due(slot.revision, revision, event, &state));
        slot.state = Some(state);
        slot.revision = Some(revision);
        slot.last = Some(append.clone());
        Verdict::Sent { events, append, snapshot }
    }

    /// Waits for an append of our own; `None`: decide again.
    async fn sent(
        &self,
        stream: &StreamName,
        slot: &Mutex<Slot<D>>,
        basis: Basis,
        events: Vec<D::Event>,
        append: SharedAppend,
        snapshot: Option<DueSnapshot>,
    ) -> Result<Option<Executed<D::Event>>, Refusal> {
        match append.await {
            Ok(AppendOutcome::Appended(appended)) => {
                trace::appended(&appended);
                if let (Some(snapshots), Some(due)) = (&self.snapshots, snapshot) {
                    snapshots.save(stream, &appended, due);
                }
                Ok(Some(Executed {
                    events,
                    revision: Some(appended.last_revision),
                    appended: Some(appended),
                    replayed: false,
                }))
            }
            Ok(AppendOutcome::AlreadyAppended(appended)) => {
                forget(slot, basis.generation).await;
                self.stored(appended).await.map(Some)
            }
            Err(AppendError::Conflict { .. }) => {
                forget(slot, basis.generation).await;
                Ok(None)
            }
            Err(error) => {
                forget(slot, basis.generation).await;
                Err(refusal_of_append(error))
            }
        }
    }

    /// The answer to a command that wrote nothing. If its id was carried out before, that outcome is the
    /// answer, whatever the state says now.
    async fn unwritten(
        &self,
        stream: &StreamName,
        envelope: &Envelope,
        revision: Option<u64>,
        verdict: Verdict<D>,
    ) -> Result<Executed<D::Event>, Failure<D::Rejection>> {
        if let Some(command) = &envelope.command {
            let found = self.log.find_command(stream, command.organisation.to_bytes(), &command.id).await;
            match found.map_err(refusal_of_read)? {
                Some(stored) if stored.digest == command.digest => {
                    return Ok(self.stored(stored.appended).await?);
                }
                Some(_) => return Err(refusal_of_append(AppendError::IdMismatch).into()),
                None => {}
            }
        }
        match verdict {
            Verdict::Rejected(rejection) => Err(Failure::Rejected(rejection)),
            Verdict::MovedOn { actual } => Err(moved_on(envelope.expected_revision, actual).into()),
            Verdict::AlreadySo | Verdict::Sent { .. } => {
                Ok(Executed { events: Vec::new(), revision, appended: None, replayed: false })
            }
            Verdict::Preview(events) => Ok(Executed { events, revision, appended: None, replayed: false }),
        }
    }

    /// Whether everything up to a basis is durable; if not, the slot forgets.
    async fn settled(&self, slot: &Mutex<Slot<D>>, basis: &Basis) -> bool {
        let Some(last) = basis.last.clone() else { return true };
        if matches!(last.await, Ok(AppendOutcome::Appended(_))) {
            return true;
        }
        forget(slot, basis.generation).await;
        false
    }

    async fn unmoved(&self, guards: &[Guard]) -> Result<bool, Refusal> {
        for guard in guards {
            if self.log.stream_revision(&guard.stream).await.map_err(refusal_of_read)? != guard.revision {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// The outcome of a command as the log holds it.
    async fn stored(&self, appended: Appended) -> Result<Executed<D::Event>, Refusal> {
        let frame = self.log.frame_at(appended.first_position).await.map_err(refusal_of_read)?;
        let frame = frame.ok_or_else(|| {
            Refusal::new(
                Reason::LogCorrupt,
                format!("no frame at position {}, where a command stands", appended.first_position),
            )
        })?;
        Ok(Executed {
            events: crate::read::decode(&frame)?,
            revision: Some(appended.last_revision),
            appended: Some(appended),
            replayed: true,
        })
    }
}

impl<D: Decider> Default for Slot<D> {
    fn default() -> Self {
        Self { state: None, revision: None, generation: 0, last: None }
    }
}

impl<D: Decider> Slot<D> {
    fn basis(&self) -> Basis {
        Basis { revision: self.revision, generation: self.generation, last: self.last.clone() }
    }

    fn forget(&mut self) {
        self.state = None;
        self.revision = None;
        self.last = None;
        self.generation += 1;
    }
}

/// Forgets the speculative state of a generation, once.
async fn forget<D: Decider>(slot: &Mutex<Slot<D>>, generation: u64) {
    let mut slot = slot.lock().await;
    if slot.generation == generation {
        slot.forget();
    }
}

fn moved_on(expected: Option<u64>, actual: Option<u64>) -> Refusal {
    let shown = |revision: Option<u64>| revision.map_or("none".to_owned(), |revision| revision.to_string());
    let message = match actual {
        Some(actual) => format!("expected revision {}, it is at {actual}", shown(expected)),
        None => format!("expected revision {}, but there is nothing yet", shown(expected)),
    };
    Refusal::new(Reason::RevisionMismatch, message)
        .with("expected_revision", shown(expected))
        .with("actual_revision", shown(actual))
}

fn refusal_of_append(error: AppendError) -> Refusal {
    let message = error.to_string();
    match error {
        AppendError::IdMismatch => Refusal::field(
            Reason::CommandIdReused,
            "command_id",
            "was used before for another request; choose a new one",
        ),
        AppendError::Conflict { .. } => Refusal::new(Reason::Contention, message),
        AppendError::Invalid(_) => Refusal::new(Reason::BatchTooLarge, message),
        AppendError::Overloaded => Refusal::new(Reason::Overloaded, message),
        AppendError::Unavailable(_) => Refusal::new(Reason::LogUnavailable, message),
        AppendError::Unknown(_) => Refusal::new(Reason::OutcomeUnknown, message),
    }
}
