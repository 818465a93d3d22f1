//! What is no investment that the platform records.

use std::collections::BTreeSet;

use money::Money;

use crate::{
    id::{InvestmentId, OrganisationId},
    investment::{Command, Event, Investment, InvestmentMade, RecordInvestment},
    organisation::Capacity,
};

/// Why a command to an investment was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    /// Nothing, or less, would be invested.
    #[error("an amount of {amount} is not more than nothing")]
    AmountNotPositive {
        /// The amount.
        amount: Money,
    },
    /// An organisation invests in itself.
    #[error("{organisation} cannot invest in itself")]
    OwnVenture {
        /// The organisation.
        organisation: OrganisationId,
    },
    /// The investment stands, with other particulars.
    #[error("investment {id} has already been recorded with other particulars")]
    AlreadyMade {
        /// The investment.
        id: InvestmentId,
    },
    /// Only investors record investments.
    #[error("{organisation} is no investor today")]
    NotAnInvestor {
        /// The organisation.
        organisation: OrganisationId,
    },
    /// The venture is unknown here.
    #[error("{organisation} is not registered")]
    VentureNotRegistered {
        /// The organisation.
        organisation: OrganisationId,
    },
    /// The platform is never a party of a deal (§3.6.3(4)).
    #[error("{organisation} runs the platform, which is never a party of a deal")]
    PlatformIsNoParty {
        /// The organisation.
        organisation: OrganisationId,
    },
}

pub(super) fn decide(state: &Investment, command: Command) -> Result<Vec<Event>, Rejection> {
    let Command::RecordInvestment(command) = command;
    let RecordInvestment { id, deal, investor_capacities, venture_capacities, at } = command;
    if deal.amount.minor_units() <= 0 {
        return Err(Rejection::AmountNotPositive { amount: deal.amount });
    }
    if deal.investor == deal.venture {
        return Err(Rejection::OwnVenture { organisation: deal.investor });
    }
    if let Investment::Made { id: known, deal: made, .. } = state {
        let again = *known == id && *made == deal;
        return if again { Ok(vec![]) } else { Err(Rejection::AlreadyMade { id: *known }) };
    }
    if !investor_capacities.contains(&Capacity::Investor) {
        return Err(Rejection::NotAnInvestor { organisation: deal.investor });
    }
    let Some(venture_capacities) = venture_capacities else {
        return Err(Rejection::VentureNotRegistered { organisation: deal.venture });
    };
    for (organisation, capacities) in
        [(deal.investor, investor_capacities), (deal.venture, venture_capacities)]
    {
        if runs_the_platform(&capacities) {
            return Err(Rejection::PlatformIsNoParty { organisation });
        }
    }
    Ok(vec![Event::InvestmentMade(InvestmentMade { id, deal, at })])
}

fn runs_the_platform(capacities: &BTreeSet<Capacity>) -> bool {
    capacities.iter().any(|capacity| matches!(capacity, Capacity::BaseOperator | Capacity::Promoter))
}
