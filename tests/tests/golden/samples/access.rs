//! Datasets, and the use of them under a contract.

use std::collections::BTreeSet;

use domain::{
    access::*,
    contract::QuotaPeriod,
    country::Country,
    dataset::{
        Cohort, ComposedCases, ConsentScope, DataType, DatasetCode, DatasetRegistered, Description,
        Event as Dataset, FreezeReleased,
    },
    id::{DatasetId, OrderId, OrganisationId, PersonId, SourceId},
    terms::{DatasetClass, Purpose, Right, Tier, Verdict},
    text::{Name, Reason, Text},
};

use super::{BASE_OPERATOR, INSTITUTION, PERSON, at};

const DATASET: DatasetId = DatasetId::from_u128(20);
const SOURCE: SourceId = SourceId::from_u128(21);
const ORDER: OrderId = OrderId::from_u128(10);
const OTHER_INSTITUTION: OrganisationId = OrganisationId::from_u128(22);

pub(super) fn events() -> Vec<events::Event> {
    let mut events: Vec<events::Event> = datasets().into_iter().map(Into::into).collect();
    events.extend(uses().into_iter().map(events::Event::from));
    events
}

fn class() -> DatasetClass {
    DatasetClass::new("open").unwrap()
}

fn datasets() -> Vec<Dataset> {
    let registered = |cohort, data_types: &[DataType]| {
        Dataset::DatasetRegistered(DatasetRegistered {
            id: DATASET,
            description: Description {
                code: DatasetCode::new("TCGA-BRCA").unwrap(),
                name: Name::new("乳がん").unwrap(),
                provider: BASE_OPERATOR,
                class: class(),
                disease: Name::new("breast cancer").unwrap(),
                cohort,
                data_types: BTreeSet::from_iter(data_types.iter().copied()),
                reference: Text::new("https://example.org/tcga-brca").unwrap(),
            },
            at: at(5),
        })
    };
    let composed = |institution, cases| ComposedCases { institution, cases };
    let composition = vec![composed(INSTITUTION, 412), composed(OTHER_INSTITUTION, 686)];
    vec![
        registered(Cohort::Case, DataType::ALL),
        registered(Cohort::Control, &[]),
        Dataset::FreezeReleased(FreezeReleased {
            number: 1,
            composition: composition.clone(),
            consent: ConsentScope::default(),
            at: at(6),
        }),
        Dataset::FreezeReleased(FreezeReleased {
            number: 2,
            composition,
            consent: ConsentScope { derived_material_sale: true },
            at: at(7),
        }),
    ]
}

fn uses() -> Vec<Event> {
    let source = SourceRegistered { source: SOURCE, name: Name::new("meter").unwrap(), at: at(100) };
    let viewed = AdmittedUse {
        right: Right::Browse,
        cases: 1,
        order: None,
        freeze: None,
        remaining: None,
        ..admitted(1)
    };
    let record = RecordKey { source: SOURCE, epoch: 2, sequence: 3 };
    let reversed = |target, period| {
        let reason = Reason::new("metering error").unwrap();
        let reversed = ReplacedUse { period, ..replaced() };
        Event::UsageReversed(UsageReversed { target, reason, reversed, at: at(170) })
    };
    vec![
        Event::SourceRegistered(source),
        Event::DatasetViewed(viewed),
        Event::AnalysisAdmitted(admitted(2)),
        denied(),
        Event::UsageRecorded(UsageRecorded::new(report()).unwrap()),
        Event::UsageRecorded(UsageRecorded::new(plain_report()).unwrap()),
        reversed(ReversalTarget::Record(record), None),
        reversed(ReversalTarget::Admission(2), Some(period(1))),
    ]
}

fn period(contract_year: u32) -> Period {
    let quota_period = QuotaPeriod { segment: 1, contract_year };
    Period { quota_period, tier: Tier::new("standard").unwrap() }
}

fn admitted(number: u64) -> AdmittedUse {
    AdmittedUse {
        number,
        contract_revision: 4,
        period: period(0),
        dataset: DATASET,
        class: class(),
        freeze: Some(1),
        right: Right::DetailedAnalysis,
        cases: 30,
        viewer: PERSON,
        purpose: Purpose::new("drug-discovery").unwrap(),
        country: Country::JAPAN,
        order: Some(ORDER),
        at: at(110),
        settle_until: at(120),
        remaining: Some(0),
    }
}

fn denied() -> Event {
    Event::AccessDenied(AccessDenied {
        reasons: DenialReason::ALL.to_vec(),
        contract_revision: 4,
        dataset: DATASET,
        right: Right::SimpleAnalysis,
        cases: 9,
        viewer: PERSON,
        purpose: Purpose::new("drug-discovery").unwrap(),
        country: Country::JAPAN,
        at: at(130),
    })
}

fn replaced() -> ReplacedUse {
    let institutions = vec![InstitutionCases { institution: INSTITUTION, cases: 30 }];
    ReplacedUse { verdict: Verdict::OverQuota, institutions, ..ReplacedUse::from(&admitted(2)) }
}

fn row(sequence: u64) -> UsageRow {
    UsageRow {
        sequence,
        occurred_at: at(115),
        cases: 3,
        dataset: 1,
        viewer: 0,
        order: None,
        period: Some(0),
        right: Right::SimpleAnalysis,
        verdict: Verdict::InScope,
        conflict: None,
    }
}

/// Every column in use: gaps, orders, no terms, a settlement, a conflict, and cases by institution.
fn report() -> UsageParts {
    let entry = |freeze| DatasetEntry { dataset: DATASET, class: class(), freeze };
    let part = |institution, cases| InstitutionCases { institution, cases };
    let mut counts = Counts::default();
    counts.push(0, &[part(INSTITUTION, 1), part(OTHER_INSTITUTION, 2)]);
    counts.push(2, &[part(OTHER_INSTITUTION, 3)]);
    UsageParts {
        source: SOURCE,
        epoch: 1,
        contract_revision: 4,
        reported_at: at(160),
        datasets: vec![entry(None), entry(Some(1))],
        viewers: [PERSON, PersonId::from_u128(23)].into(),
        orders: [ORDER].into(),
        periods: vec![period(0), period(1)],
        rows: vec![
            row(1),
            UsageRow { occurred_at: at(114), order: Some(0), viewer: 1, ..row(2) },
            UsageRow { period: None, verdict: Verdict::OutsideContract, dataset: 0, ..row(300) },
            UsageRow { verdict: Verdict::AfterExpiry, right: Right::Export, ..row(301) },
            UsageRow { conflict: Some(ConflictReason::AlreadySettled), period: Some(1), ..row(5) },
        ],
        named: vec![
            NamedAdmission { row: 1, admission: 2, replaced: Some(replaced()) },
            NamedAdmission { row: 4, admission: 2, replaced: None },
        ],
        counts,
    }
}

/// What most reports are: one dataset, one viewer, one run of sequences.
fn plain_report() -> UsageParts {
    let full = report();
    UsageParts {
        epoch: 2,
        datasets: full.datasets[1..].to_vec(),
        viewers: [PERSON].into(),
        orders: [].into(),
        periods: vec![period(0)],
        rows: (1..=3).map(|sequence| UsageRow { dataset: 0, ..row(sequence) }).collect(),
        named: vec![],
        counts: Counts::default(),
        ..full
    }
}
