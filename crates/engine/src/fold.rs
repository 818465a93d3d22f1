//! Runs folds: one decoded feed a process, fanned out to all; snapshots; answers that stand on a position.

use std::{
    sync::{Arc, OnceLock, PoisonError, RwLock},
    time::Duration,
};

use event_log::{EventFeed, EventLog, Position};
use events::{Category, DecodeError, Defect, Recorded, decode_frame};
use futures::{FutureExt, StreamExt};
use tokio::{
    sync::{mpsc, oneshot, watch},
    task::JoinHandle,
    time::{MissedTickBehavior, interval},
};

use crate::{
    error::Refusal,
    fold_view::{FoldsView, Running, Standing},
    parse::position,
    reason::Reason,
    store::{HistoryRow, Store, StoreError, StoredFold},
    trace::Observed,
};

/// A pure fold of the log into what a read model needs.
pub trait Fold: Default + Send + Sync + 'static {
    /// Its name: also that of its file.
    const NAME: &'static str;
    /// Raised whenever what it folds or keeps changes: a snapshot of another version is discarded.
    const VERSION: u32;
    /// The categories it subscribes to; no other is delivered.
    const CATEGORIES: &'static [Category];

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

/// How many frames are decoded before they are handed on.
const FRAMES_PER_BATCH: usize = 64;
/// How many batches a slow fold may lie behind a fast one.
const BATCHES_AHEAD: usize = 8;
/// A snapshot is taken after so many positions…
const SNAPSHOT_POSITIONS: u64 = 16_384;
/// …or after so long, if anything came.
const SNAPSHOT_INTERVAL: Duration = Duration::from_secs(10);
/// How long an answer waits for a position.
const WAIT: Duration = Duration::from_secs(10);

fn stopped<F: Fold>(failure: &str) -> Refusal {
    Refusal::new(Reason::ProjectionStopped, format!("the projection {} has stopped: {failure}", F::NAME))
}

/// Decoded events, and the position up to which the log was examined.
#[derive(Clone)]
struct Batch {
    events: Arc<Vec<Recorded>>,
    end: Position,
}

/// A fold that is kept up to date, and asked.
pub struct Projection<F: Fold> {
    fold: RwLock<F>,
    store: Store,
    examined: watch::Sender<Position>,
    failure: OnceLock<String>,
}

impl<F: Fold> Running for Projection<F> {
    fn fail(&self, why: &str) {
        let _ = self.failure.set(why.to_owned());
        // Whoever waits for a position wakes up and learns of it.
        self.examined.send_modify(|_| {});
    }

    fn standing(&self) -> Standing {
        Standing { projection: F::NAME, shard: 0, examined: self.examined() }
    }
}

impl<F: Fold> Projection<F> {
    /// Starts from the store's snapshot, or from nothing.
    pub fn open(store: Store) -> Result<Arc<Self>, StoreError> {
        let stored = store.load_fold(F::VERSION)?;
        let restored = stored.and_then(|stored| Some((F::decode(&stored.bytes).ok()?, stored.position)));
        let (fold, position) = match restored {
            Some(restored) => restored,
            None => {
                store.clear()?;
                (F::default(), Position::START)
            }
        };
        let examined = watch::Sender::new(position);
        Ok(Arc::new(Self { fold: RwLock::new(fold), store, examined, failure: OnceLock::new() }))
    }

    /// Everything up to here was examined.
    pub fn examined(&self) -> Position {
        *self.examined.borrow()
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
            examined.wait_for(|examined| *examined >= position || self.failure().is_some()),
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
        let fold = self.fold.read().unwrap_or_else(PoisonError::into_inner);
        match self.failure() {
            Some(failure) => Err(stopped::<F>(failure)),
            None => Ok(look(&fold, &self.store, self.examined())),
        }
    }

    /// What of a batch it has not examined yet and subscribes to.
    fn news<'a>(&self, batch: &'a Batch) -> impl Iterator<Item = &'a Recorded> + use<'a, F> {
        let examined = self.examined();
        let new = move |event: &&Recorded| {
            event.position > examined && F::CATEGORIES.contains(&event.event.category())
        };
        batch.events.iter().filter(new)
    }

    fn apply(&self, batch: &Batch) {
        let mut fold = self.fold.write().unwrap_or_else(PoisonError::into_inner);
        self.news(batch).for_each(|event| fold.apply(event));
        self.examined.send_if_modified(|examined| {
            let moved = batch.end > *examined;
            *examined = batch.end.max(*examined);
            moved
        });
    }

    /// Keeps the state and the rows that the fold lets go of. Nobody looks meanwhile, so no row is ever
    /// neither in the fold nor in the table. If they cannot be kept the projection stops: its answers about
    /// the past would lack them. The next start goes on from the snapshot before.
    fn persist(&self) -> Result<(), StoreError> {
        let mut fold = self.fold.write().unwrap_or_else(PoisonError::into_inner);
        let rows = fold.take_history();
        let stored = StoredFold { position: self.examined(), bytes: fold.encode() };
        self.store.save_fold(F::VERSION, &stored, &rows).inspect_err(|error| self.fail(&error.to_string()))
    }
}

/// Waits until a projection has come to a position, unless that lies after the end of the log.
pub async fn come_to<F: Fold>(
    projection: &Projection<F>,
    log: &dyn EventLog,
    field: &str,
    position: Position,
) -> Result<(), Refusal> {
    refuse_ahead(field, position, log.head().position)?;
    projection.reached(position).await
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
pub fn refuse_ahead(field: &str, asked: Position, head: Position) -> Result<(), Refusal> {
    if asked <= head {
        return Ok(());
    }
    let what = format!("{asked} lies after the end of the log, which is at {head}");
    Err(Refusal::field(Reason::PositionAhead, field, what).with("head", head))
}

/// The folds of a process over one decoded feed.
#[derive(Default)]
pub struct Folds {
    start: Option<Position>,
    senders: Vec<mpsc::Sender<Batch>>,
    workers: Vec<JoinHandle<()>>,
    projections: Vec<Arc<dyn Running>>,
    observed: Observed,
}

impl Folds {
    /// Adds a fold.
    pub fn add<F: Fold>(&mut self, projection: &Arc<Projection<F>>) {
        let (sender, receiver) = mpsc::channel(BATCHES_AHEAD);
        let examined = projection.examined();
        self.start = Some(self.start.map_or(examined, |start| start.min(examined)));
        self.senders.push(sender);
        self.projections.push(projection.clone());
        self.workers.push(tokio::spawn(keep_up(projection.clone(), receiver, self.observed.clone())));
    }

    /// Feeds them until stopped.
    pub fn run(self, feed: Arc<dyn EventFeed>) -> RunningFolds {
        let (stop, stopped) = oneshot::channel();
        let (tell, failure) = watch::channel(None);
        let Self { start, senders, workers, projections, observed } = self;
        let view = FoldsView::new(projections.clone(), observed);
        let feeder = tokio::spawn(async move {
            let feeding = feed_all(feed, start.unwrap_or_default(), &senders);
            let failure = tokio::select! {
                failure = feeding => Some(failure),
                _ = stopped => None,
            };
            if let Some(failure) = failure {
                tracing::error!(%failure, "the projections have stopped");
                projections.iter().for_each(|projection| projection.fail(&failure));
                let _ = tell.send(Some(failure));
            }
        });
        RunningFolds { stop, failure, feeder, workers, view }
    }
}

/// Folds that are running.
pub struct RunningFolds {
    stop: oneshot::Sender<()>,
    failure: watch::Receiver<Option<String>>,
    feeder: JoinHandle<()>,
    workers: Vec<JoinHandle<()>>,
    view: FoldsView,
}

impl RunningFolds {
    /// A view of them from outside.
    pub fn view(&self) -> FoldsView {
        self.view.clone()
    }

    /// Resolves when the log cannot be read on, with why: a frame is corrupt, or an event is of a type or form
    /// that nobody here knows.
    pub async fn failed(&self) -> String {
        let mut failure = self.failure.clone();
        let told = failure.wait_for(Option::is_some).await.ok().and_then(|failure| (*failure).clone());
        match told {
            Some(failure) => failure,
            // They were stopped and will not fail any more.
            None => std::future::pending().await,
        }
    }

    /// Stops them; each takes a last snapshot.
    pub async fn stop(self) {
        let _ = self.stop.send(());
        let _ = self.feeder.await;
        for worker in self.workers {
            let _ = worker.await;
        }
    }
}

/// Reads, decodes and hands on; returns why it had to stop.
async fn feed_all(feed: Arc<dyn EventFeed>, start: Position, senders: &[mpsc::Sender<Batch>]) -> String {
    let mut frames = feed.subscribe(start);
    while let Some(first) = frames.next().await {
        let mut next = Some(first);
        let mut batch = Batch { events: Arc::default(), end: start };
        let mut events = Vec::new();
        let mut count = 0;
        while let Some(frame) = next {
            let decoded: Result<_, String> = frame
                .map_err(|error| error.to_string())
                .and_then(|frame| decode_frame(&frame).map_err(|error: DecodeError| error.to_string()));
            match decoded {
                Ok(decoded) => events.extend(decoded),
                Err(failure) => return failure,
            }
            count += 1;
            let more = count < FRAMES_PER_BATCH;
            next = if more { frames.next().now_or_never().flatten() } else { None };
        }
        batch.end = events.last().map_or(batch.end, |event: &Recorded| event.position);
        batch.events = Arc::new(events);
        for sender in senders {
            // A fold that is gone has said why itself.
            let _ = sender.send(batch.clone()).await;
        }
    }
    "the log's feed has ended".to_owned()
}

async fn keep_up<F: Fold>(
    projection: Arc<Projection<F>>,
    mut batches: mpsc::Receiver<Batch>,
    observed: Observed,
) {
    let mut kept = projection.examined();
    let mut ticks = interval(SNAPSHOT_INTERVAL);
    // The first tick would be now.
    ticks.reset();
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        let (due, ended) = tokio::select! {
            received = batches.recv() => match received {
                Some(batch) => {
                    let told = observed.get().and_then(|observing| {
                        observing.applying(F::NAME, projection.news(&batch))
                    });
                    projection.apply(&batch);
                    drop(told);
                    (projection.examined().0 >= kept.0 + SNAPSHOT_POSITIONS, false)
                }
                None => (projection.examined() > kept, true),
            },
            _ = ticks.tick() => (projection.examined() > kept, false),
        };
        if due {
            let projection = projection.clone();
            kept = projection.examined();
            let persisted = tokio::task::spawn_blocking(move || projection.persist()).await;
            if let Ok(Err(error)) = persisted {
                tracing::error!(%error, fold = F::NAME, "the projection has stopped; a restart goes on");
                return;
            }
        }
        if ended {
            return;
        }
    }
}
