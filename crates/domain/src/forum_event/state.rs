//! What is known of an event of the forum.

use std::collections::BTreeMap;

use crate::{
    id::{ForumEventId, OrganisationId, VentureId},
    terms::closed,
    text::{Name, Reason},
    time::Timestamp,
};

closed! {
    /// For what people come together (requirements §3.7).
    ForumEventKind {
        /// Ventures meet investors and partners.
        Matching "matching",
        /// Results are told of.
        Results "results",
        /// Ventures compete.
        PitchContest "pitch-contest",
    }
}

/// What is known of an event of the forum.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum ForumEvent {
    /// Nobody has announced it.
    #[default]
    Vacant,
    /// It takes place, or took place.
    Scheduled(Box<Scheduled>),
    /// It was called off.
    Cancelled {
        /// What it was.
        was: Box<Scheduled>,
        /// Why.
        reason: Reason,
        /// When.
        at: Timestamp,
    },
}

/// An announced event of the forum.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scheduled {
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
    pub scheduled_at: Timestamp,
    /// The ventures that are entered.
    pub pitches: BTreeMap<VentureId, Pitch>,
}

/// A venture's pitch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pitch {
    /// Whose venture it is.
    pub lister: OrganisationId,
    /// The title.
    pub title: Name,
    /// What will be said.
    pub summary: Reason,
    /// When it was submitted.
    pub at: Timestamp,
}

impl ForumEvent {
    /// What was announced, called off or not.
    pub const fn announced(&self) -> Option<&Scheduled> {
        match self {
            Self::Vacant => None,
            Self::Scheduled(scheduled) | Self::Cancelled { was: scheduled, .. } => Some(scheduled),
        }
    }
}
