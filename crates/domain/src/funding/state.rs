//! What is known of a funding.

use crate::funding::FundingAgreed;

/// What is known of a funding.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Funding {
    /// Nothing.
    #[default]
    Vacant,
    /// It was agreed.
    Agreed(Box<FundingAgreed>),
}

impl Funding {
    /// The funding, once it was agreed.
    pub fn agreed(&self) -> Option<&FundingAgreed> {
        match self {
            Self::Vacant => None,
            Self::Agreed(funding) => Some(funding),
        }
    }
}
