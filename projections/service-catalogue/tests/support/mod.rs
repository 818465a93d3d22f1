//! A forum in memory: events appended by hand, the projection fed, the service asked through its trait.

#![allow(dead_code, unused_imports, reason = "each test file uses its part")]

mod acts;
mod content;

use std::{
    collections::BTreeSet,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use domain::{
    contract::{
        self, ContractActivated, ContractApplied, ContractApproved, ContractKind, ContractOffered,
        ContractSigned, Quota, Quotas, Term, Terms,
    },
    country::Country,
    id::{ContractId, ListingId, OrganisationId, PersonId, PriceBookId, ShareRuleId},
    listing::{
        self, ListingContent, ServiceKind, ServiceListed, ServiceRevised, ServiceViewed, ServiceWithdrawn,
    },
    organisation::{
        self, Capacity, CapacityGrant, Credential, CredentialAttested, OrganisationRegistered,
        RegistrationNumber,
    },
    terms::{CredentialKind, DatasetClass, PriceBookChoice, Purpose, ShareRuleChoice, Tier},
    text::{Name, Reason, Text},
    time::Timestamp,
    vendor_admission::{self, AdmissionMode, VendorAdmissionSet},
};
use engine::{CALLER_HEADER, Caller, Folds, Gate, ManualClock, Projection, RunningFolds, Store};
use event_log::{Append, AppendOutcome, Appended, EventLog, ExpectedRevision, MemoryLog, NewEvent};
use events::{Metadata, Recordable};
use jiff::civil::{Date, date};
use proto::kiban::service_catalogue::v1::{
    SearchServicesRequest, SearchServicesResponse, catalogue_service_server::CatalogueService,
};
use service_catalogue::{Catalogue, CatalogueFold};
use tonic::{Request, Response, Status};
use tonic_types::StatusExt;

pub(crate) use acts::*;
pub(crate) use content::*;

pub(crate) const PROMOTER: OrganisationId = OrganisationId::from_u128(1);
pub(crate) const BASE: OrganisationId = OrganisationId::from_u128(2);
pub(crate) const PHARMA: OrganisationId = OrganisationId::from_u128(3);
pub(crate) const ALPHA: OrganisationId = OrganisationId::from_u128(4);
pub(crate) const BETA: OrganisationId = OrganisationId::from_u128(5);
pub(crate) const GAMMA: OrganisationId = OrganisationId::from_u128(6);

pub(crate) struct World {
    pub(crate) log: Arc<MemoryLog>,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) catalogue: Catalogue,
    next: AtomicU64,
    _folds: RunningFolds,
}

pub(crate) fn on(date: Date) -> Timestamp {
    Timestamp::start_of_tokyo_date(date)
}

pub(crate) fn today() -> Timestamp {
    on(date(2026, 6, 1))
}

/// The participation contract of a vendor.
pub(crate) fn contract_of(vendor: OrganisationId) -> ContractId {
    ContractId::from_bytes(vendor.to_bytes())
}

pub(crate) fn listing_id(number: u128) -> ListingId {
    ListingId::from_u128(number)
}

impl World {
    /// A log without an event, and the service over it.
    pub(crate) fn empty() -> Self {
        let log = MemoryLog::new(Arc::new(|| today().as_micros()));
        let clock = Arc::new(ManualClock::at(today()));
        let projection = Projection::<CatalogueFold>::open(Store::in_memory().unwrap()).unwrap();
        let mut folds = Folds::default();
        folds.add(&projection);
        let folds = folds.run(log.clone());
        let gate = Arc::new(Gate::new(log.clone(), clock.clone()));
        let catalogue = Catalogue::new(projection, log.clone(), gate);
        Self { log, clock, catalogue, next: AtomicU64::new(1), _folds: folds }
    }

    /// Those who run the forum, a member, and two vendors under participation contracts in force from
    /// 2026-04-01 to 2027-04-01.
    pub(crate) async fn forum() -> Self {
        let world = Self::empty();
        world.organisation(PROMOTER, "活用促進機関", Capacity::Promoter).await;
        world.organisation(BASE, "基盤運営機関", Capacity::BaseOperator).await;
        world.organisation(PHARMA, "Asahi Pharma", Capacity::Member).await;
        world.vendor(ALPHA, "Alpha Omics").await;
        world.vendor(BETA, "ベータ研究所").await;
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
        self.organisation_until(id, name, capacity, date(2027, 4, 1)).await
    }

    /// An organisation with a capacity until a date.
    pub(crate) async fn organisation_until(
        &self,
        id: OrganisationId,
        name: &str,
        capacity: Capacity,
        until: Date,
    ) -> Appended {
        let grant = CapacityGrant { capacity, from: date(2026, 4, 1), until: Some(until) };
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

    /// A vendor and its participation contract.
    pub(crate) async fn vendor(&self, id: OrganisationId, name: &str) {
        self.organisation(id, name, Capacity::Vendor).await;
        self.append(contract_of(id), &participation(id), &[id, PROMOTER, BASE]).await;
    }

    pub(crate) async fn credential(&self, vendor: OrganisationId, kind: &str, until: Date) {
        let credential = Credential {
            kind: CredentialKind::new(kind).unwrap(),
            number: Text::new("1").unwrap(),
            issuer: Name::new("JAB").unwrap(),
            valid_from: date(2026, 4, 1),
            valid_until: until,
        };
        let attested = CredentialAttested { credential, at: today() };
        self.append(vendor, &[organisation::Event::CredentialAttested(attested)], &[vendor]).await;
    }

    pub(crate) async fn list(
        &self,
        number: u128,
        vendor: OrganisationId,
        content: ListingContent,
    ) -> Appended {
        let listed = ServiceListed {
            id: listing_id(number),
            vendor,
            contract: contract_of(vendor),
            contract_revision: 5,
            consortium: None,
            content,
            at: today(),
        };
        self.append(listing_id(number), &[listing::Event::ServiceListed(listed)], &[vendor]).await
    }

    pub(crate) async fn revise(&self, number: u128, vendor: OrganisationId, content: ListingContent) {
        let contract = contract_of(vendor);
        let revised = ServiceRevised { contract, contract_revision: 5, content, at: today() };
        self.append(listing_id(number), &[listing::Event::ServiceRevised(revised)], &[vendor]).await;
    }

    pub(crate) async fn withdraw(&self, number: u128) {
        let withdrawn = ServiceWithdrawn { reason: Reason::new("終了").unwrap(), at: today() };
        self.append(listing_id(number), &[listing::Event::ServiceWithdrawn(withdrawn)], &[]).await;
    }

    pub(crate) async fn view(&self, number: u128, viewer: OrganisationId, at: Timestamp) {
        let viewed = ServiceViewed { viewer, contract: contract_of(viewer), at };
        self.append(listing_id(number), &[listing::Event::ServiceViewed(viewed)], &[]).await;
    }

    pub(crate) async fn admit(&self, kind: ServiceKind, mode: AdmissionMode) {
        let set = VendorAdmissionSet { kind, mode, at: today() };
        self.append(kind, &[vendor_admission::Event::VendorAdmissionSet(set)], &[]).await;
    }

    /// The end of the log: an answer that asks for it reads its own writes.
    pub(crate) fn head(&self) -> String {
        self.log.head().position.to_string()
    }

    /// A member searches, and sees everything that was appended.
    pub(crate) async fn search(&self, request: SearchServicesRequest) -> SearchServicesResponse {
        let request = SearchServicesRequest { min_position: self.head(), ..request };
        message(self.catalogue.search_services(by(PHARMA, request)).await)
    }

    /// The numbers of the listings that a query finds, in order.
    pub(crate) async fn found(&self, query: &str) -> Vec<u128> {
        numbers(&self.search(SearchServicesRequest { query: query.into(), ..Default::default() }).await)
    }
}

/// The numbers of the listings on a page.
pub(crate) fn numbers(answer: &SearchServicesResponse) -> Vec<u128> {
    let number = |id: &str| u128::from_be_bytes(id.parse::<ListingId>().unwrap().to_bytes());
    answer.services.iter().map(|service| number(&service.listing_id)).collect()
}

/// What a facet counts.
pub(crate) fn facet(answer: &SearchServicesResponse, name: &str) -> Vec<(String, u64)> {
    let facet = answer.facets.iter().find(|facet| facet.name == name).unwrap();
    facet.values.iter().map(|value| (value.value.clone(), value.count)).collect()
}

pub(crate) fn participation(vendor: OrganisationId) -> Vec<contract::Event> {
    let parties = BTreeSet::from([vendor, PROMOTER, BASE]);
    let at = on(date(2026, 3, 2));
    let person = PersonId::from_u128(9);
    let purposes = BTreeSet::from([Purpose::new("service").unwrap()]);
    let signed = parties
        .iter()
        .map(|party| contract::Event::ContractSigned(ContractSigned { party: *party, person, at }));
    let applied = ContractApplied {
        id: contract_of(vendor),
        kind: ContractKind::VendorParticipation,
        applicant: vendor,
        issuer: PROMOTER,
        purposes: purposes.clone(),
        lane: Default::default(),
        at,
    };
    let approved = ContractApproved { by: person, valid_until: on(date(2026, 4, 1)), at };
    let offered = ContractOffered { parties: parties.clone(), terms: terms(purposes), at };
    let activated = ContractActivated { effective_at: on(date(2026, 4, 1)) };
    [
        contract::Event::ContractApplied(applied),
        contract::Event::ContractApproved(approved),
        contract::Event::ContractOffered(offered),
    ]
    .into_iter()
    .chain(signed)
    .chain([contract::Event::ContractActivated(activated)])
    .collect()
}

fn terms(purposes: BTreeSet<Purpose>) -> Terms {
    Terms {
        tier: Tier::new("basic").unwrap(),
        term: Term::new(on(date(2026, 4, 1)), on(date(2027, 4, 1))).unwrap(),
        purposes,
        dataset_classes: [DatasetClass::new("wgs").unwrap()].into(),
        countries: [Country::JAPAN].into(),
        quotas: Quotas { simple_analysis: Quota::NONE, detailed_analysis: Quota::NONE },
        price_book: PriceBookChoice::Follow(PriceBookId::from_u128(1)),
        share_rule: ShareRuleChoice::Pin(ShareRuleId::from_u128(1), 1),
        minimum_commitment: None,
        paused_fees: Default::default(),
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
