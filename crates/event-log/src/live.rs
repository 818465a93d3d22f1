//! The end of the log as readers see it: the durable head, the most recent frames, and one loop that follows
//! both history and what comes, so that there is no seam between catch-up and live.

use crate::{Frame, Head, Page, Position, ReadError};
use futures::{
    future::BoxFuture,
    stream::{self, BoxStream, StreamExt},
};
use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};
use tokio::sync::watch;

/// Takes a lock. A panic elsewhere cannot leave these structures half-changed, so a poisoned lock is taken.
pub(crate) fn held<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Whether more can come.
#[derive(Clone, Debug)]
pub(crate) enum State {
    Open,
    Closed,
    Failed(Arc<str>),
}

#[derive(Clone, Debug)]
pub(crate) struct Tail {
    pub(crate) head: Head,
    pub(crate) state: State,
}

/// What readers see of the log's end. Only the writer publishes, and only what is durable.
pub(crate) struct Live {
    recent: Mutex<Recent>,
    tail: watch::Sender<Tail>,
}

impl Live {
    /// Starts at a head, remembering at most so many bytes of the frames that will come.
    pub(crate) fn new(head: Head, recent_bytes: usize) -> Self {
        Self {
            recent: Mutex::new(Recent::new(head.position, recent_bytes)),
            tail: watch::Sender::new(Tail { head, state: State::Open }),
        }
    }

    /// Shows durable frames, in order, and the head that they make.
    pub(crate) fn publish(&self, frames: impl IntoIterator<Item = Arc<Frame>>, head: Head) {
        held(&self.recent).extend(frames);
        self.tail.send_modify(|tail| tail.head = head);
    }

    /// Says that no more will come. A failure stays a failure.
    pub(crate) fn end(&self, state: State) {
        self.tail.send_if_modified(|tail| {
            let open = matches!(tail.state, State::Open);
            if open {
                tail.state = state;
            }
            open
        });
    }

    pub(crate) fn head(&self) -> Head {
        self.tail.borrow().head
    }

    pub(crate) fn state(&self) -> State {
        self.tail.borrow().state.clone()
    }

    /// The frames after a position, if memory holds all that a page wants to begin with.
    pub(crate) fn recent_after(&self, after: Position, page: Page) -> Option<Vec<Arc<Frame>>> {
        held(&self.recent).after(after, page)
    }

    /// Waits until the head is at or past a position.
    pub(crate) fn reached(&self, position: Position) -> BoxFuture<'static, Result<(), ReadError>> {
        let mut tail = self.tail.subscribe();
        Box::pin(async move {
            let settled = |tail: &Tail| tail.head.position >= position || !matches!(tail.state, State::Open);
            match tail.wait_for(settled).await {
                Ok(tail) if tail.head.position >= position => Ok(()),
                Ok(tail) => Err(no_more(&tail.state)),
                Err(_) => Err(ReadError::Closed),
            }
        })
    }

    /// Waits until the log has failed, and says why; `None` if it was closed instead.
    pub(crate) fn failed(&self) -> BoxFuture<'static, Option<Arc<str>>> {
        let mut tail = self.tail.subscribe();
        Box::pin(async move {
            match tail.wait_for(|tail| !matches!(tail.state, State::Open)).await {
                Ok(tail) => match &tail.state {
                    State::Failed(why) => Some(why.clone()),
                    State::Open | State::Closed => None,
                },
                Err(_) => None,
            }
        })
    }
}

fn no_more(state: &State) -> ReadError {
    match state {
        State::Failed(why) => ReadError::Unavailable(format!("the log has failed: {why}")),
        State::Open | State::Closed => ReadError::Closed,
    }
}

/// A log whose frames can be read page by page and whose end is live.
pub(crate) trait Pages: Send + Sync + 'static {
    fn live(&self) -> &Live;
    fn page_after(
        self: &Arc<Self>,
        after: Position,
    ) -> BoxFuture<'static, Result<Vec<Arc<Frame>>, ReadError>>;
}

/// All frames after a position, then each new one: [`crate::EventFeed::subscribe`].
pub(crate) fn follow<P: Pages>(
    log: Arc<P>,
    after: Position,
) -> BoxStream<'static, Result<Arc<Frame>, ReadError>> {
    let tail = log.live().tail.subscribe();
    let cursor = Cursor { log, tail, after, ready: Vec::new().into_iter(), ended: false };
    stream::unfold(cursor, |mut cursor| async move {
        let item = cursor.next().await?;
        Some((item, cursor))
    })
    .boxed()
}

struct Cursor<P> {
    log: Arc<P>,
    tail: watch::Receiver<Tail>,
    after: Position,
    ready: std::vec::IntoIter<Arc<Frame>>,
    ended: bool,
}

impl<P: Pages> Cursor<P> {
    async fn next(&mut self) -> Option<Result<Arc<Frame>, ReadError>> {
        loop {
            if let Some(frame) = self.ready.next() {
                self.after = frame.last_position();
                return Some(Ok(frame));
            }
            if self.ended {
                return None;
            }
            let Tail { head, state } = self.tail.borrow_and_update().clone();
            if head.position > self.after {
                match self.log.page_after(self.after).await.map(|frames| up_to(head.position, frames)) {
                    Ok(frames) if frames.is_empty() => {
                        return Some(Err(self.end(ReadError::Corrupt {
                            position: Position(self.after.0 + 1),
                            what: format!("no frame stands here, but the head is at {}", head.position),
                        })));
                    }
                    Ok(frames) => self.ready = frames.into_iter(),
                    Err(error) => return Some(Err(self.end(error))),
                }
                continue;
            }
            match state {
                State::Open => {
                    if self.tail.changed().await.is_err() {
                        return None;
                    }
                }
                State::Closed => return None,
                State::Failed(_) => return Some(Err(self.end(no_more(&state)))),
            }
        }
    }

    fn end(&mut self, error: ReadError) -> ReadError {
        self.ended = true;
        error
    }
}

/// The most recent frames without a gap, bounded in bytes.
struct Recent {
    /// Every frame after this position, up to the head, is here.
    after: Position,
    frames: VecDeque<Arc<Frame>>,
    bytes: usize,
    limit: usize,
}

/// What a frame occupies beside its bytes, roughly, so that tiny frames are bounded too.
const FRAME_OVERHEAD: usize = 256;

impl Recent {
    fn new(after: Position, limit: usize) -> Self {
        Self { after, frames: VecDeque::new(), bytes: 0, limit }
    }

    fn extend(&mut self, frames: impl IntoIterator<Item = Arc<Frame>>) {
        for frame in frames {
            self.bytes += frame.size() + FRAME_OVERHEAD;
            self.frames.push_back(frame);
        }
        while self.bytes > self.limit
            && let Some(oldest) = self.frames.pop_front()
        {
            self.bytes -= oldest.size() + FRAME_OVERHEAD;
            self.after = oldest.last_position();
        }
    }

    fn after(&self, after: Position, page: Page) -> Option<Vec<Arc<Frame>>> {
        if after < self.after {
            return None;
        }
        let start = self.frames.partition_point(|frame| frame.last_position() <= after);
        Some(bounded(self.frames.range(start..).cloned(), page))
    }
}

/// The frames that a head covers. What was just committed can be read a moment before the head says so; whoever is
/// shown a frame may rely on the head to be there.
pub(crate) fn up_to(head: Position, mut frames: Vec<Arc<Frame>>) -> Vec<Arc<Frame>> {
    frames.truncate(frames.partition_point(|frame| frame.last_position() <= head));
    frames
}

/// As many frames as a page holds, but at least one.
pub(crate) fn bounded(frames: impl Iterator<Item = Arc<Frame>>, page: Page) -> Vec<Arc<Frame>> {
    let mut bytes = 0usize;
    let mut taken = Vec::new();
    for frame in frames {
        bytes = bytes.saturating_add(frame.size());
        if !taken.is_empty() && (taken.len() >= page.frames || bytes > page.bytes) {
            break;
        }
        taken.push(frame);
    }
    taken
}
