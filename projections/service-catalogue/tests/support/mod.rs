//! A forum in memory: events appended by hand, the projection fed, the service asked through its trait.

#![allow(dead_code, unused_imports, reason = "each test file uses its part")]

mod acts;
mod content;

use std::ops::Deref;

use domain::{
    contract::{self, ContractKind, Quota, Quotas, Terms},
    id::{ContractId, ListingId, OrganisationId},
    listing::{
        self, ListingContent, ServiceKind, ServiceListed, ServiceRevised, ServiceViewed, ServiceWithdrawn,
    },
    organisation::{self, Capacity, CapacityGrant, Credential, CredentialAttested},
    terms::CredentialKind,
    text::{Name, Reason, Text},
    time::Timestamp,
    vendor_admission::{self, AdmissionMode, VendorAdmissionSet},
};
use engine::{RunningFolds, Store};
use event_log::Appended;
use jiff::civil::{Date, date};
use proto::kiban::service_catalogue::v1::{
    SearchServicesRequest, SearchServicesResponse, catalogue_service_server::CatalogueService,
};
use service_catalogue::{Catalogue, CatalogueFold};
use world::{Agreement, terms};
pub(crate) use world::{Past, message, reason as refused, roleless as by};

pub(crate) use acts::*;
pub(crate) use content::*;

pub(crate) const PROMOTER: OrganisationId = OrganisationId::from_u128(1);
pub(crate) const BASE: OrganisationId = OrganisationId::from_u128(2);
pub(crate) const PHARMA: OrganisationId = OrganisationId::from_u128(3);
pub(crate) const ALPHA: OrganisationId = OrganisationId::from_u128(4);
pub(crate) const BETA: OrganisationId = OrganisationId::from_u128(5);
pub(crate) const GAMMA: OrganisationId = OrganisationId::from_u128(6);

/// What stands in the log, and the service over it.
pub(crate) struct World {
    past: Past,
    pub(crate) catalogue: Catalogue,
    _folds: RunningFolds,
}

impl Deref for World {
    type Target = Past;

    fn deref(&self) -> &Past {
        &self.past
    }
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
        let past = Past::at(today(), PROMOTER);
        let (projection, folds) = past.folded::<CatalogueFold>(Store::in_memory().unwrap());
        let catalogue = Catalogue::new(projection, past.log.clone(), past.gate.clone());
        Self { past, catalogue, _folds: folds }
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
        self.past.organisation(id, name, grant).await
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
    let start = on(date(2026, 4, 1));
    let quotas = Quotas { simple_analysis: Quota::NONE, detailed_analysis: Quota::NONE };
    let agreement = Agreement {
        id: contract_of(vendor),
        kind: ContractKind::VendorParticipation,
        applicant: vendor,
        issuer: PROMOTER,
        parties: [vendor, PROMOTER, BASE].into(),
        at: on(date(2026, 3, 2)),
        terms: Terms { purposes: ["service".parse().unwrap()].into(), quotas, ..terms("basic", start) },
    };
    [vec![agreement.applied()], agreement.agreed()].concat()
}
