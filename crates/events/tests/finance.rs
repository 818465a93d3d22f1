//! Versions and periods in the log: golden bytes, everything that can be published reads back, and what
//! cannot be read is named.

use std::collections::BTreeSet;

use domain::{
    id::{OrganisationId, PriceBookId, ShareRuleId},
    period::{self, PeriodClosed},
    price_book::{self, Band, PriceBookPublished, PriceItem, PriceKey, PriceList, PriceModel},
    share_rule::{
        self, ChargeTerms, Dealer, Party, PayoutTreatment, ShareRulePublished, Split, SplitTable,
        default_splits,
    },
    terms::{ChargeKind, DatasetClass, Right, Tier, Verdict},
    time::{Month, Timestamp},
};
use events::{
    Defect, Recordable,
    finance_form::{price_book_version, price_list, share_rule_version, split_table},
};
use money::{Currency, Decimal, Money};
use proptest::{collection::vec, option, prelude::*, sample::select};
use prost::Message;
use proto::kiban::finance::v1 as form;

const OWNER: OrganisationId = OrganisationId::from_u128(1);

fn decimal(text: &str) -> Decimal {
    text.parse().unwrap()
}

fn at() -> Timestamp {
    Timestamp::from_micros(1_774_969_200_000_001).unwrap()
}

fn prices() -> PriceList {
    let band = |up_to: Option<&str>, price: &str, flat: Option<i64>| Band {
        up_to: up_to.map(decimal),
        unit_price: decimal(price),
        flat: flat.map(Money::jpy),
    };
    let item = |tier: &str, class: &str, right, model| PriceItem {
        key: PriceKey {
            charge_kind: ChargeKind::data_usage(),
            tier: (!tier.is_empty()).then(|| tier.parse().unwrap()),
            dataset_class: (!class.is_empty()).then(|| class.parse().unwrap()),
            right,
        },
        model,
    };
    let bands =
        vec![band(Some("100"), "50", None), band(Some("1000.5"), "40", Some(0)), band(None, "0", None)];
    PriceList {
        name: "2026年度".parse().unwrap(),
        currency: Currency::Jpy,
        start: Month::new(2026, 4).unwrap(),
        items: vec![
            item("basic", "", None, PriceModel::Flat { amount: Money::jpy(1_000_000) }),
            item("", "open", Some(Right::Browse), PriceModel::PerUnit { price: decimal("0.25") }),
            item("", "", None, PriceModel::Graduated { bands }),
        ],
        billed_verdicts: BTreeSet::from([Verdict::InScope, Verdict::OverQuota]),
    }
}

fn table() -> SplitTable {
    let party = Party::Organisation(OrganisationId::from_u128(7));
    let split = Split {
        charge_kind: ChargeKind::service_order(),
        with_provider: Some(true),
        fixed: vec![(party, Money::jpy(500))],
        percentages: vec![(Party::Vendor, decimal("87.5")), (Party::DataProvider, decimal("12.5"))],
        minimums: vec![(Party::Vendor, Money::jpy(10))],
        caps: vec![(Party::DataProvider, Money::jpy(1_000))],
        residual: Party::BaseOperator,
        data_fee: Some(decimal("5")),
    };
    SplitTable {
        name: "Shares".parse().unwrap(),
        start: Month::new(2026, 4).unwrap(),
        splits: vec![split],
        charges: vec![],
    }
}

fn book_published(version: u32, prices: PriceList) -> price_book::Event {
    let id = PriceBookId::from_u128(9);
    price_book::Event::PriceBookPublished(PriceBookPublished {
        id,
        version,
        prices,
        published_by: OWNER,
        at: at(),
    })
}

fn rule_published(version: u32, table: SplitTable) -> share_rule::Event {
    let id = ShareRuleId::from_u128(10);
    share_rule::Event::ShareRulePublished(ShareRulePublished {
        id,
        version,
        table,
        published_by: OWNER,
        at: at(),
    })
}

fn bytes(hex: &str) -> Vec<u8> {
    let hex: String = hex.split_whitespace().collect();
    (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap()).collect()
}

fn assert_golden<E: Recordable + PartialEq + std::fmt::Debug>(event: &E, event_type: &str, golden: &str) {
    assert_eq!(event.event_type(), event_type);
    let written: String = event.encode().iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(written, golden.split_whitespace().collect::<String>());
    assert_eq!(E::decode(event_type, &bytes(golden)).as_ref(), Ok(event));
}

#[test]
fn price_book_published_is_golden() {
    assert_golden(&book_published(1, prices()), "kiban.finance.v1.PriceBookPublished", BOOK_GOLDEN);
}

#[test]
fn share_rule_published_is_golden() {
    assert_golden(&rule_published(2, table()), "kiban.finance.v1.ShareRulePublished", RULE_GOLDEN);
}

#[test]
fn period_closed_is_golden() {
    let closed = PeriodClosed { issuer: OWNER, month: Month::new(2026, 3).unwrap(), at: at() };
    let event = period::Event::PeriodClosed(closed);
    assert_golden(&event, "kiban.finance.v1.PeriodClosed", PERIOD_GOLDEN);
}

#[test]
fn the_default_splits_read_back() {
    let event = rule_published(1, SplitTable { splits: default_splits(), ..table() });
    assert_eq!(share_rule::Event::decode(event.event_type(), &event.encode()), Ok(event));
}

#[test]
fn events_that_cannot_be_read_say_where() {
    let unknown = price_book::Event::decode("kiban.finance.v1.PriceBookBurnt", &[]);
    assert_eq!(unknown, Err(Defect::UnknownType("kiban.finance.v1.PriceBookBurnt".into())));
    let decode = |change: fn(&mut form::PriceBookPublished)| {
        let event = book_published(1, prices());
        let mut message = form::PriceBookPublished::decode(&*event.encode()).unwrap();
        change(&mut message);
        price_book::Event::decode(event.event_type(), &message.encode_to_vec()).unwrap_err().to_string()
    };
    for (change, expected) in [
        ((|book| book.version = None) as fn(&mut form::PriceBookPublished), "field version: missing"),
        (|book| version(book).version = 0, "field version.version: versions are numbered from 1"),
        (|book| version(book).items[1].right = 9, "field version: items[1].right: is no right"),
        (|book| book.price_book.clear(), "field price_book: 0 bytes are no id"),
        (|book| book.published_at_us = i64::MAX, "field published_at_us: 9223372036854775807 µs is out"),
    ] {
        let error = decode(change);
        assert!(error.starts_with(expected), "{error}");
    }
}

fn version(message: &mut form::PriceBookPublished) -> &mut form::PriceBookVersion {
    message.version.as_mut().unwrap()
}

fn graduated(version: &mut form::PriceBookVersion) -> &mut Vec<form::Band> {
    match version.items[2].model.as_mut().unwrap().model.as_mut().unwrap() {
        form::price_model::Model::Graduated(graduated) => &mut graduated.bands,
        other => panic!("{other:?} is not graduated"),
    }
}

#[test]
fn a_malformed_list_of_prices_names_the_field() {
    type Change = fn(&mut form::PriceBookVersion);
    let flat = |currency: &str| {
        let amount = proto::kiban::common::v1::Money { currency_code: currency.into(), minor_units: 1 };
        Some(form::PriceModel { model: Some(form::price_model::Model::Flat(amount)) })
    };
    let table: Vec<(Change, &str)> = vec![
        (|book| book.name.clear(), "name"),
        (|book| book.currency_code = "USD".into(), "currency_code"),
        (|book| book.start = "2026-4".into(), "start"),
        (|book| book.items[0].charge_kind = "Data Usage".into(), "items[0].charge_kind"),
        (|book| book.items[1].tier = "Ultra!".into(), "items[1].tier"),
        (|book| book.items[1].dataset_class = "é".into(), "items[1].dataset_class"),
        (|book| book.items[1].right = 5, "items[1].right"),
        (|book| book.items[1].model = None, "items[1].model"),
        (|book| book.items[1].model = Some(form::PriceModel { model: None }), "items[1].model"),
        (|book| graduated(book)[1].up_to = "1e3".into(), "items[2].model.graduated.bands[1].up_to"),
        (|book| graduated(book)[2].unit_price.clear(), "items[2].model.graduated.bands[2].unit_price"),
        (
            |book| graduated(book)[1].flat.as_mut().unwrap().currency_code = "yen".into(),
            "items[2].model.graduated.bands[1].flat.currency_code",
        ),
        (|book| book.billed_verdicts.push(0), "billed_verdicts[2]"),
        (|book| book.billed_verdicts.push(1), "billed_verdicts[2]"),
    ];
    for (change, path) in table {
        let mut message = price_book_version(1, &prices());
        change(&mut message);
        assert_eq!(price_list(&message).unwrap_err().path, path);
    }
    let model = |model| Some(form::PriceModel { model: Some(model) });
    let package = |size: &str, price| {
        model(form::price_model::Model::Package(form::Package { size: size.into(), price }))
    };
    let half_open = form::Band { unit_price: "x".into(), ..form::Band::default() };
    for (model, path) in [
        (package("", Some(Default::default())), "size"),
        (package("10", None), "price"),
        (package("10", Some(Default::default())), "price.currency_code"),
        (
            model(form::price_model::Model::Volume(form::Volume { bands: vec![half_open] })),
            "bands[0].unit_price",
        ),
    ] {
        let mut message = price_book_version(1, &prices());
        message.items[1].model = model;
        let error = price_list(&message).unwrap_err();
        assert!(error.path.starts_with("items[1].model.") && error.path.ends_with(path), "{error}");
    }
    let mut message = price_book_version(1, &prices());
    message.items[1].model = flat("EUR");
    assert_eq!(price_list(&message).unwrap_err().path, "items[1].model.flat.currency_code");
}

#[test]
fn a_malformed_table_of_splits_names_the_field() {
    type Change = fn(&mut form::Split);
    let nobody = || Some(form::Party { party: None });
    let role = |number| Some(form::Party { party: Some(form::party::Party::Role(number)) });
    let organisation =
        |id: &str| Some(form::Party { party: Some(form::party::Party::OrganisationId(id.into())) });
    let table_of_changes: Vec<(Change, &str)> = vec![
        (|split| split.charge_kind.clear(), "charge_kind"),
        (|split| split.provider_scope = 0, "provider_scope"),
        (|split| split.fixed[0].amount = None, "fixed[0].amount"),
        (|split| split.fixed[0].party = None, "fixed[0].party"),
        (|split| split.percentages[1].percentage = "12,5".into(), "percentages[1].percentage"),
        (
            |split| split.minimums[0].amount.as_mut().unwrap().currency_code.clear(),
            "minimums[0].amount.currency_code",
        ),
        (|split| split.residual = None, "residual"),
        (|split| split.data_fee_percentage = "five".into(), "data_fee_percentage"),
    ];
    for (change, path) in table_of_changes {
        let mut message = share_rule_version(1, &table());
        change(&mut message.splits[0]);
        assert_eq!(split_table(&message).unwrap_err().path, format!("splits[0].{path}"));
    }
    for (party, path) in [
        (nobody(), "splits[0].caps[0].party"),
        (role(0), "splits[0].caps[0].party.role"),
        (role(6), "splits[0].caps[0].party.role"),
        (organisation("ctr_0"), "splits[0].caps[0].party.organisation_id"),
    ] {
        let mut message = share_rule_version(1, &table());
        message.splits[0].caps[0].party = party;
        assert_eq!(split_table(&message).unwrap_err().path, path);
    }
}

#[test]
fn what_is_left_unspecified_of_a_charge_is_as_usual() {
    let mut message = share_rule_version(1, &table());
    let bare = |kind: &str| form::ChargeTerms { charge_kind: kind.into(), ..Default::default() };
    message.charges = vec![bare("service-order"), bare("data-usage")];
    let usual = [ChargeKind::service_order(), ChargeKind::data_usage()].map(ChargeTerms::usual);
    assert_eq!(split_table(&message).unwrap().charges, usual);
    let pool = form::PartyRole::InstitutionsPool.into();
    for (charge, path) in [
        (bare(""), "charge_kind"),
        (form::ChargeTerms { issuer: pool, ..bare("data-usage") }, "issuer"),
        (form::ChargeTerms { collector: 77, ..bare("data-usage") }, "collector"),
        (form::ChargeTerms { payout_treatment: 4, ..bare("data-usage") }, "payout_treatment"),
    ] {
        message.charges = vec![bare("data-fee"), charge];
        assert_eq!(split_table(&message).unwrap_err().path, format!("charges[1].{path}"));
    }
}

fn decimals() -> impl Strategy<Value = Decimal> {
    "(0|[1-9][0-9]{0,17})(\\.[0-9]{1,9})?".prop_map(|text| decimal(&text))
}

fn amounts() -> impl Strategy<Value = Money> {
    any::<i64>().prop_map(Money::jpy)
}

fn models() -> impl Strategy<Value = PriceModel> {
    let bands = || {
        let band = (option::of(decimals()), decimals(), option::of(amounts()))
            .prop_map(|(up_to, unit_price, flat)| Band { up_to, unit_price, flat });
        vec(band, 0..4)
    };
    prop_oneof![
        amounts().prop_map(|amount| PriceModel::Flat { amount }),
        decimals().prop_map(|price| PriceModel::PerUnit { price }),
        bands().prop_map(|bands| PriceModel::Graduated { bands }),
        bands().prop_map(|bands| PriceModel::Volume { bands }),
        (decimals(), amounts()).prop_map(|(size, price)| PriceModel::Package { size, price }),
    ]
}

prop_compose! {
    fn items()(
        tier in option::of("[a-z]{1,5}"),
        class in option::of("[a-z]{1,5}"),
        right in option::of(select(Right::ALL)),
        model in models(),
    ) -> PriceItem {
        let tier = tier.map(|text| Tier::new(&text).unwrap());
        let dataset_class = class.map(|text| DatasetClass::new(&text).unwrap());
        PriceItem { key: PriceKey { charge_kind: ChargeKind::data_usage(), tier, dataset_class, right }, model }
    }
}

fn parties() -> impl Strategy<Value = Party> {
    prop_oneof![
        select(vec![Party::BaseOperator, Party::Promoter, Party::Vendor]),
        select(vec![Party::DataProvider, Party::InstitutionsPool]),
        any::<u128>().prop_map(|bits| Party::Organisation(OrganisationId::from_u128(bits))),
    ]
}

fn parts() -> impl Strategy<Value = Vec<(Party, Money)>> {
    vec((parties(), amounts()), 0..3)
}

prop_compose! {
    fn splits()(
        with_provider in option::of(any::<bool>()),
        fixed in parts(),
        percentages in vec((parties(), decimals()), 0..3),
        minimums in parts(),
        caps in parts(),
        residual in parties(),
        data_fee in option::of(decimals()),
    ) -> Split {
        let charge_kind = ChargeKind::data_fee();
        Split { charge_kind, with_provider, fixed, percentages, minimums, caps, residual, data_fee }
    }
}

fn charges() -> impl Strategy<Value = ChargeTerms> {
    let dealers = || select(vec![Dealer::BaseOperator, Dealer::Promoter, Dealer::Vendor]);
    let treatments = select(vec![PayoutTreatment::Agency, PayoutTreatment::Resale, PayoutTreatment::Grant]);
    ("[a-z]{1,5}", dealers(), dealers(), treatments).prop_map(|(kind, issuer, collector, treatment)| {
        ChargeTerms { charge_kind: ChargeKind::new(&kind).unwrap(), issuer, collector, treatment }
    })
}

proptest! {
    #[test]
    fn every_list_of_prices_reads_back(
        items in vec(items(), 0..4),
        billed in proptest::collection::btree_set(select(Verdict::ALL), 0..4),
        number in 1u32..,
    ) {
        let event = book_published(number, PriceList { items, billed_verdicts: billed, ..prices() });
        prop_assert_eq!(price_book::Event::decode(event.event_type(), &event.encode()), Ok(event));
    }

    #[test]
    fn every_table_of_splits_reads_back(
        splits in vec(splits(), 0..4),
        charges in vec(charges(), 0..4),
        number in 1u32..,
    ) {
        let event = rule_published(number, SplitTable { splits, charges, ..table() });
        prop_assert_eq!(share_rule::Event::decode(event.event_type(), &event.encode()), Ok(event));
    }

    #[test]
    fn no_bytes_make_it_panic(bytes in vec(any::<u8>(), 0..200)) {
        for event_type in ["kiban.finance.v1.PriceBookPublished", "kiban.finance.v1.ShareRulePublished"] {
            let _ = price_book::Event::decode(event_type, &bytes);
            let _ = share_rule::Event::decode(event_type, &bytes);
        }
        let _ = period::Event::decode("kiban.finance.v1.PeriodClosed", &bytes);
    }
}

const BOOK_GOLDEN: &str = "0a10000000000000000000000000000000091297010801120a32303236e5b9b4e5baa61a034a50592207323032362d30\
    342a200a0a646174612d7573616765120562617369632a0b0a090a034a505910c0843d2a1c0a0a646174612d75736167\
    651a046f70656e20012a061204302e32352a350a0a646174612d75736167652a271a250a090a03313030120235300a13\
    0a06313030302e35120234301a050a034a50590a03120130320201021a10000000000000000000000000000000012081\
    f89cc5b3ca9303";
const RULE_GOLDEN: &str = "0a100000000000000000000000000000000a129201080212065368617265731a07323032362d3034227d0a0d73657276\
    6963652d6f7264657210021a2c0a20121e6f72675f303030303030303030303030303030303030303030303030303712\
    080a034a505910f403220a0a020803120438372e35220a0a020804120431322e352a0d0a02080312070a034a5059100a\
    320e0a02080412080a034a505910e8073a0208014201351a10000000000000000000000000000000012081f89cc5b3ca\
    9303";
const PERIOD_GOLDEN: &str = "0a10000000000000000000000000000000011207323032362d30331881f89cc5b3ca9303";
