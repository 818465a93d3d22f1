//! What is known of a credit.

use crate::credit::CreditGranted;

/// What is known of a credit.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Credit {
    /// Nothing.
    #[default]
    Vacant,
    /// It was granted.
    Granted(Box<CreditGranted>),
}

impl Credit {
    /// The credit, once it was granted.
    pub fn granted(&self) -> Option<&CreditGranted> {
        match self {
            Self::Vacant => None,
            Self::Granted(credit) => Some(credit),
        }
    }
}
