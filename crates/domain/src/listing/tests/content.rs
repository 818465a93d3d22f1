//! What cannot be said of a service.

use std::collections::BTreeSet;

use money::Money;

use super::super::*;
use super::fixture::*;
use crate::terms::MOST_AMOUNT;

fn with(change: impl Fn(&mut ListingContent)) -> ListingContent {
    let mut content = content();
    change(&mut content);
    content
}

fn slugs<T: std::str::FromStr<Err: std::fmt::Debug> + Ord>(number: usize) -> BTreeSet<T> {
    (0..number).map(|index| format!("entry-{index}").parse().unwrap()).collect()
}

fn data(methods: usize, classes: usize) -> Attributes {
    Attributes::DataAnalysis(DataAnalysis {
        methods: slugs(methods),
        deliverable: "a report".parse().unwrap(),
        dataset_classes: slugs(classes),
    })
}

fn recruiting(regions: usize, diseases: usize) -> Attributes {
    Attributes::PatientRecruiting(PatientRecruiting { regions: slugs(regions), diseases: slugs(diseases) })
}

fn lifestyle(instruments: usize) -> Attributes {
    Attributes::LifestyleData(LifestyleData {
        instruments: slugs(instruments),
        collection: "app".parse().unwrap(),
    })
}

fn storing(materials: usize, storage_temperature_celsius: i32, capacity: u32) -> Attributes {
    Attributes::SpecimenArchive(SpecimenArchive {
        materials: slugs(materials),
        storage_temperature_celsius,
        capacity,
    })
}

fn model(model: DerivedModel) -> Attributes {
    Attributes::PatientDerivedModel(PatientDerivedModel {
        model,
        passage_number: 3,
        tumour_type: "pancreatic ductal adenocarcinoma".parse().unwrap(),
        consent_to_share: ConsentToShare::Yes,
    })
}

#[test]
fn each_of_the_six_kinds_can_be_offered() {
    let host = Host {
        species: "Mus musculus".parse().unwrap(),
        strain: "NOD scid gamma".parse().unwrap(),
        engraftment_site: "subcutaneous".parse().unwrap(),
        engraftment_type: "tumour fragment".parse().unwrap(),
    };
    let kinds: BTreeSet<ServiceKind> = [
        omics(),
        data(100, 0),
        recruiting(1, 0),
        model(DerivedModel::Xenograft(host)),
        model(DerivedModel::Organoid),
        lifestyle(1),
        storing(1, -273, 1),
    ]
    .into_iter()
    .map(|attributes| {
        let content = with(|content| content.attributes = attributes.clone());
        assert_eq!(content.check(), Ok(()));
        content.kind()
    })
    .collect();
    assert_eq!(kinds, ServiceKind::ALL.iter().copied().collect());
}

#[test]
fn what_cannot_be_said() {
    let entries = |list, entries, least| InvalidContent::EntriesOutOfRange { list, entries, least };
    let attributes = |attributes: Attributes| with(move |content| content.attributes = attributes.clone());
    for (content, invalid) in [
        (attributes(data(0, 0)), entries(AttributeList::Methods, 0, 1)),
        (attributes(data(101, 0)), entries(AttributeList::Methods, 101, 1)),
        (attributes(data(1, 101)), entries(AttributeList::DatasetClasses, 101, 0)),
        (attributes(recruiting(0, 0)), entries(AttributeList::Regions, 0, 1)),
        (attributes(recruiting(1, 101)), entries(AttributeList::Diseases, 101, 0)),
        (attributes(lifestyle(0)), entries(AttributeList::Instruments, 0, 1)),
        (attributes(storing(0, 4, 1)), entries(AttributeList::Materials, 0, 1)),
        (attributes(storing(1, -274, 1)), InvalidContent::TemperatureOutOfRange { celsius: -274 }),
        (attributes(storing(1, 101, 1)), InvalidContent::TemperatureOutOfRange { celsius: 101 }),
        (attributes(storing(1, 4, 0)), InvalidContent::NoCapacity),
        (
            with(|content| content.turnaround_days = Some(3_651)),
            InvalidContent::TurnaroundOutOfRange { days: 3_651 },
        ),
        (
            with(|content| content.list_price.as_mut().unwrap().price = Money::jpy(0)),
            InvalidContent::PriceNotPositive { price: Money::jpy(0) },
        ),
        (
            with(|content| content.list_price.as_mut().unwrap().price = Money::jpy(MOST_AMOUNT + 1)),
            InvalidContent::PriceTooHigh { price: Money::jpy(MOST_AMOUNT + 1) },
        ),
        (
            with(|content| content.minimum_quantity = MOST_QUANTITY + 1),
            InvalidContent::MinimumOutOfRange { quantity: MOST_QUANTITY + 1 },
        ),
    ] {
        assert_eq!(content.check(), Err(invalid));
    }
    assert_eq!(with(|content| (content.turnaround_days, content.list_price) = (None, None)).check(), Ok(()));
}

#[test]
fn codes_are_visible_ascii() {
    for text in ["a", "RNA-1", "!~", &"x".repeat(40)] {
        assert_eq!(ListingCode::new(text).unwrap().as_str(), text);
    }
    for text in ["", " ", "a b", "é", "解析", "a\n", &"x".repeat(41)] {
        assert!(text.parse::<ListingCode>().is_err(), "{text:?}");
    }
}
