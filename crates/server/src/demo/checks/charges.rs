//! What is charged beside metered use, and whose it is: the demo's own count against the statements and shares.

use std::collections::{BTreeMap, BTreeSet};

use domain::time::Month;
use proto::kiban::revenue_share::v1::GetRevenueSharesResponse;

use crate::demo::{
    actors::Part,
    calendar::month,
    checks::{MONEY, amount, owed},
    contracts::Deal,
    episodes::finances::{FUNDING, FUNDING_A_DAY},
    plans::{COMMITMENT, expedited, plans},
    prices::YEARLY_FEES,
    reading::{Books, market::Scene},
    report::format::yen,
    stage::Stage,
    tally::Tally,
    world::World,
};

/// Metered charges, whose price depends on the seed; their quantities are counted elsewhere.
const METERED: [&str; 2] = ["data-usage", "data-fee"];
const FEE: &str = "contract-fee";
const TRUE_UP: &str = "commitment-true-up";

/// Yen by charge kind, and of each by contract and month.
type Charged = BTreeMap<String, BTreeMap<(Deal, Month), i64>>;

/// Every charge but metered use is on its statement, to the yen; so is the use of the contract with a minimum
/// commitment, and what that use lacked.
pub(in crate::demo) fn charged(stage: &mut Stage, tally: &Tally, books: &Books) {
    let mut expected = expected(tally);
    let mut found = Charged::new();
    for account in &books.accounts {
        for line in &account.statement.lines {
            if account.deal == Deal::Minato || !METERED.contains(&line.charge_kind.as_str()) {
                add(
                    &mut found,
                    &line.charge_kind,
                    (account.deal, account.month),
                    amount(line.amount.as_ref()),
                );
            }
        }
    }
    let kinds: BTreeSet<String> = expected.keys().chain(found.keys()).cloned().collect();
    for kind in kinds {
        let [own, theirs] =
            [&mut expected, &mut found].map(|charged| charged.remove(&kind).unwrap_or_default());
        let apart = own.keys().chain(theirs.keys()).find(|key| own.get(key) != theirs.get(key));
        let text = match apart {
            None => format!("{kind}: {} on the statements, as counted here", yen(own.values().sum())),
            Some(key) => {
                format!("{kind}: {key:?} is {:?}, counted here as {:?}", theirs.get(key), own.get(key))
            }
        };
        stage.check(MONEY, apart.is_none(), text);
    }
}

/// What the statements must come to.
fn expected(tally: &Tally) -> Charged {
    let mut expected = Charged::new();
    for ((deal, month, kind), sum) in &tally.charged {
        add(&mut expected, kind, (*deal, *month), *sum);
    }
    for (deal, month, sum) in fees() {
        add(&mut expected, FEE, (deal, month), sum);
    }
    add(&mut expected, TRUE_UP, (Deal::Minato, month(11)), lacked(tally));
    expected
}

/// Adds to what is charged; nothing, if it is nothing.
fn add(charged: &mut Charged, kind: &str, of: (Deal, Month), sum: i64) {
    if sum != 0 {
        *charged.entry(kind.to_owned()).or_default().entry(of).or_default() += sum;
    }
}

/// What the use of みなと診断薬 lacks of its minimum commitment.
fn lacked(tally: &Tally) -> i64 {
    let used =
        tally.charged.iter().filter(|((deal, _, kind), _)| (*deal, *kind) == (Deal::Minato, METERED[0]));
    COMMITMENT - used.map(|(_, sum)| sum).sum::<i64>()
}

/// The fees of the year: a contract year in advance, and by days what a change or a pause takes back. A termination
/// gives nothing back.
fn fees() -> Vec<(Deal, Month, i64)> {
    let yearly = |tier: &str| YEARLY_FEES.iter().find(|(of, _)| *of == tier).map_or(0, |(_, fee)| *fee);
    let days = |tier: &str, days: i64| (2 * yearly(tier) * days + 365) / (2 * 365);
    let all = plans().into_iter().chain([expedited()]);
    let mut fees: Vec<(Deal, Month, i64)> = all
        .filter(|plan| plan.deal != Deal::Pilot)
        .map(|plan| (plan.deal, month(plan.from), yearly(plan.tier)))
        .collect();
    fees.extend([
        // April to June.
        (Deal::Pilot, month(0), days("pilot", 91)),
        // October to March, on another tier.
        (Deal::Aozora, month(6), days("premium", 182) - days("standard", 182)),
        // From 18 August to 17 September.
        (Deal::Minato, month(5), -days("diagnostic", 31)),
    ]);
    fees
}

/// Of each charge whose amount is known beforehand every party gets what the share rule says.
pub(in crate::demo) fn earned(stage: &mut Stage, world: &World, books: &Books) {
    let mut expected = world.tally.earned.clone();
    let parties = [(Part::Base, 80), (Part::Promoter, 20)];
    let mut more = Tally::default();
    more.earn(TRUE_UP, lacked(&world.tally), &parties);
    expected.extend(more.earned);
    let found = by_kind(world, books);
    let kinds: Vec<&str> = expected.keys().map(|(kind, _)| *kind).collect();
    let differs = expected
        .iter()
        .find(|((kind, part), sum)| found.get(&((*kind).to_owned(), Some(*part))) != Some(sum));
    let others = found.keys().find(|(kind, part)| {
        kinds.contains(&kind.as_str()) && !expected.keys().any(|(own, of)| own == kind && Some(*of) == *part)
    });
    let text = match (differs, others) {
        (None, None) => format!(
            "{} of orders, recruitment, credits and true-ups are whose they must be, to the yen",
            yen(expected.values().sum())
        ),
        (Some(((kind, part), sum)), _) => format!(
            "{part:?} earns {} of {kind}, counted here as {}",
            yen(found.get(&((*kind).to_owned(), Some(*part))).copied().unwrap_or(0)),
            yen(*sum)
        ),
        (None, Some(other)) => format!("{other:?} earns what nobody counted here"),
    };
    stage.check(MONEY, differs.is_none() && others.is_none(), text);
}

/// What each party earned in the year, by charge kind.
pub(in crate::demo) fn by_kind(world: &World, books: &Books) -> BTreeMap<(String, Option<Part>), i64> {
    let mut earned = BTreeMap::new();
    for charge in books.months.iter().flat_map(|(_, shares)| &shares.charges) {
        for share in &charge.shares {
            let part = world.cast.part_of(&share.organisation_id);
            *earned.entry((charge.charge_kind.clone(), part)).or_default() += amount(share.amount.as_ref());
        }
    }
    earned.retain(|_, sum| *sum != 0);
    earned
}

/// What would be shared under another rule: the same yen, 5 % of the orders for the vendors instead of the promoter. It
/// is a question and changes nothing.
pub(in crate::demo) fn what_if(
    stage: &mut Stage,
    world: &World,
    books: &Books,
    month: Month,
    supposed: &GetRevenueSharesResponse,
) {
    let promoter = &world.cast.of(Part::Promoter).id;
    let of_promoter = |shares: &GetRevenueSharesResponse| -> i64 {
        let own = shares.parties.iter().filter(|party| party.organisation_id == *promoter);
        own.map(|party| amount(party.amount.as_ref())).sum()
    };
    let Some((_, real)) = books.months.iter().find(|(of, _)| *of == month) else { return };
    let orders =
        world.tally.charged.iter().filter(|((_, of, kind), _)| *of == month && *kind == "service-order");
    let lost = orders.map(|(_, sum)| sum).sum::<i64>() * 5 / 100;
    let charged = amount(real.charged.as_ref());
    let text = format!(
        "if vendors got 90 % of orders, {} of {month} would be theirs and not the promoter's",
        yen(lost)
    );
    let same = owed(supposed) == charged && amount(supposed.charged.as_ref()) == charged;
    let moved = of_promoter(real) - of_promoter(supposed) == lost && lost > 0;
    stage.check(MONEY, supposed.hypothetical && !real.hypothetical && same && moved, text);
}

/// A data fee is metered or a percentage, never both: what a meter reports for an order is priced if the order was placed
/// under the first version of the share rule, and shown and charged nothing if under the second.
pub(in crate::demo) fn data_fees(stage: &mut Stage, world: &World, books: &Books) {
    let mut metered = 0;
    let mut apart = None;
    for ordered in &world.market.orders {
        let accounts = books.accounts.iter().filter(|account| account.deal == ordered.offer.sheet().deal);
        let lines = accounts.flat_map(|account| &account.statement.lines);
        for line in lines.filter(|line| line.order_id == ordered.id) {
            let charged = amount(line.amount.as_ref());
            metered += charged;
            if (charged == 0) != (ordered.data_fee > 0) {
                apart = Some(line.line_id.clone());
            }
        }
    }
    let holds = apart.is_none() && metered > 0;
    let text = match apart {
        None => format!(
            "{} of data fees are metered for orders; where a percentage is taken nothing is",
            yen(metered)
        ),
        Some(line) => format!("{line} is charged as its order's data fee is taken"),
    };
    stage.check(MONEY, holds, text);
}

/// Public funding is recognised by days, sums to what was agreed, and is no part of what is charged or shared.
pub(in crate::demo) fn funding(stage: &mut Stage, scene: &Scene, books: &Books) {
    let recognised = &scene.funding.months;
    let by_days = recognised.iter().zip(&books.months).all(|(recognised, (month, shares))| {
        let micros = month.end().as_micros() - month.start().as_micros();
        let expected = micros / 86_400_000_000 * FUNDING_A_DAY;
        let found = [amount(recognised.amount.as_ref()), amount(shares.public_funding_total.as_ref())];
        recognised.month == month.to_string() && found == [expected; 2]
    });
    let sum: i64 = recognised.iter().map(|month| amount(month.amount.as_ref())).sum();
    let text = format!("public funding of {} is recognised by days, beside what is charged", yen(sum));
    stage.check(MONEY, by_days && recognised.len() == 12 && sum == FUNDING, text);
}
