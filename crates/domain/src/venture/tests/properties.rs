//! Whatever is sent in whatever order, nothing is shown or recorded without an agreement that is in force.

use proptest::prelude::*;

use super::*;

const STATUSES: [Status; 4] = [Status::Active, Status::Paused, Status::Expired, Status::NotYetInForce];
const KINDS: [ContractKind; 3] = [ContractKind::Investor, ContractKind::Member, ContractKind::Supply];

/// What is sent, and of what state the contracts are that it stands on.
#[derive(Debug, Clone, Copy)]
struct Step {
    which: u8,
    investor: u8,
    status: usize,
    kind: usize,
    listing: usize,
    operator: bool,
}

fn any_step() -> impl Strategy<Value = Step> {
    // In force as often as not, or a script would seldom come far.
    let usually = |most: usize| prop_oneof![3 => Just(0), 1 => 0..most];
    (0..8u8, 0..3u8, usually(4), usually(3), usually(4), proptest::bool::weighted(0.1)).prop_map(
        |(which, investor, status, kind, listing, operator)| Step {
            which,
            investor,
            status,
            kind,
            listing,
            operator,
        },
    )
}

impl Step {
    fn agreement(self) -> ContractNow {
        let organisation = self.organisation();
        ContractNow { status: STATUSES[self.status], ..contract(organisation, KINDS[self.kind]) }
    }

    fn organisation(self) -> OrganisationId {
        [INVESTOR, RIVAL, LISTER][usize::from(self.investor)]
    }

    fn investor(self) -> InvestorNow {
        let mut capacities = BTreeSet::from([Capacity::Investor]);
        if self.operator {
            capacities.insert(Capacity::Promoter);
        }
        InvestorNow { id: self.organisation(), capacities, contract: self.agreement() }
    }

    /// Whether an investor may act on what the step stands on.
    fn may_invest(self) -> bool {
        self.status == 0 && self.kind == 0 && !self.operator
    }

    fn command(self, number: usize) -> Command {
        let at = at(number as i64);
        let listers = ContractNow { status: STATUSES[self.listing], ..listers() };
        let person = PERSON;
        match self.which {
            0 => Command::ListVenture(Box::new(ListVenture { contract: listers, at, ..list() })),
            1 => Command::ReviseVenture(Box::new(ReviseVenture {
                contract: listers,
                at,
                ..revise(&number.to_string())
            })),
            2 if number.is_multiple_of(5) => withdrawing("enough"),
            2 | 3 => Command::ViewDeal(ViewDeal { investor: self.investor(), person, at }),
            4 => Command::ExpressInterest(ExpressInterest {
                investor: self.investor(),
                at,
                ..interest("let us talk")
            }),
            5 => Command::OpenDataRoom(OpenDataRoom {
                contract: listers,
                investor: self.organisation(),
                investor_contract: Some(self.agreement()),
                valid_until: crate::time::Timestamp::from_micros(at.as_micros() + 3_000_000).unwrap(),
                at,
                ..open_room()
            }),
            6 => Command::EnterDataRoom(EnterDataRoom { investor: self.investor(), person, at }),
            _ => Command::FormJointVenture(FormJointVenture { contract: listers, at, ..form() }),
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn nothing_is_shown_or_recorded_without_an_agreement(
        script in proptest::collection::vec(any_step(), 1..40),
    ) {
        let mut state = given(vec![listing()]);
        let (mut viewed, mut interested) = (BTreeSet::new(), BTreeSet::new());
        let mut room = std::collections::BTreeMap::new();
        for (number, step) in script.into_iter().enumerate() {
            let gone = matches!(state, Venture::Withdrawn { .. });
            let events = Venture::decide(&state, step.command(number)).unwrap_or_default();
            prop_assert!(!gone || events.is_empty(), "a withdrawn venture is left alone");
            let by = step.organisation();
            for event in &events {
                match event {
                    Event::DealViewed(event) => {
                        prop_assert!(step.may_invest() && by != LISTER);
                        prop_assert_eq!(event.contract, step.agreement().id);
                        prop_assert_eq!(event.card, state.card().unwrap().number());
                        viewed.insert(by);
                    }
                    Event::InterestExpressed(_) => {
                        prop_assert!(step.may_invest() && viewed.contains(&by));
                        interested.insert(by);
                    }
                    Event::DataRoomOpened(event) => {
                        prop_assert!(step.status == 0 && step.kind == 0 && interested.contains(&by));
                        prop_assert!(event.at < event.valid_until);
                        room.insert(by, event.valid_until);
                    }
                    Event::DataRoomEntered(event) => {
                        prop_assert!(step.may_invest());
                        prop_assert!(room.get(&by).is_some_and(|until| event.at < *until));
                    }
                    Event::VentureRevised(event) => {
                        prop_assert_eq!(step.listing, 0);
                        prop_assert_eq!(event.number, state.card().unwrap().number() + 1);
                    }
                    Event::JointVentureFormed(event) => {
                        prop_assert!(step.listing == 0 && event.parties.contains(&LISTER));
                        prop_assert!(interested.contains(&INVESTOR));
                    }
                    Event::VentureListed(_) => prop_assert!(false, "it was listed before"),
                    Event::VentureWithdrawn(_) => {}
                }
            }
            state = events.iter().fold(state, Venture::evolve);
        }
        let listed = state.card().unwrap();
        let seen: BTreeSet<_> =
            listed.investors.iter().filter(|(_, following)| following.views > 0).map(|(id, _)| *id).collect();
        prop_assert_eq!(seen, viewed);
    }
}
