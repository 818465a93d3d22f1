//! A fold that is kept up to date and asked: snapshots, and answers that stand on a position.

use std::{
    sync::{Arc, OnceLock, PoisonError, RwLock, RwLockReadGuard},
    time::Duration,
};

use domain::id::ContractId;
use event_log::{EventLog, Position};
use events::{Category, Defect, Recorded};
use tokio::sync::watch;

use crate::{
    error::Refusal,
    mark::Mark,
    parse::position,
    read::refusal_of_read,
    reason::Reason,
    shard::Shard,
    store::{HistoryRow, Store, StoredFold},
    store_error::{OpenError, StoreError},
};

/// A pure fold of the log into what a read model needs.
pub trait Fold: Default + Send + Sync + 'static {
    /// Its name: also that of its file.
    const NAME: &'static str;
    /// Raised whenever what it folds or keeps changes: a snapshot of another version is discarded.
    const VERSION: u32;
    /// The categories it subscribes to; no other is delivered.
    const CATEGORIES: &'static [Category];

    /// The contract whose shard alone takes an event in; `None`: each shard does. Only a fold that is run in
    /// several shards need say it.
    fn partition(_event: &Recorded) -> Option<ContractId> {
        None
    }

    /// Takes in one event. Total: it cannot fail, panic or read a clock.
    fn apply(&mut self, event: &Recorded);

    /// Canonical bytes: the same history gives the same ones.
    fn encode(&self) -> Vec<u8>;

    /// Reads them back.
    fn decode(bytes: &[u8]) -> Result<Self, Defect>;

    /// The rows that it lets go of, for its table on disk. Which rows they are must follow from the history
    /// alone, not from when this is called.
    fn take_history(&mut self) -> Vec<HistoryRow> {
        Vec::new()
    }
}

/// Whether a shard of a fold takes an event in.
pub(crate) fn takes<F: Fold>(shard: Shard, event: &Recorded) -> bool {
    F::CATEGORIES.contains(&event.event.category()) && shard.takes(F::partition(event))
}

/// How long an answer waits for a position.
const WAIT: Duration = Duration::from_secs(10);

fn stopped<F: Fold>(failure: &str) -> Refusal {
    Refusal::new(Reason::ProjectionStopped, format!("the projection {} has stopped: {failure}", F::NAME))
}

/// Decoded events, and the end of the last frame that was examined.
#[derive(Clone)]
pub(crate) struct Batch {
    pub(crate) events: Arc<Vec<Recorded>>,
    pub(crate) end: Option<Mark>,
}

/// A fold, or a shard of one, that is kept up to date, and asked.
pub struct Projection<F: Fold> {
    fold: RwLock<F>,
    store: Store,
    /// The end of the last frame that was examined.
    examined: watch::Sender<Option<Mark>>,
    failure: OnceLock<String>,
}

/// A running projection, whatever it folds.
pub(crate) trait Running: Send + Sync {
    /// It must stop.
    fn fail(&self, why: &str);
    /// How far it has come.
    fn standing(&self) -> Standing;
}

/// How far a projection has come.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Standing {
    /// The name of what it folds.
    pub projection: &'static str,
    /// Which part of it, if it is folded in parts.
    pub shard: u32,
    /// Everything up to here was examined.
    pub examined: Position,
}

impl<F: Fold> Running for Projection<F> {
    fn fail(&self, why: &str) {
        let _ = self.failure.set(why.to_owned());
        // Whoever waits for a position wakes up and learns of it.
        self.examined.send_modify(|_| {});
    }

    fn standing(&self) -> Standing {
        Standing { projection: F::NAME, shard: self.store.shard().number(), examined: self.examined() }
    }
}

impl<F: Fold> Projection<F> {
    /// Starts from the store's snapshot, or from nothing.
    pub fn open(store: Store) -> Result<Arc<Self>, StoreError> {
        let stored = store.load_fold(F::VERSION)?;
        Self::starting_from(store, stored)
    }

    fn starting_from(store: Store, stored: Option<StoredFold>) -> Result<Arc<Self>, StoreError> {
        let restored = stored.and_then(|stored| Some((F::decode(&stored.bytes).ok()?, Some(stored.end))));
        let (fold, end) = match restored {
            Some(restored) => restored,
            None => {
                store.clear()?;
                (F::default(), None)
            }
        };
        let examined = watch::Sender::new(end);
        Ok(Arc::new(Self { fold: RwLock::new(fold), store, examined, failure: OnceLock::new() }))
    }

    /// Starts like [`open`](Self::open), but from nothing if the snapshot was made from another history than that of
    /// the log, which was restored from a copy, say.
    pub async fn open_on(store: Store, log: &dyn EventLog) -> Result<Arc<Self>, OpenError> {
        let mut stored = store.load_fold(F::VERSION)?;
        if let Some(kept) = &stored
            && !kept.end.stands_in(log).await?
        {
            tracing::warn!(
                fold = F::NAME,
                position = %kept.end.position,
                "its snapshot was made from another history than the log's; building it again"
            );
            stored = None;
        }
        Ok(Self::starting_from(store, stored)?)
    }

    /// Everything up to here was examined.
    pub fn examined(&self) -> Position {
        position_of(&self.examined.borrow())
    }

    /// Why it stopped, if it did.
    pub fn failure(&self) -> Option<&str> {
        self.failure.get().map(String::as_str)
    }

    /// Waits until a position was examined.
    pub async fn reached(&self, position: Position) -> Result<(), Refusal> {
        let mut examined = self.examined.subscribe();
        let waited = tokio::time::timeout(
            WAIT,
            examined.wait_for(|examined| position_of(examined) >= position || self.failure().is_some()),
        )
        .await;
        match (self.failure(), waited) {
            (Some(failure), _) => Err(stopped::<F>(failure)),
            (None, Ok(Ok(_))) => Ok(()),
            (None, _) => {
                let message = format!("{} has come to {}, not yet to {position}", F::NAME, self.examined());
                Err(Refusal::new(Reason::NotYetThere, message).with("position", self.examined()))
            }
        }
    }

    /// Looks at the fold and its table, which stand on one position; refused if the projection has stopped.
    pub fn look<T>(&self, look: impl FnOnce(&F, &Store, Position) -> T) -> Result<T, Refusal> {
        let fold = self.held()?;
        Ok(look(&fold, &self.store, self.examined()))
    }

    /// The fold, for as long as nothing is added to it; refused if the projection has stopped.
    pub(crate) fn held(&self) -> Result<RwLockReadGuard<'_, F>, Refusal> {
        let fold = self.fold.read().unwrap_or_else(PoisonError::into_inner);
        match self.failure() {
            Some(failure) => Err(stopped::<F>(failure)),
            None => Ok(fold),
        }
    }

    /// What of a batch it has not examined yet and subscribes to.
    pub(crate) fn news<'a>(&self, batch: &'a Batch) -> impl Iterator<Item = &'a Recorded> + use<'a, F> {
        let (examined, shard) = (self.examined(), self.store.shard());
        let new = move |event: &&Recorded| event.position > examined && takes::<F>(shard, event);
        batch.events.iter().filter(new)
    }

    pub(crate) fn apply(&self, batch: &Batch) {
        let mut fold = self.fold.write().unwrap_or_else(PoisonError::into_inner);
        self.news(batch).for_each(|event| fold.apply(event));
        self.examined.send_if_modified(|examined| {
            let moved = position_of(&batch.end) > position_of(examined);
            if moved {
                examined.clone_from(&batch.end);
            }
            moved
        });
    }

    /// Keeps the state and the rows that the fold lets go of. Nobody looks meanwhile, so no row is ever
    /// neither in the fold nor in the table. If they cannot be kept the projection stops: its answers about
    /// the past would lack them. The next start goes on from the snapshot before.
    pub(crate) fn persist(&self) -> Result<(), StoreError> {
        let mut fold = self.fold.write().unwrap_or_else(PoisonError::into_inner);
        let Some(end) = self.examined.borrow().clone() else { return Ok(()) };
        let rows = fold.take_history();
        let stored = StoredFold { end, bytes: fold.encode() };
        self.store.save_fold(F::VERSION, &stored, &rows).inspect_err(|error| self.fail(&error.to_string()))
    }
}

fn position_of(end: &Option<Mark>) -> Position {
    end.as_ref().map(|end| end.position).unwrap_or_default()
}

/// Waits until a projection has come to a position, unless that lies after the end of the log.
pub async fn come_to<F: Fold>(
    projection: &Projection<F>,
    log: &dyn EventLog,
    field: &str,
    position: Position,
) -> Result<(), Refusal> {
    check_reached(log, field, position).await?;
    projection.reached(position).await
}

/// Refuses a position that lies after the end of the log, naming the field that asks for it. Another process may have
/// written it a moment ago, so the log itself is asked before anything is refused.
pub async fn check_reached(log: &dyn EventLog, field: &str, position: Position) -> Result<(), Refusal> {
    if position <= log.head().position {
        return Ok(());
    }
    refuse_ahead(field, position, log.head_now().await.map_err(refusal_of_read)?.position)
}

/// Waits until a projection has come to the position of the token in the field `min_position`; an empty one asks for
/// none.
pub async fn come_to_min_position<F: Fold>(
    projection: &Projection<F>,
    log: &dyn EventLog,
    token: &str,
) -> Result<(), Refusal> {
    let field = "min_position";
    match position(field, token)? {
        None => Ok(()),
        Some(least) => come_to(projection, log, field, least).await,
    }
}

/// Refuses a position that lies after the end of the log, naming the field that asks for it.
fn refuse_ahead(field: &str, asked: Position, head: Position) -> Result<(), Refusal> {
    if asked <= head {
        return Ok(());
    }
    let what = format!("{asked} lies after the end of the log, which is at {head}");
    Err(Refusal::field(Reason::PositionAhead, field, what).with("head", head))
}
