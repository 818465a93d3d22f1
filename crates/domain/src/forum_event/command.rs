//! What somebody wants of an event of the forum.

use crate::{
    forum_event::ForumEventKind,
    id::{ForumEventId, OrganisationId, VentureId},
    text::{Name, Reason},
    time::Timestamp,
    under_contract::ContractNow,
    venture::VentureNow,
};

/// A command to one event of the forum.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// Announce it.
    ScheduleForumEvent(ScheduleForumEvent),
    /// Call it off.
    CancelForumEvent(CancelForumEvent),
    /// Enter a venture.
    SubmitPitch(SubmitPitch),
    /// Take a venture out again.
    WithdrawPitch(WithdrawPitch),
}

/// Announce an event of the forum.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScheduleForumEvent {
    /// The event's id.
    pub id: ForumEventId,
    /// Who organises it: an operator.
    pub organiser: OrganisationId,
    /// Of which kind it is.
    pub kind: ForumEventKind,
    /// Its title.
    pub title: Name,
    /// When it begins.
    pub starts_at: Timestamp,
    /// When it is over.
    pub ends_at: Timestamp,
    /// From when on no pitch is taken.
    pub submissions_until: Timestamp,
    /// Now.
    pub at: Timestamp,
}

/// Call an event of the forum off.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CancelForumEvent {
    /// Why.
    pub reason: Reason,
    /// Now.
    pub at: Timestamp,
}

/// Enter a venture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SubmitPitch {
    /// Who does.
    pub by: OrganisationId,
    /// Fact: the venture as it is now.
    pub venture: VentureNow,
    /// Fact: the contract under which the venture is listed, as it is now.
    pub contract: ContractNow,
    /// The pitch's title.
    pub title: Name,
    /// What will be said.
    pub summary: Reason,
    /// Now.
    pub at: Timestamp,
}

/// Take a venture out again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WithdrawPitch {
    /// Who does.
    pub by: OrganisationId,
    /// The venture.
    pub venture: VentureId,
    /// Now.
    pub at: Timestamp,
}
