//! The handlers: authorise, parse, wait for the position, look, reply.

use std::sync::Arc;

use domain::time::Month;
use engine::{Authorised, Gate, Need, Page, Projection, Reason, Refusal, come_to_min_position};
use event_log::{EventLog, Position};
use proto::kiban::service_catalogue::v1::{
    GetVendorFunnelRequest, GetVendorFunnelResponse, SearchServicesRequest, SearchServicesResponse,
    catalogue_service_server::{CatalogueService, CatalogueServiceServer},
};
use tonic::{Request, Response, Status};

use crate::{CatalogueFold, parse, text::IndexError, view};

/// Serves `kiban.service_catalogue.v1.CatalogueService`.
pub struct Catalogue {
    projection: Arc<Projection<CatalogueFold>>,
    log: Arc<dyn EventLog>,
    gate: Arc<Gate>,
}

impl Catalogue {
    /// The service over a projection, which somebody else keeps up to date.
    pub fn new(projection: Arc<Projection<CatalogueFold>>, log: Arc<dyn EventLog>, gate: Arc<Gate>) -> Self {
        Self { projection, log, gate }
    }

    /// As a gRPC server.
    pub fn server(self) -> CatalogueServiceServer<Self> {
        CatalogueServiceServer::new(self)
    }

    async fn search(
        &self,
        request: Authorised<SearchServicesRequest>,
    ) -> Result<SearchServicesResponse, Refusal> {
        let (now, asked) = (request.at(), request.request());
        let page = Page::asked(request.caller().organisation, asked)?;
        let question = parse::question(asked, &page)?;
        self.come_to(&asked.min_position).await?;
        let projection = self.projection.clone();
        // The first search after many changes brings the index up to date, which may take seconds.
        let searched = tokio::task::spawn_blocking(move || {
            projection.look(|fold, _, as_of| {
                let found = fold.search(&question, now)?;
                let last = found.page.last().filter(|_| found.more);
                Ok(SearchServicesResponse {
                    services: view::services(fold, &found.page, now),
                    facets: view::facets(fold, &found.counts),
                    total: found.total,
                    next_page_token: last
                        .map(|(key, _)| page.token(&parse::key_bytes(key)))
                        .unwrap_or_default(),
                    as_of_position: as_of.to_string(),
                })
            })
        });
        let answer: Result<_, IndexError> = searched.await.map_err(failed)??;
        answer.map_err(failed)
    }

    async fn funnel(
        &self,
        request: Authorised<GetVendorFunnelRequest>,
    ) -> Result<GetVendorFunnelResponse, Refusal> {
        let caller = request.caller().organisation;
        let this_month = Month::of(request.at());
        let asked = parse::funnel(request.request(), caller, request.is_operator(), this_month)?;
        self.come_to(&request.request().min_position).await?;
        self.projection.look(|fold, _, as_of| {
            let rows = fold.funnel(asked.vendor, asked.first, asked.last);
            GetVendorFunnelResponse { months: view::funnel(fold, rows), as_of_position: as_of.to_string() }
        })
    }

    async fn come_to(&self, min_position: &str) -> Result<(), Refusal> {
        come_to_min_position(&self.projection, &*self.log, min_position).await
    }
}

/// Brings the text index of a projection up to date once it has come to a position, so that the first search
/// takes no longer than the next.
pub async fn warm_up(projection: Arc<Projection<CatalogueFold>>, position: Position) -> Result<(), Refusal> {
    projection.reached(position).await?;
    let warmed = tokio::task::spawn_blocking(move || projection.look(|fold, _, _| fold.warm_up()));
    warmed.await.map_err(failed)??.map_err(failed)
}

/// The index is thrown away when it fails, so the next search may succeed.
fn failed(error: impl std::fmt::Display) -> Refusal {
    Refusal::new(Reason::Overloaded, format!("the search could not be carried out, try again: {error}"))
}

#[tonic::async_trait]
impl CatalogueService for Catalogue {
    async fn search_services(
        &self,
        request: Request<SearchServicesRequest>,
    ) -> Result<Response<SearchServicesResponse>, Status> {
        let request = self.gate.authorise(request, Need::REGISTERED).await?;
        Ok(Response::new(self.search(request).await?))
    }

    async fn get_vendor_funnel(
        &self,
        request: Request<GetVendorFunnelRequest>,
    ) -> Result<Response<GetVendorFunnelResponse>, Status> {
        let request = self.gate.authorise(request, Need::REGISTERED).await?;
        Ok(Response::new(self.funnel(request).await?))
    }
}
