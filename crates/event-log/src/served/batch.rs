//! Many appends in one call, in the order in which they are asked for. A call may last as long as its client: when the
//! log stops, the call takes no more, answers what it owes, and ends with an error.

use super::{
    Peer, Served,
    append::{Asked, Refused, code_of, size, too_large},
    stop, stopping,
};
use crate::{
    AppendError, AppendOutcome, ExpectedRevision, MAX_APPEND_BYTES, MAX_EVENTS_PER_APPEND, NewEvent, protocol,
};
use futures::{
    FutureExt, StreamExt,
    future::BoxFuture,
    stream::{self, BoxStream, FuturesUnordered},
};
use prost::Message;
use protocol::{
    rpc, shared,
    streams::{BatchAppendReq, BatchAppendResp, batch_append_req, batch_append_resp},
};
use std::collections::HashMap;
use tokio::sync::watch;
use tonic::{Code, Status, Streaming};

/// How many appends of one stream of calls may be unanswered.
const UNANSWERED: usize = 1_024;
/// How many appends of one stream of calls may be sent in parts at once.
const UNFINISHED: usize = 64;

/// A batch of which not all parts have come.
struct Unfinished {
    options: batch_append_req::Options,
    events: Vec<NewEvent>,
    bytes: usize,
}

type Answer = BatchAppendResp;

/// Appends in the order in which they are asked for. Each is answered once it is durable, or refused; answers come in
/// the order in which the log gives them.
pub(super) fn many(
    served: Served,
    peer: Peer,
    messages: Streaming<BatchAppendReq>,
) -> BoxStream<'static, Result<Answer, Status>> {
    let state = Many {
        stopped: served.stopped.clone(),
        stopping: false,
        served,
        peer,
        messages: Some(messages),
        parts: HashMap::new(),
        answers: FuturesUnordered::new(),
    };
    stream::unfold(Some(state), |state| async move {
        let mut state = state?;
        match state.next().await? {
            Ok(answer) => Some((Ok(answer), Some(state))),
            Err(status) => Some((Err(status), None)),
        }
    })
    .boxed()
}

struct Many {
    served: Served,
    stopped: watch::Receiver<bool>,
    stopping: bool,
    peer: Peer,
    /// `None` once the client has said everything.
    messages: Option<Streaming<BatchAppendReq>>,
    parts: HashMap<[u8; 16], Unfinished>,
    answers: FuturesUnordered<BoxFuture<'static, Answer>>,
}

impl Many {
    async fn next(&mut self) -> Option<Result<Answer, Status>> {
        loop {
            if self.answers.is_empty() && (self.stopping || self.messages.is_none()) {
                return self.stopping.then(|| Err(stopping()));
            }
            let listening = !self.stopping && self.messages.is_some() && self.answers.len() < UNANSWERED;
            tokio::select! {
                // What is owed is answered still; nothing more is taken.
                () = stop(&mut self.stopped), if !self.stopping => self.stopping = true,
                Some(answer) = self.answers.next(), if !self.answers.is_empty() => return Some(Ok(answer)),
                message = next_message(&mut self.messages), if listening => match message {
                    Ok(Some(message)) => {
                        if let Err(status) = self.take(message) {
                            return Some(Err(status));
                        }
                    }
                    // The client has said everything; what it asked for is still answered.
                    Ok(None) => self.messages = None,
                    Err(status) => return Some(Err(status)),
                },
            }
        }
    }

    /// Takes a part of a batch; the last one sends it to the log.
    fn take(&mut self, message: BatchAppendReq) -> Result<(), Status> {
        let Some(correlation) = protocol::id_of(message.correlation_id.as_ref()) else {
            return Err(Status::invalid_argument("a batch has no correlation id"));
        };
        let terms = message.terms.clone();
        let last = message.is_final;
        let options = match self.collect(correlation, message) {
            Ok(()) if !last => return Ok(()),
            Ok(()) => None,
            Err((options, refusal)) => Some((options, refusal)),
        };
        let part = self.parts.remove(&correlation);
        let answer = match (options, part) {
            (Some((options, refusal)), _) => {
                let answer = refusal_of(correlation, options.as_ref(), refusal);
                std::future::ready(answer).boxed()
            }
            (None, Some(part)) => self.append(correlation, part, terms),
            // Not reached: what was collected is there.
            (None, None) => return Ok(()),
        };
        self.answers.push(answer);
        Ok(())
    }

    fn collect(
        &mut self,
        correlation: [u8; 16],
        message: BatchAppendReq,
    ) -> Result<(), (Option<batch_append_req::Options>, Refused)> {
        if self.parts.len() >= UNFINISHED && !self.parts.contains_key(&correlation) {
            return Err((None, Refused::Malformed(format!("more than {UNFINISHED} batches are unfinished"))));
        }
        let mut part = match (self.parts.remove(&correlation), message.options) {
            (Some(part), _) => part,
            (None, Some(options)) => Unfinished { options, events: Vec::new(), bytes: 0 },
            (None, None) => return Err((None, Refused::Malformed("a batch begins without options".into()))),
        };
        let options = part.options.clone();
        let refused = |refusal| (Some(options.clone()), refusal);
        if part.events.len() + message.proposed_messages.len() > MAX_EVENTS_PER_APPEND {
            let message = format!("an append holds at most {MAX_EVENTS_PER_APPEND} events");
            return Err(refused(Refused::Malformed(message)));
        }
        for event in message.proposed_messages {
            let (custom, data) = (event.custom_metadata, event.data);
            match self.served.event(self.peer, event.id.as_ref(), &event.metadata, custom, data) {
                Ok(event) => {
                    part.bytes += size(&event);
                    part.events.push(event);
                }
                Err(refusal) => return Err(refused(refusal)),
            }
            if part.bytes > MAX_APPEND_BYTES {
                return Err(refused(too_large()));
            }
        }
        self.parts.insert(correlation, part);
        Ok(())
    }

    fn append(
        &self,
        correlation: [u8; 16],
        part: Unfinished,
        terms: Option<protocol::kiban::AppendTerms>,
    ) -> BoxFuture<'static, Answer> {
        let Unfinished { options, events, bytes: _ } = part;
        let asked = self.asked(&options, events, terms);
        match asked {
            Err(refusal) => std::future::ready(refusal_of(correlation, Some(&options), refusal)).boxed(),
            Ok(asked) => {
                let in_full = self.peer == Peer::Kiban;
                let appending = self.served.append(asked);
                async move { answer_of(correlation, &options, &appending.await, in_full) }.boxed()
            }
        }
    }

    fn asked(
        &self,
        options: &batch_append_req::Options,
        events: Vec<NewEvent>,
        terms: Option<protocol::kiban::AppendTerms>,
    ) -> Result<Asked, Refused> {
        let stream = self.served.appendable(self.peer, options.stream_identifier.as_ref())?;
        let expected = options.expected_stream_position.map_or(ExpectedRevision::Any, ExpectedRevision::from);
        let terms = match terms {
            Some(terms) if self.peer == Peer::Kiban => {
                let terms = protocol::terms_of(terms);
                terms.ok_or_else(|| Refused::Malformed("the terms of the append are malformed".into()))?
            }
            // Passed over, as any other log of the protocol does.
            Some(_) | None => (None, Vec::new()),
        };
        Ok(Asked { stream, expected, events, terms })
    }
}

async fn next_message(
    messages: &mut Option<Streaming<BatchAppendReq>>,
) -> Result<Option<BatchAppendReq>, Status> {
    match messages {
        Some(messages) => messages.message().await,
        None => Ok(None),
    }
}

fn blank(correlation: [u8; 16], options: Option<&batch_append_req::Options>) -> Answer {
    let expected = options.and_then(|options| options.expected_stream_position).map(ExpectedRevision::from);
    BatchAppendResp {
        correlation_id: Some(protocol::uuid(correlation)),
        stream_identifier: options.and_then(|options| options.stream_identifier.clone()),
        expected_stream_position: expected.map(Into::into),
        ..Default::default()
    }
}

fn refusal_of(
    correlation: [u8; 16],
    options: Option<&batch_append_req::Options>,
    refusal: Refused,
) -> Answer {
    let (code, message, details) = match refusal {
        Refused::Malformed(message) => {
            let details = shared::BadRequest { message: message.clone() };
            (Code::InvalidArgument, message, detail("BadRequest", &details))
        }
        Refused::Denied(message) => {
            (Code::PermissionDenied, message, detail("AccessDenied", &shared::AccessDenied {}))
        }
    };
    let status = rpc::Status { code: code as i32, message, details: Some(details) };
    let result = Some(batch_append_resp::Result::Error(status));
    BatchAppendResp { result, ..blank(correlation, options) }
}

fn answer_of(
    correlation: [u8; 16],
    options: &batch_append_req::Options,
    answer: &Result<AppendOutcome, AppendError>,
    in_full: bool,
) -> Answer {
    let result = match answer {
        Ok(AppendOutcome::Appended(place) | AppendOutcome::AlreadyAppended(place)) => {
            use batch_append_resp::success::{CurrentRevisionOption, PositionOption};
            let position = shared::AllStreamPosition {
                commit_position: place.last_position.0,
                prepare_position: place.last_position.0,
            };
            batch_append_resp::Result::Success(batch_append_resp::Success {
                current_revision_option: Some(CurrentRevisionOption::CurrentRevision(place.last_revision)),
                position_option: Some(PositionOption::Position(position)),
            })
        }
        Err(error) => {
            let (code, message) = code_of(error);
            let details = details_of(error);
            batch_append_resp::Result::Error(rpc::Status {
                code: code as i32,
                message,
                details: Some(details),
            })
        }
    };
    let outcome = in_full.then(|| protocol::outcome(answer));
    BatchAppendResp { result: Some(result), outcome, ..blank(correlation, Some(options)) }
}

fn details_of(error: &AppendError) -> prost_types::Any {
    use shared::wrong_expected_version::CurrentStreamRevisionOption as Current;
    match error {
        AppendError::Conflict { expected, actual, .. } => {
            let wrong = shared::WrongExpectedVersion {
                current_stream_revision_option: Some(match actual {
                    Some(revision) => Current::CurrentStreamRevision(*revision),
                    None => Current::CurrentNoStream(()),
                }),
                expected_stream_position_option: Some((*expected).into()),
            };
            detail("WrongExpectedVersion", &wrong)
        }
        AppendError::Invalid(message) => {
            detail("BadRequest", &shared::BadRequest { message: message.clone() })
        }
        AppendError::Overloaded | AppendError::Unavailable(_) => detail("Timeout", &shared::Timeout {}),
        AppendError::IdMismatch | AppendError::Unknown(_) => detail("Unknown", &shared::Unknown {}),
    }
}

fn detail(name: &str, message: &impl Message) -> prost_types::Any {
    prost_types::Any {
        type_url: format!("type.googleapis.com/event_store.client.{name}"),
        value: message.encode_to_vec(),
    }
}
