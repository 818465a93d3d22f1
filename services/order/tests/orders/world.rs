//! A forum in one process: a log in memory, a clock that stands, organisations and a contract.

use std::{fmt::Debug, sync::Arc};

use domain::{
    contract::{
        ApplyForContract, ApproveContract, Command, Contract, ContractKind, OfferContract, PauseContract,
        Quota, Quotas, Reviewer, SignContract, Term, TerminateContract, Terms,
    },
    country::Country,
    dataset::{
        self, Cohort, ComposedCases, ConsentScope, DataType, Dataset, Description, Provision,
        RegisterDataset, ReleaseFreeze,
    },
    id::{ContractId, DatasetId, OrganisationId, PersonId, PriceBookId, ShareRuleId},
    organisation::{
        self, AttestCredential, Capacity, CapacityGrant, Credential, Organisation, RegisterOrganisation,
        RegistrationNumber,
    },
    terms::{PriceBookChoice, ShareRuleChoice},
    time::Timestamp,
};
use engine::{
    Aggregate, Aggregates, CALLER_HEADER, Caller, Clock, Envelope, Failure, Gate, ManualClock, Prepared, Role,
};
use event_log::{EventFeed, EventLog, MemoryLog, Page, StreamName};
use events::{Category, Recorded, decode_frame};
use jiff::civil::{Date, date};
use tonic::{Request, Status};
use tonic_types::StatusExt;

const PERSON: PersonId = PersonId::from_u128(9);

#[derive(Clone)]
pub(crate) struct World {
    pub(crate) log: Arc<dyn EventLog>,
    pub(crate) feed: Arc<dyn EventFeed>,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) gate: Arc<Gate>,
}

impl World {
    /// An empty forum on 2 March 2026.
    pub(crate) fn new() -> Self {
        let clock = Arc::new(ManualClock::at(day(2026, 3, 2)));
        let told = clock.clone();
        let memory = MemoryLog::new(Arc::new(move || told.now().as_micros()));
        let (log, feed): (Arc<dyn EventLog>, Arc<dyn EventFeed>) = (memory.clone(), memory);
        let gate = Arc::new(Gate::new(log.clone(), clock.clone()));
        Self { log, feed, clock, gate }
    }

    /// An organisation with a capacity since January.
    pub(crate) async fn register(&self, number: u128, capacity: Capacity) -> OrganisationId {
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
    pub(crate) async fn contract(&self, member: OrganisationId, issuer: OrganisationId) -> ContractId {
        self.contract_of(ContractKind::Member, member, issuer).await
    }

    /// A contract of a kind from 1 March 2026 to 1 March 2027, signed by both parties; it has its applicant's
    /// number.
    pub(crate) async fn contract_of(
        &self,
        kind: ContractKind,
        applicant: OrganisationId,
        issuer: OrganisationId,
    ) -> ContractId {
        let (id, at) = (ContractId::from_u128(applicant.as_u128()), self.clock.now());
        let reviewer = Reviewer { organisation: issuer, person: PERSON };
        let terms = terms();
        let signature = |party| Command::SignContract(SignContract { party, person: PERSON, at });
        for command in [
            Command::ApplyForContract(ApplyForContract {
                id,
                kind,
                applicant,
                applicant_capacities: [kind.applicant_capacity()].into(),
                issuer,
                issuer_capacities: [Capacity::Promoter].into(),
                purposes: terms.purposes.clone(),
                lane: Default::default(),
                at,
            }),
            Command::ApproveContract(ApproveContract {
                by: reviewer,
                reviewer_capacities: [].into(),
                valid_until: day(2026, 6, 1),
                at,
            }),
            Command::OfferContract(OfferContract { issuer, parties: [applicant, issuer].into(), terms, at }),
            signature(applicant),
            signature(issuer),
        ] {
            self.run::<Contract>(&Category::Contract.stream(id), command).await;
        }
        id
    }

    /// Suspends use under a contract.
    pub(crate) async fn pause(&self, contract: ContractId) {
        let command = PauseContract { reason: "audit".parse().unwrap(), at: self.clock.now() };
        let stream = Category::Contract.stream(contract);
        self.run::<Contract>(&stream, Command::PauseContract(command)).await;
    }

    /// What happened to one thing, as it stands in the log.
    pub(crate) async fn history(&self, stream: StreamName) -> Vec<Recorded> {
        let frames = self.log.read_stream(&stream, 0, Page::default()).await.unwrap();
        frames.iter().flat_map(|frame| decode_frame(frame).unwrap()).collect()
    }

    /// Ends a contract at once, for the organisation whose it is.
    pub(crate) async fn terminate(&self, contract: ContractId, by: OrganisationId) {
        let at = self.clock.now();
        let reason = "no budget".parse().unwrap();
        let command = TerminateContract { by, reason, effective_at: at, at };
        let stream = Category::Contract.stream(contract);
        self.run::<Contract>(&stream, Command::TerminateContract(command)).await;
    }

    /// A credential of an organisation until a date.
    pub(crate) async fn attest(&self, organisation: OrganisationId, kind: &str, until: Date) {
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
    pub(crate) async fn dataset(
        &self,
        number: u128,
        provider: OrganisationId,
        derived_material_sale: bool,
    ) -> DatasetId {
        let (id, at) = (DatasetId::from_u128(number), self.clock.now());
        let stream = Category::Dataset.stream(id);
        let description = Description {
            code: format!("COLON-{number}").parse().unwrap(),
            name: "大腸がん".parse().unwrap(),
            provider,
            class: "open".parse().unwrap(),
            disease: "大腸がん".parse().unwrap(),
            cohort: Cohort::Case,
            data_types: [DataType::Tumour].into(),
            reference: "https://base.example/colon".parse().unwrap(),
        };
        let register = RegisterDataset { id, description, provision: Provision::ByOperator, at };
        self.run::<Dataset>(&stream, dataset::Command::RegisterDataset(register)).await;
        let composition = vec![ComposedCases { institution: provider, cases: 100 }];
        let consent = ConsentScope { derived_material_sale };
        let release = ReleaseFreeze { composition, consent, provision: Provision::ByOperator, at };
        self.run::<Dataset>(&stream, dataset::Command::ReleaseFreeze(release)).await;
        id
    }

    async fn run<D: Aggregate<Command: Clone + Send + Sync, Rejection: Debug>>(
        &self,
        stream: &StreamName,
        command: D::Command,
    ) {
        let envelope = Envelope {
            caller: Caller { organisation: OrganisationId::from_u128(0), person: None, roles: vec![] },
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

/// Midnight in Asia/Tokyo.
pub(crate) fn day(year: i16, month: i8, day: i8) -> Timestamp {
    Timestamp::start_of_tokyo_date(date(year, month, day))
}

/// A request by a person of an organisation who has every role there.
pub(crate) fn by<T>(organisation: OrganisationId, request: T) -> Request<T> {
    let caller = Caller { organisation, person: Some(PERSON), roles: Role::ALL.into() };
    let mut request = Request::new(request);
    request.metadata_mut().insert(CALLER_HEADER, caller.to_string().parse().unwrap());
    request
}

/// The reason of a refusal, and the field that it names first, or nothing.
pub(crate) fn reason<T: Debug>(outcome: Result<T, Status>) -> (String, String) {
    let details = outcome.unwrap_err().get_error_details();
    let first = details.bad_request().and_then(|bad| bad.field_violations.first());
    let field = first.map(|bad| bad.field.clone()).unwrap_or_default();
    (details.error_info().unwrap().reason.clone(), field)
}

fn terms() -> Terms {
    Terms {
        tier: "standard".parse().unwrap(),
        term: Term::new(day(2026, 3, 1), day(2027, 3, 1)).unwrap(),
        purposes: ["drug-discovery".parse().unwrap()].into(),
        dataset_classes: ["open".parse().unwrap()].into(),
        countries: [Country::JAPAN].into(),
        quotas: Quotas { simple_analysis: Quota::UNLIMITED, detailed_analysis: Quota::NONE },
        price_book: PriceBookChoice::Follow(PriceBookId::from_u128(1)),
        share_rule: ShareRuleChoice::Follow(ShareRuleId::from_u128(1)),
        minimum_commitment: None,
        paused_fees: Default::default(),
    }
}
