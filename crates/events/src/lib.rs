//! The only place that converts between domain and protobuf: events, their envelope, and the forms of
//! snapshots. One module a context, each with a golden sample of every type that decodes for ever; and, in
//! [`wire`], the API messages that services and the directory share.

mod access;
mod catalogue;
mod category;
mod contract;
mod dataset;
mod field;
pub mod finance_form;
mod history;
mod investment;
pub mod ledger;
mod metadata;
mod order;
mod organisation;
mod period;
mod price_book;
mod record;
mod recruitment;
mod reservation;
mod share_rule;
pub mod wire;

pub use catalogue::{Event, Recorded, decode_frame};
pub use category::{Category, reservation_stream};
pub use history::Histories;
pub use metadata::Metadata;
pub use record::{DecodeError, Defect, Recordable, Snapshot};
