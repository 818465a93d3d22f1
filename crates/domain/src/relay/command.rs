//! What a process wants of a relay's lease.

use crate::{text::Name, time::Timestamp};

/// A command to one relay.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// Become the one that publishes.
    TakeRelayLease(TakeRelayLease),
    /// Remain it.
    RenewRelayLease(RenewRelayLease),
    /// Let somebody else.
    ReleaseRelayLease(ReleaseRelayLease),
    /// Save how far it has come.
    AdvanceRelay(AdvanceRelay),
}

/// Become the one that publishes. A lease that one holds still is already so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TakeRelayLease {
    /// The process; another run of the same program is another holder.
    pub holder: Name,
    /// Until when.
    pub until: Timestamp,
    /// Now.
    pub at: Timestamp,
}

/// Remain the one that publishes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RenewRelayLease {
    /// The number of the lease.
    pub epoch: u64,
    /// Until when; nothing is renewed to an earlier end.
    pub until: Timestamp,
    /// Now.
    pub at: Timestamp,
}

/// Let somebody else take the lease at once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReleaseRelayLease {
    /// The number of the lease.
    pub epoch: u64,
    /// Now.
    pub at: Timestamp,
}

/// Save how far the relay has come. It needs no time that is left: a lease that has lapsed and that nobody has taken
/// is as good as ever for saying what was acknowledged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AdvanceRelay {
    /// The number of the lease.
    pub epoch: u64,
    /// Everything up to this position of the log was acknowledged, or is not relayed.
    pub position: u64,
    /// Now.
    pub at: Timestamp,
}
