//! Given, when, then: through `decide` and `fold` alone.

mod credentials;

use jiff::civil::{Date, date};
use proptest::prelude::*;

use super::{decide::MOST_GRANTS, *};
use crate::{country::Country, fold, id::OrganisationId, terms::Sector, text::Name, time::Timestamp};

fn now() -> Timestamp {
    Timestamp::start_of_tokyo_date(date(2026, 4, 1))
}

fn granted(capacity: Capacity, from: Date, until: Option<Date>) -> CapacityGrant {
    CapacityGrant { capacity, from, until }
}

fn registration(capacities: Vec<CapacityGrant>) -> RegisterOrganisation {
    RegisterOrganisation {
        id: OrganisationId::from_u128(1),
        name: Name::new("大学病院").unwrap(),
        country: Country::JAPAN,
        sector: Some(Sector::new("hospital").unwrap()),
        registration_number: RegistrationNumber::new(Country::JAPAN, "8700110005901").unwrap(),
        capacities,
        at: now(),
    }
}

fn register(capacities: Vec<CapacityGrant>) -> Command {
    Command::RegisterOrganisation(registration(capacities))
}

fn grant(grant: CapacityGrant) -> Command {
    Command::GrantCapacity(GrantCapacity { grant, at: now() })
}

/// Runs commands that must all be accepted; answers the state and the events of the last one.
fn given(commands: Vec<Command>) -> (Organisation, Vec<Event>) {
    commands.into_iter().fold((Organisation::default(), vec![]), |(state, _), command| {
        let events = Organisation::decide(&state, command).unwrap();
        (events.iter().fold(state, Organisation::evolve), events)
    })
}

#[test]
fn a_registered_organisation_holds_its_capacities_by_date_in_tokyo() {
    let until = date(2027, 4, 1);
    let (state, events) = given(vec![register(vec![
        granted(Capacity::Vendor, date(2026, 4, 1), Some(until)),
        granted(Capacity::Academic, date(2020, 1, 1), None),
    ])]);
    assert!(matches!(events.as_slice(), [Event::OrganisationRegistered(event)] if event.at == now()));
    assert_eq!(fold::<Organisation>(&events), state);
    let end = Timestamp::start_of_tokyo_date(until);
    let just_before = |instant: Timestamp| Timestamp::from_micros(instant.as_micros() - 1).unwrap();
    assert!(state.holds(Capacity::Vendor, now()));
    assert!(!state.holds(Capacity::Vendor, just_before(now())));
    assert!(state.holds(Capacity::Vendor, just_before(end)));
    assert!(!state.holds(Capacity::Vendor, end));
    assert!(state.holds(Capacity::Academic, Timestamp::MAX));
    assert!(!state.holds(Capacity::Member, now()));
    assert_eq!(state.capacities_on(now()), [Capacity::Vendor, Capacity::Academic].into());
    assert!(!Organisation::Vacant.holds(Capacity::Academic, now()));
}

#[test]
fn what_already_stands_writes_nothing() {
    let (april, may, june) = (date(2026, 4, 1), date(2026, 5, 1), date(2026, 6, 1));
    let spring = granted(Capacity::Vendor, april, Some(june));
    for again in [
        register(vec![spring]),
        register(vec![]),
        grant(spring),
        grant(granted(Capacity::Vendor, may, Some(june))),
    ] {
        let (_, events) = given(vec![register(vec![spring]), again.clone()]);
        assert_eq!(events, vec![], "{again:?}");
    }
}

#[test]
fn grants_that_overlap_or_touch_are_merged() {
    let (april, may, june, july) = (date(2026, 4, 1), date(2026, 5, 1), date(2026, 6, 1), date(2026, 7, 1));
    let vendor = |from, until| granted(Capacity::Vendor, from, until);
    for (held, added, expected) in [
        (vendor(april, Some(may)), vendor(may, Some(june)), vec![vendor(april, Some(june))]),
        (vendor(april, Some(june)), vendor(may, Some(july)), vec![vendor(april, Some(july))]),
        (vendor(may, Some(june)), vendor(april, None), vec![vendor(april, None)]),
        (
            vendor(april, Some(may)),
            vendor(june, Some(july)),
            vec![vendor(april, Some(may)), vendor(june, Some(july))],
        ),
    ] {
        let (state, events) = given(vec![register(vec![held]), grant(added)]);
        assert_eq!(events, vec![Event::CapacityGranted(CapacityGranted { grant: added, at: now() })]);
        assert_eq!(state.profile().unwrap().capacities, expected);
    }
}

#[test]
fn refusals() {
    let (april, may) = (date(2026, 4, 1), date(2026, 5, 1));
    let empty = granted(Capacity::Member, may, Some(may));
    let no_date = Rejection::GrantHoldsNoDate { capacity: Capacity::Member, from: may, until: may };
    let other_name = RegisterOrganisation { name: Name::new("other").unwrap(), ..registration(vec![]) };
    let abroad = RegisterOrganisation { country: Country::new("DE").unwrap(), ..registration(vec![]) };
    let many: Vec<_> = (0..MOST_GRANTS as i16)
        .map(|year| granted(Capacity::Member, date(1900 + 2 * year, 1, 1), Some(date(1901 + 2 * year, 1, 1))))
        .collect();
    let one_more = granted(Capacity::Vendor, april, None);
    let too_many = Rejection::TooManyGrants { grants: MOST_GRANTS + 1, most: MOST_GRANTS };
    for (before, command, expected) in [
        (vec![], register(vec![empty]), no_date.clone()),
        (vec![register(vec![])], grant(empty), no_date),
        (vec![], grant(granted(Capacity::Member, april, None)), Rejection::NotRegistered),
        (
            vec![],
            Command::RegisterOrganisation(abroad),
            Rejection::RegisteredElsewhere { seat: Country::new("DE").unwrap(), number: Country::JAPAN },
        ),
        (
            vec![register(vec![])],
            Command::RegisterOrganisation(other_name),
            Rejection::AlreadyRegistered { id: OrganisationId::from_u128(1) },
        ),
        (vec![], register([many.as_slice(), &[one_more]].concat()), too_many.clone()),
        (vec![register(many)], grant(one_more), too_many),
    ] {
        let (state, _) = given(before);
        assert_eq!(Organisation::decide(&state, command), Err(expected));
    }
}

fn any_grant() -> impl Strategy<Value = CapacityGrant> {
    (0..3usize, 0..60i32, proptest::option::of(1..30i32)).prop_map(|(capacity, from, days)| {
        let from = date(2026, 1, 1).saturating_add(jiff::Span::new().days(from));
        let until = days.map(|days| from.saturating_add(jiff::Span::new().days(days)));
        granted(Capacity::ALL[capacity], from, until)
    })
}

proptest! {
    #[test]
    fn held_days_are_the_union_of_the_grants(grants in proptest::collection::vec(any_grant(), 0..12), first in 0usize..12) {
        let (at_once, later) = grants.split_at(first.min(grants.len()));
        let mut commands = vec![register(at_once.to_vec())];
        commands.extend(later.iter().copied().map(grant));
        let (state, _) = given(commands);
        for day in 0..100 {
            let day = date(2026, 1, 1).saturating_add(jiff::Span::new().days(day));
            for capacity in Capacity::ALL {
                let named = grants.iter().any(|grant| grant.capacity == *capacity && grant.covers(day));
                prop_assert_eq!(state.holds(*capacity, Timestamp::start_of_tokyo_date(day)), named);
            }
        }
        let kept = &state.profile().unwrap().capacities;
        let apart = kept.windows(2).all(|pair| {
            pair[0].capacity < pair[1].capacity
                || (pair[0].capacity == pair[1].capacity
                    && pair[0].until.is_some_and(|until| until < pair[1].from))
        });
        prop_assert!(apart, "{:?}", kept);
    }
}
