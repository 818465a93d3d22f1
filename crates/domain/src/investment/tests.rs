use std::collections::BTreeSet;

use money::Money;
use proptest::prelude::*;

use super::*;
use crate::{
    contract::{ContractKind, Status},
    fold,
    id::{ContractId, InvestmentId, OrganisationId, VentureId},
    organisation::Capacity,
    terms::MOST_AMOUNT,
    time::Timestamp,
    under_contract::{ContractNow, NotCovered},
    venture::{InvestorNow, NoInvestor, VentureNow},
};

const INVESTMENT: InvestmentId = InvestmentId::from_u128(1);
const INVESTOR: OrganisationId = OrganisationId::from_u128(2);
const LISTER: OrganisationId = OrganisationId::from_u128(3);
const RIVAL: OrganisationId = OrganisationId::from_u128(4);
const VENTURE: VentureId = VentureId::from_u128(5);
const AGREEMENT: ContractId = ContractId::from_u128(6);

fn record() -> RecordInvestment {
    let kind = ContractKind::Investor;
    let contract =
        ContractNow { id: AGREEMENT, revision: 5, kind, applicant: INVESTOR, status: Status::Active };
    RecordInvestment {
        id: INVESTMENT,
        investor: InvestorNow { id: INVESTOR, capacities: [Capacity::Investor].into(), contract },
        venture: VentureNow {
            id: VENTURE,
            lister: LISTER,
            contract: ContractId::from_u128(7),
            withdrawn: false,
        },
        viewed: true,
        lister_capacities: BTreeSet::new(),
        round: "series-a".parse().unwrap(),
        form: Form::Cash(Money::jpy(300_000_000)),
        at: Timestamp::default(),
    }
}

fn space() -> Form {
    Form::InKind(InKind {
        kind: "space".parse().unwrap(),
        description: "実験室 200 m² を二年間".parse().unwrap(),
        estimated_value: Some(Money::jpy(24_000_000)),
    })
}

fn withdraw(reason: &str) -> WithdrawInvestment {
    WithdrawInvestment { by: INVESTOR, reason: reason.parse().unwrap(), at: Timestamp::default() }
}

fn deal() -> Deal {
    Deal {
        investor: INVESTOR,
        venture: LISTER,
        card: Some(CardInvestedIn { venture: VENTURE, contract: AGREEMENT, contract_revision: 5 }),
        round: "series-a".parse().unwrap(),
        form: Form::Cash(Money::jpy(300_000_000)),
    }
}

fn made() -> Event {
    Event::InvestmentMade(InvestmentMade { id: INVESTMENT, deal: deal(), at: Timestamp::default() })
}

fn withdrawn() -> Event {
    let (reason, at) = ("the round fell through".parse().unwrap(), Timestamp::default());
    Event::InvestmentWithdrawn(InvestmentWithdrawn { reason, at })
}

fn decide(given: &[Event], when: Command) -> Result<Vec<Event>, Rejection> {
    Investment::decide(&fold::<Investment>(given), when)
}

fn recording(change: impl FnOnce(&mut RecordInvestment)) -> Command {
    let mut command = record();
    change(&mut command);
    Command::RecordInvestment(Box::new(command))
}

#[test]
fn an_investor_records_what_it_gave() {
    assert_eq!(decide(&[], recording(|_| {})), Ok(vec![made()]));
    let known = Made { id: INVESTMENT, deal: deal(), at: Timestamp::default() };
    assert_eq!(fold::<Investment>(&[made()]), Investment::Made(known));
    let events = decide(&[], recording(|record| record.form = space())).unwrap();
    let [Event::InvestmentMade(event)] = events.as_slice() else { panic!("{events:?}") };
    assert_eq!(event.deal, Deal { form: space(), ..deal() });
}

#[test]
fn the_same_investment_is_already_so() {
    let later = recording(|record| record.investor.contract.status = Status::Expired);
    assert_eq!(decide(&[made()], later), Ok(vec![]));
    let other = recording(|record| record.form = Form::Cash(Money::jpy(1)));
    assert_eq!(decide(&[made()], other), Err(Rejection::AlreadyMade { id: INVESTMENT }));
    assert_eq!(decide(&[made(), withdrawn()], recording(|_| {})), Ok(vec![]));
}

#[test]
fn a_record_is_taken_back_once() {
    let taken = decide(&[made()], Command::WithdrawInvestment(withdraw("the round fell through")));
    assert_eq!(taken, Ok(vec![withdrawn()]));
    let again = Command::WithdrawInvestment(withdraw("the round fell through"));
    assert_eq!(decide(&[made(), withdrawn()], again), Ok(vec![]));
    let known = fold::<Investment>(&[made(), withdrawn()]);
    assert_eq!(known.made().map(|made| &made.deal), Some(&deal()), "it stays on record what it was");
}

#[test]
fn what_is_not_recorded() {
    let nothing = |amount, estimated| Rejection::AmountNotPositive { amount: Money::jpy(amount), estimated };
    let not_covered = |refused| Rejection::NoInvestor(NoInvestor::NotCovered(refused));
    let cash = |yen| recording(move |record| record.form = Form::Cash(Money::jpy(yen)));
    let (investor, lister) = (INVESTOR, LISTER);
    let worth = |yen| InKind {
        kind: "space".parse().unwrap(),
        description: "a cupboard".parse().unwrap(),
        estimated_value: Some(Money::jpy(yen)),
    };
    let (worthless, priceless) = (worth(0), worth(i64::MAX));
    let too_much = |yen, estimated| Rejection::AmountTooLarge { amount: Money::jpy(yen), estimated };
    let cases = vec![
        (cash(MOST_AMOUNT + 1), too_much(MOST_AMOUNT + 1, false)),
        (recording(|record| record.form = Form::InKind(priceless)), too_much(i64::MAX, true)),
        (cash(0), nothing(0, false)),
        (cash(-1), nothing(-1, false)),
        (recording(|record| record.form = Form::InKind(worthless)), nothing(0, true)),
        (
            recording(|record| record.venture.lister = INVESTOR),
            Rejection::OwnVenture { organisation: investor },
        ),
        (
            recording(|record| record.investor.capacities = [Capacity::Member].into()),
            Rejection::NoInvestor(NoInvestor::LacksCapacity { organisation: investor }),
        ),
        (
            recording(|record| record.investor.capacities = [Capacity::Investor, Capacity::Promoter].into()),
            Rejection::NoInvestor(NoInvestor::RunsThePlatform { organisation: investor }),
        ),
        (
            recording(|record| record.investor.contract.status = Status::Terminated),
            not_covered(NotCovered::NotInForce { contract: AGREEMENT, status: Status::Terminated }),
        ),
        (
            recording(|record| record.lister_capacities = [Capacity::BaseOperator].into()),
            Rejection::PlatformIsNoParty { organisation: lister },
        ),
        (recording(|record| record.viewed = false), Rejection::NotViewed { investor }),
        (recording(|record| record.venture.withdrawn = true), Rejection::VentureWithdrawn { id: VENTURE }),
        (Command::WithdrawInvestment(withdraw("never mind")), Rejection::NotMade),
    ];
    for (when, rejection) in cases {
        assert_eq!(decide(&[], when), Err(rejection));
    }
    let others = WithdrawInvestment { by: RIVAL, ..withdraw("never mind") };
    let rejection = Rejection::NotTheInvestor { id: INVESTMENT, organisation: RIVAL };
    assert_eq!(decide(&[made()], Command::WithdrawInvestment(others)), Err(rejection));
    let again = Command::WithdrawInvestment(withdraw("another reason"));
    let rejection = Rejection::AlreadyWithdrawn { id: INVESTMENT };
    assert_eq!(decide(&[made(), withdrawn()], again), Err(rejection));
}

proptest! {
    #[test]
    fn no_investment_without_an_agreement_and_none_twice(
        script in proptest::collection::vec((0..4u8, 0..5usize, -1..3i64, any::<bool>()), 1..20),
    ) {
        let statuses =
            [Status::Active, Status::Active, Status::Paused, Status::Expired, Status::NotYetInForce];
        let mut state = Investment::default();
        let mut made = 0;
        for (which, status, yen, others) in script {
            let status = statuses[status];
            let command = match which {
                0 => Command::WithdrawInvestment(WithdrawInvestment {
                    by: if others { RIVAL } else { INVESTOR },
                    ..withdraw("never mind")
                }),
                _ => recording(|record| {
                    record.investor.contract.status = status;
                    record.form = Form::Cash(Money::jpy(yen));
                    if others {
                        record.investor.contract.applicant = RIVAL;
                    }
                }),
            };
            let before = state.clone();
            for event in Investment::decide(&state, command).unwrap_or_default() {
                match &event {
                    Event::InvestmentMade(_) => {
                        prop_assert!(status == Status::Active && !others && yen > 0);
                        made += 1;
                    }
                    Event::InvestmentWithdrawn(_) => {
                        prop_assert!(!others && matches!(before, Investment::Made(_)));
                    }
                }
                state = Investment::evolve(state, &event);
            }
        }
        prop_assert!(made <= 1);
        prop_assert_eq!(made == 1, state.made().is_some());
    }
}
