//! What is known of a relay.

use crate::{text::Name, time::Timestamp};

/// What is known of a relay.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum RelayLease {
    /// Nobody has ever published.
    #[default]
    Vacant,
    /// Somebody took a lease and has not let go of it. It may have lapsed: whether it has depends on the time.
    Held {
        /// The lease.
        lease: Lease,
        /// Where the next holder goes on.
        cursor: u64,
    },
    /// The last holder let go.
    Free {
        /// The number of the last lease.
        epoch: u64,
        /// Where the next holder goes on.
        cursor: u64,
    },
}

/// A lease.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lease {
    /// The process that has it.
    pub holder: Name,
    /// Its number, from 1.
    pub epoch: u64,
    /// Its end: from here on anybody may take the next one.
    pub until: Timestamp,
}

impl RelayLease {
    /// The position after which the next holder goes on; 0: from the beginning.
    pub const fn cursor(&self) -> u64 {
        match self {
            Self::Vacant => 0,
            Self::Held { cursor, .. } | Self::Free { cursor, .. } => *cursor,
        }
    }

    /// The number of the newest lease; 0: there was none.
    pub const fn epoch(&self) -> u64 {
        match self {
            Self::Vacant => 0,
            Self::Held { lease, .. } => lease.epoch,
            Self::Free { epoch, .. } => *epoch,
        }
    }

    /// The lease that somebody has at an instant, if one has not lapsed.
    pub fn lease_at(&self, at: Timestamp) -> Option<&Lease> {
        match self {
            Self::Vacant | Self::Free { .. } => None,
            Self::Held { lease, .. } => (at < lease.until).then_some(lease),
        }
    }
}
