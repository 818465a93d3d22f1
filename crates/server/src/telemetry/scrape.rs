//! Who has something to tell: the log, the projections, and whatever a role adds.

use std::sync::{Arc, PoisonError, RwLock};

use engine::FoldsView;
use event_log::{EventLog, SqliteLog};

use super::{Metric, Probes};

/// Takes down what is told: a metric, what it is of, and its value now.
pub type Tell<'t> = dyn FnMut(Metric, &[(&'static str, &str)], u64) + 't;

/// A part of the process that tells about itself. It must be quick, and wait for nobody.
pub trait Scrape: Send + Sync + 'static {
    /// Tells how it stands now.
    fn scrape(&self, tell: &mut Tell<'_>);

    /// Is handed the probes for what is measured as it happens, once, if anybody wants to know.
    fn attach(&self, _probes: &Probes) {}
}

/// The parts of a process that tell about themselves. Keeping the list costs nothing; only who reads it does.
#[derive(Clone, Default)]
pub struct Registry(Arc<RwLock<Vec<Arc<dyn Scrape>>>>);

impl Registry {
    /// Adds a part.
    pub fn add(&self, part: impl Scrape) {
        self.0.write().unwrap_or_else(PoisonError::into_inner).push(Arc::new(part));
    }

    /// Adds a part that has one number to tell.
    pub fn add_value(&self, metric: Metric, value: impl Fn() -> u64 + Send + Sync + 'static) {
        self.add(Value { metric, labels: &[], value });
    }

    /// Adds how many decisions were written on facts that had moved, where the log has no guards.
    pub fn add_written_on_stale_facts(&self, value: impl Fn() -> u64 + Send + Sync + 'static) {
        self.add(Value { metric: Metric::StaleGuards, labels: &[("outcome", "written")], value });
    }

    /// Adds what the embedded log tells.
    pub fn add_log(&self, log: Arc<SqliteLog>) {
        self.add(Log(log));
    }

    /// Adds what folds tell, and how far they lie behind a log.
    pub fn add_folds(&self, folds: FoldsView, log: Arc<dyn EventLog>) {
        self.add(Projections { folds, log });
    }

    /// Adds what a relay tells whenever it is asked.
    pub fn add_relay(&self, relay: impl Fn() -> RelayStanding + Send + Sync + 'static) {
        self.add(Relay(relay));
    }

    pub(super) fn scrape(&self, tell: &mut Tell<'_>) {
        for part in self.parts() {
            part.scrape(tell);
        }
    }

    pub(super) fn attach(&self, probes: &Probes) {
        for part in self.parts() {
            part.attach(probes);
        }
    }

    fn parts(&self) -> Vec<Arc<dyn Scrape>> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// How a relay stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct RelayStanding {
    /// Everything up to here was acknowledged.
    pub position: u64,
    /// How many positions it lies behind the log.
    pub lag: u64,
    /// Whole seconds since anything was acknowledged; none if nothing was since it started.
    pub seconds_since_acknowledgement: Option<u64>,
    /// Whether this process is the one that relays.
    pub active: bool,
}

struct Value<F> {
    metric: Metric,
    labels: &'static [(&'static str, &'static str)],
    value: F,
}

impl<F: Fn() -> u64 + Send + Sync + 'static> Scrape for Value<F> {
    fn scrape(&self, tell: &mut Tell<'_>) {
        tell(self.metric, self.labels, (self.value)());
    }
}

struct Log(Arc<SqliteLog>);

impl Scrape for Log {
    fn scrape(&self, tell: &mut Tell<'_>) {
        let metrics = self.0.metrics();
        tell(Metric::LogHead, &[], self.0.head().position.0);
        tell(Metric::LogAppends, &[], metrics.frames);
        tell(Metric::LogEvents, &[], metrics.events);
        tell(Metric::LogCommits, &[], metrics.commits);
        tell(Metric::LogQueueAppends, &[], metrics.queued_appends);
        tell(Metric::LogQueueBytes, &[], metrics.queued_bytes);
        tell(Metric::LogWalBytes, &[], metrics.wal_bytes);
        tell(Metric::LogOverloaded, &[], metrics.overloaded);
        tell(Metric::StaleGuards, &[("outcome", "refused")], metrics.stale_guards);
    }

    fn attach(&self, probes: &Probes) {
        let fsync = probes.fsync.clone();
        self.0.observe_commits(Box::new(move |took| fsync.record(took.as_secs_f64(), &[])));
    }
}

struct Projections {
    folds: FoldsView,
    log: Arc<dyn EventLog>,
}

impl Scrape for Projections {
    fn scrape(&self, tell: &mut Tell<'_>) {
        // Asked before the folds: what is written in between is not counted as what they lack.
        let head = self.log.head().position.0;
        for standing in self.folds.standings() {
            let shard = standing.shard.to_string();
            let labels = [("projection", standing.projection), ("shard", &shard)];
            tell(Metric::ProjectionPosition, &labels, standing.examined.0);
            tell(Metric::ProjectionLag, &labels, head.saturating_sub(standing.examined.0));
        }
    }

    fn attach(&self, probes: &Probes) {
        if let Some(observer) = &probes.projections {
            self.folds.observe(observer.clone(), self.log.head().position);
        }
    }
}

struct Relay<F>(F);

impl<F: Fn() -> RelayStanding + Send + Sync + 'static> Scrape for Relay<F> {
    fn scrape(&self, tell: &mut Tell<'_>) {
        let standing = (self.0)();
        tell(Metric::RelayPosition, &[], standing.position);
        tell(Metric::RelayLag, &[], standing.lag);
        if let Some(seconds) = standing.seconds_since_acknowledgement {
            tell(Metric::RelaySecondsSinceAcknowledgement, &[], seconds);
        }
        tell(Metric::RelayActive, &[], standing.active.into());
    }
}

/// The program that runs.
pub(super) struct Build;

impl Scrape for Build {
    fn scrape(&self, tell: &mut Tell<'_>) {
        let profile = if cfg!(debug_assertions) { "debug" } else { "release" };
        let labels = [("version", env!("CARGO_PKG_VERSION")), ("profile", profile)];
        tell(Metric::BuildInfo, &labels, 1);
    }
}
