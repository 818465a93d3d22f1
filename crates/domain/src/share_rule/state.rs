//! What is known of a share rule.

use crate::{
    id::OrganisationId,
    share_rule::SplitTable,
    time::{Month, Timestamp},
    version::{VersionChoice, Versioned, in_force},
};

/// What is known of a share rule.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum ShareRule {
    /// Nothing has been published.
    #[default]
    Vacant,
    /// At least one version has been published.
    Published {
        /// Who published the first version and may publish others.
        owner: OrganisationId,
        /// The versions in the order of their numbers.
        versions: Vec<ShareRuleVersion>,
    },
}

/// A version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShareRuleVersion {
    /// Its number: 1, 2, 3…
    pub number: u32,
    /// The whole table of splits.
    pub table: SplitTable,
    /// When it was published.
    pub published_at: Timestamp,
}

impl Versioned for ShareRuleVersion {
    fn number(&self) -> u32 {
        self.number
    }

    fn start(&self) -> Month {
        self.table.start
    }
}

impl ShareRule {
    /// Who may publish versions, once there is one.
    pub const fn owner(&self) -> Option<OrganisationId> {
        match self {
            Self::Vacant => None,
            Self::Published { owner, .. } => Some(*owner),
        }
    }

    /// All versions, in the order of their numbers.
    pub fn versions(&self) -> &[ShareRuleVersion] {
        match self {
            Self::Vacant => &[],
            Self::Published { versions, .. } => versions,
        }
    }

    /// The newest version.
    pub fn latest(&self) -> Option<&ShareRuleVersion> {
        self.versions().last()
    }

    /// The version with this number, from 1.
    pub fn version(&self, number: u32) -> Option<&ShareRuleVersion> {
        self.versions().iter().find(|version| version.number == number)
    }

    /// The version in force in a month for whoever follows the share rule.
    pub fn version_for(&self, month: Month) -> Option<&ShareRuleVersion> {
        let versions = self.versions().iter().map(|version| (0, version));
        in_force(versions, VersionChoice::Follow, month, 0)
    }
}
