//! The EventStoreDB protocol, as both its sides here need it: the messages, and what they mean in the log's own terms.

mod expected;

use crate::{AppendError, AppendOutcome, Appended, CommandKey, Guard, Position, StreamName};
use bytes::Bytes;
use uuid::Uuid;

#[allow(
    missing_docs,
    unreachable_pub,
    clippy::all,
    clippy::disallowed_methods,
    clippy::too_many_lines,
    reason = "generated; documented in the schema"
)]
mod generated {
    include!(concat!(env!("OUT_DIR"), "/protocol.rs"));
}

pub(crate) use generated::{
    event_store::client::{self as shared, gossip, server_features, streams},
    google::rpc,
    kiban::event_log::v1 as kiban,
};

/// The descriptors of the services by which a log is served, for whoever must know their names.
pub const PROTOCOL_DESCRIPTORS: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/protocol.binpb"));

/// By this header a caller proves to be Kiban.
pub(crate) const PROOF_HEADER: &str = "kiban-proof";

/// Marks the metadata of Kiban's events.
pub(crate) const FORMAT: &str = "kiban.event_log.v1";

/// How many bytes of the protocol's own a message may hold beside one full append.
pub(crate) const MAX_MESSAGE: usize = 4 * crate::MAX_APPEND_BYTES;

pub(crate) fn uuid(id: [u8; 16]) -> shared::Uuid {
    let (most, least) = Uuid::from_bytes(id).as_u64_pair();
    let structured = shared::uuid::Structured {
        most_significant_bits: most.cast_signed(),
        least_significant_bits: least.cast_signed(),
    };
    shared::Uuid { value: Some(shared::uuid::Value::Structured(structured)) }
}

/// The id as text, for clients that ask for it.
pub(crate) fn uuid_text(id: [u8; 16]) -> shared::Uuid {
    shared::Uuid { value: Some(shared::uuid::Value::String(Uuid::from_bytes(id).to_string())) }
}

/// `None` if it is none.
pub(crate) fn id_of(uuid: Option<&shared::Uuid>) -> Option<[u8; 16]> {
    match uuid?.value.as_ref()? {
        shared::uuid::Value::Structured(bits) => {
            let pair =
                (bits.most_significant_bits.cast_unsigned(), bits.least_significant_bits.cast_unsigned());
            Some(Uuid::from_u64_pair(pair.0, pair.1).into_bytes())
        }
        shared::uuid::Value::String(text) => Uuid::parse_str(text).ok().map(Uuid::into_bytes),
    }
}

pub(crate) fn identifier(stream: &str) -> shared::StreamIdentifier {
    shared::StreamIdentifier { stream_name: Bytes::copy_from_slice(stream.as_bytes()) }
}

/// The name as text; `None` if there is none or it is not UTF-8.
pub(crate) fn name_of(identifier: Option<&shared::StreamIdentifier>) -> Option<&str> {
    std::str::from_utf8(&identifier?.stream_name).ok()
}

pub(crate) fn terms(command: Option<&CommandKey>, guards: &[Guard]) -> kiban::AppendTerms {
    let command = command.map(|key| kiban::Command {
        scope: Bytes::copy_from_slice(&key.scope),
        id: key.id.clone(),
        digest: Bytes::copy_from_slice(&key.digest),
    });
    let guards = guards
        .iter()
        .map(|guard| kiban::Guard { stream: guard.stream.as_str().to_owned(), revision: guard.revision });
    kiban::AppendTerms { command, guards: guards.collect() }
}

/// The terms in the log's own form; `None` if they are not well formed.
pub(crate) fn terms_of(terms: kiban::AppendTerms) -> Option<(Option<CommandKey>, Vec<Guard>)> {
    let command = match terms.command {
        None => None,
        Some(command) => Some(CommandKey {
            scope: (*command.scope).try_into().ok()?,
            id: command.id,
            digest: (*command.digest).try_into().ok()?,
        }),
    };
    let guard = |guard: kiban::Guard| {
        Some(Guard { stream: StreamName::new(guard.stream).ok()?, revision: guard.revision })
    };
    let guards = terms.guards.into_iter().map(guard).collect::<Option<_>>()?;
    Some((command, guards))
}

pub(crate) fn place(appended: &Appended) -> kiban::Place {
    kiban::Place {
        first_position: appended.first_position.0,
        last_position: appended.last_position.0,
        first_revision: appended.first_revision,
        last_revision: appended.last_revision,
        recorded_at: appended.recorded_at,
    }
}

pub(crate) fn appended(place: &kiban::Place) -> Appended {
    Appended {
        first_position: Position(place.first_position),
        last_position: Position(place.last_position),
        first_revision: place.first_revision,
        last_revision: place.last_revision,
        recorded_at: place.recorded_at,
    }
}

/// How an append ended, in full.
pub(crate) fn outcome(answer: &Result<AppendOutcome, AppendError>) -> kiban::AppendOutcome {
    use kiban::append_outcome::Outcome;
    let outcome = match answer {
        Ok(AppendOutcome::Appended(appended)) => Outcome::Appended(place(appended)),
        Ok(AppendOutcome::AlreadyAppended(appended)) => Outcome::Already(place(appended)),
        Err(AppendError::Conflict { stream, expected, actual }) => Outcome::Conflict(kiban::Conflict {
            stream: stream.as_str().to_owned(),
            expected: Some((*expected).into()),
            actual: *actual,
        }),
        Err(AppendError::IdMismatch) => Outcome::IdMismatch(kiban::IdMismatch {}),
        Err(AppendError::Invalid(why)) => Outcome::Invalid(why.clone()),
        Err(AppendError::Overloaded) => Outcome::Overloaded(kiban::Overloaded {}),
        Err(AppendError::Unavailable(why)) => Outcome::Unavailable(why.clone()),
        Err(AppendError::Unknown(why)) => Outcome::Unknown(why.clone()),
    };
    kiban::AppendOutcome { outcome: Some(outcome) }
}

/// How an append ended, in the log's own terms.
pub(crate) fn answer(outcome: kiban::AppendOutcome) -> Result<AppendOutcome, AppendError> {
    use kiban::append_outcome::Outcome;
    let unreadable = |what: &str| AppendError::Unknown(format!("the log's answer cannot be read: {what}"));
    match outcome.outcome {
        Some(Outcome::Appended(place)) => Ok(AppendOutcome::Appended(appended(&place))),
        Some(Outcome::Already(place)) => Ok(AppendOutcome::AlreadyAppended(appended(&place))),
        Some(Outcome::Conflict(conflict)) => {
            let stream = StreamName::new(&conflict.stream).map_err(|error| unreadable(&error.to_string()))?;
            let expected = conflict.expected.ok_or_else(|| unreadable("it names no expectation"))?;
            Err(AppendError::Conflict { stream, expected: expected.into(), actual: conflict.actual })
        }
        Some(Outcome::IdMismatch(_)) => Err(AppendError::IdMismatch),
        Some(Outcome::Invalid(why)) => Err(AppendError::Invalid(why)),
        Some(Outcome::Overloaded(_)) => Err(AppendError::Overloaded),
        Some(Outcome::Unavailable(why)) => Err(AppendError::Unavailable(why)),
        Some(Outcome::Unknown(why)) => Err(AppendError::Unknown(why)),
        None => Err(unreadable("it is empty")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ExpectedRevision;

    #[test]
    fn ids_read_back_in_both_forms() {
        let id = *b"\x00\x01\x02\x03\x04\x05\x06\x07\xf8\xf9\xfa\xfb\xfc\xfd\xfe\xff";
        assert_eq!(id_of(Some(&uuid(id))), Some(id));
        assert_eq!(id_of(Some(&uuid_text(id))), Some(id));
        let text = |text: &str| shared::Uuid { value: Some(shared::uuid::Value::String(text.into())) };
        assert_eq!(id_of(Some(&text("no id"))), None);
        assert_eq!(id_of(Some(&shared::Uuid { value: None })), None);
        assert_eq!(id_of(None), None);
    }

    #[test]
    fn every_outcome_reads_back() {
        let stood = Appended {
            first_position: Position(3),
            last_position: Position(4),
            first_revision: 0,
            last_revision: 1,
            recorded_at: 7,
        };
        let conflict = |expected| {
            let stream = StreamName::new("test-a").unwrap();
            Err(AppendError::Conflict { stream, expected, actual: Some(9) })
        };
        for answered in [
            Ok(AppendOutcome::Appended(stood)),
            Ok(AppendOutcome::AlreadyAppended(stood)),
            conflict(ExpectedRevision::Any),
            conflict(ExpectedRevision::NoStream),
            conflict(ExpectedRevision::StreamExists),
            conflict(ExpectedRevision::Exact(4)),
            Err(AppendError::IdMismatch),
            Err(AppendError::Invalid("why".into())),
            Err(AppendError::Overloaded),
            Err(AppendError::Unavailable("why".into())),
            Err(AppendError::Unknown("why".into())),
        ] {
            assert_eq!(format!("{:?}", answer(outcome(&answered))), format!("{answered:?}"));
        }
        assert!(matches!(answer(kiban::AppendOutcome { outcome: None }), Err(AppendError::Unknown(_))));
    }
}
