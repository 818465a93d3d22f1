//! Questions under versions that nobody has published.

use domain::{price_book::PriceList, share_rule::SplitTable};
use events::finance_form::{price_book_version, share_rule_version};
use proto::kiban::finance::v1::WhatIf;

use super::*;

/// These versions as a request has them.
pub(crate) fn versions(prices: Option<&PriceList>, shares: Option<Vec<Split>>) -> WhatIf {
    let table = |splits| {
        let name = Name::new("shares").unwrap();
        share_rule_version(0, &SplitTable { name, start: month(1), splits, charges: vec![] })
    };
    WhatIf { prices: prices.map(|prices| price_book_version(0, prices)), shares: shares.map(table) }
}

impl World {
    /// A month under other versions, as the base operator's finance is told; as it was known at a position, or now.
    pub(crate) async fn supposed(
        &self,
        month: Month,
        what_if: &WhatIf,
        position: Option<u64>,
    ) -> GetRevenueSharesResponse {
        let what_if = Some(what_if.clone());
        let request =
            GetRevenueSharesRequest { what_if, as_of: position.and_then(as_of), ..self.request(month) };
        self.ask_as(BASE, vec![Role::Finance], request).await.unwrap()
    }

    pub(crate) async fn ask_as(
        &self,
        caller: OrganisationId,
        roles: Vec<Role>,
        message: GetRevenueSharesRequest,
    ) -> Result<GetRevenueSharesResponse, Status> {
        let request = with_roles(caller, &roles, message);
        Ok(self.service.get_revenue_shares(request).await?.into_inner())
    }
}
