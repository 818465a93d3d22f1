//! Which credits may not be granted.

use money::Money;

use crate::{
    contract::ContractKind,
    credit::{Command, Credit, CreditGranted, Event, GrantCredit},
    id::{ContractId, CreditId, OrganisationId},
    organisation::Capacity,
    terms::{ChargeKind, MOST_AMOUNT},
    time::{Month, Timestamp},
};

/// Why a command to a credit was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    /// The credit was granted before, with other particulars.
    #[error("credit {id} has already been granted with other particulars")]
    AlreadyGranted {
        /// The credit.
        id: CreditId,
    },
    /// What was named is charged to a member, and not credited.
    #[error("{charge_kind} is no credit: only {} is", ChargeKind::PUBLICATION_INCENTIVE)]
    NotACredit {
        /// What was named.
        charge_kind: ChargeKind,
    },
    /// Who gives is no base operator.
    #[error("{organisation} is no base operator")]
    NotABaseOperator {
        /// The organisation.
        organisation: OrganisationId,
    },
    /// The amount is nothing, or less.
    #[error("a credit of {amount} is none: it must be above zero")]
    NothingGranted {
        /// The amount.
        amount: Money,
    },
    /// The amount is more than one credit gives.
    #[error("a credit of {amount} is more than {MOST_AMOUNT}")]
    TooMuchGranted {
        /// The amount.
        amount: Money,
    },
    /// The contract is with somebody who is no member.
    #[error("contract {contract} is of the kind {kind}: credits are for members")]
    NotAMember {
        /// The contract.
        contract: ContractId,
        /// Its kind.
        kind: ContractKind,
    },
    /// The contract has never been in force.
    #[error("contract {contract} has not come into force")]
    NotYetInForce {
        /// The contract.
        contract: ContractId,
    },
    /// The month is before the contract's first.
    #[error("contract {contract} came into force in {first} only, after {month}")]
    BeforeContract {
        /// The contract.
        contract: ContractId,
        /// The month that was asked for.
        month: Month,
        /// The first month of the contract.
        first: Month,
    },
    /// The month has not begun.
    #[error("{month} has not begun at {now}")]
    InTheFuture {
        /// The month that was asked for.
        month: Month,
        /// The instant of the question.
        now: Timestamp,
    },
    /// The month is closed.
    #[error("{month} is closed: periods are closed through {closed_through}")]
    InClosedPeriod {
        /// The month that was asked for.
        month: Month,
        /// The last closed month.
        closed_through: Month,
    },
}

pub(super) fn decide(state: &Credit, command: Command) -> Result<Vec<Event>, Rejection> {
    let Command::GrantCredit(GrantCredit {
        id,
        contract,
        charge_kind,
        amount,
        month,
        reason,
        granted_by,
        granter_capacities,
        at,
    }) = command;
    if let Some(known) = state.granted() {
        let (contract, member) = (contract.id, contract.member);
        let at = known.at;
        let again =
            CreditGranted { id, contract, member, charge_kind, amount, month, reason, granted_by, at };
        return if *known == again { Ok(vec![]) } else { Err(Rejection::AlreadyGranted { id: known.id }) };
    }
    if charge_kind != ChargeKind::publication_incentive() {
        return Err(Rejection::NotACredit { charge_kind });
    }
    if !granter_capacities.contains(&Capacity::BaseOperator) {
        return Err(Rejection::NotABaseOperator { organisation: granted_by });
    }
    if amount.minor_units() <= 0 {
        return Err(Rejection::NothingGranted { amount });
    }
    if amount.minor_units() > MOST_AMOUNT {
        return Err(Rejection::TooMuchGranted { amount });
    }
    if contract.kind != ContractKind::Member {
        return Err(Rejection::NotAMember { contract: contract.id, kind: contract.kind });
    }
    let Some(activated_at) = contract.activated_at.filter(|activated_at| *activated_at <= at) else {
        return Err(Rejection::NotYetInForce { contract: contract.id });
    };
    let first = Month::of(activated_at);
    if month < first {
        return Err(Rejection::BeforeContract { contract: contract.id, month, first });
    }
    if Month::of(at) < month {
        return Err(Rejection::InTheFuture { month, now: at });
    }
    if let Some(closed_through) = contract.closed_through.filter(|closed| month <= *closed) {
        return Err(Rejection::InClosedPeriod { month, closed_through });
    }
    let (contract, member) = (contract.id, contract.member);
    let granted = CreditGranted { id, contract, member, charge_kind, amount, month, reason, granted_by, at };
    Ok(vec![Event::CreditGranted(granted)])
}
