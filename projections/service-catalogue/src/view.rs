//! What was found as the wire has it.

use domain::{listing::ServiceKind, time::Timestamp};
use events::listing_form::{listing_content_form, service_kind_form};
use proto::kiban::service_catalogue::v1 as wire;

use crate::{
    CatalogueFold,
    fold::FunnelRow,
    search::{Counts, Key, PRICES, TURNAROUNDS},
    shelf::modality,
};

/// The most vendors of a facet: a longer list helps nobody to choose.
const MOST_VENDORS: usize = 100;

/// The listings of a page.
pub(crate) fn services(
    fold: &CatalogueFold,
    page: &[(Key, u32)],
    now: Timestamp,
) -> Vec<wire::ServiceSummary> {
    page.iter().filter_map(|(key, _)| service(fold, key, now)).collect()
}

fn service(fold: &CatalogueFold, key: &Key, now: Timestamp) -> Option<wire::ServiceSummary> {
    let listed = fold.listed(key.listing)?;
    let content = &listed.content;
    let vendor = fold.profile(listed.vendor);
    let held = vendor.map(|vendor| vendor.credentials_on(now)).unwrap_or_default();
    Some(wire::ServiceSummary {
        listing_id: listed.id.to_string(),
        title: content.title.as_str().into(),
        kind: service_kind_form(content.kind()).into(),
        modality: modality(&content.attributes).into(),
        vendor_id: listed.vendor.to_string(),
        vendor_name: vendor.map(|vendor| vendor.name.as_str().into()).unwrap_or_default(),
        consortium_id: listed.consortium.map(|consortium| consortium.to_string()).unwrap_or_default(),
        list_price: listing_content_form(content).list_price,
        turnaround_days: content.turnaround_days,
        minimum_quantity: content.minimum_quantity,
        credentials: held.iter().map(ToString::to_string).collect(),
    })
}

/// How what was found is spread, each facet under the name of its filter.
pub(crate) fn facets(fold: &CatalogueFold, counts: &Counts) -> Vec<wire::Facet> {
    let kinds = ServiceKind::ALL.iter().map(|kind| service_kind_form(*kind).as_str_name().to_owned());
    let modalities =
        counts.modalities.iter().map(|(modality, count)| (modality.as_str_name().to_owned(), *count));
    let credentials = counts.credentials.iter().map(|(kind, count)| (kind.to_string(), *count));
    vec![
        facet("service_kinds", kinds.zip(counts.kinds)),
        facet("modality", modalities),
        facet("max_price", bands(&PRICES).zip(counts.prices)),
        facet("max_turnaround_days", bands(&TURNAROUNDS).zip(counts.turnarounds)),
        facet("credential", credentials),
        vendors(fold, &counts.vendors),
    ]
}

fn facet(name: &str, values: impl Iterator<Item = (String, u64)>) -> wire::Facet {
    let found = values.filter(|(_, count)| *count > 0);
    let value = |(value, count)| wire::FacetValue { value, count, label: String::new() };
    wire::Facet { name: name.into(), values: found.map(value).collect() }
}

/// The vendors with the most services, most first, then in order of ids.
fn vendors(fold: &CatalogueFold, counts: &[u64]) -> wire::Facet {
    let counted = fold.vendors().iter().zip(counts.iter().copied()).filter(|(_, count)| *count > 0);
    let mut counted: Vec<_> = counted.map(|(vendor, count)| (std::cmp::Reverse(count), *vendor)).collect();
    counted.sort_unstable();
    counted.truncate(MOST_VENDORS);
    let value = |(count, vendor): (std::cmp::Reverse<u64>, _)| wire::FacetValue {
        value: domain::id::OrganisationId::to_string(&vendor),
        count: count.0,
        label: fold.profile(vendor).map(|vendor| vendor.name.as_str().into()).unwrap_or_default(),
    };
    wire::Facet { name: "vendor_id".into(), values: counted.into_iter().map(value).collect() }
}

/// The names of bands that begin at some numbers: each ends before the next, the last is open, and one more
/// is for what says nothing.
fn bands(starts: &[i64]) -> impl Iterator<Item = String> {
    let ends = starts.iter().skip(1).map(|next| (next - 1).to_string()).chain([String::new()]);
    let bands = starts.iter().zip(ends).map(|(start, end)| format!("{start}-{end}"));
    bands.chain(["on-request".to_owned()])
}

/// A vendor's funnel.
pub(crate) fn funnel(fold: &CatalogueFold, rows: impl Iterator<Item = FunnelRow>) -> Vec<wire::FunnelMonth> {
    let month = |(listing, month, steps): FunnelRow| wire::FunnelMonth {
        listing_id: listing.map(|listing| listing.to_string()).unwrap_or_default(),
        title: listing
            .and_then(|listing| fold.listed(listing))
            .map(|listed| listed.content.title.as_str().into())
            .unwrap_or_default(),
        month: month.to_string(),
        views: steps.views,
        quotes_requested: steps.quotes_requested,
        quotes_submitted: steps.quotes_submitted,
        orders_placed: steps.orders_placed,
        orders_accepted: steps.orders_accepted,
    };
    rows.map(month).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bands_are_named_by_their_first_and_last_number() {
        let named: Vec<String> = bands(&TURNAROUNDS).collect();
        assert_eq!(named, ["1-7", "8-14", "15-30", "31-90", "91-", "on-request"]);
    }
}
