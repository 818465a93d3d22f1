//! The database: its tables, its identity, and the checks before it is trusted.

use super::OpenError;
use rusqlite::{Connection, ErrorCode, OpenFlags, config::DbConfig};
use std::{
    fs::File,
    path::{Path, PathBuf},
    time::Duration,
};

/// The database file in a log's directory.
pub(super) const FILE: &str = "log.db";
/// The file whose lock says that a process writes here.
pub(super) const LOCK_FILE: &str = "lock";
/// How long a connection waits for another's short lock, such as recovery by another process.
pub(super) const BUSY_TIMEOUT: Duration = Duration::from_secs(5);
/// "KIBN", in the header of every log.
const APPLICATION_ID: i64 = 0x4b49_424e;
/// The layout of the tables below. The frames in them bear a format of their own.
const SCHEMA_VERSION: i64 = 1;

/// `frames` is the truth: a row can be checked, and the other tables rebuilt, from frames alone. `stream` is a
/// short number for `name`; `streams` and `commands` are indexes. A row's body comes last, so that reading
/// what stands before it does not walk its overflow pages.
const SCHEMA: &str = "
CREATE TABLE frames (
    first_position INTEGER PRIMARY KEY,
    format INTEGER NOT NULL,
    stream INTEGER NOT NULL,
    first_revision INTEGER NOT NULL,
    events INTEGER NOT NULL,
    recorded_at INTEGER NOT NULL,
    crc INTEGER NOT NULL,
    hash BLOB NOT NULL,
    name TEXT NOT NULL,
    command BLOB NOT NULL,
    body BLOB NOT NULL
) STRICT;
CREATE UNIQUE INDEX frames_by_stream ON frames (stream, first_revision);
CREATE TABLE streams (name TEXT PRIMARY KEY, id INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE commands (
    key BLOB PRIMARY KEY, digest BLOB NOT NULL, position INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TRIGGER frames_are_never_updated BEFORE UPDATE ON frames
    BEGIN SELECT RAISE(ABORT, 'history is never rewritten'); END;
CREATE TRIGGER frames_are_never_deleted BEFORE DELETE ON frames
    BEGIN SELECT RAISE(ABORT, 'history is never rewritten'); END;
";

/// Inserts a frame.
pub(super) const INSERT_FRAME: &str = "INSERT INTO frames (first_position, format, stream, first_revision, \
     events, recorded_at, crc, hash, name, command, body) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)";
/// Inserts a stream's number.
pub(super) const INSERT_STREAM: &str = "INSERT INTO streams (name, id) VALUES (?1, ?2)";
/// Inserts a command into its index.
pub(super) const INSERT_COMMAND: &str = "INSERT INTO commands (key, digest, position) VALUES (?1, ?2, ?3)";

/// Makes an empty database under a passing name and then gives it its own, so that a crash in between leaves
/// nothing that looks like a log.
pub(super) fn create(dir: &Path) -> Result<(), OpenError> {
    let file = dir.join(FILE);
    let connection = create_unnamed(dir)?;
    drop(connection);
    publish(dir).map_err(|source| OpenError::Io { path: file, source })
}

/// The passing name of a database that is not complete yet.
fn passing(dir: &Path) -> PathBuf {
    dir.join(format!("{FILE}.new"))
}

/// An empty database under its passing name.
pub(super) fn create_unnamed(dir: &Path) -> Result<Connection, OpenError> {
    let path = passing(dir);
    discard(dir);
    let flags =
        OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(&path, flags).map_err(|error| opening(&path, error))?;
    let identity =
        format!("PRAGMA application_id = {APPLICATION_ID}; PRAGMA user_version = {SCHEMA_VERSION};");
    connection
        .execute_batch(&format!(
            "PRAGMA page_size = 4096; PRAGMA auto_vacuum = NONE; PRAGMA synchronous = FULL; BEGIN; {SCHEMA} \
             {identity} COMMIT;"
        ))
        .and_then(|()| connection.pragma_update_and_check(None, "journal_mode", "WAL", |_| Ok(())))
        .map_err(|error| opening(&path, error))?;
    Ok(connection)
}

/// Gives a complete and closed database its name, durably.
pub(super) fn publish(dir: &Path) -> std::io::Result<()> {
    let passing = passing(dir);
    File::open(&passing)?.sync_all()?;
    std::fs::rename(&passing, dir.join(FILE))?;
    File::open(dir)?.sync_all()
}

/// Removes what is left of a database that never was complete.
pub(super) fn discard(dir: &Path) {
    for suffix in ["", "-wal", "-shm", "-journal"] {
        let mut path = passing(dir).into_os_string();
        path.push(suffix);
        // What cannot be removed will be refused when it is written to.
        let _ = std::fs::remove_file(path);
    }
}

/// The one connection that writes.
pub(super) fn open_writer(dir: &Path, max_pages: Option<u32>) -> Result<Connection, OpenError> {
    let path = dir.join(FILE);
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = open(&path, flags)?;
    let mode: String = connection
        .query_row("PRAGMA journal_mode = WAL", [], |row| row.get(0))
        .map_err(|error| opening(&path, error))?;
    if mode != "wal" {
        return Err(OpenError::Corrupt { path, what: format!("its journal mode is {mode}, not wal") });
    }
    let pages = max_pages.map_or(String::new(), |pages| format!("PRAGMA max_page_count = {pages};"));
    // A commit must never spill half of itself early, hence a cache larger than any drain.
    connection
        .execute_batch(&format!(
            "PRAGMA synchronous = FULL; PRAGMA fullfsync = ON; PRAGMA checkpoint_fullfsync = ON; \
             PRAGMA wal_autocheckpoint = 0; PRAGMA cache_size = -65536; \
             PRAGMA cache_spill = OFF; PRAGMA temp_store = MEMORY; {pages}"
        ))
        .map_err(|error| opening(&path, error))?;
    connection.set_prepared_statement_cache_capacity(32);
    Ok(connection)
}

/// A connection that only reads.
pub(super) fn open_reader(dir: &Path) -> Result<Connection, OpenError> {
    let path = dir.join(FILE);
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = open(&path, flags)?;
    connection
        .execute_batch("PRAGMA query_only = ON; PRAGMA cache_size = -8192;")
        .map_err(|error| opening(&path, error))?;
    connection.set_prepared_statement_cache_capacity(32);
    Ok(connection)
}

/// Opens an existing database and checks that it is a log that this program knows.
fn open(path: &Path, flags: OpenFlags) -> Result<Connection, OpenError> {
    match std::fs::metadata(path) {
        Ok(metadata) if metadata.len() == 0 => {
            return Err(OpenError::Corrupt { path: path.into(), what: "the file is empty".into() });
        }
        Ok(_) => {}
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            return Err(OpenError::Missing { path: path.into() });
        }
        Err(source) => return Err(OpenError::Io { path: path.into(), source }),
    }
    let connection = Connection::open_with_flags(path, flags).map_err(|error| opening(path, error))?;
    connection.busy_timeout(BUSY_TIMEOUT).map_err(|error| opening(path, error))?;
    // Without this, binding a parameter may throw a prepared statement's plan away, and each look-up is parsed
    // and planned anew: a seventh of all time under many small commands.
    connection
        .set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)
        .map_err(|error| opening(path, error))?;
    let pragma = |name: &str| -> Result<i64, OpenError> {
        connection.pragma_query_value(None, name, |row| row.get(0)).map_err(|error| opening(path, error))
    };
    let application = pragma("application_id")?;
    if application != APPLICATION_ID {
        let what = format!("its application id is {application:#x}, not {APPLICATION_ID:#x}");
        return Err(OpenError::NotALog { path: path.into(), what });
    }
    let version = pragma("user_version")?;
    if version > SCHEMA_VERSION {
        return Err(OpenError::Format { path: path.into(), found: version, known: SCHEMA_VERSION });
    }
    if version < 1 {
        return Err(OpenError::Corrupt { path: path.into(), what: format!("it has format {version}") });
    }
    Ok(connection)
}

/// What an error of SQLite means for a database that is being opened or examined.
pub(super) fn opening(path: &Path, error: rusqlite::Error) -> OpenError {
    let path = path.to_owned();
    match error.sqlite_error_code() {
        Some(ErrorCode::NotADatabase) => OpenError::NotALog { path, what: "it is not a database".into() },
        Some(ErrorCode::DatabaseCorrupt) => {
            let bytes = std::fs::metadata(&path).map_or(0, |metadata| metadata.len());
            OpenError::Corrupt { path, what: format!("{error} (the file holds {bytes} bytes)") }
        }
        _ => OpenError::Database { path, source: error },
    }
}
