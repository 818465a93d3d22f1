//! What has happened to an event of the forum.

use crate::{
    forum_event::ForumEventKind,
    id::{ForumEventId, OrganisationId, VentureId},
    text::{Name, Reason},
    time::Timestamp,
};

/// An event of one event of the forum.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// It was announced.
    ForumEventScheduled(ForumEventScheduled),
    /// It was called off.
    ForumEventCancelled(ForumEventCancelled),
    /// A venture was entered.
    PitchSubmitted(PitchSubmitted),
    /// A venture was taken out again.
    PitchWithdrawn(PitchWithdrawn),
}

/// An event of the forum was announced.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ForumEventScheduled {
    /// The event's id.
    pub id: ForumEventId,
    /// Who organises it.
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
    /// When it was announced.
    pub at: Timestamp,
}

/// An event of the forum was called off.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ForumEventCancelled {
    /// Why.
    pub reason: Reason,
    /// When.
    pub at: Timestamp,
}

/// A venture was entered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PitchSubmitted {
    /// The venture.
    pub venture: VentureId,
    /// Whose it is.
    pub lister: OrganisationId,
    /// The pitch's title.
    pub title: Name,
    /// What will be said.
    pub summary: Reason,
    /// When.
    pub at: Timestamp,
}

/// A venture was taken out again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PitchWithdrawn {
    /// The venture.
    pub venture: VentureId,
    /// When.
    pub at: Timestamp,
}
