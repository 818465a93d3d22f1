//! Events of the forum: a pitch contest, a briefing on results, a matching.

use engine::Role;
use proto::kiban::venture::v1::{ForumEventKind, ScheduleForumEventRequest, SubmitPitchRequest};
use tonic::Code;

use crate::demo::{
    actors::Part,
    calendar::{day, wire},
    contracts::Deal,
    error::DemoError,
    stage::{Expected, Stage},
    world::World,
};

/// The places of two of them.
const CONTEST: usize = 0;
const MATCHING: usize = 2;

/// October: three events of December and January are announced.
pub(super) async fn schedule(stage: &mut Stage, world: &mut World) -> Result<(), DemoError> {
    let promoter = world.cast.session(stage, Part::Promoter, Role::Contracts);
    let events = [
        ("contest", ForumEventKind::PitchContest, "ピッチコンテスト 2026", 8, 12),
        ("results", ForumEventKind::Results, "成果報告会", 9, 20),
        ("matching", ForumEventKind::Matching, "投資マッチング", 9, 28),
    ];
    for (key, kind, title, month, date) in events {
        let request = ScheduleForumEventRequest {
            command_id: format!("schedule-{key}"),
            validate_only: false,
            kind: kind.into(),
            title: title.into(),
            starts_at: wire(day(month, date)),
            ends_at: wire(day(month, date + 1)),
            submissions_until: wire(day(8, 1)),
        };
        let step = format!("announcing {title}");
        let scheduled = stage.done(&step, promoter.forum_events().schedule_forum_event(request).await)?;
        world.market.forum_events.push(scheduled.forum_event_id);
    }
    Ok(())
}

/// A venture's entry into one of the events, in the order in which they were announced.
fn entry(world: &World, deal: Deal, event: usize, venture: usize) -> SubmitPitchRequest {
    SubmitPitchRequest {
        command_id: format!("pitch-{event}"),
        forum_event_id: world.market.forum_events.get(event).cloned().unwrap_or_default(),
        venture_id: world.market.ventures.get(venture).cloned().unwrap_or_default(),
        title: format!("{}の挑戦", world.contracts.of(deal).name),
        summary: "七分で話す".into(),
        ..Default::default()
    }
}

/// November: both ventures enter the contest.
pub(super) async fn pitch(stage: &mut Stage, world: &World) -> Result<(), DemoError> {
    for (venture, deal) in [Deal::Neogenome, Deal::Tsubaki].into_iter().enumerate() {
        let (session, _) = world.under(stage, deal);
        let request = entry(world, deal, CONTEST, venture);
        stage.done("entering a contest", session.forum_events().submit_pitch(request).await)?;
    }
    Ok(())
}

/// December: the deadline is past.
pub(super) async fn pitch_late(stage: &mut Stage, world: &World) -> Result<(), DemoError> {
    let (neogenome, _) = world.under(stage, Deal::Neogenome);
    let outcome = neogenome.forum_events().submit_pitch(entry(world, Deal::Neogenome, MATCHING, 0)).await;
    let expected = Expected::new(Code::FailedPrecondition, "SUBMISSIONS_CLOSED").naming("forum_event_id");
    let name = world.contracts.of(Deal::Neogenome).name;
    stage.refused(name, "enter a matching after its deadline", expected, outcome);
    Ok(())
}
