//! What is known of a venture.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use crate::{
    id::{ContractId, OrganisationId, VentureId},
    text::{Name, Reason, Text},
    time::Timestamp,
    venture::DealCard,
};

/// Where a data room is, a URI.
pub type Reference = Text<1000>;

/// What is known of a venture.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Venture {
    /// Nobody has listed it.
    #[default]
    Vacant,
    /// Its card can be looked at.
    Listed(Box<Listed>),
    /// Its card was taken back.
    Withdrawn {
        /// What it was.
        was: Box<Listed>,
        /// Why.
        reason: Reason,
        /// When.
        at: Timestamp,
    },
}

/// A venture with a card.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// The venture's id.
    pub id: VentureId,
    /// Whose it is.
    pub lister: OrganisationId,
    /// The contract under which it is listed.
    pub contract: ContractId,
    /// Every card that it has had, oldest first: what was shown can be told from the number of the card.
    pub cards: Vec<Arc<DealCard>>,
    /// When it was listed.
    pub listed_at: Timestamp,
    /// When its card was last replaced, if it was.
    pub revised_at: Option<Timestamp>,
    /// How far each investor has come with it.
    pub investors: BTreeMap<OrganisationId, Following>,
    /// What was formed out of it, by name.
    pub joint_ventures: BTreeMap<Name, JointVenture>,
}

/// How far an investor has come with a venture.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Following {
    /// How often it was shown the full card.
    pub views: u64,
    /// What it last told the lister.
    pub interest: Option<Interest>,
    /// The data room that is open, or was.
    pub room: Option<DataRoom>,
    /// How often it went in.
    pub entries: u64,
}

/// An interest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Interest {
    /// The agreement under which it was expressed.
    pub contract: ContractId,
    /// What the lister was told.
    pub message: Reason,
    /// When.
    pub at: Timestamp,
}

/// A data room for one investor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DataRoom {
    /// Where it is.
    pub reference: Reference,
    /// From when on it is closed.
    pub valid_until: Timestamp,
}

/// A joint venture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JointVenture {
    /// Who formed it.
    pub parties: BTreeSet<OrganisationId>,
    /// What it is for.
    pub purpose: Reason,
    /// When it was told.
    pub at: Timestamp,
}

impl Venture {
    /// What was listed, withdrawn or not.
    pub const fn card(&self) -> Option<&Listed> {
        match self {
            Self::Vacant => None,
            Self::Listed(listed) | Self::Withdrawn { was: listed, .. } => Some(listed),
        }
    }
}

impl Listed {
    /// Whether an investor was shown the full card.
    pub fn has_shown(&self, investor: OrganisationId) -> bool {
        self.investors.get(&investor).is_some_and(|following| following.views > 0)
    }

    /// Whether an investor has told of an interest.
    pub fn interests(&self, investor: OrganisationId) -> bool {
        self.investors.get(&investor).is_some_and(|following| following.interest.is_some())
    }

    /// The card as it is now. A venture without one does not come to be.
    pub fn current(&self) -> Option<&DealCard> {
        self.cards.last().map(|card| &**card)
    }

    /// The number of the card as it is now: 1 for the first.
    pub fn number(&self) -> u32 {
        u32::try_from(self.cards.len()).unwrap_or(u32::MAX)
    }

    /// The card with a number.
    pub fn numbered(&self, number: u32) -> Option<&DealCard> {
        let index = usize::try_from(number).ok()?.checked_sub(1)?;
        self.cards.get(index).map(|card| &**card)
    }
}
