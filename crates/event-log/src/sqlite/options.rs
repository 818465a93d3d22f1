//! How a SQLite log is opened, and why it may refuse.

use crate::Clock;
use std::{path::PathBuf, time::Duration};

/// How a [`SqliteLog`](super::SqliteLog) behaves. [`SqliteOptions::new`] gives what suits a server.
#[derive(Clone)]
pub struct SqliteOptions {
    /// Where recorded-at comes from.
    pub clock: Clock,
    /// The most appends that may wait for the writer; more answer `Overloaded`.
    pub queue_appends: usize,
    /// The most bytes that may wait for the writer, though one append always may.
    pub queue_bytes: usize,
    /// The most appends committed at once.
    pub drain_appends: usize,
    /// The most bytes committed at once, though one append always may be.
    pub drain_bytes: usize,
    /// How many stream ends the writer remembers.
    pub cached_streams: usize,
    /// The most bytes of recent frames kept in memory for subscribers and tail reads.
    pub recent_bytes: usize,
    /// The connections kept for reading.
    pub readers: usize,
    /// A passive checkpoint runs beside the writer whenever so many bytes of WAL await one.
    pub checkpoint_bytes: u64,
    /// At so many bytes of WAL the writer pauses between two commits and starts the WAL afresh. From half of it
    /// on it slows down; from a quarter on it starts afresh whenever little is left to copy.
    pub wal_limit_bytes: u64,
    /// The longest that this pause waits for readers before the writer goes on.
    pub pause_limit: Duration,
    /// The most 4 KiB pages that the database may have; `None` leaves it to the disk.
    pub max_pages: Option<u32>,
}

impl SqliteOptions {
    /// What suits a server.
    pub fn new(clock: Clock) -> Self {
        Self {
            clock,
            queue_appends: 8_192,
            queue_bytes: 64 << 20,
            drain_appends: 1_024,
            drain_bytes: 8 << 20,
            cached_streams: 65_536,
            recent_bytes: 32 << 20,
            readers: 4,
            checkpoint_bytes: 16 << 20,
            wal_limit_bytes: 256 << 20,
            pause_limit: Duration::from_millis(100),
            max_pages: None,
        }
    }
}

/// A directory that could not be opened, verified or copied.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// A file operation failed.
    #[error("cannot access {path}")]
    Io {
        /// The file or directory.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// Another process, or another log of this one, writes here.
    #[error("{path} is locked: another process has this log open")]
    Locked {
        /// The directory.
        path: PathBuf,
    },
    /// There is no log here.
    #[error("{path} does not exist")]
    Missing {
        /// The database file.
        path: PathBuf,
    },
    /// The target of a copy holds something already.
    #[error("{path} is not empty: a copy never overwrites anything")]
    Occupied {
        /// The target directory.
        path: PathBuf,
    },
    /// The file is something else.
    #[error("{path} is no event log: {what}")]
    NotALog {
        /// The database file.
        path: PathBuf,
        /// How that shows.
        what: String,
    },
    /// The file was written by a later program.
    #[error("{path} has log format {found}, this program knows formats up to {known}")]
    Format {
        /// The database file.
        path: PathBuf,
        /// The format of the file.
        found: i64,
        /// The newest format known.
        known: i64,
    },
    /// The file is damaged.
    #[error("{path} is corrupt: {what}")]
    Corrupt {
        /// The database file.
        path: PathBuf,
        /// What is wrong, and where.
        what: String,
    },
    /// SQLite refused.
    #[error("{path} cannot be opened as a database")]
    Database {
        /// The database file.
        path: PathBuf,
        /// Why.
        source: rusqlite::Error,
    },
}
