//! Given, when, then: through `decide` and `fold` alone.

use super::*;
use crate::{
    contract::{ContractKind, Status},
    fold,
    id::{DatasetId, OrganisationId},
    terms::DatasetClass,
    text::{Name, Text},
    time::Timestamp,
    under_contract::{ContractNow, NotCovered},
};

fn at(micros: i64) -> Timestamp {
    Timestamp::from_micros(micros).unwrap()
}

fn description() -> Description {
    Description {
        code: DatasetCode::new("TCGA-BRCA").unwrap(),
        name: Name::new("Breast invasive carcinoma").unwrap(),
        provider: OrganisationId::from_u128(1),
        class: DatasetClass::new("open").unwrap(),
        disease: Name::new("breast cancer").unwrap(),
        cohort: Cohort::Case,
        data_types: [DataType::Tumour, DataType::Germline].into(),
        reference: Text::new("https://example.org/brca").unwrap(),
    }
}

fn registration(description: Description) -> Command {
    Command::RegisterDataset(RegisterDataset {
        id: DatasetId::from_u128(7),
        description,
        provision: Provision::ByOperator,
        at: at(1),
    })
}

fn register() -> Command {
    registration(description())
}

fn release(parts: &[(u128, u64)], micros: i64) -> Command {
    let part = |(institution, cases): &(u128, u64)| ComposedCases {
        institution: OrganisationId::from_u128(*institution),
        cases: *cases,
    };
    Command::ReleaseFreeze(ReleaseFreeze {
        composition: parts.iter().map(part).collect(),
        consent: ConsentScope::default(),
        provision: Provision::ByOperator,
        at: at(micros),
    })
}

fn given(commands: Vec<Command>) -> (Dataset, Vec<Event>) {
    commands.into_iter().fold((Dataset::default(), vec![]), |(state, mut history), command| {
        let events = Dataset::decide(&state, command).unwrap();
        let state = events.iter().fold(state, Dataset::evolve);
        history.extend(events);
        (state, history)
    })
}

#[test]
fn freezes_are_numbered_and_in_force_until_the_next() {
    let (state, history) = given(vec![register(), release(&[(9, 5), (3, 7)], 10), release(&[(3, 20)], 20)]);
    assert_eq!(fold::<Dataset>(&history), state);
    let dataset = state.registered().unwrap();
    let number = |micros| dataset.freeze_at(at(micros)).map(|freeze| freeze.number);
    assert_eq!([9, 10, 19, 20, 99].map(number), [None, Some(1), Some(1), Some(2), Some(2)]);
    assert_eq!(dataset.total_cases(), 20);
    assert_eq!(dataset.freezes[0].total_cases(), 12);
    assert!(dataset.freezes[0].composition.is_sorted());
    let stretch = |micros| {
        let (freeze, from, until) = dataset.freeze_stretch_at(at(micros));
        (freeze.map(|freeze| freeze.number), from, until)
    };
    assert_eq!(stretch(9), (None, Timestamp::MIN, Some(at(10))));
    assert_eq!(stretch(10), (Some(1), at(10), Some(at(20))));
    assert_eq!(stretch(20), (Some(2), at(20), None));
}

#[test]
fn each_freeze_has_the_consent_that_it_was_released_with_and_nothing_more() {
    let consent = ConsentScope { derived_material_sale: true };
    let composition = vec![ComposedCases { institution: OrganisationId::from_u128(3), cases: 1 }];
    let consented = Command::ReleaseFreeze(ReleaseFreeze {
        composition,
        consent,
        provision: Provision::ByOperator,
        at: at(20),
    });
    let (state, _) = given(vec![register(), release(&[(3, 7)], 10), consented, release(&[(3, 9)], 30)]);
    let dataset = state.registered().unwrap();
    let sale = |micros| dataset.freeze_at(at(micros)).unwrap().consent.derived_material_sale;
    assert_eq!([10, 20, 30].map(sale), [false, true, false]);
}

#[test]
fn the_same_registration_again_writes_nothing() {
    let (state, _) = given(vec![register(), release(&[(1, 1)], 5)]);
    assert_eq!(Dataset::decide(&state, register()), Ok(vec![]));
}

#[test]
fn refusals() {
    let id = DatasetId::from_u128(7);
    let other = Description { code: DatasetCode::new("X").unwrap(), ..description() };
    let nothing = Description { data_types: [].into(), ..description() };
    let institution = OrganisationId::from_u128(4);
    let most = u64::from(u32::MAX);
    let crowd: Vec<_> = (0..=MOST_INSTITUTIONS as u128).map(|institution| (institution, 1)).collect();
    for (given_commands, when, then) in [
        (vec![], registration(nothing), Rejection::NoDataTypes),
        (vec![register()], registration(other), Rejection::AlreadyRegistered { id }),
        (vec![], release(&[(1, 1)], 5), Rejection::NotRegistered),
        (vec![register()], release(&[], 5), Rejection::EmptyComposition),
        (
            vec![register()],
            release(&crowd, 5),
            Rejection::TooManyInstitutions { institutions: MOST_INSTITUTIONS + 1, most: MOST_INSTITUTIONS },
        ),
        (vec![register()], release(&[(1, 1), (2, 0)], 5), Rejection::NoCases { index: 1 }),
        (
            vec![register()],
            release(&[(4, 1), (1, 2), (4, 3)], 5),
            Rejection::InstitutionTwice { institution },
        ),
        (
            vec![register()],
            release(&[(1, most), (2, 1)], 5),
            Rejection::TooManyCases { cases: most + 1, most: u32::MAX },
        ),
        (
            vec![register(), release(&[(1, 1)], 5)],
            release(&[(1, 1)], 5),
            Rejection::NotLaterThanLast { number: 1, released_at: at(5), at: at(5) },
        ),
    ] {
        let (state, _) = given(given_commands);
        assert_eq!(Dataset::decide(&state, when), Err(then));
    }
    let (state, _) = given(vec![register()]);
    assert!(Dataset::decide(&state, release(&[(1, most)], 5)).is_ok());
}

#[test]
fn codes_are_visible_ascii() {
    for text in ["a", "TCGA-BRCA", "!~", &"x".repeat(40)] {
        assert_eq!(DatasetCode::new(text).unwrap().as_str(), text);
    }
    for text in ["", " ", "a b", "é", "症例", "a\n", &"x".repeat(41)] {
        assert!(DatasetCode::new(text).is_err(), "{text}");
    }
}

#[test]
fn a_data_provider_offers_under_its_own_contract_in_force() {
    let (provider, contract) = (description().provider, crate::id::ContractId::from_u128(3));
    let now = ContractNow {
        id: contract,
        revision: 4,
        kind: ContractKind::DataProvider,
        applicant: provider,
        status: Status::Active,
    };
    let stranger = OrganisationId::from_u128(99);
    let (registered, _) = given(vec![register()]);
    for (under, refused) in [
        (now, None),
        (
            ContractNow { applicant: stranger, ..now },
            Some(NotCovered::NotOwn { contract, organisation: provider }),
        ),
        (
            ContractNow { kind: ContractKind::Supply, ..now },
            Some(NotCovered::OtherKind { kind: ContractKind::Supply, needed: ContractKind::DataProvider }),
        ),
        (
            ContractNow { status: Status::Paused, ..now },
            Some(NotCovered::NotInForce { contract, status: Status::Paused }),
        ),
    ] {
        let provision = Provision::Under(under);
        let (id, composition) =
            (DatasetId::from_u128(7), vec![ComposedCases { institution: stranger, cases: 5 }]);
        let register = RegisterDataset { id, description: description(), provision, at: at(1) };
        let release = ReleaseFreeze { composition, consent: ConsentScope::default(), provision, at: at(10) };
        for (state, command) in [
            (Dataset::Vacant, Command::RegisterDataset(register)),
            (registered.clone(), Command::ReleaseFreeze(release)),
        ] {
            let refused = refused.clone().map(Rejection::NotCovered);
            assert_eq!(Dataset::decide(&state, command).err(), refused);
        }
    }
}
