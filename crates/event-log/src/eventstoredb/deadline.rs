//! By when something must be over. This is the runtime's time, which tells nobody what day it is: nothing that is written
//! or decided depends on it.

use std::time::Duration;

use tokio::time::Instant;

/// The moment that comes after so long.
pub(super) fn after(length: Duration) -> Instant {
    Instant::now() + length
}

/// Whether a moment comes within so long, or has come.
pub(super) fn comes_within(moment: Instant, length: Duration) -> bool {
    after(length) >= moment
}

/// Whether a moment has come.
pub(super) fn has_come(moment: Instant) -> bool {
    comes_within(moment, Duration::ZERO)
}
