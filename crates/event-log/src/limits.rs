//! The bounds of an append, checked before it takes a place in the queue.

use crate::{Append, AppendError, MAX_APPEND_BYTES, MAX_COMMAND_ID, MAX_EVENTS_PER_APPEND};

/// The most guards one append may stand on.
pub const MAX_GUARDS: usize = 1_024;
/// The longest event type, in bytes.
pub const MAX_EVENT_TYPE: usize = 256;

/// Checks an append against the limits of the log; the error names the limit and what was found.
pub(crate) fn check(append: &Append) -> Result<(), AppendError> {
    let invalid = |what: String| Err(AppendError::Invalid(what));
    if append.events.is_empty() {
        return invalid("it holds no events".into());
    }
    if append.events.len() > MAX_EVENTS_PER_APPEND {
        return invalid(format!("{} events, at most {MAX_EVENTS_PER_APPEND}", append.events.len()));
    }
    if append.guards.len() > MAX_GUARDS {
        return invalid(format!("{} guards, at most {MAX_GUARDS}", append.guards.len()));
    }
    if let Some(key) = &append.command {
        let length = key.id.len();
        if length == 0 || length > MAX_COMMAND_ID {
            return invalid(format!("a command id of {length} bytes, must be 1 to {MAX_COMMAND_ID}"));
        }
    }
    let mut bytes = append.stream.as_str().len();
    for (index, event) in append.events.iter().enumerate() {
        let length = event.event_type.len();
        if length == 0 || length > MAX_EVENT_TYPE {
            return invalid(format!(
                "the type of event {index} has {length} bytes, must be 1 to {MAX_EVENT_TYPE}"
            ));
        }
        bytes = bytes
            .saturating_add(length)
            .saturating_add(event.metadata.len())
            .saturating_add(event.payload.len());
    }
    if bytes > MAX_APPEND_BYTES {
        return invalid(format!("{bytes} bytes, at most {MAX_APPEND_BYTES}"));
    }
    Ok(())
}
