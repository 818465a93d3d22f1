//! The lists: what of the fold a caller may see, what of it is asked for, and how it is shown.

use engine::{Authorised, Page, Paged, Refusal, come_to_min_position};
use events::wire::{self, Shown};
use proto::kiban::directory::v1::{
    ListContractsRequest, ListContractsResponse, ListDatasetsRequest, ListDatasetsResponse,
    ListForumEventsRequest, ListForumEventsResponse, ListOrdersRequest, ListOrdersResponse,
    ListOrganisationsRequest, ListOrganisationsResponse, ListQuotesRequest, ListQuotesResponse,
    ListRecruitmentsRequest, ListRecruitmentsResponse, ListVenturesRequest, ListVenturesResponse,
};

use crate::{Directory, DirectoryFold, Viewer, filter, view};

/// A page of a list: its items, the token of the next one, the position for which it stands.
type Listed<T> = (Vec<T>, String, String);

impl Directory {
    pub(crate) async fn organisations(
        &self,
        request: Authorised<ListOrganisationsRequest>,
    ) -> Result<ListOrganisationsResponse, Refusal> {
        let (viewer, now) = (viewer(&request), request.at());
        let filter = filter::Organisations::asked(request.request())?;
        let listed = self.listed(&request, |fold, page, after| {
            let seen = fold.organisations(viewer, after);
            let wanted = seen.filter(|(_, profile)| filter.lets_pass(profile, now));
            page.take(wanted.map(|(id, profile)| (id, wire::organisation(profile))))
        });
        let (organisations, next_page_token, as_of_position) = listed.await?;
        Ok(ListOrganisationsResponse { organisations, next_page_token, as_of_position })
    }

    pub(crate) async fn contracts(
        &self,
        request: Authorised<ListContractsRequest>,
    ) -> Result<ListContractsResponse, Refusal> {
        let (viewer, now) = (viewer(&request), request.at());
        let filter = filter::Contracts::asked(request.request())?;
        let listed = self.listed(&request, |fold, page, after| {
            let seen = fold.contracts(viewer, after);
            let wanted = seen.filter(|(_, contract)| filter.lets_pass(contract, now));
            page.take(wanted.filter_map(|(id, contract)| Some((id, wire::contract(contract, now)?))))
        });
        let (contracts, next_page_token, as_of_position) = listed.await?;
        Ok(ListContractsResponse { contracts, next_page_token, as_of_position })
    }

    pub(crate) async fn datasets(
        &self,
        request: Authorised<ListDatasetsRequest>,
    ) -> Result<ListDatasetsResponse, Refusal> {
        let viewer = viewer(&request);
        let filter = filter::Datasets::asked(request.request())?;
        let listed = self.listed(&request, |fold, page, after| {
            let wanted = fold.datasets(after).filter(|(_, dataset)| filter.lets_pass(dataset));
            page.take(wanted.map(|(id, dataset)| {
                let own = viewer.operator || dataset.description.provider == viewer.organisation;
                (id, wire::dataset(dataset, if own { Shown::Whole } else { Shown::Listed }))
            }))
        });
        let (datasets, next_page_token, as_of_position) = listed.await?;
        Ok(ListDatasetsResponse { datasets, next_page_token, as_of_position })
    }

    pub(crate) async fn orders(
        &self,
        request: Authorised<ListOrdersRequest>,
    ) -> Result<ListOrdersResponse, Refusal> {
        let viewer = viewer(&request);
        let filter = filter::Orders::asked(request.request())?;
        let listed = self.listed(&request, |fold, page, after| {
            let wanted = fold.orders(viewer, after).filter(|(_, order)| filter.lets_pass(order));
            page.take(wanted.filter_map(|(id, order)| Some((id, view::order(order)?))))
        });
        let (orders, next_page_token, as_of_position) = listed.await?;
        Ok(ListOrdersResponse { orders, next_page_token, as_of_position })
    }

    pub(crate) async fn quotes(
        &self,
        request: Authorised<ListQuotesRequest>,
    ) -> Result<ListQuotesResponse, Refusal> {
        let (viewer, now) = (viewer(&request), request.at());
        let filter = filter::Quotes::asked(request.request())?;
        let listed = self.listed(&request, |fold, page, after| {
            let wanted = fold.quotes(viewer, after).filter(|(_, quote)| filter.lets_pass(quote, now));
            page.take(wanted.filter_map(|(id, quote)| Some((id, view::quote_request(quote, now)?))))
        });
        let (quote_requests, next_page_token, as_of_position) = listed.await?;
        Ok(ListQuotesResponse { quote_requests, next_page_token, as_of_position })
    }

    pub(crate) async fn recruitments(
        &self,
        request: Authorised<ListRecruitmentsRequest>,
    ) -> Result<ListRecruitmentsResponse, Refusal> {
        let (viewer, now) = (viewer(&request), request.at());
        let filter = filter::Recruitments::asked(request.request())?;
        let listed = self.listed(&request, |fold, page, after| {
            let seen = fold.recruitments(viewer, after);
            let wanted = seen.filter(|(_, recruitment)| filter.lets_pass(recruitment, now));
            let shown = |recruitment| view::recruitment(recruitment, viewer, now);
            page.take(wanted.filter_map(|(id, recruitment)| Some((id, shown(recruitment)?))))
        });
        let (recruitments, next_page_token, as_of_position) = listed.await?;
        Ok(ListRecruitmentsResponse { recruitments, next_page_token, as_of_position })
    }

    pub(crate) async fn ventures(
        &self,
        request: Authorised<ListVenturesRequest>,
    ) -> Result<ListVenturesResponse, Refusal> {
        let viewer = viewer(&request);
        let filter = filter::Ventures::asked(request.request())?;
        let listed = self.listed(&request, |fold, page, after| {
            let wanted = fold.ventures(viewer, after).filter(|(_, venture)| filter.lets_pass(venture));
            page.take(wanted.filter_map(|(id, venture)| Some((id, view::venture(venture)?))))
        });
        let (ventures, next_page_token, as_of_position) = listed.await?;
        Ok(ListVenturesResponse { ventures, next_page_token, as_of_position })
    }

    pub(crate) async fn forum_events(
        &self,
        request: Authorised<ListForumEventsRequest>,
    ) -> Result<ListForumEventsResponse, Refusal> {
        let (viewer, now) = (viewer(&request), request.at());
        let filter = filter::ForumEvents::asked(request.request(), viewer.organisation)?;
        let may_be_shown = |lister| viewer.operator || lister == viewer.organisation;
        let listed = self.listed(&request, |fold, page, after| {
            let wanted = fold.forum_events(after).filter(|(_, event)| filter.lets_pass(event, now));
            page.take(wanted.filter_map(|(id, event)| Some((id, wire::forum_event(event, may_be_shown)?))))
        });
        let (forum_events, next_page_token, as_of_position) = listed.await?;
        Ok(ListForumEventsResponse { forum_events, next_page_token, as_of_position })
    }

    /// The page that a request asks for: `take` fills it from what the fold holds after an id.
    async fn listed<R: Paged, T>(
        &self,
        request: &Authorised<R>,
        take: impl FnOnce(&DirectoryFold, &Page, &str) -> (Vec<T>, String),
    ) -> Result<Listed<T>, Refusal> {
        let (asked, caller) = (request.request(), request.caller().organisation);
        let page = Page::asked(caller, asked)?;
        let after = page.after_id()?;
        come_to_min_position(&self.projection, &*self.log, asked.min_position()).await?;
        self.projection.look(|fold, _, as_of| {
            let (items, next_page_token) = take(fold, &page, after);
            (items, next_page_token, as_of.to_string())
        })
    }
}

fn viewer<T>(request: &Authorised<T>) -> Viewer {
    Viewer { organisation: request.caller().organisation, operator: request.is_operator() }
}
