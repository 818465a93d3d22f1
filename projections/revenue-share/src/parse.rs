//! Requests into questions.

use domain::{
    id::{ContractId, OrderId, OrganisationId},
    time::Month,
};
use engine::{
    Reason, Refusal,
    parse::{month, optional_id, page_size},
    what_if,
};
use proto::kiban::revenue_share::v1::{
    GetInstitutionPageRequest, GetRevenueSharesRequest, GetVendorPageRequest,
};
use rating::ledger::WhatIf;

/// The most months of an institution's page.
const MOST_MONTHS: usize = 12;
const DEFAULT_PAGE: usize = 100;
const MOST_PER_PAGE: usize = 500;

/// A month, of one contract or of all.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Asked {
    pub(crate) month: Month,
    /// `None`: all contracts.
    pub(crate) contract: Option<ContractId>,
    /// Under which versions; `None`: those in force.
    pub(crate) what_if: Option<WhatIf>,
}

pub(crate) fn shares(request: &GetRevenueSharesRequest) -> Result<Asked, Refusal> {
    let month = month("month", &request.month)?;
    let contract = optional_id("contract_id", &request.contract_id)?;
    Ok(Asked { month, contract, what_if: what_if(request.what_if.as_ref(), month)? })
}

/// Whose page, and which months of it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct InstitutionAsked {
    /// `None`: the caller's.
    pub(crate) institution: Option<OrganisationId>,
    /// In order; at least one.
    pub(crate) months: Vec<Month>,
}

/// Whose page, and which months of it; no first month: the current one.
pub(crate) fn institution(
    request: &GetInstitutionPageRequest,
    current: Month,
) -> Result<InstitutionAsked, Refusal> {
    let institution = optional_id("institution_id", &request.institution_id)?;
    let start = match request.start_month.as_str() {
        "" => current,
        text => month("start_month", text)?,
    };
    let end = match request.end_month.as_str() {
        "" => start.next(),
        text => month("end_month", text)?,
    };
    let months: Vec<Month> =
        std::iter::successors(Some(start), |month| Some(month.next())).take(MOST_MONTHS + 1).collect();
    let months: Vec<Month> = months.into_iter().take_while(|month| *month < end).collect();
    if !(1..=MOST_MONTHS).contains(&months.len()) {
        let what = format!("must be 1 to {MOST_MONTHS} months after start_month");
        return Err(Refusal::invalid("end_month", what));
    }
    Ok(InstitutionAsked { institution, months })
}

/// Which orders of a vendor.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Page {
    /// The most orders.
    pub(crate) size: usize,
    /// The last order of the page before; `None`: this is the first.
    pub(crate) after: Option<OrderId>,
}

/// Whose page, and which orders of it; no vendor: the caller.
pub(crate) fn vendor(request: &GetVendorPageRequest) -> Result<(Option<OrganisationId>, Page), Refusal> {
    let vendor = optional_id("vendor_id", &request.vendor_id)?;
    let size = page_size("page_size", request.page_size.into(), DEFAULT_PAGE, MOST_PER_PAGE)?;
    let after = match request.page_token.as_str() {
        "" => None,
        token => Some(token.parse().map_err(|_| {
            let what = "must be the next_page_token of a page of this vendor";
            Refusal::field(Reason::InvalidPageToken, "page_token", what)
        })?),
    };
    Ok((vendor, Page { size, after }))
}
