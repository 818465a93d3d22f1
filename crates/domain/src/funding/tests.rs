use money::{Currency, Money};
use proptest::prelude::*;

use super::*;
use crate::{
    fold,
    id::{FundingId, OrganisationId},
    organisation::Capacity,
    terms::MOST_AMOUNT,
    time::Month,
};

fn month(number: i8) -> Month {
    Month::new(2026, number).unwrap()
}

/// 91 million yen for the 91 days from April to June.
fn agree() -> AgreeFunding {
    AgreeFunding {
        id: FundingId::from_u128(1),
        funder: "ministry".parse().unwrap(),
        recipient: OrganisationId::from_u128(2),
        recipient_capacities: [Capacity::BaseOperator].into(),
        amount: Money::jpy(91_000_000),
        start: month(4),
        end: month(7),
        reason: "operation of the base".parse().unwrap(),
        closed_through: Some(month(3)),
        at: month(4).start(),
    }
}

fn event_of(command: AgreeFunding) -> FundingAgreed {
    let AgreeFunding { id, funder, recipient, amount, start, end, reason, at, .. } = command;
    FundingAgreed { id, funder, recipient, amount, start, end, reason, at }
}

fn agreed() -> Event {
    Event::FundingAgreed(event_of(agree()))
}

fn decide(given: &[Event], when: AgreeFunding) -> Result<Vec<Event>, Rejection> {
    Funding::decide(&fold::<Funding>(given), Command::AgreeFunding(when))
}

#[test]
fn a_funding_is_recorded_once() {
    assert_eq!(decide(&[], agree()), Ok(vec![agreed()]));
    let later = AgreeFunding { at: month(5).start(), closed_through: Some(month(4)), ..agree() };
    assert_eq!(decide(&[agreed()], later), Ok(vec![]));
    assert_eq!(Funding::Vacant.agreed(), None);
    let event = fold::<Funding>(&[agreed()]).agreed().cloned().map(Event::FundingAgreed);
    assert_eq!(event, Some(agreed()));
}

#[test]
fn a_funding_is_refused() {
    let next_decade = Month::new(2036, 5).unwrap();
    for (command, rejection) in [
        (
            AgreeFunding { recipient_capacities: [Capacity::Promoter].into(), ..agree() },
            Rejection::NotABaseOperator { organisation: agree().recipient },
        ),
        (
            AgreeFunding { amount: Money::jpy(0), ..agree() },
            Rejection::NothingAgreed { amount: Money::jpy(0) },
        ),
        (
            AgreeFunding { amount: Money::jpy(MOST_AMOUNT + 1), ..agree() },
            Rejection::TooMuchAgreed { amount: Money::jpy(MOST_AMOUNT + 1) },
        ),
        (AgreeFunding { end: month(4), ..agree() }, Rejection::NoMonth { start: month(4), end: month(4) }),
        (
            AgreeFunding { end: next_decade, ..agree() },
            Rejection::TooManyMonths { months: MOST_MONTHS + 1, most: MOST_MONTHS },
        ),
        (
            AgreeFunding { closed_through: Some(month(4)), ..agree() },
            Rejection::StartInClosedPeriod { start: month(4), closed_through: month(4) },
        ),
    ] {
        assert_eq!(decide(&[], command), Err(rejection));
    }
    let other = AgreeFunding { amount: Money::jpy(1), ..agree() };
    assert_eq!(decide(&[agreed()], other), Err(Rejection::AlreadyAgreed { id: agree().id }));
}

#[test]
fn a_funding_is_recognised_by_days() {
    let funding = event_of(agree());
    let yen = |number| funding.recognised_in(month(number)).minor_units();
    assert_eq!([3, 4, 5, 6, 7].map(yen), [0, 30_000_000, 31_000_000, 30_000_000, 0]);
}

proptest! {
    #[test]
    fn what_is_recognised_sums_to_what_was_agreed(
        yen in 1..=MOST_AMOUNT,
        first in 2026 * 12..2040 * 12i32,
        months in 1..=MOST_MONTHS.cast_signed(),
    ) {
        let (start, end) = (Month::from_index(first).unwrap(), Month::from_index(first + months).unwrap());
        let command = AgreeFunding { amount: Money::jpy(yen), start, end, closed_through: None, ..agree() };
        let funding = event_of(command.clone());
        prop_assert_eq!(decide(&[], command), Ok(vec![Event::FundingAgreed(funding.clone())]));
        let recognised = funding.recognised();
        prop_assert_eq!(recognised.len(), usize::try_from(months).unwrap());
        let sum = Money::sum(Currency::Jpy, recognised.iter().map(|(_, amount)| *amount)).unwrap();
        prop_assert_eq!(sum, funding.amount);
        prop_assert!(recognised.iter().all(|(month, amount)| funding.recognised_in(*month) == *amount));
    }
}
