//! The disk beside the log: snapshots of folds and aggregates, and tables of what folds no longer hold in
//! memory. Everything here can be deleted and is built again from the log.

use std::{path::Path, sync::Mutex};

use event_log::StreamName;
use rusqlite::{Connection, OptionalExtension, config::DbConfig, params};

use crate::{
    mark::Mark,
    shard::Shard,
    snapshot::{KeptSnapshot, SnapshotStore},
    store_error::StoreError,
};

/// A row of a fold's table: a key, the position from which it holds, and a value.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct HistoryRow {
    /// The key. Rows are found by key and by order of keys.
    pub key: Vec<u8>,
    /// The position to which the row belongs.
    pub position: u64,
    /// The value.
    pub value: Vec<u8>,
}

/// A fold's state as it was kept: everything up to a position, and its canonical bytes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct StoredFold {
    /// Everything up to here was examined.
    pub end: Mark,
    /// Canonical bytes.
    pub bytes: Vec<u8>,
}

/// The file of one fold or of a shard of it, or of the aggregates' snapshots.
pub struct Store {
    connection: Mutex<Connection>,
    path: String,
    shard: Shard,
}

const SCHEMA: &str = "
    CREATE TABLE fold (
        id INTEGER PRIMARY KEY CHECK (id = 0), version INTEGER NOT NULL, mark BLOB NOT NULL, bytes BLOB NOT NULL
    );
    CREATE TABLE history (
        key BLOB NOT NULL, position INTEGER NOT NULL, value BLOB NOT NULL, PRIMARY KEY (key, position)
    ) WITHOUT ROWID;
    CREATE TABLE shard (
        id INTEGER PRIMARY KEY CHECK (id = 0), number INTEGER NOT NULL, count INTEGER NOT NULL
    );
    CREATE TABLE snapshot (
        stream TEXT PRIMARY KEY, version INTEGER NOT NULL, mark BLOB NOT NULL, bytes BLOB NOT NULL
    ) WITHOUT ROWID;
";

/// Raised with the tables: a file of another form is emptied, whoever opens it, and built again.
const FORM: u32 = 1;

fn make_tables(connection: &Connection) -> rusqlite::Result<()> {
    let form: u32 = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
    if form != FORM {
        let tables = "DROP TABLE IF EXISTS fold; DROP TABLE IF EXISTS history; DROP TABLE IF EXISTS shard;
             DROP TABLE IF EXISTS snapshot;";
        connection
            .execute_batch(&format!("BEGIN; {tables} {SCHEMA} PRAGMA user_version = {FORM}; COMMIT;"))?;
    }
    Ok(())
}

impl Store {
    /// Opens or makes the file.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        Self::with(Connection::open(path), path.display().to_string())
    }

    /// A store without a file.
    pub fn in_memory() -> Result<Self, StoreError> {
        Self::with(Connection::open_in_memory(), "in memory".to_owned())
    }

    fn with(connection: rusqlite::Result<Connection>, path: String) -> Result<Self, StoreError> {
        let failed = |error: rusqlite::Error| StoreError { path: path.clone(), what: error.to_string() };
        let connection = connection.map_err(failed)?;
        // Prepared statements keep their plans, whatever is bound to them.
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true).map_err(failed)?;
        // What is lost with the machine's power is built again: no fsync for each commit.
        connection
            .execute_batch("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;")
            .and_then(|()| make_tables(&connection))
            .map_err(failed)?;
        Ok(Self { connection: Mutex::new(connection), path, shard: Shard::WHOLE })
    }

    /// The same file, for a shard of a fold: what it holds of another one is as good as nothing.
    pub fn for_shard(self, shard: Shard) -> Self {
        Self { shard, ..self }
    }

    /// For which shard it is.
    pub const fn shard(&self) -> Shard {
        self.shard
    }

    /// The kept state of a fold. One of another version or shard, or one that is damaged, is discarded with its
    /// table.
    pub fn load_fold(&self, version: u32) -> Result<Option<StoredFold>, StoreError> {
        let kept = self.peek_fold(version).unwrap_or_else(|error| {
            tracing::warn!(%error, "a snapshot cannot be read; its projection is built again");
            None
        });
        if kept.is_none() {
            self.clear()?;
        }
        Ok(kept)
    }

    /// The kept state of a fold, if it is of this version and shard; nothing is discarded.
    pub fn peek_fold(&self, version: u32) -> Result<Option<StoredFold>, StoreError> {
        let shard = self.kept_shard()?;
        let stored = self.run(|connection| {
            connection
                .query_row("SELECT version, mark, bytes FROM fold", [], |row| {
                    Ok((row.get::<_, u32>(0)?, row.get::<_, Vec<u8>>(1)?, row.get::<_, Vec<u8>>(2)?))
                })
                .optional()
        })?;
        let stored = stored.filter(|(kept, _, _)| *kept == version && shard == Some(self.shard));
        let Some((_, mark, sealed)) = stored else { return Ok(None) };
        let (end, bytes) = self.open_marked(&mark, sealed)?;
        Ok(Some(StoredFold { end, bytes }))
    }

    /// Of which shard the kept state is; `None`: of none that there can be, or there is none.
    fn kept_shard(&self) -> Result<Option<Shard>, StoreError> {
        self.run(|connection| {
            let read = |row: &rusqlite::Row<'_>| Ok(Shard::new(row.get(0)?, row.get(1)?));
            connection.query_row("SELECT number, count FROM shard", [], read).optional().map(Option::flatten)
        })
    }

    /// Forgets everything of the fold.
    pub fn clear(&self) -> Result<(), StoreError> {
        const SQL: &str = "DELETE FROM fold; DELETE FROM history; DELETE FROM shard;";
        self.run(|connection| connection.execute_batch(SQL))
    }

    /// Keeps a fold's state and the rows that it let go of, in one transaction.
    pub fn save_fold(&self, version: u32, fold: &StoredFold, rows: &[HistoryRow]) -> Result<(), StoreError> {
        let mark = fold.end.encode();
        self.run(|connection| {
            let transaction = connection.transaction()?;
            {
                let mut insert = transaction.prepare_cached(
                    "INSERT OR REPLACE INTO history (key, position, value) VALUES (?, ?, ?)",
                )?;
                for row in rows {
                    let sealed = seal(&[&row.key, &row.position.to_be_bytes()], &row.value);
                    insert.execute(params![row.key, row.position as i64, sealed])?;
                }
                transaction.execute(
                    "INSERT OR REPLACE INTO fold (id, version, mark, bytes) VALUES (0, ?, ?, ?)",
                    params![version, mark, seal(&[&mark], &fold.bytes)],
                )?;
                transaction.execute(
                    "INSERT OR REPLACE INTO shard (id, number, count) VALUES (0, ?, ?)",
                    params![self.shard.number(), self.shard.count().get()],
                )?;
            }
            transaction.commit()
        })
    }

    /// The rows of a key from one position to another, both included, in order.
    pub fn rows(&self, key: &[u8], from: u64, to: u64) -> Result<Vec<HistoryRow>, StoreError> {
        const SQL: &str = "SELECT key, position, value FROM history
             WHERE key = ?1 AND position >= ?2 AND position <= ?3 ORDER BY position";
        self.query(SQL, params![key, clamped(from), clamped(to)])
    }

    /// The first row of a key at or after a position.
    pub fn first_row(&self, key: &[u8], from: u64) -> Result<Option<HistoryRow>, StoreError> {
        const SQL: &str = "SELECT key, position, value FROM history
             WHERE key = ?1 AND position >= ?2 ORDER BY position LIMIT 1";
        Ok(self.query(SQL, params![key, clamped(from)])?.pop())
    }

    /// The last row of a key at or before a position.
    pub fn last_row(&self, key: &[u8], to: u64) -> Result<Option<HistoryRow>, StoreError> {
        const SQL: &str = "SELECT key, position, value FROM history
             WHERE key = ?1 AND position <= ?2 ORDER BY position DESC LIMIT 1";
        Ok(self.query(SQL, params![key, clamped(to)])?.pop())
    }

    /// The row with the greatest key that is not above `last` nor below `first`.
    pub fn greatest_row(&self, first: &[u8], last: &[u8]) -> Result<Option<HistoryRow>, StoreError> {
        const SQL: &str = "SELECT key, position, value FROM history
             WHERE key >= ?1 AND key <= ?2 ORDER BY key DESC, position DESC LIMIT 1";
        Ok(self.query(SQL, params![first, last])?.pop())
    }

    /// How many rows there are.
    pub fn count_rows(&self) -> Result<u64, StoreError> {
        self.run(|connection| {
            connection.query_row("SELECT count(*) FROM history", [], |row| row.get::<_, i64>(0))
        })
        .map(|count| count as u64)
    }

    /// The streams of which snapshots are kept, after one, in order; at most so many.
    pub fn snapshot_streams(&self, after: &str, most: u32) -> Result<Vec<String>, StoreError> {
        self.run(|connection| {
            let sql = "SELECT stream FROM snapshot WHERE stream > ? ORDER BY stream LIMIT ?";
            let mut statement = connection.prepare_cached(sql)?;
            statement.query_map(params![after, most], |row| row.get(0))?.collect()
        })
    }

    fn query(&self, sql: &str, parameters: impl rusqlite::Params) -> Result<Vec<HistoryRow>, StoreError> {
        let rows: Vec<HistoryRow> = self.run(|connection| {
            let mut statement = connection.prepare_cached(sql)?;
            let rows = statement.query_map(parameters, |row| {
                let position = row.get::<_, i64>(1)? as u64;
                Ok(HistoryRow { key: row.get(0)?, position, value: row.get(2)? })
            })?;
            rows.collect()
        })?;
        let open = |row: HistoryRow| {
            let value = self.open_seal(&[&row.key, &row.position.to_be_bytes()], row.value)?;
            Ok(HistoryRow { value, ..row })
        };
        rows.into_iter().map(open).collect()
    }

    /// Takes a seal off, unless the bytes are not those that were sealed, or not where they were.
    fn open_seal(&self, place: &[&[u8]], mut sealed: Vec<u8>) -> Result<Vec<u8>, StoreError> {
        let damaged = || StoreError { path: self.path.clone(), what: "a checksum is wrong".to_owned() };
        let end = sealed.len().checked_sub(SEAL).ok_or_else(damaged)?;
        let found = sealed.split_off(end);
        if found == checksum(place, &sealed) { Ok(sealed) } else { Err(damaged()) }
    }

    /// A mark and the bytes that are sealed with it.
    fn open_marked(&self, mark: &[u8], sealed: Vec<u8>) -> Result<(Mark, Vec<u8>), StoreError> {
        let bytes = self.open_seal(&[mark], sealed)?;
        let end = Mark::decode(mark).ok_or_else(|| StoreError {
            path: self.path.clone(),
            what: "where a snapshot ends cannot be read".to_owned(),
        })?;
        Ok((end, bytes))
    }

    fn run<T>(&self, work: impl FnOnce(&mut Connection) -> rusqlite::Result<T>) -> Result<T, StoreError> {
        let mut connection = self.connection.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        work(&mut connection).map_err(|error| StoreError { path: self.path.clone(), what: error.to_string() })
    }
}

impl SnapshotStore for Store {
    fn load(&self, stream: &StreamName) -> Option<KeptSnapshot> {
        let loaded = self.run(|connection| {
            let sql = "SELECT version, mark, bytes FROM snapshot WHERE stream = ?";
            let mut statement = connection.prepare_cached(sql)?;
            let read = |row: &rusqlite::Row<'_>| {
                Ok((row.get(0)?, row.get::<_, Vec<u8>>(1)?, row.get::<_, Vec<u8>>(2)?))
            };
            statement.query_row([stream.as_str()], read).optional()
        });
        let opened = loaded.and_then(|loaded| {
            let Some((fold_version, mark, sealed)) = loaded else { return Ok(None) };
            let (end, bytes) = self.open_marked(&mark, sealed)?;
            Ok(Some(KeptSnapshot { end, fold_version, bytes }).filter(|kept| kept.end.stream == *stream))
        });
        opened.unwrap_or_else(|error| {
            tracing::warn!(%error, %stream, "a snapshot could not be read; the history is folded instead");
            None
        })
    }

    fn save(&self, snapshot: &KeptSnapshot) {
        let KeptSnapshot { end, fold_version, bytes } = snapshot;
        let mark = end.encode();
        let saved = self.run(|connection| {
            let sql = "INSERT OR REPLACE INTO snapshot (stream, version, mark, bytes) VALUES (?, ?, ?, ?)";
            let row = params![end.stream.as_str(), fold_version, mark, seal(&[&mark], bytes)];
            connection.prepare_cached(sql)?.execute(row)
        });
        if let Err(error) = saved {
            let stream = &end.stream;
            tracing::warn!(%error, %stream, "a snapshot could not be kept; the history is folded instead");
        }
    }
}

/// The length of a seal: SQLite's pages have no checksum, so each value that is kept has one.
const SEAL: usize = 4;

/// Bytes with a checksum behind them that holds for one place only.
fn seal(place: &[&[u8]], bytes: &[u8]) -> Vec<u8> {
    [bytes, &checksum(place, bytes)].concat()
}

fn checksum(place: &[&[u8]], bytes: &[u8]) -> [u8; SEAL] {
    let sum = place.iter().fold(0, |sum, part| crc32c::crc32c_append(sum, part));
    crc32c::crc32c_append(sum, bytes).to_be_bytes()
}

/// SQLite's integers are signed.
fn clamped(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests;
