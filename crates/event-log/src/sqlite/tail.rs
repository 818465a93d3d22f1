//! The checks before a database is written to: what the next frame will stand on must be whole.

use super::{
    OpenError,
    row::{COLUMNS, Stored},
    schema::opening,
    walk::{Walk, index_damage},
};
use crate::Head;
use rusqlite::Connection;
use std::path::Path;

/// Where the writer goes on.
pub(super) struct Tail {
    pub(super) head: Head,
    pub(super) next_stream: i64,
}

/// How many of the last frames are checked when a log is opened.
const CHECKED: i64 = 16;

/// Checks the last frames and finds where the writer goes on.
pub(super) fn load(connection: &Connection, path: &Path) -> Result<Tail, OpenError> {
    let corrupt = |what: String| OpenError::Corrupt { path: path.into(), what };
    check_length(connection, path)?;
    let head = check_last(connection).map_err(|error| match error {
        Trouble::Damaged(what) => corrupt(what),
        Trouble::Database(error) => opening(path, error),
    })?;
    let last: Option<i64> = connection
        .query_row("SELECT max(stream) FROM frames", [], |row| row.get(0))
        .map_err(|error| opening(path, error))?;
    Ok(Tail { head, next_stream: last.map_or(1, |last| last + 1) })
}

/// A database that is shorter than it says was cut. With a WAL the missing pages may stand there.
fn check_length(connection: &Connection, path: &Path) -> Result<(), OpenError> {
    let mut wal = path.as_os_str().to_owned();
    wal.push("-wal");
    if std::fs::metadata(wal).is_ok_and(|wal| wal.len() > 0) {
        return Ok(());
    }
    let pages: u64 = connection
        .query_row("PRAGMA page_count", [], |row| row.get::<_, i64>(0))
        .map_err(|error| opening(path, error))?
        .unsigned_abs();
    let length = std::fs::metadata(path).map_err(|source| OpenError::Io { path: path.into(), source })?.len();
    if length < pages * 4_096 {
        let what = format!("it was cut: {length} bytes are left of {pages} pages of 4096");
        return Err(OpenError::Corrupt { path: path.into(), what });
    }
    Ok(())
}

enum Trouble {
    Damaged(String),
    Database(rusqlite::Error),
}
impl From<rusqlite::Error> for Trouble {
    fn from(error: rusqlite::Error) -> Self {
        Self::Database(error)
    }
}

/// Checks the last frames and their index entries. The chain is checked from the second of them on.
fn check_last(connection: &Connection) -> Result<Head, Trouble> {
    let start: Option<i64> = connection
        .query_row(
            "SELECT min(first_position) FROM (SELECT first_position FROM frames \
             ORDER BY first_position DESC LIMIT ?1)",
            [CHECKED],
            |row| row.get(0),
        )
        .map_err(Trouble::Database)?;
    let mut walk = match start {
        None | Some(1) => Walk::default(),
        Some(_) => Walk::from_anywhere(),
    };
    let sql = format!("SELECT {COLUMNS} FROM frames WHERE first_position >= ?1 ORDER BY first_position");
    let mut statement = connection.prepare(&sql)?;
    let mut rows = statement.query([start])?;
    while let Some(row) = rows.next()? {
        let position: i64 = row.get(0).unwrap_or_default();
        let damaged = |what: String| Trouble::Damaged(format!("the frame at position {position}: {what}"));
        let stored = Stored::read(row).map_err(damaged)?;
        walk.step(&stored).map_err(damaged)?;
        if let Some(what) = index_damage(connection, &stored)? {
            return Err(damaged(what));
        }
    }
    Ok(walk.head())
}
