//! Ventures as their listers and the operators see them.

use domain::{
    id::OrganisationId,
    text::Name,
    venture::{Following, JointVenture, Listed, Venture},
};
use engine::wire_time;
use events::venture_form::{full_card_form, teaser_form};
use proto::kiban::venture::v1 as wire;

/// The venture as a caller sees it and whose it is, or none if nobody has listed it. The full card is its lister's: to
/// anybody else, whoever runs the forum, it is shown by a look that is put on record.
pub(crate) fn venture(state: &Venture, caller: OrganisationId) -> Option<(wire::Venture, OrganisationId)> {
    let listed = state.card()?;
    let card = listed.current()?;
    let withdrawn = match state {
        Venture::Withdrawn { reason, at, .. } => Some((reason, *at)),
        Venture::Vacant | Venture::Listed(_) => None,
    };
    let message = wire::Venture {
        id: listed.id.to_string(),
        lister_id: listed.lister.to_string(),
        contract_id: listed.contract.to_string(),
        teaser: Some(teaser_form(&card.teaser)),
        full_card: (listed.lister == caller).then(|| full_card_form(&card.full)),
        card_number: listed.number(),
        listed_at: Some(wire_time(listed.listed_at)),
        revised_at: listed.revised_at.map(wire_time),
        withdrawn_at: withdrawn.map(|(_, at)| wire_time(at)),
        withdrawal_reason: withdrawn.map(|(reason, _)| reason.to_string()).unwrap_or_default(),
        funnel: Some(funnel(listed)),
        interests: listed.investors.iter().filter_map(interest).collect(),
        joint_ventures: listed.joint_ventures.iter().map(joint_venture).collect(),
    };
    Some((message, listed.lister))
}

fn funnel(listed: &Listed) -> wire::VentureFunnel {
    let count = |of: fn(&Following) -> bool| {
        listed.investors.values().filter(|following| of(following)).count() as u64
    };
    wire::VentureFunnel {
        views: listed.investors.values().map(|following| following.views).sum(),
        viewers: count(|following| following.views > 0),
        interested: count(|following| following.interest.is_some()),
        data_rooms: count(|following| following.room.is_some()),
        data_room_entries: listed.investors.values().map(|following| following.entries).sum(),
    }
}

fn interest((investor, following): (&OrganisationId, &Following)) -> Option<wire::Interest> {
    let interest = following.interest.as_ref()?;
    Some(wire::Interest {
        investor_id: investor.to_string(),
        message: interest.message.as_str().into(),
        expressed_at: Some(wire_time(interest.at)),
        data_room_until: following.room.as_ref().map(|room| wire_time(room.valid_until)),
    })
}

fn joint_venture((name, formed): (&Name, &JointVenture)) -> wire::JointVenture {
    wire::JointVenture {
        name: name.as_str().into(),
        party_ids: formed.parties.iter().map(ToString::to_string).collect(),
        purpose: formed.purpose.as_str().into(),
        formed_at: Some(wire_time(formed.at)),
    }
}
