//! A vendor's funnel: what is counted, in which month, and for whom.

mod support;

use jiff::civil::date;
use proto::kiban::service_catalogue::v1::{
    FunnelMonth, GetVendorFunnelRequest, catalogue_service_server::CatalogueService,
};
use support::*;

/// A vendor's listing that is viewed, quoted and ordered in two months, and others' that are, too.
async fn world() -> World {
    let world = World::forum().await;
    let (april, may) = (on(date(2026, 4, 30)), on(date(2026, 5, 1)));
    world.list(1, ALPHA, omics("RNA解析", "x")).await;
    world.list(2, BETA, omics("DNA", "x")).await;
    world.view(1, PHARMA, april).await;
    world.view(1, BASE, may).await;
    world.view(1, PHARMA, may).await;
    world.view(2, PHARMA, may).await;
    let listing = listing_id(1);
    let asked = [requested(1, listing, ALPHA, april), submitted(1, ALPHA, april), submitted(2, ALPHA, may)];
    world.append(quote_id(1), &asked, &[]).await;
    world.append(quote_id(2), &[requested(2, listing, ALPHA, may), quote_declined(may)], &[]).await;
    for (number, next) in [(1, accepted(may)), (2, declined(may)), (3, cancelled(may))] {
        world.append(order_id(number), &[placed(number, Some(listing), ALPHA, april), next], &[]).await;
    }
    world.append(order_id(4), &[placed(4, None, ALPHA, may), accepted(may)], &[]).await;
    world
}

fn asked(world: &World) -> GetVendorFunnelRequest {
    GetVendorFunnelRequest {
        first_month: "2026-04".into(),
        last_month: "2026-05".into(),
        min_position: world.head(),
        ..Default::default()
    }
}

fn month(listing: Option<u128>, title: &str, month: &str, steps: [u64; 5]) -> FunnelMonth {
    let [views, quotes_requested, quotes_submitted, orders_placed, orders_accepted] = steps;
    FunnelMonth {
        listing_id: listing.map(|number| listing_id(number).to_string()).unwrap_or_default(),
        title: title.into(),
        month: month.into(),
        views,
        quotes_requested,
        quotes_submitted,
        orders_placed,
        orders_accepted,
    }
}

#[tokio::test]
async fn each_step_counts_in_the_month_in_which_it_was_taken() {
    let world = world().await;
    let answer = message(world.catalogue.get_vendor_funnel(by(ALPHA, asked(&world))).await);
    assert_eq!(
        answer.months,
        [
            month(None, "", "2026-05", [0, 0, 0, 1, 1]),
            month(Some(1), "RNA解析", "2026-04", [1, 1, 1, 3, 0]),
            month(Some(1), "RNA解析", "2026-05", [2, 1, 1, 0, 1]),
        ]
    );
    assert_eq!(answer.as_of_position, world.head());
    // A withdrawn listing keeps its funnel; without months, the current one is meant.
    world.withdraw(1).await;
    world.view(1, PHARMA, today()).await;
    let now = GetVendorFunnelRequest { min_position: world.head(), ..Default::default() };
    let answer = message(world.catalogue.get_vendor_funnel(by(ALPHA, now)).await);
    assert_eq!(answer.months, [month(Some(1), "RNA解析", "2026-06", [1, 0, 0, 0, 0])]);
}

#[tokio::test]
async fn a_vendor_sees_its_own_funnel_and_operators_see_any() {
    let world = world().await;
    let of = |vendor: domain::id::OrganisationId| GetVendorFunnelRequest {
        vendor_id: vendor.to_string(),
        ..asked(&world)
    };
    for (caller, request, months) in [
        (BETA, asked(&world), 1),
        (BETA, of(BETA), 1),
        (PROMOTER, of(ALPHA), 3),
        (BASE, of(BETA), 1),
        (PHARMA, asked(&world), 0),
    ] {
        let answer = message(world.catalogue.get_vendor_funnel(by(caller, request)).await);
        assert_eq!(answer.months.len(), months, "{caller}");
    }
    let others = world.catalogue.get_vendor_funnel(by(BETA, of(ALPHA))).await;
    assert_eq!(refused(others), ("NOT_YOURS".into(), "vendor_id".into()));
}

#[tokio::test]
async fn wrong_months_are_refused() {
    let world = World::forum().await;
    let months = |first: &str, last: &str| GetVendorFunnelRequest {
        first_month: first.into(),
        last_month: last.into(),
        ..Default::default()
    };
    for (request, field) in [
        (months("2026-4", "2026-05"), "first_month"),
        (months("2026-04", "May"), "last_month"),
        (months("2026-06", "2026-05"), "first_month"),
        (months("2016-05", "2026-05"), "first_month"),
    ] {
        let answer = world.catalogue.get_vendor_funnel(by(ALPHA, request)).await;
        assert_eq!(refused(answer), ("INVALID_FIELD".into(), field.into()));
    }
    let longest = months("2016-06", "2026-05");
    assert!(world.catalogue.get_vendor_funnel(by(ALPHA, longest)).await.is_ok());
}
