//! What somebody wants of a share rule.

use crate::{
    id::{OrganisationId, ShareRuleId},
    share_rule::SplitTable,
    time::{Month, Timestamp},
};

/// A command to one share rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// Publish the first or the next version.
    PublishShareRule(PublishShareRule),
    /// Publish the next version; there must be one already.
    ReviseShareRule(PublishShareRule),
}

/// Publish the first or the next version.
///
/// A version that says what the newest one says is already so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublishShareRule {
    /// The share rule.
    pub id: ShareRuleId,
    /// The whole table of splits.
    pub table: SplitTable,
    /// The last month that is closed for the issuer whose charges it splits, looked up; `None`: none is.
    pub closed_through: Option<Month>,
    /// Who publishes it: of a later version, the organisation that published the first.
    pub published_by: OrganisationId,
    /// Now.
    pub at: Timestamp,
}
