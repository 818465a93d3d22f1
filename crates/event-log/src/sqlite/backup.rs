//! Copying a log while it is written to, in this process or another.
//!
//! History does not change, so a consistent copy is every frame up to a head; they are read page by page in
//! short transactions. (SQLite's own backup starts anew whenever another connection writes.) Each frame is
//! checked on its way, and the indexes are made from the frames.

use super::{
    OpenError, lock,
    row::{COLUMNS, Stored},
    schema,
    schema::{INSERT_COMMAND, INSERT_FRAME, INSERT_STREAM, opening},
    walk::Walk,
};
use crate::{
    Head,
    frame::{command_index_key, decode_command},
};
use rusqlite::{Connection, params};
use std::path::Path;

/// What a copy holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BackupReport {
    /// The end of the copy: its position, and the hash that seals everything before it. Keep it apart from the
    /// copy: a tail that was cut off shows in nothing else.
    pub head: Head,
    /// Frames copied.
    pub frames: u64,
    /// Bytes of their bodies.
    pub body_bytes: u64,
}

/// Frames and bytes in one transaction of the source.
const PAGE: i64 = 256;
const PAGE_BYTES: u64 = 8 << 20;

/// Copies the log in `dir`, as it stands now, to `to`, which must be empty or not exist. A log can be opened
/// from the copy. A damaged frame ends the copy with an error, and an unfinished copy is removed.
pub fn backup(dir: &Path, to: &Path) -> Result<BackupReport, OpenError> {
    let source = schema::open_reader(dir)?;
    let io = |source| OpenError::Io { path: to.into(), source };
    std::fs::create_dir_all(to).map_err(io)?;
    if std::fs::read_dir(to).map_err(io)?.next().is_some() {
        return Err(OpenError::Occupied { path: to.into() });
    }
    let lock_path = to.join(schema::LOCK_FILE);
    let _lock = lock(to)?;
    let copied = copy(&source, &dir.join(schema::FILE), to)
        .and_then(|report| schema::publish(to).map(|()| report).map_err(io));
    if copied.is_err() {
        schema::discard(to);
        // What is left is an empty lock file at most.
        let _ = std::fs::remove_file(lock_path);
    }
    copied
}

fn copy(source: &Connection, path: &Path, to: &Path) -> Result<BackupReport, OpenError> {
    let target = schema::create_unnamed(to)?;
    let target_path = to.join(schema::FILE);
    // The copy is made durable as a whole, when it is complete.
    target.execute_batch("PRAGMA synchronous = OFF").map_err(|error| opening(&target_path, error))?;
    let end: Option<i64> = source
        .query_row("SELECT max(first_position) FROM frames", [], |row| row.get(0))
        .map_err(|error| opening(path, error))?;
    let mut copy = Copy {
        source,
        target: &target,
        path,
        target_path: &target_path,
        walk: Walk::default(),
        frames: 0,
        bytes: 0,
    };
    let mut after = 0;
    while let Some(last) = copy.page(after, end.unwrap_or(0))? {
        after = last;
    }
    let report = BackupReport { head: copy.walk.head(), frames: copy.frames, body_bytes: copy.bytes };
    target.close().map_err(|(_, error)| opening(&target_path, error))?;
    Ok(report)
}

struct Copy<'c> {
    source: &'c Connection,
    target: &'c Connection,
    path: &'c Path,
    target_path: &'c Path,
    walk: Walk,
    frames: u64,
    bytes: u64,
}

impl Copy<'_> {
    /// Copies a page of frames and answers where it ended.
    fn page(&mut self, after: i64, end: i64) -> Result<Option<i64>, OpenError> {
        let sql = format!(
            "SELECT {COLUMNS} FROM frames WHERE first_position > ?1 AND first_position <= ?2 \
             ORDER BY first_position LIMIT {PAGE}"
        );
        let reading = |error| opening(self.path, error);
        let writing = |error| opening(self.target_path, error);
        let transaction = self.target.unchecked_transaction().map_err(writing)?;
        let mut statement = self.source.prepare_cached(&sql).map_err(reading)?;
        let mut rows = statement.query(params![after, end]).map_err(reading)?;
        let (mut last, full) = (None, self.bytes + PAGE_BYTES);
        while self.bytes < full
            && let Some(row) = rows.next().map_err(reading)?
        {
            let position: i64 = row.get(0).map_err(reading)?;
            let corrupt = |what: String| OpenError::Corrupt {
                path: self.path.into(),
                what: format!("the frame at position {position}: {what}"),
            };
            let stored = Stored::read(row).map_err(corrupt)?;
            self.walk.step(&stored).map_err(corrupt)?;
            insert(&transaction, &stored).map_err(writing)?;
            self.frames += 1;
            self.bytes += stored.body.len() as u64;
            last = Some(position);
        }
        transaction.commit().map_err(writing)?;
        Ok(last)
    }
}

/// Writes a frame as it stands, and the index rows that follow from it.
fn insert(target: &Connection, stored: &Stored<'_>) -> rusqlite::Result<()> {
    let (position, revision) = (stored.first_position as i64, stored.first_revision as i64);
    target.prepare_cached(INSERT_FRAME)?.execute(params![
        position,
        stored.format,
        stored.stream,
        revision,
        stored.events,
        stored.recorded_at,
        stored.crc,
        stored.hash,
        stored.name,
        stored.command,
        stored.body,
    ])?;
    if stored.first_revision == 0 {
        target.prepare_cached(INSERT_STREAM)?.execute(params![stored.name, stored.stream])?;
    }
    if let Some(key) = decode_command(stored.command) {
        let index_key = command_index_key(&key.scope, &key.id);
        target.prepare_cached(INSERT_COMMAND)?.execute(params![index_key, key.digest, position])?;
    }
    Ok(())
}
