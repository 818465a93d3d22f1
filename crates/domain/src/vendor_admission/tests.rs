//! Given, when, then: through `decide` and `fold` alone.

use proptest::prelude::*;

use super::*;
use crate::{fold, id::OrganisationId, listing::ServiceKind, time::Timestamp};

fn vendor(number: u128) -> OrganisationId {
    OrganisationId::from_u128(number)
}

fn limited(vendors: impl IntoIterator<Item = u128>) -> AdmissionMode {
    AdmissionMode::Limited(vendors.into_iter().map(vendor).collect())
}

fn set(mode: AdmissionMode) -> Command {
    let (kind, at) = (ServiceKind::OmicsAnalysis, Timestamp::default());
    Command::SetVendorAdmission(SetVendorAdmission { kind, mode, at })
}

fn was_set(mode: AdmissionMode) -> Event {
    let (kind, at) = (ServiceKind::OmicsAnalysis, Timestamp::default());
    Event::VendorAdmissionSet(VendorAdmissionSet { kind, mode, at })
}

#[test]
fn the_last_word_of_the_operators_stands() {
    let admitted = |history: &[Event]| {
        let state = fold::<VendorAdmission>(history);
        [1, 2, 3].map(|number| state.admits(vendor(number)))
    };
    let history = [
        was_set(limited([1, 2])),
        was_set(AdmissionMode::Exclusive(vendor(3))),
        was_set(AdmissionMode::Open),
    ];
    assert_eq!(admitted(&history[..0]), [true, true, true], "nothing was said");
    assert_eq!(admitted(&history[..1]), [true, true, false]);
    assert_eq!(admitted(&history[..2]), [false, false, true]);
    assert_eq!(admitted(&history), [true, true, true]);
}

#[test]
fn what_is_so_already_is_not_said_again() {
    for (history, mode) in [
        (vec![], AdmissionMode::Open),
        (vec![was_set(limited([1, 2]))], limited([2, 1])),
        (vec![was_set(AdmissionMode::Exclusive(vendor(1)))], AdmissionMode::Exclusive(vendor(1))),
    ] {
        let state = fold::<VendorAdmission>(&history);
        assert_eq!(VendorAdmission::decide(&state, set(mode)), Ok(vec![]), "{history:?}");
    }
}

#[test]
fn a_limited_admission_names_somebody_and_not_too_many() {
    let most = MOST_VENDORS as u128;
    for (mode, vendors) in [(limited([]), 0), (limited(0..=most), MOST_VENDORS + 1)] {
        let rejected = VendorAdmission::decide(&VendorAdmission::Vacant, set(mode));
        assert_eq!(rejected, Err(Rejection::VendorsOutOfRange { vendors }));
    }
    assert!(VendorAdmission::decide(&VendorAdmission::Vacant, set(limited(0..most))).is_ok());
}

proptest! {
    #[test]
    fn an_admission_is_what_was_last_accepted(
        modes in proptest::collection::vec(
            prop_oneof![
                Just(AdmissionMode::Open),
                proptest::collection::btree_set(0u128..4, 0..4).prop_map(limited),
                (0u128..4).prop_map(|number| AdmissionMode::Exclusive(vendor(number))),
            ],
            0..8,
        ),
    ) {
        let mut state = VendorAdmission::default();
        let mut expected = AdmissionMode::Open;
        for mode in modes {
            if let Ok(events) = VendorAdmission::decide(&state, set(mode.clone())) {
                state = events.iter().fold(state, VendorAdmission::evolve);
                expected = mode;
            }
            prop_assert_eq!(state.mode(), &expected);
            let nobody = matches!(state.mode(), AdmissionMode::Limited(vendors) if vendors.is_empty());
            prop_assert!(!nobody, "an admission admits somebody");
        }
    }
}
