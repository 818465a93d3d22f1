//! One report of a source: what of it is new, what stands already, what contradicts it.

use std::collections::{HashMap, HashSet, hash_map::Entry};

use crate::access::{
    Access, Batch, ConflictReason, Content, Earlier, Event, Meter, Rejection, ReportUsage, judge::Judge,
};

pub(super) fn report(state: &Access, command: &ReportUsage) -> Result<Vec<Event>, Rejection> {
    let batch = &*command.batch;
    let source = state.sources.get(&batch.source());
    let source = source.ok_or(Rejection::UnknownSource { source_id: batch.source() })?;
    check_times(batch, command)?;
    check_admissions(state, batch)?;
    let meter = source.epochs.get(&batch.epoch());
    let mut judge = Judge::new(state, command)?;
    match meter {
        None if batch.increasing => judge.take_all(),
        Some(meter) if meter.all_after(batch) => judge.take_all(),
        _ => sort_out(batch, meter, &command.earlier, &mut judge)?,
    }
    Ok(judge.finish().map(Event::UsageRecorded).into_iter().collect())
}

fn check_times(batch: &Batch, command: &ReportUsage) -> Result<(), Rejection> {
    if batch.latest <= command.at {
        return Ok(());
    }
    let late = batch.records.iter().enumerate().find(|(_, record)| record.occurred_at > command.at);
    late.map_or(Ok(()), |(index, record)| {
        Err(Rejection::OccurredInFuture { index, occurred_at: record.occurred_at, now: command.at })
    })
}

fn check_admissions(state: &Access, batch: &Batch) -> Result<(), Rejection> {
    let newest = state.last_admission;
    for index in batch.settling.iter().map(|index| *index as usize) {
        let admission = batch.records[index].settles;
        if admission > newest {
            return Err(Rejection::UnknownSettledAdmission { index, admission, newest });
        }
    }
    Ok(())
}

/// Goes through a batch in which keys may repeat: ones that were seen, or ones of the batch itself, where an
/// earlier index counts as the first.
fn sort_out(
    batch: &Batch,
    meter: Option<&Meter>,
    earlier: &Earlier,
    judge: &mut Judge<'_>,
) -> Result<(), Rejection> {
    let mut firsts: HashMap<u64, usize> = HashMap::with_capacity(batch.len());
    let mut stored: HashSet<(u64, Content<'_>)> = HashSet::new();
    for (index, sequence) in batch.sequences().enumerate() {
        let seen = meter.filter(|meter| meter.seen.contains(sequence));
        let contradicts = match (seen, firsts.entry(sequence)) {
            (Some(meter), _) => contradicts_earlier(batch, index, meter, earlier)?,
            (None, Entry::Vacant(entry)) => {
                entry.insert(index);
                judge.take_new(index);
                false
            }
            (None, Entry::Occupied(first)) => batch.content(*first.get()) != batch.content(index),
        };
        if contradicts && stored.insert((sequence, batch.content(index))) {
            judge.take_conflict(index, ConflictReason::Content);
        }
    }
    Ok(())
}

/// Whether a record under a key that was seen is a conflict that has not been stored yet.
fn contradicts_earlier(
    batch: &Batch,
    index: usize,
    meter: &Meter,
    earlier: &Earlier,
) -> Result<bool, Rejection> {
    let (sequence, content) = (batch.records[index].sequence, batch.content(index));
    let key = earlier.key(sequence).ok_or(Rejection::EarlierRecordsMissing)?;
    let first = key.first.as_ref().ok_or(Rejection::EarlierRecordsMissing)?;
    if first.content() == content || key.conflict(&content).is_some() {
        return Ok(false);
    }
    // Only now it matters whether the same conflict may have been stored since the look-up.
    if earlier.is_current(meter.conflicts) { Ok(true) } else { Err(Rejection::EarlierRecordsMissing) }
}
