//! From what was carried out to what the caller is told.

use domain::time::Timestamp;
pub use events::wire::time as wire_time;
use proto::kiban::common::v1::Receipt;

use crate::aggregate::Executed;

/// The receipt of a command.
pub fn receipt<E>(executed: &Executed<E>) -> Receipt {
    Receipt {
        revision: executed.revision.unwrap_or_default(),
        position: executed.appended.map(|appended| appended.last_position.to_string()).unwrap_or_default(),
        recorded_at: executed
            .appended
            .and_then(|appended| Timestamp::from_micros(appended.recorded_at).map(wire_time)),
        replayed: executed.replayed,
    }
}
