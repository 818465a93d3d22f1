//! How events change what is known of a venture.

use std::{collections::BTreeMap, sync::Arc};

use crate::{
    id::OrganisationId,
    venture::{DataRoom, Event, Following, Interest, JointVenture, Listed, Venture},
};

pub(super) fn evolve(state: Venture, event: &Event) -> Venture {
    let mut listed = match (state, event) {
        (Venture::Vacant, Event::VentureListed(event)) => {
            return Venture::Listed(Box::new(Listed {
                id: event.id,
                lister: event.lister,
                contract: event.contract,
                cards: vec![Arc::new(event.card.clone())],
                listed_at: event.at,
                revised_at: None,
                investors: BTreeMap::new(),
                joint_ventures: BTreeMap::new(),
            }));
        }
        (Venture::Listed(was), Event::VentureWithdrawn(event)) => {
            return Venture::Withdrawn { was, reason: event.reason.clone(), at: event.at };
        }
        (Venture::Listed(listed), _) => listed,
        (state @ (Venture::Vacant | Venture::Withdrawn { .. }), _) => return state,
    };
    take(&mut listed, event);
    Venture::Listed(listed)
}

fn take(listed: &mut Listed, event: &Event) {
    match event {
        Event::VentureListed(_) | Event::VentureWithdrawn(_) => {}
        Event::VentureRevised(event) => {
            listed.cards.push(Arc::new(event.card.clone()));
            listed.revised_at = Some(event.at);
        }
        Event::DealViewed(event) => following(listed, event.investor).views += 1,
        Event::InterestExpressed(event) => {
            let interest =
                Interest { contract: event.contract, message: event.message.clone(), at: event.at };
            following(listed, event.investor).interest = Some(interest);
        }
        Event::DataRoomOpened(event) => {
            let room = DataRoom { reference: event.reference.clone(), valid_until: event.valid_until };
            following(listed, event.investor).room = Some(room);
        }
        Event::DataRoomEntered(event) => following(listed, event.investor).entries += 1,
        Event::JointVentureFormed(event) => {
            let formed =
                JointVenture { parties: event.parties.clone(), purpose: event.purpose.clone(), at: event.at };
            listed.joint_ventures.insert(event.name.clone(), formed);
        }
    }
}

fn following(listed: &mut Listed, investor: OrganisationId) -> &mut Following {
    listed.investors.entry(investor).or_default()
}
