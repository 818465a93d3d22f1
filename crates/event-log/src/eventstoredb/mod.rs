//! The engine over the EventStoreDB protocol: a log in another process, Kiban's own served one or a KurrentDB cluster.
//!
//! Kiban's own log, once the caller has proved to be Kiban, does all that the embedded one does, in the same commit.
//! Another log lacks some of it, and this is what it gives instead:
//!
//! - *Guards* are looked at just before the append and written down with it; [`EventStoreLog::stale_guards`] finds what
//!   moved in between.
//! - *Command ids* are unique for their stream, not for the whole log.
//! - *Positions* are commit positions: they grow, but with gaps.
//! - *The head's hash* is not known: it is zero with either.
//!
//! It speaks the protocol with stubs of its own and not with EventStoreDB's client: that one cannot send guards, has no
//! option for `TCP_NODELAY`, spins on a subscription that the server ends without an error, and brings a second gRPC
//! stack.

mod append;
mod connect;
mod frames;
mod options;
mod plain;
mod read;
mod tail;

pub use connect::ConnectError;
pub use options::{EventStoreOptions, InvalidConnectionString};
pub use plain::StaleGuards;

use crate::{
    Append, AppendError, AppendOutcome, Appended, EventFeed, EventLog, Frame, Head, Page, Position,
    ReadError, StoredCommand, StreamName, limits,
    live::{Live, Pages, State, follow, held},
    protocol::{self, kiban},
};
use append::{Appender, Reply};
use bytes::Bytes;
use connect::Connector;
use futures::{future::BoxFuture, stream::BoxStream};
use lru::LruCache;
use plain::Streams;
use read::{unavailable, unreachable};
use std::{
    future::ready,
    num::NonZeroUsize,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
};
use tail::{FIRST_WAIT, LONGEST_WAIT};
use tokio::task::AbortHandle;

/// Of how many pages' ends it is remembered when they were recorded.
const PAGES: NonZeroUsize = NonZeroUsize::new(1_024).unwrap();

/// What all parts of the engine share.
struct Shared {
    connector: Arc<Connector>,
    live: Live,
    /// The latest time recorded up to the ends of pages that were read.
    seen: Mutex<LruCache<Position, i64>>,
    streams: Streams,
    reconnections: AtomicU64,
}

/// A log behind the EventStoreDB protocol.
pub struct EventStoreLog {
    shared: Arc<Shared>,
    appender: Mutex<Option<Appender>>,
    kiban: bool,
    tail: AbortHandle,
}

impl EventStoreLog {
    /// Connects, and begins to follow the log's end.
    pub async fn open(options: EventStoreOptions) -> Result<Arc<Self>, ConnectError> {
        let recent_bytes = options.recent_bytes;
        let connector = Connector::new(options)?;
        let kiban = connector.connection().await?.kiban;
        let shared = |head| Shared {
            connector: connector.clone(),
            live: Live::new(head, recent_bytes),
            seen: Mutex::new(LruCache::new(PAGES)),
            streams: Streams::new(),
            reconnections: AtomicU64::new(0),
        };
        let head = tail::head_now(&shared(Head::default())).await.map_err(|error| {
            ConnectError::Unreachable { host: connector.options.host_names(), why: error.to_string() }
        })?;
        let shared = Arc::new(shared(head));
        let tail = tokio::spawn(tail::follow(shared.clone())).abort_handle();
        let appender = Mutex::new(Some(Appender::start(shared.clone())));
        Ok(Arc::new(Self { shared, appender, kiban, tail }))
    }

    /// Whether guards and command ids are honoured by the log itself.
    pub const fn is_kiban(&self) -> bool {
        self.kiban
    }

    /// How often the subscription was made anew.
    pub fn reconnections(&self) -> u64 {
        self.shared.reconnections.load(Relaxed)
    }

    /// Appends and bytes on their way.
    pub fn queue_depth(&self) -> (usize, usize) {
        held(&self.appender).as_ref().map(Appender::depth).unwrap_or_default()
    }

    /// What was written after a position on what had moved, in the order of the log, and then what comes. Nothing in a
    /// log of Kiban's own, which refuses such an append.
    pub fn stale_guards(&self, after: Position) -> BoxStream<'static, Result<StaleGuards, ReadError>> {
        plain::stale_guards(self.shared.clone(), after)
    }
}

/// The answer to an append that was to be sent.
async fn append_to_kiban(
    shared: Arc<Shared>,
    append: Append,
    sent: BoxFuture<'static, Result<Reply, AppendError>>,
) -> Result<AppendOutcome, AppendError> {
    let outcome = match tokio::time::timeout(shared.connector.options.deadline, sent).await {
        Ok(answered) => match answered? {
            Reply::Full(answer) => answer?,
            Reply::Bare(_) => return Err(AppendError::Unknown("the log is not Kiban's any more".into())),
        },
        Err(_) => settle(&shared, &append).await?,
    };
    let (AppendOutcome::Appended(place) | AppendOutcome::AlreadyAppended(place)) = outcome;
    // An answer comes after the head moved, here too.
    shared.seen(place.last_position).await;
    Ok(outcome)
}

/// What became of an append that was not answered in time, by reading back; in time, too.
async fn settle(shared: &Shared, append: &Append) -> Result<AppendOutcome, AppendError> {
    let settled = tokio::time::timeout(shared.connector.options.deadline, read_back(shared, append)).await;
    settled.unwrap_or_else(|_| {
        Err(AppendError::Unknown("it was not answered in time, and the log cannot be read".to_owned()))
    })
}

async fn read_back(shared: &Shared, append: &Append) -> Result<AppendOutcome, AppendError> {
    let unknown = |why: &str| AppendError::Unknown(format!("it was not answered in time, and {why}"));
    // The end first: what comes between the two looks must not be taken for somebody else's.
    let stands = shared.last_revision(&append.stream).await;
    let stands = stands.map_err(|error| unknown(&error.to_string()))?;
    match shared.standing(append).await {
        Ok(Some(appended)) => return Ok(AppendOutcome::Appended(appended)),
        Ok(None) => {}
        Err(error) => return Err(unknown(&error.to_string())),
    }
    // Once something else stands where it must, it never will.
    if append.expected.place().is_some_and(|place| stands.is_some_and(|stands| stands >= place)) {
        let (stream, expected) = (append.stream.clone(), append.expected);
        return Err(AppendError::Conflict { stream, expected, actual: stands });
    }
    Err(unknown("it does not stand in the log yet"))
}

impl Pages for Shared {
    fn live(&self) -> &Live {
        &self.live
    }

    fn page_after(
        self: &Arc<Self>,
        after: Position,
    ) -> BoxFuture<'static, Result<Vec<Arc<Frame>>, ReadError>> {
        let shared = self.clone();
        Box::pin(async move {
            let mut wait = FIRST_WAIT;
            loop {
                match shared.after(after, Page::default()).await {
                    // Whoever follows outlives a log that is away for a while, also far behind its end.
                    Err(ReadError::Unavailable(why)) if matches!(shared.live.state(), State::Open) => {
                        tracing::warn!(why, ?wait, "the event log cannot be read; trying again");
                        tokio::time::sleep(wait).await;
                        wait = (wait * 2).min(LONGEST_WAIT);
                    }
                    answered => return answered,
                }
            }
        })
    }
}

impl Shared {
    fn after(
        self: &Arc<Self>,
        after: Position,
        page: Page,
    ) -> BoxFuture<'static, Result<Vec<Arc<Frame>>, ReadError>> {
        let head = self.live.head().position;
        if let Some(frames) = self.live.recent_after(after, page) {
            return Box::pin(ready(Ok(crate::live::up_to(head, frames))));
        }
        let shared = self.clone();
        Box::pin(async move { Ok(crate::live::up_to(head, shared.all_page(after, page).await?)) })
    }

    /// Where an append stands already, if it says where it must and stands there.
    async fn standing(&self, append: &Append) -> Result<Option<Appended>, ReadError> {
        let Some(place) = append.expected.place() else { return Ok(None) };
        let page = Page { frames: 1, bytes: 0 };
        let frames = self.stream_page(&append.stream, place, page).await?;
        let stands = frames.first().filter(|frame| {
            let ids = frame.events.iter().map(|event| event.id);
            frame.first_revision == place && ids.eq(append.events.iter().map(|event| event.id))
        });
        Ok(stands.map(|frame| frame.appended()))
    }

    async fn find(&self, request: kiban::FindCommandRequest) -> Result<Option<StoredCommand>, ReadError> {
        let connection = self.connector.connection().await.map_err(unreachable)?;
        let found = connection.extension().find_command(request).await;
        let found = found.map_err(|status| unavailable(&status))?.into_inner();
        let Some(place) = found.place else { return Ok(None) };
        let digest = (*found.digest).try_into();
        let digest =
            digest.map_err(|_| ReadError::Unavailable("the digest of a command is not 32 bytes".into()))?;
        Ok(Some(StoredCommand { digest, appended: protocol::appended(&place) }))
    }

    async fn ask_position_at(&self, recorded_at: i64) -> Result<Position, ReadError> {
        let connection = self.connector.connection().await.map_err(unreachable)?;
        let asked = connection.extension().position_at(kiban::PositionAtRequest { recorded_at }).await;
        Ok(Position(asked.map_err(|status| unavailable(&status))?.into_inner().position))
    }
}

impl EventLog for EventStoreLog {
    fn append(&self, append: Append) -> BoxFuture<'static, Result<AppendOutcome, AppendError>> {
        let shared = self.shared.clone();
        let appender = held(&self.appender).clone();
        let checked = limits::check(&append);
        let closed = || AppendError::Unavailable("it is closed".to_owned());
        match (checked, appender) {
            (Err(error), _) => Box::pin(ready(Err(error))),
            (Ok(()), None) => Box::pin(ready(Err(closed()))),
            (Ok(()), Some(appender)) if self.kiban => {
                // Sent by the call itself: that is its place in the order.
                let sent = appender.send(&append, None, true);
                Box::pin(append_to_kiban(shared, append, sent))
            }
            (Ok(()), Some(appender)) => {
                let deadline = shared.connector.options.deadline;
                Box::pin(async move {
                    let appending = plain::append(shared.clone(), appender, append.clone());
                    match tokio::time::timeout(deadline, appending).await {
                        Ok(answer) => answer,
                        Err(_) => settle(&shared, &append).await,
                    }
                })
            }
        }
    }

    fn read_stream(
        &self,
        stream: &StreamName,
        from_revision: u64,
        page: Page,
    ) -> BoxFuture<'static, Result<Vec<Arc<Frame>>, ReadError>> {
        let (shared, stream) = (self.shared.clone(), stream.clone());
        Box::pin(async move { shared.stream_page(&stream, from_revision, page).await })
    }

    fn read_all(
        &self,
        after: Position,
        page: Page,
    ) -> BoxFuture<'static, Result<Vec<Arc<Frame>>, ReadError>> {
        self.shared.after(after, page)
    }

    fn frame_at(&self, position: Position) -> BoxFuture<'static, Result<Option<Arc<Frame>>, ReadError>> {
        let Some(before) = position.0.checked_sub(1).map(Position) else { return Box::pin(ready(Ok(None))) };
        let one = Page { frames: 1, bytes: 0 };
        let recent = self.shared.live.recent_after(before, one);
        if let Some(frame) = recent.and_then(|frames| frames.into_iter().next()) {
            let holds = frame.events.iter().any(|event| event.position == position);
            return Box::pin(ready(Ok(holds.then_some(frame))));
        }
        let shared = self.shared.clone();
        Box::pin(async move { shared.frame_holding(position).await })
    }

    fn head(&self) -> Head {
        self.shared.live.head()
    }

    fn head_now(&self) -> BoxFuture<'static, Result<Head, ReadError>> {
        let shared = self.shared.clone();
        Box::pin(async move { tail::head_now(&shared).await })
    }

    fn stream_revision(&self, stream: &StreamName) -> BoxFuture<'static, Result<Option<u64>, ReadError>> {
        let (shared, stream) = (self.shared.clone(), stream.clone());
        Box::pin(async move { shared.last_revision(&stream).await })
    }

    fn find_command(
        &self,
        stream: &StreamName,
        scope: [u8; 16],
        id: &str,
    ) -> BoxFuture<'static, Result<Option<StoredCommand>, ReadError>> {
        let (shared, stream, id, kiban) = (self.shared.clone(), stream.clone(), id.to_owned(), self.kiban);
        Box::pin(async move {
            if !kiban {
                return shared.command_in(&stream, scope, &id).await;
            }
            let stream = stream.as_str().to_owned();
            shared.find(kiban::FindCommandRequest { stream, scope: Bytes::copy_from_slice(&scope), id }).await
        })
    }

    fn position_at(&self, recorded_at: i64) -> BoxFuture<'static, Result<Position, ReadError>> {
        let (shared, kiban) = (self.shared.clone(), self.kiban);
        Box::pin(async move {
            match kiban {
                true => shared.ask_position_at(recorded_at).await,
                false => shared.position_at_by_reading(recorded_at).await,
            }
        })
    }

    fn failed(&self) -> BoxFuture<'static, Option<Arc<str>>> {
        self.shared.live.failed()
    }

    fn close(&self) -> BoxFuture<'static, ()> {
        held(&self.appender).take();
        self.tail.abort();
        self.shared.live.end(State::Closed);
        Box::pin(ready(()))
    }
}

impl EventFeed for EventStoreLog {
    fn subscribe(&self, after: Position) -> BoxStream<'static, Result<Arc<Frame>, ReadError>> {
        follow(self.shared.clone(), after)
    }

    fn reached(&self, position: Position) -> BoxFuture<'static, Result<(), ReadError>> {
        self.shared.live.reached(position)
    }
}

impl Drop for EventStoreLog {
    fn drop(&mut self) {
        self.tail.abort();
        self.shared.live.end(State::Closed);
    }
}
