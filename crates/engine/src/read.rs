//! Reading streams as domain events, and what failed reads mean to a caller.

use event_log::{EventLog, Frame, Page, ReadError, StreamName};
use events::{DecodeError, Recordable};

use crate::{error::Refusal, reason::Reason};

/// One page of a stream's events from a revision on, each with its revision.
pub async fn read_events<E: Recordable>(
    log: &dyn EventLog,
    stream: &StreamName,
    from_revision: u64,
    page: Page,
) -> Result<Vec<(u64, E)>, Refusal> {
    let frames = log.read_stream(stream, from_revision, page).await.map_err(refusal_of_read)?;
    let mut events = Vec::new();
    for frame in frames {
        let revisions = frame.first_revision..;
        let decoded = decode::<E>(&frame)?;
        events.extend(revisions.zip(decoded).filter(|(revision, _)| *revision >= from_revision));
    }
    Ok(events)
}

/// The events of a frame.
pub fn decode<E: Recordable>(frame: &Frame) -> Result<Vec<E>, Refusal> {
    let decoded = frame.events.iter().map(|event| {
        E::decode(&event.event_type, &event.payload).map_err(|defect| {
            refusal_of_decode(&DecodeError {
                position: event.position,
                event_type: event.event_type.to_string(),
                defect,
            })
        })
    });
    decoded.collect()
}

/// What a failed read means to a caller.
pub fn refusal_of_read(error: ReadError) -> Refusal {
    let reason = match error {
        ReadError::Corrupt { .. } => Reason::LogCorrupt,
        ReadError::Unavailable(_) | ReadError::Closed => Reason::LogUnavailable,
    };
    Refusal::new(reason, error.to_string())
}

/// What an unreadable event means to a caller.
pub fn refusal_of_decode(error: &DecodeError) -> Refusal {
    Refusal::new(Reason::LogCorrupt, error.to_string()).with("position", error.position)
}
