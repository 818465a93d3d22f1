//! How events change what is known of a reservation.

use crate::reservation::{Event, Reservation};

pub(super) fn evolve(_state: Reservation, event: &Event) -> Reservation {
    match event {
        Event::Reserved(event) => Reservation::Held { owner: event.owner, since: event.at },
    }
}
