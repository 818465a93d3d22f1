//! The handlers: authorise, parse, decide, reply.

use std::{num::NonZeroUsize, sync::Arc};

use domain::{
    id::{ContractId, RecruitmentId},
    organisation::{Capacity, Organisation},
    recruitment::{Command, Recruitment, RequestRecruitment, RequestedRecruitment},
};
use engine::{
    Aggregates, Authorised, Contracts, Gate, Lookup, Need, Prepared, Refusal, Role, parse::id, receipt,
};
use event_log::EventLog;
use events::Category;
use proto::kiban::recruitment::v1::{
    GetRecruitmentRequest, GetRecruitmentResponse, RequestRecruitmentRequest, RequestRecruitmentResponse,
    recruitment_service_server::{RecruitmentService, RecruitmentServiceServer},
};
use tonic::{Request, Response, Status};

use crate::{parse, refuse::refuse, view};

const HOT: NonZeroUsize = NonZeroUsize::new(10_000).unwrap();

/// Serves `kiban.recruitment.v1.RecruitmentService`.
pub struct Recruitments {
    gate: Arc<Gate>,
    recruitments: Aggregates<Recruitment>,
    contracts: Contracts,
    organisations: Lookup<Organisation>,
}

impl Recruitments {
    /// The service over a log.
    pub fn new(log: Arc<dyn EventLog>, gate: Arc<Gate>) -> Self {
        Self {
            gate,
            contracts: Contracts::new(log.clone()),
            organisations: Lookup::new(log.clone(), HOT),
            recruitments: Aggregates::new(log, HOT),
        }
    }

    /// As a gRPC server.
    pub fn server(self) -> RecruitmentServiceServer<Self> {
        RecruitmentServiceServer::new(self)
    }

    async fn request(
        &self,
        request: Authorised<RequestRecruitmentRequest>,
    ) -> Result<RequestRecruitmentResponse, Refusal> {
        let (identity, envelope) = request.envelope()?;
        let recruitment: RecruitmentId = identity.derived();
        let contract = id("contract_id", &request.request().contract_id)?;
        let asked = parse::request(request.caller().organisation, request.request())?;
        let executed = self
            .recruitments
            .execute(&Category::Recruitment.stream(recruitment), &envelope, || {
                let asked = asked.clone();
                Box::pin(async { Ok(self.prepare(&request, recruitment, contract, asked).await?) })
            })
            .await
            .map_err(refuse)?;
        Ok(RequestRecruitmentResponse {
            recruitment_id: recruitment.to_string(),
            receipt: Some(receipt(&executed)),
        })
    }

    /// The command with its facts: the contract and the executor as they are now.
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
        let concerned = [asked.member, asked.executor];
        let command = Command::RequestRecruitment(RequestRecruitment {
            id: recruitment,
            request: asked,
            contract: under.now,
            executor_capacities: executor.state.capacities_on(at),
            at,
        });
        let guards = [under.guard, executor.guard()];
        Ok(Prepared::new(command).guarded_by(guards).concerning(concerned).under(contract))
    }

    async fn get(
        &self,
        request: Authorised<GetRecruitmentRequest>,
    ) -> Result<GetRecruitmentResponse, Refusal> {
        let recruitment: RecruitmentId = id("recruitment_id", &request.request().recruitment_id)?;
        let stream = Category::Recruitment.stream(recruitment);
        let look = |state: &Recruitment, revision| (view::recruitment(state), revision);
        let (found, revision) = self.recruitments.read(&stream, look).await?;
        match found {
            Some((found, concerned))
                if request.is_operator() || concerned.contains(&request.caller().organisation) =>
            {
                Ok(GetRecruitmentResponse {
                    recruitment: Some(found),
                    revision: revision.unwrap_or_default(),
                })
            }
            _ => Err(Refusal::not_found(recruitment)),
        }
    }
}

#[tonic::async_trait]
impl RecruitmentService for Recruitments {
    async fn request_recruitment(
        &self,
        request: Request<RequestRecruitmentRequest>,
    ) -> Result<Response<RequestRecruitmentResponse>, Status> {
        let need = Need::role_in(Role::Contracts, &[Capacity::Member]);
        let request = self.gate.authorise(request, need).await?;
        Ok(Response::new(self.request(request).await?))
    }

    async fn get_recruitment(
        &self,
        request: Request<GetRecruitmentRequest>,
    ) -> Result<Response<GetRecruitmentResponse>, Status> {
        let request = self.gate.authorise(request, Need::REGISTERED).await?;
        Ok(Response::new(self.get(request).await?))
    }
}
