//! Given, when, then: through `decide` and `evolve` alone.

mod delivering;
mod placing;
mod properties;

use std::{collections::BTreeMap, sync::Arc};

use jiff::civil::date;
use money::Money;

use super::*;
use crate::{
    consortium::{Consortium, ConsortiumNow, MemberNow, Proposal},
    contract::{ContractKind, Status},
    country::Country,
    dataset::{
        Cohort, ComposedCases, ConsentScope, DataType, Dataset, Description, Freeze, RegisteredDataset,
    },
    fold,
    id::{ConsortiumId, ContractId, DatasetId, ListingId, OrderId, OrganisationId, QuoteRequestId},
    listing::{
        Attributes, ConsentToShare, DerivedModel, InputMaterial, Listed, Listing, ListingContent,
        OmicsAnalysis, PatientDerivedModel, ServiceKind, UnitPrice, Withdrawal,
    },
    organisation::{Capacity, CapacityGrant, Credential, Organisation, Profile, RegistrationNumber},
    quote::{Offer, Quote, RequestedQuote, SubmittedQuote},
    text::Reason,
    time::Timestamp,
    under_contract::ContractNow,
    vendor_admission::VendorAdmission,
};

const ORDER: OrderId = OrderId::from_u128(1);
const CONTRACT: ContractId = ContractId::from_u128(2);
const MEMBER: OrganisationId = OrganisationId::from_u128(3);
const VENDOR: OrganisationId = OrganisationId::from_u128(4);
const PARTNER: OrganisationId = OrganisationId::from_u128(5);
const VENDOR_CONTRACT: ContractId = ContractId::from_u128(6);
/// Another of the vendor's contracts than the one under which it lists.
const QUOTED_UNDER: ContractId = ContractId::from_u128(12);
const PARTNER_CONTRACT: ContractId = ContractId::from_u128(11);
const LISTING: ListingId = ListingId::from_u128(7);
const REQUEST: QuoteRequestId = QuoteRequestId::from_u128(8);
const CONSORTIUM: ConsortiumId = ConsortiumId::from_u128(9);
const DATASET: DatasetId = DatasetId::from_u128(10);

/// A day in March 2026, in which everything here happens.
fn march(day: i8) -> Timestamp {
    Timestamp::start_of_tokyo_date(date(2026, 3, day))
}

fn milestone(name: &str, yen: i64) -> Milestone {
    Milestone { name: name.parse().unwrap(), amount: Money::jpy(yen) }
}

fn reason(text: &str) -> Reason {
    text.parse().unwrap()
}

fn omics() -> Attributes {
    Attributes::OmicsAnalysis(OmicsAnalysis {
        modality: OmicsModality::Proteome,
        platform: "timsTOF".parse().unwrap(),
        input: InputMaterial {
            material: "plasma".parse().unwrap(),
            minimum_amount: "200 µl".parse().unwrap(),
        },
    })
}

fn model() -> Attributes {
    Attributes::PatientDerivedModel(PatientDerivedModel {
        model: DerivedModel::Organoid,
        passage_number: 3,
        tumour_type: "colon".parse().unwrap(),
        consent_to_share: ConsentToShare::Yes,
    })
}

fn listed(attributes: Attributes) -> Listed {
    Listed {
        id: LISTING,
        vendor: VENDOR,
        contract: VENDOR_CONTRACT,
        consortium: None,
        content: ListingContent {
            code: "PLASMA-1".parse().unwrap(),
            title: "plasma proteome".parse().unwrap(),
            description: "of 5,000 proteins".parse().unwrap(),
            attributes,
            turnaround_days: Some(30),
            list_price: Some(UnitPrice { unit: "specimen".parse().unwrap(), price: Money::jpy(20_000) }),
            minimum_quantity: 10,
        },
        listed_at: march(1),
        revised_at: None,
        viewed: BTreeMap::new(),
    }
}

fn vendor() -> Profile {
    Profile {
        id: VENDOR,
        name: "laboratory".parse().unwrap(),
        country: Country::JAPAN,
        sector: None,
        registration_number: RegistrationNumber::new(Country::JAPAN, "7000012050002").unwrap(),
        capacities: vec![CapacityGrant { capacity: Capacity::Vendor, from: date(2026, 1, 1), until: None }],
        credentials: vec![Credential {
            kind: "iso-15189".parse().unwrap(),
            number: "M-1".parse().unwrap(),
            issuer: "JAB".parse().unwrap(),
            valid_from: date(2026, 1, 1),
            valid_until: date(2026, 3, 20),
        }],
        registered_at: march(1),
    }
}

fn dataset(derived_material_sale: bool) -> RegisteredDataset {
    let composition = vec![ComposedCases { institution: PARTNER, cases: 100 }];
    let consent = ConsentScope { derived_material_sale };
    RegisteredDataset {
        id: DATASET,
        description: Description {
            code: "COLON".parse().unwrap(),
            name: "colon".parse().unwrap(),
            provider: OrganisationId::from_u128(99),
            class: "open".parse().unwrap(),
            disease: "colon cancer".parse().unwrap(),
            cohort: Cohort::Case,
            data_types: [DataType::Tumour].into(),
            reference: "https://base.example/colon".parse().unwrap(),
        },
        freezes: vec![Freeze { number: 1, composition, consent, released_at: march(1) }],
        registered_at: march(1),
    }
}

/// Twelve plasma proteomes at the list price, on 2 March.
fn order() -> PlaceOrder {
    let now = |id, kind, applicant| ContractNow { id, revision: 5, kind, applicant, status: Status::Active };
    PlaceOrder {
        id: ORDER,
        member: MEMBER,
        source: Source::ListPrice {
            listing: LISTING,
            quantity: 12,
            milestones: vec![milestone("raw data", 140_000), milestone("report", 100_000)],
        },
        required_credentials: [].into(),
        dataset: None,
        ethics_approval: None,
        facts: PlacingFacts {
            contract: now(CONTRACT, ContractKind::Member, MEMBER),
            listing: Arc::new(Listing::Listed(Box::new(listed(omics())))),
            vendor_contract: now(VENDOR_CONTRACT, ContractKind::VendorParticipation, VENDOR),
            vendor: Arc::new(Organisation::Registered(vendor())),
            admission: Arc::new(VendorAdmission::Vacant),
            consortium: None,
            dataset: None,
        },
        at: march(2),
    }
}

fn set_listing(order: &mut PlaceOrder, change: impl FnOnce(&mut Listed)) {
    let mut listed = order.facts.listing.listed().unwrap().clone();
    change(&mut listed);
    order.facts.listing = Arc::new(Listing::Listed(Box::new(listed)));
}

/// Sells through a consortium of the vendor and a partner.
fn sell_together(order: &mut PlaceOrder, formed: bool) {
    set_listing(order, |listed| listed.consortium = Some(CONSORTIUM));
    let joined = [(VENDOR, VENDOR_CONTRACT), (PARTNER, PARTNER_CONTRACT)];
    let members = joined.map(|(member, id)| {
        let (kind, status) = (ContractKind::VendorParticipation, Status::Active);
        let contract = ContractNow { id, revision: 5, kind, applicant: member, status };
        (member, MemberNow { capacities: [Capacity::Vendor].into(), contract })
    });
    let joined = joined.into();
    let shares = [(VENDOR, "70".parse().unwrap()), (PARTNER, "30".parse().unwrap())].into();
    let proposal = Box::new(Proposal {
        id: CONSORTIUM,
        name: "together".parse().unwrap(),
        lead: VENDOR,
        shares,
        joined,
        proposed_at: march(1),
    });
    let consortium = if formed { Consortium::Formed(proposal) } else { Consortium::Proposed(proposal) };
    order.facts.consortium =
        Some(ConsortiumNow { consortium: Arc::new(consortium), members: members.into() });
}

/// What the member asked for and the vendor quoted, until 10 March.
fn quoted() -> (RequestedQuote, Vec<SubmittedQuote>) {
    let asked = RequestedQuote {
        id: REQUEST,
        member: MEMBER,
        contract: CONTRACT,
        listing: LISTING,
        vendor: VENDOR,
        kind: ServiceKind::OmicsAnalysis,
        quantity: 48,
        requirements: "in duplicate".parse().unwrap(),
        required_credentials: ["iso-15189".parse().unwrap()].into(),
        dataset: None,
    };
    let quote = |number, yen| SubmittedQuote {
        number,
        contract: QUOTED_UNDER,
        offer: Offer {
            price: Money::jpy(yen),
            milestones: vec![milestone("all", yen)],
            turnaround_days: 60,
            valid_until: march(10),
            note: None,
        },
        submitted_at: march(1),
    };
    (asked, vec![quote(1, 900_000), quote(2, 800_000)])
}

/// An order from the second quote.
fn quoted_order() -> PlaceOrder {
    let (asked, quotes) = quoted();
    from_quote(order(), 2, asked, quotes)
}

fn from_quote(
    order: PlaceOrder,
    number: u32,
    asked: RequestedQuote,
    quotes: Vec<SubmittedQuote>,
) -> PlaceOrder {
    let known = Quote::Quoted { request: Box::new(asked), requested_at: march(1), quotes };
    let source = Source::Quote { taken: QuoteTaken { request: REQUEST, number }, known: Arc::new(known) };
    let vendor_contract = ContractNow { id: QUOTED_UNDER, ..order.facts.vendor_contract };
    PlaceOrder { source, facts: PlacingFacts { vendor_contract, ..order.facts }, ..order }
}

/// An order of patient-derived models with everything that it needs.
fn models() -> PlaceOrder {
    let mut order = order();
    set_listing(&mut order, |listed| listed.content.attributes = model());
    order.dataset = Some(DATASET);
    order.ethics_approval = Some("IRB-2026-014".parse().unwrap());
    order.facts.dataset = Some(Arc::new(Dataset::Registered(Box::new(dataset(true)))));
    order
}

/// The event of [`order`].
fn placed() -> PlacedOrder {
    PlacedOrder {
        id: ORDER,
        contract: CONTRACT,
        contract_revision: 5,
        member: MEMBER,
        vendor: VENDOR,
        vendor_contract: Some(VENDOR_CONTRACT),
        kind: ServiceKind::OmicsAnalysis,
        listing: Some(LISTING),
        quote: None,
        quantity: 12,
        price: Money::jpy(240_000),
        milestones: vec![milestone("raw data", 140_000), milestone("report", 100_000)],
        consortium: None,
        dataset: None,
        required_credentials: [].into(),
        ethics_approval: None,
        omics: Some(OmicsModality::Proteome),
        at: march(2),
    }
}

fn ordered() -> Event {
    Event::OmicsAnalysisOrdered(Box::new(placed()))
}

fn place(given: &[Event], when: PlaceOrder) -> Result<Vec<Event>, Rejection> {
    decide(given, Command::PlaceOrder(Box::new(when)))
}

fn decide(given: &[Event], when: Command) -> Result<Vec<Event>, Rejection> {
    Order::decide(&fold::<Order>(given), when)
}

/// The one order that a command places.
fn placed_by(when: PlaceOrder) -> PlacedOrder {
    let events = place(&[], when).unwrap();
    let [event] = events.as_slice() else { panic!("one event, not {events:?}") };
    event.placed().unwrap().clone()
}
