//! What has happened to a credit.

use money::Money;

use crate::{
    id::{ContractId, CreditId, OrganisationId},
    terms::ChargeKind,
    text::Reason,
    time::{Month, Timestamp},
};

/// An event of one credit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// It was granted.
    CreditGranted(CreditGranted),
}

/// A credit was granted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CreditGranted {
    /// Its id.
    pub id: CreditId,
    /// On whose statement it stands.
    pub contract: ContractId,
    /// Who gets it.
    pub member: OrganisationId,
    /// For what.
    pub charge_kind: ChargeKind,
    /// How much; above zero. The line has the opposite sign.
    pub amount: Money,
    /// On the statement of which month.
    pub month: Month,
    /// Why.
    pub reason: Reason,
    /// Who gives and bears it.
    pub granted_by: OrganisationId,
    /// When.
    pub at: Timestamp,
}
