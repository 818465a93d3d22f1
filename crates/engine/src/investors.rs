//! Who acts as an investor, as a fact of a decision or a question: looked up in the log in one place, and refused in
//! one way.

use std::{num::NonZeroUsize, sync::Arc};

use domain::{
    id::{ContractId, OrganisationId},
    organisation::{Capacity, Organisation},
    time::Timestamp,
    venture::{InvestorNow, NoInvestor},
};
use event_log::{EventLog, Guard};
use events::Category;

use crate::{
    error::Refusal,
    lookup::Lookup,
    reason::Reason,
    under_contract::{Contracts, not_covered},
};

/// How many organisations are kept at hand.
const ORGANISATIONS: NonZeroUsize = NonZeroUsize::new(1_000).unwrap();

/// The investors of a log, and their agreements.
pub struct Investors {
    contracts: Contracts,
    organisations: Lookup<Organisation>,
}

impl Investors {
    /// The investors of a log.
    pub fn new(log: Arc<dyn EventLog>) -> Self {
        Self { contracts: Contracts::new(log.clone()), organisations: Lookup::new(log, ORGANISATIONS) }
    }

    /// An organisation that wants to act as an investor under an agreement of its own, named by the field
    /// `contract_id`, as both durably stand now; and what a decision is guarded by that stands on them.
    pub async fn now(
        &self,
        organisation: OrganisationId,
        contract: ContractId,
        at: Timestamp,
    ) -> Result<(InvestorNow, [Guard; 2]), Refusal> {
        let under = self.contracts.of("contract_id", contract, organisation, at).await?;
        let known = self.organisations.now(&Category::Organisation.stream(organisation)).await?;
        let capacities = known.state.capacities_on(at);
        let now = InvestorNow { id: organisation, capacities, contract: under.now };
        Ok((now, [under.guard, known.guard()]))
    }

    /// Refused unless the organisation may see deals now.
    pub async fn check(
        &self,
        organisation: OrganisationId,
        contract: ContractId,
        at: Timestamp,
    ) -> Result<(), Refusal> {
        let (investor, _) = self.now(organisation, contract, at).await?;
        investor.check().map_err(|refused| no_investor(&refused))
    }
}

/// What it means to a caller that it cannot act as an investor; the field `contract_id` names its agreement.
pub fn no_investor(refused: &NoInvestor) -> Refusal {
    match refused {
        NoInvestor::NotCovered(refused) => not_covered("contract_id", refused),
        NoInvestor::LacksCapacity { .. } => Refusal::new(Reason::CapacityRequired, refused.to_string())
            .with("capacity", Capacity::Investor.as_str()),
        NoInvestor::RunsThePlatform { .. } => Refusal::new(Reason::PlatformIsNoParty, refused.to_string()),
    }
}
