//! What somebody wants of an issuer's periods.

use crate::{
    id::OrganisationId,
    time::{Month, Timestamp},
};

/// A command to the periods of one issuer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Command {
    /// Close a month.
    ClosePeriod(ClosePeriod),
}

/// Close a month. One that is closed already is already so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClosePeriod {
    /// Whose month.
    pub issuer: OrganisationId,
    /// The month.
    pub month: Month,
    /// Now.
    pub at: Timestamp,
}
