//! Ventures, events of the forum and investments.

use domain::{
    forum_event::{
        Event as ForumEvent, ForumEventCancelled, ForumEventKind, ForumEventScheduled, PitchSubmitted,
        PitchWithdrawn,
    },
    id::{ForumEventId, InvestmentId, VentureId},
    investment::{
        CardInvestedIn, Deal, Event as Investment, Form, InKind, InvestmentMade, InvestmentWithdrawn,
    },
    terms::Round,
    venture::{
        DataRoomEntered, DataRoomOpened, DealCard, DealViewed, DevelopmentStage, Event as Venture, FullCard,
        InterestExpressed, JointVentureFormed, Teaser, VentureListed, VentureRevised, VentureWithdrawn,
    },
};
use events::Event;
use money::Money;

use super::{CONTRACT, INVESTOR, MEMBER, PERSON, PROMOTER, VENDOR, at};

const VENTURE: VentureId = VentureId::from_u128(13);

pub(super) fn events() -> Vec<Event> {
    let mut events: Vec<Event> = DevelopmentStage::ALL.iter().map(|stage| listed(*stage).into()).collect();
    events.extend(looked_at().into_iter().map(Event::from));
    events.extend(ForumEventKind::ALL.iter().map(|kind| scheduled(*kind).into()));
    events.extend(pitched().into_iter().map(Event::from));
    let card = CardInvestedIn { venture: VENTURE, contract: CONTRACT, contract_revision: 4 };
    // As it was recorded before there were cards.
    events.push(invested(None, Form::Cash(Money::jpy(300_000_000))).into());
    events.push(invested(Some(card), Form::Cash(Money::jpy(300_000_000))).into());
    events.push(invested(Some(card), space(Some(Money::jpy(24_000_000)))).into());
    events.push(invested(Some(card), space(None)).into());
    let reason = "the round fell through".parse().unwrap();
    events.push(Investment::InvestmentWithdrawn(InvestmentWithdrawn { reason, at: at(99) }).into());
    events
}

fn teaser(stage: DevelopmentStage) -> Teaser {
    Teaser {
        title: "膵癌の抗体医薬".parse().unwrap(),
        summary: "an antibody before its first trial".parse().unwrap(),
        stage,
        indication: "pancreatic cancer".parse().unwrap(),
        modality: "antibody".parse().unwrap(),
        round: "series-a".parse().unwrap(),
        amount_sought: Money::jpy(800_000_000),
    }
}

fn listed(stage: DevelopmentStage) -> Venture {
    let passage = |text: &str| Some(text.parse().unwrap());
    let full = FullCard {
        asset: "an antibody against a target that is not named".parse().unwrap(),
        mechanism: passage("it blocks the target"),
        unmet_need: passage("no second line"),
        novelty: passage("the first of its class"),
        intellectual_property: passage("two patents, one granted"),
        team: passage("three founders"),
        market_size: passage("40,000 patients a year"),
        plan: passage("first in human in two years"),
        use_of_proceeds: passage("toxicology"),
        in_kind_wanted: ["know-how".parse().unwrap(), "space".parse().unwrap()].into(),
    };
    let card = DealCard { teaser: teaser(stage), full };
    Venture::VentureListed(Box::new(VentureListed {
        id: VENTURE,
        lister: VENDOR,
        contract: CONTRACT,
        contract_revision: 4,
        card,
        at: at(70),
    }))
}

fn looked_at() -> Vec<Venture> {
    let full = FullCard {
        asset: "the same antibody".parse().unwrap(),
        mechanism: None,
        unmet_need: None,
        novelty: None,
        intellectual_property: None,
        team: None,
        market_size: None,
        plan: None,
        use_of_proceeds: None,
        in_kind_wanted: [].into(),
    };
    let card = DealCard { teaser: teaser(DevelopmentStage::Phase1), full };
    let (investor, person, contract, contract_revision) = (INVESTOR, PERSON, CONTRACT, 4);
    vec![
        Venture::VentureRevised(Box::new(VentureRevised { number: 2, card, at: at(71) })),
        Venture::DealViewed(DealViewed {
            investor,
            person,
            contract,
            contract_revision,
            card: 2,
            at: at(72),
        }),
        Venture::InterestExpressed(InterestExpressed {
            investor,
            contract,
            contract_revision,
            message: "お話を伺いたい".parse().unwrap(),
            at: at(73),
        }),
        Venture::DataRoomOpened(DataRoomOpened {
            investor,
            reference: "https://rooms.example/neo".parse().unwrap(),
            valid_until: at(10_000),
            at: at(74),
        }),
        Venture::DataRoomEntered(DataRoomEntered {
            investor,
            person,
            contract,
            contract_revision,
            reference: "https://rooms.example/neo".parse().unwrap(),
            at: at(75),
        }),
        Venture::JointVentureFormed(JointVentureFormed {
            name: "合同会社ネオ".parse().unwrap(),
            parties: [MEMBER, VENDOR].into(),
            purpose: "to bring the antibody into the clinic".parse().unwrap(),
            at: at(76),
        }),
        Venture::VentureWithdrawn(VentureWithdrawn { reason: "funded".parse().unwrap(), at: at(77) }),
    ]
}

fn scheduled(kind: ForumEventKind) -> ForumEvent {
    ForumEvent::ForumEventScheduled(ForumEventScheduled {
        id: ForumEventId::from_u128(14),
        organiser: PROMOTER,
        kind,
        title: "第一回ピッチコンテスト".parse().unwrap(),
        starts_at: at(5_000),
        ends_at: at(6_000),
        submissions_until: at(4_000),
        at: at(80),
    })
}

fn pitched() -> Vec<ForumEvent> {
    vec![
        ForumEvent::PitchSubmitted(PitchSubmitted {
            venture: VENTURE,
            lister: VENDOR,
            title: "an antibody".parse().unwrap(),
            summary: "why it works".parse().unwrap(),
            at: at(81),
        }),
        ForumEvent::PitchWithdrawn(PitchWithdrawn { venture: VENTURE, at: at(82) }),
        ForumEvent::ForumEventCancelled(ForumEventCancelled {
            reason: "台風".parse().unwrap(), at: at(83)
        }),
    ]
}

fn space(estimated_value: Option<Money>) -> Form {
    Form::InKind(InKind {
        kind: "space".parse().unwrap(),
        description: "実験室 200 m² を二年間".parse().unwrap(),
        estimated_value,
    })
}

fn invested(card: Option<CardInvestedIn>, form: Form) -> Investment {
    Investment::InvestmentMade(InvestmentMade {
        id: InvestmentId::from_u128(12),
        deal: Deal { investor: INVESTOR, venture: VENDOR, card, round: Round::new("seed").unwrap(), form },
        at: at(60),
    })
}
