//! The writer: one thread that drains the queue, judges, writes and commits once per drain.

use super::{
    checkpoint::Checkpointer,
    metrics::Counters,
    options::SqliteOptions,
    queue::{Answer, Job, Queue},
    read::{last_revision, stored_command, stream_number},
    row::{place, signed},
    schema::{BUSY_TIMEOUT, INSERT_COMMAND, INSERT_FRAME, INSERT_STREAM},
};
use crate::{
    AppendError, AppendOutcome, CommandKey, Frame, Head, StoredCommand, StreamName,
    frame::{self, FORMAT, Header, Names, command_index_key, encode_command},
    judge::{Question, Standing, Verdict, View, judge},
    live::{Live, State},
};
use bytes::Bytes;
use lru::LruCache;
use rusqlite::{Connection, OptionalExtension, params};
use std::{
    sync::{Arc, atomic::Ordering::Relaxed},
    time::Duration,
};

/// The end of a stream as the writer sees it.
#[derive(Clone, Copy)]
struct StreamEnd {
    number: i64,
    revision: u64,
}

/// Everything the writer thread owns.
pub(super) struct Writer {
    pub(super) connection: Connection,
    pub(super) checkpointer: Checkpointer,
    pub(super) queue: Arc<Queue>,
    pub(super) live: Arc<Live>,
    pub(super) counters: Arc<Counters>,
    pub(super) options: SqliteOptions,
    pub(super) ends: Ends,
    /// The end of the log, with what is not committed yet.
    pub(super) head: Head,
    pub(super) next_stream: i64,
}

/// The stream ends that the writer remembers.
pub(super) struct Ends(LruCache<StreamName, StreamEnd>);

impl Ends {
    pub(super) fn new(capacity: usize) -> Self {
        Self(LruCache::new(capacity.try_into().unwrap_or(std::num::NonZeroUsize::MIN)))
    }
}

/// The wait after each commit while the WAL is above half of its limit.
const THROTTLE: Duration = Duration::from_millis(4);

/// Why the writer stops.
enum Failure {
    /// Before COMMIT: nothing of the drain was written.
    Refused(rusqlite::Error),
    /// At COMMIT: it may have been.
    Uncertain(rusqlite::Error),
    /// Between two drains: everything answered is safe in the WAL.
    Checkpoint(String),
}

/// Fails the log if the writer goes without having closed it, so that nobody waits for ever.
struct Farewell(Arc<Queue>, Arc<Live>);

impl Drop for Farewell {
    fn drop(&mut self) {
        self.0.close();
        self.1.end(State::Failed("the writer stopped unexpectedly".into()));
        // Dropping the jobs tells their callers.
        let mut jobs = Vec::new();
        while self.0.drain(&mut jobs, usize::MAX, usize::MAX) {}
    }
}

impl Writer {
    /// Writes until the queue is closed and empty, or the disk refuses.
    pub(super) fn run(mut self) {
        let _farewell = Farewell(self.queue.clone(), self.live.clone());
        let (max_jobs, max_bytes) = (self.options.drain_appends, self.options.drain_bytes);
        let mut jobs = Vec::new();
        while self.queue.drain(&mut jobs, max_jobs, max_bytes) {
            match self.commit(&mut jobs) {
                Ok(answers) => answer(jobs.drain(..).zip(answers)),
                Err(failure) => return self.fail(&failure, jobs),
            }
            if let Err(failure) = self.keep_wal_short() {
                return self.fail(&failure, jobs);
            }
        }
        if let Err(error) = self.checkpointer.restart(&self.connection, "TRUNCATE") {
            tracing::warn!(%error, "the last checkpoint of the log failed; the WAL stays");
        }
        self.live.end(State::Closed);
    }

    /// Judges and writes all jobs in one transaction, commits it and shows it to readers. The answers go out
    /// only afterwards, refusals too, because they stand on what was not durable before.
    fn commit(&mut self, jobs: &mut [Job]) -> Result<Vec<Answer>, Failure> {
        let mut frames = Vec::with_capacity(jobs.len());
        let mut answers = Vec::with_capacity(jobs.len());
        let now = (self.options.clock)();
        self.execute("BEGIN IMMEDIATE").map_err(Failure::Refused)?;
        for job in jobs {
            answers.push(self.append(job, now, &mut frames).map_err(Failure::Refused)?);
        }
        match frames.is_empty() {
            true => self.execute("COMMIT"),
            false => self.counters.timed(&self.options.clock, || self.execute("COMMIT")),
        }
        .map_err(Failure::Uncertain)?;
        let events: usize = frames.iter().map(|frame| frame.events.len()).sum();
        self.counters.commits.fetch_add(1, Relaxed);
        self.counters.frames.fetch_add(frames.len() as u64, Relaxed);
        self.counters.events.fetch_add(events as u64, Relaxed);
        self.live.publish(frames, self.head);
        Ok(answers)
    }

    /// Judges one job and writes it if it may be.
    fn append(&mut self, job: &mut Job, now: i64, frames: &mut Vec<Arc<Frame>>) -> rusqlite::Result<Answer> {
        let mut view = Uncommitted { connection: &self.connection, ends: &mut self.ends };
        let question = Question {
            stream: &job.stream,
            expected: job.expected,
            guards: &job.guards,
            command: job.command.as_ref(),
            events: &job.body.events,
        };
        Ok(match judge(&mut view, question)? {
            Verdict::Refuse(error) => {
                let moved = matches!(&error, AppendError::Conflict { stream, .. } if *stream != job.stream);
                self.counters.stale_guards.fetch_add(u64::from(moved), Relaxed);
                Err(error)
            }
            Verdict::Already(appended) => Ok(AppendOutcome::AlreadyAppended(appended)),
            Verdict::Write(first_revision) => {
                let frame = self.write(job, first_revision, now.max(self.head.recorded_at))?;
                let appended = frame.appended();
                frames.push(frame);
                Ok(AppendOutcome::Appended(appended))
            }
        })
    }

    /// Writes a frame and what the indexes need of it.
    fn write(
        &mut self,
        job: &mut Job,
        first_revision: u64,
        recorded_at: i64,
    ) -> rusqlite::Result<Arc<Frame>> {
        let events = job.body.events.len() as u32;
        let place = frame::place(self.head.position, first_revision, u64::from(events), recorded_at);
        let command = job.command.as_ref().map(encode_command).unwrap_or_default();
        let header = Header {
            format: FORMAT,
            first_position: place.first_position.0,
            first_revision,
            events,
            recorded_at,
            stream: job.stream.as_str(),
            command: &command,
            body_length: job.body.bytes.len() as u64,
        };
        let seal = header.seal(job.body.crc, &job.body.digest, &self.head.hash);
        let number = self.stream_number(&job.stream)?;
        self.connection.prepare_cached(INSERT_FRAME)?.execute(params![
            signed(place.first_position.0),
            FORMAT,
            number,
            signed(first_revision),
            events,
            recorded_at,
            seal.crc,
            seal.hash,
            job.stream.as_str(),
            command,
            &job.body.bytes[..],
        ])?;
        if let Some(CommandKey { scope, id, digest }) = &job.command {
            let key = command_index_key(scope, id);
            let position = signed(place.first_position.0);
            self.connection.prepare_cached(INSERT_COMMAND)?.execute(params![key, digest, position])?;
        }
        let end = StreamEnd { number, revision: place.last_revision };
        self.ends.0.put(job.stream.clone(), end);
        self.head = Head { position: place.last_position, recorded_at, hash: seal.hash };
        Ok(Frame::new(job.stream.clone(), &place, std::mem::take(&mut job.body.events)))
    }

    /// The number of a stream; a new one gets the next.
    fn stream_number(&mut self, stream: &StreamName) -> rusqlite::Result<i64> {
        let mut view = Uncommitted { connection: &self.connection, ends: &mut self.ends };
        if let Some(end) = view.end(stream)? {
            return Ok(end.number);
        }
        let number = self.next_stream;
        self.connection.prepare_cached(INSERT_STREAM)?.execute(params![stream.as_str(), number])?;
        self.next_stream += 1;
        Ok(number)
    }

    /// Keeps the WAL below its limit. A passive checkpoint alone never starts it afresh under load, because each
    /// commit puts new pages behind it; so the writer does, between two commits. From a quarter of the limit on
    /// it does so as soon as little is left to copy. From half of it on it waits a little after each commit, so
    /// that the checkpoint thread catches up: many short waits instead of a long one. At the limit it pauses
    /// for however long it takes.
    fn keep_wal_short(&mut self) -> Result<(), Failure> {
        if let Some(why) = self.checkpointer.trouble() {
            return Err(Failure::Checkpoint(why));
        }
        let (bytes, pending) = (self.counters.wal_bytes(), self.counters.wal_bytes_pending());
        let limit = self.options.wal_limit_bytes;
        if pending >= self.options.checkpoint_bytes || (bytes >= limit / 2 && pending > 0) {
            self.checkpointer.wake();
        }
        if bytes >= limit || (bytes >= limit / 4 && pending <= limit / 128) {
            self.pause().map_err(|error| Failure::Checkpoint(error.to_string()))?;
        } else if bytes >= limit / 2 {
            self.counters.throttled.fetch_add(1, Relaxed);
            self.checkpointer.wait(THROTTLE);
        }
        Ok(())
    }

    /// Copies the rest of the WAL and starts it afresh.
    fn pause(&mut self) -> rusqlite::Result<()> {
        let start = (self.options.clock)();
        let restarted = self.restart_wal()?;
        let micros = (self.options.clock)().saturating_sub(start);
        self.counters.paused(u64::try_from(micros).unwrap_or(0), !restarted);
        match restarted {
            true => self.counters.wal_has(0),
            false => tracing::warn!(bytes = self.counters.wal_bytes(), "readers hold the WAL of the log"),
        }
        Ok(())
    }

    fn restart_wal(&self) -> rusqlite::Result<bool> {
        self.connection.busy_timeout(self.options.pause_limit)?;
        let restarted = self.checkpointer.restart(&self.connection, "RESTART");
        self.connection.busy_timeout(BUSY_TIMEOUT)?;
        restarted
    }

    /// Ends the log after a write that failed. It is never tried again: what a failed fsync left on the disk,
    /// only the next process can find out by reading.
    fn fail(self, failure: &Failure, jobs: Vec<Job>) {
        let (why, unknown) = match failure {
            Failure::Refused(error) => (format!("a write failed: {error}"), false),
            Failure::Uncertain(error) => (format!("a commit failed: {error}"), true),
            Failure::Checkpoint(why) => (format!("a checkpoint failed: {why}"), false),
        };
        tracing::error!(%why, "the log has failed");
        if !self.connection.is_autocommit() {
            // If this fails too, closing the connection does the same.
            let _ = self.execute("ROLLBACK");
        }
        self.live.end(State::Failed(why.as_str().into()));
        self.queue.close();
        let mut pending = jobs;
        while self.queue.drain(&mut pending, usize::MAX, usize::MAX) {}
        let error = match unknown {
            true => AppendError::Unknown(why),
            false => AppendError::Unavailable(why),
        };
        answer(pending.into_iter().map(|job| (job, Err(error.clone()))));
    }

    fn execute(&self, sql: &str) -> rusqlite::Result<()> {
        self.connection.prepare_cached(sql)?.execute([]).map(drop)
    }
}

/// Sends the answers. A caller that no longer waits finds its own in the log.
fn answer(answers: impl Iterator<Item = (Job, Answer)>) {
    for (job, answer) in answers {
        let _ = job.reply.send(answer);
    }
}

/// The log as the writer sees it inside its transaction.
struct Uncommitted<'w> {
    connection: &'w Connection,
    ends: &'w mut Ends,
}

impl Uncommitted<'_> {
    fn end(&mut self, stream: &StreamName) -> rusqlite::Result<Option<StreamEnd>> {
        if let Some(end) = self.ends.0.get(stream) {
            return Ok(Some(*end));
        }
        let Some(number) = stream_number(self.connection, stream)? else { return Ok(None) };
        let Some(revision) = last_revision(self.connection, number)? else { return Ok(None) };
        let end = StreamEnd { number, revision };
        self.ends.0.put(stream.clone(), end);
        Ok(Some(end))
    }
}

impl View for Uncommitted<'_> {
    type Error = rusqlite::Error;

    fn revision(&mut self, stream: &StreamName) -> rusqlite::Result<Option<u64>> {
        Ok(self.end(stream)?.map(|end| end.revision))
    }

    fn command(&mut self, key: &CommandKey) -> rusqlite::Result<Option<StoredCommand>> {
        stored_command(self.connection, &command_index_key(&key.scope, &key.id))
    }

    fn frame_from(&mut self, stream: &StreamName, first_revision: u64) -> rusqlite::Result<Option<Standing>> {
        let Some(end) = self.end(stream)? else { return Ok(None) };
        self.connection
            .prepare_cached(
                "SELECT first_position, first_revision, events, recorded_at, body FROM frames \
                 WHERE stream = ?1 AND first_revision = ?2",
            )?
            .query_row(params![end.number, signed(first_revision)], |row| {
                let place = place(row)?;
                let body = Bytes::from(row.get::<_, Vec<u8>>(4)?);
                // A body that cannot be read is no retry of anything; readers report it.
                let events = frame::decode(body, row.get(2)?, &mut Names::default()).unwrap_or_default();
                Ok((place, events.iter().map(|event| event.id).collect()))
            })
            .optional()
    }
}
