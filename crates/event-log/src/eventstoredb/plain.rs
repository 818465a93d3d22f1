//! What stands in for guards and command ids where the log is not Kiban's own: they are looked at just before the append
//! and written down with it. What moved in between is a matter of milliseconds, and is found afterwards by `stale`.

use super::{
    Shared,
    append::{Appender, Beside, Reply},
    frames::Piece,
    read::{Answers, Reach},
    settled,
};
use crate::{
    Append, AppendError, AppendOutcome, Appended, CommandKey, ExpectedRevision, Guard, Position, ReadError,
    StoredCommand, StreamName, live::held, protocol,
};
use futures::{
    future::BoxFuture,
    stream::{self, StreamExt},
};
use lru::LruCache;
use std::{
    collections::HashMap,
    num::NonZeroUsize,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, AtomicUsize, Ordering::Relaxed},
    },
};
use tokio::{
    runtime::Handle,
    sync::watch,
    time::{Instant, timeout_at},
};

/// How many streams' commands are remembered, and how many commands in all. What one stream has is remembered whole.
const STREAMS: NonZeroUsize = NonZeroUsize::new(1_024).unwrap();
const COMMANDS: usize = 256 * 1_024;
/// How many guards are looked at at once.
pub(super) const LOOKS: usize = 32;

/// The commands of a stream, up to a revision.
#[derive(Default)]
struct Commands {
    next: u64,
    by_id: HashMap<([u8; 16], String), StoredCommand>,
}

/// The commands of a stream, read on by one at a time. What was read stays, also if its reader gave up.
#[derive(Default)]
struct Index {
    commands: tokio::sync::Mutex<Commands>,
    count: AtomicUsize,
}

/// What is remembered of streams, and who is appending to them.
pub(super) struct Streams {
    commands: Mutex<LruCache<StreamName, Arc<Index>>>,
    /// The last append to each stream; its sender goes when it is done.
    turns: Mutex<HashMap<StreamName, watch::Receiver<()>>>,
    /// How far stale guards were looked for.
    pub(super) examined: AtomicU64,
}

/// An append's place in the order of its stream, and behind what was called before it on what it stands on. Nobody waits
/// for one that was called later, so nobody waits for ever.
struct Turn {
    before: Vec<watch::Receiver<()>>,
    _done: watch::Sender<()>,
}

impl Turn {
    async fn comes(&mut self) {
        for before in &mut self.before {
            // Nothing is ever sent: it ends when the sender goes.
            let _ = before.changed().await;
        }
    }
}

impl Streams {
    pub(super) fn new() -> Self {
        let commands = Mutex::new(LruCache::new(STREAMS));
        Self { commands, turns: Mutex::default(), examined: AtomicU64::new(0) }
    }

    /// How far stale guards were looked for.
    pub(super) fn examined(&self) -> Position {
        Position(self.examined.load(Relaxed))
    }

    /// Takes an append's turn.
    fn turn(&self, append: &Append) -> Turn {
        let (done, told) = watch::channel(());
        let mut turns = held(&self.turns);
        let guards = append.guards.iter().map(|guard| &guard.stream);
        let before = guards.chain([&append.stream]).filter_map(|stream| turns.get(stream).cloned()).collect();
        if turns.len() > STREAMS.get() {
            turns.retain(|_, last| last.has_changed().is_ok());
        }
        turns.insert(append.stream.clone(), told);
        Turn { before, _done: done }
    }

    fn index(&self, stream: &StreamName) -> Arc<Index> {
        held(&self.commands).get_or_insert(stream.clone(), Arc::default).clone()
    }

    /// Forgets the streams that were not asked for longest, while more commands are remembered than should be.
    fn bound(&self) {
        let mut commands = held(&self.commands);
        let mut count: usize = commands.iter().map(|(_, index)| index.count.load(Relaxed)).sum();
        while count > COMMANDS
            && commands.len() > 1
            && let Some((_, oldest)) = commands.pop_lru()
        {
            count = count.saturating_sub(oldest.count.load(Relaxed));
        }
    }
}

/// Appends to a log that knows neither guards nor command ids. The turn is taken by the call itself: that is its place in
/// the order, whenever the answer is asked for.
pub(super) fn append(
    runtime: &Handle,
    shared: Arc<Shared>,
    appender: Appender,
    append: Append,
    until: Instant,
) -> BoxFuture<'static, Result<AppendOutcome, AppendError>> {
    let turn = shared.streams.turn(&append);
    let appending = runtime.spawn(in_turn(shared, appender, append, turn, until));
    Box::pin(async move {
        let broken = |_| AppendError::Unknown("the append was broken off".to_owned());
        appending.await.map_err(broken)?
    })
}

async fn in_turn(
    shared: Arc<Shared>,
    appender: Appender,
    append: Append,
    mut turn: Turn,
    until: Instant,
) -> Result<AppendOutcome, AppendError> {
    let looked = timeout_at(until, async {
        turn.comes().await;
        looked_into(&shared, &append).await
    });
    match looked.await {
        Ok(looked) => {
            if let Some(answer) = looked? {
                return Ok(answer);
            }
        }
        Err(_) => {
            let why = "what it stands on could not be looked at in time, and it was not sent";
            return Err(AppendError::Unavailable(why.to_owned()));
        }
    }
    let appending = sent(shared.clone(), appender, append.clone(), turn, until);
    settled(shared, append, until, appending).await
}

fn unavailable(error: ReadError) -> AppendError {
    AppendError::Unavailable(error.to_string())
}

/// Whether an append is answered without being sent: carried out already, or standing on what has moved.
async fn looked_into(shared: &Arc<Shared>, append: &Append) -> Result<Option<AppendOutcome>, AppendError> {
    if let Some(key) = &append.command
        && let Some(stored) =
            shared.command_in(&append.stream, key.scope, &key.id).await.map_err(unavailable)?
    {
        return match stored.digest == key.digest {
            true => Ok(Some(AppendOutcome::AlreadyAppended(stored.appended))),
            false => Err(AppendError::IdMismatch),
        };
    }
    let moved = first_moved(shared, &append.guards).await.map_err(unavailable)?;
    let Some((guard, actual)) = moved else { return Ok(None) };
    // A retry is recognised first, as everywhere: what it stood on may have moved since.
    if append.command.is_none()
        && let Some(appended) = shared.standing(append).await.map_err(unavailable)?
    {
        return Ok(Some(AppendOutcome::AlreadyAppended(appended)));
    }
    let stands = shared.last_revision(&append.stream).await.map_err(unavailable)?;
    if !append.expected.admits(stands) {
        let (stream, expected) = (append.stream.clone(), append.expected);
        return Err(AppendError::Conflict { stream, expected, actual: stands });
    }
    let expected = guard.revision.map_or(ExpectedRevision::NoStream, ExpectedRevision::Exact);
    Err(AppendError::Conflict { stream: guard.stream, expected, actual })
}

/// The first guard that does not hold, and where its stream is. Many are looked at at once: each costs a round trip.
async fn first_moved(
    shared: &Arc<Shared>,
    guards: &[Guard],
) -> Result<Option<(Guard, Option<u64>)>, ReadError> {
    let looks = stream::iter(guards.to_vec()).map(|guard| {
        let shared = shared.clone();
        async move {
            let actual = shared.last_revision(&guard.stream).await?;
            Ok((guard, actual))
        }
    });
    let mut looks = looks.buffered(LOOKS);
    while let Some(look) = looks.next().await {
        let (guard, actual) = look?;
        if actual != guard.revision {
            return Ok(Some((guard, actual)));
        }
    }
    Ok(None)
}

/// Sends an append that was looked into, and reads what it became.
async fn sent(
    shared: Arc<Shared>,
    appender: Appender,
    append: Append,
    _turn: Turn,
    until: Instant,
) -> Result<AppendOutcome, AppendError> {
    let before = shared.live.head();
    let terms = protocol::terms(append.command.as_ref(), &append.guards);
    let worth_keeping = terms.command.is_some() || !terms.guards.is_empty();
    let beside = Beside { terms: worth_keeping.then_some(terms), recorded_at_least: before.recorded_at };
    let (revision, position) = match appender.send(&append, Some(&beside), until).await? {
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
    let appended = frame.appended();
    if position > before.position {
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
        let key = (scope, id.to_owned());
        let index = self.streams.index(stream);
        let mut commands = index.commands.lock().await;
        // What was found once does not change.
        if let Some(found) = commands.by_id.get(&key) {
            return Ok(Some(*found));
        }
        let read = self.read_commands(stream, &mut commands, &index.count).await;
        let found = commands.by_id.get(&key).copied();
        drop(commands);
        self.streams.bound();
        read.map(|()| found)
    }

    /// Reads on from where the stream was left. What was read stands in `commands` at any time: a stream that is too long
    /// for one try is read in several.
    async fn read_commands(
        &self,
        stream: &StreamName,
        commands: &mut Commands,
        count: &AtomicUsize,
    ) -> Result<(), ReadError> {
        let reach = Reach::StreamFrom(stream, commands.next);
        let mut answers = Answers::ask(self, reach, u64::MAX >> 1).await?;
        let mut first: Option<(Position, u64, i64)> = None;
        while let Some(piece) = answers.next().await? {
            if piece.index == 0 {
                first = Some((piece.event.position, piece.revision, piece.recorded_at));
            }
            if piece.index + 1 < piece.events {
                continue;
            }
            commands.next = piece.revision + 1;
            let begun = (piece.event.position, piece.revision, piece.recorded_at);
            let (first_position, first_revision, recorded_at) = first.take().unwrap_or(begun);
            let appended = Appended {
                first_position,
                last_position: piece.event.position,
                first_revision,
                last_revision: piece.revision,
                recorded_at,
            };
            if let Some(key) = command_of(piece) {
                let stored = StoredCommand { digest: key.digest, appended };
                commands.by_id.entry((key.scope, key.id)).or_insert(stored);
                count.store(commands.by_id.len(), Relaxed);
            }
        }
        Ok(())
    }
}

fn command_of(piece: Piece) -> Option<CommandKey> {
    protocol::terms_of(piece.terms?)?.0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::conformance::{append, stream};

    #[test]
    fn what_is_remembered_of_streams_is_bounded() {
        let streams = Streams::new();
        let remembered = |name: &str, count| streams.index(&stream(name)).count.store(count, Relaxed);
        remembered("old", 10);
        remembered("long", COMMANDS);
        remembered("new", 10);
        streams.bound();
        let held = held(&streams.commands);
        assert_eq!(held.iter().map(|(name, _)| name.id()).collect::<Vec<_>>(), ["new"]);
    }

    #[tokio::test]
    async fn a_turn_comes_after_those_before_it_and_no_others() {
        let streams = Streams::new();
        let on = |name: &str, guards: &[&str]| {
            let guards = guards.iter().map(|name| Guard { stream: stream(name), revision: None }).collect();
            streams.turn(&Append { guards, ..append(&stream(name), ExpectedRevision::Any, &[1]) })
        };
        let (mut first, mut other) = (on("a", &[]), on("b", &[]));
        let (mut second, mut guarded) = (on("a", &["b"]), on("c", &["a"]));
        let came = |turn: &mut Turn| futures::FutureExt::now_or_never(turn.comes()).is_some();
        assert!(came(&mut first) && came(&mut other));
        assert!(!came(&mut second) && !came(&mut guarded));
        drop(first);
        assert!(!came(&mut second), "it stands on what is on its way");
        drop(other);
        assert!(came(&mut second) && !came(&mut guarded));
        drop(second);
        assert!(came(&mut guarded));
    }
}
