//! States as API messages: the one conversion of each for the wire.
//!
//! It stands here although it is no form of the log, because two floors need it: the services answer `Get…`
//! with these messages and projections list them, and a projection may not import a service. This crate is
//! the only one that both import and that converts between domain and protobuf (design §2).

mod access;
mod contract;
mod dataset;
mod listing;
mod order;
mod organisation;
mod recruitment;
mod venture;

pub use access::{denial_reason, outcome, verdict};
pub use contract::{
    contract, contract_kind, contract_lane, contract_stage, paused_fees, quotas, right, right_of, terms,
    terms_now,
};
pub use dataset::{Shown, cohort, data_type, dataset};
pub use listing::{consortium, listing, milestone, quote_request, quote_request_stage, vendor_admission};
pub use order::{milestone_stage, order, order_stage, specimen};
pub use organisation::{capacity, organisation};
pub use recruitment::{recruitment, recruitment_stage};
pub use venture::{forum_event, investment};

use domain::time::Timestamp;
use money::Money;
use proto::kiban::common::v1 as common;

/// An instant as the wire has it.
pub fn time(instant: Timestamp) -> prost_types::Timestamp {
    let micros = instant.as_micros();
    prost_types::Timestamp {
        seconds: micros.div_euclid(1_000_000),
        nanos: (micros.rem_euclid(1_000_000) * 1_000) as i32,
    }
}

/// An amount of money.
pub fn money(amount: Money) -> common::Money {
    common::Money { currency_code: amount.currency().code().into(), minor_units: amount.minor_units() }
}
