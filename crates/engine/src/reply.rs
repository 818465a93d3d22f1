//! From what was carried out to what the caller is told.

use domain::time::Timestamp;
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

/// An instant as the wire has it.
pub fn wire_time(instant: Timestamp) -> prost_types::Timestamp {
    let micros = instant.as_micros();
    prost_types::Timestamp {
        seconds: micros.div_euclid(1_000_000),
        nanos: (micros.rem_euclid(1_000_000) * 1_000) as i32,
    }
}
