//! The bounded queue before the writer. An append's place in the log is its place here.

use crate::{
    AppendError, AppendOutcome, CommandKey, ExpectedRevision, Guard, StreamName, frame::Body, live::held,
};
use std::{
    collections::VecDeque,
    sync::{Condvar, Mutex, PoisonError},
};
use tokio::sync::oneshot;

/// What an append is answered.
pub(super) type Answer = Result<AppendOutcome, AppendError>;

/// An append on its way, laid out and hashed on its caller's thread.
pub(super) struct Job {
    pub(super) stream: StreamName,
    pub(super) expected: ExpectedRevision,
    pub(super) guards: Vec<Guard>,
    pub(super) command: Option<CommandKey>,
    pub(super) body: Body,
    pub(super) reply: oneshot::Sender<Answer>,
}

/// Why a job was not taken.
pub(super) enum Refused {
    Full,
    Closed,
}

pub(super) struct Queue {
    state: Mutex<State>,
    filled: Condvar,
    max_jobs: usize,
    max_bytes: usize,
}

#[derive(Default)]
struct State {
    jobs: VecDeque<Job>,
    bytes: usize,
    closed: bool,
}

impl Queue {
    pub(super) fn new(max_jobs: usize, max_bytes: usize) -> Self {
        Self { state: Mutex::default(), filled: Condvar::new(), max_jobs: max_jobs.max(1), max_bytes }
    }

    pub(super) fn push(&self, job: Job) -> Result<(), Refused> {
        let mut state = held(&self.state);
        if state.closed {
            return Err(Refused::Closed);
        }
        let bytes = state.bytes + job.body.bytes.len();
        if state.jobs.len() >= self.max_jobs || (bytes > self.max_bytes && !state.jobs.is_empty()) {
            return Err(Refused::Full);
        }
        state.bytes = bytes;
        state.jobs.push_back(job);
        drop(state);
        self.filled.notify_one();
        Ok(())
    }

    /// Moves what waits, up to the bounds but at least one job, to the end of `jobs`. Waits while the queue is
    /// empty; false once it is closed and empty.
    pub(super) fn drain(&self, jobs: &mut Vec<Job>, max_jobs: usize, max_bytes: usize) -> bool {
        let mut state = self
            .filled
            .wait_while(held(&self.state), |state| state.jobs.is_empty() && !state.closed)
            .unwrap_or_else(PoisonError::into_inner);
        let mut bytes = 0;
        let mut taken = 0;
        while let Some(next) = state.jobs.front() {
            let length = next.body.bytes.len();
            if taken > 0 && (taken >= max_jobs || bytes + length > max_bytes) {
                break;
            }
            bytes += length;
            taken += 1;
            jobs.extend(state.jobs.pop_front());
        }
        state.bytes -= bytes;
        taken > 0
    }

    /// Takes no more jobs.
    pub(super) fn close(&self) {
        held(&self.state).closed = true;
        self.filled.notify_all();
    }

    /// Jobs and bytes that wait.
    pub(super) fn depth(&self) -> (usize, usize) {
        let state = held(&self.state);
        (state.jobs.len(), state.bytes)
    }
}
