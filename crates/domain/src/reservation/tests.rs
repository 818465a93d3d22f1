//! Given, when, then: through `decide` and `fold` alone.

use super::*;
use crate::{fold, id::OrganisationId, time::Timestamp};

const KIND: ReservationKind = ReservationKind::RegistrationNumber;
const HOUR: i64 = 3_600_000_000;

fn at(micros: i64) -> Timestamp {
    Timestamp::from_micros(micros).unwrap()
}

fn owner(number: u128) -> Owner {
    OrganisationId::from_u128(number).into()
}

fn reserve(number: u128, owner_exists: bool, micros: i64) -> Command {
    Command::Reserve(Reserve { kind: KIND, owner: owner(number), owner_exists, at: at(micros) })
}

fn reserved(number: u128, micros: i64) -> Event {
    Event::Reserved(Reserved { owner: owner(number), at: at(micros) })
}

#[test]
fn who_may_have_a_key() {
    let first = reserved(1, 0);
    let taken = Rejection::Taken { kind: KIND, owner: owner(1) };
    let waiting = Rejection::ReservedForAnother { kind: KIND, owner: owner(1), until: at(HOUR) };
    for (history, command, expected) in [
        (vec![], reserve(1, false, 0), Ok(vec![first.clone()])),
        (vec![first.clone()], reserve(1, false, 5), Ok(vec![])),
        (vec![first.clone()], reserve(1, true, 2 * HOUR), Ok(vec![])),
        (vec![first.clone()], reserve(2, true, 0), Err(taken.clone())),
        (vec![first.clone()], reserve(2, true, 2 * HOUR), Err(taken)),
        (vec![first.clone()], reserve(2, false, 0), Err(waiting.clone())),
        (vec![first.clone()], reserve(2, false, HOUR - 1), Err(waiting)),
        (vec![first.clone()], reserve(2, false, HOUR), Ok(vec![reserved(2, HOUR)])),
        (
            vec![first.clone(), reserved(2, HOUR)],
            reserve(1, false, HOUR + 1),
            Err(Rejection::ReservedForAnother { kind: KIND, owner: owner(2), until: at(2 * HOUR) }),
        ),
    ] {
        let state = fold::<Reservation>(&history);
        assert_eq!(Reservation::decide(&state, command.clone()), expected, "{command:?} after {history:?}");
    }
}

#[test]
fn the_last_reservation_stands() {
    assert_eq!(fold::<Reservation>(&[]).owner(), None);
    let state = fold::<Reservation>(&[reserved(1, 0), reserved(2, HOUR)]);
    assert_eq!(state, Reservation::Held { owner: owner(2), since: at(HOUR) });
    assert_eq!(Owner::from_bytes(owner(2).to_bytes()), owner(2));
}

#[test]
fn a_key_at_the_end_of_time_is_still_kept() {
    let last = Timestamp::MAX.as_micros();
    let state = fold::<Reservation>(&[reserved(1, last)]);
    assert!(Reservation::decide(&state, reserve(2, false, last)).is_ok());
    assert!(Reservation::decide(&state, reserve(2, false, last - 1)).is_err());
}
