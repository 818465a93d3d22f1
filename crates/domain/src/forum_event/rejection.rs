//! Why a command to an event of the forum was refused.

use crate::{
    id::{ForumEventId, OrganisationId, VentureId},
    time::Timestamp,
    under_contract::NotCovered,
};

/// Why a command to an event of the forum was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    /// It would be over before it begins.
    #[error("it would end at {ends_at}, not after its start at {starts_at}")]
    EndsBeforeStart {
        /// When it would begin.
        starts_at: Timestamp,
        /// When it would be over.
        ends_at: Timestamp,
    },
    /// Pitches would be taken after it has begun.
    #[error("pitches would be taken until {submissions_until}, after its start at {starts_at}")]
    DeadlineAfterStart {
        /// When it would begin.
        starts_at: Timestamp,
        /// Until when pitches would be taken.
        submissions_until: Timestamp,
    },
    /// No pitch could ever be submitted.
    #[error("pitches would be taken until {submissions_until}, and it is {now}")]
    DeadlineOver {
        /// Until when pitches would be taken.
        submissions_until: Timestamp,
        /// Now.
        now: Timestamp,
    },
    /// It stands, with other particulars.
    #[error("forum event {id} has already been scheduled with other particulars")]
    AlreadyScheduled {
        /// The event.
        id: ForumEventId,
    },
    /// Nobody has announced it.
    #[error("the forum event is not scheduled")]
    NotScheduled,
    /// It was called off.
    #[error("forum event {id} was cancelled")]
    Cancelled {
        /// The event.
        id: ForumEventId,
    },
    /// It has begun.
    #[error("the forum event has begun at {starts_at}")]
    Begun {
        /// When.
        starts_at: Timestamp,
    },
    /// No pitch is taken any more.
    #[error("pitches were taken until {until}")]
    SubmissionsClosed {
        /// Until when they were.
        until: Timestamp,
    },
    /// Only the lister may do this.
    #[error("{organisation} did not list venture {venture}")]
    NotTheLister {
        /// The venture.
        venture: VentureId,
        /// Who wants to.
        organisation: OrganisationId,
    },
    /// The venture's card was taken back.
    #[error("venture {venture} was withdrawn")]
    VentureWithdrawn {
        /// The venture.
        venture: VentureId,
    },
    /// The contract under which the venture is listed does not cover it.
    #[error("the venture's listing: {0}")]
    ListingNotCovered(NotCovered),
    /// The venture is entered, with another pitch.
    #[error("venture {venture} is entered with another pitch; withdraw that first")]
    AlreadySubmitted {
        /// The venture.
        venture: VentureId,
    },
    /// As many ventures are entered as may be.
    #[error("as many ventures as may be are entered, {most}")]
    TooManyPitches {
        /// How many may be.
        most: usize,
    },
    /// The venture is not entered.
    #[error("venture {venture} is not entered")]
    NoPitch {
        /// The venture.
        venture: VentureId,
    },
}
