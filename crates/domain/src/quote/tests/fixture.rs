//! A member's request for a quote on a transcriptome analysis.

use std::collections::BTreeSet;

use money::Money;

use super::super::*;
use crate::{
    contract::{ContractKind, Status},
    id::{ContractId, DatasetId, ListingId, OrganisationId, QuoteRequestId},
    listing::{
        Attributes, InputMaterial, Listed, Listing, ListingContent, OmicsAnalysis, OmicsModality,
        ServiceKind, Withdrawal,
    },
    milestone::Milestone,
    terms::CredentialKind,
    time::Timestamp,
    under_contract::ContractNow,
};

pub(super) const REQUEST: QuoteRequestId = QuoteRequestId::from_u128(1);
pub(super) const LISTING: ListingId = ListingId::from_u128(2);
pub(super) const MEMBER: OrganisationId = OrganisationId::from_u128(3);
pub(super) const VENDOR: OrganisationId = OrganisationId::from_u128(4);
pub(super) const OTHER: OrganisationId = OrganisationId::from_u128(5);
pub(super) const MEMBERS: ContractId = ContractId::from_u128(13);
pub(super) const VENDORS: ContractId = ContractId::from_u128(14);

pub(super) fn at(micros: i64) -> Timestamp {
    Timestamp::from_micros(micros).unwrap()
}

fn service() -> Listed {
    Listed {
        id: LISTING,
        vendor: VENDOR,
        contract: VENDORS,
        consortium: None,
        content: ListingContent {
            code: "RNA-1".parse().unwrap(),
            title: "RNA-seq".parse().unwrap(),
            description: "RNA-seq of FFPE".parse().unwrap(),
            attributes: Attributes::OmicsAnalysis(OmicsAnalysis {
                modality: OmicsModality::Transcriptome,
                platform: "NovaSeq X".parse().unwrap(),
                input: InputMaterial {
                    material: "ffpe".parse().unwrap(),
                    minimum_amount: "200 ng".parse().unwrap(),
                },
            }),
            turnaround_days: None,
            list_price: None,
            minimum_quantity: 8,
        },
        listed_at: at(0),
        revised_at: None,
        viewed: [].into(),
    }
}

pub(super) fn listing() -> Listing {
    Listing::Listed(Box::new(service()))
}

pub(super) fn withdrawn() -> Listing {
    let withdrawal = Withdrawal { reason: "sold out".parse().unwrap(), at: at(0) };
    Listing::Withdrawn { listed: Box::new(service()), withdrawal }
}

pub(super) fn credentials(number: usize) -> BTreeSet<CredentialKind> {
    (0..number).map(|index| CredentialKind::new(&format!("iso-{index}")).unwrap()).collect()
}

pub(super) fn request() -> RequestQuote {
    RequestQuote {
        id: REQUEST,
        member: MEMBER,
        contract: ContractNow {
            id: MEMBERS,
            revision: 6,
            kind: ContractKind::Member,
            applicant: MEMBER,
            status: Status::Active,
        },
        listing_id: LISTING,
        listing: listing(),
        quantity: 48,
        requirements: "total RNA, stranded".parse().unwrap(),
        required_credentials: credentials(2),
        dataset: Some(DatasetId::from_u128(9)),
        at: at(0),
    }
}

pub(super) fn submit(yen: i64, valid_until: i64) -> SubmitQuote {
    SubmitQuote {
        by: VENDOR,
        contract: ContractNow {
            id: VENDORS,
            revision: 4,
            kind: ContractKind::VendorParticipation,
            applicant: VENDOR,
            status: Status::Active,
        },
        listing: listing(),
        offer: offer(yen, valid_until),
        at: at(0),
    }
}

pub(super) fn decline() -> DeclineQuoteRequest {
    DeclineQuoteRequest { by: VENDOR, reason: "no capacity".parse().unwrap(), at: at(0) }
}

fn offer(yen: i64, valid_until: i64) -> Offer {
    let milestone = |name: &str, yen| Milestone { name: name.parse().unwrap(), amount: Money::jpy(yen) };
    Offer {
        price: Money::jpy(yen),
        milestones: vec![milestone("raw data", yen - 100), milestone("report", 100)],
        turnaround_days: 30,
        valid_until: at(valid_until),
        note: None,
    }
}

pub(super) fn requested() -> Event {
    let when = request();
    Event::QuoteRequested(QuoteRequested {
        request: RequestedQuote {
            id: REQUEST,
            member: MEMBER,
            contract: MEMBERS,
            listing: LISTING,
            vendor: VENDOR,
            kind: ServiceKind::OmicsAnalysis,
            quantity: when.quantity,
            requirements: when.requirements,
            required_credentials: when.required_credentials,
            dataset: when.dataset,
        },
        contract_revision: 6,
        at: at(0),
    })
}

pub(super) fn submitted(number: u32, yen: i64, valid_until: i64) -> Event {
    Event::QuoteSubmitted(QuoteSubmitted {
        number,
        contract: VENDORS,
        contract_revision: 4,
        offer: offer(yen, valid_until),
        at: at(0),
    })
}

pub(super) fn declined() -> Event {
    Event::QuoteRequestDeclined(QuoteRequestDeclined { reason: "no capacity".parse().unwrap(), at: at(0) })
}
