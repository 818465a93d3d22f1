//! Metered use in few words, as the event that a report leaves behind.

use domain::{
    access::{self, Counts, DatasetEntry, InstitutionCases, Period, UsageParts, UsageRecorded, UsageRow},
    contract::QuotaPeriod,
    id::{OrderId, PersonId, SourceId},
    terms::{Right, Verdict},
    time::Timestamp,
};

use super::{DATASETS, HOSPITALS, class, on, tier};

/// One record in few words.
#[derive(Debug, Clone)]
pub(crate) struct Use {
    pub(crate) at: Timestamp,
    pub(crate) dataset: usize,
    pub(crate) cases: u32,
    pub(crate) right: Right,
    pub(crate) verdict: Verdict,
    /// Cases by hospital; they sum to the cases, or none are known.
    pub(crate) counted: Vec<u32>,
    /// For which order, if for one.
    pub(crate) order: Option<OrderId>,
}

pub(crate) fn used(at: Timestamp, dataset: usize, cases: u32) -> Use {
    let (right, verdict) = (Right::SimpleAnalysis, Verdict::InScope);
    Use { at, dataset, cases, right, verdict, counted: vec![], order: None }
}

pub(crate) fn recorded(uses: &[Use]) -> access::Event {
    let entry = |dataset| DatasetEntry { dataset, class: class(), freeze: Some(1) };
    let mut counts = Counts::default();
    let mut rows = vec![];
    let mut orders: Vec<OrderId> = uses.iter().filter_map(|of| of.order).collect();
    orders.sort_unstable();
    orders.dedup();
    for (index, of) in uses.iter().enumerate() {
        let parts = HOSPITALS.into_iter().zip(of.counted.iter().copied()).filter(|(_, cases)| *cases > 0);
        let parts: Vec<_> =
            parts.map(|(institution, cases)| InstitutionCases { institution, cases }).collect();
        counts.push(index, &parts);
        rows.push(UsageRow {
            sequence: index as u64 + 1,
            occurred_at: of.at,
            cases: of.cases,
            dataset: of.dataset as u16,
            viewer: 0,
            order: of.order.and_then(|order| orders.binary_search(&order).ok()).map(|at| at as u16),
            period: Some(0),
            right: of.right,
            verdict: of.verdict,
            conflict: None,
        });
    }
    let parts = UsageParts {
        source: SourceId::from_u128(1),
        epoch: 1,
        contract_revision: 2,
        reported_at: on(12, 1),
        datasets: DATASETS.into_iter().map(entry).collect(),
        viewers: [PersonId::from_u128(1)].into(),
        orders: orders.into(),
        periods: vec![Period { quota_period: QuotaPeriod { segment: 0, contract_year: 0 }, tier: tier() }],
        rows,
        named: vec![],
        counts,
    };
    access::Event::UsageRecorded(UsageRecorded::new(parts).unwrap())
}
