//! When a key may not be had.

use crate::{
    reservation::{Command, Event, Owner, Reservation, ReservationKind, Reserve, Reserved},
    time::Timestamp,
};

/// How long an owner has to come into being, in microseconds: one hour (design §3).
const TAKE_OVER_AFTER_MICROS: i64 = 3_600 * 1_000_000;

/// Why a key was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    /// The key belongs to something that exists.
    #[error("the {} is already taken by {owner}", kind.as_str())]
    Taken {
        /// What kind of key it is.
        kind: ReservationKind,
        /// Who has it.
        owner: Owner,
    },
    /// The key is kept for something that does not exist yet.
    #[error("the {} is reserved for {owner} until {until}", kind.as_str())]
    ReservedForAnother {
        /// What kind of key it is.
        kind: ReservationKind,
        /// For whom it is kept.
        owner: Owner,
        /// From when on it may be taken over, should the owner still be missing.
        until: Timestamp,
    },
}

pub(super) fn decide(state: &Reservation, command: Command) -> Result<Vec<Event>, Rejection> {
    match command {
        Command::Reserve(command) => reserve(state, command),
    }
}

fn reserve(state: &Reservation, command: Reserve) -> Result<Vec<Event>, Rejection> {
    let Reserve { kind, owner, owner_exists, at } = command;
    if let Reservation::Held { owner: held, since } = *state {
        let until = end_of_wait(since);
        if held == owner {
            return Ok(vec![]);
        }
        if owner_exists {
            return Err(Rejection::Taken { kind, owner: held });
        }
        if at < until {
            return Err(Rejection::ReservedForAnother { kind, owner: held, until });
        }
    }
    Ok(vec![Event::Reserved(Reserved { owner, at })])
}

fn end_of_wait(since: Timestamp) -> Timestamp {
    Timestamp::from_micros(since.as_micros().saturating_add(TAKE_OVER_AFTER_MICROS)).unwrap_or(Timestamp::MAX)
}
