//! The engine over the EventStoreDB protocol: a log in another process, Kiban's own served one or a KurrentDB cluster.
//!
//! Kiban's own log, once the caller has proved to be Kiban, does all that the embedded one does, in the same commit.
//! Another log lacks some of it, and this is what it gives instead:
//!
//! - *Guards* are looked at just before the append and written down with it; [`EventStoreLog::stale_guards`] finds what
//!   moved in between.
//! - *The order of calls* is that of the appends to each stream, and an append sees those called before it here on the
//!   streams of its guards. Appends to streams that have nothing to do with each other may overtake each other.
//! - *Command ids* are unique for their stream, not for the whole log.
//! - *Positions* are commit positions: they grow, but with gaps.
//! - *The head's hash* is not known: it is zero with either.
//!
//! It speaks the protocol with stubs of its own and not with EventStoreDB's client: that one cannot send guards, has no
//! option for `TCP_NODELAY`, spins on a subscription that the server ends without an error, and brings a second gRPC
//! stack.

mod append;
mod connect;
mod deadline;
#[cfg(test)]
mod fake;
mod frames;
mod options;
mod plain;
mod read;
mod refusal;
mod stale;
mod tail;
#[cfg(test)]
mod tests;

pub use connect::ConnectError;
pub use options::{EventStoreOptions, InvalidConnectionString};
pub use stale::StaleGuards;

use crate::{
    Append, AppendError, AppendOutcome, Appended, EventFeed, EventLog, Frame, Head, Page, Position,
    ReadError, StoredCommand, StreamName, limits,
    live::{Live, Pages, State, follow, held},
    protocol::{self, kiban},
};
use append::{Appender, Reply};
use bytes::Bytes;
use connect::{Connection, Connector};
use futures::{future::BoxFuture, stream::BoxStream};
use plain::Streams;
use std::{
    future::ready,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
};
use tail::{FIRST_WAIT, LONGEST_WAIT};
use tokio::{
    runtime::Handle,
    task::AbortHandle,
    time::{Instant, sleep, timeout, timeout_at},
};

/// What all parts of the engine share.
struct Shared {
    connector: Arc<Connector>,
    live: Live,
    /// Whether guards and command ids are honoured by the log itself.
    kiban: bool,
    streams: Streams,
    reconnections: AtomicU64,
}

/// A log behind the EventStoreDB protocol.
pub struct EventStoreLog {
    shared: Arc<Shared>,
    appender: Mutex<Option<Appender>>,
    tail: AbortHandle,
    /// Appends take their place when they are called, wherever that is.
    runtime: Handle,
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
            kiban,
            streams: Streams::new(),
            reconnections: AtomicU64::new(0),
        };
        let head = tail::head_now(&shared(Head::default())).await.map_err(|error| {
            ConnectError::Unreachable { host: connector.options.host_names(), why: error.to_string() }
        })?;
        let shared = Arc::new(shared(head));
        let tail = tokio::spawn(tail::follow(shared.clone())).abort_handle();
        let appender = Mutex::new(Some(Appender::start(shared.clone())));
        Ok(Arc::new(Self { shared, appender, tail, runtime: Handle::current() }))
    }

    /// Whether guards and command ids are honoured by the log itself.
    pub fn is_kiban(&self) -> bool {
        self.shared.kiban
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
        stale::stale_guards(self.shared.clone(), after)
    }

    /// How far [`stale_guards`](Self::stale_guards) has looked.
    pub fn guards_examined(&self) -> Position {
        self.shared.streams.examined()
    }
}

/// The answer of Kiban's own log to an append that was sent.
async fn in_full(sent: BoxFuture<'static, Result<Reply, AppendError>>) -> Result<AppendOutcome, AppendError> {
    match sent.await? {
        Reply::Full(answer) => answer,
        Reply::Bare(Ok(_)) => Err(AppendError::Unknown("the log is not Kiban's any more".into())),
        Reply::Bare(Err(error)) => Err(error),
    }
}

/// The answer to an append that is on its way, by reading back if none comes in time, or one that says that nobody
/// knows.
async fn settled(
    shared: Arc<Shared>,
    append: Append,
    until: Instant,
    answer: impl Future<Output = Result<AppendOutcome, AppendError>>,
) -> Result<AppendOutcome, AppendError> {
    let outcome = match timeout_at(until, answer).await {
        Ok(Err(AppendError::Unknown(why))) => settle(&shared, &append, until, &why).await?,
        Ok(answer) => answer?,
        Err(_) => settle(&shared, &append, until, "it was not answered in time").await?,
    };
    let (AppendOutcome::Appended(place) | AppendOutcome::AlreadyAppended(place)) = outcome;
    // An answer comes after the head moved, here too.
    shared.seen(place.last_position).await;
    Ok(outcome)
}

/// What became of an append of which nobody knows, by reading back: once at least, and again while there is time, for it
/// may still be on its way.
async fn settle(
    shared: &Shared,
    append: &Append,
    until: Instant,
    why: &str,
) -> Result<AppendOutcome, AppendError> {
    if append.command.is_none() && append.expected.place().is_none() {
        // By nothing could it be recognised.
        return Err(AppendError::Unknown(why.to_owned()));
    }
    loop {
        let looked = timeout(shared.connector.options.deadline, read_back(shared, append)).await;
        let unknown = match looked {
            Ok(Ok(Some(appended))) => return Ok(AppendOutcome::Appended(appended)),
            Ok(Ok(None)) => "it does not stand in the log yet".to_owned(),
            Ok(Err(AppendError::Unknown(unknown))) => unknown,
            Ok(Err(error)) => return Err(error),
            Err(_) => "the log cannot be read".to_owned(),
        };
        if deadline::comes_within(until, FIRST_WAIT) {
            return Err(AppendError::Unknown(format!("{why}, and {unknown}")));
        }
        sleep(FIRST_WAIT).await;
    }
}

/// Where an append stands, if it does; an error if it never will, or if the log cannot be read.
async fn read_back(shared: &Shared, append: &Append) -> Result<Option<Appended>, AppendError> {
    let unknown = |error: ReadError| AppendError::Unknown(error.to_string());
    // The end first: what comes between the two looks must not be taken for somebody else's.
    let stands = shared.last_revision(&append.stream).await.map_err(unknown)?;
    if let Some(key) = &append.command {
        let found = shared.find_command(&append.stream, key.scope, &key.id).await.map_err(unknown)?;
        match found {
            Some(found) if found.digest == key.digest => return Ok(Some(found.appended)),
            Some(_) => return Err(AppendError::IdMismatch),
            None => {}
        }
    }
    if let Some(appended) = shared.standing(append).await.map_err(unknown)? {
        return Ok(Some(appended));
    }
    // Once something else stands where it must, it never will.
    if append.expected.place().is_some_and(|place| stands.is_some_and(|stands| stands >= place)) {
        let (stream, expected) = (append.stream.clone(), append.expected);
        return Err(AppendError::Conflict { stream, expected, actual: stands });
    }
    Ok(None)
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
                        sleep(wait).await;
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

    async fn find_command(
        &self,
        stream: &StreamName,
        scope: [u8; 16],
        id: &str,
    ) -> Result<Option<StoredCommand>, ReadError> {
        if !self.kiban {
            return self.command_in(stream, scope, id).await;
        }
        let (stream, id) = (stream.as_str().to_owned(), id.to_owned());
        let request = kiban::FindCommandRequest { stream, scope: Bytes::copy_from_slice(&scope), id };
        let ask = |connection: Connection| async move { connection.extension().find_command(request).await };
        let found = self.question(ask).await?;
        let Some(place) = found.place else { return Ok(None) };
        let digest = (*found.digest).try_into();
        let digest =
            digest.map_err(|_| ReadError::Unavailable("the digest of a command is not 32 bytes".into()))?;
        Ok(Some(StoredCommand { digest, appended: protocol::appended(&place) }))
    }

    async fn position_at(&self, recorded_at: i64) -> Result<Position, ReadError> {
        if !self.kiban {
            return self.position_at_by_reading(recorded_at).await;
        }
        let request = kiban::PositionAtRequest { recorded_at };
        let ask = |connection: Connection| async move { connection.extension().position_at(request).await };
        Ok(Position(self.question(ask).await?.position))
    }
}

impl EventLog for EventStoreLog {
    fn append(&self, append: Append) -> BoxFuture<'static, Result<AppendOutcome, AppendError>> {
        let shared = self.shared.clone();
        let until = deadline::after(shared.connector.options.deadline);
        let appender = held(&self.appender).clone();
        let checked = limits::check(&append);
        let closed = || AppendError::Unavailable("it is closed".to_owned());
        match (checked, appender) {
            (Err(error), _) => Box::pin(ready(Err(error))),
            (Ok(()), None) => Box::pin(ready(Err(closed()))),
            (Ok(()), Some(appender)) if shared.kiban => {
                // Sent by the call itself: that is its place in the order.
                let sent = appender.send(&append, None, until);
                Box::pin(settled(shared, append, until, in_full(sent)))
            }
            (Ok(()), Some(appender)) => plain::append(&self.runtime, shared, appender, append, until),
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
        let (shared, stream, id) = (self.shared.clone(), stream.clone(), id.to_owned());
        Box::pin(async move { shared.find_command(&stream, scope, &id).await })
    }

    fn position_at(&self, recorded_at: i64) -> BoxFuture<'static, Result<Position, ReadError>> {
        let shared = self.shared.clone();
        Box::pin(async move { shared.position_at(recorded_at).await })
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
