//! The embedded engine: one SQLite database in WAL mode, one writer thread with group commit.
//!
//! An append is laid out and hashed on its caller's thread and takes its place in a bounded queue. The writer
//! drains the queue, judges and writes everything in it in one transaction and commits once, which is one
//! fsync of the WAL; then it publishes the frames to readers and answers. A second thread copies the WAL into
//! the database meanwhile. Readers have connections of their own and never wait for the writer.

mod backup;
mod checkpoint;
mod metrics;
mod options;
mod queue;
mod read;
mod row;
mod schema;
mod tail;
mod verify;
mod walk;
mod writer;

pub use backup::{BackupReport, backup};
pub use metrics::{CommitObserver, Metrics};
pub use options::{OpenError, SqliteOptions};
pub use verify::{Finding, MAX_FINDINGS, Place, VerifyReport, verify};

use crate::{
    Append, AppendError, AppendOutcome, EventFeed, EventLog, Frame, Head, Page, Position, ReadError,
    StoredCommand, StreamName,
    frame::Body,
    limits,
    live::{Live, Pages, State, follow, held, up_to},
};
use checkpoint::Checkpointer;
use futures::{future::BoxFuture, stream::BoxStream};
use metrics::Counters;
use queue::{Job, Queue, Refused};
use read::Pool;
use std::{
    fs::{File, TryLockError},
    path::Path,
    sync::{Arc, Mutex, atomic::Ordering::Relaxed},
    thread::JoinHandle,
};
use tokio::sync::oneshot;
use writer::{Ends, Writer};

/// A log in a directory of its own.
///
/// Dropping it closes it and waits for the writer to commit what is queued.
pub struct SqliteLog {
    queue: Arc<Queue>,
    counters: Arc<Counters>,
    view: Arc<View>,
    writer: Arc<Mutex<Option<JoinHandle<()>>>>,
}

/// What readers and feeds need; it may outlive the log that they came from.
struct View {
    live: Arc<Live>,
    pool: Arc<Pool>,
}

impl SqliteLog {
    /// Opens the log in a directory, or makes an empty one if there is none. The directory is locked until
    /// the log is closed. The end of the log is checked; [`verify`](crate::verify) checks all of it.
    pub fn open(dir: &Path, options: SqliteOptions) -> Result<Arc<Self>, OpenError> {
        std::fs::create_dir_all(dir).map_err(|source| OpenError::Io { path: dir.into(), source })?;
        let lock = lock(dir)?;
        if !exists(dir)? {
            schema::create(dir)?;
        }
        let mut connection = schema::open_writer(dir, options.max_pages)?;
        let tail = tail::load(&connection, &dir.join(schema::FILE))?;

        let counters = Arc::new(Counters::default());
        let hook = counters.clone();
        connection
            .wal_hook(Some(move |_: &mut rusqlite::hooks::Wal, pages: i32| {
                hook.wal_has(u64::try_from(pages).unwrap_or(0));
                Ok(())
            }))
            .map_err(|error| schema::opening(&dir.join(schema::FILE), error))?;
        let io = |source| OpenError::Io { path: dir.into(), source };
        let checkpointer = Checkpointer::start(dir, counters.clone())?;
        let pool = Pool::open(dir, options.readers)?;
        let live = Arc::new(Live::new(tail.head, options.recent_bytes));
        let queue = Arc::new(Queue::new(options.queue_appends, options.queue_bytes));
        let writer = Writer {
            connection,
            checkpointer,
            queue: queue.clone(),
            live: live.clone(),
            counters: counters.clone(),
            ends: Ends::new(options.cached_streams),
            options,
            head: tail.head,
            next_stream: tail.next_stream,
        };
        let thread = std::thread::Builder::new().name("log-writer".into()).spawn(move || {
            writer.run();
            drop(lock);
        });
        let writer = Arc::new(Mutex::new(Some(thread.map_err(io)?)));
        Ok(Arc::new(Self { queue, counters, view: Arc::new(View { live, pool }), writer }))
    }

    /// What the log has done and how it stands.
    pub fn metrics(&self) -> Metrics {
        let (appends, bytes) = self.queue.depth();
        self.counters.snapshot(appends, bytes)
    }

    /// Tells an observer how long commits take by the log's clock, from here on. The first observer is told; there is
    /// room for one.
    pub fn observe_commits(&self, observer: CommitObserver) {
        let _ = self.counters.commit_observer.set(observer);
    }

    /// Takes the append's place in the queue.
    fn enqueue(&self, append: Append) -> Result<oneshot::Receiver<queue::Answer>, AppendError> {
        limits::check(&append)?;
        let body = Body::new(&append.events);
        let Append { stream, expected, guards, command, events: _ } = append;
        let (reply, answer) = oneshot::channel();
        match self.queue.push(Job { stream, expected, guards, command, body, reply }) {
            Ok(()) => Ok(answer),
            Err(Refused::Full) => {
                self.counters.overloaded.fetch_add(1, Relaxed);
                Err(AppendError::Overloaded)
            }
            Err(Refused::Closed) => Err(AppendError::Unavailable(match self.view.live.state() {
                State::Failed(why) => format!("it has failed: {why}"),
                State::Open | State::Closed => "it is closed".into(),
            })),
        }
    }
}

/// Takes the directory for this process.
fn lock(dir: &Path) -> Result<File, OpenError> {
    let path = dir.join(schema::LOCK_FILE);
    let file = File::options().create(true).truncate(false).write(true).open(&path);
    let file = file.map_err(|source| OpenError::Io { path: path.clone(), source })?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(OpenError::Locked { path: dir.into() }),
        Err(TryLockError::Error(source)) => Err(OpenError::Io { path, source }),
    }
}

/// Whether there is a log. A WAL without its database is not an empty directory.
fn exists(dir: &Path) -> Result<bool, OpenError> {
    let path = dir.join(schema::FILE);
    let wal = dir.join(format!("{}-wal", schema::FILE));
    match (path.exists(), wal.exists()) {
        (true, _) => Ok(true),
        (false, false) => Ok(false),
        (false, true) => {
            let what = format!("it is missing, but {} stands beside it", wal.display());
            Err(OpenError::Corrupt { path, what })
        }
    }
}

impl Pages for View {
    fn live(&self) -> &Live {
        &self.live
    }

    fn page_after(
        self: &Arc<Self>,
        after: Position,
    ) -> BoxFuture<'static, Result<Vec<Arc<Frame>>, ReadError>> {
        self.after(after, Page::default())
    }
}

impl View {
    fn after(&self, after: Position, page: Page) -> BoxFuture<'static, Result<Vec<Arc<Frame>>, ReadError>> {
        let head = self.live.head().position;
        match self.live.recent_after(after, page) {
            Some(frames) => Box::pin(std::future::ready(Ok(up_to(head, frames)))),
            None => self.pool.read(move |reader| Ok(up_to(head, reader.after(after, page)?))),
        }
    }
}

impl EventLog for SqliteLog {
    fn append(&self, append: Append) -> BoxFuture<'static, Result<AppendOutcome, AppendError>> {
        let answer = self.enqueue(append);
        Box::pin(async move {
            let lost = |_| AppendError::Unknown("the writer stopped unexpectedly".into());
            answer?.await.map_err(lost)?
        })
    }

    fn read_stream(
        &self,
        stream: &StreamName,
        from_revision: u64,
        page: Page,
    ) -> BoxFuture<'static, Result<Vec<Arc<Frame>>, ReadError>> {
        let stream = stream.clone();
        self.view.pool.read(move |reader| reader.stream(&stream, from_revision, page))
    }

    fn read_all(
        &self,
        after: Position,
        page: Page,
    ) -> BoxFuture<'static, Result<Vec<Arc<Frame>>, ReadError>> {
        self.view.after(after, page)
    }

    fn frame_at(&self, position: Position) -> BoxFuture<'static, Result<Option<Arc<Frame>>, ReadError>> {
        let Some(before) = position.0.checked_sub(1).map(Position) else {
            return Box::pin(std::future::ready(Ok(None)));
        };
        let one = Page { frames: 1, bytes: 0 };
        if let Some(frames) = self.view.live.recent_after(before, one) {
            return Box::pin(std::future::ready(Ok(frames.into_iter().next())));
        }
        self.view.pool.look_up(move |reader| Ok(reader.after(before, one)?.into_iter().next()))
    }

    fn head(&self) -> Head {
        self.view.live.head()
    }

    fn stream_revision(&self, stream: &StreamName) -> BoxFuture<'static, Result<Option<u64>, ReadError>> {
        let stream = stream.clone();
        self.view.pool.look_up(move |reader| reader.revision(&stream))
    }

    fn find_command(
        &self,
        _: &StreamName,
        scope: [u8; 16],
        id: &str,
    ) -> BoxFuture<'static, Result<Option<StoredCommand>, ReadError>> {
        let id = id.to_owned();
        self.view.pool.look_up(move |reader| reader.command(&scope, &id))
    }

    fn position_at(&self, recorded_at: i64) -> BoxFuture<'static, Result<Position, ReadError>> {
        let head = self.head();
        self.view.pool.look_up(move |reader| reader.position_at(recorded_at, head))
    }

    fn failed(&self) -> BoxFuture<'static, Option<Arc<str>>> {
        self.view.live.failed()
    }

    fn close(&self) -> BoxFuture<'static, ()> {
        self.queue.close();
        let (pool, writer) = (self.view.pool.clone(), self.writer.clone());
        Box::pin(async move {
            let closing = tokio::task::spawn_blocking(move || join(&pool, &writer));
            // The closure does not panic; were it so, the log would be closed all the same.
            let _ = closing.await;
        })
    }
}

impl EventFeed for SqliteLog {
    fn subscribe(&self, after: Position) -> BoxStream<'static, Result<Arc<Frame>, ReadError>> {
        follow(self.view.clone(), after)
    }

    fn reached(&self, position: Position) -> BoxFuture<'static, Result<(), ReadError>> {
        self.view.live.reached(position)
    }
}

impl Drop for SqliteLog {
    fn drop(&mut self) {
        self.queue.close();
        join(&self.view.pool, &self.writer);
    }
}

/// Waits for the writer, which holds the directory's lock, to end. Readers go first, so that its last
/// checkpoint can empty the WAL. The second of two closings waits for the first.
fn join(pool: &Pool, writer: &Mutex<Option<JoinHandle<()>>>) {
    let mut writer = held(writer);
    pool.close();
    if let Some(thread) = writer.take() {
        // A writer that panicked has failed the log and said so.
        let _ = thread.join();
    }
}
