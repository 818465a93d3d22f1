//! What became of each record of a report, told from what it left behind.

use std::collections::HashMap;

use crate::{
    access::{Batch, ConflictReason, Content, Earlier, UsageRecorded, UsageRow},
    terms::Verdict,
    time::Timestamp,
};

/// What became of one record (requirements §2.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Outcome {
    /// It was stored now.
    New,
    /// The same record stands already.
    Known,
    /// It stands already with another occurred-at; the first one counts.
    KnownAtAnotherTime,
    /// Another content stands under its key, or what it settles cannot be settled: it is stored as a conflict,
    /// now or before.
    Conflicting,
}

/// What became of each record of a batch, in order, and the verdict that was stored for it: from the batch,
/// what stood before, and the event that it left behind (`None`: nothing was new).
///
/// The earlier records must be those with which the batch was decided.
pub fn outcomes(
    batch: &Batch,
    earlier: &Earlier,
    recorded: Option<&UsageRecorded>,
) -> Vec<(Outcome, Verdict)> {
    let rows = recorded.map_or(&[][..], |recorded| &recorded.parts().rows);
    // As many rows as records: each record was stored, in order.
    if rows.len() == batch.len() {
        return rows.iter().map(|row| (stored(row), row.verdict)).collect();
    }
    let mut matching = Matching { batch, earlier, firsts: HashMap::new(), conflicts: HashMap::new() };
    let mut next = 0;
    let mut outcomes = Vec::with_capacity(batch.len());
    for (index, sequence) in batch.sequences().enumerate() {
        let content = batch.content(index);
        // Rows stand in the order of the records. A record that left no row cannot be the next row's: under
        // the same key and content, what kept it from being stored would have kept the later one, too.
        let row = recorded.filter(|recorded| {
            rows.get(next).is_some_and(|row| row.sequence == sequence) && recorded.content(next) == content
        });
        outcomes.push(match row.and_then(|_| rows.get(next)) {
            Some(row) => {
                next += 1;
                matching.stored(row, content)
            }
            None => matching.unstored(index, sequence, &content),
        });
    }
    outcomes
}

const fn stored(row: &UsageRow) -> Outcome {
    match row.conflict {
        None => Outcome::New,
        Some(_) => Outcome::Conflicting,
    }
}

/// What the records so far have left behind.
struct Matching<'b> {
    batch: &'b Batch,
    earlier: &'b Earlier,
    firsts: HashMap<u64, (Content<'b>, Standing)>,
    conflicts: HashMap<(u64, Content<'b>), Verdict>,
}

/// What an answer needs of a first record.
#[derive(Clone, Copy)]
struct Standing {
    occurred_at: Timestamp,
    verdict: Verdict,
    conflicting: bool,
}

impl<'b> Matching<'b> {
    fn stored(&mut self, row: &UsageRow, content: Content<'b>) -> (Outcome, Verdict) {
        if row.conflict == Some(ConflictReason::Content) {
            self.conflicts.insert((row.sequence, content), row.verdict);
        } else {
            let (occurred_at, verdict) = (row.occurred_at, row.verdict);
            let standing = Standing { occurred_at, verdict, conflicting: row.conflict.is_some() };
            self.firsts.insert(row.sequence, (content, standing));
        }
        (stored(row), row.verdict)
    }

    fn unstored(&self, index: usize, sequence: u64, content: &Content<'_>) -> (Outcome, Verdict) {
        let first = self.earlier.first(sequence).map(|first| {
            let (occurred_at, verdict) = (first.occurred_at, first.verdict);
            (first.content(), Standing { occurred_at, verdict, conflicting: first.conflicting })
        });
        let first = first.or_else(|| self.firsts.get(&sequence).copied());
        match first {
            Some((same, standing)) if same == *content => {
                let outcome = if standing.conflicting {
                    Outcome::Conflicting
                } else if standing.occurred_at == self.batch.records[index].occurred_at {
                    Outcome::Known
                } else {
                    Outcome::KnownAtAnotherTime
                };
                (outcome, standing.verdict)
            }
            _ => {
                let earlier = self.earlier.key(sequence).and_then(|key| key.conflict(content));
                let verdict = earlier.map(|conflict| conflict.verdict);
                let verdict = verdict.or_else(|| self.conflicts.get(&(sequence, *content)).copied());
                (Outcome::Conflicting, verdict.unwrap_or(Verdict::OutsideContract))
            }
        }
    }
}
