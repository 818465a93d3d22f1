//! What somebody wants of a venture.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use crate::{
    id::{InvestmentId, OrganisationId, PersonId, VentureId},
    investment::Investment,
    organisation::Capacity,
    text::{Name, Reason},
    time::Timestamp,
    under_contract::ContractNow,
    venture::{DealCard, InvestorNow, Reference},
};

/// A command to one venture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// Enter its card.
    ListVenture(Box<ListVenture>),
    /// Replace the card.
    ReviseVenture(Box<ReviseVenture>),
    /// Take the card back.
    WithdrawVenture(WithdrawVenture),
    /// Look at the full card.
    ViewDeal(ViewDeal),
    /// Tell the lister of an interest.
    ExpressInterest(ExpressInterest),
    /// Let an interested investor into the data room.
    OpenDataRoom(OpenDataRoom),
    /// Go into the data room.
    EnterDataRoom(EnterDataRoom),
    /// Tell of a joint venture that was formed.
    FormJointVenture(FormJointVenture),
}

/// Enter a venture's card.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListVenture {
    /// The venture's id.
    pub id: VentureId,
    /// Who lists it.
    pub lister: OrganisationId,
    /// Fact: the contract under which it does, as it is now.
    pub contract: ContractNow,
    /// Fact: the capacities that it holds now.
    pub lister_capacities: BTreeSet<Capacity>,
    /// The card.
    pub card: DealCard,
    /// Now.
    pub at: Timestamp,
}

/// Replace the whole card.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReviseVenture {
    /// Who does.
    pub by: OrganisationId,
    /// Fact: the contract under which the venture is listed, as it is now.
    pub contract: ContractNow,
    /// The card from now on.
    pub card: DealCard,
    /// Now.
    pub at: Timestamp,
}

/// Take the card back. Nothing more can be done with the venture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WithdrawVenture {
    /// Who does.
    pub by: OrganisationId,
    /// Why.
    pub reason: Reason,
    /// Now.
    pub at: Timestamp,
}

/// Look at the full card.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ViewDeal {
    /// Fact: the investor, and its agreement as it is now.
    pub investor: InvestorNow,
    /// Who looks for it.
    pub person: PersonId,
    /// Now.
    pub at: Timestamp,
}

/// Tell the lister of an interest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExpressInterest {
    /// Fact: the investor, and its agreement as it is now.
    pub investor: InvestorNow,
    /// What the lister is told.
    pub message: Reason,
    /// Now.
    pub at: Timestamp,
}

/// Let an interested investor into the data room.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenDataRoom {
    /// Who opens it.
    pub by: OrganisationId,
    /// Fact: the contract under which the venture is listed, as it is now.
    pub contract: ContractNow,
    /// For whom.
    pub investor: OrganisationId,
    /// Fact: the agreement under which the investor has expressed its interest, as it is now; `None` if it has
    /// not.
    pub investor_contract: Option<ContractNow>,
    /// Where the room is.
    pub reference: Reference,
    /// From when on it is closed.
    pub valid_until: Timestamp,
    /// Now.
    pub at: Timestamp,
}

/// Go into the data room.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EnterDataRoom {
    /// Fact: the investor, and its agreement as it is now.
    pub investor: InvestorNow,
    /// Who goes in for it.
    pub person: PersonId,
    /// Now.
    pub at: Timestamp,
}

/// Tell of a joint venture that was formed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FormJointVenture {
    /// Who tells.
    pub by: OrganisationId,
    /// Fact: the contract under which the venture is listed, as it is now.
    pub contract: ContractNow,
    /// Its name.
    pub name: Name,
    /// Fact: the parties, and the capacities that each holds now; `None` if it is not registered.
    pub parties: BTreeMap<OrganisationId, Option<BTreeSet<Capacity>>>,
    /// Fact: the investments that are named for parties who have told of no interest, as they are now.
    pub investments: BTreeMap<InvestmentId, Arc<Investment>>,
    /// What it is for.
    pub purpose: Reason,
    /// Now.
    pub at: Timestamp,
}
