//! What a cancelled order still holds, folded from specimens and orders: kept only of orders that go on.

use std::collections::{BTreeMap, BTreeSet};

use domain::{
    id::{Id, Kind, OrderId, SpecimenId},
    order, specimen,
};
use engine::Fold;
use events::{Category, Defect, Event, Recorded};
use prost::Message;

/// The orders that hold specimens, as far as the policy must know them.
///
/// Of an order that was cancelled before anything was delivered nothing has been used, so everything that it holds is
/// to be freed. Of one that ended later only the base operator knows what was used, and frees the rest itself.
#[derive(Default, PartialEq, Debug)]
pub struct HeldSpecimens {
    /// Which order that goes on, or is to be freed from, holds aliquots of which specimens.
    held: BTreeMap<OrderId, BTreeSet<SpecimenId>>,
    /// Orders that go on and of which something has been delivered.
    delivered: BTreeSet<OrderId>,
    /// Orders that were cancelled before anything was delivered and still hold something.
    to_free: BTreeSet<OrderId>,
}

impl HeldSpecimens {
    /// What is to be freed: aliquots of which specimen, and of which order.
    pub fn due(&self) -> Vec<(SpecimenId, OrderId)> {
        let of = |order: &OrderId| {
            let (order, specimens) = (*order, self.held.get(order));
            specimens.into_iter().flatten().map(move |specimen| (*specimen, order))
        };
        self.to_free.iter().flat_map(of).collect()
    }

    fn apply_to_order(&mut self, id: OrderId, event: &order::Event) {
        match event {
            order::Event::MilestoneDelivered(_) => {
                self.delivered.insert(id);
            }
            order::Event::OrderCompleted(_) => self.forget(id),
            order::Event::OrderCancelled(_) if self.delivered.contains(&id) => self.forget(id),
            order::Event::OrderCancelled(_) | order::Event::OrderDeclined(_) => {
                if self.held.contains_key(&id) {
                    self.to_free.insert(id);
                }
            }
            order::Event::OmicsAnalysisOrdered(_)
            | order::Event::OrderPlaced(_)
            | order::Event::OrderAccepted(_)
            | order::Event::DeliveryAccepted(_)
            | order::Event::DeliveryDisputed(_)
            | order::Event::ResultDeposited(_) => {}
        }
    }

    fn apply_to_specimen(&mut self, id: SpecimenId, event: &specimen::Event) {
        match event {
            specimen::Event::SpecimenRegistered(_) => {}
            specimen::Event::SpecimenReserved(event) => {
                self.held.entry(event.order).or_default().insert(id);
            }
            specimen::Event::SpecimenReleased(event) => {
                let Some(specimens) = self.held.get_mut(&event.order) else { return };
                specimens.remove(&id);
                if specimens.is_empty() {
                    self.held.remove(&event.order);
                    self.to_free.remove(&event.order);
                }
            }
        }
    }

    fn forget(&mut self, order: OrderId) {
        self.held.remove(&order);
        self.delivered.remove(&order);
    }
}

impl Fold for HeldSpecimens {
    const NAME: &'static str = "held-specimens";
    const VERSION: u32 = 1;
    const CATEGORIES: &'static [Category] = &[Category::Order, Category::Specimen];

    fn apply(&mut self, recorded: &Recorded) {
        // The streams of these categories are named by ids and by nothing else.
        let id = recorded.stream.id();
        match &recorded.event {
            Event::Order(event) => {
                if let Ok(id) = id.parse() {
                    self.apply_to_order(id, event);
                }
            }
            Event::Specimen(event) => {
                if let Ok(id) = id.parse() {
                    self.apply_to_specimen(id, event);
                }
            }
            // Other contexts are not delivered.
            _ => {}
        }
    }

    fn encode(&self) -> Vec<u8> {
        let held = self.held.iter().flat_map(|(order, specimens)| {
            specimens.iter().map(|specimen| StoredHold { order: bytes(*order), specimen: bytes(*specimen) })
        });
        StoredHeld {
            held: held.collect(),
            delivered: self.delivered.iter().copied().map(bytes).collect(),
            to_free: self.to_free.iter().copied().map(bytes).collect(),
        }
        .encode_to_vec()
    }

    fn decode(encoded: &[u8]) -> Result<Self, Defect> {
        let stored = StoredHeld::decode(encoded)?;
        let mut fold = Self {
            held: BTreeMap::new(),
            delivered: stored
                .delivered
                .iter()
                .map(|order| id("delivered", order))
                .collect::<Result<_, _>>()?,
            to_free: stored.to_free.iter().map(|order| id("to_free", order)).collect::<Result<_, _>>()?,
        };
        for hold in &stored.held {
            let specimen = id("held.specimen", &hold.specimen)?;
            fold.held.entry(id("held.order", &hold.order)?).or_default().insert(specimen);
        }
        Ok(fold)
    }
}

fn bytes<K: Kind>(id: Id<K>) -> Vec<u8> {
    id.to_bytes().to_vec()
}

fn id<K: Kind>(field: &'static str, bytes: &[u8]) -> Result<Id<K>, Defect> {
    let bytes = bytes.try_into();
    bytes.map(Id::from_bytes).map_err(|_| Defect::Field { field, what: "no 16 bytes".into() })
}

// Snapshots are neither on a wire nor in the log, so their messages stand here and not in the schema.

#[derive(Clone, PartialEq, Message)]
struct StoredHeld {
    /// Sorted by order and specimen.
    #[prost(message, repeated, tag = "1")]
    held: Vec<StoredHold>,
    #[prost(bytes = "vec", repeated, tag = "2")]
    delivered: Vec<Vec<u8>>,
    #[prost(bytes = "vec", repeated, tag = "3")]
    to_free: Vec<Vec<u8>>,
}

#[derive(Clone, PartialEq, Message)]
struct StoredHold {
    #[prost(bytes = "vec", tag = "1")]
    order: Vec<u8>,
    #[prost(bytes = "vec", tag = "2")]
    specimen: Vec<u8>,
}
