//! What is done by the clock and not by a caller.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    time::Duration,
};

use contract::Expiry;
use engine::Refusal;
use event_log::{EventLog, EventStoreLog, ReadError};
use futures::StreamExt;
use order::SpecimenRelease;
use tokio::time::MissedTickBehavior;

/// How often policies look at what is due.
const POLICY_INTERVAL: Duration = Duration::from_secs(1);

/// Lets each policy act on what is due, time and again. What fails is tried again the next time.
pub(super) async fn run_policies(expiry: Expiry, release: SpecimenRelease) {
    let mut ticks = tokio::time::interval(POLICY_INTERVAL);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        tell("expiries", expiry.record_due().await);
        tell("releases of specimens", release.release_due().await);
    }
}

/// Says of each decision on a log without guards whether what it stood on had moved by the time it was written.
pub(super) async fn flag_stale_guards(log: Arc<EventStoreLog>, count: Arc<AtomicU64>) {
    let mut after = log.head().position;
    loop {
        let mut found = log.stale_guards(after);
        while let Some(next) = found.next().await {
            match next {
                Ok(stale) => {
                    after = stale.position;
                    count.fetch_add(1, Relaxed);
                    tracing::warn!(
                        position = %stale.position,
                        stream = %stale.stream,
                        guard = %stale.guard.stream,
                        revision = ?stale.guard.revision,
                        "this was decided on what had moved before it was written"
                    );
                }
                Err(ReadError::Closed) => return,
                Err(error) => {
                    tracing::warn!(%error, "it is not known whether decisions stood on what had moved; trying again");
                    break;
                }
            }
        }
        tokio::time::sleep(POLICY_INTERVAL).await;
    }
}

fn tell(what: &str, outcome: Result<usize, Refusal>) {
    if let Err(refusal) = outcome {
        tracing::warn!(message = %refusal.message, "{what} could not be recorded; trying again");
    }
}
