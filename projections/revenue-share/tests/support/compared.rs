//! The service in one shard and in several: each request of each test is asked of all.

use proto::kiban::revenue_share::v1::{
    GetInstitutionPageRequest, GetInstitutionPageResponse, GetRevenueSharesRequest, GetRevenueSharesResponse,
    GetVendorPageRequest, GetVendorPageResponse, revenue_share_service_server::RevenueShareService,
};
use revenue_share::{RevenueShare, RevenueShareFold};
use tonic::{Request, Response, Status};
use world::Past;

/// What all of them answer.
pub(crate) struct Compared(world::Compared<RevenueShareFold, RevenueShare>);

impl Compared {
    /// The services over a log.
    pub(crate) fn new(past: &Past) -> Self {
        Self(world::Compared::new(past, None, |shards| {
            RevenueShare::new(shards, past.log.clone(), past.gate.clone(), past.clock.clone())
        }))
    }
}

#[tonic::async_trait]
impl RevenueShareService for Compared {
    async fn get_revenue_shares(
        &self,
        request: Request<GetRevenueSharesRequest>,
    ) -> Result<Response<GetRevenueSharesResponse>, Status> {
        self.0.ask(request, |service, request| service.get_revenue_shares(request)).await
    }

    async fn get_institution_page(
        &self,
        request: Request<GetInstitutionPageRequest>,
    ) -> Result<Response<GetInstitutionPageResponse>, Status> {
        self.0.ask(request, |service, request| service.get_institution_page(request)).await
    }

    async fn get_vendor_page(
        &self,
        request: Request<GetVendorPageRequest>,
    ) -> Result<Response<GetVendorPageResponse>, Status> {
        self.0.ask(request, |service, request| service.get_vendor_page(request)).await
    }
}
