//! Streams of what happens, as it happens: one loop over the log's own feed, for history and what comes, so that
//! there is no seam at which an event could be missed or told twice.

use std::{collections::VecDeque, sync::Arc, time::Duration};

use event_log::{EventFeed, Frame, Position, ReadError};
use futures::{
    StreamExt,
    stream::{self, BoxStream},
};
use tokio::{
    sync::watch,
    time::{Interval, MissedTickBehavior, interval},
};
use tonic::Status;

use crate::{error::Refusal, read::refusal_of_read};

/// How often a watcher is told how far the log was examined: often enough that no two are 5 s apart.
const EXAMINED_INTERVAL: Duration = Duration::from_secs(4);

/// What somebody watches for.
pub trait Watched: Send + 'static {
    /// What the caller is sent.
    type Message: Send + 'static;

    /// What is to be told of a frame's events after a position, in their order.
    fn examine(
        &mut self,
        frame: &Frame,
        after: Position,
    ) -> impl Future<Output = Result<Vec<Self::Message>, Refusal>> + Send;

    /// Tells how far the log was examined.
    fn progress(&self, examined: Position) -> Self::Message;

    /// Whether the caller may be told anything more: asked before each message, and so every few seconds. What
    /// refuses it ends the stream.
    fn may_go_on(&mut self) -> impl Future<Output = Result<(), Refusal>> + Send {
        std::future::ready(Ok(()))
    }
}

/// Watches after a position. `head` is the end of the log when it was asked: once that was examined the caller is
/// told so. Nothing is read ahead of the caller but one frame and the feed's page, so a slow caller slows only
/// itself. Once `stopped` holds true, or its sender is gone, the stream ends: a server that waits for its streams to
/// end would else never stop.
pub fn watch<W: Watched>(
    feed: &dyn EventFeed,
    watched: W,
    after: Position,
    head: Position,
    stopped: watch::Receiver<bool>,
) -> BoxStream<'static, Result<W::Message, Status>> {
    let mut ticks = interval(EXAMINED_INTERVAL);
    // The first tick would be now.
    ticks.reset();
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let watcher = Watcher {
        frames: feed.subscribe(after),
        watched,
        stopped,
        ticks,
        ready: VecDeque::new(),
        examined: after,
        goal: Some(head),
        ended: false,
    };
    stream::unfold(watcher, |mut watcher| async move {
        let mut sent = watcher.next().await?;
        if sent.is_ok()
            && let Err(refusal) = watcher.watched.may_go_on().await
        {
            watcher.ready.clear();
            sent = Err(refusal);
        }
        watcher.ended |= sent.is_err();
        Some((sent.map_err(Status::from), watcher))
    })
    .boxed()
}

struct Watcher<W: Watched> {
    frames: BoxStream<'static, Result<Arc<Frame>, ReadError>>,
    watched: W,
    stopped: watch::Receiver<bool>,
    ticks: Interval,
    ready: VecDeque<W::Message>,
    examined: Position,
    /// Where the log ended when it was asked; `None` once that was examined and told.
    goal: Option<Position>,
    ended: bool,
}

impl<W: Watched> Watcher<W> {
    async fn next(&mut self) -> Option<Result<W::Message, Refusal>> {
        loop {
            // What was found first: what was examined must not be told before what was found there.
            if let Some(found) = self.ready.pop_front() {
                return Some(Ok(found));
            }
            if self.ended {
                return None;
            }
            if self.goal.is_some_and(|goal| goal <= self.examined) {
                self.goal = None;
                return Some(Ok(self.progress()));
            }
            // A long history that concerns nobody must not keep the thread.
            tokio::task::coop::consume_budget().await;
            tokio::select! {
                biased;
                () = told_to_stop(&mut self.stopped) => {
                    self.ended = true;
                    return Some(Ok(self.progress()));
                }
                _ = self.ticks.tick() => return Some(Ok(self.progress())),
                frame = self.frames.next() => match frame {
                    Some(Ok(frame)) => match self.examine(&frame).await {
                        Some(Ok(found)) => {
                            self.ready.extend(found);
                            self.examined = frame.last_position();
                        }
                        Some(Err(refusal)) => return Some(Err(refusal)),
                        None => {
                            self.ended = true;
                            return Some(Ok(self.progress()));
                        }
                    },
                    None | Some(Err(ReadError::Closed)) => {
                        self.ended = true;
                        return Some(Ok(self.progress()));
                    }
                    Some(Err(error)) => return Some(Err(refusal_of_read(error))),
                },
            }
        }
    }

    /// What is to be told of a frame; `None` if the stream is to end first. To examine may mean to wait for a fold,
    /// which nobody moves any more while the server stops.
    async fn examine(&mut self, frame: &Frame) -> Option<Result<Vec<W::Message>, Refusal>> {
        tokio::select! {
            biased;
            () = told_to_stop(&mut self.stopped) => None,
            examined = self.watched.examine(frame, self.examined) => Some(examined),
        }
    }

    fn progress(&self) -> W::Message {
        self.watched.progress(self.examined)
    }
}

async fn told_to_stop(stopped: &mut watch::Receiver<bool>) {
    // A sender that is gone has stopped too.
    let _ = stopped.wait_for(|stopped| *stopped).await;
}
