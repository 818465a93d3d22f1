//! The handlers after the approval.

use domain::{
    id::{ContractId, OrganisationId},
    recruitment::{
        CloseRecruitment, Command, EnrolParticipant, Event, InviteInstitution, Pseudonym, ReportContacted,
        RespondToInvitation,
    },
    text::Reason,
    under_contract::ContractNow,
};
use engine::{
    Authorised, Executed, Refusal,
    parse::{id, text},
};
use event_log::Guard;
use proto::kiban::recruitment::v1::{
    CloseRecruitmentRequest, EnrolParticipantRequest, InviteInstitutionRequest, ReportContactedRequest,
    RespondToInvitationRequest,
};

use crate::{
    parse,
    recruitments::{Complete, Recruitments},
};

impl Recruitments {
    pub(crate) async fn invite(
        &self,
        request: &Authorised<InviteInstitutionRequest>,
    ) -> Result<Executed<Event>, Refusal> {
        const NAMED: &str = "supply_contract_id";
        let (asked, at) = (request.request(), request.at());
        let institution: OrganisationId = id("institution_id", &asked.institution_id)?;
        let contract: ContractId = id(NAMED, &asked.supply_contract_id)?;
        let (by, by_operator) = (request.caller().organisation, request.is_operator());
        self.command(request, &asked.recruitment_id, &[NAMED], |seen| {
            Box::pin(async move {
                let under = self.contracts.of(NAMED, contract, institution, at).await?;
                let (executor_contract, executors) =
                    self.named_before(request, seen.executor_contract).await?;
                let command = Command::InviteInstitution(InviteInstitution {
                    by,
                    by_operator,
                    institution,
                    executor_contract,
                    supply_contract: under.now,
                    at,
                });
                let guards = [under.guard].into_iter().chain(executors);
                Ok(Complete::new(command).guarded_by(guards).concerning([institution]))
            })
        })
        .await
    }

    pub(crate) async fn respond(
        &self,
        request: &Authorised<RespondToInvitationRequest>,
    ) -> Result<Executed<Event>, Refusal> {
        let (asked, institution) = (request.request(), request.caller().organisation);
        let answer = parse::answer(asked.answer)?;
        let reason = parse::optional_reason(&asked.reason)?;
        self.command(request, &asked.recruitment_id, &[], |seen| {
            let (reason, at) = (reason.clone(), request.at());
            Box::pin(async move {
                let (supply_contract, guard) = self.named_before(request, seen.supply_contract).await?;
                let command = RespondToInvitation { institution, answer, reason, supply_contract, at };
                Ok(Complete::new(Command::RespondToInvitation(command)).guarded_by(guard))
            })
        })
        .await
    }

    pub(crate) async fn contacted(
        &self,
        request: &Authorised<ReportContactedRequest>,
    ) -> Result<Executed<Event>, Refusal> {
        let (asked, institution) = (request.request(), request.caller().organisation);
        self.command(request, &asked.recruitment_id, &[], |_| {
            let command = ReportContacted { institution, number: asked.number, at: request.at() };
            Box::pin(async move { Ok(Complete::new(Command::ReportContacted(command))) })
        })
        .await
    }

    pub(crate) async fn enrol(
        &self,
        request: &Authorised<EnrolParticipantRequest>,
    ) -> Result<Executed<Event>, Refusal> {
        let (asked, institution) = (request.request(), request.caller().organisation);
        let pseudonym: Pseudonym = text("pseudonym", &asked.pseudonym)?;
        self.command(request, &asked.recruitment_id, &[], |seen| {
            let (pseudonym, at) = (pseudonym.clone(), request.at());
            Box::pin(async move {
                let (contract, members) = self.named_before(request, Some(seen.contract)).await?;
                let (supply_contract, own) = self.named_before(request, seen.supply_contract).await?;
                let (executor_contract, executors) =
                    self.named_before(request, seen.executor_contract).await?;
                let command = EnrolParticipant {
                    institution,
                    pseudonym,
                    contract,
                    supply_contract,
                    executor_contract,
                    at,
                };
                let guards = members.into_iter().chain(own).chain(executors);
                Ok(Complete::new(Command::EnrolParticipant(command)).guarded_by(guards))
            })
        })
        .await
    }

    pub(crate) async fn close(
        &self,
        request: &Authorised<CloseRecruitmentRequest>,
    ) -> Result<Executed<Event>, Refusal> {
        let asked = request.request();
        let reason: Reason = text("reason", &asked.reason)?;
        let (by, by_operator) = (request.caller().organisation, request.is_operator());
        self.command(request, &asked.recruitment_id, &[], |seen| {
            let command = CloseRecruitment { by, by_operator, reason: reason.clone(), at: request.at() };
            let complete = Complete::new(Command::CloseRecruitment(command)).concerning(seen.audience);
            Box::pin(async move { Ok(complete) })
        })
        .await
    }

    /// A contract that an earlier command named, as it is now, and the guard with which a decision stands on it.
    pub(crate) async fn named_before<T>(
        &self,
        request: &Authorised<T>,
        contract: Option<ContractId>,
    ) -> Result<(Option<ContractNow>, Option<Guard>), Refusal> {
        let Some(contract) = contract else { return Ok((None, None)) };
        let under = self.contracts.any("recruitment_id", contract, request.at()).await?;
        Ok((Some(under.now), Some(under.guard)))
    }
}
