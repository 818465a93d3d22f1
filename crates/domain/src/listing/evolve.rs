//! How events change what is known of a listing.

use std::collections::BTreeMap;

use crate::listing::{Event, Listed, Listing, Withdrawal};

pub(super) fn evolve(state: Listing, event: &Event) -> Listing {
    match event {
        Event::ServiceListed(event) => Listing::Listed(Box::new(Listed {
            id: event.id,
            vendor: event.vendor,
            contract: event.contract,
            consortium: event.consortium,
            content: event.content.clone(),
            listed_at: event.at,
            revised_at: None,
            viewed: BTreeMap::new(),
        })),
        Event::ServiceRevised(event) => with_listed(state, |listed| {
            listed.contract = event.contract;
            listed.content = event.content.clone();
            listed.revised_at = Some(event.at);
        }),
        Event::ServiceViewed(event) => with_listed(state, |listed| {
            listed.viewed.insert(event.viewer, event.at.tokyo_date());
        }),
        Event::ServiceWithdrawn(event) => match state {
            Listing::Listed(listed) => {
                let withdrawal = Withdrawal { reason: event.reason.clone(), at: event.at };
                Listing::Withdrawn { listed, withdrawal }
            }
            other @ (Listing::Vacant | Listing::Withdrawn { .. }) => other,
        },
    }
}

/// What is not listed has nothing that could change.
fn with_listed(mut state: Listing, change: impl FnOnce(&mut Listed)) -> Listing {
    match &mut state {
        Listing::Listed(listed) | Listing::Withdrawn { listed, .. } => change(listed),
        Listing::Vacant => {}
    }
    state
}
