//! Rejections of the domain as refusals on the wire, in one exhaustive match an aggregate.

use domain::{forum_event, investment, venture};
use engine::{Failure, Reason, Refusal, no_investor, not_covered, not_in_force};

/// What a refused command to a venture means to the caller.
pub(crate) fn venture(failure: Failure<venture::Rejection>) -> Refusal {
    use venture::Rejection;
    let rejection = match failure {
        Failure::Refused(refusal) => return refusal,
        Failure::Rejected(rejection) => rejection,
    };
    let message = rejection.to_string();
    match rejection {
        Rejection::NothingSought { .. } => {
            Refusal::field(Reason::InvalidField, "teaser.amount_sought", message)
        }
        Rejection::TooManyEntries { what: "forms in kind", .. } => {
            Refusal::field(Reason::InvalidField, "full_card.in_kind_wanted", message)
        }
        Rejection::TooManyEntries { what: "parties", .. }
        | Rejection::TooFewParties { .. }
        | Rejection::ListerIsNoParty { .. } => Refusal::field(Reason::InvalidField, "party_ids", message),
        Rejection::TooManyEntries { what: "investments", .. } => {
            Refusal::field(Reason::InvalidField, "investment_ids", message)
        }
        Rejection::TooManyEntries { .. } => Refusal::field(Reason::VentureFull, "venture_id", message),
        // The venture's id follows from the command id.
        Rejection::AlreadyListed { .. } => Refusal::field(Reason::CommandIdReused, "command_id", message),
        Rejection::PlatformIsNoParty { .. } => Refusal::new(Reason::PlatformIsNoParty, message),
        Rejection::NotCovered(refused) => not_covered("contract_id", &refused),
        Rejection::ListingNotCovered(refused) => not_covered("venture_id", &refused),
        Rejection::InvestorNotCovered { status, .. } => not_in_force("investor_id", status, message),
        Rejection::NoInvestor(refused) => no_investor(&refused),
        Rejection::NotListed | Rejection::NotTheLister { .. } => {
            Refusal::field(Reason::NotFound, "venture_id", message)
        }
        Rejection::Withdrawn { .. } => Refusal::field(Reason::VentureWithdrawn, "venture_id", message),
        Rejection::OwnVenture { .. } => Refusal::field(Reason::InvalidField, "venture_id", message),
        Rejection::NotViewed { .. } => Refusal::field(Reason::DealNotViewed, "venture_id", message),
        Rejection::NotInterested { .. } => {
            Refusal::field(Reason::NoInterestExpressed, "investor_id", message)
        }
        Rejection::RoomEndsAtOnce { .. } => Refusal::field(Reason::InvalidField, "valid_until", message),
        Rejection::NoDataRoom { .. } => Refusal::field(Reason::NoDataRoom, "venture_id", message),
        Rejection::DataRoomClosed { .. } => Refusal::field(Reason::DataRoomClosed, "venture_id", message),
        Rejection::PartyNotRegistered { .. } => Refusal::field(Reason::NotFound, "party_ids", message),
        Rejection::PartyNotInvolved { organisation } => {
            Refusal::field(Reason::PartyNotInvolved, "party_ids", message).with("party", organisation)
        }
        // Of others' investments nobody learns by trying whether they exist.
        Rejection::NotInvested { .. } => Refusal::field(Reason::NotFound, "investment_ids", message),
        Rejection::JointVentureStands { .. } => Refusal::field(Reason::JointVentureStands, "name", message),
    }
}

/// What a refused command to an investment means to the caller.
pub(crate) fn investment(failure: Failure<investment::Rejection>) -> Refusal {
    use investment::Rejection;
    let rejection = match failure {
        Failure::Refused(refusal) => return refusal,
        Failure::Rejected(rejection) => rejection,
    };
    let message = rejection.to_string();
    match rejection {
        Rejection::AmountNotPositive { estimated: false, .. } => {
            Refusal::field(Reason::InvalidField, "cash", message)
        }
        Rejection::AmountNotPositive { estimated: true, .. } => {
            Refusal::field(Reason::InvalidField, "in_kind.estimated_value", message)
        }
        Rejection::AmountTooLarge { estimated: false, .. } => {
            Refusal::field(Reason::AmountOutOfRange, "cash", message)
        }
        Rejection::AmountTooLarge { estimated: true, .. } => {
            Refusal::field(Reason::AmountOutOfRange, "in_kind.estimated_value", message)
        }
        Rejection::OwnVenture { .. } => Refusal::field(Reason::InvalidField, "venture_id", message),
        // The investment's id follows from the command id.
        Rejection::AlreadyMade { .. } => Refusal::field(Reason::CommandIdReused, "command_id", message),
        Rejection::NoInvestor(refused) => no_investor(&refused),
        Rejection::VentureWithdrawn { .. } => Refusal::field(Reason::VentureWithdrawn, "venture_id", message),
        Rejection::NotViewed { .. } => Refusal::field(Reason::DealNotViewed, "venture_id", message),
        Rejection::PlatformIsNoParty { .. } => Refusal::new(Reason::PlatformIsNoParty, message),
        Rejection::NotMade | Rejection::NotTheInvestor { .. } => {
            Refusal::field(Reason::NotFound, "investment_id", message)
        }
        Rejection::AlreadyWithdrawn { .. } => {
            Refusal::field(Reason::InvestmentWithdrawn, "investment_id", message)
        }
    }
}

/// What a refused command to an event of the forum means to the caller.
pub(crate) fn forum_event(failure: Failure<forum_event::Rejection>) -> Refusal {
    use forum_event::Rejection;
    let rejection = match failure {
        Failure::Refused(refusal) => return refusal,
        Failure::Rejected(rejection) => rejection,
    };
    let message = rejection.to_string();
    match rejection {
        Rejection::EndsBeforeStart { .. } => Refusal::field(Reason::InvalidField, "ends_at", message),
        Rejection::DeadlineAfterStart { .. } | Rejection::DeadlineOver { .. } => {
            Refusal::field(Reason::InvalidField, "submissions_until", message)
        }
        // The event's id follows from the command id.
        Rejection::AlreadyScheduled { .. } => Refusal::field(Reason::CommandIdReused, "command_id", message),
        Rejection::NotScheduled => Refusal::field(Reason::NotFound, "forum_event_id", message),
        Rejection::Cancelled { .. } => Refusal::field(Reason::ForumEventCancelled, "forum_event_id", message),
        Rejection::Begun { .. } => Refusal::field(Reason::ForumEventBegun, "forum_event_id", message),
        Rejection::SubmissionsClosed { .. } => {
            Refusal::field(Reason::SubmissionsClosed, "forum_event_id", message)
        }
        Rejection::NotTheLister { .. } => Refusal::field(Reason::NotFound, "venture_id", message),
        Rejection::VentureWithdrawn { .. } => Refusal::field(Reason::VentureWithdrawn, "venture_id", message),
        Rejection::ListingNotCovered(refused) => not_covered("venture_id", &refused),
        Rejection::AlreadySubmitted { .. } => Refusal::field(Reason::PitchStands, "venture_id", message),
        Rejection::TooManyPitches { .. } => Refusal::field(Reason::TooManyPitches, "forum_event_id", message),
        Rejection::NoPitch { .. } => Refusal::field(Reason::NoPitch, "venture_id", message),
    }
}
