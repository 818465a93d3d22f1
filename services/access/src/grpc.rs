//! `kiban.access.v1.AccessService`: who may call what, and where it is handled.

use std::sync::Arc;

use domain::organisation::Capacity;
use engine::{Gate, Need, OPERATORS, Projection, Role, SnapshotStore};
use event_log::EventLog;
use proto::kiban::access::v1::{
    GetDatasetRequest, GetDatasetResponse, GetQuotaRequest, GetQuotaResponse, GetSourceRequest,
    GetSourceResponse, RegisterDatasetRequest, RegisterDatasetResponse, RegisterSourceRequest,
    RegisterSourceResponse, ReleaseFreezeRequest, ReleaseFreezeResponse, ReportUsageRequest,
    ReportUsageResponse, ReverseUsageRequest, ReverseUsageResponse, RunAnalysisRequest, RunAnalysisResponse,
    ViewDatasetRequest, ViewDatasetResponse,
    access_service_server::{AccessService, AccessServiceServer},
};
use tonic::{Request, Response, Status};

use crate::{
    admission::Denials,
    context::{Context, Policy},
    usage_index::UsageIndex,
};

/// Who may offer datasets.
const PROVIDERS: &[Capacity] = &[Capacity::BaseOperator, Capacity::DataProvider];

/// Serves `kiban.access.v1.AccessService`.
pub struct AccessApi {
    context: Context,
    denials: Denials,
}

impl AccessApi {
    /// The service over a log. The index finds the old records of repeats and must be kept up to date.
    pub fn new(
        log: Arc<dyn EventLog>,
        gate: Arc<Gate>,
        index: Arc<Projection<UsageIndex>>,
        snapshots: Arc<dyn SnapshotStore>,
        policy: Policy,
    ) -> Self {
        let denials = Denials::new(policy.denials_per_minute);
        Self { context: Context::new(log, gate, index, snapshots, policy), denials }
    }

    /// As a gRPC server.
    pub fn server(self) -> AccessServiceServer<Self> {
        AccessServiceServer::new(self)
    }

    /// Tells how many refusals were given and not written, because their organisation had too many in a minute; now
    /// and whenever it is asked.
    pub fn unwritten_denials(&self) -> impl Fn() -> u64 + Send + Sync + use<> {
        self.denials.unwritten()
    }
}

#[tonic::async_trait]
impl AccessService for AccessApi {
    async fn register_dataset(
        &self,
        request: Request<RegisterDatasetRequest>,
    ) -> Result<Response<RegisterDatasetResponse>, Status> {
        let need = Need::role_in(Role::Administrator, PROVIDERS);
        let request = self.context.gate.authorise(request, need).await?;
        Ok(Response::new(self.context.register_dataset(request).await?))
    }

    async fn release_freeze(
        &self,
        request: Request<ReleaseFreezeRequest>,
    ) -> Result<Response<ReleaseFreezeResponse>, Status> {
        let need = Need::role_in(Role::Administrator, PROVIDERS);
        let request = self.context.gate.authorise(request, need).await?;
        Ok(Response::new(self.context.release_freeze(request).await?))
    }

    async fn get_dataset(
        &self,
        request: Request<GetDatasetRequest>,
    ) -> Result<Response<GetDatasetResponse>, Status> {
        let request = self.context.gate.authorise(request, Need::REGISTERED).await?;
        Ok(Response::new(self.context.get_dataset(request).await?))
    }

    async fn view_dataset(
        &self,
        request: Request<ViewDatasetRequest>,
    ) -> Result<Response<ViewDatasetResponse>, Status> {
        let request = self.context.gate.authorise(request, Need::role(Role::Researcher)).await?;
        Ok(Response::new(self.context.view_dataset(request, &self.denials).await?))
    }

    async fn run_analysis(
        &self,
        request: Request<RunAnalysisRequest>,
    ) -> Result<Response<RunAnalysisResponse>, Status> {
        let request = self.context.gate.authorise(request, Need::role(Role::Researcher)).await?;
        Ok(Response::new(self.context.run_analysis(request, &self.denials).await?))
    }

    async fn get_quota(
        &self,
        request: Request<GetQuotaRequest>,
    ) -> Result<Response<GetQuotaResponse>, Status> {
        let request = self.context.gate.authorise(request, Need::REGISTERED).await?;
        Ok(Response::new(self.context.get_quota(request).await?))
    }

    async fn register_source(
        &self,
        request: Request<RegisterSourceRequest>,
    ) -> Result<Response<RegisterSourceResponse>, Status> {
        let request = self.context.gate.authorise(request, Need::role(Role::Administrator)).await?;
        Ok(Response::new(self.context.register_source(request).await?))
    }

    async fn get_source(
        &self,
        request: Request<GetSourceRequest>,
    ) -> Result<Response<GetSourceResponse>, Status> {
        let request = self.context.gate.authorise(request, Need::REGISTERED).await?;
        Ok(Response::new(self.context.get_source(request).await?))
    }

    async fn report_usage(
        &self,
        request: Request<ReportUsageRequest>,
    ) -> Result<Response<ReportUsageResponse>, Status> {
        let request = self.context.gate.authorise(request, Need::role(Role::Meter)).await?;
        Ok(Response::new(self.context.report_usage(request).await?))
    }

    async fn reverse_usage(
        &self,
        request: Request<ReverseUsageRequest>,
    ) -> Result<Response<ReverseUsageResponse>, Status> {
        let need = Need::role_in(Role::Finance, OPERATORS);
        let request = self.context.gate.authorise(request, need).await?;
        Ok(Response::new(self.context.reverse_usage(request).await?))
    }
}
