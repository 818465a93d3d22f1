use super::*;
use crate::{
    consortium::{Because, CannotSell},
    listing::MOST_QUANTITY,
    milestone::InvalidMilestones,
    under_contract::NotCovered,
};

type Change = fn(&mut PlaceOrder);

/// Each change of [`order`] is refused in its own way.
fn refused(cases: Vec<(Change, Rejection)>) {
    for (change, rejection) in cases {
        let mut when = order();
        change(&mut when);
        assert_eq!(place(&[], when), Err(rejection));
    }
}

#[test]
fn a_member_orders_at_the_list_price() {
    assert_eq!(place(&[], order()), Ok(vec![ordered()]));
    assert_eq!(fold::<Order>(&[ordered()]), Order::Placed(Box::new(placed())));
}

#[test]
fn a_member_orders_from_any_quote_that_binds() {
    let order = placed_by(quoted_order());
    assert_eq!(order.quote, Some(QuoteTaken { request: REQUEST, number: 2 }));
    assert_eq!((order.quantity, order.price), (48, Money::jpy(800_000)));
    assert_eq!(order.milestones, [milestone("all", 800_000)]);
    assert_eq!(order.required_credentials, ["iso-15189".parse().unwrap()].into());
    let (asked, quotes) = quoted();
    let first = placed_by(from_quote(super::order(), 1, asked, quotes));
    assert_eq!(first.price, Money::jpy(900_000));
}

/// The vendor bound itself under the contract that it named when it quoted, whichever it lists under now.
#[test]
fn an_order_stands_on_the_contract_under_which_it_was_quoted_or_listed() {
    assert_eq!(placed_by(order()).vendor_contract, Some(VENDOR_CONTRACT));
    assert_eq!(placed_by(quoted_order()).vendor_contract, Some(QUOTED_UNDER));
    let mut under_the_listings = quoted_order();
    under_the_listings.facts.vendor_contract = order().facts.vendor_contract;
    let refused = Err(Rejection::VendorNotParticipating { status: Status::Vacant });
    assert_eq!(place(&[], under_the_listings), refused);
    let mut at_list_price = order();
    at_list_price.facts.vendor_contract = quoted_order().facts.vendor_contract;
    assert_eq!(place(&[], at_list_price), refused);
}

#[test]
fn a_quote_binds_though_the_service_was_withdrawn() {
    let withdrawal = Withdrawal { reason: reason("sold out"), at: march(2) };
    let withdrawn = Arc::new(Listing::Withdrawn { listed: Box::new(listed(omics())), withdrawal });
    let mut quoted = quoted_order();
    quoted.facts.listing = withdrawn.clone();
    assert_eq!(placed_by(quoted).price, Money::jpy(800_000));
    let mut at_list_price = order();
    at_list_price.facts.listing = withdrawn;
    assert_eq!(place(&[], at_list_price), Err(Rejection::ListingWithdrawn { listing: LISTING }));
}

#[test]
fn a_consortium_sells_with_the_split_of_the_day() {
    let mut together = order();
    sell_together(&mut together, true);
    let order = placed_by(together);
    let shares = vec![(VENDOR, "70".parse().unwrap()), (PARTNER, "30".parse().unwrap())];
    assert_eq!(order.consortium, Some(SellingConsortium { id: CONSORTIUM, shares }));
    assert!(order.sells(PARTNER) && order.sells(VENDOR) && !order.sells(MEMBER));
    let order = Order::Placed(Box::new(order));
    assert_eq!(order.audience(), [MEMBER, VENDOR, PARTNER].into());
}

#[test]
fn derived_material_is_sold_with_consent_and_ethics_approval() {
    let events = place(&[], models()).unwrap();
    let [Event::OrderPlaced(order)] = events.as_slice() else { panic!("an order, not {events:?}") };
    assert_eq!((order.kind, order.omics), (ServiceKind::PatientDerivedModel, None));
    assert_eq!(order.dataset, Some(DATASET));
    assert_eq!(order.ethics_approval, Some("IRB-2026-014".parse().unwrap()));
}

#[test]
fn the_dataset_is_that_of_the_request_for_quote() {
    let (mut asked, quotes) = quoted();
    asked.dataset = Some(DATASET);
    let mut order = from_quote(order(), 1, asked, quotes);
    order.facts.dataset = Some(Arc::new(Dataset::Registered(Box::new(dataset(false)))));
    assert_eq!(placed_by(order.clone()).dataset, Some(DATASET));
    order.dataset = Some(DatasetId::from_u128(77));
    assert_eq!(place(&[], order), Err(Rejection::OtherDataset { dataset: DATASET }));
}

#[test]
fn the_same_order_is_already_so_whatever_has_moved_since() {
    let mut again = order();
    again.facts.contract.status = Status::Expired;
    again.facts.listing = Arc::new(Listing::Vacant);
    assert_eq!(place(&[ordered()], again), Ok(vec![]));
    let changes: [Change; 6] = [
        |order| order.facts.contract.id = ContractId::from_u128(77),
        |order| {
            let milestones = vec![milestone("all", 240_000)];
            order.source = Source::ListPrice { listing: LISTING, quantity: 12, milestones };
        },
        |order| order.source = quoted_order().source,
        |order| order.dataset = Some(DATASET),
        |order| order.required_credentials = ["cap".parse().unwrap()].into(),
        |order| order.ethics_approval = Some("IRB-1".parse().unwrap()),
    ];
    for change in changes {
        let mut other = order();
        change(&mut other);
        assert_eq!(place(&[ordered()], other), Err(Rejection::AlreadyPlaced { id: ORDER }));
    }
    let quoted = Event::OmicsAnalysisOrdered(Box::new(placed_by(quoted_order())));
    let mut later = quoted_order();
    later.at = march(30);
    assert_eq!(place(&[quoted], later), Ok(vec![]), "though the quote has expired since");
}

#[test]
fn what_may_not_be_ordered() {
    let price = Money::jpy(240_000);
    let cases: Vec<(Change, Rejection)> = vec![
        (|order| quantity(order, 9), Rejection::QuantityOutOfRange { quantity: 9, least: 10 }),
        (
            |order| quantity(order, MOST_QUANTITY + 1),
            Rejection::QuantityOutOfRange { quantity: MOST_QUANTITY + 1, least: 10 },
        ),
        (|order| parts(order, vec![]), InvalidMilestones::OutOfRange { milestones: 0 }.into()),
        (
            |order| parts(order, vec![milestone("all", 239_999)]),
            InvalidMilestones::MissPrice { price }.into(),
        ),
        (
            |order| {
                let kinds = (0..=MOST_CREDENTIALS).map(|number| format!("kind-{number}").parse().unwrap());
                order.required_credentials = kinds.collect();
            },
            Rejection::TooManyCredentials { credentials: MOST_CREDENTIALS + 1 },
        ),
        (
            |order| order.facts.contract.applicant = VENDOR,
            NotCovered::NotOwn { contract: CONTRACT, organisation: MEMBER }.into(),
        ),
        (
            |order| order.facts.contract.kind = ContractKind::Investor,
            NotCovered::OtherKind { kind: ContractKind::Investor, needed: ContractKind::Member }.into(),
        ),
        (
            |order| order.facts.contract.status = Status::Paused,
            NotCovered::NotInForce { contract: CONTRACT, status: Status::Paused }.into(),
        ),
        (
            |order| order.facts.listing = Arc::new(Listing::Vacant),
            Rejection::NoSuchListing { listing: LISTING },
        ),
        (
            |order| set_listing(order, |listed| listed.id = ListingId::from_u128(77)),
            Rejection::NoSuchListing { listing: LISTING },
        ),
        (
            |order| set_listing(order, |listed| listed.content.list_price = None),
            Rejection::NoListPrice { listing: LISTING },
        ),
        (
            |order| {
                let unit = Money::jpy(i64::MAX);
                let price = Some(UnitPrice { unit: "specimen".parse().unwrap(), price: unit });
                set_listing(order, |listed| listed.content.list_price = price);
            },
            Rejection::PriceOutOfRange { quantity: 12, unit: Money::jpy(i64::MAX) },
        ),
    ];
    refused(cases);
}

#[test]
fn who_may_not_sell_and_who_may_not_buy() {
    let cases: Vec<(Change, Rejection)> = vec![
        (
            |order| set_listing(order, |listed| listed.vendor = MEMBER),
            Rejection::OwnVendor { organisation: MEMBER },
        ),
        (
            |order| order.facts.vendor = Arc::new(Organisation::Registered(without_capacity())),
            Rejection::NotAVendor { organisation: VENDOR },
        ),
        (
            |order| order.facts.vendor_contract.status = Status::Expired,
            Rejection::VendorNotParticipating { status: Status::Expired },
        ),
        (
            |order| order.facts.admission = Arc::new(admits(PARTNER)),
            Rejection::NotAdmitted { organisation: VENDOR, kind: ServiceKind::OmicsAnalysis },
        ),
        (|order| sell_together(order, false), Rejection::ConsortiumNotFormed),
        (
            |order| set_listing(order, |listed| listed.consortium = Some(CONSORTIUM)),
            Rejection::ConsortiumNotFormed,
        ),
        (
            |order| {
                order.required_credentials = ["iso-15189", "cap"].map(|kind| kind.parse().unwrap()).into()
            },
            Rejection::CredentialMissing { organisation: VENDOR, credential: "cap".parse().unwrap() },
        ),
        (|order| order.dataset = Some(DATASET), Rejection::NoSuchDataset { dataset: DATASET }),
    ];
    refused(cases);
}

/// Who could sell when it joined need not be able to any more.
#[test]
fn a_consortium_of_which_a_member_cannot_sell_sells_nothing() {
    fn partner(order: &mut PlaceOrder) -> &mut MemberNow {
        order.facts.consortium.as_mut().unwrap().members.get_mut(&PARTNER).unwrap()
    }
    let kind = ServiceKind::OmicsAnalysis;
    let cases: Vec<(Change, Because)> = vec![
        (
            |order| partner(order).contract.status = Status::Expired,
            Because::NotParticipating { status: Status::Expired },
        ),
        (|order| partner(order).capacities.clear(), Because::NotAVendor),
        (|order| order.facts.admission = Arc::new(admits(VENDOR)), Because::NotAdmitted { kind }),
    ];
    for (change, because) in cases {
        let mut when = order();
        sell_together(&mut when, true);
        change(&mut when);
        let refused = CannotSell { organisation: PARTNER, because };
        assert_eq!(place(&[], when), Err(Rejection::MemberCannotSell(refused)));
    }
}

#[test]
fn a_member_of_the_consortium_cannot_order_from_it() {
    let mut order = order();
    sell_together(&mut order, true);
    order.member = PARTNER;
    order.facts.contract.applicant = PARTNER;
    assert_eq!(place(&[], order), Err(Rejection::OwnVendor { organisation: PARTNER }));
}

#[test]
fn what_may_not_be_ordered_from_a_quote() {
    let (request, number) = (REQUEST, 3);
    let cases: Vec<(Change, Rejection)> = vec![
        (|order| taken(order, 3), Rejection::NoSuchQuote { request, number }),
        (|order| taken(order, 0), Rejection::NoSuchQuote { request, number: 0 }),
        (|order| known(order, Quote::Vacant), Rejection::NoSuchQuote { request, number: 2 }),
        (
            |order| {
                order.member = PARTNER;
                order.facts.contract.applicant = PARTNER;
            },
            Rejection::QuoteOfAnother { request, organisation: PARTNER },
        ),
        (
            |order| order.facts.contract.id = ContractId::from_u128(77),
            Rejection::QuoteUnderOtherContract { request, contract: CONTRACT },
        ),
        (|order| order.at = march(10), Rejection::QuoteExpired { valid_until: march(10) }),
        (
            |order| order.facts.vendor_contract.status = Status::Terminated,
            Rejection::VendorNotParticipating { status: Status::Terminated },
        ),
    ];
    for (change, rejection) in cases {
        let mut when = quoted_order();
        change(&mut when);
        assert_eq!(place(&[], when), Err(rejection));
    }
}

#[test]
fn a_credential_must_hold_when_the_order_is_placed() {
    let mut order = order();
    order.required_credentials = ["iso-15189".parse().unwrap()].into();
    order.at = march(19);
    assert!(place(&[], order.clone()).is_ok());
    order.at = march(20);
    let credential = "iso-15189".parse().unwrap();
    assert_eq!(place(&[], order), Err(Rejection::CredentialMissing { organisation: VENDOR, credential }));
}

#[test]
fn derived_material_without_consent_or_approval_is_refused() {
    let kind = ServiceKind::PatientDerivedModel;
    let cases: Vec<(Change, Rejection)> = vec![
        (|order| order.dataset = None, Rejection::DatasetMissing { kind }),
        (|order| order.facts.dataset = None, Rejection::NoSuchDataset { dataset: DATASET }),
        (|order| freezes(order, &[false]), Rejection::ConsentMissing { dataset: DATASET }),
        (|order| freezes(order, &[]), Rejection::ConsentMissing { dataset: DATASET }),
        // What the participants agreed to in an earlier freeze holds no more.
        (|order| freezes(order, &[true, false]), Rejection::ConsentMissing { dataset: DATASET }),
        (|order| order.ethics_approval = None, Rejection::EthicsApprovalMissing { kind }),
    ];
    for (change, rejection) in cases {
        let mut when = models();
        change(&mut when);
        assert_eq!(place(&[], when), Err(rejection));
    }
}

/// PDX-MI "consent to share": what is listed with another answer than yes can be looked at, and not ordered.
#[test]
fn a_model_is_ordered_only_if_its_patient_consented_to_share_it() {
    for consent in [ConsentToShare::No, ConsentToShare::NotAvailable] {
        let sharing = |order: &mut PlaceOrder| {
            set_listing(order, |listed| {
                let Attributes::PatientDerivedModel(mut of) = model() else { panic!("a model") };
                of.consent_to_share = consent;
                listed.content.attributes = Attributes::PatientDerivedModel(of);
            });
        };
        let refused = Err(Rejection::NotToBeShared { listing: LISTING, consent });
        let mut at_list_price = models();
        sharing(&mut at_list_price);
        assert_eq!(place(&[], at_list_price), refused);
        let (asked, quotes) = quoted();
        let mut from_quote = from_quote(models(), 1, asked, quotes);
        sharing(&mut from_quote);
        assert_eq!(place(&[], from_quote), refused);
    }
}

fn quantity(order: &mut PlaceOrder, more: u32) {
    if let Source::ListPrice { quantity, .. } = &mut order.source {
        *quantity = more;
    }
}

fn parts(order: &mut PlaceOrder, parts: Vec<Milestone>) {
    if let Source::ListPrice { milestones, .. } = &mut order.source {
        *milestones = parts;
    }
}

fn taken(order: &mut PlaceOrder, number: u32) {
    if let Source::Quote { taken, .. } = &mut order.source {
        taken.number = number;
    }
}

fn known(order: &mut PlaceOrder, quote: Quote) {
    if let Source::Quote { known, .. } = &mut order.source {
        *known = Arc::new(quote);
    }
}

fn without_capacity() -> Profile {
    Profile { capacities: vec![], ..vendor() }
}

fn admits(vendor: OrganisationId) -> VendorAdmission {
    let mode = crate::vendor_admission::AdmissionMode::Exclusive(vendor);
    VendorAdmission::Set { mode, since: march(1) }
}

/// The dataset with a freeze a day from 1 March on, of which the consent is given.
fn freezes(order: &mut PlaceOrder, consents: &[bool]) {
    let mut dataset = dataset(true);
    let freeze = dataset.freezes.remove(0);
    let freezes = (1..).zip(consents).map(|(number, sale)| Freeze {
        number,
        consent: ConsentScope { derived_material_sale: *sale },
        released_at: march(number as i8),
        ..freeze.clone()
    });
    dataset.freezes = freezes.collect();
    order.facts.dataset = Some(Arc::new(Dataset::Registered(Box::new(dataset))));
}
