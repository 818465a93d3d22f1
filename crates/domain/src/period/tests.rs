use super::*;
use crate::{
    fold,
    id::OrganisationId,
    time::{Month, Timestamp},
};

const ISSUER: OrganisationId = OrganisationId::from_u128(1);

fn month(number: i8) -> Month {
    Month::new(2026, number).unwrap()
}

fn close(month: Month, at: Timestamp) -> Command {
    Command::ClosePeriod(ClosePeriod { issuer: ISSUER, month, at })
}

fn closed(month: Month, at: Timestamp) -> Event {
    Event::PeriodClosed(PeriodClosed { issuer: ISSUER, month, at })
}

fn decide(given: &[Event], when: Command) -> Result<Vec<Event>, Rejection> {
    Periods::decide(&fold::<Periods>(given), when)
}

#[test]
fn the_first_close_may_be_any_month_that_has_ended() {
    let at = month(12).start();
    for number in [3, 7, 11] {
        assert_eq!(decide(&[], close(month(number), at)), Ok(vec![closed(month(number), at)]));
    }
}

#[test]
fn a_month_has_ended_at_the_first_instant_of_the_next() {
    let ends_at = month(4).start();
    let before = Timestamp::from_micros(ends_at.as_micros() - 1).unwrap();
    assert_eq!(decide(&[], close(month(3), before)), Err(Rejection::NotEnded { month: month(3), ends_at }));
    assert_eq!(decide(&[], close(month(3), ends_at)), Ok(vec![closed(month(3), ends_at)]));
}

#[test]
fn months_are_closed_in_order_and_once() {
    let at = month(12).end();
    let given = [closed(month(3), at), closed(month(4), at)];
    for (number, expected) in [
        (1, Ok(vec![])),
        (3, Ok(vec![])),
        (4, Ok(vec![])),
        (5, Ok(vec![closed(month(5), at)])),
        (6, Err(Rejection::OutOfOrder { month: month(6), next: month(5) })),
    ] {
        assert_eq!(decide(&given, close(month(number), at)), expected, "month {number}");
    }
    let periods = fold::<Periods>(&given);
    assert_eq!(periods.closed_through(), Some(month(4)));
    assert!(periods.is_closed(month(4)) && !periods.is_closed(month(5)));
    assert_eq!(Periods::default().closed_through(), None);
}
