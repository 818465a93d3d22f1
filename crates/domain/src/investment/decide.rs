//! What is no investment that the platform records.

use money::Money;

use crate::{
    id::{InvestmentId, OrganisationId, VentureId},
    investment::{
        CardInvestedIn, Command, Deal, Event, Form, Investment, InvestmentMade, InvestmentWithdrawn, Made,
        RecordInvestment, WithdrawInvestment,
    },
    terms::MOST_AMOUNT,
    venture::NoInvestor,
};

/// Why a command to an investment was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    /// Nothing, or less, would be given.
    #[error("an amount of {amount} is not more than nothing")]
    AmountNotPositive {
        /// The amount.
        amount: Money,
        /// Whether it is what a gift in kind is said to be worth.
        estimated: bool,
    },
    /// More would be given than any deal is about: the sums over all of them would not fit.
    #[error("an amount of {amount} is more than {MOST_AMOUNT}")]
    AmountTooLarge {
        /// The amount.
        amount: Money,
        /// Whether it is what a gift in kind is said to be worth.
        estimated: bool,
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
    /// The caller cannot act as an investor.
    #[error(transparent)]
    NoInvestor(NoInvestor),
    /// The venture's card was taken back.
    #[error("venture {id} was withdrawn")]
    VentureWithdrawn {
        /// The venture.
        id: VentureId,
    },
    /// The platform is never a party of a deal (§3.6.3(4)).
    #[error("{organisation} runs the platform, which is never a party of a deal")]
    PlatformIsNoParty {
        /// The organisation.
        organisation: OrganisationId,
    },
    /// The investor has not looked at the full card: nobody invests in what it has not seen.
    #[error("{investor} has not viewed the deal")]
    NotViewed {
        /// The investor.
        investor: OrganisationId,
    },
    /// There is no such investment.
    #[error("the investment was not recorded")]
    NotMade,
    /// Only the investor may do this.
    #[error("{organisation} did not make investment {id}")]
    NotTheInvestor {
        /// The investment.
        id: InvestmentId,
        /// Who wants to.
        organisation: OrganisationId,
    },
    /// The record was taken back before.
    #[error("investment {id} was withdrawn for another reason")]
    AlreadyWithdrawn {
        /// The investment.
        id: InvestmentId,
    },
}

pub(super) fn decide(state: &Investment, command: Command) -> Result<Vec<Event>, Rejection> {
    match command {
        Command::RecordInvestment(command) => record(state, *command),
        Command::WithdrawInvestment(command) => withdraw(state, command),
    }
}

fn record(state: &Investment, command: RecordInvestment) -> Result<Vec<Event>, Rejection> {
    let RecordInvestment { id, investor, venture, viewed, lister_capacities, round, form, at } = command;
    check_form(&form)?;
    if investor.id == venture.lister {
        return Err(Rejection::OwnVenture { organisation: investor.id });
    }
    if let Some(known) = state.made() {
        let again = known.id == id
            && known.deal.investor == investor.id
            && known.deal.card.is_some_and(|card| card.venture == venture.id)
            && known.deal.round == round
            && known.deal.form == form;
        return if again { Ok(vec![]) } else { Err(Rejection::AlreadyMade { id: known.id }) };
    }
    investor.check().map_err(Rejection::NoInvestor)?;
    if venture.withdrawn {
        return Err(Rejection::VentureWithdrawn { id: venture.id });
    }
    if lister_capacities.iter().any(|capacity| capacity.runs_the_platform()) {
        return Err(Rejection::PlatformIsNoParty { organisation: venture.lister });
    }
    if !viewed {
        return Err(Rejection::NotViewed { investor: investor.id });
    }
    let card = CardInvestedIn {
        venture: venture.id,
        contract: investor.contract.id,
        contract_revision: investor.contract.revision,
    };
    let deal = Deal { investor: investor.id, venture: venture.lister, card: Some(card), round, form };
    Ok(vec![Event::InvestmentMade(InvestmentMade { id, deal, at })])
}

fn withdraw(state: &Investment, command: WithdrawInvestment) -> Result<Vec<Event>, Rejection> {
    let WithdrawInvestment { by, reason, at } = command;
    let Made { id, deal, .. } = state.made().ok_or(Rejection::NotMade)?;
    if deal.investor != by {
        return Err(Rejection::NotTheInvestor { id: *id, organisation: by });
    }
    match state {
        Investment::Withdrawn { reason: known, .. } if *known == reason => Ok(vec![]),
        Investment::Withdrawn { .. } => Err(Rejection::AlreadyWithdrawn { id: *id }),
        Investment::Vacant | Investment::Made(_) => {
            Ok(vec![Event::InvestmentWithdrawn(InvestmentWithdrawn { reason, at })])
        }
    }
}

fn check_form(form: &Form) -> Result<(), Rejection> {
    let (amount, estimated) = match form {
        Form::Cash(amount) => (Some(*amount), false),
        Form::InKind(given) => (given.estimated_value, true),
    };
    match amount {
        Some(amount) if amount.minor_units() <= 0 => Err(Rejection::AmountNotPositive { amount, estimated }),
        Some(amount) if amount.minor_units() > MOST_AMOUNT => {
            Err(Rejection::AmountTooLarge { amount, estimated })
        }
        _ => Ok(()),
    }
}
