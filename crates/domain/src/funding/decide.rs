//! Which fundings may not be recorded.

use money::Money;

use crate::{
    funding::{AgreeFunding, Command, Event, Funding, FundingAgreed},
    id::{FundingId, OrganisationId},
    organisation::Capacity,
    terms::MOST_AMOUNT,
    time::Month,
};

/// The most months of one funding.
pub const MOST_MONTHS: u32 = 120;

/// Why a command to a funding was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    /// The funding was recorded before, with other particulars.
    #[error("funding {id} has already been recorded with other particulars")]
    AlreadyAgreed {
        /// The funding.
        id: FundingId,
    },
    /// Who receives is no base operator.
    #[error("{organisation} is no base operator")]
    NotABaseOperator {
        /// The organisation.
        organisation: OrganisationId,
    },
    /// The amount is nothing, or less.
    #[error("a funding of {amount} is none: it must be above zero")]
    NothingAgreed {
        /// The amount.
        amount: Money,
    },
    /// The amount is more than one funding gives.
    #[error("a funding of {amount} is more than {MOST_AMOUNT}")]
    TooMuchAgreed {
        /// The amount.
        amount: Money,
    },
    /// It would hold no month.
    #[error("a funding ends after it starts, but {end} is not after {start}")]
    NoMonth {
        /// The first month.
        start: Month,
        /// The first month after it.
        end: Month,
    },
    /// It would hold more months than are kept.
    #[error("{months} months are more than {most}")]
    TooManyMonths {
        /// How many there are.
        months: u32,
        /// How many there may be.
        most: u32,
    },
    /// It would change the income of a closed month.
    #[error("a funding cannot start in {start}: periods are closed through {closed_through}")]
    StartInClosedPeriod {
        /// The first month.
        start: Month,
        /// The last closed month.
        closed_through: Month,
    },
}

pub(super) fn decide(state: &Funding, command: Command) -> Result<Vec<Event>, Rejection> {
    let Command::AgreeFunding(AgreeFunding {
        id,
        funder,
        recipient,
        recipient_capacities,
        amount,
        start,
        end,
        reason,
        closed_through,
        at,
    }) = command;
    if let Some(known) = state.agreed() {
        let again = FundingAgreed { id, funder, recipient, amount, start, end, reason, at: known.at };
        return if *known == again { Ok(vec![]) } else { Err(Rejection::AlreadyAgreed { id: known.id }) };
    }
    if !recipient_capacities.contains(&Capacity::BaseOperator) {
        return Err(Rejection::NotABaseOperator { organisation: recipient });
    }
    if amount.minor_units() <= 0 {
        return Err(Rejection::NothingAgreed { amount });
    }
    if amount.minor_units() > MOST_AMOUNT {
        return Err(Rejection::TooMuchAgreed { amount });
    }
    if end <= start {
        return Err(Rejection::NoMonth { start, end });
    }
    let months = end.index().abs_diff(start.index());
    if months > MOST_MONTHS {
        return Err(Rejection::TooManyMonths { months, most: MOST_MONTHS });
    }
    if let Some(closed_through) = closed_through.filter(|closed| start <= *closed) {
        return Err(Rejection::StartInClosedPeriod { start, closed_through });
    }
    let agreed = FundingAgreed { id, funder, recipient, amount, start, end, reason, at };
    Ok(vec![Event::FundingAgreed(agreed)])
}
