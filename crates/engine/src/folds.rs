//! The folds of a process: one decoded feed, fanned out to all of them.

use std::{sync::Arc, time::Duration};

use event_log::{EventFeed, Position};
use events::{DecodeError, decode_frame};
use futures::{FutureExt, StreamExt};
use tokio::{
    sync::{mpsc, oneshot, watch},
    task::JoinHandle,
    time::{MissedTickBehavior, interval},
};

use crate::{
    fold::{Batch, Fold, Projection, Running, Standing},
    mark::Mark,
    shards::Shards,
    trace::{Observed, Observer, Observing},
};

/// How many frames are decoded before they are handed on.
const FRAMES_PER_BATCH: usize = 64;
/// How many batches a slow fold may lie behind a fast one.
const BATCHES_AHEAD: usize = 8;
/// A snapshot is taken after so many positions…
const SNAPSHOT_POSITIONS: u64 = 16_384;
/// …or after so long, if anything came.
const SNAPSHOT_INTERVAL: Duration = Duration::from_secs(10);

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

    /// None to feed: a process that plays no part with a projection.
    pub fn idle(self) -> RunningFolds {
        let (stop, _) = oneshot::channel();
        let (_, failure) = watch::channel(None);
        let view = FoldsView { projections: self.projections.into(), observed: self.observed };
        RunningFolds {
            stop,
            failure,
            feeder: tokio::spawn(std::future::ready(())),
            workers: self.workers,
            view,
        }
    }

    /// Adds every shard of a fold.
    pub fn add_shards<F: Fold>(&mut self, shards: &Shards<F>) {
        shards.iter().for_each(|shard| self.add(shard));
    }

    /// Feeds them until stopped.
    pub fn run(self, feed: Arc<dyn EventFeed>) -> RunningFolds {
        if self.senders.is_empty() {
            return self.idle();
        }
        let (stop, stopped) = oneshot::channel();
        let (tell, failure) = watch::channel(None);
        let Self { start, senders, workers, projections, observed } = self;
        let view = FoldsView { projections: projections.clone().into(), observed };
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

/// Running folds as whoever runs the process sees them.
#[derive(Clone)]
pub struct FoldsView {
    projections: Arc<[Arc<dyn Running>]>,
    observed: Observed,
}

impl FoldsView {
    /// How far each of them has come.
    pub fn standings(&self) -> Vec<Standing> {
        self.projections.iter().map(|projection| projection.standing()).collect()
    }

    /// Tells an observer of what they take in from here on and the log got after a position, which is its end now.
    /// The first observer is told; there is room for one.
    pub fn observe(&self, observer: Arc<dyn Observer>, after: Position) {
        let _ = self.observed.set(Observing::new(observer, after));
    }
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
            // There are none, or they were stopped.
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
        let mut batch = Batch { events: Arc::default(), end: None };
        let mut events = Vec::new();
        let mut count = 0;
        while let Some(frame) = next {
            let decoded: Result<_, String> = frame.map_err(|error| error.to_string()).and_then(|frame| {
                let decoded = decode_frame(&frame).map_err(|error: DecodeError| error.to_string());
                decoded.map(|decoded| (Mark::of(&frame), decoded))
            });
            match decoded {
                Ok((end, decoded)) => {
                    batch.end = end;
                    events.extend(decoded);
                }
                Err(failure) => return failure,
            }
            count += 1;
            let more = count < FRAMES_PER_BATCH;
            next = if more { frames.next().now_or_never().flatten() } else { None };
        }
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
    let _told = TellOfPanic(projection.clone());
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

/// A projection whose task panics must not go on answering from where it stood.
struct TellOfPanic<F: Fold>(Arc<Projection<F>>);

impl<F: Fold> Drop for TellOfPanic<F> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.fail("it has panicked");
        }
    }
}
