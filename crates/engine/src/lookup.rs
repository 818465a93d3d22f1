//! What one context needs of another: folded from that context's events, cached, and checked by guards.

use std::{num::NonZeroUsize, sync::Arc};

use event_log::{EventLog, Guard, Page, StreamName};
use lru::LruCache;

use crate::{
    aggregate::Aggregate,
    error::Refusal,
    read::{read_events, refusal_of_read},
};

/// A state and the revision at which it stood.
pub struct Known<D: Aggregate> {
    /// The state.
    pub state: Arc<D::State>,
    /// The revision of the stream; `None`: it does not exist.
    pub revision: Option<u64>,
    stream: StreamName,
}

impl<D: Aggregate> Known<D> {
    /// The guard with which a decision stands on it.
    pub fn guard(&self) -> Guard {
        Guard { stream: self.stream.clone(), revision: self.revision }
    }
}

impl<D: Aggregate> Clone for Known<D> {
    fn clone(&self) -> Self {
        Self { state: self.state.clone(), revision: self.revision, stream: self.stream.clone() }
    }
}

/// The states of another context's aggregates.
pub struct Lookup<D: Aggregate> {
    log: Arc<dyn EventLog>,
    cache: std::sync::Mutex<LruCache<StreamName, Known<D>>>,
}

impl<D: Aggregate<State: Clone>> Lookup<D> {
    /// States over a log, of which at most `capacity` are kept.
    pub fn new(log: Arc<dyn EventLog>, capacity: NonZeroUsize) -> Self {
        Self { log, cache: std::sync::Mutex::new(LruCache::new(capacity)) }
    }

    /// The state as it stood when it was last looked up, or as it stands now if it never was. Enough where a
    /// guard checks it: if it has moved, ask for [`now`](Self::now) and decide again.
    pub async fn recent(&self, stream: &StreamName) -> Result<Known<D>, Refusal> {
        match self.cached(stream) {
            Some(known) => Ok(known),
            None => self.now(stream).await,
        }
    }

    /// The state as it durably stands now.
    pub async fn now(&self, stream: &StreamName) -> Result<Known<D>, Refusal> {
        let durable = self.log.stream_revision(stream).await.map_err(refusal_of_read)?;
        let cached = self.cached(stream);
        if let Some(known) = &cached
            && known.revision == durable
        {
            return Ok(known.clone());
        }
        // A stream never shrinks, so what is cached is a part of its history.
        let (mut state, mut next) = match cached {
            Some(known) => (D::State::clone(&known.state), known.revision.map_or(0, |revision| revision + 1)),
            None => (D::State::default(), 0),
        };
        while durable.is_some_and(|durable| next <= durable) {
            let events = read_events::<D::Event>(&*self.log, stream, next, Page::default()).await?;
            let Some((revision, _)) = events.last() else { break };
            let end = revision + 1;
            state = events.iter().fold(state, |state, (_, event)| D::evolve(state, event));
            next = end;
        }
        let known = Known { state: Arc::new(state), revision: next.checked_sub(1), stream: stream.clone() };
        self.cache().put(stream.clone(), known.clone());
        Ok(known)
    }

    fn cached(&self, stream: &StreamName) -> Option<Known<D>> {
        self.cache().get(stream).cloned()
    }

    fn cache(&self) -> std::sync::MutexGuard<'_, LruCache<StreamName, Known<D>>> {
        self.cache.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}
