//! How charges of a kind are issued, collected and paid out (requirements §2.1).

use std::fmt;

use crate::{share_rule::Party, terms::ChargeKind};

/// How charges of a kind are issued, collected and paid out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChargeTerms {
    /// What is charged.
    pub charge_kind: ChargeKind,
    /// Who issues its documents.
    pub issuer: Dealer,
    /// Who collects the money.
    pub collector: Dealer,
    /// What the platform is when it pays out.
    pub treatment: PayoutTreatment,
}

/// Who deals with a charge: issues or collects it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Dealer {
    /// 基盤運営機関.
    BaseOperator,
    /// 活用促進機関.
    Promoter,
    /// The vendor of the order, or who executes the request; only where there is one.
    Vendor,
}

/// What the platform is in a payout.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum PayoutTreatment {
    /// It collects for a vendor, whose supply it is.
    Agency,
    /// The supply is its own; what it pays out is bought.
    Resale,
    /// Money is passed on without a supply.
    Grant,
}

impl ChargeTerms {
    /// What holds for a kind unless a share rule says otherwise: the promoter issues and collects; a vendor's
    /// supplies are collected as its agent, public funding is a grant, everything else is resold.
    pub fn usual(charge_kind: ChargeKind) -> Self {
        let treatment = if charge_kind.has_vendor() {
            PayoutTreatment::Agency
        } else if charge_kind == ChargeKind::public_funding() {
            PayoutTreatment::Grant
        } else {
            PayoutTreatment::Resale
        };
        Self { charge_kind, issuer: Dealer::Promoter, collector: Dealer::Promoter, treatment }
    }
}

impl From<Dealer> for Party {
    fn from(dealer: Dealer) -> Self {
        match dealer {
            Dealer::BaseOperator => Self::BaseOperator,
            Dealer::Promoter => Self::Promoter,
            Dealer::Vendor => Self::Vendor,
        }
    }
}

impl fmt::Display for Dealer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Party::from(*self).fmt(f)
    }
}

impl PayoutTreatment {
    /// The name in texts for people.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Agency => "agency",
            Self::Resale => "resale",
            Self::Grant => "grant",
        }
    }
}

impl fmt::Display for PayoutTreatment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
