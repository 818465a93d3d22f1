//! A log of one's own within a shared one, for tests that expect an empty log: streams have names of their own, those of
//! others are hidden, and positions count what is one's own.

use event_log::{
    Append, AppendError, AppendOutcome, Appended, EventFeed, EventLog, EventStoreLog, Frame, Guard, Head,
    Page, Position, ReadError, StoredCommand, StreamName,
};
use futures::{
    future::BoxFuture,
    stream::{BoxStream, StreamExt},
};
use std::sync::Arc;
use tokio::{sync::watch, task::AbortHandle};

/// Sees and writes nothing but what bears its name.
pub(crate) struct Apart {
    log: Arc<EventStoreLog>,
    own: Own,
    following: AbortHandle,
}

/// What is its own.
#[derive(Clone)]
struct Own {
    /// Stands before the ids of its streams.
    name: Arc<str>,
    seen: watch::Receiver<Seen>,
}

/// What was seen of the shared log.
struct Seen {
    /// How far.
    examined: Position,
    /// Where its own events stand there, in their order.
    places: Vec<Position>,
    /// When the last of them was recorded.
    recorded_at: i64,
    ended: bool,
}

impl Seen {
    /// How many of its own events stand up to a position of the shared log.
    fn count(&self, shared: Position) -> Position {
        Position(self.places.partition_point(|place| *place <= shared) as u64)
    }

    /// Where an event of its own stands in the shared log; `None` before the first and after the last.
    fn place(&self, own: Position) -> Option<Position> {
        let index = usize::try_from(own.0.checked_sub(1)?).ok()?;
        self.places.get(index).copied()
    }
}

impl Apart {
    /// Begins at the end of a shared log.
    pub(crate) fn new(log: Arc<EventStoreLog>, name: &str) -> Arc<Self> {
        let examined = log.head().position;
        let begun = Seen { examined, places: Vec::new(), recorded_at: 0, ended: false };
        let (tell, seen) = watch::channel(begun);
        let own = Own { name: name.into(), seen };
        let following = tokio::spawn(follow(log.subscribe(examined), own.clone(), tell)).abort_handle();
        Arc::new(Self { log, own, following })
    }
}

impl Drop for Apart {
    fn drop(&mut self) {
        self.following.abort();
    }
}

async fn follow(
    mut frames: BoxStream<'static, Result<Arc<Frame>, ReadError>>,
    own: Own,
    tell: watch::Sender<Seen>,
) {
    while let Some(Ok(frame)) = frames.next().await {
        tell.send_modify(|seen| {
            seen.examined = frame.last_position();
            if own.stream(&frame.stream).is_some() {
                seen.places.extend(frame.events.iter().map(|event| event.position));
                seen.recorded_at = frame.recorded_at;
            }
        });
    }
    tell.send_modify(|seen| seen.ended = true);
}

impl Own {
    /// The name of a stream in the shared log.
    fn shared(&self, stream: &StreamName) -> StreamName {
        StreamName::new(format!("{}-{}.{}", stream.category(), self.name, stream.id())).unwrap()
    }

    /// The name here of a stream in the shared log, if it is its own.
    fn stream(&self, shared: &StreamName) -> Option<StreamName> {
        let id = shared.id().strip_prefix(&*self.name)?.strip_prefix('.')?;
        StreamName::new(format!("{}-{id}", shared.category())).ok()
    }

    /// Other runs use the same ids for commands.
    fn scope(&self, scope: [u8; 16]) -> [u8; 16] {
        let mut mixed = scope;
        for (index, byte) in self.name.bytes().enumerate() {
            mixed[index % 16] = mixed[index % 16].wrapping_mul(31).wrapping_add(byte);
        }
        mixed
    }

    /// Waits until the shared log was examined so far, or ended.
    async fn examined(&self, shared: Position) {
        let mut seen = self.seen.clone();
        drop(seen.wait_for(|seen| seen.examined >= shared || seen.ended).await);
    }

    async fn appended(&self, place: Appended) -> Appended {
        self.examined(place.last_position).await;
        let seen = self.seen.borrow();
        Appended {
            first_position: seen.count(place.first_position),
            last_position: seen.count(place.last_position),
            ..place
        }
    }

    /// The frame as it stands here, if it is its own.
    async fn frame(&self, frame: &Frame) -> Option<Arc<Frame>> {
        let stream = self.stream(&frame.stream)?;
        self.examined(frame.last_position()).await;
        let seen = self.seen.borrow();
        let mut frame = Frame { stream, first_position: seen.count(frame.first_position), ..frame.clone() };
        for event in &mut frame.events {
            event.position = seen.count(event.position);
        }
        Some(Arc::new(frame))
    }

    async fn frames(&self, shared: &[Arc<Frame>]) -> Vec<Arc<Frame>> {
        let mut frames = Vec::new();
        for frame in shared {
            frames.extend(self.frame(frame).await);
        }
        frames
    }
}

impl EventLog for Apart {
    fn append(&self, append: Append) -> BoxFuture<'static, Result<AppendOutcome, AppendError>> {
        let own = self.own.clone();
        let mut shared = append;
        shared.stream = own.shared(&shared.stream);
        for Guard { stream, .. } in &mut shared.guards {
            *stream = own.shared(stream);
        }
        if let Some(key) = &mut shared.command {
            key.scope = own.scope(key.scope);
        }
        let appending = self.log.append(shared);
        Box::pin(async move {
            match appending.await {
                Ok(AppendOutcome::Appended(place)) => Ok(AppendOutcome::Appended(own.appended(place).await)),
                Ok(AppendOutcome::AlreadyAppended(place)) => {
                    Ok(AppendOutcome::AlreadyAppended(own.appended(place).await))
                }
                Err(AppendError::Conflict { stream, expected, actual }) => {
                    let stream = own.stream(&stream).expect("nobody else's is named");
                    Err(AppendError::Conflict { stream, expected, actual })
                }
                Err(error) => Err(error),
            }
        })
    }

    fn read_stream(
        &self,
        stream: &StreamName,
        from_revision: u64,
        page: Page,
    ) -> BoxFuture<'static, Result<Vec<Arc<Frame>>, ReadError>> {
        let own = self.own.clone();
        let read = self.log.read_stream(&own.shared(stream), from_revision, page);
        Box::pin(async move { Ok(own.frames(&read.await?).await) })
    }

    fn read_all(
        &self,
        after: Position,
        page: Page,
    ) -> BoxFuture<'static, Result<Vec<Arc<Frame>>, ReadError>> {
        let (log, own) = (self.log.clone(), self.own.clone());
        Box::pin(async move {
            // What others wrote before the first is passed over at once.
            let next = own.seen.borrow().place(Position(after.0.saturating_add(1)));
            let Some(next) = next else { return Ok(Vec::new()) };
            let mut from = Position(next.0 - 1);
            loop {
                let read = log.read_all(from, page).await?;
                let Some(last) = read.last() else { return Ok(Vec::new()) };
                from = last.last_position();
                let frames = own.frames(&read).await;
                if !frames.is_empty() {
                    return Ok(frames);
                }
            }
        })
    }

    fn frame_at(&self, position: Position) -> BoxFuture<'static, Result<Option<Arc<Frame>>, ReadError>> {
        let own = self.own.clone();
        let place = own.seen.borrow().place(position);
        let read = place.map(|place| self.log.frame_at(place));
        Box::pin(async move {
            let Some(read) = read else { return Ok(None) };
            match read.await? {
                Some(frame) => Ok(own.frame(&frame).await),
                None => Ok(None),
            }
        })
    }

    fn head(&self) -> Head {
        let seen = self.own.seen.borrow();
        Head { position: Position(seen.places.len() as u64), recorded_at: seen.recorded_at, hash: [0; 32] }
    }

    fn stream_revision(&self, stream: &StreamName) -> BoxFuture<'static, Result<Option<u64>, ReadError>> {
        self.log.stream_revision(&self.own.shared(stream))
    }

    fn find_command(
        &self,
        stream: &StreamName,
        scope: [u8; 16],
        id: &str,
    ) -> BoxFuture<'static, Result<Option<StoredCommand>, ReadError>> {
        let own = self.own.clone();
        let found = self.log.find_command(&own.shared(stream), own.scope(scope), id);
        Box::pin(async move {
            let Some(found) = found.await? else { return Ok(None) };
            Ok(Some(StoredCommand { appended: own.appended(found.appended).await, ..found }))
        })
    }

    fn position_at(&self, recorded_at: i64) -> BoxFuture<'static, Result<Position, ReadError>> {
        let own = self.own.clone();
        let found = self.log.position_at(recorded_at);
        Box::pin(async move {
            let position = found.await?;
            own.examined(position).await;
            let count = own.seen.borrow().count(position);
            Ok(count)
        })
    }

    fn failed(&self) -> BoxFuture<'static, Option<Arc<str>>> {
        self.log.failed()
    }

    fn close(&self) -> BoxFuture<'static, ()> {
        self.log.close()
    }
}

impl EventFeed for Apart {
    fn subscribe(&self, after: Position) -> BoxStream<'static, Result<Arc<Frame>, ReadError>> {
        let own = self.own.clone();
        let begin = {
            let seen = own.seen.borrow();
            let next = seen.place(Position(after.0 + 1)).map(|next| Position(next.0 - 1));
            next.unwrap_or_else(|| seen.places.last().copied().unwrap_or(seen.examined))
        };
        let frames = self.log.subscribe(begin).filter_map(move |frame| {
            let own = own.clone();
            async move {
                match frame {
                    Ok(frame) => {
                        own.frame(&frame).await.filter(|frame| frame.last_position() > after).map(Ok)
                    }
                    Err(error) => Some(Err(error)),
                }
            }
        });
        frames.boxed()
    }

    fn reached(&self, position: Position) -> BoxFuture<'static, Result<(), ReadError>> {
        let mut seen = self.own.seen.clone();
        Box::pin(async move {
            let reached = |seen: &Seen| seen.places.len() as u64 >= position.0;
            match seen.wait_for(|seen| reached(seen) || seen.ended).await {
                Ok(seen) if reached(&seen) => Ok(()),
                _ => Err(ReadError::Closed),
            }
        })
    }
}
