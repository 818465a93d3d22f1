//! What a command stands on beside its own stream: looked up in other events, and guarded.

use std::{
    collections::{BTreeMap, BTreeSet},
    num::NonZeroUsize,
    sync::Arc,
};

use domain::{
    id::{ContractId, InvestmentId, OrganisationId, VentureId},
    investment::Investment,
    organisation::{Capacity, Organisation},
    time::Timestamp,
    under_contract::ContractNow,
    venture::{InvestorNow, Venture, VentureNow},
};
use engine::{Contracts, Investors, Known, Lookup, Reason, Refusal};
use event_log::{EventLog, Guard};
use events::Category;

const KNOWN: NonZeroUsize = NonZeroUsize::new(10_000).unwrap();

/// The look-ups of this context.
pub(crate) struct Facts {
    contracts: Contracts,
    investors: Investors,
    organisations: Lookup<Organisation>,
    ventures: Lookup<Venture>,
    investments: Lookup<Investment>,
}

/// The capacities of organisations; `None` of one that is not registered.
pub(crate) type Capacities = BTreeMap<OrganisationId, Option<BTreeSet<Capacity>>>;

impl Facts {
    pub(crate) fn new(log: &Arc<dyn EventLog>) -> Self {
        Self {
            contracts: Contracts::new(log.clone()),
            investors: Investors::new(log.clone()),
            organisations: Lookup::new(log.clone(), KNOWN),
            ventures: Lookup::new(log.clone(), KNOWN),
            investments: Lookup::new(log.clone(), KNOWN),
        }
    }

    /// An organisation's own contract that the request names.
    pub(crate) async fn own_contract(
        &self,
        contract: ContractId,
        organisation: OrganisationId,
        at: Timestamp,
    ) -> Result<(ContractNow, Guard), Refusal> {
        let under = self.contracts.of("contract_id", contract, organisation, at).await?;
        Ok((under.now, under.guard))
    }

    /// A contract that follows from what a field names.
    pub(crate) async fn contract_behind(
        &self,
        field: &str,
        contract: ContractId,
        at: Timestamp,
    ) -> Result<(ContractNow, Guard), Refusal> {
        let under = self.contracts.any(field, contract, at).await?;
        Ok((under.now, under.guard))
    }

    /// An organisation that wants to act as an investor under its own agreement.
    pub(crate) async fn investor(
        &self,
        organisation: OrganisationId,
        contract: ContractId,
        at: Timestamp,
    ) -> Result<(InvestorNow, [Guard; 2]), Refusal> {
        self.investors.now(organisation, contract, at).await
    }

    /// A venture that somebody has listed.
    pub(crate) async fn venture(&self, venture: VentureId) -> Result<(VentureNow, Guard), Refusal> {
        let known = self.ventures.now(&Category::Venture.stream(venture)).await?;
        let now = VentureNow::of(&known.state).ok_or_else(|| missing_venture(venture))?;
        Ok((now, known.guard()))
    }

    /// A venture that somebody has listed, and whether an investor was shown its full card.
    pub(crate) async fn venture_for(
        &self,
        venture: VentureId,
        investor: OrganisationId,
    ) -> Result<(VentureNow, bool, Guard), Refusal> {
        let known = self.ventures.now(&Category::Venture.stream(venture)).await?;
        let now = VentureNow::of(&known.state).ok_or_else(|| missing_venture(venture))?;
        let viewed = known.state.card().is_some_and(|listed| listed.has_shown(investor));
        Ok((now, viewed, known.guard()))
    }

    pub(crate) async fn capacities(
        &self,
        organisation: OrganisationId,
        at: Timestamp,
    ) -> Result<(BTreeSet<Capacity>, Guard), Refusal> {
        let known = self.organisation(organisation).await?;
        Ok((known.state.capacities_on(at), known.guard()))
    }

    /// The capacities of several organisations, some of which may be unknown.
    pub(crate) async fn all_capacities(
        &self,
        organisations: &BTreeSet<OrganisationId>,
        at: Timestamp,
    ) -> Result<(Capacities, Vec<Guard>), Refusal> {
        let (mut capacities, mut guards) = (Capacities::new(), Vec::new());
        for organisation in organisations {
            let known = self.organisation(*organisation).await?;
            let held = known.state.profile().map(|_| known.state.capacities_on(at));
            capacities.insert(*organisation, held);
            guards.push(known.guard());
        }
        Ok((capacities, guards))
    }

    /// Investments as they are now, some of which may never have been made.
    pub(crate) async fn investments(
        &self,
        investments: &BTreeSet<InvestmentId>,
    ) -> Result<(BTreeMap<InvestmentId, Arc<Investment>>, Vec<Guard>), Refusal> {
        let (mut found, mut guards) = (BTreeMap::new(), Vec::new());
        for investment in investments {
            let known = self.investments.now(&Category::Investment.stream(*investment)).await?;
            guards.push(known.guard());
            found.insert(*investment, known.state);
        }
        Ok((found, guards))
    }

    async fn organisation(&self, id: OrganisationId) -> Result<Known<Organisation>, Refusal> {
        self.organisations.now(&Category::Organisation.stream(id)).await
    }
}

/// There is no such venture, or none that concerns the caller.
pub(crate) fn missing_venture(venture: VentureId) -> Refusal {
    Refusal::field(Reason::NotFound, "venture_id", format!("{venture} does not exist"))
}
