//! Every rejection, and what calls for it.

use super::*;
use crate::{id::ContractId, under_contract::NotCovered};

/// A command, changed.
fn changed<C>(mut command: C, change: impl FnOnce(&mut C)) -> C {
    change(&mut command);
    command
}

fn check(cases: Vec<(Vec<Command>, Command, Rejection)>) {
    for (number, (before, command, rejection)) in cases.into_iter().enumerate() {
        assert_eq!(decide(before, command.clone()), Err(rejection), "case {number}: {command:?}");
    }
}

fn paused(organisation: OrganisationId) -> NotCovered {
    let contract = ContractId::from_u128(100 + organisation.as_u128());
    NotCovered::NotInForce { contract, status: Status::Paused }
}

#[test]
fn what_is_not_listed() {
    let list = |change: fn(&mut ListVenture)| Command::ListVenture(Box::new(changed(list(), change)));
    let revise =
        |change: fn(&mut ReviseVenture)| Command::ReviseVenture(Box::new(changed(revise("second"), change)));
    let slugs = || (0..17).map(|number| format!("form-{number}").parse().unwrap()).collect();
    let too_many = Rejection::TooManyEntries { what: "forms in kind", entries: 17, most: 16 };
    check(vec![
        (
            vec![],
            list(|list| list.card.teaser.amount_sought = Money::jpy(0)),
            Rejection::NothingSought { amount: Money::jpy(0) },
        ),
        (
            vec![],
            Command::ListVenture(Box::new(changed(super::list(), |list| {
                list.card.full.in_kind_wanted = slugs();
            }))),
            too_many,
        ),
        (vec![listing()], list(|list| list.card = card("other")), Rejection::AlreadyListed { id: VENTURE }),
        (vec![], list(|list| list.contract.status = Status::Paused), Rejection::NotCovered(paused(LISTER))),
        (
            vec![],
            list(|list| list.contract = contract(LISTER, ContractKind::Supply)),
            Rejection::NotCovered(NotCovered::NeitherKind {
                kind: ContractKind::Supply,
                needed: [ContractKind::Member, ContractKind::VendorParticipation],
            }),
        ),
        (
            vec![],
            list(|list| list.contract.applicant = RIVAL),
            Rejection::NotCovered(NotCovered::NotOwn { contract: listers().id, organisation: LISTER }),
        ),
        (
            vec![],
            list(|list| list.lister_capacities = [Capacity::Vendor, Capacity::Promoter].into()),
            Rejection::PlatformIsNoParty { organisation: LISTER },
        ),
        (vec![], revising("second"), Rejection::NotListed),
        (
            vec![listing()],
            revise(|revise| revise.by = RIVAL),
            Rejection::NotTheLister { id: VENTURE, organisation: RIVAL },
        ),
        (
            vec![listing()],
            revise(|revise| revise.contract.status = Status::Paused),
            Rejection::ListingNotCovered(paused(LISTER)),
        ),
        (
            vec![listing()],
            revise(|revise| revise.card.teaser.amount_sought = Money::jpy(-1)),
            Rejection::NothingSought { amount: Money::jpy(-1) },
        ),
        (vec![listing(), withdrawing("funded")], revising("second"), Rejection::Withdrawn { id: VENTURE }),
        (vec![listing(), withdrawing("funded")], withdrawing("other"), Rejection::Withdrawn { id: VENTURE }),
        (
            vec![listing()],
            Command::WithdrawVenture(WithdrawVenture { by: RIVAL, ..withdraw("funded") }),
            Rejection::NotTheLister { id: VENTURE, organisation: RIVAL },
        ),
    ]);
}

#[test]
fn cards_come_to_an_end() {
    let cards = (2..=decide::MOST_CARDS).map(|number| revising(&number.to_string()));
    let before = [listing()].into_iter().chain(cards).collect();
    let entries = decide::MOST_CARDS + 1;
    let rejection = Rejection::TooManyEntries { what: "cards", entries, most: decide::MOST_CARDS };
    assert_eq!(decide(before, revising("one more")), Err(rejection));
}

#[test]
fn what_an_investor_is_not_shown() {
    let view = |change: fn(&mut InvestorNow)| {
        Command::ViewDeal(changed(view(), |command| change(&mut command.investor)))
    };
    let not_covered = |refused| Rejection::NoInvestor(NoInvestor::NotCovered(refused));
    let kind = NotCovered::OtherKind { kind: ContractKind::Member, needed: ContractKind::Investor };
    check(vec![
        (vec![listing()], view(|now| now.contract.status = Status::Paused), not_covered(paused(INVESTOR))),
        // Without an agreement nobody learns whether there is such a venture, or what became of it.
        (vec![], view(|now| now.contract.status = Status::Paused), not_covered(paused(INVESTOR))),
        (vec![listing()], view(|now| now.contract.kind = ContractKind::Member), not_covered(kind)),
        (
            vec![listing()],
            view(|now| now.contract.applicant = RIVAL),
            not_covered(NotCovered::NotOwn {
                contract: investor(INVESTOR).contract.id,
                organisation: INVESTOR,
            }),
        ),
        (
            vec![listing()],
            view(|now| now.capacities = [Capacity::Member].into()),
            Rejection::NoInvestor(NoInvestor::LacksCapacity { organisation: INVESTOR }),
        ),
        (
            vec![listing()],
            view(|now| now.capacities = [Capacity::Investor, Capacity::BaseOperator].into()),
            Rejection::NoInvestor(NoInvestor::RunsThePlatform { organisation: INVESTOR }),
        ),
        (vec![], viewing(), Rejection::NotListed),
        (vec![listing(), withdrawing("funded")], viewing(), Rejection::Withdrawn { id: VENTURE }),
        (
            vec![listing()],
            Command::ViewDeal(ViewDeal { investor: investor(LISTER), ..super::view() }),
            Rejection::OwnVenture { organisation: LISTER },
        ),
        (vec![listing()], expressing("let us talk"), Rejection::NotViewed { investor: INVESTOR }),
    ]);
}

#[test]
fn who_is_not_let_in() {
    let open = |change: fn(&mut OpenDataRoom)| Command::OpenDataRoom(changed(open_room(), change));
    let (valid_until, now) = (at(4), at(4));
    check(vec![
        (vec![listing(), viewing()], opening(), Rejection::NotInterested { investor: INVESTOR }),
        (
            interested(),
            open(|open| open.investor_contract = None),
            Rejection::NotInterested { investor: INVESTOR },
        ),
        (interested(), open(|open| open.investor = RIVAL), Rejection::NotInterested { investor: RIVAL }),
        (interested(), open(|open| open.valid_until = at(4)), Rejection::RoomEndsAtOnce { valid_until, now }),
        (
            interested(),
            open(|open| open.by = RIVAL),
            Rejection::NotTheLister { id: VENTURE, organisation: RIVAL },
        ),
        (
            interested(),
            open(|open| open.contract.status = Status::Paused),
            Rejection::ListingNotCovered(paused(LISTER)),
        ),
        (
            interested(),
            open(|open| {
                let ended = ContractNow { status: Status::Paused, ..investor(INVESTOR).contract };
                open.investor_contract = Some(ended);
            }),
            Rejection::InvestorNotCovered { investor: INVESTOR, status: Status::Paused },
        ),
        (interested(), entering(), Rejection::NoDataRoom { investor: INVESTOR }),
        (
            let_in(),
            Command::EnterDataRoom(EnterDataRoom { at: at(100), ..enter_room() }),
            Rejection::DataRoomClosed { valid_until: at(100) },
        ),
    ]);
}

#[test]
fn what_is_no_joint_venture() {
    let form = |change: fn(&mut FormJointVenture)| Command::FormJointVenture(changed(form(), change));
    let crowd = (10..29).map(|number| (OrganisationId::from_u128(number), Some([].into())));
    let crowd = Command::FormJointVenture(changed(super::form(), |form| form.parties.extend(crowd)));
    let many = (0..20).map(|number| {
        let name = number.to_string().parse().unwrap();
        Command::FormJointVenture(FormJointVenture { name, ..super::form() })
    });
    let many: Vec<Command> = interested().into_iter().chain(many).collect();
    let too_many = |what| Rejection::TooManyEntries { what, entries: 21, most: 20 };
    check(vec![
        (vec![listing()], crowd, too_many("parties")),
        (many, forming(), too_many("joint ventures")),
        (
            vec![listing()],
            form(|form| form.parties.retain(|party, _| *party == LISTER)),
            Rejection::TooFewParties { parties: 1 },
        ),
        (
            vec![listing()],
            form(|form| {
                form.parties.remove(&LISTER);
                form.parties.insert(RIVAL, Some([].into()));
            }),
            Rejection::ListerIsNoParty { lister: LISTER },
        ),
        (
            interested(),
            form(|form| {
                form.parties.insert(RIVAL, None);
            }),
            Rejection::PartyNotRegistered { organisation: RIVAL },
        ),
        (
            interested(),
            form(|form| {
                form.parties.insert(PROMOTER, Some([Capacity::Promoter].into()));
            }),
            Rejection::PlatformIsNoParty { organisation: PROMOTER },
        ),
        (
            interested(),
            form(|form| form.contract.status = Status::Paused),
            Rejection::ListingNotCovered(paused(LISTER)),
        ),
        (
            [interested(), vec![forming()]].concat(),
            form(|form| form.purpose = "another".parse().unwrap()),
            Rejection::JointVentureStands { name: super::form().name },
        ),
    ]);
}
