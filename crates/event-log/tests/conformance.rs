//! The conformance suite on the engines of this crate.

use event_log::{Clock, MemoryLog, SqliteLog, SqliteOptions, conformance::Harness};
use std::{sync::Arc, sync::Mutex};
use tempfile::TempDir;

struct Memory;

impl Harness for Memory {
    type Log = MemoryLog;

    fn open(&self, clock: Clock) -> Arc<MemoryLog> {
        MemoryLog::new(clock)
    }
}

/// Logs in directories that live as long as the test.
#[derive(Default)]
struct Sqlite(Mutex<Vec<TempDir>>);

impl Harness for Sqlite {
    type Log = SqliteLog;

    fn open(&self, clock: Clock) -> Arc<SqliteLog> {
        let dir = tempfile::tempdir().unwrap();
        // Small bounds, so that a short test passes them: disk and memory take turns in serving readers.
        let options = SqliteOptions {
            recent_bytes: 4_096,
            drain_appends: 16,
            cached_streams: 2,
            readers: 2,
            checkpoint_bytes: 64 << 10,
            wal_limit_bytes: 256 << 10,
            ..SqliteOptions::new(clock)
        };
        let log = SqliteLog::open(dir.path(), options).unwrap();
        self.0.lock().unwrap().push(dir);
        log
    }
}

mod memory {
    event_log::conformance_tests!(super::Memory);
}

mod sqlite {
    event_log::conformance_tests!(super::Sqlite::default());
}
