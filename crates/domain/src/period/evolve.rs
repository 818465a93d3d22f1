//! How events change what is known of an issuer's periods.

use crate::period::{Event, Periods};

pub(super) fn evolve(state: Periods, event: &Event) -> Periods {
    let Event::PeriodClosed(event) = event;
    // Months are closed in order; a fold must be total all the same, and never opens a month.
    let closed = state.closed_through().map_or(event.month, |closed| closed.max(event.month));
    Periods::ClosedThrough(closed)
}
