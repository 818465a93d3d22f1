//! The parts of Kiban that one process plays, over one log. Parts share nothing but the log and the decoded feed, so
//! that one process and many run the same code.

mod kept;
mod opening;
mod options;
mod policies;
mod readiness;

use std::{
    error::Error,
    fs::File,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
};

use access::{AccessApi, Policy, UsageIndex};
use billing::{Billing, BillingFold};
use contract::{Contracts, Deadlines, Expiry};
use deal_flow::{DealFlow, DealFlowFold};
use directory::{Directory, DirectoryFold};
use engine::{
    Clock, Fold, FoldCheck, Gate, Projection, RunningFolds, Shards, Store, check_fold, check_shards,
    check_snapshots,
};
use event_log::{EventFeed, EventLog, Log, Position, Served, SqliteLog};
use events::Category;
use finance::Finance;
use membership::Membership;
use order::{HeldSpecimens, ListingApi, Orders, SpecimenRelease, Specimens};
use recruitment::Recruitments;
use revenue_share::{RevenueShare, RevenueShareFold};
use service_catalogue::{Catalogue, CatalogueFold};
use tokio::{sync::watch, task::JoinHandle};
use tonic::service::Routes;
use venture::{ForumEvents, Ventures};

use crate::{
    gateway::Gateway,
    relay::RunningRelay,
    roles::{Role, Route, Service},
    telemetry::{Metric, Registry},
};
use kept::{Kept, connect, embedded};
use opening::{Opening, Wait};
use policies::{STALE_GUARDS, flag_stale_guards, run_policies};

pub(crate) use kept::log_clock;
pub use options::NodeOptions;

/// What a node could not be opened for.
pub type OpenFailure = Box<dyn Error + Send + Sync>;

/// The folder of what is built from the log, in the data directory: it can be deleted at will.
const PROJECTIONS: &str = "projections";
/// The file of the aggregates' snapshots.
const AGGREGATES: &str = "aggregates";
/// The file of what the relay knows of its lease.
const LEASES: &str = "relay";

/// The services and projections of a process.
pub struct Node {
    options: NodeOptions,
    /// None if no part needs it.
    kept: Option<Kept>,
    clock: Arc<dyn Clock>,
    folds: RunningFolds,
    waits: Arc<[Wait]>,
    /// Where the log ended when the node was opened.
    opened_at: Position,
    tasks: Vec<JoinHandle<()>>,
    read_models: ReadModels,
    aggregates: Option<Arc<Store>>,
    relay: Option<RunningRelay>,
    registry: Registry,
    _locks: Vec<File>,
}

/// The projections of the parts that this process plays.
#[derive(Default)]
struct ReadModels {
    usage_index: Option<Arc<Projection<UsageIndex>>>,
    deadlines: Option<Arc<Projection<Deadlines>>>,
    held: Option<Arc<Projection<HeldSpecimens>>>,
    billing: Option<Shards<BillingFold>>,
    revenue_share: Option<Shards<RevenueShareFold>>,
    directory: Option<Arc<Projection<DirectoryFold>>>,
    catalogue: Option<Arc<Projection<CatalogueFold>>>,
    deal_flow: Option<Arc<Projection<DealFlowFold>>>,
}

impl Node {
    /// Everything in one process: opens the log of a directory, or makes one, and everything that stands on it.
    pub async fn open(data_dir: &Path, clock: Arc<dyn Clock>) -> Result<Self, OpenFailure> {
        let options = NodeOptions::whole(data_dir);
        let kept = embedded(data_dir, &clock)?;
        Self::over(options, Some(kept), clock).await
    }

    /// What the options say, on the embedded log or on one in another process.
    pub async fn with(options: NodeOptions, clock: Arc<dyn Clock>) -> Result<Self, OpenFailure> {
        if options.plays(Role::EventLog) && options.event_log.is_some() {
            return Err("the role event-log keeps the log itself: it takes no --event-log".into());
        }
        if options.plays(Role::Gateway) && options.routes.is_empty() {
            return Err(
                "the role gateway needs to know where the others are: --route ROLE=http://host:port".into()
            );
        }
        if options.plays(Role::Relay) && options.relay.kafka.is_none() {
            return Err("the role relay needs to know where Kafka is: --kafka host:port".into());
        }
        let kept = match &options.event_log {
            _ if !options.roles.iter().any(|role| role.needs_log()) => None,
            Some(remote) => {
                let remote = connect(remote).await?;
                Some(Kept { log: remote.clone(), embedded: None, remote: Some(remote) })
            }
            None => Some(embedded(&options.data_dir, &clock)?),
        };
        Self::over(options, kept, clock).await
    }

    async fn over(
        options: NodeOptions,
        kept: Option<Kept>,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, OpenFailure> {
        let head = kept.as_ref().map(|kept| kept.log.head().position).unwrap_or_default();
        let mut opening = Opening::new(&options.data_dir, kept.as_ref().map(|kept| &*kept.log as _));
        let plays = |role| options.plays(role);
        let read_models = ReadModels {
            usage_index: opening.projection(plays(Role::Access)).await?,
            deadlines: opening.projection(plays(Role::Policies)).await?,
            held: opening.projection(plays(Role::Policies)).await?,
            billing: opening.shards(plays(Role::Billing), options.shards).await?,
            revenue_share: opening.shards(plays(Role::RevenueShare), options.shards).await?,
            directory: opening.projection(plays(Role::Directory)).await?,
            catalogue: opening.projection(plays(Role::ServiceCatalogue)).await?,
            deal_flow: opening.projection(plays(Role::DealFlow)).await?,
        };
        let aggregates = plays(Role::Access).then(|| opening.snapshots(AGGREGATES)).transpose()?;
        let leases = plays(Role::Relay).then(|| opening.snapshots(LEASES)).transpose()?;
        let unguarded = match kept.as_ref().and_then(Kept::unguarded) {
            Some(log) if plays(Role::Policies) => Some((log, opening.snapshots(STALE_GUARDS)?)),
            _ => None,
        };
        let Opening { folds, waits, locks, .. } = opening;
        let folds = match &kept {
            Some(kept) => folds.run(kept.log.clone()),
            None => folds.idle(),
        };
        let registry = Registry::default();
        if let Some(kept) = &kept {
            kept.tell(&registry);
            registry.add_folds(folds.view(), kept.log.clone());
        }
        let relay = match (&kept, &options.relay.kafka, leases) {
            (Some(kept), Some(brokers), Some(leases)) => {
                let (clock, arguments) = (clock.clone(), &options.relay);
                let alone = options.roles == [Role::Relay];
                Some(RunningRelay::start(&kept.log, brokers, arguments, clock, leases, &registry, alone)?)
            }
            _ => None,
        };
        let mut tasks = Vec::new();
        if let Some(catalogue) = &read_models.catalogue {
            // Nobody waits for it: a search that comes sooner does it itself.
            let warming = service_catalogue::warm_up(catalogue.clone(), head);
            tasks.push(tokio::spawn(async { drop(warming.await) }));
        }
        if let (Some(kept), Some(deadlines), Some(held)) = (&kept, &read_models.deadlines, &read_models.held)
        {
            let expiry = Expiry::new(kept.log.clone(), deadlines.clone(), clock.clone());
            let release = SpecimenRelease::new(kept.log.clone(), held.clone(), clock.clone());
            tasks.push(tokio::spawn(run_policies(expiry, release)));
        }
        if let Some((log, kept)) = unguarded {
            let found = Arc::new(AtomicU64::new(0));
            let told = found.clone();
            registry.add_written_on_stale_facts(move || told.load(Relaxed));
            tasks.push(tokio::spawn(flag_stale_guards(log, kept, found)));
        }
        Ok(Self {
            options,
            kept,
            clock,
            folds,
            waits: waits.into(),
            opened_at: head,
            tasks,
            read_models,
            aggregates,
            relay,
            registry,
            _locks: locks,
        })
    }

    /// The gRPC services. Streams end once `stopped` turns true.
    pub fn routes(&self, stopped: &watch::Receiver<bool>) -> Result<Routes, OpenFailure> {
        let mut routes = Routes::builder();
        if let Some(kept) = &self.kept {
            let parts = Parts {
                log: kept.log.clone(),
                gate: Arc::new(self.gate(kept)),
                clock: self.clock.clone(),
                stopped: stopped.clone(),
            };
            for role in &self.options.roles {
                self.add(*role, &parts, &mut routes);
            }
        }
        let routes = routes.routes();
        if !self.options.plays(Role::Gateway) {
            return Ok(routes);
        }
        let gateway = Gateway::new(&self.options.routes, self.options.trusted())?;
        Ok(Routes::from(routes.into_axum_router().fallback_service(gateway)))
    }

    fn gate(&self, kept: &Kept) -> Gate {
        let trusted = self.options.trusted();
        Gate::new(kept.log.clone(), self.clock.clone()).trusting(move |address| trusted(address))
    }

    /// Adds the services of a role.
    fn add(&self, role: Role, parts: &Parts, routes: &mut tonic::service::RoutesBuilder) {
        let Parts { log, gate, clock, stopped } = parts.clone();
        let (events, feed): (Arc<dyn EventLog>, Arc<dyn EventFeed>) = (log.clone(), log.clone());
        let models = &self.read_models;
        match role {
            Role::Gateway | Role::Policies | Role::Relay => {}
            Role::EventLog => self.served(&log, stopped).add_to(routes),
            Role::Membership => drop(routes.add_service(Membership::new(events, gate).server())),
            Role::Contract => drop(routes.add_service(Contracts::new(events, gate).server())),
            Role::Finance => drop(routes.add_service(Finance::new(events, gate).server())),
            Role::Recruitment => drop(routes.add_service(Recruitments::new(events, gate).server())),
            Role::Order => {
                routes
                    .add_service(ListingApi::new(events.clone(), gate.clone()).server())
                    .add_service(Orders::new(events.clone(), gate.clone()).server())
                    .add_service(Specimens::new(events, gate).server());
            }
            Role::Venture => {
                routes
                    .add_service(Ventures::new(events.clone(), gate.clone()).server())
                    .add_service(ForumEvents::new(events, gate).server());
            }
            Role::Access => {
                if let (Some(index), Some(snapshots)) = (models.usage_index.clone(), self.aggregates.clone())
                {
                    let api = AccessApi::new(events, gate, index, snapshots, Policy::default());
                    self.registry.add_value(Metric::RefusalsNotRecorded, api.unwritten_denials());
                    routes.add_service(api.server());
                }
            }
            Role::Billing => add(&models.billing, |fold| {
                routes.add_service(Billing::new(fold, events, gate, clock).server());
            }),
            Role::RevenueShare => add(&models.revenue_share, |fold| {
                routes.add_service(RevenueShare::new(fold, events, gate, clock).server());
            }),
            Role::ServiceCatalogue => add(&models.catalogue, |fold| {
                routes.add_service(Catalogue::new(fold, events, gate).server());
            }),
            Role::DealFlow => add(&models.deal_flow, |fold| {
                routes.add_service(DealFlow::new(fold, events, feed, gate, clock, stopped).server());
            }),
            Role::Directory => add(&models.directory, |fold| {
                routes.add_service(Directory::new(fold, events, feed, gate, stopped).server());
            }),
        }
    }

    /// The log as other processes see it.
    fn served(&self, log: &Arc<dyn Log>, stopped: watch::Receiver<bool>) -> Served {
        let reserved = Arc::new(|category: &str| Category::named(category).is_some());
        let trusted = self.options.readers();
        Served::new(log.clone(), reserved, self.options.secret.as_deref(), stopped)
            .trusting(move |address| trusted(address))
    }

    /// What it serves, for people: the services of its roles, and of those that a gateway passes on to.
    pub fn services(&self) -> Vec<Service> {
        let own = self.options.roles.iter().flat_map(|role| role.services()).copied();
        own.chain(self.options.routes.iter().flat_map(Route::services)).collect()
    }

    /// What the process is.
    pub const fn options(&self) -> &NodeOptions {
        &self.options
    }

    /// What it has to tell about itself.
    pub const fn registry(&self) -> &Registry {
        &self.registry
    }

    /// The embedded log, if this process keeps it.
    pub fn embedded(&self) -> Option<&Arc<SqliteLog>> {
        self.kept.as_ref()?.embedded.as_ref()
    }

    /// The log, if a part needs it.
    pub fn log(&self) -> Option<&Arc<dyn Log>> {
        self.kept.as_ref().map(|kept| &kept.log)
    }

    /// Resolves when the log can take no more writes or cannot be read, with why. Nothing may be added to a log
    /// that is known to be corrupt.
    pub async fn failed(&self) -> String {
        let Some(kept) = &self.kept else { return std::future::pending().await };
        tokio::select! {
            failure = kept.log.failed() => match failure {
                Some(failure) => failure.to_string(),
                None => "the log was closed".to_owned(),
            },
            failure = self.folds.failed() => failure,
            failure = async {
                match &self.relay {
                    Some(relay) => relay.failed().await,
                    None => std::future::pending().await,
                }
            } => failure,
        }
    }

    /// Stops the policies and the folds, which take their last snapshots, and closes the log.
    pub async fn close(self) {
        if let Some(relay) = self.relay {
            relay.stop().await;
        }
        for task in self.tasks {
            task.abort();
            let _ = task.await;
        }
        self.folds.stop().await;
        if let Some(kept) = self.kept {
            kept.log.close().await;
        }
    }

    /// Rebuilds every projection of a directory and compares.
    pub async fn check_folds(log: &dyn EventLog, data_dir: &Path) -> Vec<FoldCheck> {
        let folder = data_dir.join(PROJECTIONS);
        let mut checks = vec![
            check_snapshots::<domain::access::Access>(log, &store_path(data_dir, AGGREGATES)).await,
            check_fold::<UsageIndex>(log, &store_path(data_dir, UsageIndex::NAME)).await,
            check_fold::<Deadlines>(log, &store_path(data_dir, Deadlines::NAME)).await,
            check_fold::<HeldSpecimens>(log, &store_path(data_dir, HeldSpecimens::NAME)).await,
        ];
        checks.extend(check_shards::<BillingFold>(log, &folder).await);
        checks.extend(check_shards::<RevenueShareFold>(log, &folder).await);
        checks.extend([
            check_fold::<DirectoryFold>(log, &store_path(data_dir, DirectoryFold::NAME)).await,
            check_fold::<CatalogueFold>(log, &store_path(data_dir, CatalogueFold::NAME)).await,
            check_fold::<DealFlowFold>(log, &store_path(data_dir, DealFlowFold::NAME)).await,
        ]);
        checks
    }
}

/// What services are made of.
#[derive(Clone)]
struct Parts {
    log: Arc<dyn Log>,
    gate: Arc<Gate>,
    clock: Arc<dyn Clock>,
    stopped: watch::Receiver<bool>,
}

/// Adds the service of a projection that this process has.
fn add<P: Clone>(projection: &Option<P>, service: impl FnOnce(P)) {
    if let Some(projection) = projection {
        service(projection.clone());
    }
}

fn store_path(data_dir: &Path, name: &str) -> PathBuf {
    data_dir.join(PROJECTIONS).join(format!("{name}.db"))
}
