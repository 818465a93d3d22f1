//! What the domain knows as the wire has it.

use domain::{
    access::{AdmittedUse, RemainingQuota, Source},
    contract::Limit,
    dataset::RegisteredDataset,
    id::SourceId,
};
use engine::wire_time;
use events::wire::{Shown, dataset, right};
use proto::kiban::access::v1 as wire;

/// The most gaps that are listed at once.
const MOST_GAPS: usize = 100;

/// A dataset as its provider sees it.
pub(crate) fn whole_dataset(registered: &RegisteredDataset) -> wire::Dataset {
    dataset(registered, Shown::Whole)
}

/// A dataset as a member sees it: without the institutions that its cases come from.
pub(crate) fn described_dataset(registered: &RegisteredDataset) -> wire::Dataset {
    dataset(registered, Shown::Viewed)
}

pub(crate) fn admission(admitted: &AdmittedUse) -> wire::Admission {
    let left = admitted.remaining.map_or(Limit::Unlimited, Limit::Cases);
    wire::Admission {
        number: admitted.number,
        contract_revision: admitted.contract_revision,
        tier: admitted.period.tier.to_string(),
        remaining: Some(remaining_quota(&RemainingQuota { right: admitted.right, cases: left })),
        settle_until: Some(wire_time(admitted.settle_until)),
    }
}

pub(crate) fn remaining_quota(quota: &RemainingQuota) -> wire::RemainingQuota {
    let (unlimited, cases) = match quota.cases {
        Limit::Unlimited => (true, 0),
        Limit::Cases(cases) => (false, cases),
    };
    wire::RemainingQuota { right: right(quota.right).into(), unlimited, cases }
}

/// A source in an epoch; epoch 0 asks for the newest.
pub(crate) fn source(id: SourceId, source: &Source, epoch: u32) -> wire::GetSourceResponse {
    let epoch = if epoch == 0 { source.newest_epoch().unwrap_or(1) } else { epoch };
    let meter = source.epochs.get(&epoch);
    let gaps = meter.into_iter().flat_map(|meter| meter.gaps()).take(MOST_GAPS);
    wire::GetSourceResponse {
        source_id: id.to_string(),
        name: source.name.as_str().into(),
        epoch,
        next_sequence: meter.map_or(1, |meter| meter.next_sequence()),
        gaps: gaps.map(|gap| wire::SequenceRange { first: gap.first, last: gap.last }).collect(),
        last_reported_at: source.last_reported_at().map(wire_time),
        revision: 0,
    }
}
