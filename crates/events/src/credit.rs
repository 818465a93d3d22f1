//! Events of credits as bytes and back.

use domain::credit::{CreditGranted, Event};
use prost::Message;
use proto::kiban::finance::v1 as form;

use crate::{
    Category, Defect, Recordable,
    field::{amount, amount_form, id, id_bytes, instant, text},
};

const GRANTED: &str = "kiban.finance.v1.CreditGranted";

impl Recordable for Event {
    const CATEGORY: Category = Category::Credit;

    fn event_type(&self) -> &'static str {
        match self {
            Self::CreditGranted(_) => GRANTED,
        }
    }

    fn encode(&self) -> Vec<u8> {
        let Self::CreditGranted(event) = self;
        form::CreditGranted {
            credit: id_bytes(event.id),
            contract: id_bytes(event.contract),
            member: id_bytes(event.member),
            charge_kind: event.charge_kind.to_string(),
            amount: Some(amount_form(event.amount)),
            month: event.month.to_string(),
            reason: event.reason.as_str().into(),
            granted_by: id_bytes(event.granted_by),
            granted_at_us: event.at.as_micros(),
        }
        .encode_to_vec()
    }

    fn decode(event_type: &str, payload: &[u8]) -> Result<Self, Defect> {
        if event_type != GRANTED {
            return Err(Defect::UnknownType(event_type.into()));
        }
        let message = form::CreditGranted::decode(payload)?;
        Ok(Self::CreditGranted(CreditGranted {
            id: id("credit", &message.credit)?,
            contract: id("contract", &message.contract)?,
            member: id("member", &message.member)?,
            charge_kind: text("charge_kind", &message.charge_kind)?,
            amount: amount("amount", message.amount)?,
            month: text("month", &message.month)?,
            reason: text("reason", &message.reason)?,
            granted_by: id("granted_by", &message.granted_by)?,
            at: instant("granted_at_us", message.granted_at_us)?,
        }))
    }
}

#[cfg(test)]
mod tests {
    use domain::{
        id::{ContractId, CreditId, OrganisationId},
        terms::ChargeKind,
        time::{Month, Timestamp},
    };
    use money::Money;

    use super::*;

    fn sample() -> Event {
        Event::CreditGranted(CreditGranted {
            id: CreditId::from_u128(1),
            contract: ContractId::from_u128(2),
            member: OrganisationId::from_u128(3),
            charge_kind: ChargeKind::publication_incentive(),
            amount: Money::jpy(300_000),
            month: Month::new(2026, 6).unwrap(),
            reason: "早期公開".parse().unwrap(),
            granted_by: OrganisationId::from_u128(4),
            at: Timestamp::from_micros(1_774_000_000_000_000).unwrap(),
        })
    }

    #[test]
    fn every_event_reads_back() {
        assert_eq!(Event::decode(sample().event_type(), &sample().encode()), Ok(sample()));
    }

    #[test]
    fn defects_name_the_field() {
        let mut message = form::CreditGranted::decode(sample().encode().as_slice()).unwrap();
        message.month = "2026-6".into();
        let defect = Event::decode(GRANTED, &message.encode_to_vec()).unwrap_err().to_string();
        assert!(defect.starts_with("field month: "), "{defect}");
        assert_eq!(Event::decode("Granted", &[]), Err(Defect::UnknownType("Granted".into())));
    }
}
