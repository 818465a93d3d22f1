//! Events of investments as bytes and back.

use domain::investment::{Deal, Event, InvestmentMade};
use prost::Message;
use proto::kiban::venture::v1 as form;

use crate::{
    Category, Defect, Recordable,
    field::{amount, amount_form, id, id_bytes, instant, text},
};

const INVESTMENT_MADE: &str = "kiban.venture.v1.InvestmentMade";

impl Recordable for Event {
    const CATEGORY: Category = Category::Investment;

    fn event_type(&self) -> &'static str {
        match self {
            Self::InvestmentMade(_) => INVESTMENT_MADE,
        }
    }

    fn encode(&self) -> Vec<u8> {
        let Self::InvestmentMade(InvestmentMade { id, deal, at }) = self;
        form::InvestmentMade {
            investment: id_bytes(*id),
            investor: id_bytes(deal.investor),
            venture: id_bytes(deal.venture),
            round: deal.round.as_str().into(),
            amount: Some(amount_form(deal.amount)),
            made_at_us: at.as_micros(),
        }
        .encode_to_vec()
    }

    fn decode(event_type: &str, payload: &[u8]) -> Result<Self, Defect> {
        if event_type != INVESTMENT_MADE {
            return Err(Defect::UnknownType(event_type.into()));
        }
        let message = form::InvestmentMade::decode(payload)?;
        Ok(Self::InvestmentMade(InvestmentMade {
            id: id("investment", &message.investment)?,
            deal: Deal {
                investor: id("investor", &message.investor)?,
                venture: id("venture", &message.venture)?,
                round: text("round", &message.round)?,
                amount: amount("amount", message.amount)?,
            },
            at: instant("made_at_us", message.made_at_us)?,
        }))
    }
}

#[cfg(test)]
mod tests {
    use domain::{
        id::{InvestmentId, OrganisationId},
        time::Timestamp,
    };
    use money::Money;

    use super::*;

    fn sample() -> Event {
        Event::InvestmentMade(InvestmentMade {
            id: InvestmentId::from_u128(1),
            deal: Deal {
                investor: OrganisationId::from_u128(2),
                venture: OrganisationId::from_u128(3),
                round: "series-a".parse().unwrap(),
                amount: Money::jpy(300_000_000),
            },
            at: Timestamp::from_micros(1_774_000_000_000_000).unwrap(),
        })
    }

    #[test]
    fn every_event_reads_back() {
        assert_eq!(Event::decode(sample().event_type(), &sample().encode()), Ok(sample()));
    }

    #[test]
    fn defects_name_the_field() {
        let mut message = form::InvestmentMade::decode(sample().encode().as_slice()).unwrap();
        message.round = "Series A".into();
        let defect = Event::decode(INVESTMENT_MADE, &message.encode_to_vec()).unwrap_err().to_string();
        assert!(defect.starts_with("field round: \"Series A\" is no round"), "{defect}");
        assert_eq!(Event::decode("Made", &[]), Err(Defect::UnknownType("Made".into())));
    }
}
