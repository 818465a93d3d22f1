//! The only place that converts between domain and protobuf: events, their envelope, and the forms of
//! snapshots. One module a context, each with a golden sample of every type that decodes for ever.

mod catalogue;
mod category;
mod contract;
mod field;
mod metadata;
mod organisation;
mod record;
mod reservation;

pub use catalogue::{Event, Recorded, decode_frame};
pub use category::{Category, reservation_stream};
pub use metadata::Metadata;
pub use record::{DecodeError, Defect, Recordable, Snapshot};
