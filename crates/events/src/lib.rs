//! The only place that converts between domain and protobuf: events, their envelope, and the forms of
//! snapshots. One module a context, each with a golden sample of every type that decodes for ever; and, in
//! [`wire`], the API messages that services and the directory share.

mod access;
mod catalogue;
mod category;
mod consortium;
mod contract;
mod credit;
mod dataset;
mod field;
pub mod finance_form;
mod form;
mod forum_event;
mod funding;
mod history;
mod investment;
pub mod ledger;
mod listing;
pub mod listing_form;
mod metadata;
mod order;
mod organisation;
mod period;
mod price_book;
mod quote;
mod record;
mod recruitment;
pub mod recruitment_form;
mod relay;
mod reservation;
mod share_rule;
mod specimen;
mod vendor_admission;
mod venture;
pub mod venture_form;
pub mod wire;

pub use catalogue::{Event, Recorded, decode_frame, is_foreign};
pub use category::{Category, relay_stream, reservation_stream, vendor_admission_stream};
pub use form::FormError;
pub use history::Histories;
pub use metadata::Metadata;
pub use record::{DecodeError, Defect, Recordable, Snapshot};
