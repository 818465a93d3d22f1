//! What is known of a price book.

use crate::{
    id::OrganisationId,
    price_book::PriceList,
    time::{Month, Timestamp},
    version::{VersionChoice, Versioned, in_force},
};

/// What is known of a price book.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum PriceBook {
    /// Nothing has been published.
    #[default]
    Vacant,
    /// At least one version has been published.
    Published {
        /// Who published the first version and may publish others.
        owner: OrganisationId,
        /// The versions in the order of their numbers.
        versions: Vec<PriceBookVersion>,
    },
}

/// A version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PriceBookVersion {
    /// Its number: 1, 2, 3…
    pub number: u32,
    /// The whole list of prices.
    pub prices: PriceList,
    /// When it was published.
    pub published_at: Timestamp,
}

impl Versioned for PriceBookVersion {
    fn number(&self) -> u32 {
        self.number
    }

    fn start(&self) -> Month {
        self.prices.start
    }
}

impl PriceBook {
    /// Who may publish versions, once there is one.
    pub const fn owner(&self) -> Option<OrganisationId> {
        match self {
            Self::Vacant => None,
            Self::Published { owner, .. } => Some(*owner),
        }
    }

    /// All versions, in the order of their numbers.
    pub fn versions(&self) -> &[PriceBookVersion] {
        match self {
            Self::Vacant => &[],
            Self::Published { versions, .. } => versions,
        }
    }

    /// The newest version.
    pub fn latest(&self) -> Option<&PriceBookVersion> {
        self.versions().last()
    }

    /// The version with this number, from 1.
    pub fn version(&self, number: u32) -> Option<&PriceBookVersion> {
        self.versions().iter().find(|version| version.number == number)
    }

    /// The version in force in a month for whoever follows the price book.
    pub fn version_for(&self, month: Month) -> Option<&PriceBookVersion> {
        let versions = self.versions().iter().map(|version| (0, version));
        in_force(versions, VersionChoice::Follow, month, 0)
    }
}
