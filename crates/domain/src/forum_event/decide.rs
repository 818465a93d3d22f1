//! What may not be done with an event of the forum.

use crate::{
    forum_event::{
        CancelForumEvent, Command, Event, ForumEvent, ForumEventCancelled, ForumEventScheduled,
        PitchSubmitted, PitchWithdrawn, Rejection, ScheduleForumEvent, Scheduled, SubmitPitch, WithdrawPitch,
    },
    venture::check_listing,
};

/// How many ventures may be entered at once.
pub(super) const MOST_PITCHES: usize = 500;

pub(super) fn decide(state: &ForumEvent, command: Command) -> Result<Vec<Event>, Rejection> {
    match command {
        Command::ScheduleForumEvent(command) => schedule(state, command),
        Command::CancelForumEvent(command) => cancel(state, command),
        Command::SubmitPitch(command) => submit(state, command),
        Command::WithdrawPitch(command) => withdraw(state, command),
    }
}

fn schedule(state: &ForumEvent, command: ScheduleForumEvent) -> Result<Vec<Event>, Rejection> {
    let ScheduleForumEvent { id, organiser, kind, title, starts_at, ends_at, submissions_until, at } =
        command;
    if ends_at <= starts_at {
        return Err(Rejection::EndsBeforeStart { starts_at, ends_at });
    }
    if submissions_until > starts_at {
        return Err(Rejection::DeadlineAfterStart { starts_at, submissions_until });
    }
    if let Some(known) = state.announced() {
        let again = known.id == id
            && known.organiser == organiser
            && known.kind == kind
            && known.title == title
            && known.starts_at == starts_at
            && known.ends_at == ends_at
            && known.submissions_until == submissions_until;
        return if again { Ok(vec![]) } else { Err(Rejection::AlreadyScheduled { id: known.id }) };
    }
    if submissions_until <= at {
        return Err(Rejection::DeadlineOver { submissions_until, now: at });
    }
    Ok(vec![Event::ForumEventScheduled(ForumEventScheduled {
        id,
        organiser,
        kind,
        title,
        starts_at,
        ends_at,
        submissions_until,
        at,
    })])
}

fn cancel(state: &ForumEvent, command: CancelForumEvent) -> Result<Vec<Event>, Rejection> {
    let CancelForumEvent { reason, at } = command;
    if let ForumEvent::Cancelled { reason: known, .. } = state
        && *known == reason
    {
        return Ok(vec![]);
    }
    let scheduled = still_scheduled(state)?;
    if scheduled.starts_at <= at {
        return Err(Rejection::Begun { starts_at: scheduled.starts_at });
    }
    Ok(vec![Event::ForumEventCancelled(ForumEventCancelled { reason, at })])
}

fn submit(state: &ForumEvent, command: SubmitPitch) -> Result<Vec<Event>, Rejection> {
    let SubmitPitch { by, venture, contract, title, summary, at } = command;
    let scheduled = still_scheduled(state)?;
    if venture.lister != by {
        return Err(Rejection::NotTheLister { venture: venture.id, organisation: by });
    }
    if let Some(known) = scheduled.pitches.get(&venture.id) {
        let again = known.title == title && known.summary == summary;
        return if again { Ok(vec![]) } else { Err(Rejection::AlreadySubmitted { venture: venture.id }) };
    }
    if scheduled.submissions_until <= at {
        return Err(Rejection::SubmissionsClosed { until: scheduled.submissions_until });
    }
    if venture.withdrawn {
        return Err(Rejection::VentureWithdrawn { venture: venture.id });
    }
    check_listing(&contract, by).map_err(Rejection::ListingNotCovered)?;
    if scheduled.pitches.len() >= MOST_PITCHES {
        return Err(Rejection::TooManyPitches { most: MOST_PITCHES });
    }
    Ok(vec![Event::PitchSubmitted(PitchSubmitted { venture: venture.id, lister: by, title, summary, at })])
}

fn withdraw(state: &ForumEvent, command: WithdrawPitch) -> Result<Vec<Event>, Rejection> {
    let WithdrawPitch { by, venture, at } = command;
    let scheduled = still_scheduled(state)?;
    let pitch = scheduled.pitches.get(&venture).ok_or(Rejection::NoPitch { venture })?;
    if pitch.lister != by {
        return Err(Rejection::NotTheLister { venture, organisation: by });
    }
    if scheduled.starts_at <= at {
        return Err(Rejection::Begun { starts_at: scheduled.starts_at });
    }
    Ok(vec![Event::PitchWithdrawn(PitchWithdrawn { venture, at })])
}

fn still_scheduled(state: &ForumEvent) -> Result<&Scheduled, Rejection> {
    match state {
        ForumEvent::Vacant => Err(Rejection::NotScheduled),
        ForumEvent::Scheduled(scheduled) => Ok(scheduled),
        ForumEvent::Cancelled { was, .. } => Err(Rejection::Cancelled { id: was.id }),
    }
}
