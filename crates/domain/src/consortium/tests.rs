//! Given, when, then: through `decide` and `fold` alone.

use money::Decimal;
use proptest::prelude::*;

use super::*;
use crate::{
    contract::{ContractKind, Status},
    fold,
    id::{ConsortiumId, ContractId, OrganisationId},
    time::Timestamp,
    under_contract::{ContractNow, NotCovered},
};

const CONSORTIUM: ConsortiumId = ConsortiumId::from_u128(1);
const LEAD: OrganisationId = OrganisationId::from_u128(11);
const SECOND: OrganisationId = OrganisationId::from_u128(12);
const THIRD: OrganisationId = OrganisationId::from_u128(13);
const STRANGER: OrganisationId = OrganisationId::from_u128(14);

fn percent(text: &str) -> Decimal {
    text.parse().unwrap()
}

fn shares(parts: &[(OrganisationId, &str)]) -> Vec<(OrganisationId, Decimal)> {
    parts.iter().map(|(member, text)| (*member, percent(text))).collect()
}

fn contract(organisation: OrganisationId) -> ContractNow {
    ContractNow {
        id: ContractId::from_u128(organisation.as_u128()),
        revision: 4,
        kind: ContractKind::VendorParticipation,
        applicant: organisation,
        status: Status::Active,
    }
}

fn propose() -> ProposeConsortium {
    ProposeConsortium {
        id: CONSORTIUM,
        name: "PDX連合".parse().unwrap(),
        lead: LEAD,
        contract: contract(LEAD),
        shares: shares(&[(THIRD, "16.5"), (LEAD, "50"), (SECOND, "33.5")]),
        at: Timestamp::default(),
    }
}

fn join(member: OrganisationId) -> JoinConsortium {
    JoinConsortium { member, contract: contract(member), at: Timestamp::default() }
}

fn was_proposed() -> Event {
    let ProposeConsortium { id, name, lead, contract, shares, at } = propose();
    Event::ConsortiumProposed(ConsortiumProposed {
        id,
        name,
        lead,
        contract: contract.id,
        contract_revision: contract.revision,
        shares: shares.into_iter().collect(),
        at,
    })
}

fn joined(member: OrganisationId) -> Event {
    let contract = contract(member);
    Event::ConsortiumJoined(ConsortiumJoined {
        member,
        contract: contract.id,
        contract_revision: contract.revision,
        at: Timestamp::default(),
    })
}

fn decide(given: &[Event], when: Command) -> Result<Vec<Event>, Rejection> {
    Consortium::decide(&fold::<Consortium>(given), when)
}

#[test]
fn a_consortium_is_formed_once_every_member_has_joined() {
    assert_eq!(decide(&[], Command::ProposeConsortium(propose())), Ok(vec![was_proposed()]));
    let mut history = vec![was_proposed()];
    for member in [SECOND, THIRD] {
        assert_eq!(fold::<Consortium>(&history).formed(), None);
        let then = decide(&history, Command::JoinConsortium(join(member))).unwrap();
        assert_eq!(then, [joined(member)]);
        history.extend(then);
    }
    let state = fold::<Consortium>(&history);
    let formed = state.formed().unwrap();
    assert_eq!(formed.lead, LEAD);
    assert!(formed.members().eq([LEAD, SECOND, THIRD]));
    assert_eq!(formed.shares[&SECOND], percent("33.5"));
}

#[test]
fn what_is_so_already_is_not_said_again() {
    let mut ended = join(SECOND);
    ended.contract.status = Status::Expired;
    for (given, when) in [
        (vec![was_proposed()], Command::ProposeConsortium(propose())),
        (vec![was_proposed()], Command::JoinConsortium(join(LEAD))),
        (vec![was_proposed(), joined(SECOND)], Command::JoinConsortium(ended)),
    ] {
        assert_eq!(decide(&given, when), Ok(vec![]));
    }
}

#[test]
fn which_splits_may_not_be_proposed() {
    let many: Vec<_> = (1..=21).map(|number| (OrganisationId::from_u128(number), Decimal::ONE)).collect();
    let invalid = |index, text| Rejection::InvalidPercentage { index, percentage: percent(text) };
    for (shares, then) in [
        (shares(&[(LEAD, "100")]), Rejection::MembersOutOfRange { members: 1 }),
        (many, Rejection::MembersOutOfRange { members: 21 }),
        (shares(&[(LEAD, "100"), (SECOND, "0")]), invalid(1, "0")),
        (shares(&[(LEAD, "101"), (SECOND, "-1")]), invalid(0, "101")),
        (shares(&[(LEAD, "50"), (LEAD, "50")]), Rejection::MemberTwice { member: LEAD }),
        (
            shares(&[(LEAD, "50"), (SECOND, "49.999999999")]),
            Rejection::PercentagesNotHundred { sum: percent("99.999999999") },
        ),
        (shares(&[(SECOND, "50"), (THIRD, "50")]), Rejection::LeadNotAMember { lead: LEAD }),
    ] {
        let when = ProposeConsortium { shares, ..propose() };
        assert_eq!(decide(&[], Command::ProposeConsortium(when)), Err(then));
    }
}

#[test]
fn who_may_not_propose_or_join() {
    let status = Status::Paused;
    let paused = |organisation| ContractNow { status, ..contract(organisation) };
    let not_in_force =
        |organisation| NotCovered::NotInForce { contract: contract(organisation).id, status }.into();
    let other = ContractNow { id: ContractId::from_u128(99), ..contract(SECOND) };
    let id = CONSORTIUM;
    for (given, when, then) in [
        (
            vec![],
            Command::ProposeConsortium(ProposeConsortium { contract: paused(LEAD), ..propose() }),
            not_in_force(LEAD),
        ),
        (
            vec![was_proposed()],
            Command::ProposeConsortium(ProposeConsortium { name: "other".parse().unwrap(), ..propose() }),
            Rejection::AlreadyProposed { id },
        ),
        (vec![], Command::JoinConsortium(join(SECOND)), Rejection::NotProposed),
        (
            vec![was_proposed()],
            Command::JoinConsortium(join(STRANGER)),
            Rejection::NotAMember { id, organisation: STRANGER },
        ),
        (
            vec![was_proposed(), joined(SECOND)],
            Command::JoinConsortium(JoinConsortium { contract: other, ..join(SECOND) }),
            Rejection::AlreadyJoined { organisation: SECOND, contract: contract(SECOND).id },
        ),
        (
            vec![was_proposed()],
            Command::JoinConsortium(JoinConsortium { contract: paused(SECOND), ..join(SECOND) }),
            not_in_force(SECOND),
        ),
        (
            vec![was_proposed()],
            Command::JoinConsortium(JoinConsortium { contract: contract(STRANGER), ..join(SECOND) }),
            NotCovered::NotOwn { contract: contract(STRANGER).id, organisation: SECOND }.into(),
        ),
    ] {
        assert_eq!(decide(&given, when), Err(then));
    }
}

proptest! {
    #[test]
    fn nobody_is_in_a_formed_split_without_having_agreed(
        parts in proptest::collection::vec(1u32..100, 1..6),
        joining in proptest::collection::vec(0u128..7, 0..12),
    ) {
        let members = parts.iter().zip(11u128..);
        let shares: Vec<_> = members
            .map(|(part, number)| (OrganisationId::from_u128(number), Decimal::from(*part)))
            .collect();
        let sum: u32 = parts.iter().sum();
        let proposed = decide(&[], Command::ProposeConsortium(ProposeConsortium { shares, ..propose() }));
        prop_assert_eq!(proposed.is_ok(), sum == 100 && parts.len() >= 2);
        // The parts that are missing to a hundred are the last member's.
        let mut shares: Vec<_> = parts.iter().take(3).zip(11u128..).map(|(part, number)| {
            (OrganisationId::from_u128(number), Decimal::from(1 + part % 33))
        }).collect();
        let rest = shares.iter().fold(Decimal::HUNDRED, |rest, (_, part)| rest.checked_sub(*part).unwrap());
        shares.push((OrganisationId::from_u128(16), rest));
        let when = ProposeConsortium { shares: shares.clone(), ..propose() };
        let mut state = Consortium::default();
        for event in Consortium::decide(&state, Command::ProposeConsortium(when)).unwrap() {
            state = Consortium::evolve(state, &event);
        }
        let mut agreed = std::collections::BTreeSet::from([LEAD]);
        for number in joining {
            let member = OrganisationId::from_u128(11 + number);
            if let Ok(events) = Consortium::decide(&state, Command::JoinConsortium(join(member))) {
                agreed.insert(member);
                state = events.iter().fold(state, Consortium::evolve);
            }
            let all = shares.iter().all(|(member, _)| agreed.contains(member));
            prop_assert_eq!(state.formed().is_some(), all);
        }
    }
}
