//! When contract years end, and how many days they have.

use super::*;

/// A contract year as: number, from, until, days, days of the year, whether it is the last.
type Year = (u32, Date, Date, u32, u32, bool);

fn check_years(commands: Vec<Command>, at: Timestamp, expected: &[Year]) {
    let contract = given(commands);
    let years = contract.timeline().unwrap().ended_years(at);
    let found: Vec<_> = years
        .iter()
        .map(|year| (year.number, year.from, year.until, year.days, year.year_days, year.is_last))
        .collect();
    assert_eq!(found, expected);
}

const Y0: Date = date(2026, 4, 1);
const Y1: Date = date(2027, 4, 1);
const Y2: Date = date(2028, 4, 1);

#[test]
fn a_year_is_over_when_the_next_one_starts_or_the_contract_ends() {
    let first = (0, Y0, Y1, 365, 365, false);
    check_years(signed(), start(), &[]);
    check_years(signed(), plus(on(Y1), -1), &[]);
    check_years(signed(), on(Y1), &[first]);
    check_years(signed(), Timestamp::MAX, &[first, (1, Y1, Y2, 366, 366, true)]);
}

/// Terminated at noon, that day belongs to the year.
#[test]
fn a_year_is_shortened_by_an_early_end() {
    let july = date(2026, 7, 10);
    let noon = plus(on(july), DAY / 2);
    let commands = || signed_and([terminate(noon, start())]);
    check_years(commands(), plus(noon, -1), &[]);
    check_years(commands(), Timestamp::MAX, &[(0, Y0, date(2026, 7, 11), 101, 365, true)]);
    // At the turn of a year, that year is whole and the last.
    check_years(signed_and([terminate(on(Y1), start())]), Timestamp::MAX, &[(0, Y0, Y1, 365, 365, true)]);
    check_years(signed_and([terminate(now(), now())]), Timestamp::MAX, &[]);
}

#[test]
fn a_year_commits_to_what_was_agreed_when_it_started() {
    let change = plus(on(date(2026, 7, 10)), DAY / 2);
    let contract = given(signed_and([change_tier("premium", change, start())]));
    let years = contract.timeline().unwrap().ended_years(Timestamp::MAX);
    let tiers: Vec<_> = years.iter().map(|year| year.phase.terms.tier.as_str()).collect();
    assert_eq!(tiers, ["basic", "premium"]);
}
