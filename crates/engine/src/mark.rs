//! Which history something was made from.

use event_log::{Appended, EventLog, Frame, Page, Position, ReadError, StreamName};

/// The end of a frame, and how to tell it from what another history has in its place. A log that was restored from a copy
/// is another history from there on, however far it has grown since.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Mark {
    /// The stream of its last event. That is looked for by stream and revision, which every log can answer: a position
    /// may be a place in bytes, at which another history has nothing.
    pub stream: StreamName,
    /// That event's revision.
    pub revision: u64,
    /// Its position.
    pub position: Position,
    /// Its id. A command that is sent again after a restore gives the same one…
    pub event: [u8; 16],
    /// …at another time: microseconds since the Unix epoch. On a log whose clock stood still the id tells them apart.
    pub recorded_at: i64,
}

/// Bytes of a mark before the name of its stream.
const HEAD: usize = 8 + 8 + 8 + 16;

impl Mark {
    /// The end of a frame; every frame has at least one event.
    pub fn of(frame: &Frame) -> Option<Self> {
        let last = frame.events.last()?;
        Some(Self {
            stream: frame.stream.clone(),
            revision: frame.last_revision(),
            position: last.position,
            event: last.id,
            recorded_at: frame.recorded_at,
        })
    }

    /// The end of a frame that was appended, whose last event has this id.
    pub(crate) fn appended(stream: &StreamName, appended: &Appended, event: [u8; 16]) -> Self {
        Self {
            stream: stream.clone(),
            revision: appended.last_revision,
            position: appended.last_position,
            event,
            recorded_at: appended.recorded_at,
        }
    }

    /// Whether a log has the frame that ends here, and so everything before it. What was made from a log that does not
    /// may hold what never happened.
    pub async fn stands_in(&self, log: &dyn EventLog) -> Result<bool, ReadError> {
        let one = Page { frames: 1, bytes: 0 };
        let frames = log.read_stream(&self.stream, self.revision, one).await?;
        Ok(frames.first().and_then(|frame| Self::of(frame)).as_ref() == Some(self))
    }

    /// As it is kept.
    pub(crate) fn encode(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(HEAD + self.stream.as_str().len());
        bytes.extend(self.revision.to_be_bytes());
        bytes.extend(self.position.0.to_be_bytes());
        bytes.extend(self.recorded_at.to_be_bytes());
        bytes.extend(self.event);
        bytes.extend(self.stream.as_str().as_bytes());
        bytes
    }

    /// Reads it back; `None`: it is damaged.
    pub(crate) fn decode(bytes: &[u8]) -> Option<Self> {
        let (revision, rest) = bytes.split_first_chunk()?;
        let (position, rest) = rest.split_first_chunk()?;
        let (recorded_at, rest) = rest.split_first_chunk()?;
        let (event, stream) = rest.split_first_chunk()?;
        Some(Self {
            stream: StreamName::new(std::str::from_utf8(stream).ok()?).ok()?,
            revision: u64::from_be_bytes(*revision),
            position: Position(u64::from_be_bytes(*position)),
            event: *event,
            recorded_at: i64::from_be_bytes(*recorded_at),
        })
    }
}
