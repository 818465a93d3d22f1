//! The role `relay`: the log, passed on to Kafka by one process at a time.

mod arguments;

use std::{sync::Arc, time::Duration};

use domain::text::Name;
use engine::{Clock, Relay, RelayOptions, SnapshotStore};
use event_log::{Log, RelayConnector};
use tokio::{sync::watch, task::JoinHandle};

pub use arguments::{Categories, RelayArguments};

use crate::{
    node::OpenFailure,
    telemetry::{Registry, RelayStanding},
};

/// The relay of a process, while it runs.
pub(crate) struct RunningRelay {
    stop: watch::Sender<bool>,
    failure: watch::Receiver<Option<String>>,
    task: JoinHandle<()>,
}

impl RunningRelay {
    /// Starts it; it stands by until it is its turn. What it cannot go on after ends it if it is `alone` in its process,
    /// so that somebody looks. Elsewhere it begins again after a while: the forum does not stop for who listens to it.
    pub(crate) fn start(
        log: &Arc<dyn Log>,
        brokers: &str,
        arguments: &RelayArguments,
        clock: Arc<dyn Clock>,
        snapshots: Arc<dyn SnapshotStore>,
        registry: &Registry,
        alone: bool,
    ) -> Result<Self, OpenFailure> {
        let options = RelayOptions {
            topic_prefix: arguments.kafka_topic_prefix.clone(),
            categories: arguments.kafka_categories.0.clone(),
            term: Duration::from_secs(arguments.relay_lease_seconds),
            ..RelayOptions::new(arguments.relay_name.clone(), holder(&*clock)?)
        };
        let connector = kafka(brokers, arguments)?;
        let relay = Relay::new(log.clone(), log.clone(), connector, clock, Some(snapshots), options);
        let relay = Arc::new(relay);
        let told = relay.clone();
        registry.add_relay(move || {
            let metrics = told.metrics();
            RelayStanding {
                position: metrics.position,
                lag: metrics.lag_positions,
                seconds_since_acknowledgement: metrics.seconds_since_acknowledgement,
                active: metrics.active,
            }
        });
        let (stop, stopped) = watch::channel(false);
        let (tell, failure) = watch::channel(None);
        let pause = Duration::from_secs(arguments.relay_lease_seconds);
        let task = tokio::spawn(async move {
            let mut asked_to_stop = stopped.clone();
            while let Err(failure) = relay.run(stopped.clone()).await {
                let why = match std::error::Error::source(&failure) {
                    Some(source) => format!("{failure}: {source}"),
                    None => failure.to_string(),
                };
                if alone {
                    tracing::error!(%why, "the relay has stopped");
                    let _ = tell.send(Some(why));
                    return;
                }
                tracing::error!(%why, again_after = ?pause, "the relay has stopped; it begins again");
                let told = asked_to_stop.wait_for(|stop| *stop);
                if tokio::time::timeout(pause, told).await.is_ok() {
                    return;
                }
            }
        });
        Ok(Self { stop, failure, task })
    }

    /// Resolves when it cannot go on, with why: somebody must look.
    pub(crate) async fn failed(&self) -> String {
        let mut failure = self.failure.clone();
        let told = failure.wait_for(Option::is_some).await.ok().and_then(|failure| (*failure).clone());
        // Nobody stops it while somebody waits here: if it has ended it has panicked, and has said so.
        told.unwrap_or_else(|| "the relay has ended by itself".to_owned())
    }

    /// Finishes what is in flight and gives the lease back.
    pub(crate) async fn stop(self) {
        let _ = self.stop.send(true);
        let _ = self.task.await;
    }
}

/// What tells this run of the program from every other one.
fn holder(clock: &dyn Clock) -> Result<Name, OpenFailure> {
    let host = std::env::var("HOSTNAME").unwrap_or_else(|_| "relay".to_owned());
    Ok(Name::new(&format!("{host}-{}-{}", std::process::id(), clock.now().as_micros()))?)
}

#[cfg(feature = "kafka")]
fn kafka(brokers: &str, arguments: &RelayArguments) -> Result<Arc<dyn RelayConnector>, OpenFailure> {
    use event_log::kafka::{Kafka, KafkaOptions};
    let options = KafkaOptions {
        partitions: arguments.kafka_partitions,
        replication: arguments.kafka_replication,
        compression: arguments.kafka_compression.parse()?,
        properties: arguments.properties()?,
        ..KafkaOptions::new(brokers)
    };
    options.check().map_err(|error| format!("--kafka-config: {error}"))?;
    Ok(Arc::new(Kafka::new(options)))
}

#[cfg(not(feature = "kafka"))]
fn kafka(_: &str, arguments: &RelayArguments) -> Result<Arc<dyn RelayConnector>, OpenFailure> {
    arguments.properties()?;
    Err("this build has no Kafka: build with --features kafka".into())
}

#[cfg(all(test, feature = "kafka"))]
mod tests {
    use super::*;

    #[test]
    fn properties_that_are_not_an_operators_to_set_are_refused_at_once() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("client.properties");
        let arguments = RelayArguments { kafka_config: Some(path.clone()), ..RelayArguments::default() };
        let made = |text: &str| {
            std::fs::write(&path, text).unwrap();
            kafka("127.0.0.1:9092", &arguments).map(drop).map_err(|error| error.to_string())
        };
        assert_eq!(made("client.id=ours"), Ok(()));
        let refused = made("max.in.flight=5").unwrap_err();
        assert!(refused.starts_with("--kafka-config: ") && refused.contains("max.in.flight"), "{refused}");
    }
}
