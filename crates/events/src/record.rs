//! What it takes for a domain event to stand in the log.

use event_log::Position;

use crate::Category;

/// A domain event with a form in the log.
pub trait Recordable: Sized + Send + Sync + 'static {
    /// The category of the streams in which it stands.
    const CATEGORY: Category;

    /// The stable name of its type, apart from Rust paths, such as `kiban.contract.v1.ContractSigned`.
    fn event_type(&self) -> &'static str;

    /// Its bytes.
    fn encode(&self) -> Vec<u8>;

    /// Reads it back, with everything checked that a fold relies on.
    fn decode(event_type: &str, payload: &[u8]) -> Result<Self, Defect>;
}

/// A state of an aggregate that can be kept beside the log, to be thrown away at will.
pub trait Snapshot: Sized {
    /// Raised whenever `evolve` or the form changes: snapshots of another version are discarded.
    const FOLD_VERSION: u32;

    /// Canonical bytes: the same state always gives the same ones.
    fn encode(&self) -> Vec<u8>;

    /// Reads it back.
    fn decode(bytes: &[u8]) -> Result<Self, Defect>;
}

/// What is wrong with bytes that should be an event, its envelope or a snapshot.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Defect {
    /// No such type in this category.
    #[error("unknown event type {0:?}")]
    UnknownType(String),
    /// Not the protobuf message it should be.
    #[error("malformed message: {0}")]
    Malformed(String),
    /// A field that holds no value of its kind.
    #[error("field {field}: {what}")]
    Field {
        /// The field.
        field: &'static str,
        /// What is wrong with it.
        what: String,
    },
}

impl From<prost::DecodeError> for Defect {
    fn from(error: prost::DecodeError) -> Self {
        Self::Malformed(error.to_string())
    }
}

/// An event of the log that this build cannot read: never skipped in silence.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("event {event_type} at position {position} cannot be read: {defect}")]
pub struct DecodeError {
    /// Where it stands.
    pub position: Position,
    /// The stored name of its type.
    pub event_type: String,
    /// What is wrong with it.
    pub defect: Defect,
}
