//! What other logs of the protocol answer to an append, in the log's own terms.

use crate::{
    AppendError, ExpectedRevision, StreamName,
    protocol::{rpc, shared, streams::batch_append_resp},
};
use prost::Message;

/// Why an append was not written.
pub(super) enum Refusal {
    /// The server did not take it up, and may do so later: surely nothing was written.
    NotTakenUp(String),
    /// What the caller is told.
    Answered(AppendError),
}

/// The answer of a log that is not Kiban's.
pub(super) fn bare(
    result: Option<batch_append_resp::Result>,
    stream: &StreamName,
    expected: ExpectedRevision,
) -> Result<(u64, u64), Refusal> {
    use batch_append_resp::success::{CurrentRevisionOption, PositionOption};
    let unreadable = |what: &str| Refusal::Answered(AppendError::Unknown(format!("the log's answer {what}")));
    match result {
        Some(batch_append_resp::Result::Success(success)) => {
            let Some(CurrentRevisionOption::CurrentRevision(revision)) = success.current_revision_option
            else {
                return Err(unreadable("names no revision"));
            };
            let Some(PositionOption::Position(position)) = success.position_option else {
                return Err(unreadable("names no position"));
            };
            Ok((revision, position.commit_position))
        }
        Some(batch_append_resp::Result::Error(status)) => Err(refusal(status, stream, expected)),
        None => Err(unreadable("is empty")),
    }
}

fn refusal(status: rpc::Status, stream: &StreamName, expected: ExpectedRevision) -> Refusal {
    let details = status.details.unwrap_or_default();
    Refusal::Answered(match details.type_url.rsplit(['.', '/']).next() {
        Some("WrongExpectedVersion") => {
            use shared::wrong_expected_version::CurrentStreamRevisionOption;
            let wrong = shared::WrongExpectedVersion::decode(details.value.as_slice()).unwrap_or_default();
            let actual = match wrong.current_stream_revision_option {
                Some(CurrentStreamRevisionOption::CurrentStreamRevision(revision)) => Some(revision),
                Some(CurrentStreamRevisionOption::CurrentNoStream(())) | None => None,
            };
            AppendError::Conflict { stream: stream.clone(), expected, actual }
        }
        Some(
            "BadRequest" | "MaximumAppendSizeExceeded" | "MaximumAppendEventSizeExceeded" | "StreamDeleted",
        ) => AppendError::Invalid(status.message),
        // No fault of the append's: whoever operates this must look at the credentials.
        Some("AccessDenied") => AppendError::Unavailable(format!("the log denies access to {stream}")),
        // So says a member that is not ready, too busy, or knows no leader. With a code it is an error inside of it.
        Some("Empty") if status.code == 0 => return Refusal::NotTakenUp(status.message),
        _ => AppendError::Unknown(status.message),
    })
}
