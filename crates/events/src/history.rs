//! Aggregates kept with the events that made them, for folds that answer with whole states.

use std::{
    collections::{BTreeMap, btree_map},
    ops::Bound,
};

use domain::Decider;
use prost::Message;

use crate::{Defect, Recordable};

/// The aggregates of one category, by what stands after the first dash of their streams' names.
///
/// The form of a snapshot is the events of each aggregate, in order of ids and then of revisions: it is exact
/// and canonical by construction, and a state has no second form that could differ from its history.
pub struct Histories<D: Decider>(BTreeMap<String, History<D>>);

struct History<D: Decider> {
    events: Vec<D::Event>,
    state: D::State,
}

impl<D: Decider> Default for Histories<D> {
    fn default() -> Self {
        Self(BTreeMap::new())
    }
}

impl<D: Decider<Event: Recordable + Clone>> Histories<D> {
    /// Takes in the next event of an aggregate.
    pub fn apply(&mut self, id: &str, event: &D::Event) {
        if let Some(history) = self.0.get_mut(id) {
            history.apply(event.clone());
        } else {
            let mut history = History::default();
            history.apply(event.clone());
            self.0.insert(id.to_owned(), history);
        }
    }

    /// The state of an aggregate, and its id as it is kept here.
    pub fn get_key_value(&self, id: &str) -> Option<(&str, &D::State)> {
        self.0.get_key_value(id).map(|(id, history)| (id.as_str(), &history.state))
    }

    /// All aggregates whose ids come after one, in order of ids.
    pub fn after<'a>(&'a self, id: &str) -> impl Iterator<Item = (&'a str, &'a D::State)> + use<'a, D> {
        let range: btree_map::Range<'a, String, History<D>> =
            self.0.range::<str, _>((Bound::Excluded(id), Bound::Unbounded));
        range.map(|(id, history)| (id.as_str(), &history.state))
    }

    /// Canonical bytes.
    pub fn encode(&self) -> Vec<u8> {
        let aggregates = self.0.iter().map(|(id, history)| StoredHistory {
            id: id.clone(),
            events: history.events.iter().map(store).collect(),
        });
        StoredHistories { aggregates: aggregates.collect() }.encode_to_vec()
    }

    /// Reads them back, by folding the events again.
    pub fn decode(bytes: &[u8]) -> Result<Self, Defect> {
        let stored = StoredHistories::decode(bytes)?;
        let mut histories = Self::default();
        for aggregate in stored.aggregates {
            for event in aggregate.events {
                histories.apply(&aggregate.id, &D::Event::decode(&event.event_type, &event.payload)?);
            }
        }
        Ok(histories)
    }
}

impl<D: Decider> Default for History<D> {
    fn default() -> Self {
        Self { events: Vec::new(), state: D::State::default() }
    }
}

impl<D: Decider> History<D> {
    fn apply(&mut self, event: D::Event) {
        self.state = D::evolve(std::mem::take(&mut self.state), &event);
        self.events.push(event);
    }
}

fn store<E: Recordable>(event: &E) -> StoredEvent {
    StoredEvent { event_type: event.event_type().to_owned(), payload: event.encode() }
}

// Snapshots are neither on a wire nor in the log, so their messages stand here and not in the schema.

#[derive(Clone, PartialEq, Message)]
struct StoredHistories {
    #[prost(message, repeated, tag = "1")]
    aggregates: Vec<StoredHistory>,
}

#[derive(Clone, PartialEq, Message)]
struct StoredHistory {
    #[prost(string, tag = "1")]
    id: String,
    #[prost(message, repeated, tag = "2")]
    events: Vec<StoredEvent>,
}

#[derive(Clone, PartialEq, Message)]
struct StoredEvent {
    #[prost(string, tag = "1")]
    event_type: String,
    #[prost(bytes = "vec", tag = "2")]
    payload: Vec<u8>,
}

#[cfg(test)]
mod tests {
    use domain::{
        country::Country,
        id::OrganisationId,
        organisation::{
            Capacity, CapacityGrant, CapacityGranted, Event, Organisation, OrganisationRegistered,
            RegistrationNumber,
        },
        text::Name,
        time::Timestamp,
    };
    use jiff::civil::date;

    use super::*;

    fn registered(number: u128) -> Event {
        Event::OrganisationRegistered(OrganisationRegistered {
            id: OrganisationId::from_u128(number),
            name: Name::new("活用促進機関").unwrap(),
            country: Country::JAPAN,
            sector: None,
            registration_number: RegistrationNumber::new(Country::JAPAN, "7000012050002").unwrap(),
            capacities: vec![],
            at: Timestamp::default(),
        })
    }

    fn granted() -> Event {
        let grant = CapacityGrant { capacity: Capacity::Promoter, from: date(2026, 4, 1), until: None };
        Event::CapacityGranted(CapacityGranted { grant, at: Timestamp::default() })
    }

    #[test]
    fn the_same_histories_give_the_same_bytes_and_read_back() {
        let mut one = Histories::<Organisation>::default();
        let mut other = Histories::<Organisation>::default();
        for (id, event) in [("b", registered(2)), ("a", registered(1)), ("b", granted())] {
            one.apply(id, &event);
        }
        for (id, event) in [("a", registered(1)), ("b", registered(2)), ("b", granted())] {
            other.apply(id, &event);
        }
        assert_eq!(one.encode(), other.encode());
        let mut read = Histories::<Organisation>::decode(&one.encode()).unwrap();
        assert!(read.after("").eq(one.after("")));
        assert_eq!(read.encode(), one.encode());
        // It goes on as the first would.
        read.apply("a", &granted());
        one.apply("a", &granted());
        assert_eq!(read.encode(), one.encode());
        assert_ne!(read.encode(), other.encode());
    }

    #[test]
    fn after_an_id_come_the_later_ones() {
        let mut histories = Histories::<Organisation>::default();
        for id in ["c", "a", "b"] {
            histories.apply(id, &registered(1));
        }
        let after = |id: &str| histories.after(id).map(|(id, _)| id).collect::<Vec<_>>();
        assert_eq!(after(""), ["a", "b", "c"]);
        assert_eq!(after("a"), ["b", "c"]);
        assert_eq!(after("bb"), ["c"]);
        assert!(after("c").is_empty());
        assert_eq!(histories.get_key_value("d"), None);
    }

    #[test]
    fn bytes_that_hold_no_history_are_refused() {
        let event = StoredEvent { event_type: "kiban.membership.v1.Nothing".into(), payload: vec![] };
        let aggregate = StoredHistory { id: "a".into(), events: vec![event] };
        let stored = StoredHistories { aggregates: vec![aggregate] }.encode_to_vec();
        assert!(matches!(Histories::<Organisation>::decode(&stored), Err(Defect::UnknownType(_))));
        assert!(matches!(Histories::<Organisation>::decode(&[0xff]), Err(Defect::Malformed(_))));
    }
}
