//! What goes into a log and what comes out of it.

use bytes::Bytes;
use std::{fmt, sync::Arc};

/// The longest stream name, in bytes.
pub const MAX_STREAM_NAME: usize = 128;
/// The most events one append may hold.
pub const MAX_EVENTS_PER_APPEND: usize = 1_024;
/// The most bytes (payloads, metadata and names together) one append may hold: EventStoreDB's limit.
pub const MAX_APPEND_BYTES: usize = 1_024 * 1_024;
/// The longest command id, in bytes.
pub const MAX_COMMAND_ID: usize = 256;

/// The name of a stream: `category-id`; the first dash ends the category.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StreamName(Arc<str>);

/// A text that is no stream name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no stream name: it must be a category, a dash and an id, at most 128 bytes in all")]
pub struct InvalidStreamName(pub String);

impl StreamName {
    /// Checks and takes a name.
    pub fn new(name: impl AsRef<str>) -> Result<Self, InvalidStreamName> {
        let name = name.as_ref();
        match name.split_once('-') {
            Some((category, id))
                if !category.is_empty() && !id.is_empty() && name.len() <= MAX_STREAM_NAME =>
            {
                Ok(Self(name.into()))
            }
            _ => Err(InvalidStreamName(name.chars().take(MAX_STREAM_NAME).collect())),
        }
    }

    /// The whole name.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What stands before the first dash.
    pub fn category(&self) -> &str {
        self.0.split_once('-').map_or("", |(category, _)| category)
    }

    /// What stands after the first dash.
    pub fn id(&self) -> &str {
        self.0.split_once('-').map_or("", |(_, id)| id)
    }
}

impl fmt::Display for StreamName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
impl fmt::Debug for StreamName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The place of an event in the whole log: it grows from event to event, and 0 stands before the first. In the embedded
/// log it is the event's number, in EventStoreDB its commit position.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Position(pub u64);

impl Position {
    /// Before the first event.
    pub const START: Self = Self(0);
}
impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
impl fmt::Debug for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// What the writer must find at the end of the stream.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ExpectedRevision {
    /// Anything.
    Any,
    /// The stream does not exist.
    NoStream,
    /// The stream exists.
    StreamExists,
    /// The last event of the stream has this revision.
    Exact(u64),
}

/// A stream that a decision stood on, and the revision it stood at (`None`: it did not exist).
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Guard {
    /// The stream.
    pub stream: StreamName,
    /// The revision of its last event.
    pub revision: Option<u64>,
}

/// The identity of a command: unique for its scope (the calling organisation) for ever.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CommandKey {
    /// The calling organisation.
    pub scope: [u8; 16],
    /// The caller's id for the command.
    pub id: String,
    /// SHA-256 of what was asked for.
    pub digest: [u8; 32],
}

/// An event to be written.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NewEvent {
    /// Derived from the command, so that a retry makes the same one.
    pub id: [u8; 16],
    /// The stable name of its type.
    pub event_type: Arc<str>,
    /// The envelope: who, why, when, for whom. Opaque here.
    pub metadata: Bytes,
    /// What happened. Opaque here.
    pub payload: Bytes,
}

/// One frame to be written.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Append {
    /// The stream.
    pub stream: StreamName,
    /// What must stand at its end.
    pub expected: ExpectedRevision,
    /// What else must not have moved.
    pub guards: Vec<Guard>,
    /// The command, if there is one; usage has record keys of its own instead.
    pub command: Option<CommandKey>,
    /// At least one event.
    pub events: Vec<NewEvent>,
}

/// Where a frame stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Appended {
    /// The position of its first event.
    pub first_position: Position,
    /// The position of its last event.
    pub last_position: Position,
    /// The revision of its first event.
    pub first_revision: u64,
    /// The revision of its last event.
    pub last_revision: u64,
    /// When it was written: microseconds since the Unix epoch.
    pub recorded_at: i64,
}

/// An append that holds.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum AppendOutcome {
    /// It was written now.
    Appended(Appended),
    /// It had been written before; nothing was written now.
    AlreadyAppended(Appended),
}

/// An append that wrote nothing, or of which that is not known.
#[derive(Debug, Clone, thiserror::Error)]
pub enum AppendError {
    /// A stream (the appended one or a guard) is not where it was expected.
    #[error("stream {stream} is at revision {actual:?}, expected {expected:?}")]
    Conflict {
        /// The stream.
        stream: StreamName,
        /// What was expected.
        expected: ExpectedRevision,
        /// The revision of its last event; `None`: it does not exist.
        actual: Option<u64>,
    },
    /// The command id was used for something else.
    #[error("the command id was used before with another content")]
    IdMismatch,
    /// The append itself is out of bounds.
    #[error("the append is invalid: {0}")]
    Invalid(String),
    /// The writer's queue is full; nothing was written.
    #[error("the log's queue is full")]
    Overloaded,
    /// The log is closed or its disk refuses writes; nothing was written.
    #[error("the log takes no writes: {0}")]
    Unavailable(String),
    /// Whether it was written is not known: retry with the same id.
    #[error("the outcome of the append is not known: {0}")]
    Unknown(String),
}

/// A command that was carried out before.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct StoredCommand {
    /// SHA-256 of what was asked for.
    pub digest: [u8; 32],
    /// The frame that it wrote.
    pub appended: Appended,
}

/// An event as it stands in the log.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RecordedEvent {
    /// Where it stands in the whole log. The embedded log numbers events without gaps; other engines do not.
    pub position: Position,
    /// Its id.
    pub id: [u8; 16],
    /// The stable name of its type.
    pub event_type: Arc<str>,
    /// The envelope.
    pub metadata: Bytes,
    /// What happened.
    pub payload: Bytes,
}

/// What one append wrote.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Frame {
    /// The stream.
    pub stream: StreamName,
    /// The position of its first event.
    pub first_position: Position,
    /// The revision of its first event.
    pub first_revision: u64,
    /// When it was written: microseconds since the Unix epoch.
    pub recorded_at: i64,
    /// At least one event.
    pub events: Vec<RecordedEvent>,
}

impl Frame {
    /// The position of the last event.
    pub fn last_position(&self) -> Position {
        self.events.last().map_or(self.first_position, |event| event.position)
    }

    /// The revision of the last event.
    pub fn last_revision(&self) -> u64 {
        self.first_revision + self.events.len() as u64 - 1
    }
}

/// The durable end of a log.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Head {
    /// The position of the last event.
    pub position: Position,
    /// When it was written: microseconds since the Unix epoch.
    pub recorded_at: i64,
    /// The hash of the last frame: it seals everything before it. Zeros for an empty log.
    pub hash: [u8; 32],
}

/// How much to read at once: reading stops before either bound is passed, but never before one frame.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Page {
    /// The most frames.
    pub frames: usize,
    /// The most bytes.
    pub bytes: usize,
}

impl Default for Page {
    fn default() -> Self {
        Self { frames: 512, bytes: 4 * 1_024 * 1_024 }
    }
}

/// A read that failed.
#[derive(Debug, Clone, thiserror::Error)]
pub enum ReadError {
    /// What stands at a position is not what was written there.
    #[error("the log is corrupt at position {position}: {what}")]
    Corrupt {
        /// The position.
        position: Position,
        /// What is wrong with it.
        what: String,
    },
    /// The disk, or the engine, refused.
    #[error("the log cannot be read: {0}")]
    Unavailable(String),
    /// The log was closed.
    #[error("the log is closed")]
    Closed,
}
