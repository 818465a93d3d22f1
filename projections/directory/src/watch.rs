//! Notices of what happens, as it happens: one loop over the log's own feed, for history and what comes, so
//! that there is no seam at which an event could be missed or told twice.

use std::{collections::VecDeque, sync::Arc, time::Duration};

use domain::{id::OrganisationId, time::Timestamp};
use engine::{Refusal, refusal_of_decode, refusal_of_read};
use event_log::{EventFeed, Frame, Position, ReadError};
use events::{DecodeError, Metadata, wire};
use futures::{
    StreamExt,
    stream::{self, BoxStream},
};
use proto::kiban::directory::v1::{Notice, WatchResponse, watch_response::Message};
use tokio::{
    sync::watch,
    time::{Interval, MissedTickBehavior, interval},
};
use tonic::Status;

/// How often a watcher is told how far the log was examined: often enough that no two are 5 s apart.
const EXAMINED_INTERVAL: Duration = Duration::from_secs(4);

/// What the caller is sent.
pub(crate) type Watch = BoxStream<'static, Result<WatchResponse, Status>>;

/// Watches for an organisation after a position. `head` is the end of the log when it was asked: once that
/// was examined the caller is told so. Nothing is read ahead of the caller but one frame and the feed's page,
/// so a slow caller slows only itself.
pub(crate) fn watch(
    feed: &dyn EventFeed,
    organisation: OrganisationId,
    after: Position,
    head: Position,
    stopped: watch::Receiver<bool>,
) -> Watch {
    let mut ticks = interval(EXAMINED_INTERVAL);
    // The first tick would be now.
    ticks.reset();
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let watcher = Watcher {
        frames: feed.subscribe(after),
        organisation,
        stopped,
        ticks,
        ready: VecDeque::new(),
        examined: after,
        goal: Some(head),
        ended: false,
    };
    stream::unfold(watcher, |mut watcher| async move {
        let sent = watcher.next().await?;
        watcher.ended |= sent.is_err();
        Some((sent.map_err(Status::from), watcher))
    })
    .boxed()
}

struct Watcher {
    frames: BoxStream<'static, Result<Arc<Frame>, ReadError>>,
    organisation: OrganisationId,
    stopped: watch::Receiver<bool>,
    ticks: Interval,
    ready: VecDeque<Notice>,
    examined: Position,
    /// Where the log ended when it was asked; `None` once that was examined and told.
    goal: Option<Position>,
    ended: bool,
}

impl Watcher {
    async fn next(&mut self) -> Option<Result<WatchResponse, Refusal>> {
        loop {
            // Notices first: what was examined must not be told before what was found there.
            if let Some(notice) = self.ready.pop_front() {
                return Some(Ok(WatchResponse { message: Some(Message::Notice(notice)) }));
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
                    Some(Ok(frame)) => {
                        if let Err(refusal) = self.examine(&frame) {
                            return Some(Err(refusal));
                        }
                    }
                    None | Some(Err(ReadError::Closed)) => {
                        self.ended = true;
                        return Some(Ok(self.progress()));
                    }
                    Some(Err(error)) => return Some(Err(refusal_of_read(error))),
                },
            }
        }
    }

    fn progress(&self) -> WatchResponse {
        WatchResponse { message: Some(Message::ExaminedPosition(self.examined.to_string())) }
    }

    /// Looks at the envelopes of a frame's events, never at what they hold.
    fn examine(&mut self, frame: &Frame) -> Result<(), Refusal> {
        let places = (frame.first_position.0..).map(Position).zip(frame.first_revision..);
        for ((position, revision), event) in places.zip(&frame.events) {
            if position <= self.examined {
                continue;
            }
            let metadata = Metadata::decode(&event.metadata).map_err(|defect| {
                let event_type = event.event_type.to_string();
                refusal_of_decode(&DecodeError { position, event_type, defect })
            })?;
            if metadata.audience.contains(&self.organisation) {
                self.ready.push_back(Notice {
                    position: position.to_string(),
                    event_type: event.event_type.to_string(),
                    subject: frame.stream.id().to_owned(),
                    revision,
                    recorded_at: Timestamp::from_micros(frame.recorded_at).map(wire::time),
                });
            }
        }
        self.examined = frame.last_position();
        Ok(())
    }
}

async fn told_to_stop(stopped: &mut watch::Receiver<bool>) {
    // A sender that is gone has stopped too.
    let _ = stopped.wait_for(|stopped| *stopped).await;
}
