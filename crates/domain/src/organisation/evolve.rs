//! How events change what is known of an organisation.

use crate::organisation::{Event, Organisation, Profile, credential, state::merged};

pub(super) fn evolve(state: Organisation, event: &Event) -> Organisation {
    match (state, event) {
        (_, Event::OrganisationRegistered(event)) => Organisation::Registered(Profile {
            id: event.id,
            name: event.name.clone(),
            country: event.country,
            sector: event.sector.clone(),
            registration_number: event.registration_number.clone(),
            capacities: merged(event.capacities.clone()),
            credentials: vec![],
            registered_at: event.at,
        }),
        (Organisation::Registered(mut profile), Event::CapacityGranted(event)) => {
            profile.capacities.push(event.grant);
            profile.capacities = merged(profile.capacities);
            Organisation::Registered(profile)
        }
        (Organisation::Registered(mut profile), Event::CredentialAttested(event)) => {
            profile.credentials.push(event.credential.clone());
            profile.credentials = credential::merged(profile.credentials);
            Organisation::Registered(profile)
        }
        // No history has these before the registration; a fold must be total all the same.
        (Organisation::Vacant, Event::CapacityGranted(_) | Event::CredentialAttested(_)) => {
            Organisation::Vacant
        }
    }
}
