use money::Money;

use super::*;
use crate::{
    fold,
    id::{InvestmentId, OrganisationId},
    organisation::Capacity,
    time::Timestamp,
};

const INVESTMENT: InvestmentId = InvestmentId::from_u128(1);
const INVESTOR: OrganisationId = OrganisationId::from_u128(2);
const VENTURE: OrganisationId = OrganisationId::from_u128(3);

fn deal() -> Deal {
    let round = "series-a".parse().unwrap();
    Deal { investor: INVESTOR, venture: VENTURE, round, amount: Money::jpy(300_000_000) }
}

fn record() -> RecordInvestment {
    RecordInvestment {
        id: INVESTMENT,
        deal: deal(),
        investor_capacities: [Capacity::Investor].into(),
        venture_capacities: Some([].into()),
        at: Timestamp::default(),
    }
}

fn made() -> Event {
    Event::InvestmentMade(InvestmentMade { id: INVESTMENT, deal: deal(), at: Timestamp::default() })
}

fn decide(given: &[Event], when: RecordInvestment) -> Result<Vec<Event>, Rejection> {
    Investment::decide(&fold::<Investment>(given), Command::RecordInvestment(when))
}

#[test]
fn an_investor_records_what_it_invested() {
    assert_eq!(decide(&[], record()), Ok(vec![made()]));
    let known = Investment::Made { id: INVESTMENT, deal: deal(), made_at: Timestamp::default() };
    assert_eq!(fold::<Investment>(&[made()]), known);
}

#[test]
fn the_same_investment_is_already_so() {
    let later = RecordInvestment { investor_capacities: [].into(), ..record() };
    assert_eq!(decide(&[made()], later), Ok(vec![]));
    let mut other = record();
    other.deal.amount = Money::jpy(1);
    assert_eq!(decide(&[made()], other), Err(Rejection::AlreadyMade { id: INVESTMENT }));
}

#[test]
fn what_is_not_recorded() {
    type Change = fn(&mut RecordInvestment);
    let cases: [(Change, Rejection); 7] = [
        (|when| when.deal.amount = Money::jpy(0), Rejection::AmountNotPositive { amount: Money::jpy(0) }),
        (|when| when.deal.amount = Money::jpy(-1), Rejection::AmountNotPositive { amount: Money::jpy(-1) }),
        (|when| when.deal.venture = INVESTOR, Rejection::OwnVenture { organisation: INVESTOR }),
        (
            |when| when.investor_capacities = [Capacity::Member].into(),
            Rejection::NotAnInvestor { organisation: INVESTOR },
        ),
        (|when| when.venture_capacities = None, Rejection::VentureNotRegistered { organisation: VENTURE }),
        (
            |when| when.venture_capacities = Some([Capacity::Promoter].into()),
            Rejection::PlatformIsNoParty { organisation: VENTURE },
        ),
        (
            |when| when.investor_capacities = [Capacity::Investor, Capacity::BaseOperator].into(),
            Rejection::PlatformIsNoParty { organisation: INVESTOR },
        ),
    ];
    for (change, rejection) in cases {
        let mut when = record();
        change(&mut when);
        assert_eq!(decide(&[], when), Err(rejection));
    }
}
