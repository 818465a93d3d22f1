//! A forum in memory: events appended by hand, the projection fed, the service asked through its trait.

#![allow(dead_code, reason = "each test file uses its part")]

use std::{
    collections::BTreeSet,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use directory::{Directory, DirectoryFold};
use domain::{
    contract::{
        self, ContractActivated, ContractApplied, ContractApproved, ContractKind, ContractOffered,
        ContractSigned, Limit, Quota, Quotas, Term, Terms,
    },
    country::Country,
    dataset::{self, Cohort, ComposedCases, DataType, DatasetCode, Description},
    id::{ContractId, DatasetId, OrganisationId, PersonId, PriceBookId, ShareRuleId},
    organisation::{self, Capacity, CapacityGrant, OrganisationRegistered, RegistrationNumber},
    terms::{DatasetClass, PriceBookChoice, Purpose, ShareRuleChoice, Tier},
    text::Name,
    time::Timestamp,
};
use engine::{CALLER_HEADER, Caller, Folds, Gate, ManualClock, Projection, RunningFolds, Store};
use event_log::{Append, AppendOutcome, Appended, EventLog, ExpectedRevision, MemoryLog, NewEvent};
use events::{Metadata, Recordable};
use jiff::civil::{Date, date};
use tokio::sync::watch;
use tonic::{Request, Response, Status};
use tonic_types::StatusExt;

pub(crate) const PROMOTER: OrganisationId = OrganisationId::from_u128(1);
pub(crate) const BASE: OrganisationId = OrganisationId::from_u128(2);
pub(crate) const PHARMA: OrganisationId = OrganisationId::from_u128(3);
pub(crate) const RIVAL: OrganisationId = OrganisationId::from_u128(4);
pub(crate) const BIOBANK: OrganisationId = OrganisationId::from_u128(5);

pub(crate) struct World {
    pub(crate) log: Arc<MemoryLog>,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) directory: Directory,
    pub(crate) stop: watch::Sender<bool>,
    next: AtomicU64,
    _folds: RunningFolds,
}

pub(crate) fn on(date: Date) -> Timestamp {
    Timestamp::start_of_tokyo_date(date)
}

pub(crate) fn today() -> Timestamp {
    on(date(2026, 6, 1))
}

impl World {
    /// A log without an event, and the service over it.
    pub(crate) fn empty() -> Self {
        let log = MemoryLog::new(Arc::new(|| today().as_micros()));
        let clock = Arc::new(ManualClock::at(today()));
        let projection = Projection::<DirectoryFold>::open(Store::in_memory().unwrap()).unwrap();
        let mut folds = Folds::default();
        folds.add(&projection);
        let folds = folds.run(log.clone());
        let gate = Arc::new(Gate::new(log.clone(), clock.clone()));
        let (stop, stopped) = watch::channel(false);
        let directory = Directory::new(projection, log.clone(), log.clone(), gate, stopped);
        Self { log, clock, directory, stop, next: AtomicU64::new(1), _folds: folds }
    }

    /// The promoter, the base operator, two members and a data provider.
    pub(crate) async fn forum() -> Self {
        let world = Self::empty();
        world.organisation(PROMOTER, "活用促進機関 Forum", Capacity::Promoter).await;
        world.organisation(BASE, "Base Operator", Capacity::BaseOperator).await;
        world.organisation(PHARMA, "Asahi Pharma", Capacity::Member).await;
        world.organisation(RIVAL, "Rival PHARMA Ltd", Capacity::Member).await;
        world.organisation(BIOBANK, "Northern Biobank", Capacity::DataProvider).await;
        world
    }

    /// Appends one frame.
    pub(crate) async fn append<E: Recordable>(
        &self,
        id: impl ToString,
        events: &[E],
        audience: &[OrganisationId],
    ) -> Appended {
        let metadata = Metadata {
            organisation: PROMOTER,
            person: None,
            command: None,
            causation: None,
            correlation: None,
            occurred_at: today(),
            partition: None,
            audience: audience.to_vec(),
            traceparent: String::new(),
        };
        let events = events.iter().map(|event| NewEvent {
            id: u128::from(self.next.fetch_add(1, Ordering::SeqCst)).to_be_bytes(),
            event_type: event.event_type().into(),
            metadata: metadata.encode().into(),
            payload: event.encode().into(),
        });
        let append = Append {
            stream: event_log::StreamName::new(format!("{}-{}", E::CATEGORY, id.to_string())).unwrap(),
            expected: ExpectedRevision::Any,
            guards: vec![],
            command: None,
            events: events.collect(),
        };
        match self.log.append(append).await.unwrap() {
            AppendOutcome::Appended(appended) | AppendOutcome::AlreadyAppended(appended) => appended,
        }
    }

    pub(crate) async fn organisation(&self, id: OrganisationId, name: &str, capacity: Capacity) -> Appended {
        let grant = CapacityGrant { capacity, from: date(2026, 4, 1), until: Some(date(2027, 4, 1)) };
        let registered = organisation::Event::OrganisationRegistered(OrganisationRegistered {
            id,
            name: Name::new(name).unwrap(),
            country: Country::JAPAN,
            sector: None,
            registration_number: RegistrationNumber::new(Country::JAPAN, "7000012050002").unwrap(),
            capacities: vec![grant],
            at: today(),
        });
        self.append(id, &[registered], &[id]).await
    }

    /// A contract between a member, the promoter and the base operator, in force from 2026-04-01 to
    /// 2027-04-01.
    pub(crate) async fn contract(&self, id: ContractId, member: OrganisationId, tier: &str) -> Appended {
        let audience = [member, PROMOTER, BASE];
        self.append(id, &[applied(id, member)], &[member, PROMOTER]).await;
        self.append(id, &agreed(member, tier), &audience).await
    }

    pub(crate) async fn dataset(&self, id: DatasetId, description: Description) -> Appended {
        let provider = description.provider;
        let registered = dataset::DatasetRegistered { id, description, at: today() };
        let freeze = dataset::FreezeReleased {
            number: 1,
            composition: vec![ComposedCases { institution: OrganisationId::from_u128(70), cases: 12 }],
            consent: Default::default(),
            at: today(),
        };
        let events = [dataset::Event::DatasetRegistered(registered), dataset::Event::FreezeReleased(freeze)];
        self.append(id, &events, &[provider]).await
    }

    /// The end of the log: a list that asks for it reads its own writes.
    pub(crate) fn head(&self) -> String {
        self.log.head().position.to_string()
    }
}

pub(crate) fn applied(id: ContractId, member: OrganisationId) -> contract::Event {
    contract::Event::ContractApplied(ContractApplied {
        id,
        kind: ContractKind::Member,
        applicant: member,
        issuer: PROMOTER,
        purposes: [Purpose::new("drug-discovery").unwrap()].into(),
        lane: Default::default(),
        at: on(date(2026, 3, 1)),
    })
}

pub(crate) fn agreed(member: OrganisationId, tier: &str) -> Vec<contract::Event> {
    let parties = BTreeSet::from([member, PROMOTER, BASE]);
    let at = on(date(2026, 3, 2));
    let person = PersonId::from_u128(9);
    let signed = parties
        .iter()
        .map(|party| contract::Event::ContractSigned(ContractSigned { party: *party, person, at }));
    let approved = ContractApproved { by: person, valid_until: on(date(2026, 4, 1)), at };
    let offered = ContractOffered { parties: parties.clone(), terms: terms(tier), at };
    let activated = ContractActivated { effective_at: on(date(2026, 4, 1)) };
    [contract::Event::ContractApproved(approved), contract::Event::ContractOffered(offered)]
        .into_iter()
        .chain(signed)
        .chain([contract::Event::ContractActivated(activated)])
        .collect()
}

pub(crate) fn quotas() -> Quotas {
    let quota = Quota { cases_per_year: Limit::Cases(100), max_cases_per_run: Limit::Unlimited };
    Quotas { simple_analysis: quota, detailed_analysis: Quota::NONE }
}

pub(crate) fn tier(name: &str) -> Tier {
    Tier::new(name).unwrap()
}

fn terms(name: &str) -> Terms {
    Terms {
        tier: tier(name),
        term: Term::new(on(date(2026, 4, 1)), on(date(2027, 4, 1))).unwrap(),
        purposes: [Purpose::new("drug-discovery").unwrap()].into(),
        dataset_classes: [DatasetClass::new("wgs").unwrap()].into(),
        countries: [Country::JAPAN].into(),
        quotas: quotas(),
        price_book: PriceBookChoice::Follow(PriceBookId::from_u128(1)),
        share_rule: ShareRuleChoice::Pin(ShareRuleId::from_u128(1), 1),
        minimum_commitment: None,
        paused_fees: Default::default(),
    }
}

pub(crate) fn description(code: &str, provider: OrganisationId) -> Description {
    Description {
        code: DatasetCode::new(code).unwrap(),
        name: Name::new(&format!("{code} genomes")).unwrap(),
        provider,
        class: DatasetClass::new("wgs").unwrap(),
        disease: Name::new("Breast Invasive Carcinoma").unwrap(),
        cohort: Cohort::Case,
        data_types: [DataType::Tumour, DataType::Clinical].into(),
        reference: "https://example.org/data".parse().unwrap(),
    }
}

/// A request as an organisation makes it.
pub(crate) fn by<T>(organisation: OrganisationId, message: T) -> Request<T> {
    let mut request = Request::new(message);
    let caller = Caller { organisation, person: None, roles: vec![] };
    request.metadata_mut().insert(CALLER_HEADER, caller.to_string().parse().unwrap());
    request
}

pub(crate) fn message<T>(answer: Result<Response<T>, Status>) -> T {
    answer.unwrap().into_inner()
}

/// The reason of a refusal, and the first field that it names.
pub(crate) fn refused<T>(answer: Result<Response<T>, Status>) -> (String, String) {
    let details = answer.map(|_| ()).unwrap_err().get_error_details();
    let field = details.bad_request().and_then(|bad| bad.field_violations.first().cloned());
    let reason = details.error_info().unwrap().reason.clone();
    (reason, field.map(|violation| violation.field).unwrap_or_default())
}

pub(crate) fn texts<T: ToString>(ids: impl IntoIterator<Item = T>) -> Vec<String> {
    ids.into_iter().map(|id| id.to_string()).collect()
}
