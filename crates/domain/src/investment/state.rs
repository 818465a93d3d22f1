//! What is known of an investment.

use money::Money;

use crate::{
    id::{ContractId, InvestmentId, OrganisationId, VentureId},
    terms::{InKindForm, Round},
    text::Reason,
    time::Timestamp,
};

/// Who invests what in whom.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deal {
    /// Who invests.
    pub investor: OrganisationId,
    /// The organisation that is invested in.
    pub venture: OrganisationId,
    /// Its deal card, and the agreement under which it was seen; `None` of an investment that was recorded before
    /// there were cards.
    pub card: Option<CardInvestedIn>,
    /// In which round.
    pub round: Round,
    /// What is given.
    pub form: Form,
}

/// The deal card that is invested in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CardInvestedIn {
    /// The venture.
    pub venture: VentureId,
    /// The investor's agreement.
    pub contract: ContractId,
    /// The agreement's revision on which the record stands.
    pub contract_revision: u64,
}

/// What is given to a venture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Form {
    /// Money.
    Cash(Money),
    /// Something else, such as space or know-how.
    InKind(InKind),
}

/// What is given instead of money.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InKind {
    /// Of which form it is.
    pub kind: InKindForm,
    /// What it is.
    pub description: Reason,
    /// What the parties think that it is worth, if they say so.
    pub estimated_value: Option<Money>,
}

/// What is known of an investment.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Investment {
    /// It has not been recorded.
    #[default]
    Vacant,
    /// It has been recorded.
    Made(Made),
    /// It was recorded, and the record was taken back.
    Withdrawn {
        /// What it was.
        was: Made,
        /// Why it was taken back.
        reason: Reason,
        /// When.
        at: Timestamp,
    },
}

/// A recorded investment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Made {
    /// The investment's id.
    pub id: InvestmentId,
    /// Who invested what in whom.
    pub deal: Deal,
    /// When it was recorded.
    pub at: Timestamp,
}

impl Investment {
    /// What was recorded, withdrawn or not.
    pub const fn made(&self) -> Option<&Made> {
        match self {
            Self::Vacant => None,
            Self::Made(made) | Self::Withdrawn { was: made, .. } => Some(made),
        }
    }
}
