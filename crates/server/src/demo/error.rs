//! What goes wrong on the way, told as the server told it.

use std::fmt;

use tonic::Status;
use tonic_types::StatusExt;

/// The demo cannot go on.
#[derive(Debug, thiserror::Error)]
pub(super) enum DemoError {
    /// The server refused what had to be granted.
    #[error("{step}: {said}")]
    Refused {
        /// What was being done.
        step: String,
        /// What the server said.
        said: Box<Said>,
    },
    /// A reply lacks what every such reply has.
    #[error("{step}: the reply lacks {what}")]
    Incomplete {
        /// What was being done.
        step: String,
        /// What is missing.
        what: &'static str,
    },
    /// The table of TCGA projects in this program cannot be read.
    #[error("the table of TCGA projects, line {line}: {what}")]
    Table {
        /// The line, from 1.
        line: usize,
        /// What is wrong with it.
        what: &'static str,
    },
    /// The data directory holds something.
    #[error("{0} holds something already: the demo starts from nothing")]
    NotEmpty(String),
}

/// What a server said that did not do what it was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Said {
    /// The gRPC code, such as `PermissionDenied`.
    pub(super) code: String,
    /// The reason from the closed catalogue, such as `ACCESS_DENIED`; empty if none came.
    pub(super) reason: String,
    /// For people.
    pub(super) message: String,
    /// The fields that are wrong.
    pub(super) fields: Vec<String>,
    /// The reasons for which use was denied, such as `contract-paused`.
    pub(super) denials: Vec<String>,
}

impl Said {
    /// Reads a status and its details.
    pub(super) fn of(status: &Status) -> Self {
        let details = status.get_error_details();
        let info = details.error_info();
        let denials = info.and_then(|info| info.metadata.get("reasons")).map(String::as_str).unwrap_or("");
        let violations = details.bad_request().map(|bad| bad.field_violations.as_slice()).unwrap_or_default();
        Self {
            code: format!("{:?}", status.code()),
            reason: info.map(|info| info.reason.clone()).unwrap_or_default(),
            message: status.message().to_owned(),
            fields: violations.iter().map(|violation| violation.field.clone()).collect(),
            denials: denials.split(',').filter(|reason| !reason.is_empty()).map(str::to_owned).collect(),
        }
    }
}

impl fmt::Display for Said {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.code)?;
        if !self.reason.is_empty() {
            write!(f, " {}", self.reason)?;
        }
        write!(f, ": {}", self.message)?;
        if self.fields.is_empty() { Ok(()) } else { write!(f, " (field {})", self.fields.join(", ")) }
    }
}
