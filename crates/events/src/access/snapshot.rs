//! The state of the use under one contract, canonical: sorted, no maps, so equal states are equal bytes.

use std::collections::BTreeMap;

use domain::{
    access::{Access, IntervalSet, Meter, OpenAdmission, QuotaKey, Run, Source},
    contract::QuotaPeriod,
    id::SourceId,
};
use prost::Message;
use proto::kiban::access::v1 as form;

use super::{decode_replaced, encode_replaced, right, right_number};
use crate::{
    Defect, Snapshot,
    field::{defect, id, id_bytes, instant, required, text},
};

impl Snapshot for Access {
    const FOLD_VERSION: u32 = 1;

    fn encode(&self) -> Vec<u8> {
        form::AccessSnapshot {
            last_admission: self.last_admission,
            open: self.open.iter().map(|(number, open)| encode_open(*number, open)).collect(),
            settled_runs: encode_runs(&self.settled),
            reversed_runs: encode_runs(&self.reversed),
            used: self.used.iter().map(|(quota, cases)| encode_used(quota, *cases)).collect(),
            sources: self.sources.iter().map(|(id, source)| encode_source(*id, source)).collect(),
        }
        .encode_to_vec()
    }

    fn decode(bytes: &[u8]) -> Result<Self, Defect> {
        let message = form::AccessSnapshot::decode(bytes)?;
        Ok(Self {
            last_admission: message.last_admission,
            open: sorted("open", message.open.into_iter().map(decode_open))?,
            settled: decode_runs("settled_runs", &message.settled_runs)?,
            reversed: decode_runs("reversed_runs", &message.reversed_runs)?,
            used: sorted("used", message.used.iter().map(decode_used))?,
            sources: sorted("sources", message.sources.iter().map(decode_source))?,
        })
    }
}

fn encode_open(number: u64, open: &OpenAdmission) -> form::OpenAdmissionState {
    form::OpenAdmissionState {
        number,
        admitted: Some(encode_replaced(&open.admitted)),
        settle_until_us: open.settle_until.as_micros(),
    }
}

fn decode_open(open: form::OpenAdmissionState) -> Result<(u64, OpenAdmission), Defect> {
    let admitted = decode_replaced("open.admitted", &required("open.admitted", open.admitted)?)?;
    let settle_until = instant("open.settle_until_us", open.settle_until_us)?;
    Ok((open.number, OpenAdmission { admitted, settle_until }))
}

fn encode_used(quota: &QuotaKey, cases: u64) -> form::UsedQuotaState {
    form::UsedQuotaState {
        segment: quota.period.segment,
        contract_year: quota.period.contract_year,
        right: right_number(quota.right),
        cases,
    }
}

fn decode_used(used: &form::UsedQuotaState) -> Result<(QuotaKey, u64), Defect> {
    let period = QuotaPeriod { segment: used.segment, contract_year: used.contract_year };
    Ok((QuotaKey { period, right: right(used.right)? }, used.cases))
}

fn encode_source(id: SourceId, source: &Source) -> form::SourceState {
    form::SourceState {
        source: id_bytes(id),
        name: source.name.as_str().into(),
        registered_at_us: source.registered_at.as_micros(),
        meters: source.epochs.iter().map(|(epoch, meter)| encode_meter(*epoch, meter)).collect(),
    }
}

fn decode_source(source: &form::SourceState) -> Result<(SourceId, Source), Defect> {
    Ok((
        id("sources.source", &source.source)?,
        Source {
            name: text("sources.name", &source.name)?,
            registered_at: instant("sources.registered_at_us", source.registered_at_us)?,
            epochs: sorted("sources.meters", source.meters.iter().map(decode_meter))?,
        },
    ))
}

fn encode_meter(epoch: u32, meter: &Meter) -> form::MeterState {
    form::MeterState {
        epoch,
        seen_runs: encode_runs(&meter.seen),
        reversed_runs: encode_runs(&meter.reversed),
        conflicts: meter.conflicts,
        last_reported_at_us: meter.last_reported_at.as_micros(),
    }
}

fn decode_meter(meter: &form::MeterState) -> Result<(u32, Meter), Defect> {
    Ok((
        meter.epoch,
        Meter {
            seen: decode_runs("meters.seen_runs", &meter.seen_runs)?,
            reversed: decode_runs("meters.reversed_runs", &meter.reversed_runs)?,
            conflicts: meter.conflicts,
            last_reported_at: instant("meters.last_reported_at_us", meter.last_reported_at_us)?,
        },
    ))
}

fn encode_runs(set: &IntervalSet) -> Vec<u64> {
    set.runs().iter().flat_map(|run| [run.first, run.last]).collect()
}

fn decode_runs(field: &'static str, numbers: &[u64]) -> Result<IntervalSet, Defect> {
    let (pairs, rest) = numbers.as_chunks::<2>();
    let runs = pairs.iter().map(|[first, last]| Run { first: *first, last: *last }).collect();
    let set = IntervalSet::from_runs(runs).filter(|_| rest.is_empty());
    set.ok_or_else(|| defect(field, "not runs in order and apart from each other"))
}

/// A map of entries that must come in the order of their keys, none twice.
fn sorted<K: Ord + Copy, V>(
    field: &'static str,
    entries: impl Iterator<Item = Result<(K, V), Defect>>,
) -> Result<BTreeMap<K, V>, Defect> {
    let mut map = BTreeMap::new();
    for entry in entries {
        let (key, value) = entry?;
        if map.last_key_value().is_some_and(|(last, _)| key <= *last) {
            return Err(defect(field, "not sorted"));
        }
        map.insert(key, value);
    }
    Ok(map)
}
