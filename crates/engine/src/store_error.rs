//! Why what is kept beside the log cannot be used.

use std::path::Path;

use event_log::ReadError;

use crate::{error::Refusal, reason::Reason};

/// A store that could not be read or written.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{path} failed: {what}; it is built from the log: delete it and start again")]
pub struct StoreError {
    pub(crate) path: String,
    pub(crate) what: String,
}

impl StoreError {
    pub(crate) fn new(path: &Path, what: impl ToString) -> Self {
        Self { path: path.display().to_string(), what: what.to_string() }
    }
}

/// What is kept beside the log could not be opened.
#[derive(Debug, Clone, thiserror::Error)]
pub enum OpenError {
    /// The store itself.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The log would not say whether what is kept was made from it.
    #[error(transparent)]
    Log(#[from] ReadError),
}

impl From<StoreError> for Refusal {
    fn from(error: StoreError) -> Self {
        Self::new(Reason::LogUnavailable, error.to_string())
    }
}
