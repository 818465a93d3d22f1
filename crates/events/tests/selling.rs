//! Events of the selling side read back, and bytes that are none name what is wrong.

use domain::{consortium, listing, quote, vendor_admission};
use events::{Defect, Recordable};
use prost::Message;
use proto::kiban::{common::v1 as common, order::v1 as form};

const ID: [u8; 16] = [7; 16];

fn content() -> form::ListingContent {
    form::ListingContent {
        code: "PDX-7".into(),
        title: "ゼノグラフト".into(),
        description: "patient-derived xenograft".into(),
        turnaround_days: None,
        list_price: None,
        minimum_quantity: 1,
        attributes: Some(form::listing_content::Attributes::PatientDerivedModel(
            form::PatientDerivedModelAttributes {
                model: form::DerivedModel::Pdx.into(),
                host_species: "Mus musculus".into(),
                host_strain: "NSG".into(),
                passage_number: 3,
                engraftment_site: "subcutaneous".into(),
                engraftment_type: "tumour fragment".into(),
                tumour_type: "PDAC".into(),
                consent_to_share: form::ConsentToShare::Yes.into(),
            },
        )),
    }
}

fn listed() -> form::ServiceListed {
    form::ServiceListed {
        listing: ID.into(),
        vendor: ID.into(),
        contract: ID.into(),
        contract_revision: 4,
        consortium: vec![],
        content: Some(content()),
        listed_at_us: 1,
    }
}

fn requested() -> form::QuoteRequested {
    form::QuoteRequested {
        request: ID.into(),
        member: ID.into(),
        contract: ID.into(),
        contract_revision: 4,
        listing: ID.into(),
        vendor: ID.into(),
        kind: form::ServiceKind::PatientDerivedModel as u32,
        quantity: 2,
        requirements: "P3".into(),
        required_credentials: vec!["cap".into()],
        dataset: ID.into(),
        requested_at_us: 1,
    }
}

fn submitted() -> form::QuoteSubmitted {
    let yen = |minor_units| Some(common::Money { currency_code: "JPY".into(), minor_units });
    form::QuoteSubmitted {
        number: 1,
        contract: ID.into(),
        contract_revision: 4,
        price: yen(900),
        milestones: vec![form::OrderedMilestone { name: "model".into(), amount: yen(900) }],
        turnaround_days: 45,
        valid_until_us: 2,
        note: String::new(),
        submitted_at_us: 1,
    }
}

fn proposed() -> form::ConsortiumProposed {
    let share = |vendor, percentage: &str| form::ProposedShare { vendor, percentage: percentage.into() };
    form::ConsortiumProposed {
        consortium: ID.into(),
        name: "together".into(),
        lead: ID.into(),
        lead_contract: ID.into(),
        lead_contract_revision: 4,
        shares: vec![share(ID.into(), "62.5"), share([8; 16].into(), "37.5")],
        proposed_at_us: 1,
    }
}

fn admission() -> form::VendorAdmissionSet {
    form::VendorAdmissionSet {
        kind: form::ServiceKind::SpecimenArchive as u32,
        mode: Some(form::vendor_admission_set::Mode::Exclusive(ID.into())),
        set_at_us: 1,
    }
}

fn reads_back<E: Recordable>(event_type: &str, message: &impl Message) {
    let bytes = message.encode_to_vec();
    let event = E::decode(event_type, &bytes).unwrap();
    assert_eq!((event.event_type(), event.encode()), (event_type, bytes));
}

fn defect<E: Recordable + std::fmt::Debug, M: Message>(
    event_type: &str,
    mut message: M,
    change: impl Fn(&mut M),
) -> String {
    change(&mut message);
    E::decode(event_type, &message.encode_to_vec()).unwrap_err().to_string()
}

#[test]
fn what_was_written_reads_back_to_the_byte() {
    reads_back::<listing::Event>("kiban.order.v1.ServiceListed", &listed());
    let consortium = ID.into();
    reads_back::<listing::Event>(
        "kiban.order.v1.ServiceListed",
        &form::ServiceListed { consortium, ..listed() },
    );
    let revised = form::ServiceRevised {
        contract: ID.into(),
        contract_revision: 5,
        content: Some(content()),
        revised_at_us: 2,
    };
    reads_back::<listing::Event>("kiban.order.v1.ServiceRevised", &revised);
    let withdrawn = form::ServiceWithdrawn { reason: "更新".into(), withdrawn_at_us: 3 };
    reads_back::<listing::Event>("kiban.order.v1.ServiceWithdrawn", &withdrawn);
    let viewed = form::ServiceViewed { viewer: ID.into(), contract: ID.into(), viewed_at_us: 4 };
    reads_back::<listing::Event>("kiban.order.v1.ServiceViewed", &viewed);
    reads_back::<quote::Event>("kiban.order.v1.QuoteRequested", &requested());
    for note in ["", "ドライアイス"] {
        let submitted = form::QuoteSubmitted { note: note.into(), ..submitted() };
        reads_back::<quote::Event>("kiban.order.v1.QuoteSubmitted", &submitted);
    }
    let declined = form::QuoteRequestDeclined { reason: "full".into(), declined_at_us: 3 };
    reads_back::<quote::Event>("kiban.order.v1.QuoteRequestDeclined", &declined);
    reads_back::<consortium::Event>("kiban.order.v1.ConsortiumProposed", &proposed());
    let joined = form::ConsortiumJoined {
        vendor: ID.into(),
        contract: ID.into(),
        contract_revision: 4,
        joined_at_us: 2,
    };
    reads_back::<consortium::Event>("kiban.order.v1.ConsortiumJoined", &joined);
    use form::vendor_admission_set::Mode;
    let limited = form::AdmittedVendors { vendors: vec![ID.into(), [8; 16].into()] };
    for mode in [Mode::Open(form::OpenAdmission {}), Mode::Limited(limited), Mode::Exclusive(ID.into())] {
        let set = form::VendorAdmissionSet { mode: Some(mode), ..admission() };
        reads_back::<vendor_admission::Event>("kiban.order.v1.VendorAdmissionSet", &set);
    }
}

#[test]
fn wrong_bytes_name_the_field() {
    let listing = |change: fn(&mut form::ServiceListed)| {
        defect::<listing::Event, _>("kiban.order.v1.ServiceListed", listed(), change)
    };
    let quote = |change: fn(&mut form::QuoteRequested)| {
        defect::<quote::Event, _>("kiban.order.v1.QuoteRequested", requested(), change)
    };
    let consortium = |change: fn(&mut form::ConsortiumProposed)| {
        defect::<consortium::Event, _>("kiban.order.v1.ConsortiumProposed", proposed(), change)
    };
    let admission = |change: fn(&mut form::VendorAdmissionSet)| {
        defect::<vendor_admission::Event, _>("kiban.order.v1.VendorAdmissionSet", admission(), change)
    };
    let quoted = |change: fn(&mut form::QuoteSubmitted)| {
        defect::<quote::Event, _>("kiban.order.v1.QuoteSubmitted", submitted(), change)
    };
    for (found, expected) in [
        (quoted(|message| message.number = 0), "field number: quotes count from 1"),
        (quoted(|message| message.price = None), "field price: missing"),
        (quoted(|message| message.milestones[0].amount = None), "field milestones.amount: missing"),
        (listing(|message| message.vendor.truncate(15)), "field vendor: 15 bytes are no id"),
        (listing(|message| message.content = None), "field content: missing"),
        (
            listing(|message| message.content.as_mut().unwrap().attributes = None),
            "field content: attributes: is missing",
        ),
        (quote(|message| message.kind = 7), "field kind: 7 is no kind of service"),
        (quote(|message| message.kind = u32::MAX), "field kind: 4294967295 is no kind of service"),
        (quote(|message| message.dataset.truncate(3)), "field dataset: 3 bytes are no id"),
        (
            consortium(|message| message.shares[1].vendor = ID.into()),
            "field shares: a member stands there twice",
        ),
        (admission(|message| message.mode = None), "field mode: missing"),
    ] {
        assert_eq!(found, expected);
    }
    for category in [
        listing::Event::decode("kiban.order.v1.OrderPlaced", &[]).map(|_| ()),
        quote::Event::decode("kiban.order.v1.OrderPlaced", &[]).map(|_| ()),
        consortium::Event::decode("kiban.order.v1.OrderPlaced", &[]).map(|_| ()),
        vendor_admission::Event::decode("kiban.order.v1.OrderPlaced", &[]).map(|_| ()),
    ] {
        assert!(matches!(category, Err(Defect::UnknownType(_))));
    }
}
