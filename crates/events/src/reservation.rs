//! Events of reservations as bytes and back.

use domain::reservation::{Event, Owner, Reserved};
use prost::Message;
use proto::kiban::common::v1 as form;

use crate::{
    Category, Defect, Recordable,
    field::{defect, instant},
};

const RESERVED: &str = "kiban.common.v1.Reserved";

impl Recordable for Event {
    const CATEGORY: Category = Category::Reservation;

    fn event_type(&self) -> &'static str {
        match self {
            Self::Reserved(_) => RESERVED,
        }
    }

    fn encode(&self) -> Vec<u8> {
        let Self::Reserved(event) = self;
        let owner = event.owner.to_bytes().to_vec();
        form::Reserved { owner, reserved_at_us: event.at.as_micros() }.encode_to_vec()
    }

    fn decode(event_type: &str, payload: &[u8]) -> Result<Self, Defect> {
        if event_type != RESERVED {
            return Err(Defect::UnknownType(event_type.into()));
        }
        let message = form::Reserved::decode(payload)?;
        let owner = message.owner.as_slice().try_into().map_err(|_| defect("owner", "not 16 bytes"))?;
        Ok(Self::Reserved(Reserved {
            owner: Owner::from_bytes(owner),
            at: instant("reserved_at_us", message.reserved_at_us)?,
        }))
    }
}
