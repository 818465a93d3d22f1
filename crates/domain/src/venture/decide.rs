//! What may not be done with a venture.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use crate::{
    contract::ContractKind,
    id::{InvestmentId, OrganisationId, VentureId},
    investment::{Investment, Made},
    time::Timestamp,
    under_contract::{ContractNow, NotCovered},
    venture::{
        Command, DataRoom, DataRoomEntered, DataRoomOpened, DealCard, DealViewed, EnterDataRoom, Event,
        ExpressInterest, FormJointVenture, InterestExpressed, InvestorNow, JointVentureFormed, ListVenture,
        Listed, OpenDataRoom, Rejection, ReviseVenture, Venture, VentureListed, VentureRevised,
        VentureWithdrawn, ViewDeal, WithdrawVenture,
    },
};

/// How many cards a venture may have one after the other.
pub(super) const MOST_CARDS: usize = 200;
/// How many forms in kind a card may ask for.
pub(super) const MOST_IN_KIND: usize = 16;
/// How many parties a joint venture may have, and how many joint ventures a venture.
pub(super) const MOST_PARTIES: usize = 20;
/// Under which kinds of contract a venture may be listed.
const LISTING: [ContractKind; 2] = [ContractKind::Member, ContractKind::VendorParticipation];

pub(super) fn decide(state: &Venture, command: Command) -> Result<Vec<Event>, Rejection> {
    match command {
        Command::ListVenture(command) => list(state, *command),
        Command::ReviseVenture(command) => revise(state, *command),
        Command::WithdrawVenture(command) => withdraw(state, command),
        Command::ViewDeal(command) => view(state, command),
        Command::ExpressInterest(command) => express_interest(state, command),
        Command::OpenDataRoom(command) => open_room(state, command),
        Command::EnterDataRoom(command) => enter_room(state, command),
        Command::FormJointVenture(command) => form_joint_venture(state, command),
    }
}

fn list(state: &Venture, command: ListVenture) -> Result<Vec<Event>, Rejection> {
    let ListVenture { id, lister, contract, lister_capacities, card, at } = command;
    check_card(&card)?;
    if let Some(known) = state.card() {
        let again = known.id == id
            && known.lister == lister
            && known.contract == contract.id
            && known.numbered(1) == Some(&card);
        return if again { Ok(vec![]) } else { Err(Rejection::AlreadyListed { id: known.id }) };
    }
    check_listing(&contract, lister).map_err(Rejection::NotCovered)?;
    if lister_capacities.iter().any(|capacity| capacity.runs_the_platform()) {
        return Err(Rejection::PlatformIsNoParty { organisation: lister });
    }
    let ContractNow { id: contract, revision: contract_revision, .. } = contract;
    let listed = VentureListed { id, lister, contract, contract_revision, card, at };
    Ok(vec![Event::VentureListed(Box::new(listed))])
}

fn revise(state: &Venture, command: ReviseVenture) -> Result<Vec<Event>, Rejection> {
    let ReviseVenture { by, contract, card, at } = command;
    check_card(&card)?;
    let listed = own(state, by)?;
    if listed.current() == Some(&card) {
        return Ok(vec![]);
    }
    at_most("cards", listed.cards.len() + 1, MOST_CARDS)?;
    check_listing(&contract, by).map_err(Rejection::ListingNotCovered)?;
    let revised = VentureRevised { number: listed.number() + 1, card, at };
    Ok(vec![Event::VentureRevised(Box::new(revised))])
}

fn withdraw(state: &Venture, command: WithdrawVenture) -> Result<Vec<Event>, Rejection> {
    let WithdrawVenture { by, reason, at } = command;
    if let Venture::Withdrawn { was, reason: known, .. } = state
        && was.lister == by
        && *known == reason
    {
        return Ok(vec![]);
    }
    own(state, by)?;
    Ok(vec![Event::VentureWithdrawn(VentureWithdrawn { reason, at })])
}

/// Each look is a further event: what is recorded is who saw what when, not merely that somebody once did.
fn view(state: &Venture, command: ViewDeal) -> Result<Vec<Event>, Rejection> {
    let ViewDeal { investor, person, at } = command;
    let listed = offered_to(state, &investor)?;
    Ok(vec![Event::DealViewed(DealViewed {
        investor: investor.id,
        person,
        contract: investor.contract.id,
        contract_revision: investor.contract.revision,
        card: listed.number(),
        at,
    })])
}

fn express_interest(state: &Venture, command: ExpressInterest) -> Result<Vec<Event>, Rejection> {
    let ExpressInterest { investor, message, at } = command;
    let listed = offered_to(state, &investor)?;
    if !listed.has_shown(investor.id) {
        return Err(Rejection::NotViewed { investor: investor.id });
    }
    let known = listed.investors.get(&investor.id).and_then(|following| following.interest.as_ref());
    if known.is_some_and(|known| known.message == message && known.contract == investor.contract.id) {
        return Ok(vec![]);
    }
    Ok(vec![Event::InterestExpressed(InterestExpressed {
        investor: investor.id,
        contract: investor.contract.id,
        contract_revision: investor.contract.revision,
        message,
        at,
    })])
}

fn open_room(state: &Venture, command: OpenDataRoom) -> Result<Vec<Event>, Rejection> {
    let OpenDataRoom { by, contract, investor, investor_contract, reference, valid_until, at } = command;
    let listed = own(state, by)?;
    let following = listed.investors.get(&investor).filter(|following| following.interest.is_some());
    let (Some(following), Some(agreement)) = (following, investor_contract) else {
        return Err(Rejection::NotInterested { investor });
    };
    check_room_end(valid_until, at)?;
    if following.room.as_ref() == Some(&DataRoom { reference: reference.clone(), valid_until }) {
        return Ok(vec![]);
    }
    check_listing(&contract, by).map_err(Rejection::ListingNotCovered)?;
    // Whose agreement it is and of what kind was decided when the interest was told: only its status can have changed.
    let not_covered = |_| Rejection::InvestorNotCovered { investor, status: agreement.status };
    agreement.check(investor, ContractKind::Investor).map_err(not_covered)?;
    Ok(vec![Event::DataRoomOpened(DataRoomOpened { investor, reference, valid_until, at })])
}

fn enter_room(state: &Venture, command: EnterDataRoom) -> Result<Vec<Event>, Rejection> {
    let EnterDataRoom { investor, person, at } = command;
    let listed = offered_to(state, &investor)?;
    let room = listed.investors.get(&investor.id).and_then(|following| following.room.as_ref());
    let room = room.ok_or(Rejection::NoDataRoom { investor: investor.id })?;
    if room.valid_until <= at {
        return Err(Rejection::DataRoomClosed { valid_until: room.valid_until });
    }
    Ok(vec![Event::DataRoomEntered(DataRoomEntered {
        investor: investor.id,
        person,
        contract: investor.contract.id,
        contract_revision: investor.contract.revision,
        reference: room.reference.clone(),
        at,
    })])
}

fn form_joint_venture(state: &Venture, command: FormJointVenture) -> Result<Vec<Event>, Rejection> {
    let FormJointVenture { by, contract, name, parties, investments, purpose, at } = command;
    let listed = own(state, by)?;
    if parties.len() < 2 {
        return Err(Rejection::TooFewParties { parties: parties.len() });
    }
    at_most("parties", parties.len(), MOST_PARTIES)?;
    if !parties.contains_key(&by) {
        return Err(Rejection::ListerIsNoParty { lister: by });
    }
    let names: BTreeSet<OrganisationId> = parties.keys().copied().collect();
    if let Some(known) = listed.joint_ventures.get(&name) {
        let again = known.parties == names && known.purpose == purpose;
        return if again { Ok(vec![]) } else { Err(Rejection::JointVentureStands { name }) };
    }
    at_most("joint ventures", listed.joint_ventures.len() + 1, MOST_PARTIES)?;
    at_most("investments", investments.len(), MOST_PARTIES)?;
    let invested = investors_of(listed.id, &investments)?;
    for (organisation, capacities) in parties {
        let capacities = capacities.ok_or(Rejection::PartyNotRegistered { organisation })?;
        if capacities.iter().any(|capacity| capacity.runs_the_platform()) {
            return Err(Rejection::PlatformIsNoParty { organisation });
        }
        let involved =
            organisation == by || listed.interests(organisation) || invested.contains(&organisation);
        if !involved {
            return Err(Rejection::PartyNotInvolved { organisation });
        }
    }
    check_listing(&contract, by).map_err(Rejection::ListingNotCovered)?;
    Ok(vec![Event::JointVentureFormed(JointVentureFormed { name, parties: names, purpose, at })])
}

/// Who has made the investments, each of which stands and is in this venture.
fn investors_of(
    venture: VentureId,
    investments: &BTreeMap<InvestmentId, Arc<Investment>>,
) -> Result<BTreeSet<OrganisationId>, Rejection> {
    let investor = |(id, investment): (&InvestmentId, &Arc<Investment>)| match &**investment {
        Investment::Made(Made { deal, .. }) if deal.card.is_some_and(|card| card.venture == venture) => {
            Ok(deal.investor)
        }
        Investment::Vacant | Investment::Made(_) | Investment::Withdrawn { .. } => {
            Err(Rejection::NotInvested { investment: *id })
        }
    };
    investments.iter().map(investor).collect()
}

/// Ventures are listed under a member's or a vendor's contract: whichever it is, it is one's own and in force.
pub(crate) fn check_listing(contract: &ContractNow, lister: OrganisationId) -> Result<(), NotCovered> {
    let [members, vendors] = LISTING;
    let needed = if contract.kind == members { members } else { vendors };
    contract.check(lister, needed).map_err(|refused| match refused {
        NotCovered::OtherKind { kind, needed: _ } => NotCovered::NeitherKind { kind, needed: LISTING },
        other => other,
    })
}

/// The venture, for an investor who may see it. Whether one may comes first: without an agreement nobody learns
/// so much as what became of a venture.
fn offered_to<'s>(state: &'s Venture, investor: &InvestorNow) -> Result<&'s Listed, Rejection> {
    investor.check().map_err(Rejection::NoInvestor)?;
    let listed = still_listed(state)?;
    if listed.lister == investor.id {
        return Err(Rejection::OwnVenture { organisation: investor.id });
    }
    Ok(listed)
}

/// The venture, for its lister.
fn own(state: &Venture, by: OrganisationId) -> Result<&Listed, Rejection> {
    let listed = state.card().ok_or(Rejection::NotListed)?;
    if listed.lister != by {
        return Err(Rejection::NotTheLister { id: listed.id, organisation: by });
    }
    still_listed(state)
}

fn still_listed(state: &Venture) -> Result<&Listed, Rejection> {
    match state {
        Venture::Vacant => Err(Rejection::NotListed),
        Venture::Listed(listed) => Ok(listed),
        Venture::Withdrawn { was, .. } => Err(Rejection::Withdrawn { id: was.id }),
    }
}

fn check_card(card: &DealCard) -> Result<(), Rejection> {
    let amount = card.teaser.amount_sought;
    if amount.minor_units() <= 0 {
        return Err(Rejection::NothingSought { amount });
    }
    at_most("forms in kind", card.full.in_kind_wanted.len(), MOST_IN_KIND)
}

fn check_room_end(valid_until: Timestamp, now: Timestamp) -> Result<(), Rejection> {
    if valid_until <= now { Err(Rejection::RoomEndsAtOnce { valid_until, now }) } else { Ok(()) }
}

fn at_most(what: &'static str, entries: usize, most: usize) -> Result<(), Rejection> {
    if entries > most { Err(Rejection::TooManyEntries { what, entries, most }) } else { Ok(()) }
}
