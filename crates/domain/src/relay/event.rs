//! What has happened to a relay.

use crate::{text::Name, time::Timestamp};

/// An event of one relay.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// A process became the one that publishes.
    RelayLeaseTaken(RelayLeaseTaken),
    /// It remains so for longer.
    RelayLeaseRenewed(RelayLeaseRenewed),
    /// It let go.
    RelayLeaseReleased(RelayLeaseReleased),
    /// The cursor moved.
    RelayAdvanced(RelayAdvanced),
}

/// A process became the one that publishes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RelayLeaseTaken {
    /// The process.
    pub holder: Name,
    /// The number of the lease, from 1.
    pub epoch: u64,
    /// Until when.
    pub until: Timestamp,
    /// When.
    pub at: Timestamp,
}

/// The holder remains the one that publishes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RelayLeaseRenewed {
    /// The number of the lease.
    pub epoch: u64,
    /// Until when.
    pub until: Timestamp,
    /// When.
    pub at: Timestamp,
}

/// The holder let go before the end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RelayLeaseReleased {
    /// The number of the lease.
    pub epoch: u64,
    /// When.
    pub at: Timestamp,
}

/// The cursor moved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RelayAdvanced {
    /// The number of the lease under which it moved.
    pub epoch: u64,
    /// Everything up to this position of the log was acknowledged, or is not relayed.
    pub position: u64,
    /// When.
    pub at: Timestamp,
}
