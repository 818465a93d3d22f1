//! The policy that puts expiry on record. A contract expires by the clock whether or not anybody records it
//! (see [`domain::contract`]); the event lets those who only read the log know, with its effective time.

use std::{num::NonZeroUsize, sync::Arc};

use domain::{
    contract::{Command, Contract, ExpireContract, Status},
    id::ContractId,
    time::Timestamp,
};
use engine::{Aggregates, Clock, CommandIdentity, Envelope, Failure, Fold, Prepared, Projection, Refusal};
use event_log::EventLog;
use events::{Category, Defect, Event, Histories, Recorded};

use crate::refuse::refuse;

const HOT: NonZeroUsize = NonZeroUsize::new(1_000).unwrap();

/// The contracts, as far as the policy must know them.
#[derive(Default)]
pub struct Deadlines(Histories<Contract>);

impl Deadlines {
    /// The contracts whose term is over and of which nothing is on record yet, with the end of the term.
    pub fn due(&self, now: Timestamp) -> Vec<(ContractId, Timestamp)> {
        let due = |(id, contract): (&str, &Contract)| {
            let agreement = contract.agreement().filter(|agreement| !agreement.expiry_recorded)?;
            let expired = contract.status(now) == Status::Expired;
            let ends_at = agreement.timeline.ends_at().filter(|_| expired)?;
            Some((id.parse().ok()?, ends_at))
        };
        self.0.after("").filter_map(due).collect()
    }
}

impl Fold for Deadlines {
    const NAME: &'static str = "contract-deadlines";
    const VERSION: u32 = 1;
    const CATEGORIES: &'static [Category] = &[Category::Contract];

    fn apply(&mut self, recorded: &Recorded) {
        if let Event::Contract(event) = &recorded.event {
            self.0.apply(recorded.stream.id(), event);
        }
    }

    fn encode(&self) -> Vec<u8> {
        self.0.encode()
    }

    fn decode(bytes: &[u8]) -> Result<Self, Defect> {
        Histories::decode(bytes).map(Self)
    }
}

/// Records expiries that are due.
pub struct Expiry {
    deadlines: Arc<Projection<Deadlines>>,
    contracts: Aggregates<Contract>,
    clock: Arc<dyn Clock>,
}

impl Expiry {
    /// The policy over a log; the deadlines must be kept up to date.
    pub fn new(log: Arc<dyn EventLog>, deadlines: Arc<Projection<Deadlines>>, clock: Arc<dyn Clock>) -> Self {
        Self { deadlines, contracts: Aggregates::new(log, HOT), clock }
    }

    /// Records what is due now; tells how many contracts that were. The command's id follows from the
    /// contract and the end of its term, so that a second run, or a second process, changes nothing.
    pub async fn record_due(&self) -> Result<usize, Refusal> {
        let now = self.clock.now();
        let due = self.deadlines.look(|deadlines, _, _| deadlines.due(now))?;
        for (contract, ends_at) in &due {
            self.expire(*contract, *ends_at, now).await?;
        }
        Ok(due.len())
    }

    async fn expire(&self, contract: ContractId, ends_at: Timestamp, now: Timestamp) -> Result<(), Refusal> {
        let stream = Category::Contract.stream(contract);
        let identity = CommandIdentity::of_policy(
            Deadlines::NAME,
            &[&contract.to_bytes(), &ends_at.as_micros().to_be_bytes()],
        );
        let envelope = Envelope::of_policy(identity, now);
        let audience = self.contracts.read(&stream, |state, _| state.audience()).await?;
        let outcome = self
            .contracts
            .execute(&stream, &envelope, || {
                let prepared = Prepared::new(Command::ExpireContract(ExpireContract { at: now }))
                    .concerning(audience.clone())
                    .under(contract);
                Box::pin(async { Ok(prepared) })
            })
            .await;
        match outcome {
            Ok(_) => Ok(()),
            // Renewed or ended otherwise since the fold was asked: nothing is due any more.
            Err(Failure::Rejected(rejection)) => {
                tracing::debug!(%rejection, %contract, "not due after all");
                Ok(())
            }
            Err(failure) => Err(refuse("", failure)),
        }
    }
}
