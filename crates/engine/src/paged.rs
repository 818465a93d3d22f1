//! The requests for a page of a list, each with the name of the list: one screen shows that no two have the same.

use prost::Message;
use proto::kiban::{
    deal_flow::v1 as deal_flow, directory::v1 as directory, service_catalogue::v1 as catalogue,
};

/// A request for a page of a list.
pub trait Paged: Message + Clone {
    /// The name of the list, to which its page tokens are bound.
    const LIST: &'static str;
    /// The most items to return; 0: the usual.
    fn page_size(&self) -> i32;
    /// Which page.
    fn page_token(&self) -> &str;
    /// The position of the log that must be folded before it is answered; empty: none.
    fn min_position(&self) -> &str;
    /// The request without its paging.
    fn filters(&self) -> Self;
}

macro_rules! paged {
    ($($request:ty = $list:literal,)*) => {$(
        impl Paged for $request {
            const LIST: &'static str = $list;

            fn page_size(&self) -> i32 {
                self.page_size
            }
            fn page_token(&self) -> &str {
                &self.page_token
            }
            fn min_position(&self) -> &str {
                &self.min_position
            }
            fn filters(&self) -> Self {
                Self { page_size: 0, page_token: String::new(), min_position: String::new(), ..self.clone() }
            }
        }
    )*};
}

paged! {
    directory::ListOrganisationsRequest = "organisations",
    directory::ListContractsRequest = "contracts",
    directory::ListDatasetsRequest = "datasets",
    directory::ListOrdersRequest = "orders",
    directory::ListQuotesRequest = "quotes",
    directory::ListRecruitmentsRequest = "recruitments",
    directory::ListVenturesRequest = "ventures",
    directory::ListForumEventsRequest = "forum-events",
    catalogue::SearchServicesRequest = "services",
    deal_flow::SearchDealsRequest = "deals",
    deal_flow::ListInvestmentsRequest = "investments",
    deal_flow::ListForumEventsRequest = "pitch-events",
}
