//! What somebody wants of a credit.

use std::collections::BTreeSet;

use money::Money;

use crate::{
    contract::ContractKind,
    id::{ContractId, CreditId, OrganisationId},
    organisation::Capacity,
    terms::ChargeKind,
    text::Reason,
    time::{Month, Timestamp},
};

/// A command to one credit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// Grant it.
    GrantCredit(GrantCredit),
}

/// Grant a credit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GrantCredit {
    /// Its id.
    pub id: CreditId,
    /// On whose statement it stands.
    pub contract: CreditedContract,
    /// For what.
    pub charge_kind: ChargeKind,
    /// How much is given; above zero.
    pub amount: Money,
    /// On the statement of which month.
    pub month: Month,
    /// Why.
    pub reason: Reason,
    /// Who gives and bears it: a base operator.
    pub granted_by: OrganisationId,
    /// Fact: the capacities that it holds now.
    pub granter_capacities: BTreeSet<Capacity>,
    /// Now.
    pub at: Timestamp,
}

/// Facts: the contract as it stands now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CreditedContract {
    /// Its id.
    pub id: ContractId,
    /// With whom it is made.
    pub kind: ContractKind,
    /// Who asked for it: the member.
    pub member: OrganisationId,
    /// When it came or comes into force; `None`: not every party has signed.
    pub activated_at: Option<Timestamp>,
    /// The last month that its issuer has closed; `None`: none is.
    pub closed_through: Option<Month>,
}
