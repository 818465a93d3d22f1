//! The handlers: authorise, parse, wait for the position, look, reply.

use std::sync::Arc;

use engine::{Authorised, Gate, Need, Page, Projection, Refusal, come_to, parse::position, refuse_ahead};
use event_log::{EventFeed, EventLog, Position};
use events::wire::{self, Shown};
use proto::kiban::directory::v1::{
    ListContractsRequest, ListContractsResponse, ListDatasetsRequest, ListDatasetsResponse,
    ListOrganisationsRequest, ListOrganisationsResponse, WatchRequest,
    directory_service_server::{DirectoryService, DirectoryServiceServer},
};
use tokio::sync::watch;
use tonic::{Request, Response, Status};

use crate::{
    DirectoryFold, Viewer, filter,
    watch::{Notices, Watch},
};

/// Serves `kiban.directory.v1.DirectoryService`.
pub struct Directory {
    projection: Arc<Projection<DirectoryFold>>,
    log: Arc<dyn EventLog>,
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

    async fn organisations(
        &self,
        request: Authorised<ListOrganisationsRequest>,
    ) -> Result<ListOrganisationsResponse, Refusal> {
        let (viewer, now, asked) = (viewer(&request), request.at(), request.request());
        let filters = ListOrganisationsRequest {
            page_size: 0,
            page_token: String::new(),
            min_position: String::new(),
            ..asked.clone()
        };
        let page =
            Page::asked("organisations", viewer.organisation, &filters, asked.page_size, &asked.page_token)?;
        let filter = filter::Organisations::asked(asked)?;
        let after = page.after_id()?;
        self.come_to(&asked.min_position).await?;
        self.projection.look(|fold, _, as_of| {
            let seen = fold.organisations(viewer, after);
            let wanted = seen.filter(|(_, profile)| filter.lets_pass(profile, now));
            let (organisations, next_page_token) =
                page.take(wanted.map(|(id, profile)| (id, wire::organisation(profile))));
            ListOrganisationsResponse { organisations, next_page_token, as_of_position: as_of.to_string() }
        })
    }

    async fn contracts(
        &self,
        request: Authorised<ListContractsRequest>,
    ) -> Result<ListContractsResponse, Refusal> {
        let (viewer, now, asked) = (viewer(&request), request.at(), request.request());
        let filters = ListContractsRequest {
            page_size: 0,
            page_token: String::new(),
            min_position: String::new(),
            ..asked.clone()
        };
        let page =
            Page::asked("contracts", viewer.organisation, &filters, asked.page_size, &asked.page_token)?;
        let filter = filter::Contracts::asked(asked)?;
        let after = page.after_id()?;
        self.come_to(&asked.min_position).await?;
        self.projection.look(|fold, _, as_of| {
            let seen = fold.contracts(viewer, after);
            let wanted = seen.filter(|(_, contract)| filter.lets_pass(contract, now));
            let messages = wanted.filter_map(|(id, contract)| Some((id, wire::contract(contract, now)?)));
            let (contracts, next_page_token) = page.take(messages);
            ListContractsResponse { contracts, next_page_token, as_of_position: as_of.to_string() }
        })
    }

    async fn datasets(
        &self,
        request: Authorised<ListDatasetsRequest>,
    ) -> Result<ListDatasetsResponse, Refusal> {
        let (viewer, asked) = (viewer(&request), request.request());
        let filters = ListDatasetsRequest {
            page_size: 0,
            page_token: String::new(),
            min_position: String::new(),
            ..asked.clone()
        };
        let page =
            Page::asked("datasets", viewer.organisation, &filters, asked.page_size, &asked.page_token)?;
        let filter = filter::Datasets::asked(asked)?;
        let after = page.after_id()?;
        self.come_to(&asked.min_position).await?;
        self.projection.look(|fold, _, as_of| {
            let wanted = fold.datasets(after).filter(|(_, dataset)| filter.lets_pass(dataset));
            let messages = wanted.map(|(id, dataset)| {
                let own = viewer.operator || dataset.description.provider == viewer.organisation;
                (id, wire::dataset(dataset, if own { Shown::Whole } else { Shown::Listed }))
            });
            let (datasets, next_page_token) = page.take(messages);
            ListDatasetsResponse { datasets, next_page_token, as_of_position: as_of.to_string() }
        })
    }

    fn notices(&self, request: &Authorised<WatchRequest>) -> Result<Watch, Refusal> {
        let field = "after_position";
        let after = position(field, &request.request().after_position)?.unwrap_or(Position::START);
        let head = self.log.head().position;
        refuse_ahead(field, after, head)?;
        let organisation = request.caller().organisation;
        Ok(engine::watch(&*self.feed, Notices(organisation), after, head, self.stopped.clone()))
    }

    /// Waits until the projection has come to the position of a token; an empty one asks for none.
    async fn come_to(&self, min_position: &str) -> Result<(), Refusal> {
        match position("min_position", min_position)? {
            None => Ok(()),
            Some(least) => come_to(&self.projection, &*self.log, "min_position", least).await,
        }
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

    type WatchStream = Watch;

    async fn watch(&self, request: Request<WatchRequest>) -> Result<Response<Watch>, Status> {
        let request = self.gate.authorise(request, Need::REGISTERED).await?;
        Ok(Response::new(self.notices(&request)?))
    }
}

fn viewer<T>(request: &Authorised<T>) -> Viewer {
    Viewer { organisation: request.caller().organisation, operator: request.is_operator() }
}
