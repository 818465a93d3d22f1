//! Which history something was made from.

use event_log::{Appended, EventLog, Frame, Position, ReadError};

/// The end of a frame: the position of its last event, and when it was recorded. A log that was restored from a copy is
/// another history from there on: what it has at the same position was recorded at another time.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Mark {
    /// The position of the last event.
    pub position: Position,
    /// When it was recorded: microseconds since the Unix epoch.
    pub recorded_at: i64,
}

impl From<&Frame> for Mark {
    fn from(frame: &Frame) -> Self {
        Self { position: frame.last_position(), recorded_at: frame.recorded_at }
    }
}

impl From<&Appended> for Mark {
    fn from(appended: &Appended) -> Self {
        Self { position: appended.last_position, recorded_at: appended.recorded_at }
    }
}

impl Mark {
    /// Whether a log has the frame that ends here, and so everything before it. What was made from a log that does not
    /// may hold what never happened.
    pub async fn stands_in(self, log: &dyn EventLog) -> Result<bool, ReadError> {
        if self == Self::default() {
            return Ok(true);
        }
        let frame = log.frame_at(self.position).await?;
        Ok(frame.is_some_and(|frame| Self::from(&*frame) == self))
    }
}
