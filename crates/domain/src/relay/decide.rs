//! Who may publish, until when, and what may be saved.

use crate::{
    relay::{
        AdvanceRelay, Command, Event, Lease, RelayAdvanced, RelayLease, RelayLeaseReleased,
        RelayLeaseRenewed, RelayLeaseTaken, ReleaseRelayLease, RenewRelayLease, TakeRelayLease,
    },
    text::Name,
    time::Timestamp,
};

/// Why a command to a relay was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    /// The lease would end before it begins.
    #[error("a lease until {until} is none at {at}")]
    NoTime {
        /// Its end.
        until: Timestamp,
        /// Now.
        at: Timestamp,
    },
    /// Somebody else publishes.
    #[error("{holder} holds the lease until {until}")]
    HeldByAnother {
        /// Who.
        holder: Name,
        /// Until when.
        until: Timestamp,
    },
    /// Another lease has come since, or there was never such a one.
    #[error("the lease {epoch} is not the newest: that is {newest}")]
    Superseded {
        /// The lease of whoever asks.
        epoch: u64,
        /// The newest lease.
        newest: u64,
    },
    /// The lease was let go of.
    #[error("the lease {epoch} was released")]
    Released {
        /// The lease.
        epoch: u64,
    },
    /// The lease has ended, and others may have it: it must be taken anew.
    #[error("the lease {epoch} has lapsed at {until}")]
    Lapsed {
        /// The lease.
        epoch: u64,
        /// Its end.
        until: Timestamp,
    },
    /// The cursor would move back.
    #[error("the cursor is at {cursor}, it cannot go back to {position}")]
    Backwards {
        /// Where it is to be.
        position: u64,
        /// Where it is.
        cursor: u64,
    },
}

pub(super) fn decide(state: &RelayLease, command: Command) -> Result<Vec<Event>, Rejection> {
    match command {
        Command::TakeRelayLease(command) => take(state, command),
        Command::RenewRelayLease(command) => renew(state, &command),
        Command::ReleaseRelayLease(command) => release(state, &command),
        Command::AdvanceRelay(command) => advance(state, &command),
    }
}

fn take(state: &RelayLease, command: TakeRelayLease) -> Result<Vec<Event>, Rejection> {
    let TakeRelayLease { holder, until, at } = command;
    if until <= at {
        return Err(Rejection::NoTime { until, at });
    }
    if let Some(lease) = state.lease_at(at) {
        if lease.holder == holder {
            return Ok(vec![]);
        }
        return Err(Rejection::HeldByAnother { holder: lease.holder.clone(), until: lease.until });
    }
    let epoch = state.epoch().saturating_add(1);
    Ok(vec![Event::RelayLeaseTaken(RelayLeaseTaken { holder, epoch, until, at })])
}

fn renew(state: &RelayLease, command: &RenewRelayLease) -> Result<Vec<Event>, Rejection> {
    let RenewRelayLease { epoch, until, at } = *command;
    let lease = held(state, epoch)?;
    if lease.until <= at {
        return Err(Rejection::Lapsed { epoch, until: lease.until });
    }
    if until <= lease.until {
        return Ok(vec![]);
    }
    Ok(vec![Event::RelayLeaseRenewed(RelayLeaseRenewed { epoch, until, at })])
}

fn release(state: &RelayLease, command: &ReleaseRelayLease) -> Result<Vec<Event>, Rejection> {
    let ReleaseRelayLease { epoch, at } = *command;
    match held(state, epoch) {
        Ok(_) => Ok(vec![Event::RelayLeaseReleased(RelayLeaseReleased { epoch, at })]),
        Err(Rejection::Released { .. }) => Ok(vec![]),
        Err(rejection) => Err(rejection),
    }
}

fn advance(state: &RelayLease, command: &AdvanceRelay) -> Result<Vec<Event>, Rejection> {
    let AdvanceRelay { epoch, position, at } = *command;
    held(state, epoch)?;
    let cursor = state.cursor();
    if position < cursor {
        return Err(Rejection::Backwards { position, cursor });
    }
    if position == cursor {
        return Ok(vec![]);
    }
    Ok(vec![Event::RelayAdvanced(RelayAdvanced { epoch, position, at })])
}

/// The lease with a number, if it is the newest and nobody let go of it. Whether it has lapsed is another question.
fn held(state: &RelayLease, epoch: u64) -> Result<&Lease, Rejection> {
    match state {
        RelayLease::Held { lease, .. } if lease.epoch == epoch => Ok(lease),
        RelayLease::Free { epoch: last, .. } if *last == epoch => Err(Rejection::Released { epoch }),
        RelayLease::Vacant | RelayLease::Held { .. } | RelayLease::Free { .. } => {
            Err(Rejection::Superseded { epoch, newest: state.epoch() })
        }
    }
}
