use money::Money;

use super::*;
use crate::{
    contract::ContractKind,
    fold,
    id::{ContractId, CreditId, OrganisationId},
    organisation::Capacity,
    terms::{ChargeKind, MOST_AMOUNT},
    time::{Month, Timestamp},
};

fn month(number: i8) -> Month {
    Month::new(2026, number).unwrap()
}

/// A credit of 300,000 yen for June, on a contract that runs from April, granted in the middle of July.
fn grant() -> GrantCredit {
    GrantCredit {
        id: CreditId::from_u128(1),
        contract: CreditedContract {
            id: ContractId::from_u128(2),
            kind: ContractKind::Member,
            member: OrganisationId::from_u128(3),
            activated_at: Some(month(4).start().plus_days(3)),
            closed_through: Some(month(5)),
        },
        charge_kind: ChargeKind::publication_incentive(),
        amount: Money::jpy(300_000),
        month: month(6),
        reason: "finding released six months early".parse().unwrap(),
        granted_by: OrganisationId::from_u128(4),
        granter_capacities: [Capacity::BaseOperator].into(),
        at: month(7).start().plus_days(14),
    }
}

fn granted() -> Event {
    let GrantCredit { id, contract, charge_kind, amount, month, reason, granted_by, at, .. } = grant();
    let (contract, member) = (contract.id, contract.member);
    Event::CreditGranted(CreditGranted {
        id,
        contract,
        member,
        charge_kind,
        amount,
        month,
        reason,
        granted_by,
        at,
    })
}

fn decide(given: &[Event], when: GrantCredit) -> Result<Vec<Event>, Rejection> {
    Credit::decide(&fold::<Credit>(given), Command::GrantCredit(when))
}

/// The same, with the contract changed.
fn on(change: impl FnOnce(&mut CreditedContract)) -> GrantCredit {
    let mut command = grant();
    change(&mut command.contract);
    command
}

#[test]
fn a_credit_is_granted_once() {
    assert_eq!(decide(&[], grant()), Ok(vec![granted()]));
    let again = GrantCredit { at: grant().at.plus_days(1), ..grant() };
    assert_eq!(decide(&[granted()], again), Ok(vec![]));
    let closed_since = on(|contract| contract.closed_through = Some(month(6)));
    assert_eq!(decide(&[granted()], closed_since), Ok(vec![]));
    assert_eq!(Credit::Vacant.granted(), None);
    let event = fold::<Credit>(&[granted()]).granted().cloned().map(Event::CreditGranted);
    assert_eq!(event, Some(granted()));
}

#[test]
fn any_month_of_the_contract_that_is_open_and_has_begun_will_do() {
    for number in [6, 7] {
        assert!(decide(&[], GrantCredit { month: month(number), ..grant() }).is_ok());
    }
    let open = on(|contract| contract.closed_through = None);
    assert!(decide(&[], GrantCredit { month: month(4), ..open }).is_ok());
}

#[test]
fn a_credit_is_refused() {
    let contract = grant().contract.id;
    let now = grant().at;
    let open = || on(|contract| contract.closed_through = None);
    for (command, rejection) in [
        (
            GrantCredit { charge_kind: ChargeKind::data_usage(), ..grant() },
            Rejection::NotACredit { charge_kind: ChargeKind::data_usage() },
        ),
        (
            GrantCredit { granter_capacities: [Capacity::Promoter].into(), ..grant() },
            Rejection::NotABaseOperator { organisation: grant().granted_by },
        ),
        (
            GrantCredit { amount: Money::jpy(0), ..grant() },
            Rejection::NothingGranted { amount: Money::jpy(0) },
        ),
        (
            GrantCredit { amount: Money::jpy(-5), ..grant() },
            Rejection::NothingGranted { amount: Money::jpy(-5) },
        ),
        (
            GrantCredit { amount: Money::jpy(MOST_AMOUNT + 1), ..grant() },
            Rejection::TooMuchGranted { amount: Money::jpy(MOST_AMOUNT + 1) },
        ),
        (
            on(|contract| contract.kind = ContractKind::VendorParticipation),
            Rejection::NotAMember { contract, kind: ContractKind::VendorParticipation },
        ),
        (on(|contract| contract.activated_at = None), Rejection::NotYetInForce { contract }),
        (
            on(|contract| contract.activated_at = Some(now.plus_days(1))),
            Rejection::NotYetInForce { contract },
        ),
        (
            GrantCredit { month: month(3), ..open() },
            Rejection::BeforeContract { contract, month: month(3), first: month(4) },
        ),
        (GrantCredit { month: month(8), ..grant() }, Rejection::InTheFuture { month: month(8), now }),
        (
            GrantCredit { month: month(5), ..grant() },
            Rejection::InClosedPeriod { month: month(5), closed_through: month(5) },
        ),
    ] {
        assert_eq!(decide(&[], command), Err(rejection));
    }
    let other = GrantCredit { amount: Money::jpy(1), ..grant() };
    assert_eq!(decide(&[granted()], other), Err(Rejection::AlreadyGranted { id: grant().id }));
}

proptest::proptest! {
    #[test]
    fn whatever_is_sent_a_credit_stays_what_it_was_first(
        commands in proptest::collection::vec((-2..3i64, 1..12i8, 0..300u32), 1..20),
    ) {
        let mut events = vec![];
        for (yen, of, days) in commands {
            let at = Timestamp::plus_days(month(1).start(), days);
            let command = GrantCredit { amount: Money::jpy(yen), month: month(of), at, ..grant() };
            events.extend(decide(&events, command).unwrap_or_default());
        }
        proptest::prop_assert!(events.len() <= 1);
        for Event::CreditGranted(event) in &events {
            proptest::prop_assert!(event.amount.minor_units() > 0);
            proptest::prop_assert!(month(5) < event.month && event.month <= Month::of(event.at));
        }
    }
}
