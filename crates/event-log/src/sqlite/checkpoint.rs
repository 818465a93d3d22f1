//! Moving the WAL into the database beside the writer, so that a commit never waits for it.
//!
//! A passive checkpoint that the writer has overtaken copies pages but leaves their fsync to the one that
//! catches up, which is the one for which the writer pauses. So this thread syncs the database itself: else the
//! pause would wait for everything since the last one (measured: 40 to 100 ms instead of about 2).

use super::{OpenError, metrics::Counters, schema};
use crate::live::held;
use rusqlite::Connection;
use std::{
    fs::File,
    mem::ManuallyDrop,
    path::Path,
    sync::{Arc, Condvar, Mutex, PoisonError},
    thread::JoinHandle,
    time::Duration,
};

/// The writer's hold on the checkpoint thread.
pub(super) struct Checkpointer {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

struct Shared {
    wish: Mutex<Wish>,
    wished: Condvar,
    /// Checkpoints that have ended.
    ended: Mutex<u64>,
    end: Condvar,
    /// SQLite refuses a checkpoint while another runs; here the second one waits.
    running: Mutex<()>,
    /// Why a checkpoint failed, if one did.
    trouble: Mutex<Option<String>>,
    counters: Arc<Counters>,
}

#[derive(Default)]
struct Wish {
    checkpoint: bool,
    stop: bool,
}

impl Checkpointer {
    /// Starts the thread on a connection of its own.
    pub(super) fn start(dir: &Path, counters: Arc<Counters>) -> Result<Self, OpenError> {
        let connection = schema::open_writer(dir, None)?;
        let path = dir.join(schema::FILE);
        let io = |source| OpenError::Io { path: path.clone(), source };
        // Closing any handle on the file would drop the locks that SQLite holds on it in this process, so this
        // one stays open for as long as the process lives.
        let file = ManuallyDrop::new(File::open(&path).map_err(io)?);
        let shared = Arc::new(Shared {
            wish: Mutex::default(),
            wished: Condvar::new(),
            ended: Mutex::default(),
            end: Condvar::new(),
            running: Mutex::default(),
            trouble: Mutex::default(),
            counters,
        });
        let worker = shared.clone();
        let thread = std::thread::Builder::new()
            .name("log-checkpoint".into())
            .spawn(move || worker.run(&connection, &file))
            .map_err(io)?;
        Ok(Self { shared, thread: Some(thread) })
    }

    /// Asks for a passive checkpoint, unless one is asked for already.
    pub(super) fn wake(&self) {
        held(&self.shared.wish).checkpoint = true;
        self.shared.wished.notify_one();
    }

    /// Why a checkpoint failed, if one did. The disk refuses writes then, and the log must stop.
    pub(super) fn trouble(&self) -> Option<String> {
        held(&self.shared.trouble).take()
    }

    /// Waits for the end of a checkpoint, but no longer than this.
    pub(super) fn wait(&self, limit: Duration) {
        let ended = held(&self.shared.ended);
        let before = *ended;
        // Whether it ended or time did, the writer looks at the WAL again.
        let _ = self.shared.end.wait_timeout_while(ended, limit, |ended| *ended == before);
    }

    /// Starts the WAL afresh from the writer's own connection: waits for a running checkpoint, then copies
    /// the rest. False if readers kept the WAL in use.
    pub(super) fn restart(&self, writer: &Connection, mode: &str) -> rusqlite::Result<bool> {
        let _running = held(&self.shared.running);
        let (busy, _) = checkpoint(writer, mode)?;
        Ok(!busy)
    }
}

impl Drop for Checkpointer {
    fn drop(&mut self) {
        held(&self.shared.wish).stop = true;
        self.shared.wished.notify_one();
        if let Some(thread) = self.thread.take() {
            // It does not panic; if it did, there is nothing left to stop.
            let _ = thread.join();
        }
    }
}

impl Shared {
    fn run(&self, connection: &Connection, file: &File) {
        loop {
            let idle = |wish: &mut Wish| !wish.checkpoint && !wish.stop;
            let mut wish =
                self.wished.wait_while(held(&self.wish), idle).unwrap_or_else(PoisonError::into_inner);
            if wish.stop {
                return;
            }
            wish.checkpoint = false;
            drop(wish);
            if let Err(why) = self.passive(connection, file) {
                *held(&self.trouble) = Some(why);
            }
            *held(&self.ended) += 1;
            self.end.notify_all();
        }
    }
}

impl Shared {
    fn passive(&self, connection: &Connection, file: &File) -> Result<(), String> {
        let _running = held(&self.running);
        let (_, pages) = checkpoint(connection, "PASSIVE").map_err(|error| error.to_string())?;
        file.sync_data().map_err(|error| error.to_string())?;
        self.counters.wal_checkpointed(pages);
        Ok(())
    }
}

/// Runs a checkpoint: whether it was kept from finishing, and how many pages of the WAL are copied now.
fn checkpoint(connection: &Connection, mode: &str) -> rusqlite::Result<(bool, u64)> {
    connection.query_row(&format!("PRAGMA wal_checkpoint({mode})"), [], |row| {
        let pages: i64 = row.get(2)?;
        Ok((row.get::<_, i64>(0)? != 0, u64::try_from(pages).unwrap_or(0)))
    })
}
