//! What is known of an issuer's periods.

use crate::time::Month;

/// What is known of an issuer's periods.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Periods {
    /// No month has been closed.
    #[default]
    Vacant,
    /// Every month up to this one is closed, those before the first close included.
    ClosedThrough(Month),
}

impl Periods {
    /// The last closed month; no month up to it is open.
    pub const fn closed_through(&self) -> Option<Month> {
        match self {
            Self::Vacant => None,
            Self::ClosedThrough(month) => Some(*month),
        }
    }

    /// Whether a month is closed.
    pub fn is_closed(&self, month: Month) -> bool {
        self.closed_through().is_some_and(|closed| month <= closed)
    }
}
