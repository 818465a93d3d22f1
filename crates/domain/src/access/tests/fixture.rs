//! A contract, datasets and meters for all tests of use.

use std::{collections::BTreeSet, sync::Arc};

use crate::{
    Decider,
    access::*,
    contract::{
        self, Contract, ContractActivated, ContractApplied, ContractApproved, ContractKind, ContractOffered,
        Limit, Quota, Quotas, Term, Terms,
    },
    country::Country,
    dataset::{
        self, Cohort, ComposedCases, DataType, Dataset, DatasetCode, DatasetRegistered, Description,
        FreezeReleased,
    },
    fold,
    id::{ContractId, DatasetId, OrganisationId, PersonId, PriceBookId, ShareRuleId, SourceId},
    terms::{DatasetClass, PriceBookChoice, Purpose, Right, ShareRuleChoice, Tier, Verdict},
    text::{Name, Reason, Text},
    time::Timestamp,
};

pub(super) const DAY: i64 = 86_400_000_000;
/// The contract is in force from here to [`END`].
pub(super) const START: i64 = 100 * DAY;
pub(super) const END: i64 = START + 730 * DAY;
/// In the first contract year.
pub(super) const NOW: i64 = START + 50 * DAY;
/// Days in which an admission may be settled.
pub(super) const SETTLE: u32 = 30;
pub(super) const REVISION: u64 = 5;
pub(super) const SOURCE: u128 = 1;

pub(super) fn at(micros: i64) -> Timestamp {
    Timestamp::from_micros(micros).unwrap()
}

pub(super) fn quota(year: u64, run: u64) -> Quota {
    Quota { cases_per_year: Limit::Cases(year), max_cases_per_run: Limit::Cases(run) }
}

/// 100 simple cases a year, 60 a run; 40 detailed ones, as many a run.
pub(super) fn quotas() -> Quotas {
    Quotas { simple_analysis: quota(100, 60), detailed_analysis: quota(40, 40) }
}

pub(super) fn terms() -> Terms {
    Terms {
        tier: Tier::new("basic").unwrap(),
        term: Term::new(at(START), at(END)).unwrap(),
        purposes: [Purpose::new("drug-discovery").unwrap()].into(),
        dataset_classes: [DatasetClass::new("open").unwrap()].into(),
        countries: [Country::JAPAN].into(),
        quotas: quotas(),
        price_book: PriceBookChoice::Follow(PriceBookId::from_u128(1)),
        share_rule: ShareRuleChoice::Follow(ShareRuleId::from_u128(1)),
        minimum_commitment: None,
        paused_fees: Default::default(),
    }
}

/// A contract on these terms, and what happened to it since it was signed.
pub(super) fn contract_with(terms: Terms, since: &[contract::Event]) -> ContractNow {
    let parties: BTreeSet<_> = [1, 2].map(OrganisationId::from_u128).into();
    let mut events = vec![
        contract::Event::ContractApplied(ContractApplied {
            id: ContractId::from_u128(1),
            kind: ContractKind::Member,
            applicant: OrganisationId::from_u128(1),
            issuer: OrganisationId::from_u128(2),
            purposes: terms.purposes.clone(),
            lane: Default::default(),
            at: at(0),
        }),
        contract::Event::ContractApproved(ContractApproved {
            by: PersonId::from_u128(1),
            valid_until: at(START),
            at: at(0),
        }),
        contract::Event::ContractOffered(ContractOffered { parties, terms, at: at(0) }),
        contract::Event::ContractActivated(ContractActivated { effective_at: at(START) }),
    ];
    events.extend_from_slice(since);
    ContractNow { contract: Arc::new(fold::<Contract>(&events)), revision: REVISION }
}

pub(super) fn contract() -> ContractNow {
    contract_with(terms(), &[])
}

/// A dataset whose freezes of so many cases are released at these instants.
pub(super) fn dataset(number: u128, class: &str, freezes: &[(u64, i64)]) -> Arc<Dataset> {
    let registered = dataset::Event::DatasetRegistered(DatasetRegistered {
        id: DatasetId::from_u128(number),
        description: Description {
            code: DatasetCode::new("X").unwrap(),
            name: Name::new("x").unwrap(),
            provider: OrganisationId::from_u128(2),
            class: DatasetClass::new(class).unwrap(),
            disease: Name::new("x").unwrap(),
            cohort: Cohort::Case,
            data_types: [DataType::Tumour].into(),
            reference: Text::new("https://example.org").unwrap(),
        },
        at: at(0),
    });
    let released = freezes.iter().zip(1..).map(|((cases, released_at), number)| {
        let composition = vec![ComposedCases { institution: OrganisationId::from_u128(9), cases: *cases }];
        dataset::Event::FreezeReleased(FreezeReleased {
            number,
            composition,
            consent: Default::default(),
            at: at(*released_at),
        })
    });
    let events: Vec<_> = std::iter::once(registered).chain(released).collect();
    Arc::new(fold::<Dataset>(&events))
}

/// Dataset 1 is open with two freezes, dataset 2 is of a class that the terms do not name.
pub(super) fn datasets() -> Vec<Arc<Dataset>> {
    vec![dataset(1, "open", &[(90, DAY), (500, START + 10 * DAY)]), dataset(2, "closed", &[(90, DAY)])]
}

pub(super) fn applicant() -> Applicant {
    Applicant {
        viewer: PersonId::from_u128(3),
        purpose: Purpose::new("drug-discovery").unwrap(),
        country: Country::JAPAN,
    }
}

pub(super) fn run(right: Right, cases: u32, now: i64) -> RunAnalysis {
    RunAnalysis {
        contract: contract(),
        dataset: datasets()[0].clone(),
        applicant: applicant(),
        right,
        cases,
        order: None,
        settle_within_days: SETTLE,
        at: at(now),
    }
}

pub(super) fn view(now: i64) -> ViewDataset {
    ViewDataset {
        contract: contract(),
        dataset: datasets()[0].clone(),
        applicant: applicant(),
        settle_within_days: SETTLE,
        at: at(now),
    }
}

/// A simple analysis of ten cases of dataset 1 by viewer 1, at [`NOW`].
pub(super) fn record(sequence: u64) -> ReportedRecord {
    ReportedRecord {
        sequence,
        dataset: 0,
        viewer: 0,
        order: 0,
        right: Some(Right::SimpleAnalysis),
        cases: 10,
        occurred_at_us: NOW,
        settles_admission: 0,
    }
}

pub(super) fn header(epoch: u32) -> BatchHeader {
    BatchHeader {
        source: SourceId::from_u128(SOURCE),
        epoch,
        datasets: vec![DatasetId::from_u128(1), DatasetId::from_u128(2)],
        viewers: vec![PersonId::from_u128(3), PersonId::from_u128(4)],
        orders: vec![],
        institutions: vec![OrganisationId::from_u128(8), OrganisationId::from_u128(9)],
    }
}

pub(super) fn batch(records: &[ReportedRecord]) -> Arc<Batch> {
    Arc::new(Batch::new(header(1), records.iter().copied(), []).unwrap())
}

pub(super) fn verdicts(event: &UsageRecorded) -> Vec<Verdict> {
    event.parts().rows.iter().map(|row| row.verdict).collect()
}

/// A stream with its history, and what a service does around the decider.
#[derive(Default)]
pub(super) struct World {
    pub(super) state: Access,
    pub(super) history: Vec<Event>,
}

impl World {
    /// With source 1 registered.
    pub(super) fn new() -> Self {
        let mut world = Self::default();
        world.accept(register(SOURCE));
        world
    }

    pub(super) fn decide(&self, command: Command) -> Result<Vec<Event>, Rejection> {
        Access::decide(&self.state, command)
    }

    /// Runs a command that must be accepted; answers its events.
    pub(super) fn accept(&mut self, command: Command) -> Vec<Event> {
        let events = self.decide(command).unwrap();
        self.apply(&events);
        events
    }

    pub(super) fn apply(&mut self, events: &[Event]) {
        self.state = events.iter().fold(std::mem::take(&mut self.state), Access::evolve);
        self.history.extend_from_slice(events);
        assert_eq!(fold::<Access>(&self.history), self.state, "a replay gives the same state");
    }

    /// Admits an analysis; answers what was admitted.
    pub(super) fn admit(&mut self, right: Right, cases: u32, now: i64) -> AdmittedUse {
        match self.accept(Command::RunAnalysis(run(right, cases, now))).as_slice() {
            [Event::AnalysisAdmitted(admitted)] => admitted.clone(),
            other => panic!("not admitted: {other:?}"),
        }
    }

    /// What stands under keys of a batch.
    pub(super) fn earlier(&self, batch: &Batch) -> Earlier {
        let mut earlier = Earlier::new(self.state.repeats(batch));
        for event in self.usage() {
            if event.parts().source == batch.source() && event.parts().epoch == batch.epoch() {
                earlier.add(event);
            }
        }
        assert!(earlier.is_complete());
        earlier
    }

    pub(super) fn usage(&self) -> impl Iterator<Item = &UsageRecorded> {
        self.history.iter().filter_map(|event| match event {
            Event::UsageRecorded(recorded) => Some(recorded),
            _ => None,
        })
    }

    pub(super) fn reporting(&self, contract: ContractNow, batch: Arc<Batch>, now: i64) -> ReportUsage {
        let earlier = Arc::new(self.earlier(&batch));
        ReportUsage { contract, datasets: datasets(), batch, earlier, at: at(now) }
    }

    /// Reports; answers the event, if there was one, and the reply.
    pub(super) fn report_under(
        &mut self,
        contract: ContractNow,
        batch: Arc<Batch>,
        now: i64,
    ) -> (Option<UsageRecorded>, Vec<(Outcome, Verdict)>) {
        let command = self.reporting(contract, batch.clone(), now);
        let earlier = command.earlier.clone();
        let recorded = match self.accept(Command::ReportUsage(command)).as_slice() {
            [] => None,
            [Event::UsageRecorded(recorded)] => Some(recorded.clone()),
            other => panic!("not one event: {other:?}"),
        };
        if let Some(recorded) = &recorded {
            assert_eq!(UsageRecorded::new(recorded.parts().clone()).as_ref(), Ok(recorded));
        }
        let outcomes = outcomes(&batch, &earlier, recorded.as_ref());
        (recorded, outcomes)
    }

    pub(super) fn report(
        &mut self,
        records: &[ReportedRecord],
    ) -> (Option<UsageRecorded>, Vec<(Outcome, Verdict)>) {
        self.report_under(contract(), batch(records), NOW)
    }

    /// The cases of an analysis that count in the first contract year.
    pub(super) fn used(&self, right: Right) -> u64 {
        self.state.used(contract::QuotaPeriod { segment: 0, contract_year: 0 }, right)
    }
}

pub(super) fn register(source: u128) -> Command {
    Command::RegisterSource(RegisterSource {
        source: SourceId::from_u128(source),
        name: Name::new("meter").unwrap(),
        at: at(START),
    })
}

pub(super) fn key(sequence: u64) -> RecordKey {
    RecordKey { source: SourceId::from_u128(SOURCE), epoch: 1, sequence }
}

pub(super) fn reverse(target: ReversalTarget, found: Option<Found>, now: i64) -> Command {
    Command::ReverseUsage(ReverseUsage {
        target,
        found,
        reason: Reason::new("metering error").unwrap(),
        at: at(now),
    })
}
