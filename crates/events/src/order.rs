//! Events of orders as bytes and back.

mod placed;

use domain::order::{
    Artefact, DeliveryAccepted, DeliveryDisputed, Event, MilestoneDelivered, OrderAccepted, OrderCancelled,
    OrderCompleted, OrderDeclined, ResultDeposited, Sha256,
};
use prost::Message;
use proto::kiban::order::v1 as form;

use crate::{
    Category, Defect, Recordable,
    field::{defect, id, id_bytes, instant, required, text},
};

const OMICS_ANALYSIS_ORDERED: &str = "kiban.order.v1.OmicsAnalysisOrdered";
const PLACED: &str = "kiban.order.v1.OrderPlaced";
const ACCEPTED: &str = "kiban.order.v1.OrderAccepted";
const DECLINED: &str = "kiban.order.v1.OrderDeclined";
const DELIVERED: &str = "kiban.order.v1.MilestoneDelivered";
const DELIVERY_ACCEPTED: &str = "kiban.order.v1.DeliveryAccepted";
const DELIVERY_DISPUTED: &str = "kiban.order.v1.DeliveryDisputed";
const COMPLETED: &str = "kiban.order.v1.OrderCompleted";
const CANCELLED: &str = "kiban.order.v1.OrderCancelled";
const RESULT_DEPOSITED: &str = "kiban.order.v1.ResultDeposited";

impl Recordable for Event {
    const CATEGORY: Category = Category::Order;

    fn event_type(&self) -> &'static str {
        match self {
            Self::OmicsAnalysisOrdered(_) => OMICS_ANALYSIS_ORDERED,
            Self::OrderPlaced(_) => PLACED,
            Self::OrderAccepted(_) => ACCEPTED,
            Self::OrderDeclined(_) => DECLINED,
            Self::MilestoneDelivered(_) => DELIVERED,
            Self::DeliveryAccepted(_) => DELIVERY_ACCEPTED,
            Self::DeliveryDisputed(_) => DELIVERY_DISPUTED,
            Self::OrderCompleted(_) => COMPLETED,
            Self::OrderCancelled(_) => CANCELLED,
            Self::ResultDeposited(_) => RESULT_DEPOSITED,
        }
    }

    fn encode(&self) -> Vec<u8> {
        match self {
            Self::OmicsAnalysisOrdered(placed) => placed::omics_form(placed).encode_to_vec(),
            Self::OrderPlaced(placed) => placed::form(placed).encode_to_vec(),
            Self::OrderAccepted(event) => {
                form::OrderAccepted { accepted_at_us: event.at.as_micros() }.encode_to_vec()
            }
            Self::OrderDeclined(event) => {
                form::OrderDeclined { reason: event.reason.to_string(), declined_at_us: event.at.as_micros() }
                    .encode_to_vec()
            }
            Self::MilestoneDelivered(event) => form::MilestoneDelivered {
                milestone: event.milestone,
                artefact: Some(artefact_form(&event.artefact)),
                delivered_at_us: event.at.as_micros(),
            }
            .encode_to_vec(),
            Self::DeliveryAccepted(event) => {
                let (milestone, accepted_at_us) = (event.milestone, event.at.as_micros());
                form::DeliveryAccepted { milestone, accepted_at_us }.encode_to_vec()
            }
            Self::DeliveryDisputed(event) => form::DeliveryDisputed {
                milestone: event.milestone,
                reason: event.reason.to_string(),
                disputed_at_us: event.at.as_micros(),
            }
            .encode_to_vec(),
            Self::OrderCompleted(event) => {
                form::OrderCompleted { completed_at_us: event.at.as_micros() }.encode_to_vec()
            }
            Self::OrderCancelled(event) => form::OrderCancelled {
                by: id_bytes(event.by),
                reason: event.reason.to_string(),
                charged: event.charged.clone(),
                cancelled_at_us: event.at.as_micros(),
            }
            .encode_to_vec(),
            Self::ResultDeposited(event) => form::ResultDeposited {
                title: event.title.to_string(),
                artefact: Some(artefact_form(&event.artefact)),
                deposited_at_us: event.at.as_micros(),
            }
            .encode_to_vec(),
        }
    }

    fn decode(event_type: &str, payload: &[u8]) -> Result<Self, Defect> {
        match event_type {
            OMICS_ANALYSIS_ORDERED => {
                placed::read_omics(payload).map(Box::new).map(Self::OmicsAnalysisOrdered)
            }
            PLACED => placed::read(payload).map(Box::new).map(Self::OrderPlaced),
            ACCEPTED => {
                let message = form::OrderAccepted::decode(payload)?;
                let at = instant("accepted_at_us", message.accepted_at_us)?;
                Ok(Self::OrderAccepted(OrderAccepted { at }))
            }
            DECLINED => {
                let message = form::OrderDeclined::decode(payload)?;
                Ok(Self::OrderDeclined(OrderDeclined {
                    reason: text("reason", &message.reason)?,
                    at: instant("declined_at_us", message.declined_at_us)?,
                }))
            }
            DELIVERED => {
                let message = form::MilestoneDelivered::decode(payload)?;
                Ok(Self::MilestoneDelivered(MilestoneDelivered {
                    milestone: message.milestone,
                    artefact: artefact(message.artefact)?,
                    at: instant("delivered_at_us", message.delivered_at_us)?,
                }))
            }
            DELIVERY_ACCEPTED => {
                let message = form::DeliveryAccepted::decode(payload)?;
                let at = instant("accepted_at_us", message.accepted_at_us)?;
                Ok(Self::DeliveryAccepted(DeliveryAccepted { milestone: message.milestone, at }))
            }
            DELIVERY_DISPUTED => {
                let message = form::DeliveryDisputed::decode(payload)?;
                Ok(Self::DeliveryDisputed(DeliveryDisputed {
                    milestone: message.milestone,
                    reason: text("reason", &message.reason)?,
                    at: instant("disputed_at_us", message.disputed_at_us)?,
                }))
            }
            COMPLETED => {
                let message = form::OrderCompleted::decode(payload)?;
                let at = instant("completed_at_us", message.completed_at_us)?;
                Ok(Self::OrderCompleted(OrderCompleted { at }))
            }
            CANCELLED => {
                let message = form::OrderCancelled::decode(payload)?;
                Ok(Self::OrderCancelled(OrderCancelled {
                    by: id("by", &message.by)?,
                    reason: text("reason", &message.reason)?,
                    charged: ascending("charged", message.charged)?,
                    at: instant("cancelled_at_us", message.cancelled_at_us)?,
                }))
            }
            RESULT_DEPOSITED => {
                let message = form::ResultDeposited::decode(payload)?;
                Ok(Self::ResultDeposited(ResultDeposited {
                    title: text("title", &message.title)?,
                    artefact: artefact(message.artefact)?,
                    at: instant("deposited_at_us", message.deposited_at_us)?,
                }))
            }
            unknown => Err(Defect::UnknownType(unknown.into())),
        }
    }
}

fn artefact_form(artefact: &Artefact) -> form::HandedOver {
    form::HandedOver { uri: artefact.uri.to_string(), sha256: artefact.sha256.as_bytes().to_vec() }
}

fn artefact(message: Option<form::HandedOver>) -> Result<Artefact, Defect> {
    let message = required("artefact", message)?;
    let sha256 = message.sha256.as_slice().try_into();
    let sha256 = sha256.map_err(|_| defect("artefact.sha256", format!("{} bytes", message.sha256.len())))?;
    Ok(Artefact { uri: text("artefact.uri", &message.uri)?, sha256: Sha256::from_bytes(sha256) })
}

/// Places of milestones, each once: else a milestone would be charged twice.
fn ascending(field: &'static str, places: Vec<u32>) -> Result<Vec<u32>, Defect> {
    match places.is_sorted_by(|one, next| one < next) {
        true => Ok(places),
        false => Err(defect(field, "the places do not ascend")),
    }
}

#[cfg(test)]
mod tests;
