//! The service in one shard and in several: each request of each test is asked of all.

use std::path::Path;

use billing::{Billing, BillingFold};
use proto::kiban::billing::v1::{
    EstimateUsageRequest, EstimateUsageResponse, ExplainLineRequest, ExplainLineResponse,
    GetStatementRequest, GetStatementResponse, billing_service_server::BillingService,
};
use tonic::{Request, Response, Status};
use world::Past;

/// What all of them answer.
pub(crate) struct Compared(world::Compared<BillingFold, Billing>);

impl Compared {
    /// The services over a log; the file of the only shard is `store`.
    pub(crate) fn new(past: &Past, store: &Path) -> Self {
        Self(world::Compared::new(past, store.parent(), |shards| {
            Billing::new(shards, past.log.clone(), past.gate.clone(), past.clock.clone())
        }))
    }

    pub(crate) async fn stop(self) {
        self.0.stop().await;
    }
}

#[tonic::async_trait]
impl BillingService for Compared {
    async fn get_statement(
        &self,
        request: Request<GetStatementRequest>,
    ) -> Result<Response<GetStatementResponse>, Status> {
        self.0.ask(request, |billing, request| billing.get_statement(request)).await
    }

    async fn explain_line(
        &self,
        request: Request<ExplainLineRequest>,
    ) -> Result<Response<ExplainLineResponse>, Status> {
        self.0.ask(request, |billing, request| billing.explain_line(request)).await
    }

    async fn estimate_usage(
        &self,
        request: Request<EstimateUsageRequest>,
    ) -> Result<Response<EstimateUsageResponse>, Status> {
        self.0.ask(request, |billing, request| billing.estimate_usage(request)).await
    }
}
