//! Events of periods as bytes and back.

use domain::period::{Event, PeriodClosed};
use prost::Message;
use proto::kiban::finance::v1 as form;

use crate::{
    Category, Defect, Recordable,
    field::{id, id_bytes, instant, text},
};

const CLOSED: &str = "kiban.finance.v1.PeriodClosed";

impl Recordable for Event {
    const CATEGORY: Category = Category::Period;

    fn event_type(&self) -> &'static str {
        match self {
            Self::PeriodClosed(_) => CLOSED,
        }
    }

    fn encode(&self) -> Vec<u8> {
        let Self::PeriodClosed(event) = self;
        form::PeriodClosed {
            issuer: id_bytes(event.issuer),
            month: event.month.to_string(),
            closed_at_us: event.at.as_micros(),
        }
        .encode_to_vec()
    }

    fn decode(event_type: &str, payload: &[u8]) -> Result<Self, Defect> {
        if event_type != CLOSED {
            return Err(Defect::UnknownType(event_type.into()));
        }
        let message = form::PeriodClosed::decode(payload)?;
        Ok(Self::PeriodClosed(PeriodClosed {
            issuer: id("issuer", &message.issuer)?,
            month: text("month", &message.month)?,
            at: instant("closed_at_us", message.closed_at_us)?,
        }))
    }
}
