//! The handlers up to the approval.

use domain::{
    id::{ContractId, RecruitmentId},
    recruitment::{
        ApproveRecruitment, Command, EthicsApproval, Event, Recruitment, RejectRecruitment,
        RequestRecruitment, RequestedRecruitment, Triage, TriageRecruitment,
    },
    text::Reason,
};
use engine::{
    Authorised, Executed, Prepared, Refusal,
    parse::{id, instant, text},
    receipt,
};
use events::Category;
use proto::kiban::recruitment::v1::{
    ApproveRecruitmentRequest, RejectRecruitmentRequest, RequestRecruitmentRequest,
    RequestRecruitmentResponse, TriageRecruitmentRequest,
};

use crate::{
    parse,
    recruitments::{Complete, Recruitments},
    refuse::refuse,
};

impl Recruitments {
    pub(crate) async fn request(
        &self,
        request: &Authorised<RequestRecruitmentRequest>,
    ) -> Result<RequestRecruitmentResponse, Refusal> {
        let (identity, envelope) = request.envelope()?;
        let recruitment: RecruitmentId = identity.derived();
        let contract = id("contract_id", &request.request().contract_id)?;
        let asked = parse::request(request.caller().organisation, request.request())?;
        let triage_by_person = asked.sought.triage() == Triage::Person;
        let executed = self
            .recruitments
            .execute(&Category::Recruitment.stream(recruitment), &envelope, || {
                let asked = asked.clone();
                Box::pin(async { Ok(self.prepare(request, recruitment, contract, asked).await?) })
            })
            .await
            .map_err(|failure| refuse(&["contract_id", "executor_contract_id"], failure))?;
        Ok(RequestRecruitmentResponse {
            recruitment_id: recruitment.to_string(),
            receipt: Some(receipt(&executed)),
            triage_by_person,
        })
    }

    /// The command with its facts: both contracts and the executor as they are now.
    async fn prepare<T>(
        &self,
        request: &Authorised<T>,
        recruitment: RecruitmentId,
        contract: ContractId,
        asked: RequestedRecruitment,
    ) -> Result<Prepared<Recruitment>, Refusal> {
        let at = request.at();
        let under = self.contracts.of("contract_id", contract, asked.member, at).await?;
        let executor = self.organisations.now(&Category::Organisation.stream(asked.executor)).await?;
        let executors = match asked.executor_contract {
            Some(named) => Some(self.contracts.of("executor_contract_id", named, asked.executor, at).await?),
            None => None,
        };
        let concerned = [asked.member, asked.executor];
        let admission = self.admission().await?;
        let guards = [under.guard, executor.guard(), admission.guard()];
        let command = Command::RequestRecruitment(RequestRecruitment {
            id: recruitment,
            request: asked,
            contract: under.now,
            executor_capacities: executor.state.capacities_on(at),
            executor_contract: executors.as_ref().map(|executors| executors.now),
            admission: (*admission.state).clone(),
            at,
        });
        let guards = guards.into_iter().chain(executors.map(|executors| executors.guard));
        Ok(Prepared::new(command).guarded_by(guards).concerning(concerned).under(contract))
    }

    pub(crate) async fn triage(
        &self,
        request: &Authorised<TriageRecruitmentRequest>,
    ) -> Result<Executed<Event>, Refusal> {
        let (asked, at) = (request.request(), request.at());
        let by = parse::reviewer(request.caller())?;
        let finding: Reason = text("finding", &asked.finding)?;
        self.command(request, &asked.recruitment_id, &[], |_| {
            let finding = finding.clone();
            Box::pin(async move {
                let (reviewer_capacities, guard) = self.capacities_of(by, at).await?;
                let command = TriageRecruitment { by, reviewer_capacities, finding, at };
                Ok(Complete::new(Command::TriageRecruitment(command)).guarded_by([guard]))
            })
        })
        .await
    }

    pub(crate) async fn approve(
        &self,
        request: &Authorised<ApproveRecruitmentRequest>,
    ) -> Result<Executed<Event>, Refusal> {
        let (asked, at) = (request.request(), request.at());
        let by = parse::reviewer(request.caller())?;
        let approval: EthicsApproval = text("ethics_approval", &asked.ethics_approval)?;
        let valid_until = instant("valid_until", asked.valid_until.as_ref())?;
        self.command(request, &asked.recruitment_id, &[], |seen| {
            let ethics_approval = approval.clone();
            Box::pin(async move {
                let (reviewer_capacities, guard) = self.capacities_of(by, at).await?;
                let members = self.contracts.any("recruitment_id", seen.contract, at).await?;
                let (executor_contract, executors) =
                    self.named_before(request, seen.executor_contract).await?;
                let admission = self.admission().await?;
                let command = Command::ApproveRecruitment(ApproveRecruitment {
                    by,
                    reviewer_capacities,
                    ethics_approval,
                    valid_until,
                    contract: members.now,
                    executor_contract,
                    admission: (*admission.state).clone(),
                    at,
                });
                let guards = [guard, members.guard, admission.guard()].into_iter().chain(executors);
                Ok(Complete::new(command).guarded_by(guards))
            })
        })
        .await
    }

    pub(crate) async fn reject(
        &self,
        request: &Authorised<RejectRecruitmentRequest>,
    ) -> Result<Executed<Event>, Refusal> {
        let (asked, at) = (request.request(), request.at());
        let by = parse::reviewer(request.caller())?;
        let reason: Reason = text("reason", &asked.reason)?;
        self.command(request, &asked.recruitment_id, &[], |_| {
            let reason = reason.clone();
            Box::pin(async move {
                let (reviewer_capacities, guard) = self.capacities_of(by, at).await?;
                let command = RejectRecruitment { by, reviewer_capacities, reason, at };
                Ok(Complete::new(Command::RejectRecruitment(command)).guarded_by([guard]))
            })
        })
        .await
    }
}
