//! Frames from events: the protocol knows events alone, so each of Kiban's says in its metadata where it stands in what
//! its append wrote.
//!
//! *When it was recorded* is what the server says, but not before what stood in the log when it was sent: servers' clocks
//! may step back. Whoever sends writes down how late that was, so that every reader finds the same, wherever it begins.
//! Two appends that were sent at once, just when the clock stepped back, know nothing of each other: those who read all
//! streams then take the later time of both for the second.

use crate::{
    Frame, Position, ReadError, RecordedEvent, StreamName,
    frame::Names,
    protocol::{
        self,
        kiban::{AppendTerms, StoredMetadata},
        streams::read_resp::{ReadEvent, read_event},
    },
};
use prost::Message;
use std::sync::Arc;

/// An event of Kiban as the protocol gives it.
pub(super) struct Piece {
    pub(super) stream: StreamName,
    pub(super) revision: u64,
    pub(super) recorded_at: i64,
    /// Where it stands in its frame.
    pub(super) index: u32,
    /// How many events its frame has.
    pub(super) events: u32,
    pub(super) event: RecordedEvent,
    pub(super) terms: Option<AppendTerms>,
}

impl Piece {
    /// `None` if the event is not one of Kiban's: it may stand in the same log and means nothing here.
    pub(super) fn of(read: ReadEvent, names: &mut Names) -> Result<Option<Self>, ReadError> {
        let Some(event) = read.event else { return Ok(None) };
        let position = Position(event.commit_position);
        let stored = StoredMetadata::decode(event.custom_metadata.clone()).ok();
        let Some(stored) = stored.filter(|stored| stored.format == protocol::FORMAT) else { return Ok(None) };
        let corrupt = |what: &str| ReadError::Corrupt { position, what: what.to_owned() };
        if event.prepare_position != event.commit_position {
            return Err(corrupt("its prepare and commit positions differ: Kiban writes no transactions"));
        }
        let name = protocol::name_of(event.stream_identifier.as_ref());
        let stream = name.and_then(|name| StreamName::new(name).ok());
        let stream = stream.ok_or_else(|| corrupt("its stream has no name of Kiban's form"))?;
        if stored.events == 0
            || stored.index >= stored.events
            || u64::from(stored.index) > event.stream_revision
        {
            return Err(corrupt("its place in its frame is out of bounds"));
        }
        let id = protocol::id_of(event.id.as_ref()).ok_or_else(|| corrupt("it has no id"))?;
        let event_type = event.metadata.get("type").ok_or_else(|| corrupt("it has no type"))?;
        Ok(Some(Self {
            stream,
            revision: event.stream_revision,
            recorded_at: recorded_at(&event, &stored)
                .ok_or_else(|| corrupt("it does not say when it was recorded"))?,
            index: stored.index,
            events: stored.events,
            event: RecordedEvent {
                position,
                id,
                event_type: names.get(event_type),
                metadata: stored.metadata,
                payload: event.data,
            },
            terms: stored.terms,
        }))
    }
}

/// Microseconds since the Unix epoch; the protocol gives ticks of 100 ns.
fn recorded_at(event: &read_event::RecordedEvent, stored: &StoredMetadata) -> Option<i64> {
    let created = event.metadata.get("created")?.parse::<i64>().ok()? / 10;
    Some(stored.recorded_at_least.map_or(created, |least| created.max(least)))
}

/// Puts pieces together.
#[derive(Default)]
pub(super) struct Assembly {
    frame: Option<Frame>,
    events: u32,
}

impl Assembly {
    /// Whether a frame has begun and is not whole.
    pub(super) const fn is_open(&self) -> bool {
        self.frame.is_some()
    }

    /// Takes the next event; gives the frame that it completes. Its first event says when it was recorded, but not
    /// before `least`.
    pub(super) fn push(&mut self, piece: Piece, least: i64) -> Result<Option<Arc<Frame>>, ReadError> {
        let position = piece.event.position;
        let frame = match self.frame.take() {
            None if piece.index == 0 => {
                self.events = piece.events;
                Frame {
                    stream: piece.stream,
                    first_position: position,
                    first_revision: piece.revision,
                    recorded_at: piece.recorded_at.max(least),
                    events: vec![piece.event],
                }
            }
            Some(mut frame)
                if frame.stream == piece.stream
                    && frame.events.len() == piece.index as usize
                    && frame.first_revision + u64::from(piece.index) == piece.revision =>
            {
                frame.events.push(piece.event);
                frame
            }
            _ => {
                let what = "it does not continue the frame before it".to_owned();
                return Err(ReadError::Corrupt { position, what });
            }
        };
        if frame.events.len() == self.events as usize {
            return Ok(Some(Arc::new(frame)));
        }
        self.frame = Some(frame);
        Ok(None)
    }
}
