//! What has happened to a reservation.

use crate::{reservation::Owner, time::Timestamp};

/// An event of one reservation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// A key was reserved, or taken over.
    Reserved(Reserved),
}

/// A key was reserved, or taken over from the owner before. Of which kind it is says the stream's name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reserved {
    /// Who has it from now on.
    pub owner: Owner,
    /// When it was reserved.
    pub at: Timestamp,
}
