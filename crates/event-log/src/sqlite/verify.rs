//! Reading a whole log and saying what is wrong with it, and where. Nothing is written or mended.

use super::{
    OpenError,
    row::{COLUMNS, Stored},
    schema,
    walk::{Walk, index_damage},
};
use crate::{
    Head, Position,
    frame::{command_index_key, decode_command},
};
use rusqlite::{Connection, OptionalExtension, params};
use rustc_hash::FxHashMap;
use std::{fmt, fs::File, path::Path};

/// The most findings that a report lists; the rest are counted.
pub const MAX_FINDINGS: usize = 1_000;

/// What a verification looked at, and what it found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct VerifyReport {
    /// Frames read.
    pub frames: u64,
    /// Events in them.
    pub events: u64,
    /// Streams that they belong to.
    pub streams: u64,
    /// Commands in the command index.
    pub commands: u64,
    /// Bytes of all bodies.
    pub body_bytes: u64,
    /// The end of the log. The chain cannot see a tail that was cut off: compare with the head that a backup
    /// or a document bears.
    pub head: Head,
    /// Whether a process had the log open. Then what it wrote meanwhile was left out, and so was the check of
    /// the database's own structure, which would take one long transaction.
    pub live: bool,
    /// What is wrong, in the order in which it was met; at most [`MAX_FINDINGS`].
    pub findings: Vec<Finding>,
    /// Findings that are not listed.
    pub more_findings: u64,
}

impl VerifyReport {
    /// Whether nothing is wrong.
    pub fn is_sound(&self) -> bool {
        self.findings.is_empty()
    }

    fn find(&mut self, place: Place, what: impl fmt::Display) {
        match self.findings.len() < MAX_FINDINGS {
            true => self.findings.push(Finding { place, what: what.to_string() }),
            false => self.more_findings += 1,
        }
    }
}

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Where.
    pub place: Place,
    /// What.
    pub what: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.what)
    }
}

/// Where something is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// The database file as such.
    Database,
    /// The frame that starts at a position.
    Frame(Position),
    /// A row of the stream index.
    Stream(String),
    /// A row of the command index.
    Command([u8; 16]),
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Database => f.write_str("the database"),
            Self::Frame(position) => write!(f, "the frame at position {position}"),
            Self::Stream(name) => write!(f, "the stream {name:?}"),
            Self::Command(key) => {
                f.write_str("the command ")?;
                key.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
            }
        }
    }
}

/// Frames or index rows, and bytes, read in one transaction.
const PAGE: i64 = 512;
const PAGE_BYTES: u64 = 8 << 20;

/// Reads the whole log in a directory: checksums, hash chain, gapless positions and revisions, recorded-at,
/// both indexes, and the database's own structure unless a process has the log open. While it runs the log
/// cannot be opened for writing, unless it is open already.
///
/// Memory grows with the number of streams, about 30 bytes each. A directory that cannot be opened as a log
/// is an error; whatever else is wrong is a finding.
pub fn verify(dir: &Path) -> Result<VerifyReport, OpenError> {
    let quiet = quiet(dir)?;
    let connection = schema::open_reader(dir)?;
    let mut report = VerifyReport { live: quiet.is_none(), ..VerifyReport::default() };
    let mut check =
        Check { connection: &connection, report: &mut report, next: FxHashMap::default(), end: 0 };
    if let Err(error) = check.all() {
        let position = report.head.position;
        report.find(Place::Database, format!("it cannot be read on after position {position}: {error}"));
    }
    Ok(report)
}

/// Keeps writers away; `None` if there is one already.
fn quiet(dir: &Path) -> Result<Option<Option<File>>, OpenError> {
    let path = dir.join(schema::LOCK_FILE);
    let file = match File::open(&path) {
        Ok(file) => file,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Some(None)),
        Err(source) => return Err(OpenError::Io { path, source }),
    };
    match file.try_lock_shared() {
        Ok(()) => Ok(Some(Some(file))),
        Err(std::fs::TryLockError::WouldBlock) => Ok(None),
        Err(std::fs::TryLockError::Error(source)) => Err(OpenError::Io { path, source }),
    }
}

struct Check<'c> {
    connection: &'c Connection,
    report: &'c mut VerifyReport,
    /// For each stream's number, the next revision.
    next: FxHashMap<i64, u64>,
    /// The first position of the last frame that is looked at.
    end: i64,
}

impl Check<'_> {
    fn all(&mut self) -> rusqlite::Result<()> {
        let last: Option<i64> =
            self.connection.query_row("SELECT max(first_position) FROM frames", [], |row| row.get(0))?;
        self.end = last.unwrap_or(0);
        let newest_stream: Option<i64> =
            self.connection.query_row("SELECT max(stream) FROM frames", [], |row| row.get(0))?;
        if !self.report.live {
            self.structure()?;
        }
        let mut walk = Walk::default();
        let mut after = -1;
        while let Some(last) = self.frames(&mut walk, after)? {
            after = last;
        }
        self.report.streams = self.next.len() as u64;
        self.streams(newest_stream.unwrap_or(0))?;
        self.commands()
    }

    /// SQLite's own check of its pages and indexes.
    fn structure(&mut self) -> rusqlite::Result<()> {
        let mut statement = self.connection.prepare("PRAGMA integrity_check(100)")?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let line: String = row.get(0)?;
            if line != "ok" {
                self.report.find(Place::Database, line);
            }
        }
        Ok(())
    }

    /// Checks a page of frames and answers where it ended.
    fn frames(&mut self, walk: &mut Walk, after: i64) -> rusqlite::Result<Option<i64>> {
        let sql = format!(
            "SELECT {COLUMNS} FROM frames WHERE first_position > ?1 AND first_position <= ?2 \
             ORDER BY first_position LIMIT {PAGE}"
        );
        let mut statement = self.connection.prepare_cached(&sql)?;
        let mut rows = statement.query(params![after, self.end])?;
        let (mut last, full) = (None, self.report.body_bytes + PAGE_BYTES);
        while self.report.body_bytes < full
            && let Some(row) = rows.next()?
        {
            let position: i64 = row.get(0)?;
            last = Some(position);
            let place = Place::Frame(Position(u64::try_from(position).unwrap_or(0)));
            self.report.frames += 1;
            match Stored::read(row) {
                Err(what) => self.report.find(place, what),
                Ok(stored) => self.frame(walk, &stored, place)?,
            }
        }
        Ok(last)
    }

    fn frame(&mut self, walk: &mut Walk, stored: &Stored<'_>, place: Place) -> rusqlite::Result<()> {
        self.report.events += u64::from(stored.events);
        self.report.body_bytes += stored.body.len() as u64;
        if let Err(what) = walk.step(stored) {
            self.report.find(place.clone(), what);
        }
        self.report.head = walk.head();
        let next = self.next.entry(stored.stream).or_default();
        if stored.first_revision != *next {
            let what = format!(
                "it starts at revision {} of {} where {next} should stand",
                stored.first_revision, stored.name
            );
            self.report.find(place.clone(), what);
        }
        *next = stored.first_revision.saturating_add(u64::from(stored.events));
        if let Some(what) = index_damage(self.connection, stored)? {
            self.report.find(place, what);
        }
        Ok(())
    }

    /// Every row of the stream index must belong to a stream that has frames, and to no other row's.
    fn streams(&mut self, newest: i64) -> rusqlite::Result<()> {
        let mut statement = self
            .connection
            .prepare(&format!("SELECT name, id FROM streams WHERE name > ?1 ORDER BY name LIMIT {PAGE}"))?;
        let mut after = String::new();
        loop {
            let page = statement
                .query_map([&after], |row| Ok((row.get::<_, String>(0)?, row.get::<_, i64>(1)?)))?
                .collect::<Result<Vec<_>, _>>()?;
            let Some((last, _)) = page.last() else { return Ok(()) };
            after.clone_from(last);
            for (name, number) in page {
                // What a live writer added since is not looked at.
                if number <= newest && self.next.remove(&number).is_none() {
                    self.report
                        .find(Place::Stream(name), format!("no frames of its own have number {number}"));
                }
            }
        }
    }

    /// Every row of the command index must point at the frame that bears the command.
    fn commands(&mut self) -> rusqlite::Result<()> {
        let mut statement = self.connection.prepare(&format!(
            "SELECT key, digest, position FROM commands WHERE key > ?1 ORDER BY key LIMIT {PAGE}"
        ))?;
        let mut after = Vec::new();
        loop {
            let page = statement
                .query_map([&after], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?
                .collect::<Result<Vec<(Vec<u8>, Vec<u8>, i64)>, _>>()?;
            let Some((last, _, _)) = page.last() else { return Ok(()) };
            after.clone_from(last);
            for (key, digest, position) in page {
                if position <= self.end {
                    self.report.commands += 1;
                    self.command(&key, &digest, position)?;
                }
            }
        }
    }

    fn command(&mut self, key: &[u8], digest: &[u8], position: i64) -> rusqlite::Result<()> {
        let stored: Option<Vec<u8>> = self
            .connection
            .prepare_cached("SELECT command FROM frames WHERE first_position = ?1")?
            .query_row([position], |row| row.get(0))
            .optional()?;
        let what = match stored.as_deref().map(decode_command) {
            None => format!("it points at position {position}, where no frame starts"),
            Some(Some(found))
                if command_index_key(&found.scope, &found.id) == key && found.digest == digest =>
            {
                return Ok(());
            }
            Some(_) => format!("it points at position {position}, whose frame bears another command"),
        };
        let mut place = [0; 16];
        place.iter_mut().zip(key).for_each(|(to, from)| *to = *from);
        self.report.find(Place::Command(place), what);
        Ok(())
    }
}
