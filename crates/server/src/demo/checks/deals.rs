//! Deals: every look is on record, investments are recorded and never charged, teasers are found by their facets.

use crate::demo::{
    checks::{DEALS, amount},
    episodes::ventures::{INTERESTS, INVESTED, INVESTMENTS, LISTED, ROOMS, SPACE, VIEWS},
    reading::{Books, deals::Deals},
    report::format::yen,
    stage::Stage,
    world::World,
};

/// Investors that looked at a venture, and those who invested in one and stood by it, counted by pairs.
const PAIRS: [u64; 2] = [3, 2];

/// The funnel is what the demo's own steps were, month by month and venture by venture.
pub(in crate::demo) fn funnel(stage: &mut Stage, world: &World, deals: &Deals) {
    let own = [LISTED, VIEWS, INTERESTS, ROOMS].map(|what| world.tally.deals.get(what).copied().unwrap_or(0));
    let total = deals.funnel.total.clone().unwrap_or_default();
    let found = [total.listed, total.views, total.interested, total.data_rooms];
    let pairs = [total.viewed, total.invested];
    let funnels: Vec<_> = deals.ventures.iter().filter_map(|venture| venture.funnel).collect();
    let by_venture = [
        deals.ventures.len() as u64,
        funnels.iter().map(|of| of.views).sum(),
        funnels.iter().map(|of| of.interested).sum(),
        funnels.iter().map(|of| of.data_rooms).sum(),
    ];
    let text = format!(
        "of {} ventures {} looks, {} interests and {} data room are on record, in deal flow as with the ventures",
        found[0], found[1], found[2], found[3]
    );
    stage.check(DEALS, found == own && by_venture == own && pairs == PAIRS, text);
}

/// Cash and space are recorded, what was withdrawn is known to be, and no statement knows of any of it.
pub(in crate::demo) fn investments(stage: &mut Stage, world: &World, deals: &Deals, books: &Books) {
    let total = deals.funnel.total.clone().unwrap_or_default();
    let (cash, space) = (amount(total.cash.as_ref()), amount(total.in_kind_estimated.as_ref()));
    let withdrawn = deals.investments.iter().filter(|made| made.withdrawn_at.is_some()).count();
    let all = world.tally.deals.get(INVESTMENTS).copied().unwrap_or(0);
    let lines = books.accounts.iter().flat_map(|account| &account.statement.lines);
    let charged = lines.filter(|line| line.charge_kind.contains("invest")).count();
    let text = format!(
        "{} in cash and space worth {} are recorded, {withdrawn} investment was withdrawn; none is on a statement",
        yen(cash),
        yen(space)
    );
    let recorded = deals.investments.len() as u64 == all && total.in_kind == 1;
    let holds = (cash, space, withdrawn, charged) == (INVESTED, SPACE, 1, 0);
    stage.check(DEALS, recorded && holds, text);
}

/// Who looks for early ventures finds the one, who watches for small molecules hears of it, and the contest has its
/// pitches.
pub(in crate::demo) fn teasers(stage: &mut Stage, world: &World, deals: &Deals) {
    let early: Vec<&String> = deals.early.iter().map(|deal| &deal.venture_id).collect();
    let expected: Vec<&String> = world.market.ventures.iter().take(1).collect();
    let text = format!(
        "{} preclinical teaser is found, {} listing was told to who watches",
        early.len(),
        deals.alerts
    );
    stage.check(DEALS, early == expected && deals.alerts == 1, text);
    let contest = deals.events.iter().find(|event| world.market.forum_events.first() == Some(&event.id));
    let pitches = contest.map_or(0, |contest| contest.pitches.len());
    let text = format!(
        "{} forum events are known to an investor, {pitches} ventures pitch in one",
        deals.events.len()
    );
    stage.check(DEALS, pitches == 2 && deals.events.len() == world.market.forum_events.len(), text);
}
