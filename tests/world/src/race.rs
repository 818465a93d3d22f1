//! Somebody else who is faster: a log in which something happens just before an append.

use std::{
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
};

use domain::id::OrganisationId;
use event_log::{
    Append, AppendError, AppendOutcome, EventLog, Frame, Head, Page, Position, ReadError, StoredCommand,
    StreamName,
};
use tonic::Status;

use crate::{World, reason};

type Later<T> = Pin<Box<dyn Future<Output = T> + Send>>;

/// A log before whose next append something else happens: what a decision stood on moves after it was made.
pub struct Race {
    log: Arc<dyn EventLog>,
    first: Mutex<Option<Later<()>>>,
}

impl Race {
    /// A race on a log; until somebody is entered there is none.
    pub fn on(log: Arc<dyn EventLog>) -> Arc<Self> {
        Arc::new(Self { log, first: Mutex::new(None) })
    }

    /// What happens before the next append.
    pub fn before_the_next_append(&self, first: impl Future<Output = ()> + Send + 'static) {
        *self.first() = Some(Box::pin(first));
    }

    /// Whether what was entered has happened.
    pub fn is_run(&self) -> bool {
        self.first().is_none()
    }

    /// The contract of an organisation is paused before the next append.
    pub fn pauses(&self, world: &World, applicant: OrganisationId) {
        let (world, contract) = (world.clone(), World::contract_id(applicant));
        self.before_the_next_append(async move { world.pause(contract).await });
    }

    /// Fails unless a call was refused because the contract that a field names was paused meanwhile.
    pub fn lost<T>(&self, outcome: Result<T, Status>, field: &str) {
        assert_eq!(reason(outcome), ("CONTRACT_NOT_IN_FORCE".into(), field.into()));
        assert!(self.is_run());
    }

    fn first(&self) -> std::sync::MutexGuard<'_, Option<Later<()>>> {
        self.first.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl EventLog for Race {
    fn append(&self, append: Append) -> Later<Result<AppendOutcome, AppendError>> {
        let (first, log) = (self.first().take(), self.log.clone());
        match first {
            None => log.append(append),
            Some(first) => Box::pin(async move {
                first.await;
                log.append(append).await
            }),
        }
    }

    fn read_stream(
        &self,
        stream: &StreamName,
        from_revision: u64,
        page: Page,
    ) -> Later<Result<Vec<Arc<Frame>>, ReadError>> {
        self.log.read_stream(stream, from_revision, page)
    }

    fn read_all(&self, after: Position, page: Page) -> Later<Result<Vec<Arc<Frame>>, ReadError>> {
        self.log.read_all(after, page)
    }

    fn frame_at(&self, position: Position) -> Later<Result<Option<Arc<Frame>>, ReadError>> {
        self.log.frame_at(position)
    }

    fn head(&self) -> Head {
        self.log.head()
    }

    fn stream_revision(&self, stream: &StreamName) -> Later<Result<Option<u64>, ReadError>> {
        self.log.stream_revision(stream)
    }

    fn find_command(
        &self,
        stream: &StreamName,
        scope: [u8; 16],
        id: &str,
    ) -> Later<Result<Option<StoredCommand>, ReadError>> {
        self.log.find_command(stream, scope, id)
    }

    fn position_at(&self, recorded_at: i64) -> Later<Result<Position, ReadError>> {
        self.log.position_at(recorded_at)
    }
}
