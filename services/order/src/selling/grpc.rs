//! The handlers: who may call what.

use domain::organisation::Capacity;
use engine::{Need, OPERATORS, Role};
use proto::kiban::order::v1::{
    DeclineQuoteRequestRequest, DeclineQuoteRequestResponse, GetConsortiumRequest, GetConsortiumResponse,
    GetListingRequest, GetListingResponse, GetQuoteRequest, GetQuoteResponse, GetVendorAdmissionRequest,
    GetVendorAdmissionResponse, JoinConsortiumRequest, JoinConsortiumResponse, ListServiceRequest,
    ListServiceResponse, ProposeConsortiumRequest, ProposeConsortiumResponse, RequestQuoteRequest,
    RequestQuoteResponse, ReviseServiceRequest, ReviseServiceResponse, SetVendorAdmissionRequest,
    SetVendorAdmissionResponse, SubmitQuoteRequest, SubmitQuoteResponse, ViewServiceRequest,
    ViewServiceResponse, WithdrawServiceRequest, WithdrawServiceResponse,
    listing_service_server::ListingService,
};
use tonic::{Request, Response, Status};

use super::ListingApi;

/// What a vendor needs to sell.
const SELLING: Need = Need::role_in(Role::Contracts, &[Capacity::Vendor]);
/// What a member needs to look at services.
const LOOKING: Need = Need { role: None, capacities: &[Capacity::Member] };

#[tonic::async_trait]
impl ListingService for ListingApi {
    async fn list_service(
        &self,
        request: Request<ListServiceRequest>,
    ) -> Result<Response<ListServiceResponse>, Status> {
        let request = self.gate.authorise(request, SELLING).await?;
        Ok(Response::new(self.list(request).await?))
    }

    async fn revise_service(
        &self,
        request: Request<ReviseServiceRequest>,
    ) -> Result<Response<ReviseServiceResponse>, Status> {
        let request = self.gate.authorise(request, SELLING).await?;
        Ok(Response::new(self.revise(request).await?))
    }

    async fn withdraw_service(
        &self,
        request: Request<WithdrawServiceRequest>,
    ) -> Result<Response<WithdrawServiceResponse>, Status> {
        let request = self.gate.authorise(request, Need::role(Role::Contracts)).await?;
        Ok(Response::new(self.withdraw(request).await?))
    }

    async fn view_service(
        &self,
        request: Request<ViewServiceRequest>,
    ) -> Result<Response<ViewServiceResponse>, Status> {
        let request = self.gate.authorise(request, LOOKING).await?;
        Ok(Response::new(self.view(request).await?))
    }

    async fn get_listing(
        &self,
        request: Request<GetListingRequest>,
    ) -> Result<Response<GetListingResponse>, Status> {
        let request = self.gate.authorise(request, Need::REGISTERED).await?;
        Ok(Response::new(self.get_listing(request).await?))
    }

    async fn request_quote(
        &self,
        request: Request<RequestQuoteRequest>,
    ) -> Result<Response<RequestQuoteResponse>, Status> {
        let request =
            self.gate.authorise(request, Need::role_in(Role::Contracts, &[Capacity::Member])).await?;
        Ok(Response::new(self.request_quote(request).await?))
    }

    async fn submit_quote(
        &self,
        request: Request<SubmitQuoteRequest>,
    ) -> Result<Response<SubmitQuoteResponse>, Status> {
        let request = self.gate.authorise(request, SELLING).await?;
        Ok(Response::new(self.submit_quote(request).await?))
    }

    async fn decline_quote_request(
        &self,
        request: Request<DeclineQuoteRequestRequest>,
    ) -> Result<Response<DeclineQuoteRequestResponse>, Status> {
        let request = self.gate.authorise(request, Need::role(Role::Contracts)).await?;
        Ok(Response::new(self.decline_quote(request).await?))
    }

    async fn get_quote(
        &self,
        request: Request<GetQuoteRequest>,
    ) -> Result<Response<GetQuoteResponse>, Status> {
        let request = self.gate.authorise(request, Need::REGISTERED).await?;
        Ok(Response::new(self.get_quote(request).await?))
    }

    async fn propose_consortium(
        &self,
        request: Request<ProposeConsortiumRequest>,
    ) -> Result<Response<ProposeConsortiumResponse>, Status> {
        let request = self.gate.authorise(request, SELLING).await?;
        Ok(Response::new(self.propose(request).await?))
    }

    async fn join_consortium(
        &self,
        request: Request<JoinConsortiumRequest>,
    ) -> Result<Response<JoinConsortiumResponse>, Status> {
        let request = self.gate.authorise(request, SELLING).await?;
        Ok(Response::new(self.join(request).await?))
    }

    async fn get_consortium(
        &self,
        request: Request<GetConsortiumRequest>,
    ) -> Result<Response<GetConsortiumResponse>, Status> {
        let request = self.gate.authorise(request, Need::REGISTERED).await?;
        Ok(Response::new(self.get_consortium(request).await?))
    }

    async fn set_vendor_admission(
        &self,
        request: Request<SetVendorAdmissionRequest>,
    ) -> Result<Response<SetVendorAdmissionResponse>, Status> {
        let request = self.gate.authorise(request, Need::role_in(Role::Contracts, OPERATORS)).await?;
        Ok(Response::new(self.set_admission(request).await?))
    }

    async fn get_vendor_admission(
        &self,
        request: Request<GetVendorAdmissionRequest>,
    ) -> Result<Response<GetVendorAdmissionResponse>, Status> {
        let request = self.gate.authorise(request, Need::REGISTERED).await?;
        Ok(Response::new(self.get_admission(request).await?))
    }
}
