//! How events change what is known of a relay.

use crate::relay::{Event, Lease, RelayLease};

pub(super) fn evolve(state: RelayLease, event: &Event) -> RelayLease {
    match (state, event) {
        (state, Event::RelayLeaseTaken(event)) => {
            let lease = Lease { holder: event.holder.clone(), epoch: event.epoch, until: event.until };
            RelayLease::Held { lease, cursor: state.cursor() }
        }
        (RelayLease::Held { lease, cursor }, Event::RelayLeaseRenewed(event)) => {
            RelayLease::Held { lease: Lease { until: event.until, ..lease }, cursor }
        }
        (RelayLease::Held { lease, cursor }, Event::RelayLeaseReleased(_)) => {
            RelayLease::Free { epoch: lease.epoch, cursor }
        }
        (RelayLease::Held { lease, .. }, Event::RelayAdvanced(event)) => {
            RelayLease::Held { lease, cursor: event.position }
        }
        // Nobody holds it, so nothing of the kind is decided; a fold must be total all the same.
        (
            state @ (RelayLease::Vacant | RelayLease::Free { .. }),
            Event::RelayLeaseRenewed(_) | Event::RelayLeaseReleased(_) | Event::RelayAdvanced(_),
        ) => state,
    }
}
