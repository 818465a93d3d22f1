//! Events of investments as bytes and back.

use domain::investment::{CardInvestedIn, Deal, Event, Form, InvestmentMade, InvestmentWithdrawn};
use prost::Message;
use proto::kiban::venture::v1 as form;

use crate::{
    Category, Defect, Recordable,
    field::{amount, amount_form, defect, id, id_bytes, instant, optional_id, text},
    venture_form::{in_kind, in_kind_form},
};

const INVESTMENT_MADE: &str = "kiban.venture.v1.InvestmentMade";
const INVESTMENT_WITHDRAWN: &str = "kiban.venture.v1.InvestmentWithdrawn";

impl Recordable for Event {
    const CATEGORY: Category = Category::Investment;

    fn event_type(&self) -> &'static str {
        match self {
            Self::InvestmentMade(_) => INVESTMENT_MADE,
            Self::InvestmentWithdrawn(_) => INVESTMENT_WITHDRAWN,
        }
    }

    fn encode(&self) -> Vec<u8> {
        match self {
            Self::InvestmentMade(event) => made_form(event).encode_to_vec(),
            Self::InvestmentWithdrawn(event) => form::InvestmentWithdrawn {
                reason: event.reason.as_str().into(),
                withdrawn_at_us: event.at.as_micros(),
            }
            .encode_to_vec(),
        }
    }

    fn decode(event_type: &str, payload: &[u8]) -> Result<Self, Defect> {
        match event_type {
            INVESTMENT_MADE => made(payload).map(Self::InvestmentMade),
            INVESTMENT_WITHDRAWN => {
                let message = form::InvestmentWithdrawn::decode(payload)?;
                Ok(Self::InvestmentWithdrawn(InvestmentWithdrawn {
                    reason: text("reason", &message.reason)?,
                    at: instant("withdrawn_at_us", message.withdrawn_at_us)?,
                }))
            }
            _ => Err(Defect::UnknownType(event_type.into())),
        }
    }
}

/// An investment from before there were cards has neither card nor contract, and so the bytes that it always had.
fn made_form(event: &InvestmentMade) -> form::InvestmentMade {
    let InvestmentMade { id, deal, at } = event;
    let (cash, in_kind) = match &deal.form {
        Form::Cash(amount) => (Some(amount_form(*amount)), None),
        Form::InKind(given) => (None, Some(in_kind_form(given))),
    };
    form::InvestmentMade {
        investment: id_bytes(*id),
        investor: id_bytes(deal.investor),
        venture: id_bytes(deal.venture),
        round: deal.round.as_str().into(),
        amount: cash,
        made_at_us: at.as_micros(),
        card: deal.card.map(|card| id_bytes(card.venture)).unwrap_or_default(),
        contract: deal.card.map(|card| id_bytes(card.contract)).unwrap_or_default(),
        contract_revision: deal.card.map_or(0, |card| card.contract_revision),
        in_kind,
    }
}

fn made(payload: &[u8]) -> Result<InvestmentMade, Defect> {
    let message = form::InvestmentMade::decode(payload)?;
    let card = match optional_id("card", &message.card)? {
        None => None,
        Some(venture) => Some(CardInvestedIn {
            venture,
            contract: id("contract", &message.contract)?,
            contract_revision: message.contract_revision,
        }),
    };
    let form = match (&message.in_kind, message.amount) {
        (None, cash) => Form::Cash(amount("amount", cash)?),
        (Some(given), None) => Form::InKind(in_kind(given).map_err(|error| defect("in_kind", error))?),
        (Some(_), Some(_)) => return Err(defect("amount", "stands beside what is given in kind")),
    };
    Ok(InvestmentMade {
        id: id("investment", &message.investment)?,
        deal: Deal {
            investor: id("investor", &message.investor)?,
            venture: id("venture", &message.venture)?,
            card,
            round: text("round", &message.round)?,
            form,
        },
        at: instant("made_at_us", message.made_at_us)?,
    })
}

#[cfg(test)]
mod tests {
    use domain::{
        id::{ContractId, InvestmentId, OrganisationId, VentureId},
        investment::InKind,
        time::Timestamp,
    };
    use money::Money;

    use super::*;

    fn at() -> Timestamp {
        Timestamp::from_micros(1_774_000_000_000_000).unwrap()
    }

    fn sample(card: Option<CardInvestedIn>, form: Form) -> Event {
        Event::InvestmentMade(InvestmentMade {
            id: InvestmentId::from_u128(1),
            deal: Deal {
                investor: OrganisationId::from_u128(2),
                venture: OrganisationId::from_u128(3),
                card,
                round: "series-a".parse().unwrap(),
                form,
            },
            at: at(),
        })
    }

    fn card() -> CardInvestedIn {
        CardInvestedIn {
            venture: VentureId::from_u128(4),
            contract: ContractId::from_u128(5),
            contract_revision: 6,
        }
    }

    fn cash() -> Form {
        Form::Cash(Money::jpy(300_000_000))
    }

    fn space() -> Form {
        Form::InKind(InKind {
            kind: "space".parse().unwrap(),
            description: "実験室 200 m²".parse().unwrap(),
            estimated_value: Some(Money::jpy(24_000_000)),
        })
    }

    #[test]
    fn every_event_reads_back() {
        let reason = "the round fell through".parse().unwrap();
        for event in [
            sample(None, cash()),
            sample(Some(card()), cash()),
            sample(Some(card()), space()),
            Event::InvestmentWithdrawn(InvestmentWithdrawn { reason, at: at() }),
        ] {
            assert_eq!(Event::decode(event.event_type(), &event.encode()), Ok(event));
        }
    }

    #[test]
    fn defects_name_the_field() {
        let defect = |change: fn(&mut form::InvestmentMade)| {
            let bytes = sample(Some(card()), space()).encode();
            let mut message = form::InvestmentMade::decode(bytes.as_slice()).unwrap();
            change(&mut message);
            Event::decode(INVESTMENT_MADE, &message.encode_to_vec()).unwrap_err().to_string()
        };
        for (defect, what) in [
            (defect(|message| message.round = "Series A".into()), "field round: \"Series A\" is no round"),
            (defect(|message| message.contract.clear()), "field contract: 0 bytes are no id"),
            (defect(|message| message.in_kind = None), "field amount: missing"),
            (
                defect(|message| message.amount = Some(amount_form(Money::jpy(1)))),
                "field amount: stands beside what is given in kind",
            ),
            (
                defect(|message| message.in_kind.as_mut().unwrap().kind.clear()),
                "field in_kind: kind: \"\" is no form in kind",
            ),
        ] {
            assert!(defect.starts_with(what), "{defect}");
        }
        assert_eq!(Event::decode("Made", &[]), Err(Defect::UnknownType("Made".into())));
    }
}
