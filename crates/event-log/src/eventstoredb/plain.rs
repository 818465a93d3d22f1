//! What stands in for guards and command ids where the log is not Kiban's own: they are looked at just before the append
//! and written down with it. What moved in between is a matter of milliseconds, and is found afterwards: each append says
//! what it stood on, so that anybody can tell from the log alone whether it still stood there.

use super::{
    Shared,
    append::{Appender, Reply},
    frames::Piece,
    read::{Reach, request, unavailable, unreachable},
};
use crate::{
    Append, AppendError, AppendOutcome, CommandKey, ExpectedRevision, Guard, Position, ReadError,
    StoredCommand, StreamName,
    frame::Names,
    live::held,
    protocol::{self, streams::read_req::options, streams::read_resp::Content},
};
use futures::stream::{self, BoxStream, StreamExt};
use lru::LruCache;
use std::{
    collections::HashMap,
    num::NonZeroUsize,
    sync::{Arc, Mutex, Weak},
};

/// How many streams' commands are remembered.
const STREAMS: NonZeroUsize = NonZeroUsize::new(1_024).unwrap();

/// A decision that stood on what had moved by the time it was written.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct StaleGuards {
    /// The event that was written.
    pub position: Position,
    /// Its stream.
    pub stream: StreamName,
    /// What it stood on.
    pub guard: Guard,
}

/// The commands of a stream, up to a revision.
#[derive(Clone, Default)]
struct Commands {
    next: u64,
    by_id: HashMap<([u8; 16], String), StoredCommand>,
}

/// What is remembered of streams, and who is appending to them.
pub(super) struct Streams {
    commands: Mutex<LruCache<StreamName, Commands>>,
    turns: Mutex<HashMap<StreamName, Weak<tokio::sync::Mutex<()>>>>,
}

impl Streams {
    pub(super) fn new() -> Self {
        Self { commands: Mutex::new(LruCache::new(STREAMS)), turns: Mutex::default() }
    }

    /// The turn of one stream: its appends are looked into one after the other.
    fn turn(&self, stream: &StreamName) -> Arc<tokio::sync::Mutex<()>> {
        let mut turns = held(&self.turns);
        if let Some(turn) = turns.get(stream).and_then(Weak::upgrade) {
            return turn;
        }
        if turns.len() > STREAMS.get() {
            turns.retain(|_, turn| turn.strong_count() > 0);
        }
        let turn = Arc::default();
        turns.insert(stream.clone(), Arc::downgrade(&turn));
        turn
    }
}

/// Appends to a log that knows neither guards nor command ids.
pub(super) async fn append(
    shared: Arc<Shared>,
    appender: Appender,
    append: Append,
) -> Result<AppendOutcome, AppendError> {
    let turn = shared.streams.turn(&append.stream);
    let _turn = turn.lock().await;
    let failed = |error: ReadError| AppendError::Unavailable(error.to_string());
    if let Some(key) = &append.command
        && let Some(stored) = shared.command_in(&append.stream, key.scope, &key.id).await.map_err(failed)?
    {
        return match stored.digest == key.digest {
            true => Ok(AppendOutcome::AlreadyAppended(stored.appended)),
            false => Err(AppendError::IdMismatch),
        };
    }
    for guard in &append.guards {
        let actual = shared.last_revision(&guard.stream).await.map_err(failed)?;
        if actual != guard.revision {
            // A retry is recognised first, as everywhere: what it stood on may have moved since.
            if append.command.is_none()
                && let Some(appended) = shared.standing(&append).await.map_err(failed)?
            {
                return Ok(AppendOutcome::AlreadyAppended(appended));
            }
            let stands = shared.last_revision(&append.stream).await.map_err(failed)?;
            if !append.expected.admits(stands) {
                let (stream, expected) = (append.stream.clone(), append.expected);
                return Err(AppendError::Conflict { stream, expected, actual: stands });
            }
            let expected = guard.revision.map_or(ExpectedRevision::NoStream, ExpectedRevision::Exact);
            return Err(AppendError::Conflict { stream: guard.stream.clone(), expected, actual });
        }
    }
    let before = shared.live.head().position;
    let terms = protocol::terms(append.command.as_ref(), &append.guards);
    let worth_keeping = terms.command.is_some() || !terms.guards.is_empty();
    let answer = appender.send(&append, worth_keeping.then_some(&terms), false).await?;
    let (revision, position) = match answer {
        Reply::Bare(answer) => answer?,
        Reply::Full(answer) => return answer,
    };
    let position = Position(position);
    shared.seen(position).await;
    let events = append.events.len() as u64;
    let unread =
        |error: ReadError| AppendError::Unknown(format!("it was written, and cannot be read: {error}"));
    let first = (revision + 1).saturating_sub(events);
    let frame = shared.frame_of(&append.stream, first, events as u32, i64::MIN).await.map_err(unread)?;
    let recorded = shared.frame_holding(frame.first_position).await.map_err(unread)?;
    let appended = recorded.unwrap_or(frame).appended();
    if position > before {
        return Ok(AppendOutcome::Appended(appended));
    }
    // The log tells a retry by the events' ids alone; a command is the same only if it was that command.
    if let Some(key) = &append.command
        && shared.command_in(&append.stream, key.scope, &key.id).await.map_err(unread)?.is_none()
    {
        let actual = shared.last_revision(&append.stream).await.map_err(unread)?;
        return Err(AppendError::Conflict { stream: append.stream, expected: append.expected, actual });
    }
    Ok(AppendOutcome::AlreadyAppended(appended))
}

impl Shared {
    /// What a command id was used for in a stream.
    pub(super) async fn command_in(
        &self,
        stream: &StreamName,
        scope: [u8; 16],
        id: &str,
    ) -> Result<Option<StoredCommand>, ReadError> {
        let mut commands = held(&self.streams.commands).get(stream).cloned().unwrap_or_default();
        let read = self.read_commands(stream, &mut commands).await;
        let found = commands.by_id.get(&(scope, id.to_owned())).copied();
        held(&self.streams.commands).put(stream.clone(), commands);
        read.map(|()| found)
    }

    /// Reads on from where the stream was left.
    async fn read_commands(&self, stream: &StreamName, commands: &mut Commands) -> Result<(), ReadError> {
        let connection = self.connector.connection().await.map_err(unreachable)?;
        let reach = Reach::StreamFrom(stream, commands.next);
        let all = options::CountOption::Count(u64::MAX >> 1);
        let answers = connection.streams().read(request(&reach, all)).await;
        let mut answers = answers.map_err(|status| unavailable(&status))?.into_inner();
        let mut names = Names::default();
        let mut first: Option<(Position, u64)> = None;
        while let Some(answer) = answers.message().await.map_err(|status| unavailable(&status))? {
            let Some(Content::Event(event)) = answer.content else { continue };
            let Some(piece) = Piece::of(event, &mut names)? else { continue };
            if piece.index == 0 {
                first = Some((piece.event.position, piece.revision));
            }
            if piece.index + 1 < piece.events {
                continue;
            }
            commands.next = piece.revision + 1;
            let (first_position, first_revision) =
                first.take().unwrap_or((piece.event.position, piece.revision));
            let appended = crate::Appended {
                first_position,
                last_position: piece.event.position,
                first_revision,
                last_revision: piece.revision,
                recorded_at: piece.recorded_at,
            };
            if let Some(key) = command_of(piece) {
                let stored = StoredCommand { digest: key.digest, appended };
                commands.by_id.entry((key.scope, key.id)).or_insert(stored);
            }
        }
        Ok(())
    }

    /// Whether what an event stood on had moved by the time it was written.
    async fn stale(&self, position: Position, guard: &Guard) -> Result<bool, ReadError> {
        let next = guard.revision.map_or(0, |revision| revision + 1);
        let page = crate::Page { frames: 1, bytes: 0 };
        let frames = self.stream_page(&guard.stream, next, page).await?;
        Ok(frames.first().is_some_and(|frame| frame.first_position < position))
    }
}

fn command_of(piece: Piece) -> Option<CommandKey> {
    protocol::terms_of(piece.terms?)?.0
}

/// What was written after a position on what had moved, in the order of the log; it goes on with the log.
pub(super) fn stale_guards(
    shared: Arc<Shared>,
    after: Position,
) -> BoxStream<'static, Result<StaleGuards, ReadError>> {
    let finder = Finder { shared, after, ready: Vec::new(), ended: false };
    stream::unfold(finder, |mut finder| async move {
        let found = finder.next().await?;
        finder.ended = found.is_err();
        Some((found, finder))
    })
    .boxed()
}

struct Finder {
    shared: Arc<Shared>,
    after: Position,
    ready: Vec<StaleGuards>,
    ended: bool,
}

impl Finder {
    async fn next(&mut self) -> Option<Result<StaleGuards, ReadError>> {
        loop {
            if let Some(found) = self.ready.pop() {
                return Some(Ok(found));
            }
            if self.ended {
                return None;
            }
            let next = Position(self.after.0 + 1);
            match self.shared.live.reached(next).await {
                Ok(()) => {}
                Err(ReadError::Closed) => return None,
                Err(error) => return Some(Err(error)),
            }
            if let Err(error) = self.examine().await {
                return Some(Err(error));
            }
        }
    }

    /// Looks at what has come since.
    async fn examine(&mut self) -> Result<(), ReadError> {
        let head = self.shared.live.head().position;
        let connection = self.shared.connector.connection().await.map_err(unreachable)?;
        let count = options::CountOption::Count(1_024);
        let answers = connection.streams().read(request(&Reach::AllFrom(self.after), count)).await;
        let mut answers = answers.map_err(|status| unavailable(&status))?.into_inner();
        let mut names = Names::default();
        let mut examined = None;
        while let Some(answer) = answers.message().await.map_err(|status| unavailable(&status))? {
            let Some(Content::Event(event)) = answer.content else { continue };
            let Some(at) = event.event.as_ref().map(|event| Position(event.commit_position)) else {
                continue;
            };
            if at > head {
                break;
            }
            if at <= self.after {
                continue;
            }
            examined = Some(at);
            let Some(piece) = Piece::of(event, &mut names)? else { continue };
            // Every event of a frame says the same; one finding is enough.
            if piece.index > 0 {
                continue;
            }
            let guards =
                piece.terms.and_then(protocol::terms_of).map(|(_, guards)| guards).unwrap_or_default();
            for guard in guards {
                if self.shared.stale(at, &guard).await? {
                    let stream = piece.stream.clone();
                    self.ready.insert(0, StaleGuards { position: at, stream, guard });
                }
            }
        }
        self.after = examined.unwrap_or(head).max(self.after);
        Ok(())
    }
}
