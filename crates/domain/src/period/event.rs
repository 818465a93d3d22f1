//! What has happened to an issuer's periods.

use crate::{
    id::OrganisationId,
    time::{Month, Timestamp},
};

/// An event of the periods of one issuer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event {
    /// A month was closed.
    PeriodClosed(PeriodClosed),
}

/// A month was closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PeriodClosed {
    /// Whose month.
    pub issuer: OrganisationId,
    /// The month.
    pub month: Month,
    /// When it was closed.
    pub at: Timestamp,
}
