//! The pages of a vendor and an institution: what they earned is what the shares of all months give them.

use std::collections::BTreeMap;

use proto::kiban::revenue_share::v1::DataFeeMode;

use crate::demo::{
    checks::{MONEY, amount},
    reading::{
        Books,
        pages::{INSTITUTION, Pages, VENDOR},
    },
    report::format::{count, yen},
    stage::Stage,
    tally::share_out,
    world::World,
};

/// A vendor's earnings, and what it may expect of the order that is still under way.
pub(in crate::demo) fn vendor(stage: &mut Stage, world: &World, pages: &Pages) {
    let page = &pages.vendor;
    let earned = world.tally.earned.iter().filter(|((_, part), _)| *part == VENDOR).map(|(_, sum)| sum).sum();
    let sells = |offer: crate::demo::offers::Offer| {
        let vendor = world.contracts.of(offer.sheet().deal).applicant;
        offer.sellers(vendor).into_iter().find(|(seller, _)| *seller == VENDOR).map(|(_, share)| share)
    };
    let mut expected = 0;
    for ordered in &world.market.orders {
        let Some(share) = sells(ordered.offer) else { continue };
        for step in ordered.open_milestones() {
            let of_vendor = share_out(step.amount, &[(VENDOR, 85), (VENDOR, 15)])[0];
            expected += of_vendor * (100 - ordered.data_fee) / 100 * share / 100;
        }
    }
    let orders = world.market.orders.iter().filter(|ordered| sells(ordered.offer).is_some()).count();
    let percentage =
        page.orders.iter().filter(|order| order.data_fee_mode() == DataFeeMode::Percentage).count();
    let text = format!(
        "{} sees {orders} orders, {} earned and {} to expect; of {percentage} the data fee is a percentage",
        page.name,
        yen(amount(page.earned.as_ref())),
        yen(amount(page.expected.as_ref()))
    );
    let holds = (amount(page.earned.as_ref()), amount(page.expected.as_ref())) == (earned, expected);
    stage.check(MONEY, holds && page.orders.len() == orders && percentage == 1 && expected > 0, text);
}

/// An institution's cases, their use and its yen.
pub(in crate::demo) fn institution(stage: &mut Stage, world: &World, books: &Books, pages: &Pages) {
    let page = &pages.institution;
    let id = &world.cast.of(INSTITUTION).id;
    let owed = books.months.iter().flat_map(|(_, shares)| &shares.parties);
    let owed: i64 =
        owed.filter(|party| party.organisation_id == *id).map(|party| amount(party.amount.as_ref())).sum();
    let own: u64 = page.datasets.iter().map(|dataset| dataset.own_cases).sum();
    let supplied: u64 = world.holdings.all.iter().map(|holding| holding.composition[0]).sum();
    let mut used: BTreeMap<i32, i64> = BTreeMap::new();
    for part in &page.uses {
        *used.entry(part.right).or_default() += part.cases;
    }
    let mut counted: BTreeMap<i32, i64> = BTreeMap::new();
    for ((_, _, right, _, _), cases) in &world.tally.cases {
        *counted.entry(*right).or_default() += cases;
    }
    let text = format!(
        "{} sees {} datasets with {} cases of its own, {} cases used and {} earned",
        page.name,
        page.datasets.len(),
        count(own as i64),
        count(used.values().sum()),
        yen(amount(page.earned.as_ref()))
    );
    stage.check(MONEY, amount(page.earned.as_ref()) == owed && own == supplied && used == counted, text);
}
