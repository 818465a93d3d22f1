//! Finds decisions that stood on what had moved: on a log without guards each append says what it stood on, so that anybody
//! can tell from the log alone whether it still stood there.

use super::{
    Shared,
    frames::Piece,
    plain::LOOKS,
    read::{Answers, Reach},
};
use crate::{Guard, Position, ReadError, StreamName, frame::Names, protocol};
use futures::stream::{self, BoxStream, StreamExt};
use lru::LruCache;
use std::{
    collections::VecDeque,
    num::NonZeroUsize,
    sync::{Arc, atomic::Ordering::Relaxed},
};

/// Of how many streams it is known, while stale guards are looked for, where they stand.
const REVISIONS: NonZeroUsize = NonZeroUsize::new(64 * 1_024).unwrap();
/// How many events are asked for at once when stale guards are looked for.
const EXAMINED: u64 = 1_024;

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

/// What was written after a position on what had moved, in the order of the log; it goes on with the log.
pub(super) fn stale_guards(
    shared: Arc<Shared>,
    after: Position,
) -> BoxStream<'static, Result<StaleGuards, ReadError>> {
    let finder =
        Finder { shared, after, ready: VecDeque::new(), revisions: LruCache::new(REVISIONS), ended: false };
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
    ready: VecDeque<StaleGuards>,
    /// Where streams stand after what was examined: all streams are read in their order, so what was seen once need not
    /// be asked for again.
    revisions: LruCache<StreamName, Option<u64>>,
    ended: bool,
}

impl Finder {
    async fn next(&mut self) -> Option<Result<StaleGuards, ReadError>> {
        loop {
            if let Some(found) = self.ready.pop_front() {
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
            self.shared.streams.examined.store(self.after.0, Relaxed);
        }
    }

    /// Looks at what has come since.
    async fn examine(&mut self) -> Result<(), ReadError> {
        let head = self.shared.live.head().position;
        let shared = self.shared.clone();
        let mut answers = Answers::ask(&shared, Reach::AllFrom(self.after), EXAMINED).await?;
        let mut names = Names::default();
        let mut examined = None;
        while let Some(read) = answers.next_of_any().await? {
            let Some(event) = &read.event else { continue };
            let at = Position(event.commit_position);
            if at > head {
                break;
            }
            if at <= self.after {
                continue;
            }
            examined = Some(at);
            let name = protocol::name_of(event.stream_identifier.as_ref());
            let stands = name.and_then(|name| StreamName::new(name).ok());
            let revision = event.stream_revision;
            if let Some(piece) = Piece::of(read, &mut names)? {
                self.look_at(piece).await?;
            }
            if let Some(stream) = stands {
                self.revisions.put(stream, Some(revision));
            }
        }
        self.after = examined.unwrap_or(head).max(self.after);
        Ok(())
    }

    /// Every event of a frame says the same; one finding is enough.
    async fn look_at(&mut self, piece: Piece) -> Result<(), ReadError> {
        if piece.index > 0 {
            return Ok(());
        }
        let (position, stream) = (piece.event.position, piece.stream);
        let terms = piece.terms.and_then(protocol::terms_of);
        let guards = terms.map(|(_, guards)| guards).unwrap_or_default();
        let known = guards.into_iter().map(|guard| (self.revisions.get(&guard.stream).copied(), guard));
        let known: Vec<_> = known.collect();
        let looks = stream::iter(known).map(|(known, guard)| {
            let shared = self.shared.clone();
            async move {
                let moved = match known {
                    Some(stands) => stands != guard.revision,
                    None => shared.stale(position, &guard).await?,
                };
                Ok((guard, moved))
            }
        });
        let looked: Vec<Result<_, ReadError>> = looks.buffered(LOOKS).collect().await;
        for look in looked {
            let (guard, moved) = look?;
            if moved {
                self.ready.push_back(StaleGuards { position, stream: stream.clone(), guard });
            } else {
                self.revisions.put(guard.stream, guard.revision);
            }
        }
        Ok(())
    }
}

impl Shared {
    /// Whether what an event stood on had moved by the time it was written.
    async fn stale(&self, position: Position, guard: &Guard) -> Result<bool, ReadError> {
        let next = guard.revision.map_or(0, |revision| revision + 1);
        let page = crate::Page { frames: 1, bytes: 0 };
        let frames = self.stream_page(&guard.stream, next, page).await?;
        Ok(frames.first().is_some_and(|frame| frame.first_position < position))
    }
}
