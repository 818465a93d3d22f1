//! Events of the forum and the pitches that are submitted to them.

use domain::id::OrganisationId;
use events::wire::time;
use proto::kiban::venture::v1::{
    CancelForumEventRequest, ForumEvent, ForumEventKind, GetForumEventRequest, ScheduleForumEventRequest,
    SubmitPitchRequest, SubmitPitchResponse, WithdrawPitchRequest,
    forum_event_service_server::ForumEventService,
};
use tonic::{Response, Status};
use world::{by, day, reason};

use crate::forum::Forum;

/// A contest on 1 May 2026, for which pitches are taken until 20 April.
fn contest() -> ScheduleForumEventRequest {
    ScheduleForumEventRequest {
        command_id: "contest".into(),
        validate_only: false,
        kind: ForumEventKind::PitchContest.into(),
        title: "第一回ピッチコンテスト".into(),
        starts_at: Some(time(day(2026, 5, 1))),
        ends_at: Some(time(day(2026, 5, 2))),
        submissions_until: Some(time(day(2026, 4, 20))),
    }
}

pub(crate) fn pitch(event: &str, venture: &str) -> SubmitPitchRequest {
    SubmitPitchRequest {
        command_id: "pitch".into(),
        forum_event_id: event.into(),
        venture_id: venture.into(),
        title: "an antibody".into(),
        summary: "why it works".into(),
        ..Default::default()
    }
}

fn withdrawal(event: &str, venture: &str) -> WithdrawPitchRequest {
    WithdrawPitchRequest {
        command_id: "withdraw-pitch".into(),
        forum_event_id: event.into(),
        venture_id: venture.into(),
        ..Default::default()
    }
}

fn cancellation(event: &str) -> CancelForumEventRequest {
    CancelForumEventRequest {
        command_id: "cancel".into(),
        forum_event_id: event.into(),
        reason: "台風".into(),
        ..Default::default()
    }
}

impl Forum {
    pub(crate) async fn contest(&self) -> String {
        let scheduled = self.forum_events.schedule_forum_event(by(self.promoter, contest())).await;
        scheduled.unwrap().into_inner().forum_event_id
    }

    pub(crate) async fn submit(
        &self,
        by_whom: OrganisationId,
        request: SubmitPitchRequest,
    ) -> Result<Response<SubmitPitchResponse>, Status> {
        self.forum_events.submit_pitch(by(by_whom, request)).await
    }

    async fn event(&self, by_whom: OrganisationId, event: &str) -> ForumEvent {
        let request = GetForumEventRequest { forum_event_id: event.into() };
        let found = self.forum_events.get_forum_event(by(by_whom, request)).await.unwrap();
        found.into_inner().forum_event.unwrap()
    }
}

#[tokio::test]
async fn ventures_enter_and_only_those_concerned_see_the_pitches() {
    let forum = Forum::new().await;
    let (venture, event) = (forum.listed().await, forum.contest().await);
    forum.submit(forum.lister, pitch(&event, &venture)).await.unwrap();
    for (viewer, pitches) in [(forum.promoter, 1), (forum.lister, 1), (forum.investor, 0), (forum.rival, 0)] {
        let seen = forum.event(viewer, &event).await;
        assert_eq!(
            (seen.title.as_str(), seen.kind()),
            (contest().title.as_str(), ForumEventKind::PitchContest)
        );
        assert_eq!(seen.pitches.len(), pitches, "{viewer}");
    }
    forum.forum_events.withdraw_pitch(by(forum.lister, withdrawal(&event, &venture))).await.unwrap();
    assert!(forum.event(forum.promoter, &event).await.pitches.is_empty());
    let again = SubmitPitchRequest { command_id: "pitch-2".into(), ..pitch(&event, &venture) };
    forum.submit(forum.lister, again).await.unwrap();
}

#[tokio::test]
async fn pitches_are_refused_by_rule() {
    let forum = Forum::new().await;
    let (venture, event) = (forum.listed().await, forum.contest().await);
    let outcome = forum.submit(forum.rival, pitch(&event, &venture)).await;
    assert_eq!(reason(outcome), ("NOT_FOUND".into(), "venture_id".into()));
    let outcome = forum.forum_events.withdraw_pitch(by(forum.lister, withdrawal(&event, &venture))).await;
    assert_eq!(reason(outcome), ("NO_PITCH".into(), "venture_id".into()));
    let nothing = domain::id::ForumEventId::from_u128(99).to_string();
    let outcome = forum.submit(forum.lister, pitch(&nothing, &venture)).await;
    assert_eq!(reason(outcome), ("NOT_FOUND".into(), "forum_event_id".into()));
    forum.submit(forum.lister, pitch(&event, &venture)).await.unwrap();
    let other =
        SubmitPitchRequest { command_id: "b".into(), title: "other".into(), ..pitch(&event, &venture) };
    assert_eq!(reason(forum.submit(forum.lister, other).await).0, "PITCH_STANDS");
    let outcome = forum.forum_events.withdraw_pitch(by(forum.rival, withdrawal(&event, &venture))).await;
    assert_eq!(reason(outcome), ("NOT_FOUND".into(), "venture_id".into()));
    forum.world.clock.set(day(2026, 5, 1));
    let outcome = forum.forum_events.withdraw_pitch(by(forum.lister, withdrawal(&event, &venture))).await;
    assert_eq!(reason(outcome).0, "FORUM_EVENT_BEGUN");
    let outcome = forum.forum_events.cancel_forum_event(by(forum.promoter, cancellation(&event))).await;
    assert_eq!(reason(outcome).0, "FORUM_EVENT_BEGUN");
}

#[tokio::test]
async fn the_deadline_is_the_clocks() {
    let forum = Forum::new().await;
    let (venture, event) = (forum.listed().await, forum.contest().await);
    forum.world.clock.set(day(2026, 4, 20));
    let outcome = forum.submit(forum.lister, pitch(&event, &venture)).await;
    assert_eq!(reason(outcome), ("SUBMISSIONS_CLOSED".into(), "forum_event_id".into()));
}

#[tokio::test]
async fn operators_announce_and_call_off() {
    let forum = Forum::new().await;
    let (venture, event) = (forum.listed().await, forum.contest().await);
    let outcome = forum.forum_events.schedule_forum_event(by(forum.lister, contest())).await;
    assert_eq!(reason(outcome).0, "CAPACITY_REQUIRED");
    type Change = fn(&mut ScheduleForumEventRequest);
    let cases: [(Change, &str); 6] = [
        (|request| request.kind = 0, "kind"),
        (|request| request.kind = 9, "kind"),
        (|request| request.starts_at = None, "starts_at"),
        (|request| request.ends_at = request.starts_at, "ends_at"),
        (|request| request.submissions_until = request.ends_at, "submissions_until"),
        (|request| request.submissions_until = Some(time(day(2026, 3, 2))), "submissions_until"),
    ];
    for (change, field) in cases {
        let mut request = ScheduleForumEventRequest { command_id: "other".into(), ..contest() };
        change(&mut request);
        let outcome = forum.forum_events.schedule_forum_event(by(forum.promoter, request)).await;
        assert_eq!(reason(outcome), ("INVALID_FIELD".into(), field.into()));
    }
    forum.forum_events.cancel_forum_event(by(forum.promoter, cancellation(&event))).await.unwrap();
    assert_eq!(forum.event(forum.rival, &event).await.cancellation_reason, "台風");
    let outcome = forum.submit(forum.lister, pitch(&event, &venture)).await;
    assert_eq!(reason(outcome).0, "FORUM_EVENT_CANCELLED");
    let other =
        CancelForumEventRequest { command_id: "b".into(), reason: "rain".into(), ..cancellation(&event) };
    let outcome = forum.forum_events.cancel_forum_event(by(forum.promoter, other)).await;
    assert_eq!(reason(outcome).0, "FORUM_EVENT_CANCELLED");
}
