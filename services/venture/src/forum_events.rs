//! `kiban.venture.v1.ForumEventService`: who may call what, decided and answered.

use std::{num::NonZeroUsize, sync::Arc};

use domain::{
    forum_event::{CancelForumEvent, Command, Event, ForumEvent, SubmitPitch, WithdrawPitch},
    id::{ForumEventId, OrganisationId, VentureId},
    text::{Name, Reason},
};
use engine::{
    Aggregates, Authorised, Envelope, Executed, Gate, Need, OPERATORS, Preparation, Prepared, Refusal, Role,
    parse::{id, text},
    receipt,
};
use event_log::EventLog;
use events::{Category, wire};
use proto::kiban::venture::v1::{
    CancelForumEventRequest, CancelForumEventResponse, GetForumEventRequest, GetForumEventResponse,
    ScheduleForumEventRequest, ScheduleForumEventResponse, SubmitPitchRequest, SubmitPitchResponse,
    WithdrawPitchRequest, WithdrawPitchResponse,
    forum_event_service_server::{ForumEventService, ForumEventServiceServer},
};
use tonic::{Request, Response, Status};

use crate::{
    facts::{Facts, missing_venture},
    parse, refuse,
};

const HOT: NonZeroUsize = NonZeroUsize::new(1_000).unwrap();

/// Serves `kiban.venture.v1.ForumEventService`.
pub struct ForumEvents {
    gate: Arc<Gate>,
    forum_events: Aggregates<ForumEvent>,
    facts: Facts,
}

impl ForumEvents {
    /// The service over a log.
    pub fn new(log: Arc<dyn EventLog>, gate: Arc<Gate>) -> Self {
        Self { gate, facts: Facts::new(&log), forum_events: Aggregates::new(log, HOT) }
    }

    /// As a gRPC server.
    pub fn server(self) -> ForumEventServiceServer<Self> {
        ForumEventServiceServer::new(self)
    }

    async fn schedule(
        &self,
        request: Authorised<ScheduleForumEventRequest>,
    ) -> Result<ScheduleForumEventResponse, Refusal> {
        let (identity, envelope) = request.envelope()?;
        let event: ForumEventId = identity.derived();
        let organiser = request.caller().organisation;
        let schedule = parse::schedule(event, organiser, request.request(), request.at())?;
        let executed = self
            .carry_out(event, &envelope, || {
                let command = Command::ScheduleForumEvent(schedule.clone());
                Box::pin(async { Ok(Prepared::new(command)) })
            })
            .await?;
        Ok(ScheduleForumEventResponse {
            forum_event_id: event.to_string(),
            receipt: Some(receipt(&executed)),
        })
    }

    async fn cancel(
        &self,
        request: Authorised<CancelForumEventRequest>,
    ) -> Result<CancelForumEventResponse, Refusal> {
        let event: ForumEventId = id("forum_event_id", &request.request().forum_event_id)?;
        let reason: Reason = text("reason", &request.request().reason)?;
        let (envelope, at) = (request.envelope()?.1, request.at());
        let executed = self
            .carry_out(event, &envelope, || {
                let command = Command::CancelForumEvent(CancelForumEvent { reason: reason.clone(), at });
                Box::pin(async move {
                    let entered = |state: &ForumEvent| -> Vec<OrganisationId> {
                        let announced = state.announced();
                        announced.map_or_else(Vec::new, |known| {
                            known.pitches.values().map(|pitch| pitch.lister).collect()
                        })
                    };
                    let stream = Category::ForumEvent.stream(event);
                    let entered = self.forum_events.peek(&stream, entered).await?;
                    Ok(Prepared::new(command).concerning(entered))
                })
            })
            .await?;
        Ok(CancelForumEventResponse { receipt: Some(receipt(&executed)) })
    }

    async fn submit(&self, request: Authorised<SubmitPitchRequest>) -> Result<SubmitPitchResponse, Refusal> {
        let asked = request.request();
        let event: ForumEventId = id("forum_event_id", &asked.forum_event_id)?;
        let venture: VentureId = id("venture_id", &asked.venture_id)?;
        let title: Name = text("title", &asked.title)?;
        let summary: Reason = text("summary", &asked.summary)?;
        let (envelope, by, at) = (request.envelope()?.1, request.caller().organisation, request.at());
        let executed = self
            .carry_out(event, &envelope, || {
                let (title, summary) = (title.clone(), summary.clone());
                Box::pin(async move {
                    let (known, venture_guard) = self.facts.venture(venture).await?;
                    if known.lister != by {
                        return Err(missing_venture(venture).into());
                    }
                    let (contract, guard) =
                        self.facts.contract_behind("venture_id", known.contract, at).await?;
                    let submit = SubmitPitch { by, venture: known, contract, title, summary, at };
                    let prepared = Prepared::new(Command::SubmitPitch(submit)).under(known.contract);
                    let organiser = self.organiser(event).await?;
                    Ok(prepared.guarded_by([venture_guard, guard]).concerning(organiser))
                })
            })
            .await?;
        Ok(SubmitPitchResponse { receipt: Some(receipt(&executed)) })
    }

    async fn withdraw(
        &self,
        request: Authorised<WithdrawPitchRequest>,
    ) -> Result<WithdrawPitchResponse, Refusal> {
        let event: ForumEventId = id("forum_event_id", &request.request().forum_event_id)?;
        let venture: VentureId = id("venture_id", &request.request().venture_id)?;
        let (envelope, by, at) = (request.envelope()?.1, request.caller().organisation, request.at());
        let executed = self
            .carry_out(event, &envelope, || {
                Box::pin(async move {
                    let command = Command::WithdrawPitch(WithdrawPitch { by, venture, at });
                    let organiser = self.organiser(event).await?;
                    Ok(Prepared::new(command).concerning(organiser))
                })
            })
            .await?;
        Ok(WithdrawPitchResponse { receipt: Some(receipt(&executed)) })
    }

    async fn get(&self, request: Authorised<GetForumEventRequest>) -> Result<GetForumEventResponse, Refusal> {
        let event: ForumEventId = id("forum_event_id", &request.request().forum_event_id)?;
        let (operator, caller) = (request.is_operator(), request.caller().organisation);
        let look = |state: &ForumEvent, revision| {
            (wire::forum_event(state, |lister| operator || lister == caller), revision)
        };
        let (found, revision) = self.forum_events.read(&Category::ForumEvent.stream(event), look).await?;
        let found = found.ok_or_else(|| Refusal::not_found(event))?;
        Ok(GetForumEventResponse { forum_event: Some(found), revision: revision.unwrap_or_default() })
    }

    async fn organiser(&self, event: ForumEventId) -> Result<Option<OrganisationId>, Refusal> {
        let organiser = |state: &ForumEvent| state.announced().map(|known| known.organiser);
        self.forum_events.peek(&Category::ForumEvent.stream(event), organiser).await
    }

    async fn carry_out<'a>(
        &self,
        event: ForumEventId,
        envelope: &Envelope,
        prepare: impl FnMut() -> Preparation<'a, ForumEvent> + Send,
    ) -> Result<Executed<Event>, Refusal> {
        let stream = Category::ForumEvent.stream(event);
        self.forum_events.execute(&stream, envelope, prepare).await.map_err(refuse::forum_event)
    }
}

#[tonic::async_trait]
impl ForumEventService for ForumEvents {
    async fn schedule_forum_event(
        &self,
        request: Request<ScheduleForumEventRequest>,
    ) -> Result<Response<ScheduleForumEventResponse>, Status> {
        let need = Need::role_in(Role::Contracts, OPERATORS);
        let request = self.gate.authorise(request, need).await?;
        Ok(Response::new(self.schedule(request).await?))
    }

    async fn cancel_forum_event(
        &self,
        request: Request<CancelForumEventRequest>,
    ) -> Result<Response<CancelForumEventResponse>, Status> {
        let need = Need::role_in(Role::Contracts, OPERATORS);
        let request = self.gate.authorise(request, need).await?;
        Ok(Response::new(self.cancel(request).await?))
    }

    async fn submit_pitch(
        &self,
        request: Request<SubmitPitchRequest>,
    ) -> Result<Response<SubmitPitchResponse>, Status> {
        let request = self.gate.authorise(request, Need::role(Role::Contracts)).await?;
        Ok(Response::new(self.submit(request).await?))
    }

    async fn withdraw_pitch(
        &self,
        request: Request<WithdrawPitchRequest>,
    ) -> Result<Response<WithdrawPitchResponse>, Status> {
        let request = self.gate.authorise(request, Need::role(Role::Contracts)).await?;
        Ok(Response::new(self.withdraw(request).await?))
    }

    async fn get_forum_event(
        &self,
        request: Request<GetForumEventRequest>,
    ) -> Result<Response<GetForumEventResponse>, Status> {
        let request = self.gate.authorise(request, Need::REGISTERED).await?;
        Ok(Response::new(self.get(request).await?))
    }
}
