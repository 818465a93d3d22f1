//! What is known of an investment.

use money::Money;

use crate::{
    id::{InvestmentId, OrganisationId},
    terms::Round,
    time::Timestamp,
};

/// Who invests how much in whom.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deal {
    /// Who invests.
    pub investor: OrganisationId,
    /// The organisation that is invested in.
    pub venture: OrganisationId,
    /// In which round.
    pub round: Round,
    /// How much.
    pub amount: Money,
}

/// What is known of an investment.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Investment {
    /// It has not been recorded.
    #[default]
    Vacant,
    /// It has been recorded.
    Made {
        /// The investment's id.
        id: InvestmentId,
        /// Who invested how much in whom.
        deal: Deal,
        /// When it was recorded.
        made_at: Timestamp,
    },
}
