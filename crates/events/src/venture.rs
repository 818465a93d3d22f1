//! Events of ventures as bytes and back.

use std::collections::BTreeSet;

use domain::{
    id::OrganisationId,
    venture::{
        DataRoomEntered, DataRoomOpened, DealViewed, Event, InterestExpressed, JointVentureFormed,
        VentureListed, VentureRevised, VentureWithdrawn,
    },
};
use prost::Message;
use proto::kiban::venture::v1 as form;

use crate::{
    Category, Defect, Recordable,
    field::{defect, id, id_bytes, instant, text},
    venture_form::{deal_card, full_card_form, teaser_form},
};

const VENTURE_LISTED: &str = "kiban.venture.v1.VentureListed";
const VENTURE_REVISED: &str = "kiban.venture.v1.VentureRevised";
const VENTURE_WITHDRAWN: &str = "kiban.venture.v1.VentureWithdrawn";
const DEAL_VIEWED: &str = "kiban.venture.v1.DealViewed";
const INTEREST_EXPRESSED: &str = "kiban.venture.v1.InterestExpressed";
const DATA_ROOM_OPENED: &str = "kiban.venture.v1.DataRoomOpened";
const DATA_ROOM_ENTERED: &str = "kiban.venture.v1.DataRoomEntered";
const JOINT_VENTURE_FORMED: &str = "kiban.venture.v1.JointVentureFormed";

impl Recordable for Event {
    const CATEGORY: Category = Category::Venture;

    fn event_type(&self) -> &'static str {
        match self {
            Self::VentureListed(_) => VENTURE_LISTED,
            Self::VentureRevised(_) => VENTURE_REVISED,
            Self::VentureWithdrawn(_) => VENTURE_WITHDRAWN,
            Self::DealViewed(_) => DEAL_VIEWED,
            Self::InterestExpressed(_) => INTEREST_EXPRESSED,
            Self::DataRoomOpened(_) => DATA_ROOM_OPENED,
            Self::DataRoomEntered(_) => DATA_ROOM_ENTERED,
            Self::JointVentureFormed(_) => JOINT_VENTURE_FORMED,
        }
    }

    fn encode(&self) -> Vec<u8> {
        match self {
            Self::VentureListed(event) => listed_form(event).encode_to_vec(),
            Self::VentureRevised(event) => revised_form(event).encode_to_vec(),
            Self::VentureWithdrawn(event) => withdrawn_form(event).encode_to_vec(),
            Self::DealViewed(event) => viewed_form(event).encode_to_vec(),
            Self::InterestExpressed(event) => interest_form(event).encode_to_vec(),
            Self::DataRoomOpened(event) => opened_form(event).encode_to_vec(),
            Self::DataRoomEntered(event) => entered_form(event).encode_to_vec(),
            Self::JointVentureFormed(event) => formed_form(event).encode_to_vec(),
        }
    }

    fn decode(event_type: &str, payload: &[u8]) -> Result<Self, Defect> {
        match event_type {
            VENTURE_LISTED => listed(payload).map(Box::new).map(Self::VentureListed),
            VENTURE_REVISED => revised(payload).map(Box::new).map(Self::VentureRevised),
            VENTURE_WITHDRAWN => withdrawn(payload).map(Self::VentureWithdrawn),
            DEAL_VIEWED => viewed(payload).map(Self::DealViewed),
            INTEREST_EXPRESSED => interest(payload).map(Self::InterestExpressed),
            DATA_ROOM_OPENED => opened(payload).map(Self::DataRoomOpened),
            DATA_ROOM_ENTERED => entered(payload).map(Self::DataRoomEntered),
            JOINT_VENTURE_FORMED => formed(payload).map(Self::JointVentureFormed),
            _ => Err(Defect::UnknownType(event_type.into())),
        }
    }
}

fn listed_form(event: &VentureListed) -> form::VentureListed {
    form::VentureListed {
        venture: id_bytes(event.id),
        lister: id_bytes(event.lister),
        contract: id_bytes(event.contract),
        contract_revision: event.contract_revision,
        teaser: Some(teaser_form(&event.card.teaser)),
        full_card: Some(full_card_form(&event.card.full)),
        listed_at_us: event.at.as_micros(),
    }
}

fn listed(payload: &[u8]) -> Result<VentureListed, Defect> {
    let message = form::VentureListed::decode(payload)?;
    let card = deal_card(message.teaser.as_ref(), message.full_card.as_ref());
    Ok(VentureListed {
        id: id("venture", &message.venture)?,
        lister: id("lister", &message.lister)?,
        contract: id("contract", &message.contract)?,
        contract_revision: message.contract_revision,
        card: card.map_err(|error| defect("card", error))?,
        at: instant("listed_at_us", message.listed_at_us)?,
    })
}

fn revised_form(event: &VentureRevised) -> form::VentureRevised {
    form::VentureRevised {
        number: event.number,
        teaser: Some(teaser_form(&event.card.teaser)),
        full_card: Some(full_card_form(&event.card.full)),
        revised_at_us: event.at.as_micros(),
    }
}

fn revised(payload: &[u8]) -> Result<VentureRevised, Defect> {
    let message = form::VentureRevised::decode(payload)?;
    let card = deal_card(message.teaser.as_ref(), message.full_card.as_ref());
    if message.number < 2 {
        return Err(defect("number", "a revision is card 2 or a later one"));
    }
    Ok(VentureRevised {
        number: message.number,
        card: card.map_err(|error| defect("card", error))?,
        at: instant("revised_at_us", message.revised_at_us)?,
    })
}

fn withdrawn_form(event: &VentureWithdrawn) -> form::VentureWithdrawn {
    form::VentureWithdrawn { reason: event.reason.as_str().into(), withdrawn_at_us: event.at.as_micros() }
}

fn withdrawn(payload: &[u8]) -> Result<VentureWithdrawn, Defect> {
    let message = form::VentureWithdrawn::decode(payload)?;
    Ok(VentureWithdrawn {
        reason: text("reason", &message.reason)?,
        at: instant("withdrawn_at_us", message.withdrawn_at_us)?,
    })
}

fn viewed_form(event: &DealViewed) -> form::DealViewed {
    form::DealViewed {
        investor: id_bytes(event.investor),
        person: id_bytes(event.person),
        contract: id_bytes(event.contract),
        contract_revision: event.contract_revision,
        card: event.card,
        viewed_at_us: event.at.as_micros(),
    }
}

fn viewed(payload: &[u8]) -> Result<DealViewed, Defect> {
    let message = form::DealViewed::decode(payload)?;
    if message.card == 0 {
        return Err(defect("card", "cards are numbered from 1"));
    }
    Ok(DealViewed {
        investor: id("investor", &message.investor)?,
        person: id("person", &message.person)?,
        contract: id("contract", &message.contract)?,
        contract_revision: message.contract_revision,
        card: message.card,
        at: instant("viewed_at_us", message.viewed_at_us)?,
    })
}

fn interest_form(event: &InterestExpressed) -> form::InterestExpressed {
    form::InterestExpressed {
        investor: id_bytes(event.investor),
        contract: id_bytes(event.contract),
        contract_revision: event.contract_revision,
        message: event.message.as_str().into(),
        expressed_at_us: event.at.as_micros(),
    }
}

fn interest(payload: &[u8]) -> Result<InterestExpressed, Defect> {
    let message = form::InterestExpressed::decode(payload)?;
    Ok(InterestExpressed {
        investor: id("investor", &message.investor)?,
        contract: id("contract", &message.contract)?,
        contract_revision: message.contract_revision,
        message: text("message", &message.message)?,
        at: instant("expressed_at_us", message.expressed_at_us)?,
    })
}

fn opened_form(event: &DataRoomOpened) -> form::DataRoomOpened {
    form::DataRoomOpened {
        investor: id_bytes(event.investor),
        reference: event.reference.as_str().into(),
        valid_until_us: event.valid_until.as_micros(),
        opened_at_us: event.at.as_micros(),
    }
}

fn opened(payload: &[u8]) -> Result<DataRoomOpened, Defect> {
    let message = form::DataRoomOpened::decode(payload)?;
    Ok(DataRoomOpened {
        investor: id("investor", &message.investor)?,
        reference: text("reference", &message.reference)?,
        valid_until: instant("valid_until_us", message.valid_until_us)?,
        at: instant("opened_at_us", message.opened_at_us)?,
    })
}

fn entered_form(event: &DataRoomEntered) -> form::DataRoomEntered {
    form::DataRoomEntered {
        investor: id_bytes(event.investor),
        person: id_bytes(event.person),
        contract: id_bytes(event.contract),
        contract_revision: event.contract_revision,
        reference: event.reference.as_str().into(),
        entered_at_us: event.at.as_micros(),
    }
}

fn entered(payload: &[u8]) -> Result<DataRoomEntered, Defect> {
    let message = form::DataRoomEntered::decode(payload)?;
    Ok(DataRoomEntered {
        investor: id("investor", &message.investor)?,
        person: id("person", &message.person)?,
        contract: id("contract", &message.contract)?,
        contract_revision: message.contract_revision,
        reference: text("reference", &message.reference)?,
        at: instant("entered_at_us", message.entered_at_us)?,
    })
}

fn formed_form(event: &JointVentureFormed) -> form::JointVentureFormed {
    form::JointVentureFormed {
        name: event.name.as_str().into(),
        parties: event.parties.iter().map(|party| id_bytes(*party)).collect(),
        purpose: event.purpose.as_str().into(),
        formed_at_us: event.at.as_micros(),
    }
}

fn formed(payload: &[u8]) -> Result<JointVentureFormed, Defect> {
    let message = form::JointVentureFormed::decode(payload)?;
    let parties: BTreeSet<OrganisationId> =
        message.parties.iter().map(|party| id("parties", party)).collect::<Result<_, _>>()?;
    if parties.len() < 2 || parties.len() != message.parties.len() {
        return Err(defect("parties", "must be two or more, each named once"));
    }
    Ok(JointVentureFormed {
        name: text("name", &message.name)?,
        parties,
        purpose: text("purpose", &message.purpose)?,
        at: instant("formed_at_us", message.formed_at_us)?,
    })
}

#[cfg(test)]
mod tests {
    use domain::{
        id::{ContractId, PersonId, VentureId},
        time::Timestamp,
        venture::{DealCard, DevelopmentStage, FullCard, Teaser},
    };
    use money::Money;

    use super::*;

    fn at() -> Timestamp {
        Timestamp::from_micros(1_774_000_000_000_000).unwrap()
    }

    fn listed() -> Event {
        let teaser = Teaser {
            title: "an antibody".parse().unwrap(),
            summary: "before its first trial".parse().unwrap(),
            stage: DevelopmentStage::Preclinical,
            indication: "膵癌".parse().unwrap(),
            modality: "antibody".parse().unwrap(),
            round: "series-a".parse().unwrap(),
            amount_sought: Money::jpy(800_000_000),
        };
        let full = FullCard {
            asset: "an antibody against a target".parse().unwrap(),
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
        Event::VentureListed(Box::new(VentureListed {
            id: VentureId::from_u128(1),
            lister: OrganisationId::from_u128(2),
            contract: ContractId::from_u128(3),
            contract_revision: 4,
            card: DealCard { teaser, full },
            at: at(),
        }))
    }

    fn formed() -> Event {
        Event::JointVentureFormed(JointVentureFormed {
            name: "合同会社ネオ".parse().unwrap(),
            parties: [OrganisationId::from_u128(2), OrganisationId::from_u128(5)].into(),
            purpose: "a trial".parse().unwrap(),
            at: at(),
        })
    }

    fn viewed() -> Event {
        Event::DealViewed(DealViewed {
            investor: OrganisationId::from_u128(5),
            person: PersonId::from_u128(6),
            contract: ContractId::from_u128(7),
            contract_revision: 8,
            card: 1,
            at: at(),
        })
    }

    #[test]
    fn events_read_back() {
        for event in [listed(), viewed(), formed()] {
            assert_eq!(Event::decode(event.event_type(), &event.encode()), Ok(event));
        }
        assert_eq!(Event::decode("Listed", &[]), Err(Defect::UnknownType("Listed".into())));
    }

    /// What is wrong with an event after a change of its message.
    fn defect<M: Message + Default>(event: &Event, change: impl Fn(&mut M)) -> String {
        let mut message = M::decode(event.encode().as_slice()).unwrap();
        change(&mut message);
        Event::decode(event.event_type(), &message.encode_to_vec()).unwrap_err().to_string()
    }

    #[test]
    fn defects_name_the_field() {
        let of_card = |change: fn(&mut form::VentureListed)| defect(&listed(), change);
        for (defect, what) in [
            (of_card(|message| message.full_card = None), "field card: full_card: is missing"),
            (
                of_card(|message| message.teaser.as_mut().unwrap().stage = 9),
                "field card: teaser.stage: is no stage of development",
            ),
            (
                of_card(|message| message.full_card.as_mut().unwrap().in_kind_wanted.push("Space".into())),
                "field card: full_card.in_kind_wanted[1]: ",
            ),
            (
                defect(&viewed(), |message: &mut form::DealViewed| message.card = 0),
                "field card: cards are numbered from 1",
            ),
            (
                defect(&formed(), |message: &mut form::JointVentureFormed| message.parties.truncate(1)),
                "field parties: must be two or more",
            ),
            (
                defect(&formed(), |message: &mut form::JointVentureFormed| {
                    message.parties = vec![message.parties[0].clone(), message.parties[0].clone()];
                }),
                "field parties: must be two or more",
            ),
        ] {
            assert!(defect.starts_with(what), "{defect}");
        }
    }
}
