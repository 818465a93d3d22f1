//! Events of consortia as bytes and back.

use std::collections::BTreeMap;

use domain::consortium::{ConsortiumJoined, ConsortiumProposed, Event};
use prost::Message;
use proto::kiban::order::v1 as form;

use crate::{
    Category, Defect, Recordable,
    field::{defect, id, id_bytes, instant, text},
};

const PROPOSED: &str = "kiban.order.v1.ConsortiumProposed";
const JOINED: &str = "kiban.order.v1.ConsortiumJoined";

impl Recordable for Event {
    const CATEGORY: Category = Category::Consortium;

    fn event_type(&self) -> &'static str {
        match self {
            Self::ConsortiumProposed(_) => PROPOSED,
            Self::ConsortiumJoined(_) => JOINED,
        }
    }

    fn encode(&self) -> Vec<u8> {
        match self {
            Self::ConsortiumProposed(event) => encode_proposed(event).encode_to_vec(),
            Self::ConsortiumJoined(event) => form::ConsortiumJoined {
                vendor: id_bytes(event.member),
                contract: id_bytes(event.contract),
                contract_revision: event.contract_revision,
                joined_at_us: event.at.as_micros(),
            }
            .encode_to_vec(),
        }
    }

    fn decode(event_type: &str, payload: &[u8]) -> Result<Self, Defect> {
        match event_type {
            PROPOSED => decode_proposed(payload).map(Self::ConsortiumProposed),
            JOINED => decode_joined(payload).map(Self::ConsortiumJoined),
            unknown => Err(Defect::UnknownType(unknown.into())),
        }
    }
}

fn encode_proposed(event: &ConsortiumProposed) -> form::ConsortiumProposed {
    let shares = event.shares.iter().map(|(member, percentage)| form::ProposedShare {
        vendor: id_bytes(*member),
        percentage: percentage.to_string(),
    });
    form::ConsortiumProposed {
        consortium: id_bytes(event.id),
        name: event.name.to_string(),
        lead: id_bytes(event.lead),
        lead_contract: id_bytes(event.contract),
        lead_contract_revision: event.contract_revision,
        shares: shares.collect(),
        proposed_at_us: event.at.as_micros(),
    }
}

fn decode_proposed(payload: &[u8]) -> Result<ConsortiumProposed, Defect> {
    let message = form::ConsortiumProposed::decode(payload)?;
    let mut shares = BTreeMap::new();
    for share in &message.shares {
        let percentage = text("shares.percentage", &share.percentage)?;
        if shares.insert(id("shares.vendor", &share.vendor)?, percentage).is_some() {
            return Err(defect("shares", "a member stands there twice"));
        }
    }
    Ok(ConsortiumProposed {
        id: id("consortium", &message.consortium)?,
        name: text("name", &message.name)?,
        lead: id("lead", &message.lead)?,
        contract: id("lead_contract", &message.lead_contract)?,
        contract_revision: message.lead_contract_revision,
        shares,
        at: instant("proposed_at_us", message.proposed_at_us)?,
    })
}

fn decode_joined(payload: &[u8]) -> Result<ConsortiumJoined, Defect> {
    let message = form::ConsortiumJoined::decode(payload)?;
    Ok(ConsortiumJoined {
        member: id("vendor", &message.vendor)?,
        contract: id("contract", &message.contract)?,
        contract_revision: message.contract_revision,
        at: instant("joined_at_us", message.joined_at_us)?,
    })
}
