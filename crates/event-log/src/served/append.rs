//! Appending over the protocol: who may append what, and one append a call. A call with many is in `batch`.

use super::{Peer, Served, events, refused, stop, stopping};
use crate::{
    Append, AppendError, AppendOutcome, Appended, CommandKey, ExpectedRevision, Guard, MAX_APPEND_BYTES,
    MAX_EVENTS_PER_APPEND, NewEvent, StreamName, protocol,
};
use futures::future::BoxFuture;
use protocol::{
    shared,
    streams::{AppendReq, AppendResp, append_req, append_resp},
};
use std::collections::HashMap;
use tonic::{Code, Status, Streaming};

/// Why an append is not even tried.
pub(super) enum Refused {
    Malformed(String),
    Denied(String),
}

/// The append that a client asks for, once it is whole.
pub(super) struct Asked {
    pub(super) stream: StreamName,
    pub(super) expected: ExpectedRevision,
    pub(super) events: Vec<NewEvent>,
    pub(super) terms: (Option<CommandKey>, Vec<Guard>),
}

impl Served {
    /// The stream, if the caller may append to it.
    pub(super) fn appendable(
        &self,
        peer: Peer,
        identifier: Option<&shared::StreamIdentifier>,
    ) -> Result<StreamName, Refused> {
        let malformed = |what: &str| Refused::Malformed(what.to_owned());
        let name = protocol::name_of(identifier).ok_or_else(|| malformed("it names no stream"))?;
        let stream = StreamName::new(name).map_err(|error| Refused::Malformed(error.to_string()))?;
        if peer == Peer::Foreign && (self.reserved)(stream.category()) {
            let category = stream.category();
            let message =
                format!("streams of the category {category:?} are Kiban's own: others read them only");
            return Err(Refused::Denied(message));
        }
        Ok(stream)
    }

    pub(super) fn event(
        &self,
        peer: Peer,
        id: Option<&shared::Uuid>,
        metadata: &HashMap<String, String>,
        custom: bytes::Bytes,
        data: bytes::Bytes,
    ) -> Result<NewEvent, Refused> {
        let event = match peer {
            Peer::Kiban => events::own(id, metadata, custom, data),
            Peer::Foreign => events::foreign(id, metadata, custom, data, self.bare),
        };
        event.map_err(Refused::Malformed)
    }

    /// Takes the append's place in the log's order now; the future waits for the answer.
    pub(super) fn append(&self, asked: Asked) -> BoxFuture<'static, Result<AppendOutcome, AppendError>> {
        let Asked { stream, expected, events, terms: (command, guards) } = asked;
        self.log.append(Append { stream, expected, guards, command, events })
    }
}

/// What an event takes of an append's bytes: counted as it comes, before all of it is held.
pub(super) fn size(event: &NewEvent) -> usize {
    event.event_type.len() + event.metadata.len() + event.payload.len()
}

pub(super) fn too_large() -> Refused {
    Refused::Malformed(format!("an append holds at most {MAX_APPEND_BYTES} bytes"))
}

impl From<Refused> for Status {
    fn from(refusal: Refused) -> Self {
        match refusal {
            Refused::Malformed(message) => Self::invalid_argument(message),
            Refused::Denied(message) => refused(Code::PermissionDenied, &message),
        }
    }
}

/// One append, sent message by message.
pub(super) async fn one(
    served: &Served,
    peer: Peer,
    mut messages: Streaming<AppendReq>,
) -> Result<AppendResp, Status> {
    use append_req::Content;
    let Some(Content::Options(options)) = messages.message().await?.and_then(|message| message.content)
    else {
        return Err(Status::invalid_argument(
            "the first message must name the stream and what is expected of it",
        ));
    };
    let stream = served.appendable(peer, options.stream_identifier.as_ref())?;
    let expected = options.expected_stream_revision.map_or(ExpectedRevision::Any, ExpectedRevision::from);
    let (mut events, mut bytes) = (Vec::new(), 0);
    let mut stopped = served.stopped.clone();
    loop {
        let message = tokio::select! {
            message = messages.message() => message?,
            // A client that never ends must not hold up the end.
            () = stop(&mut stopped) => return Err(stopping()),
        };
        let Some(message) = message else { break };
        let Some(Content::ProposedMessage(event)) = message.content else {
            return Err(Status::invalid_argument("after the first message only events may come"));
        };
        if events.len() == MAX_EVENTS_PER_APPEND {
            let message = format!("an append holds at most {MAX_EVENTS_PER_APPEND} events");
            return Err(Status::invalid_argument(message));
        }
        let event =
            served.event(peer, event.id.as_ref(), &event.metadata, event.custom_metadata, event.data)?;
        bytes += size(&event);
        if bytes > MAX_APPEND_BYTES {
            return Err(too_large().into());
        }
        events.push(event);
    }
    let asked = Asked { stream, expected, events, terms: (None, Vec::new()) };
    let result = match served.append(asked).await {
        Ok(AppendOutcome::Appended(place) | AppendOutcome::AlreadyAppended(place)) => success(&place),
        Err(AppendError::Conflict { expected, actual, .. }) => wrong_version(expected, actual),
        Err(error) => return Err(status_of(&error)),
    };
    Ok(AppendResp { result: Some(result) })
}

fn success(place: &Appended) -> append_resp::Result {
    use append_resp::{Position, success};
    let position =
        Position { commit_position: place.last_position.0, prepare_position: place.last_position.0 };
    append_resp::Result::Success(append_resp::Success {
        current_revision_option: Some(success::CurrentRevisionOption::CurrentRevision(place.last_revision)),
        position_option: Some(success::PositionOption::Position(position)),
    })
}

fn wrong_version(expected: ExpectedRevision, actual: Option<u64>) -> append_resp::Result {
    use append_resp::wrong_expected_version::CurrentRevisionOption as Current;
    let empty = shared::Empty {};
    append_resp::Result::WrongExpectedVersion(append_resp::WrongExpectedVersion {
        current_revision_option: Some(match actual {
            Some(revision) => Current::CurrentRevision(revision),
            None => Current::CurrentNoStream(empty),
        }),
        expected_revision_option: Some(expected.into()),
        ..Default::default()
    })
}

fn status_of(error: &AppendError) -> Status {
    let (code, message) = code_of(error);
    Status::new(code, message)
}

pub(super) fn code_of(error: &AppendError) -> (Code, String) {
    let code = match error {
        AppendError::Conflict { .. } => Code::FailedPrecondition,
        AppendError::IdMismatch => Code::AlreadyExists,
        AppendError::Invalid(_) => Code::InvalidArgument,
        AppendError::Overloaded => Code::ResourceExhausted,
        AppendError::Unavailable(_) => Code::Unavailable,
        AppendError::Unknown(_) => Code::Unknown,
    };
    (code, error.to_string())
}
