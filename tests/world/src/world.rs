//! What a service stands on: organisations, contracts and datasets that deciders have let into a log.

use std::{fmt::Debug, sync::Arc};

use domain::{
    contract::{Command, Contract, ContractKind, PauseContract, TerminateContract},
    country::Country,
    dataset::{self, ComposedCases, ConsentScope, Dataset, Provision, RegisterDataset, ReleaseFreeze},
    id::{ContractId, DatasetId, OrganisationId},
    organisation::{
        self, AttestCredential, Capacity, CapacityGrant, Credential, Organisation, RegisterOrganisation,
        RegistrationNumber,
    },
    time::Timestamp,
};
use engine::{
    Aggregate, Aggregates, Caller, Clock, Envelope, Failure, Gate, ManualClock, PLATFORM, Prepared,
};
use event_log::{EventFeed, EventLog, MemoryLog, Page, StreamName};
use events::{Category, Recorded, decode_frame};
use jiff::civil::{Date, date};

use crate::{Agreement, day, description, terms};

/// A log in memory, and what a service needs to decide over it.
#[derive(Clone)]
pub struct World {
    /// It begins without an event.
    pub log: Arc<dyn EventLog>,
    /// The same, for those who follow it.
    pub feed: Arc<dyn EventFeed>,
    /// The time, for what is recorded and for what is asked.
    pub clock: Arc<ManualClock>,
    /// Lets callers in by what the log says of them.
    pub gate: Arc<Gate>,
}

impl Default for World {
    fn default() -> Self {
        Self::new()
    }
}

impl World {
    /// An empty forum on 2 March 2026.
    pub fn new() -> Self {
        Self::at(day(2026, 3, 2))
    }

    /// An empty forum at an instant.
    pub fn at(now: Timestamp) -> Self {
        let clock = Arc::new(ManualClock::at(now));
        let told = clock.clone();
        let memory = MemoryLog::new(Arc::new(move || told.now().as_micros()));
        let (log, feed): (Arc<dyn EventLog>, Arc<dyn EventFeed>) = (memory.clone(), memory);
        let gate = Arc::new(Gate::new(log.clone(), clock.clone()));
        Self { log, feed, clock, gate }
    }

    /// An organisation with a capacity since January.
    pub async fn register(&self, number: u128, capacity: Capacity) -> OrganisationId {
        let id = OrganisationId::from_u128(number);
        let country = Country::new("US").unwrap();
        let command = RegisterOrganisation {
            id,
            name: format!("organisation {number}").parse().unwrap(),
            country,
            sector: None,
            registration_number: RegistrationNumber::new(country, &number.to_string()).unwrap(),
            capacities: vec![CapacityGrant { capacity, from: date(2026, 1, 1), until: None }],
            at: self.clock.now(),
        };
        let stream = Category::Organisation.stream(id);
        self.run::<Organisation>(&stream, organisation::Command::RegisterOrganisation(command)).await;
        id
    }

    /// A member's contract from 1 March 2026 to 1 March 2027, signed by both parties.
    pub async fn contract(&self, member: OrganisationId, issuer: OrganisationId) -> ContractId {
        self.contract_of(ContractKind::Member, member, issuer).await
    }

    /// The id of the contract of an organisation: it has its applicant's number.
    pub fn contract_id(applicant: OrganisationId) -> ContractId {
        ContractId::from_u128(applicant.as_u128())
    }

    /// A contract of a kind from 1 March 2026 to 1 March 2027, signed by both parties.
    pub async fn contract_of(
        &self,
        kind: ContractKind,
        applicant: OrganisationId,
        issuer: OrganisationId,
    ) -> ContractId {
        let id = Self::contract_id(applicant);
        let agreement = Agreement {
            id,
            kind,
            applicant,
            issuer,
            parties: [applicant, issuer].into(),
            at: self.clock.now(),
            terms: terms("standard", day(2026, 3, 1)),
        };
        for command in agreement.commands() {
            self.run::<Contract>(&Category::Contract.stream(id), command).await;
        }
        id
    }

    /// Suspends use under a contract.
    pub async fn pause(&self, contract: ContractId) {
        let command = PauseContract { reason: "audit".parse().unwrap(), at: self.clock.now() };
        let stream = Category::Contract.stream(contract);
        self.run::<Contract>(&stream, Command::PauseContract(command)).await;
    }

    /// What happened to one thing, as it stands in the log.
    pub async fn history(&self, stream: StreamName) -> Vec<Recorded> {
        let frames = self.log.read_stream(&stream, 0, Page::default()).await.unwrap();
        frames.iter().flat_map(|frame| decode_frame(frame).unwrap()).collect()
    }

    /// Ends a contract at once, for the organisation whose it is.
    pub async fn terminate(&self, contract: ContractId, by: OrganisationId) {
        let at = self.clock.now();
        let reason = "no budget".parse().unwrap();
        let command = TerminateContract { by, reason, effective_at: at, at };
        let stream = Category::Contract.stream(contract);
        self.run::<Contract>(&stream, Command::TerminateContract(command)).await;
    }

    /// A credential of an organisation until a date.
    pub async fn attest(&self, organisation: OrganisationId, kind: &str, until: Date) {
        let credential = Credential {
            kind: kind.parse().unwrap(),
            number: "M-1".parse().unwrap(),
            issuer: "JAB".parse().unwrap(),
            valid_from: date(2026, 1, 1),
            valid_until: until,
        };
        let command = AttestCredential { credential, at: self.clock.now() };
        let stream = Category::Organisation.stream(organisation);
        self.run::<Organisation>(&stream, organisation::Command::AttestCredential(command)).await;
    }

    /// A dataset of the base operator with one freeze.
    pub async fn dataset(
        &self,
        number: u128,
        provider: OrganisationId,
        derived_material_sale: bool,
    ) -> DatasetId {
        let (id, at) = (DatasetId::from_u128(number), self.clock.now());
        let stream = Category::Dataset.stream(id);
        let description = description(&format!("COLON-{number}"), "open", provider);
        let register = RegisterDataset { id, description, provision: Provision::ByOperator, at };
        self.run::<Dataset>(&stream, dataset::Command::RegisterDataset(register)).await;
        let composition = vec![ComposedCases { institution: provider, cases: 100 }];
        let consent = ConsentScope { derived_material_sale };
        let release = ReleaseFreeze { composition, consent, provision: Provision::ByOperator, at };
        self.run::<Dataset>(&stream, dataset::Command::ReleaseFreeze(release)).await;
        id
    }

    /// Carries out a command on the aggregate of a stream, which must not refuse it.
    pub async fn run<D: Aggregate<Command: Clone + Send + Sync, Rejection: Debug>>(
        &self,
        stream: &StreamName,
        command: D::Command,
    ) {
        let envelope = Envelope {
            caller: Caller { organisation: PLATFORM, person: None, roles: vec![] },
            command: None,
            expected_revision: None,
            validate_only: false,
            at: self.clock.now(),
            traceparent: String::new(),
        };
        let prepare = || {
            let prepared = Prepared::new(command.clone());
            Box::pin(async { Ok::<_, Failure<D::Rejection>>(prepared) }) as _
        };
        let aggregates = Aggregates::<D>::new(self.log.clone(), 1.try_into().unwrap());
        aggregates.execute(stream, &envelope, prepare).await.unwrap();
    }
}
