//! What may not be done with a consortium.

use std::collections::BTreeMap;

use money::Decimal;

use crate::{
    consortium::{
        Command, Consortium, ConsortiumJoined, ConsortiumProposed, Event, JoinConsortium, Proposal,
        ProposeConsortium,
    },
    contract::ContractKind,
    id::{ConsortiumId, ContractId, OrganisationId},
    under_contract::NotCovered,
};

/// The most members of one consortium.
pub const MOST_MEMBERS: usize = 20;

/// Why a command to a consortium was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    /// One vendor is no consortium, and too many are not kept.
    #[error("{members} members are not 2 to {MOST_MEMBERS}")]
    MembersOutOfRange {
        /// How many.
        members: usize,
    },
    /// A member stands twice in the split.
    #[error("{member} stands twice in the split")]
    MemberTwice {
        /// The member.
        member: OrganisationId,
    },
    /// A member gets something.
    #[error("{percentage} % is not above 0 and at most 100")]
    InvalidPercentage {
        /// Which share, from 0, as it was sent.
        index: usize,
        /// The percentage.
        percentage: Decimal,
    },
    /// The shares are the whole.
    #[error("the percentages sum to {sum}, not to 100")]
    PercentagesNotHundred {
        /// What they sum to.
        sum: Decimal,
    },
    /// Who leads a consortium is in it.
    #[error("{lead} proposes the consortium and must be a member of it")]
    LeadNotAMember {
        /// The lead.
        lead: OrganisationId,
    },
    /// The consortium stands, with other particulars.
    #[error("consortium {id} has already been proposed with other particulars")]
    AlreadyProposed {
        /// The consortium.
        id: ConsortiumId,
    },
    /// Nobody has proposed it.
    #[error("the consortium does not exist")]
    NotProposed,
    /// The split has no share for the organisation.
    #[error("{organisation} is not a member of consortium {id}")]
    NotAMember {
        /// The consortium.
        id: ConsortiumId,
        /// Who is not a member.
        organisation: OrganisationId,
    },
    /// The member has joined under another contract.
    #[error("{organisation} has already joined under contract {contract}")]
    AlreadyJoined {
        /// The member.
        organisation: OrganisationId,
        /// Under which contract.
        contract: ContractId,
    },
    /// The contract does not cover it.
    #[error(transparent)]
    NotCovered(#[from] NotCovered),
}

pub(super) fn decide(state: &Consortium, command: Command) -> Result<Vec<Event>, Rejection> {
    match command {
        Command::ProposeConsortium(command) => propose(state, command),
        Command::JoinConsortium(command) => join(state, command),
    }
}

fn propose(state: &Consortium, command: ProposeConsortium) -> Result<Vec<Event>, Rejection> {
    let ProposeConsortium { id, name, lead, contract, shares, at } = command;
    let shares = check_shares(&shares)?;
    if !shares.contains_key(&lead) {
        return Err(Rejection::LeadNotAMember { lead });
    }
    if let Some(known) = state.proposal() {
        let Proposal {
            id: known_id, name: known_name, lead: known_lead, shares: known_shares, joined, ..
        } = known;
        let again = (known_id, known_name, known_lead, known_shares) == (&id, &name, &lead, &shares)
            && joined.get(&lead) == Some(&contract.id);
        return if again { Ok(vec![]) } else { Err(Rejection::AlreadyProposed { id: known.id }) };
    }
    contract.check(lead, ContractKind::VendorParticipation)?;
    let (contract, contract_revision) = (contract.id, contract.revision);
    Ok(vec![Event::ConsortiumProposed(ConsortiumProposed {
        id,
        name,
        lead,
        contract,
        contract_revision,
        shares,
        at,
    })])
}

fn join(state: &Consortium, command: JoinConsortium) -> Result<Vec<Event>, Rejection> {
    let JoinConsortium { member, contract, at } = command;
    let proposal = state.proposal().ok_or(Rejection::NotProposed)?;
    if !proposal.has_member(member) {
        return Err(Rejection::NotAMember { id: proposal.id, organisation: member });
    }
    match proposal.joined.get(&member) {
        Some(known) if *known == contract.id => return Ok(vec![]),
        Some(known) => return Err(Rejection::AlreadyJoined { organisation: member, contract: *known }),
        None => {}
    }
    contract.check(member, ContractKind::VendorParticipation)?;
    let (contract, contract_revision) = (contract.id, contract.revision);
    Ok(vec![Event::ConsortiumJoined(ConsortiumJoined { member, contract, contract_revision, at })])
}

/// The shares by member, if they are the whole and each member stands there once.
fn check_shares(
    shares: &[(OrganisationId, Decimal)],
) -> Result<BTreeMap<OrganisationId, Decimal>, Rejection> {
    if !(2..=MOST_MEMBERS).contains(&shares.len()) {
        return Err(Rejection::MembersOutOfRange { members: shares.len() });
    }
    let mut by_member = BTreeMap::new();
    for (index, (member, percentage)) in shares.iter().enumerate() {
        if percentage.is_zero() || percentage.is_negative() || *percentage > Decimal::HUNDRED {
            return Err(Rejection::InvalidPercentage { index, percentage: *percentage });
        }
        if by_member.insert(*member, *percentage).is_some() {
            return Err(Rejection::MemberTwice { member: *member });
        }
    }
    // Twenty numbers of at most 100 always have a sum.
    let sum = by_member.values().try_fold(Decimal::ZERO, |sum, percentage| sum.checked_add(*percentage));
    let sum = sum.unwrap_or_default();
    if sum != Decimal::HUNDRED {
        return Err(Rejection::PercentagesNotHundred { sum });
    }
    Ok(by_member)
}
