//! How events change what is known of a consortium.

use std::collections::BTreeMap;

use crate::consortium::{Consortium, Event, Proposal};

pub(super) fn evolve(state: Consortium, event: &Event) -> Consortium {
    match event {
        Event::ConsortiumProposed(event) => staged(Box::new(Proposal {
            id: event.id,
            name: event.name.clone(),
            lead: event.lead,
            shares: event.shares.clone(),
            joined: BTreeMap::from([(event.lead, event.contract)]),
            proposed_at: event.at,
        })),
        Event::ConsortiumJoined(event) => match state {
            Consortium::Proposed(mut proposal) | Consortium::Formed(mut proposal) => {
                proposal.joined.insert(event.member, event.contract);
                staged(proposal)
            }
            Consortium::Vacant => Consortium::Vacant,
        },
    }
}

fn staged(proposal: Box<Proposal>) -> Consortium {
    if proposal.is_complete() { Consortium::Formed(proposal) } else { Consortium::Proposed(proposal) }
}
