//! The policy that frees what a cancelled order still holds.

use std::{num::NonZeroUsize, sync::Arc};

use domain::{
    id::{OrderId, SpecimenId},
    order::Order,
    specimen::{Command, ReleaseSpecimen, Specimen},
    time::Timestamp,
};
use engine::{
    Aggregates, Clock, CommandIdentity, Envelope, Failure, Fold, Lookup, Prepared, Projection, Refusal,
};
use event_log::EventLog;
use events::Category;

use super::{held::HeldSpecimens, refuse::refuse};

const HOT: NonZeroUsize = NonZeroUsize::new(1_000).unwrap();

/// Frees what is reserved for orders that were cancelled before anything was delivered.
pub struct SpecimenRelease {
    held: Arc<Projection<HeldSpecimens>>,
    specimens: Aggregates<Specimen>,
    orders: Lookup<Order>,
    clock: Arc<dyn Clock>,
}

impl SpecimenRelease {
    /// The policy over a log; what is held must be kept up to date.
    pub fn new(log: Arc<dyn EventLog>, held: Arc<Projection<HeldSpecimens>>, clock: Arc<dyn Clock>) -> Self {
        Self { held, orders: Lookup::new(log.clone(), HOT), specimens: Aggregates::new(log, HOT), clock }
    }

    /// Frees what is due now; tells how many reservations that were. The command's id follows from the specimen and
    /// the order, which cannot hold it again, so that a second run, or a second process, changes nothing.
    pub async fn release_due(&self) -> Result<usize, Refusal> {
        let due = self.held.look(|held, _, _| held.due())?;
        for (specimen, order) in &due {
            self.release(*specimen, *order, self.clock.now()).await?;
        }
        Ok(due.len())
    }

    async fn release(&self, specimen: SpecimenId, order: OrderId, at: Timestamp) -> Result<(), Refusal> {
        let causes = [&specimen.to_bytes()[..], &order.to_bytes()];
        let identity = CommandIdentity::of_policy(HeldSpecimens::NAME, &causes);
        let envelope = Envelope::of_policy(identity, at);
        let ordered = self.orders.now(&Category::Order.stream(order)).await?.state;
        let contract = ordered.placed().map(|placed| placed.contract);
        let outcome = self
            .specimens
            .execute(&Category::Specimen.stream(specimen), &envelope, || {
                let command = Command::ReleaseSpecimen(ReleaseSpecimen { order, at });
                let prepared = Prepared::new(command).concerning(ordered.audience());
                let prepared = match contract {
                    Some(contract) => prepared.under(contract),
                    None => prepared,
                };
                Box::pin(async { Ok(prepared) })
            })
            .await;
        match outcome {
            Ok(_) => Ok(()),
            // Freed otherwise since the fold was asked.
            Err(Failure::Rejected(rejection)) => {
                tracing::debug!(%rejection, %specimen, %order, "not due after all");
                Ok(())
            }
            Err(failure) => Err(refuse(failure)),
        }
    }
}
