//! A vendor's listing of a transcriptome analysis.

use std::sync::Arc;

use money::{Decimal, Money};

use super::super::*;
use crate::{
    consortium::{Consortium, ConsortiumNow, MemberNow, Proposal},
    contract::{ContractKind, Status},
    id::{ConsortiumId, ContractId, ListingId, OrganisationId},
    organisation::Capacity,
    time::Timestamp,
    under_contract::ContractNow,
    vendor_admission::VendorAdmission,
};

pub(super) const LISTING: ListingId = ListingId::from_u128(1);
pub(super) const CONTRACT: ContractId = ContractId::from_u128(2);
pub(super) const CONSORTIUM: ConsortiumId = ConsortiumId::from_u128(3);
pub(super) const VENDOR: OrganisationId = OrganisationId::from_u128(4);
pub(super) const MEMBER: OrganisationId = OrganisationId::from_u128(5);
pub(super) const OTHER: OrganisationId = OrganisationId::from_u128(6);
pub(super) const DAY: i64 = 86_400_000_000;
pub(super) const NINE_HOURS: i64 = 9 * 3_600_000_000;
/// Any moment does where no rule looks at it.
pub(super) const NOW: Timestamp = Timestamp::MIN;

pub(super) fn at(micros: i64) -> Timestamp {
    Timestamp::from_micros(micros).unwrap()
}

pub(super) fn contract(status: Status) -> ContractNow {
    let (kind, applicant) = (ContractKind::VendorParticipation, VENDOR);
    ContractNow { id: CONTRACT, revision: 5, kind, applicant, status }
}

pub(super) fn omics() -> Attributes {
    Attributes::OmicsAnalysis(OmicsAnalysis {
        modality: OmicsModality::Transcriptome,
        platform: "NovaSeq X".parse().unwrap(),
        input: InputMaterial { material: "ffpe".parse().unwrap(), minimum_amount: "200 ng".parse().unwrap() },
    })
}

pub(super) fn archive() -> Attributes {
    Attributes::SpecimenArchive(SpecimenArchive {
        materials: ["plasma".parse().unwrap()].into(),
        storage_temperature_celsius: -80,
        capacity: 50_000,
    })
}

pub(super) fn content() -> ListingContent {
    ListingContent {
        code: "RNA-1".parse().unwrap(),
        title: "RNA-seq".parse().unwrap(),
        description: "トランスクリプトーム解析".parse().unwrap(),
        attributes: omics(),
        turnaround_days: Some(30),
        list_price: Some(UnitPrice { unit: "specimen".parse().unwrap(), price: Money::jpy(50_000) }),
        minimum_quantity: 8,
    }
}

pub(super) fn list() -> ListService {
    ListService {
        id: LISTING,
        vendor: VENDOR,
        vendor_capacities: [Capacity::Vendor].into(),
        contract: contract(Status::Active),
        admission: VendorAdmission::Vacant,
        consortium: None,
        content: content(),
        at: NOW,
    }
}

pub(super) fn revise(content: ListingContent) -> ReviseService {
    let (contract, admission) = (contract(Status::Active), VendorAdmission::Vacant);
    ReviseService { by: VENDOR, contract, admission, consortium: None, content, at: NOW }
}

pub(super) fn withdraw() -> WithdrawService {
    WithdrawService { by: VENDOR, reason: "sold out".parse().unwrap(), at: NOW }
}

pub(super) fn view(viewer: OrganisationId, at: Timestamp) -> ViewService {
    let id = ContractId::from_u128(viewer.as_u128());
    let (kind, status) = (ContractKind::Member, Status::Active);
    let contract = ContractNow { id, revision: 2, kind, applicant: viewer, status };
    ViewService { viewer, contract, at }
}

pub(super) fn listed() -> Event {
    Event::ServiceListed(ServiceListed {
        id: LISTING,
        vendor: VENDOR,
        contract: CONTRACT,
        contract_revision: 5,
        consortium: None,
        content: content(),
        at: NOW,
    })
}

pub(super) fn withdrawn() -> Event {
    Event::ServiceWithdrawn(ServiceWithdrawn { reason: "sold out".parse().unwrap(), at: NOW })
}

pub(super) fn viewed(viewer: OrganisationId, at: Timestamp) -> Event {
    let contract = ContractId::from_u128(viewer.as_u128());
    Event::ServiceViewed(ServiceViewed { viewer, contract, at })
}

/// The consortium of a lead and of [`MEMBER`], who can both sell.
pub(super) fn formed(lead: OrganisationId) -> ConsortiumNow {
    let now = |member| {
        (member, MemberNow { capacities: [Capacity::Vendor].into(), contract: joined_under(member) })
    };
    let joined = [lead, MEMBER].map(|member| (member, joined_under(member).id)).into();
    let consortium = Arc::new(Consortium::Formed(Box::new(Proposal { joined, ..proposal(lead) })));
    ConsortiumNow { consortium, members: [lead, MEMBER].map(now).into() }
}

pub(super) fn proposed(lead: OrganisationId) -> ConsortiumNow {
    let consortium = Arc::new(Consortium::Proposed(Box::new(proposal(lead))));
    ConsortiumNow { consortium, members: [].into() }
}

/// The contract under which somebody has joined a consortium.
fn joined_under(member: OrganisationId) -> ContractNow {
    let id = ContractId::from_u128(100 + member.as_u128());
    ContractNow { id, applicant: member, ..contract(Status::Active) }
}

fn proposal(lead: OrganisationId) -> Proposal {
    Proposal {
        id: CONSORTIUM,
        name: "together".parse().unwrap(),
        lead,
        shares: [(lead, Decimal::from(60)), (MEMBER, Decimal::from(40))].into(),
        joined: [].into(),
        proposed_at: NOW,
    }
}
