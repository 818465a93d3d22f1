//! What has happened to a share rule.

use crate::{
    id::{OrganisationId, ShareRuleId},
    share_rule::SplitTable,
    time::Timestamp,
};

/// An event of one share rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// A version was published.
    ShareRulePublished(ShareRulePublished),
}

/// A version was published.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShareRulePublished {
    /// The share rule.
    pub id: ShareRuleId,
    /// The number of the version: 1, 2, 3…
    pub version: u32,
    /// The whole table of splits.
    pub table: SplitTable,
    /// Who published it.
    pub published_by: OrganisationId,
    /// When.
    pub at: Timestamp,
}
