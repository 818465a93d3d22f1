//! What other decisions need of a venture and of who invests, as facts.

use std::collections::BTreeSet;

use crate::{
    contract::ContractKind,
    id::{ContractId, OrganisationId, VentureId},
    organisation::Capacity,
    under_contract::{ContractNow, NotCovered},
    venture::Venture,
};

/// Fact: an organisation that wants to act as an investor, and the agreement under which it does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvestorNow {
    /// The organisation.
    pub id: OrganisationId,
    /// The capacities that it holds now.
    pub capacities: BTreeSet<Capacity>,
    /// The agreement that it names.
    pub contract: ContractNow,
}

/// Why somebody cannot act as an investor.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoInvestor {
    /// It does not hold the capacity today.
    #[error("{organisation} is no investor today")]
    LacksCapacity {
        /// The organisation.
        organisation: OrganisationId,
    },
    /// The platform is never a party of a deal (§3.6.3(4)).
    #[error("{organisation} runs the platform, which is never a party of a deal")]
    RunsThePlatform {
        /// The organisation.
        organisation: OrganisationId,
    },
    /// Its agreement does not cover it.
    #[error(transparent)]
    NotCovered(NotCovered),
}

impl InvestorNow {
    /// Whether it may see deals and invest: an investor, apart from the platform, under an agreement of its own
    /// that is in force.
    pub fn check(&self) -> Result<(), NoInvestor> {
        let organisation = self.id;
        self.contract.check(organisation, ContractKind::Investor).map_err(NoInvestor::NotCovered)?;
        if !self.capacities.contains(&Capacity::Investor) {
            return Err(NoInvestor::LacksCapacity { organisation });
        }
        if self.capacities.iter().any(|capacity| capacity.runs_the_platform()) {
            return Err(NoInvestor::RunsThePlatform { organisation });
        }
        Ok(())
    }
}

/// Fact: a venture as it is now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct VentureNow {
    /// The venture.
    pub id: VentureId,
    /// Whose it is.
    pub lister: OrganisationId,
    /// The contract under which it is listed.
    pub contract: ContractId,
    /// Whether its card was taken back.
    pub withdrawn: bool,
}

impl VentureNow {
    /// The fact, from what is known of a venture; `None` if nobody has listed it.
    pub fn of(venture: &Venture) -> Option<Self> {
        let withdrawn = matches!(venture, Venture::Withdrawn { .. });
        let listed = venture.card()?;
        Some(Self { id: listed.id, lister: listed.lister, contract: listed.contract, withdrawn })
    }
}
