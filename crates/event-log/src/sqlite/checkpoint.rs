//! Moving the WAL into the database beside the writer, so that a commit never waits for it.

use super::{metrics::Counters, schema};
use crate::live::held;
use rusqlite::Connection;
use std::{
    sync::{Arc, Condvar, Mutex, PoisonError},
    thread::JoinHandle,
};

/// The writer's hold on the checkpoint thread.
pub(super) struct Checkpointer {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

struct Shared {
    wish: Mutex<Wish>,
    wished: Condvar,
    /// SQLite refuses a checkpoint while another runs; here the second one waits.
    running: Mutex<()>,
    counters: Arc<Counters>,
}

#[derive(Default)]
struct Wish {
    checkpoint: bool,
    stop: bool,
}

impl Checkpointer {
    /// Starts the thread on a connection of its own.
    pub(super) fn start(connection: Connection, counters: Arc<Counters>) -> std::io::Result<Self> {
        let shared = Arc::new(Shared {
            wish: Mutex::default(),
            wished: Condvar::new(),
            running: Mutex::default(),
            counters,
        });
        let worker = shared.clone();
        let thread = std::thread::Builder::new()
            .name("log-checkpoint".into())
            .spawn(move || worker.run(&connection))?;
        Ok(Self { shared, thread: Some(thread) })
    }

    /// Asks for a passive checkpoint, unless one is asked for already.
    pub(super) fn wake(&self) {
        held(&self.shared.wish).checkpoint = true;
        self.shared.wished.notify_one();
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
    fn run(&self, connection: &Connection) {
        loop {
            let idle = |wish: &mut Wish| !wish.checkpoint && !wish.stop;
            let mut wish =
                self.wished.wait_while(held(&self.wish), idle).unwrap_or_else(PoisonError::into_inner);
            if wish.stop {
                return;
            }
            wish.checkpoint = false;
            drop(wish);
            let _running = held(&self.running);
            match checkpoint(connection, "PASSIVE") {
                Ok((_, pages)) => self.counters.wal_checkpointed(pages),
                // The frames are safe in the WAL; the writer meets the same disk and decides.
                Err(error) => tracing::warn!(%error, "a checkpoint of the log failed"),
            }
        }
    }
}

/// Runs a checkpoint: whether it was kept from finishing, and how many pages of the WAL are copied now.
fn checkpoint(connection: &Connection, mode: &str) -> rusqlite::Result<(bool, u64)> {
    connection.query_row(&format!("PRAGMA wal_checkpoint({mode})"), [], |row| {
        let pages: i64 = row.get(2)?;
        Ok((row.get::<_, i64>(0)? != 0, u64::try_from(pages).unwrap_or(0)))
    })
}

/// A connection for the checkpoint thread.
pub(super) fn connect(dir: &std::path::Path) -> Result<Connection, super::OpenError> {
    schema::open_writer(dir, None)
}
