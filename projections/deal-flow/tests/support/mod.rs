//! A forum in memory: events appended by hand, the projection fed, the service asked through its trait.

#![allow(dead_code, unused_imports, reason = "each test file uses its part")]

use std::{collections::BTreeSet, ops::Deref};

use deal_flow::{DealFlow, DealFlowFold};
use domain::{
    contract::{self, ContractKind, ContractTerminated, Quota, Quotas, Terms},
    forum_event::{self, ForumEventKind, ForumEventScheduled, PitchSubmitted},
    id::{ContractId, ForumEventId, InvestmentId, OrganisationId, PersonId, VentureId},
    investment::{self, CardInvestedIn, Deal, Form, InvestmentMade, InvestmentWithdrawn},
    organisation::{Capacity, CapacityGrant},
    time::Timestamp,
    venture::{
        self, DataRoomOpened, DealCard, DealViewed, DevelopmentStage, FullCard, InterestExpressed, Teaser,
        VentureListed, VentureRevised, VentureWithdrawn,
    },
};
use engine::{RunningFolds, Store};
use event_log::Appended;
use events::Recordable;
use jiff::civil::{Date, date};
use money::Money;
use tokio::sync::watch;
use world::{Agreement, terms};
pub(crate) use world::{Past, message, reason as refused, roleless as by, why};

pub(crate) const PROMOTER: OrganisationId = OrganisationId::from_u128(1);
pub(crate) const LISTER: OrganisationId = OrganisationId::from_u128(2);
pub(crate) const INVESTOR: OrganisationId = OrganisationId::from_u128(3);
/// An investor without an agreement.
pub(crate) const RIVAL: OrganisationId = OrganisationId::from_u128(4);
pub(crate) const OTHER_LISTER: OrganisationId = OrganisationId::from_u128(5);
/// The investor's agreement, in force from 1 April 2026 to 1 April 2027.
pub(crate) const AGREEMENT: ContractId = ContractId::from_u128(30);
/// What only the full card says.
pub(crate) const SECRET: &str = "a target that is a secret";

/// What stands in the log, and the service over it.
pub(crate) struct World {
    past: Past,
    pub(crate) deals: DealFlow,
    pub(crate) stop: watch::Sender<bool>,
    _folds: RunningFolds,
}

impl Deref for World {
    type Target = Past;

    fn deref(&self) -> &Past {
        &self.past
    }
}

pub(crate) fn on(date: Date) -> Timestamp {
    Timestamp::start_of_tokyo_date(date)
}

pub(crate) fn today() -> Timestamp {
    on(date(2026, 6, 1))
}

impl World {
    /// Two listers, an investor under an agreement and one without, the promoter: 11 events.
    pub(crate) async fn forum() -> Self {
        let past = Past::at(today(), PROMOTER);
        let (projection, folds) = past.folded::<DealFlowFold>(Store::in_memory().unwrap());
        let (stop, stopped) = watch::channel(false);
        let (log, clock) = (past.log.clone(), past.clock.clone());
        let deals = DealFlow::new(projection, log.clone(), log, past.gate.clone(), clock, stopped);
        let world = Self { past, deals, stop, _folds: folds };
        for (id, capacity) in [
            (PROMOTER, Capacity::Promoter),
            (LISTER, Capacity::Member),
            (INVESTOR, Capacity::Investor),
            (RIVAL, Capacity::Investor),
            (OTHER_LISTER, Capacity::Vendor),
        ] {
            let grant = CapacityGrant { capacity, from: date(2026, 4, 1), until: None };
            world.organisation(id, "organisation", grant).await;
        }
        let agreement = agreement();
        world.append(AGREEMENT, &[vec![agreement.applied()], agreement.agreed()].concat()).await;
        world
    }

    /// Appends one frame, of which nobody is told.
    pub(crate) async fn append<E: Recordable>(&self, id: impl ToString, events: &[E]) -> Appended {
        self.past.append(id, events, &[]).await
    }

    pub(crate) async fn list(&self, number: u128, lister: OrganisationId, teaser: Teaser) -> Appended {
        let id = VentureId::from_u128(number);
        let card = DealCard { teaser, full: full_card() };
        let contract = ContractId::from_u128(20);
        let listed = VentureListed { id, lister, contract, contract_revision: 1, card, at: today() };
        self.append(id, &[venture::Event::VentureListed(Box::new(listed))]).await
    }

    pub(crate) async fn revise(&self, venture: u128, number: u32, teaser: Teaser) -> Appended {
        let card = DealCard { teaser, full: full_card() };
        let revised = VentureRevised { number, card, at: on(date(2026, 6, 2)) };
        let event = venture::Event::VentureRevised(Box::new(revised));
        self.append(VentureId::from_u128(venture), &[event]).await
    }

    pub(crate) async fn withdraw(&self, venture: u128) -> Appended {
        let withdrawn = VentureWithdrawn { reason: "funded".parse().unwrap(), at: on(date(2026, 6, 3)) };
        self.append(VentureId::from_u128(venture), &[venture::Event::VentureWithdrawn(withdrawn)]).await
    }

    /// An investor views, is interested, and is let in, each a month after the other.
    pub(crate) async fn followed(&self, venture: u128, investor: OrganisationId) {
        let person = PersonId::from_u128(9);
        let (contract, contract_revision) = (AGREEMENT, 5);
        let view = |month| {
            let at = on(date(2026, month, 1));
            let viewed = DealViewed { investor, person, contract, contract_revision, card: 1, at };
            venture::Event::DealViewed(viewed)
        };
        let interest = venture::Event::InterestExpressed(InterestExpressed {
            investor,
            contract,
            contract_revision,
            message: "let us talk".parse().unwrap(),
            at: on(date(2026, 7, 1)),
        });
        let room = venture::Event::DataRoomOpened(DataRoomOpened {
            investor,
            reference: "https://rooms.example/secret-room".parse().unwrap(),
            valid_until: on(date(2027, 1, 1)),
            at: on(date(2026, 8, 1)),
        });
        self.append(VentureId::from_u128(venture), &[view(6), view(6), view(7), interest, room]).await;
    }

    pub(crate) async fn invest(&self, number: u128, venture: Option<u128>, form: Form, at: Timestamp) {
        let card = venture.map(|venture| CardInvestedIn {
            venture: VentureId::from_u128(venture),
            contract: AGREEMENT,
            contract_revision: 5,
        });
        let id = InvestmentId::from_u128(number);
        let round = "series-a".parse().unwrap();
        let deal = Deal { investor: INVESTOR, venture: LISTER, card, round, form };
        self.append(id, &[investment::Event::InvestmentMade(InvestmentMade { id, deal, at })]).await;
    }

    pub(crate) async fn take_back(&self, investment: u128) {
        let withdrawn = InvestmentWithdrawn { reason: "it fell through".parse().unwrap(), at: today() };
        let event = investment::Event::InvestmentWithdrawn(withdrawn);
        self.append(InvestmentId::from_u128(investment), &[event]).await;
    }

    pub(crate) async fn contest(&self, number: u128, kind: ForumEventKind, starts_on: Date) {
        let id = ForumEventId::from_u128(number);
        let scheduled = forum_event::Event::ForumEventScheduled(ForumEventScheduled {
            id,
            organiser: PROMOTER,
            kind,
            title: "第一回ピッチコンテスト".parse().unwrap(),
            starts_at: on(starts_on),
            ends_at: on(starts_on.tomorrow().unwrap()),
            submissions_until: on(starts_on),
            at: today(),
        });
        let pitch = |venture, lister| {
            forum_event::Event::PitchSubmitted(PitchSubmitted {
                venture: VentureId::from_u128(venture),
                lister,
                title: "an antibody".parse().unwrap(),
                summary: "why it works".parse().unwrap(),
                at: today(),
            })
        };
        self.append(id, &[scheduled, pitch(1, LISTER), pitch(2, OTHER_LISTER)]).await;
    }

    /// The investor's agreement is terminated today.
    pub(crate) async fn terminate(&self) {
        let terminated = contract::Event::ContractTerminated(ContractTerminated {
            by: PROMOTER,
            reason: "breach".parse().unwrap(),
            effective_at: today(),
            at: today(),
        });
        self.append(AGREEMENT, &[terminated]).await;
    }
}

pub(crate) fn teaser(title: &str) -> Teaser {
    Teaser {
        title: title.parse().unwrap(),
        summary: "抗体医薬の非臨床試験".parse().unwrap(),
        stage: DevelopmentStage::Preclinical,
        indication: "Pancreatic Cancer 膵癌".parse().unwrap(),
        modality: "antibody".parse().unwrap(),
        round: "series-a".parse().unwrap(),
        amount_sought: Money::jpy(800_000_000),
    }
}

fn full_card() -> FullCard {
    FullCard {
        asset: SECRET.parse().unwrap(),
        mechanism: Some(SECRET.parse().unwrap()),
        unmet_need: None,
        novelty: None,
        intellectual_property: Some(SECRET.parse().unwrap()),
        team: None,
        market_size: None,
        plan: None,
        use_of_proceeds: None,
        in_kind_wanted: ["space".parse().unwrap()].into(),
    }
}

fn agreement() -> Agreement {
    Agreement {
        id: AGREEMENT,
        kind: ContractKind::Investor,
        applicant: INVESTOR,
        issuer: PROMOTER,
        parties: [INVESTOR, PROMOTER].into(),
        at: on(date(2026, 3, 2)),
        terms: Terms {
            purposes: ["deal-flow".parse().unwrap()].into(),
            dataset_classes: BTreeSet::new(),
            quotas: Quotas { simple_analysis: Quota::NONE, detailed_analysis: Quota::NONE },
            ..terms("investor", on(date(2026, 4, 1)))
        },
    }
}
