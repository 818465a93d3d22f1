//! Events of listings as bytes and back.

use domain::listing::{Event, ServiceListed, ServiceRevised, ServiceViewed, ServiceWithdrawn};
use prost::Message;
use proto::kiban::order::v1 as form;

use crate::{
    Category, Defect, Recordable,
    field::{defect, id, id_bytes, instant, optional_id, required, text},
    listing_form::{listing_content, listing_content_form},
};

const LISTED: &str = "kiban.order.v1.ServiceListed";
const REVISED: &str = "kiban.order.v1.ServiceRevised";
const WITHDRAWN: &str = "kiban.order.v1.ServiceWithdrawn";
const VIEWED: &str = "kiban.order.v1.ServiceViewed";

impl Recordable for Event {
    const CATEGORY: Category = Category::Listing;

    fn event_type(&self) -> &'static str {
        match self {
            Self::ServiceListed(_) => LISTED,
            Self::ServiceRevised(_) => REVISED,
            Self::ServiceWithdrawn(_) => WITHDRAWN,
            Self::ServiceViewed(_) => VIEWED,
        }
    }

    fn encode(&self) -> Vec<u8> {
        match self {
            Self::ServiceListed(event) => form::ServiceListed {
                listing: id_bytes(event.id),
                vendor: id_bytes(event.vendor),
                contract: id_bytes(event.contract),
                contract_revision: event.contract_revision,
                consortium: event.consortium.map(id_bytes).unwrap_or_default(),
                content: Some(listing_content_form(&event.content)),
                listed_at_us: event.at.as_micros(),
            }
            .encode_to_vec(),
            Self::ServiceRevised(event) => form::ServiceRevised {
                contract: id_bytes(event.contract),
                contract_revision: event.contract_revision,
                content: Some(listing_content_form(&event.content)),
                revised_at_us: event.at.as_micros(),
            }
            .encode_to_vec(),
            Self::ServiceWithdrawn(event) => form::ServiceWithdrawn {
                reason: event.reason.to_string(),
                withdrawn_at_us: event.at.as_micros(),
            }
            .encode_to_vec(),
            Self::ServiceViewed(event) => form::ServiceViewed {
                viewer: id_bytes(event.viewer),
                contract: id_bytes(event.contract),
                viewed_at_us: event.at.as_micros(),
            }
            .encode_to_vec(),
        }
    }

    fn decode(event_type: &str, payload: &[u8]) -> Result<Self, Defect> {
        match event_type {
            LISTED => decode_listed(payload).map(Self::ServiceListed),
            REVISED => decode_revised(payload).map(Self::ServiceRevised),
            WITHDRAWN => decode_withdrawn(payload).map(Self::ServiceWithdrawn),
            VIEWED => decode_viewed(payload).map(Self::ServiceViewed),
            unknown => Err(Defect::UnknownType(unknown.into())),
        }
    }
}

fn decode_listed(payload: &[u8]) -> Result<ServiceListed, Defect> {
    let message = form::ServiceListed::decode(payload)?;
    Ok(ServiceListed {
        id: id("listing", &message.listing)?,
        vendor: id("vendor", &message.vendor)?,
        contract: id("contract", &message.contract)?,
        contract_revision: message.contract_revision,
        consortium: optional_id("consortium", &message.consortium)?,
        content: content(message.content)?,
        at: instant("listed_at_us", message.listed_at_us)?,
    })
}

fn decode_revised(payload: &[u8]) -> Result<ServiceRevised, Defect> {
    let message = form::ServiceRevised::decode(payload)?;
    Ok(ServiceRevised {
        contract: id("contract", &message.contract)?,
        contract_revision: message.contract_revision,
        content: content(message.content)?,
        at: instant("revised_at_us", message.revised_at_us)?,
    })
}

fn decode_withdrawn(payload: &[u8]) -> Result<ServiceWithdrawn, Defect> {
    let message = form::ServiceWithdrawn::decode(payload)?;
    Ok(ServiceWithdrawn {
        reason: text("reason", &message.reason)?,
        at: instant("withdrawn_at_us", message.withdrawn_at_us)?,
    })
}

fn decode_viewed(payload: &[u8]) -> Result<ServiceViewed, Defect> {
    let message = form::ServiceViewed::decode(payload)?;
    Ok(ServiceViewed {
        viewer: id("viewer", &message.viewer)?,
        contract: id("contract", &message.contract)?,
        at: instant("viewed_at_us", message.viewed_at_us)?,
    })
}

fn content(message: Option<form::ListingContent>) -> Result<domain::listing::ListingContent, Defect> {
    listing_content(&required("content", message)?).map_err(|error| defect("content", error))
}
