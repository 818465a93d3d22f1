//! One event of each type.

use std::collections::BTreeSet;

use domain::{
    Decider,
    access::*,
    contract::QuotaPeriod,
    country::Country,
    dataset::{self, Cohort, ComposedCases, DataType, DatasetCode, Description},
    id::{DatasetId, OrderId, OrganisationId, PersonId, SourceId},
    terms::{DatasetClass, Purpose, Right, Tier, Verdict},
    text::{Name, Reason, Text},
    time::Timestamp,
};

pub(crate) fn at(micros: i64) -> Timestamp {
    Timestamp::from_micros(micros).unwrap()
}

pub(crate) fn period(segment: u32, contract_year: u32) -> Period {
    Period { quota_period: QuotaPeriod { segment, contract_year }, tier: Tier::new("basic").unwrap() }
}

pub(crate) fn admitted(number: u64) -> AdmittedUse {
    AdmittedUse {
        number,
        contract_revision: 6,
        period: period(0, 1),
        dataset: DatasetId::from_u128(1),
        class: DatasetClass::new("open").unwrap(),
        freeze: Some(2),
        right: Right::SimpleAnalysis,
        cases: 30,
        viewer: PersonId::from_u128(2),
        purpose: Purpose::new("drug-discovery").unwrap(),
        country: Country::JAPAN,
        order: Some(OrderId::from_u128(3)),
        at: at(1_000_000),
        settle_until: at(2_000_000),
        remaining: Some(0),
    }
}

pub(crate) fn replaced() -> ReplacedUse {
    ReplacedUse {
        verdict: Verdict::OverQuota,
        institutions: vec![InstitutionCases { institution: OrganisationId::from_u128(4), cases: 30 }],
        ..ReplacedUse::from(&admitted(1))
    }
}

pub(crate) fn row(sequence: u64) -> UsageRow {
    UsageRow {
        sequence,
        occurred_at: at(5_000_000),
        cases: 3,
        dataset: 1,
        viewer: 0,
        order: None,
        period: Some(0),
        right: Right::DetailedAnalysis,
        verdict: Verdict::InScope,
        conflict: None,
    }
}

pub(crate) fn parts() -> UsageParts {
    let entry = |number, freeze| DatasetEntry {
        dataset: DatasetId::from_u128(number),
        class: DatasetClass::new("open").unwrap(),
        freeze,
    };
    let mut counts = Counts::default();
    let part =
        |institution, cases| InstitutionCases { institution: OrganisationId::from_u128(institution), cases };
    counts.push(0, &[part(8, 1), part(9, 2)]);
    counts.push(2, &[part(9, 3)]);
    UsageParts {
        source: SourceId::from_u128(1),
        epoch: 1,
        contract_revision: 5,
        reported_at: at(9_000_000),
        datasets: vec![entry(1, None), entry(2, Some(1))],
        viewers: [PersonId::from_u128(7), PersonId::from_u128(8)].into(),
        orders: [OrderId::from_u128(9)].into(),
        periods: vec![period(0, 0), period(1, 0)],
        rows: vec![
            row(1),
            UsageRow { occurred_at: at(4_000_000), order: Some(0), viewer: 1, ..row(2) },
            UsageRow { period: None, verdict: Verdict::AfterExpiry, ..row(300) },
            UsageRow { conflict: Some(ConflictReason::AlreadySettled), period: Some(1), ..row(5) },
        ],
        named: vec![
            NamedAdmission { row: 1, admission: 1, replaced: Some(replaced()) },
            NamedAdmission { row: 3, admission: 1, replaced: None },
        ],
        counts,
    }
}

pub(crate) fn recorded() -> Event {
    Event::UsageRecorded(UsageRecorded::new(parts()).unwrap())
}

pub(crate) fn registered() -> Event {
    Event::SourceRegistered(SourceRegistered {
        source: SourceId::from_u128(1),
        name: Name::new("meter").unwrap(),
        at: at(7),
    })
}

pub(crate) fn denied() -> Event {
    Event::AccessDenied(AccessDenied {
        reasons: vec![DenialReason::ContractPaused, DenialReason::RunTooLarge],
        contract_revision: 5,
        dataset: DatasetId::from_u128(1),
        right: Right::DetailedAnalysis,
        cases: 9,
        viewer: PersonId::from_u128(2),
        purpose: Purpose::new("drug-discovery").unwrap(),
        country: Country::JAPAN,
        at: at(7),
    })
}

pub(crate) fn reversed(target: ReversalTarget) -> Event {
    Event::UsageReversed(UsageReversed {
        target,
        reason: Reason::new("metering error").unwrap(),
        reversed: ReplacedUse { period: None, ..replaced() },
        at: at(7),
    })
}

pub(crate) fn key() -> ReversalTarget {
    ReversalTarget::Record(RecordKey { source: SourceId::from_u128(1), epoch: 2, sequence: 3 })
}

pub(crate) fn dataset_registered() -> dataset::Event {
    dataset::Event::DatasetRegistered(dataset::DatasetRegistered {
        id: DatasetId::from_u128(1),
        description: Description {
            code: DatasetCode::new("TCGA-BRCA").unwrap(),
            name: Name::new("Breast").unwrap(),
            provider: OrganisationId::from_u128(2),
            class: DatasetClass::new("open").unwrap(),
            disease: Name::new("breast cancer").unwrap(),
            cohort: Cohort::Case,
            data_types: BTreeSet::from([DataType::Germline, DataType::Clinical]),
            reference: Text::new("https://example.org").unwrap(),
        },
        at: at(7),
    })
}

pub(crate) fn freeze_released() -> dataset::Event {
    let composition = vec![ComposedCases { institution: OrganisationId::from_u128(3), cases: 300 }];
    let consent = dataset::ConsentScope::default();
    dataset::Event::FreezeReleased(dataset::FreezeReleased { number: 1, composition, consent, at: at(8) })
}

pub(crate) fn folded(events: &[Event]) -> Access {
    events.iter().fold(Access::default(), Access::evolve)
}

pub(crate) fn history() -> Vec<Event> {
    vec![
        registered(),
        Event::AnalysisAdmitted(admitted(1)),
        recorded(),
        Event::DatasetViewed(admitted(2)),
        reversed(key()),
    ]
}
