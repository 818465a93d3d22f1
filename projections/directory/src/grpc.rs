//! The handlers: who asks, and what is passed on. The lists stand in `lists`.

use std::sync::Arc;

use engine::{Authorised, Gate, Need, Projection, Refusal, check_reached, parse::position};
use event_log::{EventFeed, EventLog, Position};
use proto::kiban::directory::v1::{
    ListContractsRequest, ListContractsResponse, ListDatasetsRequest, ListDatasetsResponse,
    ListForumEventsRequest, ListForumEventsResponse, ListOrdersRequest, ListOrdersResponse,
    ListOrganisationsRequest, ListOrganisationsResponse, ListQuotesRequest, ListQuotesResponse,
    ListRecruitmentsRequest, ListRecruitmentsResponse, ListVenturesRequest, ListVenturesResponse,
    WatchRequest,
    directory_service_server::{DirectoryService, DirectoryServiceServer},
};
use tokio::sync::watch;
use tonic::{Request, Response, Status};

use crate::{
    DirectoryFold,
    watch::{Notices, Watch},
};

/// Serves `kiban.directory.v1.DirectoryService`.
pub struct Directory {
    pub(crate) projection: Arc<Projection<DirectoryFold>>,
    pub(crate) log: Arc<dyn EventLog>,
    feed: Arc<dyn EventFeed>,
    gate: Arc<Gate>,
    stopped: watch::Receiver<bool>,
}

impl Directory {
    /// The service over a projection, which somebody else keeps up to date, and over the log that is watched.
    /// When `stopped` holds true, or its sender is gone, every watch ends: a server that waits for its
    /// streams to end would else never stop.
    pub fn new(
        projection: Arc<Projection<DirectoryFold>>,
        log: Arc<dyn EventLog>,
        feed: Arc<dyn EventFeed>,
        gate: Arc<Gate>,
        stopped: watch::Receiver<bool>,
    ) -> Self {
        Self { projection, log, feed, gate, stopped }
    }

    /// As a gRPC server.
    pub fn server(self) -> DirectoryServiceServer<Self> {
        DirectoryServiceServer::new(self)
    }

    async fn notices(&self, request: &Authorised<WatchRequest>) -> Result<Watch, Refusal> {
        let field = "after_position";
        let after = position(field, &request.request().after_position)?.unwrap_or(Position::START);
        check_reached(&*self.log, field, after).await?;
        let head = self.log.head().position;
        let organisation = request.caller().organisation;
        Ok(engine::watch(&*self.feed, Notices(organisation), after, head, self.stopped.clone()))
    }
}

#[tonic::async_trait]
impl DirectoryService for Directory {
    async fn list_organisations(
        &self,
        request: Request<ListOrganisationsRequest>,
    ) -> Result<Response<ListOrganisationsResponse>, Status> {
        let request = self.gate.authorise(request, Need::REGISTERED).await?;
        Ok(Response::new(self.organisations(request).await?))
    }

    async fn list_contracts(
        &self,
        request: Request<ListContractsRequest>,
    ) -> Result<Response<ListContractsResponse>, Status> {
        let request = self.gate.authorise(request, Need::REGISTERED).await?;
        Ok(Response::new(self.contracts(request).await?))
    }

    async fn list_datasets(
        &self,
        request: Request<ListDatasetsRequest>,
    ) -> Result<Response<ListDatasetsResponse>, Status> {
        let request = self.gate.authorise(request, Need::REGISTERED).await?;
        Ok(Response::new(self.datasets(request).await?))
    }

    async fn list_orders(
        &self,
        request: Request<ListOrdersRequest>,
    ) -> Result<Response<ListOrdersResponse>, Status> {
        let request = self.gate.authorise(request, Need::REGISTERED).await?;
        Ok(Response::new(self.orders(request).await?))
    }

    async fn list_quotes(
        &self,
        request: Request<ListQuotesRequest>,
    ) -> Result<Response<ListQuotesResponse>, Status> {
        let request = self.gate.authorise(request, Need::REGISTERED).await?;
        Ok(Response::new(self.quotes(request).await?))
    }

    async fn list_recruitments(
        &self,
        request: Request<ListRecruitmentsRequest>,
    ) -> Result<Response<ListRecruitmentsResponse>, Status> {
        let request = self.gate.authorise(request, Need::REGISTERED).await?;
        Ok(Response::new(self.recruitments(request).await?))
    }

    async fn list_ventures(
        &self,
        request: Request<ListVenturesRequest>,
    ) -> Result<Response<ListVenturesResponse>, Status> {
        let request = self.gate.authorise(request, Need::REGISTERED).await?;
        Ok(Response::new(self.ventures(request).await?))
    }

    async fn list_forum_events(
        &self,
        request: Request<ListForumEventsRequest>,
    ) -> Result<Response<ListForumEventsResponse>, Status> {
        let request = self.gate.authorise(request, Need::REGISTERED).await?;
        Ok(Response::new(self.forum_events(request).await?))
    }

    type WatchStream = Watch;

    async fn watch(&self, request: Request<WatchRequest>) -> Result<Response<Watch>, Status> {
        let request = self.gate.authorise(request, Need::REGISTERED).await?;
        Ok(Response::new(self.notices(&request).await?))
    }
}
