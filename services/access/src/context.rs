//! What the handlers share: the aggregates, and what they look up in other contexts.

use std::{num::NonZeroUsize, sync::Arc};

use domain::{
    access::{Access, ContractNow},
    contract::Contract,
    dataset::{Dataset, Provision},
    id::{ContractId, DatasetId, OrderId, OrganisationId},
    order::Order,
    organisation::Organisation,
};
use engine::{
    Aggregates, Authorised, Contracts, Gate, Known, Lookup, Projection, Refusal, Reservations, SnapshotStore,
    Snapshots, parse::id, refusal_of_read,
};
use event_log::{EventLog, Guard, StreamName};
use events::Category;

use crate::usage_index::UsageIndex;

const HOT_CONTRACTS: NonZeroUsize = NonZeroUsize::new(10_000).unwrap();
const HOT_DATASETS: NonZeroUsize = NonZeroUsize::new(10_000).unwrap();
const HOT_INSTITUTIONS: NonZeroUsize = NonZeroUsize::new(10_000).unwrap();
const HOT_ORDERS: NonZeroUsize = NonZeroUsize::new(10_000).unwrap();

/// A snapshot of a contract's use is kept after so many events: a cold contract is then at most so many
/// events away from hot.
const SNAPSHOT_EVERY: u64 = 256;

/// What the base operator has decided and may decide otherwise.
#[derive(Clone, Copy, Debug)]
pub struct Policy {
    /// For how many days a metered record may settle an admission; after that it stands as admitted.
    pub settle_within_days: u32,
    /// How many refusals of one organisation are written in a minute; more are refused all the same, and only
    /// counted.
    pub denials_per_minute: u32,
}

impl Default for Policy {
    fn default() -> Self {
        Self { settle_within_days: 30, denials_per_minute: 60 }
    }
}

/// What the handlers share.
pub(crate) struct Context {
    pub(crate) log: Arc<dyn EventLog>,
    pub(crate) gate: Arc<Gate>,
    pub(crate) policy: Policy,
    pub(crate) datasets: Aggregates<Dataset>,
    pub(crate) uses: Aggregates<Access>,
    pub(crate) reservations: Reservations,
    pub(crate) index: Arc<Projection<UsageIndex>>,
    contracts: Lookup<Contract>,
    provided_under: Contracts,
    described: Lookup<Dataset>,
    organisations: Lookup<Organisation>,
    orders: Lookup<Order>,
}

/// How fresh a looked-up fact must be.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Freshness {
    /// As last seen: a guard finds out if it has moved.
    Recent,
    /// As it is now.
    Now,
}

impl Context {
    pub(crate) fn new(
        log: Arc<dyn EventLog>,
        gate: Arc<Gate>,
        index: Arc<Projection<UsageIndex>>,
        snapshots: Arc<dyn SnapshotStore>,
        policy: Policy,
    ) -> Self {
        let snapshots = Snapshots::new(snapshots, SNAPSHOT_EVERY);
        Self {
            gate,
            policy,
            datasets: Aggregates::new(log.clone(), HOT_DATASETS),
            uses: Aggregates::new(log.clone(), HOT_CONTRACTS).with_snapshots(snapshots),
            reservations: Reservations::new(log.clone()),
            index,
            contracts: Lookup::new(log.clone(), HOT_CONTRACTS),
            provided_under: Contracts::new(log.clone()),
            described: Lookup::new(log.clone(), HOT_DATASETS),
            organisations: Lookup::new(log.clone(), HOT_INSTITUTIONS),
            orders: Lookup::new(log.clone(), HOT_ORDERS),
            log,
        }
    }

    /// A contract whose member is the caller. Others learn no more than that there is none of theirs.
    pub(crate) async fn contract_of<T>(
        &self,
        contract: ContractId,
        request: &Authorised<T>,
        fresh: Freshness,
    ) -> Result<Known<Contract>, Refusal> {
        let known = self.contract(contract, fresh).await?;
        let application = known.state.application();
        match application {
            Some(application) if application.applicant == request.caller().organisation => Ok(known),
            _ => Err(Refusal::not_found(contract)),
        }
    }

    /// By what right the caller offers a dataset: those who run the forum need no contract, a data provider names
    /// its own. With the guard on which that stands.
    pub(crate) async fn provision<T>(
        &self,
        contract: &str,
        request: &Authorised<T>,
    ) -> Result<(Provision, Option<Guard>), Refusal> {
        const FIELD: &str = "contract_id";
        if request.is_operator() {
            return match contract {
                "" => Ok((Provision::ByOperator, None)),
                _ => Err(Refusal::invalid(FIELD, "is for data providers; those who run the forum need none")),
            };
        }
        let (contract, caller) = (id(FIELD, contract)?, request.caller().organisation);
        let under = self.provided_under.of(FIELD, contract, caller, request.at()).await?;
        Ok((Provision::Under(under.now), Some(under.guard)))
    }

    /// A contract whose member is the caller, or any if the caller runs the forum: its meters are the
    /// platform's as well as the member's.
    pub(crate) async fn metered_contract<T>(
        &self,
        contract: ContractId,
        request: &Authorised<T>,
        fresh: Freshness,
    ) -> Result<Known<Contract>, Refusal> {
        if !request.is_operator() {
            return self.contract_of(contract, request, fresh).await;
        }
        let known = self.contract(contract, fresh).await?;
        if known.state.application().is_none() {
            return Err(Refusal::not_found(contract));
        }
        Ok(known)
    }

    /// A dataset as other contexts' facts are: folded from its events.
    pub(crate) async fn dataset(
        &self,
        dataset: DatasetId,
        fresh: Freshness,
    ) -> Result<Known<Dataset>, Refusal> {
        let stream = Category::Dataset.stream(dataset);
        match fresh {
            Freshness::Recent => self.described.recent(&stream).await,
            Freshness::Now => self.described.now(&stream).await,
        }
    }

    /// Refuses an order that was never placed. Metering asks no more: a use has happened, for whichever order it is
    /// said to have been, and rating attributes it to the order of a side of it alone.
    pub(crate) async fn check_order(&self, field: &str, order: OrderId) -> Result<(), Refusal> {
        let stream = Category::Order.stream(order);
        match self.log.stream_revision(&stream).await.map_err(refusal_of_read)? {
            Some(_) => Ok(()),
            None => Err(Refusal::invalid(field, format!("{order} does not exist"))),
        }
    }

    /// Refuses an order that is not the caller's, as its member or as one of its sellers. To anybody else it does not
    /// exist, so that nobody learns of orders by trying. Who its sides are never changes, so nothing needs a guard.
    pub(crate) async fn check_own_order<T>(
        &self,
        field: &str,
        order: OrderId,
        request: &Authorised<T>,
    ) -> Result<(), Refusal> {
        let known = self.orders.now(&Category::Order.stream(order)).await?;
        if known.state.audience().contains(&request.caller().organisation) {
            Ok(())
        } else {
            Err(Refusal::invalid(field, format!("{order} does not exist")))
        }
    }

    /// Refuses a composition that names organisations which are not registered, and tells on what it stands.
    pub(crate) async fn check_institutions(
        &self,
        institutions: &[OrganisationId],
    ) -> Result<Vec<Guard>, Refusal> {
        let mut guards = Vec::with_capacity(institutions.len());
        for (index, institution) in institutions.iter().enumerate() {
            let known = self.organisations.now(&Category::Organisation.stream(*institution)).await?;
            if known.state.profile().is_none() {
                let field = format!("composition[{index}].institution_id");
                return Err(Refusal::invalid(field, format!("{institution} is not registered")));
            }
            guards.push(known.guard());
        }
        Ok(guards)
    }

    async fn contract(&self, contract: ContractId, fresh: Freshness) -> Result<Known<Contract>, Refusal> {
        let stream = Category::Contract.stream(contract);
        match fresh {
            Freshness::Recent => self.contracts.recent(&stream).await,
            Freshness::Now => self.contracts.now(&stream).await,
        }
    }
}

/// The contract as a fact of a command.
pub(crate) fn contract_now(known: &Known<Contract>) -> ContractNow {
    ContractNow { contract: known.state.clone(), revision: known.revision.unwrap_or_default() }
}

/// The stream of all use under a contract.
pub(crate) fn use_of(contract: ContractId) -> StreamName {
    Category::Access.stream(contract)
}
