//! How events change what is known of a specimen.

use std::collections::{BTreeMap, BTreeSet};

use crate::specimen::{Event, RegisteredSpecimen, Specimen};

pub(super) fn evolve(state: Specimen, event: &Event) -> Specimen {
    match (state, event) {
        (Specimen::Vacant, Event::SpecimenRegistered(event)) => {
            Specimen::Registered(Box::new(RegisteredSpecimen {
                id: event.id,
                description: event.description.clone(),
                reserved: BTreeMap::new(),
                released: BTreeSet::new(),
                registered_at: event.at,
            }))
        }
        (Specimen::Registered(mut specimen), Event::SpecimenReserved(event)) => {
            specimen.released.remove(&event.order);
            specimen.reserved.insert(event.order, event.aliquots);
            Specimen::Registered(specimen)
        }
        (Specimen::Registered(mut specimen), Event::SpecimenReleased(event)) => {
            if specimen.reserved.remove(&event.order).is_some() {
                specimen.released.insert(event.order);
            }
            Specimen::Registered(specimen)
        }
        // No history has these; a fold must be total all the same.
        (state @ Specimen::Registered(_), Event::SpecimenRegistered(_))
        | (state @ Specimen::Vacant, Event::SpecimenReserved(_) | Event::SpecimenReleased(_)) => state,
    }
}
