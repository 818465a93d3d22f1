//! Credentials: attested, extended, ended by the clock.

use super::*;
use crate::{organisation::decide::MOST_CREDENTIALS, terms::CredentialKind, text::Text};

const JULY: Date = date(2026, 7, 1);

fn credential(number: &str, valid_from: Date, valid_until: Date) -> Credential {
    Credential {
        kind: CredentialKind::new("iso-15189").unwrap(),
        number: Text::new(number).unwrap(),
        issuer: Name::new("JAB").unwrap(),
        valid_from,
        valid_until,
    }
}

fn attest(credential: Credential) -> Command {
    Command::AttestCredential(AttestCredential { credential, at: now() })
}

fn spans(state: &Organisation) -> Vec<(Date, Date)> {
    let credentials = &state.profile().unwrap().credentials;
    credentials.iter().map(|held| (held.valid_from, held.valid_until)).collect()
}

#[test]
fn a_credential_holds_from_its_first_date_until_its_end_in_tokyo() {
    let (state, events) = given(vec![register(vec![]), attest(credential("1", date(2026, 4, 1), JULY))]);
    assert_eq!(
        events,
        [Event::CredentialAttested(CredentialAttested {
            credential: credential("1", date(2026, 4, 1), JULY),
            at: now()
        })]
    );
    let kind = CredentialKind::new("iso-15189").unwrap();
    let end = Timestamp::start_of_tokyo_date(JULY);
    let before = |instant: Timestamp| Timestamp::from_micros(instant.as_micros() - 1).unwrap();
    for (instant, holds) in [(before(now()), false), (now(), true), (before(end), true), (end, false)] {
        assert_eq!(state.profile().unwrap().holds_credential(&kind, instant), holds, "{instant}");
        assert_eq!(state.credentials_on(instant).contains(&kind), holds, "{instant}");
    }
    assert!(!state.profile().unwrap().holds_credential(&CredentialKind::new("cap").unwrap(), now()));
    assert!(Organisation::Vacant.credentials_on(now()).is_empty());
}

#[test]
fn a_later_end_extends_and_what_stands_writes_nothing() {
    let (april, may, june) = (date(2026, 4, 1), date(2026, 5, 1), date(2026, 6, 1));
    for (again, expected) in [
        ((april, JULY), Some(vec![(april, JULY)])),
        ((june, JULY), Some(vec![(april, JULY)])),
        ((april, june), None),
        ((may, june), None),
        // It had lapsed before the renewal, so it does not hold in between.
        ((JULY, date(2026, 8, 1)), Some(vec![(april, june), (JULY, date(2026, 8, 1))])),
    ] {
        let first = credential("1", april, june);
        let (state, events) =
            given(vec![register(vec![]), attest(first), attest(credential("1", again.0, again.1))]);
        assert_eq!(events.len(), usize::from(expected.is_some()), "{again:?}");
        assert_eq!(spans(&state), expected.unwrap_or_else(|| vec![(april, june)]));
    }
    let two =
        vec![register(vec![]), attest(credential("1", april, june)), attest(credential("2", april, june))];
    assert_eq!(given(two).0.profile().unwrap().credentials.len(), 2, "another number is another credential");
}

#[test]
fn credentials_are_refused() {
    let (april, june) = (date(2026, 4, 1), date(2026, 6, 1));
    let held = credential("1", april, june);
    let other_issuer = Credential { issuer: Name::new("CAP").unwrap(), ..held.clone() };
    let mut many = vec![register(vec![])];
    many.extend((0..MOST_CREDENTIALS).map(|number| attest(credential(&number.to_string(), april, june))));
    for (before, command, expected) in [
        (vec![], attest(held.clone()), Rejection::NotRegistered),
        (
            vec![register(vec![])],
            attest(credential("1", june, june)),
            Rejection::CredentialHoldsNoDate { valid_from: june, valid_until: june },
        ),
        (
            vec![register(vec![]), attest(held.clone())],
            attest(other_issuer),
            Rejection::CredentialOfAnotherIssuer {
                kind: held.kind.clone(),
                number: held.number.clone(),
                issuer: held.issuer.clone(),
            },
        ),
        (
            many,
            attest(credential("new", april, june)),
            Rejection::TooManyCredentials { credentials: MOST_CREDENTIALS + 1, most: MOST_CREDENTIALS },
        ),
    ] {
        let (state, _) = given(before);
        assert_eq!(Organisation::decide(&state, command), Err(expected));
    }
}

proptest! {
    #[test]
    fn held_days_are_the_union_of_what_was_attested(
        attested in proptest::collection::vec((0..3usize, 0..60i32, 1..30i32), 0..12),
    ) {
        let day = |days: i32| date(2026, 1, 1).saturating_add(jiff::Span::new().days(days));
        let numbers = ["1", "2", "3"];
        let mut commands = vec![register(vec![])];
        commands.extend(attested.iter().map(|(number, from, days)| {
            attest(credential(numbers[*number], day(*from), day(from + days)))
        }));
        let (state, _) = given(commands);
        let kind = CredentialKind::new("iso-15189").unwrap();
        for today in 0..100 {
            let named = attested.iter().any(|(_, from, days)| *from <= today && today < from + days);
            let instant = Timestamp::start_of_tokyo_date(day(today));
            prop_assert_eq!(state.profile().unwrap().holds_credential(&kind, instant), named);
        }
        let kept = &state.profile().unwrap().credentials;
        let apart = kept.windows(2).all(|pair| pair[0].number < pair[1].number
            || pair[0].valid_until < pair[1].valid_from);
        prop_assert!(apart, "{:?}", kept);
    }
}
