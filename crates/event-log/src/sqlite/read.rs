//! Reading: a few connections, each statement a short transaction of its own. History does not change, so
//! nothing longer is needed, and nothing keeps the WAL from starting afresh.

use super::row::{COLUMNS, Damage, Stored, place, signed, unsigned};
use super::{OpenError, schema};
use crate::{
    Appended, Frame, Head, Page, Position, ReadError, StoredCommand, StreamName,
    frame::{Names, command_index_key},
    live::held,
};
use futures::future::BoxFuture;
use rusqlite::{Connection, ErrorCode, OptionalExtension, Params, params};
use std::{
    path::Path,
    sync::{Arc, Condvar, Mutex, PoisonError},
};

/// One connection, and the names it has met.
pub(super) struct Reader {
    pub(super) connection: Connection,
    pub(super) names: Names,
}

impl Reader {
    pub(super) fn open(dir: &Path) -> Result<Self, OpenError> {
        Ok(Self { connection: schema::open_reader(dir)?, names: Names::default() })
    }

    /// The frames after a position.
    pub(super) fn after(&mut self, after: Position, page: Page) -> Result<Vec<Arc<Frame>>, ReadError> {
        let next = after.0.saturating_add(1);
        let sql = format!(
            "SELECT {COLUMNS} FROM frames WHERE first_position >= \
             COALESCE((SELECT max(first_position) FROM frames WHERE first_position <= ?1), 0) \
             ORDER BY first_position LIMIT ?2"
        );
        let frames = self.frames(&sql, params![signed(next), limit(page)], page, next, |frame| {
            (frame.first_position.0, frame.last_position().0)
        })?;
        Ok(frames)
    }

    /// The frames of a stream from a revision on.
    pub(super) fn stream(
        &mut self,
        stream: &StreamName,
        from: u64,
        page: Page,
    ) -> Result<Vec<Arc<Frame>>, ReadError> {
        let Some(number) = self.number(stream)? else { return Ok(Vec::new()) };
        let sql = format!(
            "SELECT {COLUMNS} FROM frames WHERE stream = ?1 AND first_revision >= COALESCE(\
             (SELECT max(first_revision) FROM frames WHERE stream = ?1 AND first_revision <= ?2), 0) \
             ORDER BY first_revision LIMIT ?3"
        );
        self.frames(&sql, params![number, signed(from), limit(page)], page, from, |frame| {
            (frame.first_revision, frame.last_revision())
        })
    }

    /// The rows of a query as frames, as many as a page holds; their numbers (positions or revisions, as
    /// `span` says) must leave no gap from `next` on.
    fn frames(
        &mut self,
        sql: &str,
        params: impl Params,
        page: Page,
        mut next: u64,
        span: impl Fn(&Frame) -> (u64, u64),
    ) -> Result<Vec<Arc<Frame>>, ReadError> {
        let mut statement = self.connection.prepare_cached(sql).map_err(unavailable)?;
        let mut rows = statement.query(params).map_err(unavailable)?;
        let (mut frames, mut bytes) = (Vec::new(), 0usize);
        while let Some(row) = rows.next().map_err(unavailable)? {
            let position = Position(unsigned(row, 0).unwrap_or_default());
            let corrupt = |what: Damage| ReadError::Corrupt { position, what };
            let frame =
                Stored::read(row).and_then(|stored| stored.frame(&mut self.names)).map_err(corrupt)?;
            let (first, last) = span(&frame);
            if last < next {
                continue;
            }
            if first > next {
                return Err(corrupt(format!("it starts with number {first} where {next} should stand")));
            }
            bytes = bytes.saturating_add(frame.size());
            if bytes > page.bytes && !frames.is_empty() {
                break;
            }
            next = last.saturating_add(1);
            frames.push(frame);
        }
        Ok(frames)
    }

    /// The number by which frames know a stream.
    fn number(&self, stream: &StreamName) -> Result<Option<i64>, ReadError> {
        stream_number(&self.connection, stream).map_err(unavailable)
    }

    /// The revision of a stream's last event.
    pub(super) fn revision(&mut self, stream: &StreamName) -> Result<Option<u64>, ReadError> {
        let Some(number) = self.number(stream)? else { return Ok(None) };
        last_revision(&self.connection, number).map_err(unavailable)
    }

    /// What a command id was used for.
    pub(super) fn command(&mut self, scope: &[u8; 16], id: &str) -> Result<Option<StoredCommand>, ReadError> {
        stored_command(&self.connection, &command_index_key(scope, id)).map_err(unavailable)
    }

    /// The last position whose recorded-at is not after a time, by bisection: recorded-at never decreases.
    pub(super) fn position_at(&mut self, recorded_at: i64, head: Head) -> Result<Position, ReadError> {
        if recorded_at >= head.recorded_at {
            return Ok(head.position);
        }
        let (mut low, mut high) = (0, head.position.0);
        while low < high {
            let middle = low + (high - low).div_ceil(2);
            let frame = self.place_of(middle).map_err(unavailable)?;
            match frame.recorded_at <= recorded_at {
                true => low = frame.last_position.0.max(middle),
                false => high = frame.first_position.0.min(middle) - 1,
            }
        }
        Ok(Position(low))
    }

    /// Where the frame stands that holds a position.
    fn place_of(&self, position: u64) -> rusqlite::Result<Appended> {
        self.connection
            .prepare_cached(
                "SELECT first_position, first_revision, events, recorded_at FROM frames \
                 WHERE first_position <= ?1 ORDER BY first_position DESC LIMIT 1",
            )?
            .query_row([signed(position)], place)
    }
}

/// The number by which frames know a stream.
pub(super) fn stream_number(connection: &Connection, stream: &StreamName) -> rusqlite::Result<Option<i64>> {
    connection
        .prepare_cached("SELECT id FROM streams WHERE name = ?1")?
        .query_row([stream.as_str()], |row| row.get(0))
        .optional()
}

/// The revision of the last event of a stream with this number.
pub(super) fn last_revision(connection: &Connection, number: i64) -> rusqlite::Result<Option<u64>> {
    connection
        .prepare_cached(
            "SELECT first_revision + events - 1 FROM frames WHERE stream = ?1 \
             ORDER BY first_revision DESC LIMIT 1",
        )?
        .query_row([number], |row| unsigned(row, 0))
        .optional()
}

/// What stands in the command index under a key.
pub(super) fn stored_command(
    connection: &Connection,
    key: &[u8; 16],
) -> rusqlite::Result<Option<StoredCommand>> {
    connection
        .prepare_cached(
            "SELECT f.first_position, f.first_revision, f.events, f.recorded_at, c.digest \
             FROM commands c JOIN frames f ON f.first_position = c.position WHERE c.key = ?1",
        )?
        .query_row([key], |row| Ok(StoredCommand { digest: row.get(4)?, appended: place(row)? }))
        .optional()
}

/// How many rows a page can need; the first may end before the page starts.
fn limit(page: Page) -> i64 {
    i64::try_from(page.frames.max(1)).unwrap_or(i64::MAX)
}

/// What an error of SQLite means for a reader.
pub(super) fn unavailable(error: rusqlite::Error) -> ReadError {
    match error.sqlite_error_code() {
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => {
            ReadError::Unavailable(format!("the database is corrupt: {error}"))
        }
        _ => ReadError::Unavailable(error.to_string()),
    }
}

/// A fixed set of readers.
pub(super) struct Pool {
    /// `None` once the pool is closed.
    idle: Mutex<Option<Vec<Reader>>>,
    returned: Condvar,
}

impl Pool {
    pub(super) fn open(dir: &Path, readers: usize) -> Result<Arc<Self>, OpenError> {
        let readers = (0..readers.max(1)).map(|_| Reader::open(dir)).collect::<Result<Vec<_>, _>>()?;
        Ok(Arc::new(Self { idle: Mutex::new(Some(readers)), returned: Condvar::new() }))
    }

    /// Lets go of all connections; those in use go when they come back.
    pub(super) fn close(&self) {
        *held(&self.idle) = None;
        self.returned.notify_all();
    }

    /// Reads on a thread that may block.
    pub(super) fn read<T: Send + 'static>(
        self: &Arc<Self>,
        read: impl FnOnce(&mut Reader) -> Result<T, ReadError> + Send + 'static,
    ) -> BoxFuture<'static, Result<T, ReadError>> {
        let pool = self.clone();
        Box::pin(async move {
            let reading = tokio::task::spawn_blocking(move || {
                let reader = pool.wait()?;
                pool.lend(reader, read)
            });
            reading.await.unwrap_or_else(|error| Err(ReadError::Unavailable(error.to_string())))
        })
    }

    /// Looks something small up: at once if a connection is free, for a few microseconds of work are less
    /// than the way to another thread and back.
    pub(super) fn look_up<T: Send + 'static>(
        self: &Arc<Self>,
        read: impl FnOnce(&mut Reader) -> Result<T, ReadError> + Send + 'static,
    ) -> BoxFuture<'static, Result<T, ReadError>> {
        let pool = self.clone();
        Box::pin(async move {
            let free = held(&pool.idle).as_mut().ok_or(ReadError::Closed)?.pop();
            match free {
                Some(reader) => pool.lend(reader, read),
                None => pool.read(read).await,
            }
        })
    }

    /// A free reader, as soon as there is one.
    fn wait(&self) -> Result<Reader, ReadError> {
        let waiting = |idle: &mut Option<Vec<Reader>>| idle.as_ref().is_some_and(Vec::is_empty);
        let mut idle =
            self.returned.wait_while(held(&self.idle), waiting).unwrap_or_else(PoisonError::into_inner);
        idle.as_mut().and_then(Vec::pop).ok_or(ReadError::Closed)
    }

    /// Reads and puts the reader back. Reading does not panic, so none is lost.
    fn lend<T>(&self, mut reader: Reader, read: impl FnOnce(&mut Reader) -> T) -> T {
        let answer = read(&mut reader);
        if let Some(idle) = held(&self.idle).as_mut() {
            idle.push(reader);
        }
        self.returned.notify_one();
        answer
    }
}
