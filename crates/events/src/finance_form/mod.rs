//! Versions of price books and share rules as messages and back.
//!
//! The API and the log have these messages in common, so this is the one place that is used by both: the
//! events of finance here, and `parse.rs` of the finance service, which elsewhere reads requests alone. A
//! second reading of fifty fields would be a second opinion on what they mean. The messages' own version
//! number is not read here: a request must leave it out, an event must have it.

mod price_book;
mod share_rule;

pub use price_book::{price_book_version, price_list};
pub use share_rule::{charge_form, dealer_role, share_rule_version, split_table, treatment_form};
