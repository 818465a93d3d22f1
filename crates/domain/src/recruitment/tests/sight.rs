//! Who sees what.

use super::fixture::*;

#[test]
fn each_sees_its_own() {
    let state = state(&under_way());
    let sight = |pseudonyms, institutions, own| Some(Sight { pseudonyms, institutions, own });
    for (organisation, is_operator, seen) in [
        (MEMBER, false, sight(true, false, None)),
        // A member that also runs the forum does not learn whose pseudonym it is, either.
        (MEMBER, true, sight(true, false, None)),
        (EXECUTOR, false, sight(false, true, None)),
        (BASE, true, sight(false, true, None)),
        (NORTH, false, sight(false, false, Some(NORTH))),
        (STRANGER, false, None),
    ] {
        assert_eq!(state.sight_of(organisation, is_operator), seen, "{organisation}");
    }
    assert_eq!(Recruitment::Vacant.sight_of(BASE, true), None);
    assert_eq!(state.audience(), [MEMBER, EXECUTOR, NORTH, SOUTH].into());
}
