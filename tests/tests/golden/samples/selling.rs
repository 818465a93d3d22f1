//! Listings, quotes, consortia and admissions.

use domain::{
    consortium::{ConsortiumJoined, ConsortiumProposed, Event as Consortium},
    id::{ConsortiumId, ContractId, DatasetId, ListingId, QuoteRequestId},
    listing::{
        Attributes, ConsentToShare, DataAnalysis, DerivedModel, Event as Listing, Host, InputMaterial,
        LifestyleData, ListingContent, OmicsAnalysis, OmicsModality, PatientDerivedModel, PatientRecruiting,
        ServiceKind, ServiceListed, ServiceRevised, ServiceViewed, ServiceWithdrawn, SpecimenArchive,
        UnitPrice,
    },
    milestone::Milestone,
    quote::{Event as Quote, Offer, QuoteRequestDeclined, QuoteRequested, QuoteSubmitted, RequestedQuote},
    vendor_admission::{AdmissionMode, Event as VendorAdmission, VendorAdmissionSet},
};
use events::Event;
use money::{Decimal, Money};

use super::{CONTRACT, INVESTOR, MEMBER, VENDOR, at};

const LISTING: ListingId = ListingId::from_u128(30);
const CONSORTIUM: ConsortiumId = ConsortiumId::from_u128(31);
const SELLING: ContractId = ContractId::from_u128(32);

pub(super) fn events() -> Vec<Event> {
    let mut events: Vec<Event> = listings().into_iter().map(Event::from).collect();
    events.extend(quotes().into_iter().map(Event::from));
    events.extend(consortia().into_iter().map(Event::from));
    events.extend(admissions().into_iter().map(Event::from));
    events
}

fn listings() -> Vec<Listing> {
    let listed = |content: ListingContent, consortium| {
        Listing::ServiceListed(ServiceListed {
            id: LISTING,
            vendor: VENDOR,
            contract: SELLING,
            contract_revision: 6,
            consortium,
            content,
            at: at(70),
        })
    };
    let mut events: Vec<Listing> =
        attributes().into_iter().map(|attributes| listed(content(attributes), None)).collect();
    let bare = ListingContent { turnaround_days: None, list_price: None, ..content(archive()) };
    events.extend([
        listed(bare.clone(), Some(CONSORTIUM)),
        Listing::ServiceRevised(ServiceRevised {
            contract: SELLING,
            contract_revision: 8,
            content: bare,
            at: at(71),
        }),
        Listing::ServiceWithdrawn(ServiceWithdrawn {
            reason: "装置の更新".parse().unwrap(), at: at(72)
        }),
        Listing::ServiceViewed(ServiceViewed { viewer: MEMBER, contract: CONTRACT, at: at(73) }),
    ]);
    events
}

fn content(attributes: Attributes) -> ListingContent {
    ListingContent {
        code: "RNA-1".parse().unwrap(),
        title: "オミックス解析".parse().unwrap(),
        description: "FFPE検体のトランスクリプトーム".parse().unwrap(),
        attributes,
        turnaround_days: Some(45),
        list_price: Some(UnitPrice { unit: "specimen".parse().unwrap(), price: Money::jpy(50_000) }),
        minimum_quantity: 8,
    }
}

/// Of each of the six kinds, and of each value of their closed lists.
fn attributes() -> Vec<Attributes> {
    let omics = |modality| {
        Attributes::OmicsAnalysis(OmicsAnalysis {
            modality,
            platform: "Illumina NovaSeq X".parse().unwrap(),
            input: InputMaterial {
                material: "ffpe".parse().unwrap(),
                minimum_amount: "200 ng".parse().unwrap(),
            },
        })
    };
    let mut attributes: Vec<Attributes> = OmicsModality::ALL.iter().copied().map(omics).collect();
    attributes.extend(ConsentToShare::ALL.iter().copied().flat_map(models));
    attributes.extend([
        Attributes::DataAnalysis(DataAnalysis {
            methods: ["survival-analysis".parse().unwrap(), "gsea".parse().unwrap()].into(),
            deliverable: "報告書".parse().unwrap(),
            dataset_classes: ["wgs".parse().unwrap()].into(),
        }),
        Attributes::PatientRecruiting(PatientRecruiting {
            regions: ["関東".parse().unwrap()].into(),
            diseases: ["膵臓がん".parse().unwrap(), "breast cancer".parse().unwrap()].into(),
        }),
        Attributes::LifestyleData(LifestyleData {
            instruments: ["PRO-CTCAE".parse().unwrap(), "EQ-5D-5L".parse().unwrap()].into(),
            collection: "app".parse().unwrap(),
        }),
        archive(),
    ]);
    attributes
}

fn models(consent_to_share: ConsentToShare) -> [Attributes; 2] {
    let host = Host {
        species: "Mus musculus".parse().unwrap(),
        strain: "NOD scid gamma".parse().unwrap(),
        engraftment_site: "subcutaneous".parse().unwrap(),
        engraftment_type: "tumour fragment".parse().unwrap(),
    };
    [(DerivedModel::Xenograft(host), 3), (DerivedModel::Organoid, 0)].map(|(model, passage_number)| {
        Attributes::PatientDerivedModel(PatientDerivedModel {
            model,
            passage_number,
            tumour_type: "膵管腺癌".parse().unwrap(),
            consent_to_share,
        })
    })
}

fn archive() -> Attributes {
    Attributes::SpecimenArchive(SpecimenArchive {
        materials: ["plasma".parse().unwrap(), "ffpe".parse().unwrap()].into(),
        storage_temperature_celsius: -196,
        capacity: 50_000,
    })
}

fn quotes() -> Vec<Quote> {
    let request = RequestedQuote {
        id: QuoteRequestId::from_u128(33),
        member: MEMBER,
        contract: CONTRACT,
        listing: LISTING,
        vendor: VENDOR,
        kind: ServiceKind::OmicsAnalysis,
        quantity: 96,
        requirements: "ストランド特異的".parse().unwrap(),
        required_credentials: ["iso-15189".parse().unwrap(), "cap".parse().unwrap()].into(),
        dataset: Some(DatasetId::from_u128(34)),
    };
    let requested =
        |request| Quote::QuoteRequested(QuoteRequested { request, contract_revision: 4, at: at(74) });
    let kinds = ServiceKind::ALL.iter().map(|kind| {
        let required_credentials = Default::default();
        requested(RequestedQuote { kind: *kind, required_credentials, dataset: None, ..request.clone() })
    });
    let milestone = |name: &str, yen| Milestone { name: name.parse().unwrap(), amount: Money::jpy(yen) };
    let submitted = |number, note| {
        Quote::QuoteSubmitted(QuoteSubmitted {
            number,
            contract: SELLING,
            contract_revision: 6,
            offer: Offer {
                price: Money::jpy(4_800_000),
                milestones: vec![milestone("library", 800_000), milestone("results", 4_000_000)],
                turnaround_days: 45,
                valid_until: at(7_000),
                note,
            },
            at: at(75),
        })
    };
    let mut events = vec![requested(request.clone())];
    events.extend(kinds);
    events.extend([
        submitted(1, None),
        submitted(2, Some("検体はドライアイスで".parse().unwrap())),
        Quote::QuoteRequestDeclined(QuoteRequestDeclined {
            reason: "予約が一杯".parse().unwrap(),
            at: at(76),
        }),
    ]);
    events
}

fn consortia() -> [Consortium; 2] {
    let percent = |text: &str| text.parse::<Decimal>().unwrap();
    [
        Consortium::ConsortiumProposed(ConsortiumProposed {
            id: CONSORTIUM,
            name: "PDX連合".parse().unwrap(),
            lead: VENDOR,
            contract: SELLING,
            contract_revision: 6,
            shares: [(VENDOR, percent("62.5")), (INVESTOR, percent("37.5"))].into(),
            at: at(77),
        }),
        Consortium::ConsortiumJoined(ConsortiumJoined {
            member: INVESTOR,
            contract: ContractId::from_u128(35),
            contract_revision: 5,
            at: at(78),
        }),
    ]
}

fn admissions() -> Vec<VendorAdmission> {
    let modes = [
        AdmissionMode::Open,
        AdmissionMode::Limited([VENDOR, INVESTOR].into()),
        AdmissionMode::Exclusive(VENDOR),
    ];
    let set = |(mode, kind): (AdmissionMode, &ServiceKind)| {
        VendorAdmission::VendorAdmissionSet(VendorAdmissionSet { kind: *kind, mode, at: at(79) })
    };
    modes.into_iter().zip(ServiceKind::ALL).map(set).collect()
}
