//! The log of a process: its own, or one in another process.

use std::{path::Path, sync::Arc, time::Duration};

use engine::Clock;
use event_log::{ConnectError, EventLog, EventStoreLog, EventStoreOptions, Log, SqliteLog, SqliteOptions};

use super::OpenFailure;
use crate::telemetry::{Metric, Registry};

/// How long a process waits for a log in another one when it starts, and how often it looks.
const PATIENCE: Duration = Duration::from_secs(60);
const RECONNECT: Duration = Duration::from_secs(1);

/// The log, and which engine keeps it.
#[derive(Clone)]
pub(super) struct Kept {
    pub(super) log: Arc<dyn Log>,
    pub(super) embedded: Option<Arc<SqliteLog>>,
    pub(super) remote: Option<Arc<EventStoreLog>>,
}

impl Kept {
    /// The log, if it has no guards: one in another process that is not Kiban's own.
    pub(super) fn unguarded(&self) -> Option<Arc<EventStoreLog>> {
        self.remote.clone().filter(|remote| !remote.is_kiban())
    }

    /// Tells how the log does, as far as this process knows it.
    pub(super) fn tell(&self, registry: &Registry) {
        if let Some(embedded) = &self.embedded {
            registry.add_log(embedded.clone());
        }
        if let Some(remote) = self.remote.clone() {
            let queue = remote.clone();
            registry.add_value(Metric::LogQueueAppends, move || queue.queue_depth().0 as u64);
            let queue = remote.clone();
            registry.add_value(Metric::LogQueueBytes, move || queue.queue_depth().1 as u64);
            registry.add_value(Metric::LogHead, move || remote.head().position.0);
        }
    }
}

/// The log in another process, which may be starting just now, too.
pub(super) async fn connect(options: &EventStoreOptions) -> Result<Arc<EventStoreLog>, OpenFailure> {
    let connecting = async {
        loop {
            match EventStoreLog::open(options.clone()).await {
                Err(error @ ConnectError::Unreachable { .. }) => {
                    tracing::warn!(%error, "waiting for the event log");
                    tokio::time::sleep(RECONNECT).await;
                }
                opened => return opened,
            }
        }
    };
    match tokio::time::timeout(PATIENCE, connecting).await {
        Ok(opened) => Ok(opened?),
        Err(_) => {
            let hosts = options.host_names();
            Err(format!("the event log at {hosts} could not be reached within {PATIENCE:?}").into())
        }
    }
}

/// The log of a directory.
pub(super) fn embedded(data_dir: &Path, clock: &Arc<dyn Clock>) -> Result<Kept, OpenFailure> {
    let log = SqliteLog::open(data_dir, SqliteOptions::new(log_clock(clock.clone())))?;
    Ok(Kept { log: log.clone(), embedded: Some(log), remote: None })
}

/// The clock of the log: microseconds since the Unix epoch.
pub(crate) fn log_clock(clock: Arc<dyn Clock>) -> event_log::Clock {
    Arc::new(move || clock.now().as_micros())
}
