//! A log in memory: for tests and simulations, with the semantics of the durable engines. Every append is
//! "durable" at once, for as long as the process lives.

use crate::{
    Append, AppendError, AppendOutcome, Appended, Clock, CommandKey, EventFeed, EventLog, Frame, Head, Page,
    Position, ReadError, StoredCommand, StreamName,
    frame::{Body, FORMAT, Header, encode_command, place},
    judge::{Question, Standing, Verdict, View, judge},
    limits,
    live::{Live, Pages, State, bounded, follow, held},
};
use futures::{future::BoxFuture, stream::BoxStream};
use std::{
    collections::HashMap,
    future::ready,
    sync::{Arc, Mutex},
};

/// A log that lives as long as the process.
pub struct MemoryLog(Arc<Inner>);

impl MemoryLog {
    /// An empty log.
    pub fn new(clock: Clock) -> Arc<Self> {
        let live = Live::new(Head::default(), 0);
        Arc::new(Self(Arc::new(Inner { clock, live, store: Mutex::default() })))
    }
}

struct Inner {
    clock: Clock,
    live: Live,
    store: Mutex<Store>,
}

#[derive(Default)]
struct Store {
    frames: Vec<Arc<Frame>>,
    /// For each stream, where its frames stand in `frames`.
    streams: HashMap<StreamName, Vec<usize>>,
    commands: HashMap<([u8; 16], String), StoredCommand>,
    head: Head,
}

impl Store {
    fn stream(&self, name: &StreamName) -> impl DoubleEndedIterator<Item = &Arc<Frame>> {
        self.streams.get(name).into_iter().flatten().filter_map(|index| self.frames.get(*index))
    }

    fn after(&self, position: Position) -> impl Iterator<Item = Arc<Frame>> {
        let start = self.frames.partition_point(|frame| frame.last_position() <= position);
        self.frames.iter().skip(start).cloned()
    }

    fn write(&mut self, append: Append, body: Body, first_revision: u64, now: i64) -> Appended {
        let recorded_at = now.max(self.head.recorded_at);
        let place = place(self.head.position, first_revision, body.events.len() as u64, recorded_at);
        let command = append.command.as_ref().map(encode_command).unwrap_or_default();
        let header = Header {
            format: FORMAT,
            first_position: place.first_position.0,
            first_revision,
            events: body.events.len() as u32,
            recorded_at,
            stream: append.stream.as_str(),
            command: &command,
            body_length: body.bytes.len() as u64,
        };
        let hash = header.seal(body.crc, &body.digest, &self.head.hash).hash;
        if let Some(CommandKey { scope, id, digest }) = append.command {
            self.commands.insert((scope, id), StoredCommand { digest, appended: place });
        }
        self.streams.entry(append.stream.clone()).or_default().push(self.frames.len());
        self.frames.push(Frame::new(append.stream, &place, body.events));
        self.head = Head { position: place.last_position, recorded_at, hash };
        place
    }
}

impl View for &Store {
    type Error = std::convert::Infallible;

    fn revision(&mut self, stream: &StreamName) -> Result<Option<u64>, Self::Error> {
        Ok(self.stream(stream).next_back().map(|frame| frame.last_revision()))
    }

    fn command(&mut self, key: &CommandKey) -> Result<Option<StoredCommand>, Self::Error> {
        Ok(self.commands.get(&(key.scope, key.id.clone())).copied())
    }

    fn frame_from(
        &mut self,
        stream: &StreamName,
        first_revision: u64,
    ) -> Result<Option<Standing>, Self::Error> {
        let frame = self.stream(stream).find(|frame| frame.first_revision == first_revision);
        Ok(frame.map(|frame| (frame.appended(), frame.events.iter().map(|event| event.id).collect())))
    }
}

impl Inner {
    fn append(&self, append: Append) -> Result<AppendOutcome, AppendError> {
        limits::check(&append)?;
        let body = Body::new(&append.events);
        // The feed is told under the lock, so that it hears of frames in their order.
        let mut store = held(&self.store);
        if !matches!(self.live.state(), State::Open) {
            return Err(AppendError::Unavailable("it is closed".into()));
        }
        let question = Question {
            stream: &append.stream,
            expected: append.expected,
            guards: &append.guards,
            command: append.command.as_ref(),
            events: &body.events,
        };
        let Ok(verdict) = judge(&mut &*store, question);
        match verdict {
            Verdict::Refuse(error) => Err(error),
            Verdict::Already(appended) => Ok(AppendOutcome::AlreadyAppended(appended)),
            Verdict::Write(first_revision) => {
                let appended = store.write(append, body, first_revision, (self.clock)());
                self.live.publish([], store.head);
                Ok(AppendOutcome::Appended(appended))
            }
        }
    }
}

impl Pages for Inner {
    fn live(&self) -> &Live {
        &self.live
    }

    fn page_after(
        self: &Arc<Self>,
        after: Position,
    ) -> BoxFuture<'static, Result<Vec<Arc<Frame>>, ReadError>> {
        Box::pin(ready(Ok(bounded(held(&self.store).after(after), Page::default()))))
    }
}

impl EventLog for MemoryLog {
    fn append(&self, append: Append) -> BoxFuture<'static, Result<AppendOutcome, AppendError>> {
        Box::pin(ready(self.0.append(append)))
    }

    fn read_stream(
        &self,
        stream: &StreamName,
        from_revision: u64,
        page: Page,
    ) -> BoxFuture<'static, Result<Vec<Arc<Frame>>, ReadError>> {
        let store = held(&self.0.store);
        let frames = store.stream(stream).filter(|frame| frame.last_revision() >= from_revision).cloned();
        Box::pin(ready(Ok(bounded(frames, page))))
    }

    fn read_all(
        &self,
        after: Position,
        page: Page,
    ) -> BoxFuture<'static, Result<Vec<Arc<Frame>>, ReadError>> {
        Box::pin(ready(Ok(bounded(held(&self.0.store).after(after), page))))
    }

    fn frame_at(&self, position: Position) -> BoxFuture<'static, Result<Option<Arc<Frame>>, ReadError>> {
        let before = position.0.checked_sub(1).map(Position);
        let frame = before.and_then(|before| held(&self.0.store).after(before).next());
        Box::pin(ready(Ok(frame)))
    }

    fn head(&self) -> Head {
        self.0.live.head()
    }

    fn stream_revision(&self, stream: &StreamName) -> BoxFuture<'static, Result<Option<u64>, ReadError>> {
        let Ok(revision) = (&*held(&self.0.store)).revision(stream);
        Box::pin(ready(Ok(revision)))
    }

    fn find_command(
        &self,
        _: &StreamName,
        scope: [u8; 16],
        id: &str,
    ) -> BoxFuture<'static, Result<Option<StoredCommand>, ReadError>> {
        Box::pin(ready(Ok(held(&self.0.store).commands.get(&(scope, id.to_owned())).copied())))
    }

    fn position_at(&self, recorded_at: i64) -> BoxFuture<'static, Result<Position, ReadError>> {
        let store = held(&self.0.store);
        let later = store.frames.partition_point(|frame| frame.recorded_at <= recorded_at);
        let last = later.checked_sub(1).and_then(|index| store.frames.get(index));
        Box::pin(ready(Ok(last.map_or(Position::START, |frame| frame.last_position()))))
    }

    fn close(&self) -> BoxFuture<'static, ()> {
        let _order = held(&self.0.store);
        self.0.live.end(State::Closed);
        Box::pin(ready(()))
    }

    fn failed(&self) -> BoxFuture<'static, Option<Arc<str>>> {
        self.0.live.failed()
    }
}

impl EventFeed for MemoryLog {
    fn subscribe(&self, after: Position) -> BoxStream<'static, Result<Arc<Frame>, ReadError>> {
        follow(self.0.clone(), after)
    }

    fn reached(&self, position: Position) -> BoxFuture<'static, Result<(), ReadError>> {
        self.0.live.reached(position)
    }
}

impl Drop for MemoryLog {
    fn drop(&mut self) {
        self.0.live.end(State::Closed);
    }
}
