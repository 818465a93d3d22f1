//! A ledger folded in shards, and what they hold together.

use std::{collections::BTreeMap, num::NonZeroU32};

use engine::{Fold, HistoryRow, Shard, Sharded, ledger::LedgerFold};
use events::Recorded;
use rating::ledger::{Ledger, LineKey};

/// What happened, folded in so many shards, each with the rows that it let go of.
pub fn in_shards<F: Fold>(events: &[Recorded], count: u32) -> Sharded<(F, Vec<HistoryRow>)> {
    Shard::each(NonZeroU32::new(count).unwrap()).map(|shard| {
        let mut fold = F::default();
        let own = events.iter().filter(|event| F::CATEGORIES.contains(&event.event.category()));
        own.filter(|event| shard.takes(F::partition(event))).for_each(|event| fold.apply(event));
        let rows = fold.take_history();
        (fold, rows)
    })
}

/// What shards hold together, as one ledger and its rows: each fact once, and of each line what the shard of its contract
/// has.
pub fn together<F: LedgerFold>(shards: &Sharded<(F, Vec<HistoryRow>)>) -> (Ledger, Vec<HistoryRow>) {
    let (mut facts, mut lines, mut rows) = (BTreeMap::new(), Vec::new(), Vec::new());
    for (shard, (fold, let_go)) in shards.numbered() {
        let owns = |key: &[u8]| shard.takes(Some(LineKey::decode(key).unwrap().contract));
        facts.extend(fold.ledger().facts().map(|(at, fact)| (at.position, (*at, fact.clone()))));
        lines.extend(fold.ledger().line_images().into_iter().filter(|line| owns(&line.key)));
        rows.extend(let_go.iter().filter(|row| owns(&row.key)).cloned());
    }
    rows.sort_unstable();
    (Ledger::restore(facts.into_values(), lines).unwrap(), rows)
}
