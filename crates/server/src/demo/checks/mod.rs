//! What must hold at the end, by the demo's own count: every yen is conserved, every record is there once.

use std::collections::BTreeMap;

use domain::time::Month;
use proto::kiban::{
    access::v1::GetSourceResponse,
    billing::v1::Statement,
    common::v1::Money,
    contract::v1::{Contract, ContractStage},
    revenue_share::v1::GetRevenueSharesResponse,
};

use crate::demo::{
    actors::Part,
    calendar::FISCAL_YEAR,
    contracts::Deal,
    metering::LOST,
    reading::{Account, AsItWas, Books, Explained},
    report::format::{count, count_of, yen},
    stage::Stage,
    tally::{OUTCOMES, VERDICTS},
    usage::place,
    world::World,
};

pub(super) mod charges;
pub(super) mod deals;
pub(super) mod market;
pub(super) mod pages;

/// What a check is about.
pub(in crate::demo) const MONEY: &str = "money";
pub(in crate::demo) const CONTRACTS: &str = "contracts";
pub(in crate::demo) const METERING: &str = "metering";
pub(in crate::demo) const ORDERS: &str = "orders";
pub(in crate::demo) const CATALOGUE: &str = "catalogue";
pub(in crate::demo) const RECRUITMENT: &str = "recruitment";
pub(in crate::demo) const DEALS: &str = "deals";
pub(in crate::demo) const REFUSALS: &str = "refusals";
pub(in crate::demo) const HISTORY: &str = "history";

/// The reasons for which use can be denied.
const DENIALS: usize = 12;

/// So many yen, 0 if none are given.
pub(in crate::demo) fn amount(money: Option<&Money>) -> i64 {
    money.map_or(0, |money| money.minor_units)
}

/// What all parties are owed.
pub(in crate::demo) fn owed(shares: &GetRevenueSharesResponse) -> i64 {
    shares.parties.iter().map(|party| amount(party.amount.as_ref())).sum()
}

/// Every yen that is charged is somebody's, in every month and of every contract.
pub(in crate::demo) fn money(stage: &mut Stage, books: &Books, base_operator: &str) {
    for (month, shares) in &books.months {
        let accounts = books.accounts.iter().filter(|account| account.month == *month);
        let accounts: Vec<&Account> = accounts.collect();
        let billed: i64 = accounts.iter().map(|account| total(account)).sum();
        let charged = amount(shares.charged.as_ref());
        let sums = [charged, owed(shares), parts(shares)];
        let apart = accounts.iter().find(|account| {
            total(account) != amount(account.shares.charged.as_ref())
                || total(account) != owed(&account.shares)
        });
        let base = shares.parties.iter().find(|party| party.organisation_id == base_operator);
        let base = amount(base.and_then(|base| base.amount.as_ref()));
        let first = amount(shares.base_operator_total.as_ref());
        let holds = sums == [billed; 3] && apart.is_none() && base == first;
        let text = if holds {
            let statements = accounts.len();
            let billed = yen(billed);
            format!(
                "{month}: {billed} on {statements} statements = charged = owed, of each contract and in all"
            )
        } else {
            let [charged, owed, parts] = sums.map(yen);
            format!(
                "{month}: {} billed, {charged} charged, {owed} owed, {parts} in parts; the base operator {} and {}; apart: {:?}",
                yen(billed),
                yen(base),
                yen(first),
                apart.map(|account| account.deal)
            )
        };
        stage.check(MONEY, holds, text);
    }
    whole_year(stage, books);
}

/// The sums of the year, and of each statement.
fn whole_year(stage: &mut Stage, books: &Books) {
    let billed: i64 = books.accounts.iter().map(total).sum();
    let owed: i64 = books.months.iter().map(|(_, shares)| owed(shares)).sum();
    let text = format!("{FISCAL_YEAR}: {} billed, {} owed: every yen is somebody's", yen(billed), yen(owed));
    stage.check(MONEY, billed == owed && billed > 0, text);
    let lines = books.accounts.iter().map(|account| account.statement.lines.len()).sum::<usize>();
    let wrong = books.accounts.iter().find(|account| !adds_up(&account.statement));
    let text = match wrong {
        None => format!("{lines} lines add up to their statements, and their bands to the lines' quantities"),
        Some(account) => format!("the lines of {:?} for {} add up", account.deal, account.month),
    };
    stage.check(MONEY, wrong.is_none(), text);
    let closed = books.accounts.iter().all(|account| account.statement.closed);
    stage.check(MONEY, closed, format!("all twelve months of {FISCAL_YEAR} are closed"));
}

/// The yearly fee that a member pays in advance goes to the base operator and the promoter, 60 to 40.
pub(in crate::demo) fn fee(stage: &mut Stage, world: &World, books: &Books) {
    const FEE: i64 = 12_000_000;
    let account = books.accounts.iter().find(|account| account.deal == Deal::Aozora);
    let charges = account.map(|account| account.shares.charges.as_slice()).unwrap_or_default();
    let charge = charges.iter().find(|charge| charge.charge_kind == "contract-fee");
    let share_of = |part| {
        let id = &world.cast.of(part).id;
        let shares = charge.map(|charge| charge.shares.as_slice()).unwrap_or_default();
        let own = shares.iter().filter(|share| share.organisation_id == *id);
        own.map(|share| amount(share.amount.as_ref())).sum::<i64>()
    };
    let (base, promoter) = (share_of(Part::Base), share_of(Part::Promoter));
    let text = format!(
        "a yearly fee of {} is shared 60 to 40: {} for the base operator, {} for the promoter",
        yen(FEE),
        yen(base),
        yen(promoter)
    );
    stage.check(MONEY, (base, promoter) == (FEE * 60 / 100, FEE * 40 / 100), text);
}

fn total(account: &Account) -> i64 {
    amount(account.statement.total.as_ref())
}

/// What all parts of all charges are shared out as; each part's shares must sum to it.
fn parts(shares: &GetRevenueSharesResponse) -> i64 {
    let each = shares.charges.iter().map(|charge| {
        let parts: i64 = charge.shares.iter().map(|share| amount(share.amount.as_ref())).sum();
        (parts == amount(charge.net.as_ref())).then_some(parts)
    });
    each.sum::<Option<i64>>().unwrap_or(i64::MIN)
}

fn adds_up(statement: &Statement) -> bool {
    let sum: i64 = statement.lines.iter().map(|line| amount(line.amount.as_ref())).sum();
    let banded = statement.lines.iter().all(|line| {
        let in_bands: Option<i64> = line.bands.iter().map(|band| cases(&band.quantity)).sum();
        match (cases(&line.quantity), in_bands) {
            // A fee's quantity is a part of a year.
            (None, _) | (_, None) => line.charge_kind == "contract-fee",
            (Some(quantity), Some(in_bands)) => {
                line.bands.is_empty() || quantity == in_bands || line.charge_kind == "contract-fee"
            }
        }
    });
    sum == amount(statement.total.as_ref()) && banded
}

/// A number of cases; none for text that is no whole number.
fn cases(text: &str) -> Option<i64> {
    text.parse().ok()
}

/// Every case that was used stands on exactly one line, and every conflict on its statement.
pub(in crate::demo) fn quantities(stage: &mut Stage, world: &World, books: &Books) {
    let mut found = BTreeMap::new();
    let mut conflicts = BTreeMap::new();
    for account in &books.accounts {
        if account.statement.conflicts > 0 {
            conflicts.insert((account.deal, account.month), account.statement.conflicts);
        }
        for line in account.statement.lines.iter().filter(|line| line.right != 0) {
            let flagged: i64 =
                line.flagged.iter().map(|flagged| cases(&flagged.quantity).unwrap_or(i64::MIN / 2)).sum();
            let all = cases(&line.quantity).map_or(i64::MIN / 2, |billed| billed.saturating_add(flagged));
            let key =
                (account.deal, account.month, line.right, line.dataset_class.clone(), line.order_id.clone());
            *found.entry(key).or_insert(0i64) += all;
        }
    }
    found.retain(|_, cases| *cases != 0);
    let expected: BTreeMap<_, _> = world
        .tally
        .cases
        .iter()
        .filter(|(_, cases)| **cases != 0)
        .map(|(line, cases)| (line.clone(), *cases))
        .collect();
    let total: i64 = expected.values().sum();
    let differs = expected.iter().find(|(line, cases)| found.get(line) != Some(cases));
    let text = match differs {
        None => format!("{} cases, as counted here, stand on the statements, each on one line", count(total)),
        Some((line @ (deal, month, right, class, _), cases)) => format!(
            "{deal:?} used {cases} cases of {class} under right {right} in {month}; its statement has {:?}",
            found.get(line),
        ),
    };
    stage.check(METERING, expected == found, text);
    let text = format!("{} conflicts stand on the statements, unbilled", conflicts.values().sum::<u64>());
    stage.check(METERING, conflicts == world.tally.conflicts, text);
}

/// Every record came out as it had to, and every sequence that was lost is known to be.
pub(in crate::demo) fn metering(stage: &mut Stage, world: &World, sources: &[GetSourceResponse], late: u64) {
    let outcomes = world.tally.outcomes();
    for ((_, name), (expected, found)) in OUTCOMES.iter().zip(world.tally.expected.iter().zip(outcomes)) {
        let text = format!("{} records are {name}", count_of(found));
        stage.check(METERING, *expected == found && found > 0, text);
    }
    let met = VERDICTS
        .iter()
        .enumerate()
        .filter(|(place, _)| world.tally.meters.values().any(|reported| reported.verdicts[*place] > 0));
    let names: Vec<&str> = met.map(|(_, (_, name))| *name).collect();
    let text = format!("new records are {}", names.join(", "));
    stage.check(METERING, names.len() == VERDICTS.len(), text);
    stage.check(
        METERING,
        late > 0,
        format!("{} records arrived after their month was closed", count_of(late)),
    );
    let lost: u64 = sources.iter().flat_map(|source| &source.gaps).map(|gap| gap.last - gap.first + 1).sum();
    let of_pipeline = sources.get(place::PIPELINE).map_or(0, |source| source.gaps.len());
    let text =
        format!("{lost} sequences never came: the gap of {} is seen", world.meters[place::PIPELINE].name);
    stage.check(METERING, lost == LOST && of_pipeline == 1, text);
    let silent = sources.iter().filter(|source| source.last_reported_at.is_none()).count();
    stage.check(METERING, silent == 1, "a meter that never reported is seen to be silent");
}

/// The directory lists a member every dataset and the contracts that are its own.
pub(in crate::demo) fn directory(
    stage: &mut Stage,
    world: &World,
    name: &str,
    datasets: usize,
    own: &[Contract],
) {
    let contracts: Vec<&str> = own.iter().map(|contract| contract.id.as_str()).collect();
    let all = [Deal::Hokuto, Deal::Pilot].map(|deal| world.contracts.of(deal).id.as_str());
    let holds = datasets == world.holdings.all.len()
        && contracts.len() == all.len()
        && all.iter().all(|contract| contracts.contains(contract));
    let text = format!("the directory lists {datasets} datasets and {} own contracts to {name}", own.len());
    stage.check(CONTRACTS, holds, text);
}

/// Contracts stand where the year has left them.
pub(in crate::demo) fn stages(stage: &mut Stage, contracts: &[Contract]) {
    let count = |wanted: ContractStage| {
        contracts.iter().filter(|contract| contract.stage == i32::from(wanted)).count()
    };
    let (active, expired) = (count(ContractStage::Active), count(ContractStage::Expired));
    let (terminated, rejected) = (count(ContractStage::Terminated), count(ContractStage::Rejected));
    let lapsed = count(ContractStage::Lapsed);
    let text = format!(
        "{active} contracts are active, {expired} expired, {terminated} terminated, {rejected} rejected, {lapsed} never signed"
    );
    stage.check(CONTRACTS, (active, expired, terminated, rejected, lapsed) == (16, 1, 1, 1, 1), text);
}

/// Everything that had to be refused was, for the reason for which it had to be.
pub(in crate::demo) fn refusals(stage: &mut Stage) {
    let refused = stage.refusals.iter().filter(|attempt| attempt.is_as_expected()).count();
    let all = stage.refusals.len();
    let text = format!("{refused} of {all} attempts were refused, each for its reason");
    let mut denials: Vec<&str> = stage.refusals.iter().map(|attempt| attempt.expected.denial).collect();
    denials.retain(|denial| !denial.is_empty());
    denials.sort_unstable();
    denials.dedup();
    let kinds = denials.len();
    stage.check(REFUSALS, refused == all, text);
    stage.check(REFUSALS, kinds == DENIALS, format!("{kinds} of {DENIALS} reasons to deny use were met"));
}

/// What was answered once is answered again, word for word; what is known now is another matter.
pub(in crate::demo) fn history(stage: &mut Stage, then: &AsItWas, again: &AsItWas, now: &Books) {
    let month: Month = then.month;
    let text = format!(
        "the {} statements of {month} as of position {} are what they were on 5 July",
        then.statements.len(),
        then.position
    );
    stage.check(HISTORY, then.statements == again.statements, text);
    let text = format!("so are its revenue shares: {}", yen(amount(then.shares.charged.as_ref())));
    stage.check(HISTORY, then.shares == again.shares, text);
    let before: i64 = then.statements.iter().map(|(_, statement)| amount(statement.total.as_ref())).sum();
    let since: i64 = now
        .accounts
        .iter()
        .filter(|account| account.month == month)
        .map(|account| amount(account.statement.total.as_ref()))
        .sum();
    let text = format!("late records raised {month} by {}, on their own month", yen(since - before));
    stage.check(HISTORY, since > before, text);
}

/// What events added to a line is the line; of what is no sum of quantities it is enough that they are known.
pub(in crate::demo) fn explained(stage: &mut Stage, explained: &Explained) {
    let line = &explained.line;
    let counted = explained.events.iter().filter(|event| !event.quantity.is_empty());
    let added: Option<i64> = counted.map(|event| cases(&event.quantity)).sum();
    let behind = explained.events.len();
    let (text, holds) = match line.charge_kind.as_str() {
        "commitment-true-up" => (format!("{behind} events are behind {}", line.line_id), behind > 0),
        _ => (
            format!("the {behind} events behind {} add up to its quantity, {}", line.line_id, line.quantity),
            added.is_some() && added == cases(&line.quantity),
        ),
    };
    stage.check(MONEY, holds, text);
}

/// Both members have a statement of October with lines, and the member sees what the promoter sees.
pub(in crate::demo) fn own_view(stage: &mut Stage, own: &Statement, books: &Books, deal: Deal, month: Month) {
    let seen = books.accounts.iter().find(|account| account.deal == deal && account.month == month);
    let same = seen.is_some_and(|account| account.statement == *own);
    stage.check(MONEY, same, format!("the member sees the statement of {month} that the promoter sees"));
}
