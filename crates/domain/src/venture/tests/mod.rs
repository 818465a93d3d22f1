mod properties;
mod rejections;

use std::{collections::BTreeSet, sync::Arc};

use money::Money;

use super::*;
use crate::{
    contract::{ContractKind, Status},
    fold,
    id::{ContractId, InvestmentId, OrganisationId, PersonId, VentureId},
    investment::{CardInvestedIn, Deal, Form, Investment, Made},
    organisation::Capacity,
    time::Timestamp,
    under_contract::ContractNow,
};

const VENTURE: VentureId = VentureId::from_u128(1);
const LISTER: OrganisationId = OrganisationId::from_u128(2);
const INVESTOR: OrganisationId = OrganisationId::from_u128(3);
const RIVAL: OrganisationId = OrganisationId::from_u128(4);
const PROMOTER: OrganisationId = OrganisationId::from_u128(5);
const INVESTMENT: InvestmentId = InvestmentId::from_u128(6);
const PERSON: PersonId = PersonId::from_u128(9);

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_micros((1_774_969_200 + seconds) * 1_000_000).unwrap()
}

fn card(title: &str) -> DealCard {
    let teaser = Teaser {
        title: title.parse().unwrap(),
        summary: "抗体医薬の非臨床試験".parse().unwrap(),
        stage: DevelopmentStage::Preclinical,
        indication: "pancreatic cancer".parse().unwrap(),
        modality: "antibody".parse().unwrap(),
        round: "series-a".parse().unwrap(),
        amount_sought: Money::jpy(800_000_000),
    };
    let full = FullCard {
        asset: "an antibody against a secret target".parse().unwrap(),
        mechanism: None,
        unmet_need: None,
        novelty: None,
        intellectual_property: Some("two patents".parse().unwrap()),
        team: None,
        market_size: None,
        plan: None,
        use_of_proceeds: None,
        in_kind_wanted: ["space".parse().unwrap()].into(),
    };
    DealCard { teaser, full }
}

/// An organisation's own contract in force.
fn contract(organisation: OrganisationId, kind: ContractKind) -> ContractNow {
    let id = ContractId::from_u128(100 + organisation.as_u128());
    ContractNow { id, revision: 5, kind, applicant: organisation, status: Status::Active }
}

fn listers() -> ContractNow {
    contract(LISTER, ContractKind::VendorParticipation)
}

fn investor(id: OrganisationId) -> InvestorNow {
    InvestorNow {
        id,
        capacities: [Capacity::Investor].into(),
        contract: contract(id, ContractKind::Investor),
    }
}

fn list() -> ListVenture {
    ListVenture {
        id: VENTURE,
        lister: LISTER,
        contract: listers(),
        lister_capacities: [Capacity::Vendor].into(),
        card: card("first"),
        at: at(0),
    }
}
fn revise(title: &str) -> ReviseVenture {
    ReviseVenture { by: LISTER, contract: listers(), card: card(title), at: at(1) }
}
fn withdraw(reason: &str) -> WithdrawVenture {
    WithdrawVenture { by: LISTER, reason: reason.parse().unwrap(), at: at(9) }
}
fn view() -> ViewDeal {
    ViewDeal { investor: investor(INVESTOR), person: PERSON, at: at(2) }
}
fn interest(message: &str) -> ExpressInterest {
    ExpressInterest { investor: investor(INVESTOR), message: message.parse().unwrap(), at: at(3) }
}
fn open_room() -> OpenDataRoom {
    OpenDataRoom {
        by: LISTER,
        contract: listers(),
        investor: INVESTOR,
        investor_contract: Some(contract(INVESTOR, ContractKind::Investor)),
        reference: "https://example.org/room".parse().unwrap(),
        valid_until: at(100),
        at: at(4),
    }
}
fn enter_room() -> EnterDataRoom {
    EnterDataRoom { investor: investor(INVESTOR), person: PERSON, at: at(5) }
}
fn form() -> FormJointVenture {
    FormJointVenture {
        by: LISTER,
        contract: listers(),
        name: "合同会社ネオ".parse().unwrap(),
        parties: [(LISTER, Some([Capacity::Vendor].into())), (INVESTOR, Some([Capacity::Investor].into()))]
            .into(),
        investments: [].into(),
        purpose: "to bring the antibody into the clinic".parse().unwrap(),
        at: at(6),
    }
}

fn listing() -> Command {
    Command::ListVenture(Box::new(list()))
}
fn revising(title: &str) -> Command {
    Command::ReviseVenture(Box::new(revise(title)))
}
fn withdrawing(reason: &str) -> Command {
    Command::WithdrawVenture(withdraw(reason))
}
fn viewing() -> Command {
    Command::ViewDeal(view())
}
fn expressing(message: &str) -> Command {
    Command::ExpressInterest(interest(message))
}
fn opening() -> Command {
    Command::OpenDataRoom(open_room())
}
fn entering() -> Command {
    Command::EnterDataRoom(enter_room())
}
fn forming() -> Command {
    Command::FormJointVenture(form())
}

/// The state after commands that must all be accepted.
fn given(commands: Vec<Command>) -> Venture {
    commands.into_iter().fold(Venture::default(), |state, command| {
        let events = Venture::decide(&state, command.clone());
        let events = events.unwrap_or_else(|rejection| panic!("{command:?} was refused: {rejection}"));
        events.iter().fold(state, Venture::evolve)
    })
}

fn decide(before: Vec<Command>, command: Command) -> Result<Vec<Event>, Rejection> {
    Venture::decide(&given(before), command)
}

/// Listed, viewed, interested.
fn interested() -> Vec<Command> {
    vec![listing(), viewing(), expressing("let us talk")]
}

/// Listed, viewed, interested, let in.
fn let_in() -> Vec<Command> {
    vec![listing(), viewing(), expressing("let us talk"), opening()]
}

fn viewed(card: u32) -> Event {
    let ContractNow { id: contract, revision: contract_revision, .. } = investor(INVESTOR).contract;
    Event::DealViewed(DealViewed {
        investor: INVESTOR,
        person: PERSON,
        contract,
        contract_revision,
        card,
        at: at(2),
    })
}

#[test]
fn a_member_or_a_vendor_lists() {
    for kind in [ContractKind::Member, ContractKind::VendorParticipation] {
        let command = ListVenture { contract: contract(LISTER, kind), ..list() };
        let events = decide(vec![], Command::ListVenture(Box::new(command))).unwrap();
        let [Event::VentureListed(listed)] = events.as_slice() else { panic!("{events:?}") };
        assert_eq!((listed.lister, listed.contract, listed.contract_revision), (LISTER, listers().id, 5));
        assert_eq!(listed.card, card("first"));
    }
}

#[test]
fn each_look_is_an_event_that_names_the_card_that_was_shown() {
    assert_eq!(decide(vec![listing()], viewing()), Ok(vec![viewed(1)]));
    assert_eq!(decide(vec![listing(), viewing(), viewing()], viewing()), Ok(vec![viewed(1)]));
    assert_eq!(decide(vec![listing(), revising("second")], viewing()), Ok(vec![viewed(2)]));
    let state = given(vec![listing(), viewing(), revising("second"), viewing()]);
    let listed = state.card().unwrap();
    assert_eq!(listed.numbered(1), Some(&card("first")), "what was shown first can still be told");
    assert_eq!(listed.numbered(2), listed.current());
    assert_eq!((listed.numbered(0), listed.numbered(3)), (None, None));
    assert_eq!(listed.investors[&INVESTOR].views, 2);
}

#[test]
fn an_investor_comes_from_a_look_to_the_data_room() {
    let events = decide(vec![listing(), viewing()], expressing("let us talk")).unwrap();
    let [Event::InterestExpressed(expressed)] = events.as_slice() else { panic!("{events:?}") };
    assert_eq!((expressed.investor, expressed.message.as_str()), (INVESTOR, "let us talk"));
    let events = decide(let_in(), entering()).unwrap();
    let [Event::DataRoomEntered(entered)] = events.as_slice() else { panic!("{events:?}") };
    assert_eq!(entered.reference, open_room().reference);
    assert_eq!((entered.investor, entered.person, entered.contract_revision), (INVESTOR, PERSON, 5));
    let state = given([let_in(), vec![entering(), entering()]].concat());
    assert_eq!(state.card().unwrap().investors[&INVESTOR].entries, 2, "each entry is an event");
}

#[test]
fn a_room_is_moved_and_an_interest_told_anew() {
    let until = at(50);
    let moved = Command::OpenDataRoom(OpenDataRoom { valid_until: until, ..open_room() });
    let state = given([let_in(), vec![moved, expressing("we want it all")]].concat());
    let following = &state.card().unwrap().investors[&INVESTOR];
    assert_eq!(following.room.as_ref().map(|room| room.valid_until), Some(until));
    assert_eq!(following.interest.as_ref().map(|told| told.message.as_str()), Some("we want it all"));
}

#[test]
fn what_is_so_is_already_so() {
    let again = |before: Vec<Command>, command: Command| {
        assert_eq!(
            decide([before, vec![command.clone()]].concat(), command.clone()),
            Ok(vec![]),
            "{command:?}"
        );
    };
    again(vec![], listing());
    again(vec![listing()], revising("second"));
    again(vec![listing()], withdrawing("funded"));
    again(vec![listing(), viewing()], expressing("let us talk"));
    again(vec![listing(), viewing(), expressing("let us talk")], opening());
    again(interested(), forming());
    // What was listed first stays what was listed, whatever the card says now.
    assert_eq!(decide(vec![listing(), revising("second"), withdrawing("funded")], listing()), Ok(vec![]));
}

#[test]
fn a_joint_venture_is_formed() {
    let events = decide(interested(), forming()).unwrap();
    let [Event::JointVentureFormed(formed)] = events.as_slice() else { panic!("{events:?}") };
    assert_eq!(formed.parties, BTreeSet::from([LISTER, INVESTOR]));
}

/// An investment of the investor in a venture, withdrawn or not.
fn investment(venture: VentureId, withdrawn: bool) -> Investment {
    let ContractNow { id: contract, revision: contract_revision, .. } = investor(INVESTOR).contract;
    let deal = Deal {
        investor: INVESTOR,
        venture: LISTER,
        card: Some(CardInvestedIn { venture, contract, contract_revision }),
        round: "series-a".parse().unwrap(),
        form: Form::Cash(Money::jpy(1)),
    };
    let made = Made { id: INVESTMENT, deal, at: at(3) };
    match withdrawn {
        false => Investment::Made(made),
        true => Investment::Withdrawn { was: made, reason: "no".parse().unwrap(), at: at(4) },
    }
}

/// Nobody is told to be a party who has nothing to do with the venture.
#[test]
fn the_parties_of_a_joint_venture_are_the_lister_and_those_who_are_interested_or_invested() {
    let with = |investment: Investment| {
        let investments = [(INVESTMENT, Arc::new(investment))].into();
        Command::FormJointVenture(FormJointVenture { investments, ..form() })
    };
    let uninvolved = Rejection::PartyNotInvolved { organisation: INVESTOR };
    assert_eq!(decide(vec![listing()], forming()), Err(uninvolved.clone()));
    assert_eq!(decide(vec![listing(), viewing()], forming()), Err(uninvolved), "a look is no interest");
    assert!(decide(vec![listing()], with(investment(VENTURE, false))).is_ok());
    let elsewhere = VentureId::from_u128(77);
    for other in [investment(VENTURE, true), investment(elsewhere, false), Investment::Vacant] {
        let refused = Err(Rejection::NotInvested { investment: INVESTMENT });
        assert_eq!(decide(vec![listing()], with(other.clone())), refused);
        assert_eq!(decide(interested(), with(other)), refused, "what is named must be so");
    }
    let mut rivals = form();
    rivals.parties.insert(RIVAL, Some([Capacity::Investor].into()));
    rivals.investments = [(INVESTMENT, Arc::new(investment(VENTURE, false)))].into();
    let refused = Err(Rejection::PartyNotInvolved { organisation: RIVAL });
    assert_eq!(decide(vec![listing()], Command::FormJointVenture(rivals)), refused);
}

#[test]
fn a_fact_tells_what_others_need() {
    assert_eq!(VentureNow::of(&Venture::Vacant), None);
    let now = VentureNow { id: VENTURE, lister: LISTER, contract: listers().id, withdrawn: false };
    assert_eq!(VentureNow::of(&given(vec![listing()])), Some(now));
    let gone = given(vec![listing(), withdrawing("funded")]);
    assert_eq!(VentureNow::of(&gone), Some(VentureNow { withdrawn: true, ..now }));
}

#[test]
fn events_out_of_order_change_nothing() {
    assert_eq!(fold::<Venture>(&[viewed(1)]), Venture::Vacant);
    let gone = given(vec![listing(), withdrawing("funded")]);
    assert_eq!(Venture::evolve(gone.clone(), &viewed(1)), gone);
}
