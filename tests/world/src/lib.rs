//! A forum in one process, for the tests of services and projections: a log in memory, a clock that stands until it
//! is set, and callers.
//!
//! A service stands on what deciders decided, so its [`World`] sends commands. A projection must bear whatever the
//! log holds, so its [`Past`] is written event by event. Only what the tests of several crates share stands here, and
//! what is wrong in it panics: that is a failed test.

mod agreement;
mod call;
mod compared;
mod past;
mod race;
mod shards;
mod world;

pub use agreement::{Agreement, PERSON, terms};
pub use call::{again, by, called, message, reason, roleless, same, why, with_roles};
pub use compared::Compared;
pub use past::Past;
pub use race::Race;
pub use shards::{in_shards, together};
pub use world::World;

use domain::{
    dataset::{Cohort, DataType, Description},
    id::OrganisationId,
    time::Timestamp,
};
use jiff::civil::date;

/// Midnight in Asia/Tokyo.
pub fn day(year: i16, month: i8, day: i8) -> Timestamp {
    Timestamp::start_of_tokyo_date(date(year, month, day))
}

/// What is said of a dataset of a class.
pub fn description(code: &str, class: &str, provider: OrganisationId) -> Description {
    Description {
        code: code.parse().unwrap(),
        name: format!("{code} genomes").parse().unwrap(),
        provider,
        class: class.parse().unwrap(),
        disease: "Breast Invasive Carcinoma".parse().unwrap(),
        cohort: Cohort::Case,
        data_types: [DataType::Tumour, DataType::Clinical].into(),
        reference: "https://example.org/data".parse().unwrap(),
    }
}
