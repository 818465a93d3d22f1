//! What somebody wants of a reservation.

use crate::{
    reservation::{Owner, ReservationKind},
    time::Timestamp,
};

/// A command to one reservation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// Keep a key for an owner.
    Reserve(Reserve),
}

/// Keep a key for an owner.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reserve {
    /// What kind of key it is.
    pub kind: ReservationKind,
    /// Who wants it: the id of the thing that is about to be created.
    pub owner: Owner,
    /// Fact: whether the stream of the *present* owner exists. It is looked at only when another holds the
    /// key, so a first attempt may pass `true`.
    pub owner_exists: bool,
    /// Now.
    pub at: Timestamp,
}
