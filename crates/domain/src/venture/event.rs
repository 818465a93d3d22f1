//! What has happened to a venture.

use std::collections::BTreeSet;

use crate::{
    id::{ContractId, OrganisationId, PersonId, VentureId},
    text::{Name, Reason},
    time::Timestamp,
    venture::{DealCard, Reference},
};

/// An event of one venture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// Its card was entered.
    VentureListed(Box<VentureListed>),
    /// The card was replaced.
    VentureRevised(Box<VentureRevised>),
    /// The card was taken back.
    VentureWithdrawn(VentureWithdrawn),
    /// An investor was shown the full card.
    DealViewed(DealViewed),
    /// An investor told of its interest.
    InterestExpressed(InterestExpressed),
    /// An investor was let into the data room.
    DataRoomOpened(DataRoomOpened),
    /// An investor went into the data room.
    DataRoomEntered(DataRoomEntered),
    /// A joint venture was formed.
    JointVentureFormed(JointVentureFormed),
}

/// A venture's card was entered: card number 1.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VentureListed {
    /// The venture's id.
    pub id: VentureId,
    /// Whose it is.
    pub lister: OrganisationId,
    /// The contract under which it was listed.
    pub contract: ContractId,
    /// The contract's revision on which that stands.
    pub contract_revision: u64,
    /// The card.
    pub card: DealCard,
    /// When.
    pub at: Timestamp,
}

/// The card was replaced.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VentureRevised {
    /// The card's number, from 2 on.
    pub number: u32,
    /// The card from now on.
    pub card: DealCard,
    /// When.
    pub at: Timestamp,
}

/// The card was taken back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VentureWithdrawn {
    /// Why.
    pub reason: Reason,
    /// When.
    pub at: Timestamp,
}

/// An investor was shown the full card.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DealViewed {
    /// The investor.
    pub investor: OrganisationId,
    /// Who looked for it.
    pub person: PersonId,
    /// The agreement under which it looked.
    pub contract: ContractId,
    /// The agreement's revision on which that stands.
    pub contract_revision: u64,
    /// The number of the card that was shown.
    pub card: u32,
    /// When.
    pub at: Timestamp,
}

/// An investor told of its interest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InterestExpressed {
    /// The investor.
    pub investor: OrganisationId,
    /// The agreement under which it did.
    pub contract: ContractId,
    /// The agreement's revision on which that stands.
    pub contract_revision: u64,
    /// What the lister was told.
    pub message: Reason,
    /// When.
    pub at: Timestamp,
}

/// An investor was let into the data room.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DataRoomOpened {
    /// The investor.
    pub investor: OrganisationId,
    /// Where the room is.
    pub reference: Reference,
    /// From when on it is closed.
    pub valid_until: Timestamp,
    /// When.
    pub at: Timestamp,
}

/// An investor went into the data room.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DataRoomEntered {
    /// The investor.
    pub investor: OrganisationId,
    /// Who went in for it.
    pub person: PersonId,
    /// The agreement under which it did.
    pub contract: ContractId,
    /// The agreement's revision on which that stands.
    pub contract_revision: u64,
    /// Where the room was.
    pub reference: Reference,
    /// When.
    pub at: Timestamp,
}

/// A joint venture was formed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JointVentureFormed {
    /// Its name.
    pub name: Name,
    /// Who formed it.
    pub parties: BTreeSet<OrganisationId>,
    /// What it is for.
    pub purpose: Reason,
    /// When.
    pub at: Timestamp,
}
