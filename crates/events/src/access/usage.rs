//! `UsageRecorded`, of which there are more than of all other events: one pass over the rows each way.

use std::{collections::BTreeMap, sync::Arc};

use domain::{
    access::{
        Counts, DatasetEntry, InstitutionCases, MOST_COUNTS, MOST_RECORDS, NamedAdmission, Period,
        UsageParts, UsageRecorded, UsageRow,
    },
    id::{Id, Kind, OrganisationId},
    terms::{Right, Verdict},
    time::Timestamp,
};
use prost::Message;
use proto::kiban::access::v1 as form;

use super::{
    columns::{Columns, Varints, push_varint, unzigzag, zigzag},
    conflict, conflict_number, decode_replaced, encode_replaced, freeze, period, right_number,
    verdict_number,
};
use crate::{
    Defect,
    field::{defect, id, id_bytes, instant, text},
};

pub(super) fn encode(event: &UsageRecorded) -> Vec<u8> {
    let parts = event.parts();
    let rows = &parts.rows;
    let mut columns = Columns {
        source: id_bytes(parts.source),
        epoch: parts.epoch,
        contract_revision: parts.contract_revision,
        reported_at_us: parts.reported_at.as_micros(),
        datasets: parts.datasets.iter().map(encode_dataset).collect(),
        viewers: concatenated(&parts.viewers),
        orders: concatenated(&parts.orders),
        periods: parts.periods.iter().map(encode_period).collect(),
        sequence_runs: sequence_runs(rows),
        right_and_verdict: rows.iter().map(|row| pack(row.right, row.verdict)).collect(),
        cases: column(rows, 1, |row| row.cases.into()),
        occurred_at_delta_us: times(rows),
        dataset: column(rows, 0, |row| row.dataset.into()),
        viewer: column(rows, 0, |row| row.viewer.into()),
        order: column(rows, 0, |row| plus_one(row.order)),
        period: column(rows, 1, |row| plus_one(row.period)),
        conflicts: conflicts(rows),
        settlements: parts.named.iter().map(encode_named).collect(),
        ..Columns::default()
    };
    encode_counts(&parts.counts, &mut columns);
    columns.encode_to_vec()
}

pub(super) fn decode(payload: &[u8]) -> Result<UsageRecorded, Defect> {
    let columns = Columns::decode(payload)?;
    if columns.epoch == 0 {
        return Err(defect("epoch", "epochs count from 1"));
    }
    let mut rows = decode_rows(&columns)?;
    mark_conflicts(&mut rows, &columns.conflicts)?;
    UsageRecorded::new(UsageParts {
        source: id("source", &columns.source)?,
        epoch: columns.epoch,
        contract_revision: columns.contract_revision,
        reported_at: instant("reported_at_us", columns.reported_at_us)?,
        datasets: decode_datasets(&columns.datasets)?,
        viewers: split("viewers", &columns.viewers)?,
        orders: split("orders", &columns.orders)?,
        periods: columns.periods.iter().map(decode_period).collect::<Result<_, _>>()?,
        rows,
        named: columns.settlements.iter().map(decode_named).collect::<Result<_, _>>()?,
        counts: decode_counts(&columns)?,
    })
    .map_err(|inconsistent| defect("rows", inconsistent))
}

fn encode_dataset(entry: &DatasetEntry) -> form::DatasetEntry {
    form::DatasetEntry {
        dataset: id_bytes(entry.dataset),
        dataset_class: entry.class.as_str().into(),
        freeze: entry.freeze.unwrap_or_default(),
    }
}

fn decode_datasets(entries: &[form::DatasetEntry]) -> Result<Vec<DatasetEntry>, Defect> {
    let mut decoded: Vec<DatasetEntry> = Vec::with_capacity(entries.len());
    for entry in entries {
        // Most datasets of a report are of one class: its text is checked and kept once.
        let class = match decoded.last() {
            Some(last) if last.class.as_str() == entry.dataset_class => last.class.clone(),
            _ => text("datasets.dataset_class", &entry.dataset_class)?,
        };
        let dataset = id("datasets.dataset", &entry.dataset)?;
        decoded.push(DatasetEntry { dataset, class, freeze: freeze(entry.freeze) });
    }
    Ok(decoded)
}

fn encode_period(period: &Period) -> form::PeriodEntry {
    form::PeriodEntry {
        segment: period.quota_period.segment,
        contract_year: period.quota_period.contract_year,
        tier: period.tier.as_str().into(),
    }
}

fn decode_period(entry: &form::PeriodEntry) -> Result<Period, Defect> {
    period(entry.segment, entry.contract_year, &entry.tier)
}

fn encode_named(named: &NamedAdmission) -> form::SettledRow {
    let replaced = named.replaced.as_ref().map(encode_replaced);
    form::SettledRow { row: named.row, admission: named.admission, replaced }
}

fn decode_named(named: &form::SettledRow) -> Result<NamedAdmission, Defect> {
    let replaced = named
        .replaced
        .as_ref()
        .map(|replaced| decode_replaced("settlements.replaced", replaced))
        .transpose()?;
    Ok(NamedAdmission { row: named.row, admission: named.admission, replaced })
}

/// First and length of each run of sequences, in the order of the rows.
fn sequence_runs(rows: &[UsageRow]) -> Vec<u8> {
    let mut column = Vec::new();
    for run in rows.chunk_by(|one, next| one.sequence.checked_add(1) == Some(next.sequence)) {
        if let Some(first) = run.first() {
            push_varint(&mut column, first.sequence);
            push_varint(&mut column, run.len() as u64);
        }
    }
    column
}

/// One value a row, or nothing if all are the most common one.
fn column(rows: &[UsageRow], common: u64, value: impl Fn(&UsageRow) -> u64) -> Vec<u8> {
    if rows.iter().all(|row| value(row) == common) {
        return Vec::new();
    }
    let mut column = Vec::with_capacity(rows.len() + rows.len() / 8);
    rows.iter().for_each(|row| push_varint(&mut column, value(row)));
    column
}

fn times(rows: &[UsageRow]) -> Vec<u8> {
    if rows.iter().all(|row| row.occurred_at.as_micros() == 0) {
        return Vec::new();
    }
    let mut column = Vec::with_capacity(rows.len() * 5);
    let mut last = 0;
    for row in rows {
        // The calendar is far from the ends of 64 bits, so the difference fits.
        push_varint(&mut column, zigzag(row.occurred_at.as_micros() - last));
        last = row.occurred_at.as_micros();
    }
    column
}

fn conflicts(rows: &[UsageRow]) -> Vec<form::ConflictRow> {
    let conflict = |(row, reason)| form::ConflictRow { row, reason: conflict_number(reason) };
    (0..).zip(rows).filter_map(|(index, row)| Some((index, row.conflict?))).map(conflict).collect()
}

fn mark_conflicts(rows: &mut [UsageRow], conflicts: &[form::ConflictRow]) -> Result<(), Defect> {
    if !conflicts.windows(2).all(|pair| pair[0].row < pair[1].row) {
        return Err(defect("conflicts", "not in the order of the rows"));
    }
    for marked in conflicts {
        let row = rows.get_mut(marked.row as usize);
        let row = row.ok_or_else(|| defect("conflicts", format!("there is no row {}", marked.row)))?;
        row.conflict = Some(conflict(marked.reason)?);
    }
    Ok(())
}

/// Reads the columns into rows, one after the other: each is a tight loop, and an empty one costs nothing.
fn decode_rows(columns: &Columns) -> Result<Vec<UsageRow>, Defect> {
    let mut rows = decode_kinds(&columns.right_and_verdict)?;
    fill_sequences(&mut rows, &columns.sequence_runs)?;
    let mut micros = 0i64;
    fill(&mut rows, "occurred_at_delta_us", &columns.occurred_at_delta_us, |row, delta| {
        micros = micros.wrapping_add(unzigzag(delta));
        row.occurred_at = Timestamp::from_micros(micros)?;
        Some(())
    })?;
    fill(&mut rows, "cases", &columns.cases, |row, cases| set(&mut row.cases, cases))?;
    fill(&mut rows, "dataset", &columns.dataset, |row, index| set(&mut row.dataset, index))?;
    fill(&mut rows, "viewer", &columns.viewer, |row, index| set(&mut row.viewer, index))?;
    fill(&mut rows, "order", &columns.order, |row, index| set_minus_one(&mut row.order, index))?;
    fill(&mut rows, "period", &columns.period, |row, index| set_minus_one(&mut row.period, index))?;
    Ok(rows)
}

/// One row a byte, with what empty columns stand for.
fn decode_kinds(column: &[u8]) -> Result<Vec<UsageRow>, Defect> {
    let length = column.len();
    if !(1..=MOST_RECORDS).contains(&length) {
        return Err(defect(
            "right_and_verdict",
            format!("{length} rows, but 1 to {MOST_RECORDS} are allowed"),
        ));
    }
    let mut rows = Vec::with_capacity(length);
    for kind in column {
        let (right, verdict) = KINDS[usize::from(*kind)].ok_or_else(|| wrong("right_and_verdict"))?;
        rows.push(UsageRow {
            sequence: 0,
            occurred_at: Timestamp::default(),
            cases: 1,
            dataset: 0,
            viewer: 0,
            order: None,
            period: Some(0),
            right,
            verdict,
            conflict: None,
        });
    }
    Ok(rows)
}

fn fill_sequences(rows: &mut [UsageRow], column: &[u8]) -> Result<(), Defect> {
    let (mut values, mut rest) = (Varints::new(column), rows);
    while !rest.is_empty() {
        let first = values.next().ok_or_else(|| wrong("sequence_runs"))?;
        let length = values.next().and_then(|length| usize::try_from(length).ok());
        // A run holds something, no more than there are rows left, and nothing beyond 64 bits.
        let length = length.filter(|length| (1..=rest.len()).contains(length));
        let length = length.filter(|length| first.checked_add(*length as u64 - 1).is_some());
        let (run, others) = rest.split_at_mut(length.ok_or_else(|| wrong("sequence_runs"))?);
        for (sequence, row) in (first..=u64::MAX).zip(run) {
            row.sequence = sequence;
        }
        rest = others;
    }
    if values.is_done() { Ok(()) } else { Err(wrong("sequence_runs")) }
}

/// Reads one column, unless it is empty.
#[inline]
fn fill(
    rows: &mut [UsageRow],
    field: &'static str,
    column: &[u8],
    mut set: impl FnMut(&mut UsageRow, u64) -> Option<()>,
) -> Result<(), Defect> {
    if column.is_empty() {
        return Ok(());
    }
    let mut values = Varints::new(column);
    for row in rows {
        values.next().and_then(|value| set(row, value)).ok_or_else(|| wrong(field))?;
    }
    if values.is_done() { Ok(()) } else { Err(wrong(field)) }
}

#[cold]
fn wrong(field: &'static str) -> Defect {
    defect(field, "a value of the column is missing, left over or out of range")
}

fn small<T: TryFrom<u64>>(value: Option<u64>) -> Option<T> {
    T::try_from(value?).ok()
}

fn set<T: TryFrom<u64>>(place: &mut T, value: u64) -> Option<()> {
    *place = T::try_from(value).ok()?;
    Some(())
}

fn set_minus_one(place: &mut Option<u16>, value: u64) -> Option<()> {
    *place = match value.checked_sub(1) {
        None => None,
        Some(index) => Some(u16::try_from(index).ok()?),
    };
    Some(())
}

/// An optional index as the log has it: 0 for none.
fn plus_one(index: Option<u16>) -> u64 {
    index.map_or(0, |index| u64::from(index) + 1)
}

/// Right and verdict in one byte.
const fn pack(right: Right, verdict: Verdict) -> u8 {
    (right_number(right) | verdict_number(verdict) << 4) as u8
}

/// What each byte of rights and verdicts means.
const KINDS: [Option<(Right, Verdict)>; 256] = {
    let mut kinds = [None; 256];
    let mut index = 0;
    while index < Right::ALL.len() * Verdict::ALL.len() {
        let right = Right::ALL[index % Right::ALL.len()];
        let verdict = Verdict::ALL[index / Right::ALL.len()];
        kinds[pack(right, verdict) as usize] = Some((right, verdict));
        index += 1;
    }
    kinds
};

fn concatenated<K>(ids: &[Id<K>]) -> Vec<u8> {
    ids.iter().flat_map(Id::to_bytes).collect()
}

fn split<K: Kind>(field: &'static str, bytes: &[u8]) -> Result<Arc<[Id<K>]>, Defect> {
    let (ids, rest) = bytes.as_chunks::<16>();
    if rest.is_empty() {
        Ok(ids.iter().map(|id| Id::from_bytes(*id)).collect())
    } else {
        Err(defect(field, format!("{} bytes are no ids", bytes.len())))
    }
}

fn encode_counts(counts: &Counts, columns: &mut Columns) {
    let mut institutions: BTreeMap<OrganisationId, u64> = BTreeMap::new();
    for (row, cases) in counts.iter() {
        for part in cases {
            let next = institutions.len() as u64;
            let index = *institutions.entry(part.institution).or_insert_with(|| {
                columns.institutions.extend_from_slice(&part.institution.to_bytes());
                next
            });
            push_varint(&mut columns.count_row, row as u64);
            push_varint(&mut columns.count_institution, index);
            push_varint(&mut columns.count_cases, part.cases.into());
        }
    }
}

fn decode_counts(columns: &Columns) -> Result<Counts, Defect> {
    let institutions: Arc<[OrganisationId]> = split("institutions", &columns.institutions)?;
    let mut rows = Varints::new(&columns.count_row);
    let mut indexes = Varints::new(&columns.count_institution);
    let mut cases = Varints::new(&columns.count_cases);
    let mut counts = Counts::default();
    let (mut current, mut parts, mut total): (Option<usize>, Vec<InstitutionCases>, usize) =
        (None, vec![], 0);
    while !rows.is_done() {
        let row = small::<u32>(rows.next()).ok_or_else(|| wrong("count_row"))? as usize;
        let index: usize = small(indexes.next()).ok_or_else(|| wrong("count_institution"))?;
        let institution = *institutions.get(index).ok_or_else(|| wrong("count_institution"))?;
        let cases = small(cases.next()).ok_or_else(|| wrong("count_cases"))?;
        if current.is_some_and(|current| row < current) {
            return Err(defect("count_row", "not in the order of the rows"));
        }
        if let Some(done) = current.filter(|current| *current != row) {
            counts.push(done, &parts);
            parts.clear();
        }
        if parts.last().is_some_and(|last| institution <= last.institution) {
            return Err(defect("count_institution", "not sorted within a row"));
        }
        (current, total) = (Some(row), total + 1);
        parts.push(InstitutionCases { institution, cases });
    }
    if total > MOST_COUNTS || !indexes.is_done() || !cases.is_done() {
        return Err(defect("count_row", "too many, or not as many as the other columns of counts have"));
    }
    if let Some(done) = current {
        counts.push(done, &parts);
    }
    Ok(counts)
}
