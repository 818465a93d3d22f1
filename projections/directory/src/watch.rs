//! Notices of what happens to what concerns the caller.

use std::future::ready;

use domain::{id::OrganisationId, time::Timestamp};
use engine::{Refusal, Watched, refusal_of_decode};
use event_log::{Frame, Position};
use events::{DecodeError, Metadata, is_foreign, wire};
use futures::stream::BoxStream;
use proto::kiban::directory::v1::{Notice, WatchResponse, watch_response::Message};
use tonic::Status;

/// What the caller is sent.
pub(crate) type Watch = BoxStream<'static, Result<WatchResponse, Status>>;

/// Watches for what concerns an organisation.
pub(crate) struct Notices(pub(crate) OrganisationId);

impl Watched for Notices {
    type Message = WatchResponse;

    fn examine(
        &mut self,
        frame: &Frame,
        after: Position,
    ) -> impl Future<Output = Result<Vec<WatchResponse>, Refusal>> + Send {
        ready(self.notices(frame, after))
    }

    fn progress(&self, examined: Position) -> WatchResponse {
        WatchResponse { message: Some(Message::ExaminedPosition(examined.to_string())) }
    }
}

impl Notices {
    /// Looks at the envelopes of a frame's events, never at what they hold.
    fn notices(&self, frame: &Frame, after: Position) -> Result<Vec<WatchResponse>, Refusal> {
        let mut notices = Vec::new();
        if is_foreign(frame) {
            return Ok(notices);
        }
        for (revision, event) in (frame.first_revision..).zip(&frame.events) {
            let position = event.position;
            if position <= after {
                continue;
            }
            let metadata = Metadata::decode(&event.metadata).map_err(|defect| {
                let event_type = event.event_type.to_string();
                refusal_of_decode(&DecodeError { position, event_type, defect })
            })?;
            if metadata.audience.contains(&self.0) {
                let notice = Notice {
                    position: position.to_string(),
                    event_type: event.event_type.to_string(),
                    subject: frame.stream.id().to_owned(),
                    revision,
                    recorded_at: Timestamp::from_micros(frame.recorded_at).map(wire::time),
                };
                notices.push(WatchResponse { message: Some(Message::Notice(notice)) });
            }
        }
        Ok(notices)
    }
}
