//! The one way to say no on the wire: a reason from one closed catalogue, its gRPC code, and the fields.

use std::{collections::HashMap, time::Duration};

use events::FormError;
use tonic::Status;
use tonic_types::{ErrorDetails, FieldViolation, StatusExt};

use crate::reason::{ErrorKind, Reason};

/// The `domain` of every `google.rpc.ErrorInfo`.
pub const ERROR_DOMAIN: &str = "kiban";

/// A request that is refused, with everything that the caller needs to mend it.
#[derive(Clone, PartialEq, Debug)]
pub struct Refusal {
    /// Why.
    pub reason: Reason,
    /// The rule and the values, for a person: lower case, no full stop.
    pub message: String,
    /// The fields that are wrong, and how: `records[17].cases`, `must be at least 1`.
    pub fields: Vec<(String, String)>,
    /// Values for a program.
    pub metadata: Vec<(&'static str, String)>,
}

impl Refusal {
    /// A refusal that is about no single field.
    pub fn new(reason: Reason, message: impl Into<String>) -> Self {
        Self { reason, message: message.into(), fields: Vec::new(), metadata: Vec::new() }
    }

    /// A refusal for what one field holds.
    pub fn field(reason: Reason, field: impl Into<String>, what: impl Into<String>) -> Self {
        let (field, what) = (field.into(), what.into());
        Self {
            reason,
            message: format!("{field}: {what}"),
            fields: vec![(field, what)],
            metadata: Vec::new(),
        }
    }

    /// A field that holds no value of its kind.
    pub fn invalid(field: impl Into<String>, what: impl ToString) -> Self {
        Self::field(Reason::InvalidField, field, what.to_string())
    }

    /// No such thing, or none that the caller may see.
    pub fn not_found(what: impl std::fmt::Display) -> Self {
        Self::new(Reason::NotFound, format!("{what} does not exist"))
    }

    /// Adds a value for a program.
    pub fn with(mut self, key: &'static str, value: impl ToString) -> Self {
        self.metadata.push((key, value.to_string()));
        self
    }
}

/// A field of a message that the API and the log have in common.
impl From<FormError> for Refusal {
    fn from(error: FormError) -> Self {
        Self::invalid(error.path, error.what)
    }
}

impl From<Refusal> for Status {
    fn from(refusal: Refusal) -> Self {
        let kind = refusal.reason.kind();
        let metadata: HashMap<String, String> =
            refusal.metadata.into_iter().map(|(key, value)| (key.to_owned(), value)).collect();
        let mut details = ErrorDetails::new();
        details.set_error_info(refusal.reason.as_str(), ERROR_DOMAIN, metadata);
        if !refusal.fields.is_empty() {
            let violations = refusal.fields.into_iter();
            details.set_bad_request(
                violations.map(|(field, what)| FieldViolation::new(field, what)).collect::<Vec<_>>(),
            );
        }
        if kind == ErrorKind::Unavailable {
            details.set_retry_info(Some(Duration::from_millis(200)));
        }
        Status::with_error_details(kind.code(), refusal.message, details)
    }
}

#[cfg(test)]
mod tests {
    use tonic::Code;

    use super::*;

    #[test]
    fn a_refusal_names_reason_field_and_values() {
        let refusal = Refusal::invalid("records[17].cases", "must be at least 1").with("index", 17);
        let status = Status::from(refusal);
        assert_eq!(status.code(), Code::InvalidArgument);
        let details = status.get_error_details();
        let info = details.error_info().unwrap();
        assert_eq!((info.reason.as_str(), info.domain.as_str()), ("INVALID_FIELD", "kiban"));
        assert_eq!(info.metadata["index"], "17");
        assert_eq!(details.bad_request().unwrap().field_violations[0].field, "records[17].cases");
    }
}
