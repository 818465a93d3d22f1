//! What every request for a page of a list has in common.

use prost::Message;
use proto::kiban::directory::v1 as wire;

/// A request for a page of a list.
pub(crate) trait Paged: Message + Clone {
    /// The name of the list, to which its page tokens are bound.
    const LIST: &'static str;
    /// The most items to return; 0: the usual.
    fn page_size(&self) -> i32;
    /// Which page.
    fn page_token(&self) -> &str;
    /// How much must be known before it is answered.
    fn min_position(&self) -> &str;
    /// The request without its paging.
    fn filters(&self) -> Self;
}

macro_rules! paged {
    ($($request:ident $list:literal,)*) => {$(
        impl Paged for wire::$request {
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
    ListOrganisationsRequest "organisations",
    ListContractsRequest "contracts",
    ListDatasetsRequest "datasets",
    ListOrdersRequest "orders",
    ListQuotesRequest "quotes",
    ListRecruitmentsRequest "recruitments",
    ListVenturesRequest "ventures",
    ListForumEventsRequest "forum-events",
}
