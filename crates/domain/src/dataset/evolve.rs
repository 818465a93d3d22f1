//! How events change what is known of a dataset.

use crate::dataset::{Dataset, Event, Freeze, RegisteredDataset};

pub(super) fn evolve(state: Dataset, event: &Event) -> Dataset {
    match (state, event) {
        (_, Event::DatasetRegistered(event)) => Dataset::Registered(Box::new(RegisteredDataset {
            id: event.id,
            description: event.description.clone(),
            freezes: vec![],
            registered_at: event.at,
        })),
        (Dataset::Registered(mut dataset), Event::FreezeReleased(event)) => {
            dataset.freezes.push(Freeze {
                number: event.number,
                composition: event.composition.clone(),
                consent: event.consent,
                released_at: event.at,
            });
            Dataset::Registered(dataset)
        }
        // No history has a freeze before the registration; a fold must be total all the same.
        (Dataset::Vacant, Event::FreezeReleased(_)) => Dataset::Vacant,
    }
}
