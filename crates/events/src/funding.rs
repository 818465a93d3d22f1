//! Events of fundings as bytes and back.

use domain::{
    funding::{Event, FundingAgreed},
    time::Month,
};
use prost::Message;
use proto::kiban::finance::v1 as form;

use crate::{
    Category, Defect, Recordable,
    field::{amount, amount_form, defect, id, id_bytes, instant, text},
};

const AGREED: &str = "kiban.finance.v1.FundingAgreed";

impl Recordable for Event {
    const CATEGORY: Category = Category::Funding;

    fn event_type(&self) -> &'static str {
        match self {
            Self::FundingAgreed(_) => AGREED,
        }
    }

    fn encode(&self) -> Vec<u8> {
        let Self::FundingAgreed(event) = self;
        form::FundingAgreed {
            funding: id_bytes(event.id),
            funder: event.funder.as_str().into(),
            recipient: id_bytes(event.recipient),
            amount: Some(amount_form(event.amount)),
            start: event.start.to_string(),
            end: event.end.to_string(),
            reason: event.reason.as_str().into(),
            agreed_at_us: event.at.as_micros(),
        }
        .encode_to_vec()
    }

    fn decode(event_type: &str, payload: &[u8]) -> Result<Self, Defect> {
        if event_type != AGREED {
            return Err(Defect::UnknownType(event_type.into()));
        }
        let message = form::FundingAgreed::decode(payload)?;
        let (start, end): (Month, Month) = (text("start", &message.start)?, text("end", &message.end)?);
        if end <= start {
            return Err(defect("end", format!("{end} is not after {start}")));
        }
        Ok(Self::FundingAgreed(FundingAgreed {
            id: id("funding", &message.funding)?,
            funder: text("funder", &message.funder)?,
            recipient: id("recipient", &message.recipient)?,
            amount: amount("amount", message.amount)?,
            start,
            end,
            reason: text("reason", &message.reason)?,
            at: instant("agreed_at_us", message.agreed_at_us)?,
        }))
    }
}

#[cfg(test)]
mod tests {
    use domain::{
        id::{FundingId, OrganisationId},
        time::Timestamp,
    };
    use money::Money;

    use super::*;

    fn sample() -> Event {
        Event::FundingAgreed(FundingAgreed {
            id: FundingId::from_u128(1),
            funder: "省".parse().unwrap(),
            recipient: OrganisationId::from_u128(2),
            amount: Money::jpy(500_000_000),
            start: Month::new(2026, 4).unwrap(),
            end: Month::new(2027, 4).unwrap(),
            reason: "運営費補助".parse().unwrap(),
            at: Timestamp::from_micros(1_774_000_000_000_000).unwrap(),
        })
    }

    #[test]
    fn every_event_reads_back() {
        assert_eq!(Event::decode(sample().event_type(), &sample().encode()), Ok(sample()));
    }

    #[test]
    fn defects_name_the_field() {
        let mut message = form::FundingAgreed::decode(sample().encode().as_slice()).unwrap();
        message.end = message.start.clone();
        let defect = Event::decode(AGREED, &message.encode_to_vec()).unwrap_err();
        assert_eq!(defect.to_string(), "field end: 2026-04 is not after 2026-04");
        assert_eq!(Event::decode("Agreed", &[]), Err(Defect::UnknownType("Agreed".into())));
    }
}
