//! Which months may not be closed.

use crate::{
    period::{ClosePeriod, Command, Event, PeriodClosed, Periods},
    time::{Month, Timestamp},
};

/// Why a command to an issuer's periods was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    /// The month has not ended.
    #[error("{month} cannot be closed before it ends at {ends_at}")]
    NotEnded {
        /// The month.
        month: Month,
        /// The first instant after it.
        ends_at: Timestamp,
    },
    /// A month before it is open.
    #[error("{month} cannot be closed before {next}, the first open month")]
    OutOfOrder {
        /// The month.
        month: Month,
        /// The month that is to be closed next.
        next: Month,
    },
}

pub(super) fn decide(state: &Periods, command: Command) -> Result<Vec<Event>, Rejection> {
    let Command::ClosePeriod(ClosePeriod { issuer, month, at }) = command;
    if state.is_closed(month) {
        return Ok(vec![]);
    }
    if let Some(next) = state.closed_through().map(Month::next).filter(|next| *next != month) {
        return Err(Rejection::OutOfOrder { month, next });
    }
    let ends_at = month.end();
    if at < ends_at {
        return Err(Rejection::NotEnded { month, ends_at });
    }
    Ok(vec![Event::PeriodClosed(PeriodClosed { issuer, month, at })])
}
