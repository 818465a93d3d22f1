//! The contract under which something is done, as a fact of the decision: looked up once, guarded, and refused in
//! one way wherever it does not cover the act.

use std::{collections::BTreeSet, num::NonZeroUsize, sync::Arc};

use domain::{
    contract::{Contract, Status},
    id::{ContractId, OrganisationId},
    time::Timestamp,
    under_contract::{ContractNow, NotCovered},
};
use event_log::{EventLog, Guard};
use events::Category;

use crate::{error::Refusal, lookup::Lookup, reason::Reason};

/// How many contracts are kept at hand.
const CONTRACTS: NonZeroUsize = NonZeroUsize::new(10_000).unwrap();

/// The contracts of a log.
pub struct Contracts(Lookup<Contract>);

/// A contract as it is now, and what a decision needs in order to stand on it.
#[derive(Clone, Debug)]
pub struct UnderContract {
    /// The fact.
    pub now: ContractNow,
    /// The decision holds only if the contract has not moved.
    pub guard: Guard,
    /// Whom the contract concerns.
    pub audience: BTreeSet<OrganisationId>,
    /// The contract itself.
    pub contract: Arc<Contract>,
}

impl Contracts {
    /// The contracts of a log.
    pub fn new(log: Arc<dyn EventLog>) -> Self {
        Self(Lookup::new(log, CONTRACTS))
    }

    /// A contract as it durably stands now, for somebody whom it concerns; `field` names it in the request. To
    /// anybody else it does not exist, so that nobody learns who has contracts by trying.
    pub async fn of(
        &self,
        field: &str,
        contract: ContractId,
        concerned: OrganisationId,
        at: Timestamp,
    ) -> Result<UnderContract, Refusal> {
        let found = self.any(field, contract, at).await?;
        if found.audience.contains(&concerned) { Ok(found) } else { Err(missing(field, contract)) }
    }

    /// A contract as it durably stands now, whoever asks: for one that the request does not name itself but that
    /// follows from what it names, such as the contract under which a service is listed.
    pub async fn any(
        &self,
        field: &str,
        contract: ContractId,
        at: Timestamp,
    ) -> Result<UnderContract, Refusal> {
        let known = self.0.now(&Category::Contract.stream(contract)).await?;
        let now = ContractNow::of(&known.state, known.revision.unwrap_or_default(), at);
        let now = now.ok_or_else(|| missing(field, contract))?;
        Ok(UnderContract {
            now,
            guard: known.guard(),
            audience: known.state.audience(),
            contract: known.state,
        })
    }
}

fn missing(field: &str, contract: ContractId) -> Refusal {
    Refusal::field(Reason::NotFound, field, format!("{contract} does not exist"))
}

/// What a contract that does not cover the act means to a caller; `field` names the contract in the request.
pub fn not_covered(field: &str, refused: &NotCovered) -> Refusal {
    let message = refused.to_string();
    match refused {
        NotCovered::NotOwn { .. } => Refusal::field(Reason::NotYours, field, message),
        NotCovered::OtherKind { needed, .. } => {
            Refusal::field(Reason::WrongContractKind, field, message).with("needed", needed)
        }
        NotCovered::NeitherKind { needed: [one, other], .. } => {
            Refusal::field(Reason::WrongContractKind, field, message)
                .with("needed", format!("{one} or {other}"))
        }
        NotCovered::NotInForce { status, .. } => not_in_force(field, *status, message),
    }
}

/// What a contract that is not in force means to a caller; `field` names the contract, or whoever would have to have
/// one, in the request.
pub fn not_in_force(field: &str, status: Status, message: impl Into<String>) -> Refusal {
    let reason = match status {
        Status::Expired | Status::Terminated => Reason::ContractEnded,
        Status::Vacant
        | Status::Applied
        | Status::Approved
        | Status::Rejected
        | Status::Offered
        | Status::Lapsed
        | Status::NotYetInForce
        | Status::Active
        | Status::Paused => Reason::ContractNotInForce,
    };
    Refusal::field(reason, field, message).with("stage", status.as_str())
}
