//! Orders, recruitments, credits and funding in few words.

use std::collections::BTreeSet;

use domain::{
    credit::{self, CreditGranted},
    funding::{self, FundingAgreed},
    id::{ConsortiumId, ContractId, CreditId, FundingId, OrderId, OrganisationId, PersonId, RecruitmentId},
    listing::ServiceKind,
    order::{
        self, Artefact, DeliveryAccepted, Milestone, MilestoneDelivered, OrderAccepted, OrderCancelled,
        PlacedOrder, SellingConsortium, Sha256,
    },
    organisation::Capacity,
    recruitment::{
        self, Answer, InstitutionResponded, ParticipantEnrolled, PatientRecruitmentRequested, Pseudonym,
        RecruitmentApproved, RequestedRecruitment, Sought, Triage,
    },
    terms::ChargeKind,
    text::Name,
    time::{Month, Timestamp},
};
use engine::Role;
use money::{Decimal, Money};
use proto::kiban::revenue_share::v1::{
    GetInstitutionPageRequest, GetInstitutionPageResponse, GetVendorPageRequest, GetVendorPageResponse,
    revenue_share_service_server::RevenueShareService,
};
use tonic::Status;

use super::*;

pub(crate) const VENDOR: OrganisationId = OrganisationId::from_u128(5);
pub(crate) const PARTNER: OrganisationId = OrganisationId::from_u128(6);
pub(crate) const ORDER: OrderId = OrderId::from_u128(61);
pub(crate) const RECRUITMENT: RecruitmentId = RecruitmentId::from_u128(71);

/// An order of the pharma company from the vendor: 6,000 and 4,000 yen.
pub(crate) fn order_of(id: OrderId, contract: ContractId, at: Timestamp) -> PlacedOrder {
    let milestone = |name: &str, yen| Milestone { name: Name::new(name).unwrap(), amount: Money::jpy(yen) };
    PlacedOrder {
        id,
        contract,
        contract_revision: 2,
        member: PHARMA,
        vendor: VENDOR,
        vendor_contract: None,
        kind: ServiceKind::DataAnalysis,
        listing: None,
        quote: None,
        quantity: 1,
        price: Money::jpy(10_000),
        milestones: vec![milestone("raw data", 6_000), milestone("report", 4_000)],
        consortium: None,
        dataset: None,
        required_credentials: BTreeSet::new(),
        ethics_approval: None,
        omics: None,
        at,
    }
}

/// The vendor and its partner, by so many per cent.
pub(crate) fn consortium(lead: u32) -> Option<SellingConsortium> {
    let shares = vec![(VENDOR, Decimal::from(lead)), (PARTNER, Decimal::from(100 - lead))];
    Some(SellingConsortium { id: ConsortiumId::from_u128(1), shares })
}

pub(crate) fn taken(at: Timestamp) -> order::Event {
    order::Event::OrderAccepted(OrderAccepted { at })
}

pub(crate) fn delivered(milestone: u32, at: Timestamp) -> order::Event {
    let uri = "https://example.org/result".parse().unwrap();
    let artefact = Artefact { uri, sha256: Sha256::from_bytes([7; 32]) };
    order::Event::MilestoneDelivered(MilestoneDelivered { milestone, artefact, at })
}

pub(crate) fn accepted(milestone: u32, at: Timestamp) -> order::Event {
    order::Event::DeliveryAccepted(DeliveryAccepted { milestone, at })
}

pub(crate) fn cancelled(charged: Vec<u32>, at: Timestamp) -> order::Event {
    let reason = "not needed".parse().unwrap();
    order::Event::OrderCancelled(OrderCancelled { by: PHARMA, reason, charged, at })
}

pub(crate) fn requested(id: RecruitmentId, contract: ContractId, at: Timestamp) -> recruitment::Event {
    let request = RequestedRecruitment {
        member: PHARMA,
        executor: VENDOR,
        executor_contract: None,
        study_title: Name::new("a study").unwrap(),
        sought: Sought::Diagnosis("ICD-O-3:8140/3".parse().unwrap()),
        participants_wanted: 100,
    };
    let (contract_revision, triage) = (2, Triage::NotNeeded);
    recruitment::Event::PatientRecruitmentRequested(PatientRecruitmentRequested {
        id,
        contract,
        contract_revision,
        request,
        triage,
        at,
    })
}

pub(crate) fn approved(at: Timestamp) -> recruitment::Event {
    recruitment::Event::RecruitmentApproved(RecruitmentApproved {
        by: PersonId::from_u128(1),
        ethics_approval: "2026-17".parse().unwrap(),
        valid_until: at.plus_days(365),
        at,
    })
}

pub(crate) fn joined(hospital: usize, at: Timestamp) -> recruitment::Event {
    let institution = HOSPITALS[hospital];
    let answer = Answer::Accepted;
    recruitment::Event::InstitutionResponded(InstitutionResponded { institution, answer, reason: None, at })
}

pub(crate) fn enrolled(hospital: usize, number: u32, at: Timestamp) -> recruitment::Event {
    recruitment::Event::ParticipantEnrolled(ParticipantEnrolled {
        institution: HOSPITALS[hospital],
        pseudonym: Pseudonym::new(&format!("P-{number:08}")).unwrap(),
        contract_revision: 2,
        at,
    })
}

/// The items of a price list for what is no use.
pub(crate) fn other_items() -> Vec<PriceItem> {
    let flat = |kind, yen| PriceItem {
        key: PriceKey::any(kind),
        model: PriceModel::Flat { amount: Money::jpy(yen) },
    };
    let each = |kind, yen: u32| PriceItem {
        key: PriceKey::any(kind),
        model: PriceModel::PerUnit { price: Decimal::from(yen) },
    };
    vec![
        flat(ChargeKind::expedited_review(), 20_000),
        flat(ChargeKind::recruitment_request(), 5_000),
        each(ChargeKind::recruitment_enrolment(), 1_000),
        each(ChargeKind::data_fee(), 30),
    ]
}

impl World {
    /// The forum with its vendors.
    pub(crate) async fn market() -> Self {
        let world = Self::forum().await;
        world.organisation(VENDOR, "Analysts", Capacity::Vendor).await;
        world.organisation(PARTNER, "Partners", Capacity::Vendor).await;
        world
    }

    pub(crate) async fn place(&self, placed: PlacedOrder, then: Vec<order::Event>) -> u64 {
        let id = placed.id;
        let events = [vec![order::Event::OrderPlaced(Box::new(placed))], then].concat();
        self.append(id, &events).await
    }

    pub(crate) async fn credit(&self, number: u128, contract: ContractId, of: Month, yen: i64) -> u64 {
        let id = CreditId::from_u128(number);
        let granted = credit::Event::CreditGranted(CreditGranted {
            id,
            contract,
            member: PHARMA,
            charge_kind: ChargeKind::publication_incentive(),
            amount: Money::jpy(yen),
            month: of,
            reason: "an early release".parse().unwrap(),
            granted_by: BASE,
            at: of.start(),
        });
        self.append(id, &[granted]).await
    }

    /// Public funding for a year from April on.
    pub(crate) async fn fund(&self, number: u128, yen: i64) -> u64 {
        let id = FundingId::from_u128(number);
        let agreed = funding::Event::FundingAgreed(FundingAgreed {
            id,
            funder: Name::new("Ministry").unwrap(),
            recipient: BASE,
            amount: Money::jpy(yen),
            start: month(4),
            end: Month::new(2027, 4).unwrap(),
            reason: "operations".parse().unwrap(),
            at: on(4, 1),
        });
        self.append(id, &[agreed]).await
    }

    pub(crate) async fn institution_page(
        &self,
        caller: OrganisationId,
        message: GetInstitutionPageRequest,
    ) -> Result<GetInstitutionPageResponse, Status> {
        let min_position = self.log.head().position.to_string();
        let request = by(caller, GetInstitutionPageRequest { min_position, ..message });
        Ok(self.service.get_institution_page(request).await?.into_inner())
    }

    pub(crate) async fn vendor_page(
        &self,
        caller: OrganisationId,
        message: GetVendorPageRequest,
    ) -> Result<GetVendorPageResponse, Status> {
        let min_position = self.log.head().position.to_string();
        let request = by(caller, GetVendorPageRequest { min_position, ..message });
        Ok(self.service.get_vendor_page(request).await?.into_inner())
    }
}

/// What was known at a position.
pub(crate) fn as_of(position: u64) -> Option<common::AsOf> {
    let moment = common::as_of::Moment::Position(position.to_string());
    Some(common::AsOf { moment: Some(moment) })
}
