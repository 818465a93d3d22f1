//! The parts of Kiban that one process plays, over one log. Parts share nothing but the log and the decoded feed, so
//! that one process and many run the same code.

use std::{
    error::Error,
    fs::{File, TryLockError},
    net::IpAddr,
    num::NonZeroU32,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    time::Duration,
};

use access::{AccessApi, Policy, UsageIndex};
use billing::{Billing, BillingFold};
use contract::{Contracts, Deadlines, Expiry};
use deal_flow::{DealFlow, DealFlowFold};
use directory::{Directory, DirectoryFold};
use engine::{
    Clock, Fold, FoldCheck, Folds, Gate, Projection, Refusal, RunningFolds, Shards, Store, check_fold,
    check_shards, check_snapshots,
};
use event_log::{
    ConnectError, EventFeed, EventLog, EventStoreLog, EventStoreOptions, Log, Position, ReadError, Served,
    SqliteLog, SqliteOptions,
};
use events::Category;
use finance::Finance;
use futures::{FutureExt, StreamExt, future::BoxFuture};
use ipnet::IpNet;
use membership::Membership;
use order::{HeldSpecimens, ListingApi, Orders, SpecimenRelease, Specimens};
use recruitment::Recruitments;
use revenue_share::{RevenueShare, RevenueShareFold};
use service_catalogue::{Catalogue, CatalogueFold};
use tokio::{sync::watch, task::JoinHandle, time::MissedTickBehavior};
use tonic::service::Routes;
use venture::{ForumEvents, Ventures};

use crate::{
    gateway::{Gateway, Trusted},
    relay::RunningRelay,
    roles::{Role, Route, Service},
    telemetry::{Metric, Registry},
};

/// What a node could not be opened for.
pub type OpenFailure = Box<dyn Error + Send + Sync>;

/// The folder of what is built from the log, in the data directory: it can be deleted at will.
const PROJECTIONS: &str = "projections";
/// The file of the aggregates' snapshots.
const AGGREGATES: &str = "aggregates";
/// The file of what the relay knows of its lease.
const LEASES: &str = "relay";

/// How often policies look at what is due.
const POLICY_INTERVAL: Duration = Duration::from_secs(1);

/// How long a process waits for a log in another one when it starts, and how often it looks.
const PATIENCE: Duration = Duration::from_secs(60);
const RECONNECT: Duration = Duration::from_secs(1);

/// What a process is to be.
#[derive(Clone, Debug)]
pub struct NodeOptions {
    /// The directory of the embedded log and of everything built from a log.
    pub data_dir: PathBuf,
    /// The parts that it plays.
    pub roles: Vec<Role>,
    /// The log, if it is in another process.
    pub event_log: Option<EventStoreOptions>,
    /// By what processes of Kiban prove themselves to the log that this one serves.
    pub secret: Option<String>,
    /// From where, beside loopback, callers are believed to be who they say.
    pub trusted_peers: Vec<IpNet>,
    /// Where the gateway finds the other roles.
    pub routes: Vec<Route>,
    /// In how many shards billing and revenue-share are folded.
    pub shards: NonZeroU32,
    /// The Kafka brokers that the relay publishes to.
    pub kafka: Option<String>,
}

impl NodeOptions {
    /// Everything in one process on the embedded log of a directory.
    pub fn whole(data_dir: impl Into<PathBuf>) -> Self {
        Self {
            data_dir: data_dir.into(),
            roles: Role::WHOLE.to_vec(),
            event_log: None,
            secret: None,
            trusted_peers: Vec::new(),
            routes: Vec::new(),
            shards: NonZeroU32::MIN,
            kafka: None,
        }
    }

    fn trusted(&self) -> Trusted {
        let nets = self.trusted_peers.clone();
        Arc::new(move |address: IpAddr| nets.iter().any(|net| net.contains(&address)))
    }

    fn plays(&self, role: Role) -> bool {
        self.roles.contains(&role)
    }
}

/// The log, and which engine keeps it.
#[derive(Clone)]
struct Kept {
    log: Arc<dyn Log>,
    embedded: Option<Arc<SqliteLog>>,
    remote: Option<Arc<EventStoreLog>>,
}

impl Kept {
    /// Tells how the log does, as far as this process knows it.
    fn tell(&self, registry: &Registry) {
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

/// The services and projections of a process.
pub struct Node {
    options: NodeOptions,
    /// None if no part needs it.
    kept: Option<Kept>,
    clock: Arc<dyn Clock>,
    folds: RunningFolds,
    waits: Vec<Wait>,
    tasks: Vec<JoinHandle<()>>,
    read_models: ReadModels,
    aggregates: Option<Arc<Store>>,
    relay: Option<RunningRelay>,
    registry: Registry,
    _locks: Vec<File>,
}

/// Waits until a projection has come to a position.
type Wait = Box<dyn Fn(Position) -> BoxFuture<'static, Result<(), Refusal>> + Send + Sync>;

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
    pub fn open(data_dir: &Path, clock: Arc<dyn Clock>) -> Result<Self, OpenFailure> {
        let options = NodeOptions::whole(data_dir);
        let kept = embedded(data_dir, &clock)?;
        Self::over(options, Some(kept), clock)
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
        if options.plays(Role::Relay) && options.kafka.is_none() {
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
        Self::over(options, kept, clock)
    }

    fn over(options: NodeOptions, kept: Option<Kept>, clock: Arc<dyn Clock>) -> Result<Self, OpenFailure> {
        let mut opening = Opening {
            data_dir: &options.data_dir,
            head: kept.as_ref().map(|kept| kept.log.head().position).unwrap_or_default(),
            folds: Folds::default(),
            waits: Vec::new(),
            locks: Vec::new(),
        };
        let plays = |role| options.plays(role);
        let read_models = ReadModels {
            usage_index: opening.projection(plays(Role::Access))?,
            deadlines: opening.projection(plays(Role::Policies))?,
            held: opening.projection(plays(Role::Policies))?,
            billing: opening.shards(plays(Role::Billing), options.shards)?,
            revenue_share: opening.shards(plays(Role::RevenueShare), options.shards)?,
            directory: opening.projection(plays(Role::Directory))?,
            catalogue: opening.projection(plays(Role::ServiceCatalogue))?,
            deal_flow: opening.projection(plays(Role::DealFlow))?,
        };
        let aggregates = plays(Role::Access).then(|| opening.snapshots(AGGREGATES)).transpose()?;
        let leases = plays(Role::Relay).then(|| opening.snapshots(LEASES)).transpose()?;
        let Opening { head, folds, waits, locks, .. } = opening;
        let folds = match &kept {
            Some(kept) => folds.run(kept.log.clone()),
            None => folds.idle(),
        };
        let registry = Registry::default();
        if let Some(kept) = &kept {
            kept.tell(&registry);
            registry.add_folds(folds.view(), kept.log.clone());
        }
        let relay = match (&kept, &options.kafka, leases) {
            (Some(kept), Some(brokers), Some(leases)) => {
                Some(RunningRelay::start(&kept.log, brokers, clock.clone(), leases, &registry)?)
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
            if let Some(remote) = kept.remote.clone().filter(|remote| !remote.is_kiban()) {
                let found = Arc::new(AtomicU64::new(0));
                let told = found.clone();
                registry.add_written_on_stale_facts(move || told.load(Relaxed));
                tasks.push(tokio::spawn(flag_stale_guards(remote, found)));
            }
        }
        Ok(Self { options, kept, clock, folds, waits, tasks, read_models, aggregates, relay, registry, _locks: locks })
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
        let trusted = self.options.trusted();
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

    /// Waits until every projection has examined the log up to its present end.
    pub async fn caught_up(&self) -> Result<(), Refusal> {
        let Some(kept) = &self.kept else { return Ok(()) };
        let head = kept.log.head_now().await.map_err(engine::refusal_of_read)?.position;
        for wait in &self.waits {
            wait(head).await?;
        }
        Ok(())
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

/// The log in another process, which may be starting just now, too.
async fn connect(options: &EventStoreOptions) -> Result<Arc<EventStoreLog>, OpenFailure> {
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
fn embedded(data_dir: &Path, clock: &Arc<dyn Clock>) -> Result<Kept, OpenFailure> {
    let log = SqliteLog::open(data_dir, SqliteOptions::new(log_clock(clock.clone())))?;
    Ok(Kept { log: log.clone(), embedded: Some(log), remote: None })
}

/// Opens the projections of a directory.
struct Opening<'a> {
    data_dir: &'a Path,
    /// The end of the log.
    head: Position,
    folds: Folds,
    waits: Vec<Wait>,
    locks: Vec<File>,
}

impl Opening<'_> {
    /// A projection that starts from its snapshot, if it is wanted.
    fn projection<F: Fold>(&mut self, wanted: bool) -> Result<Option<Arc<Projection<F>>>, OpenFailure> {
        if !wanted {
            return Ok(None);
        }
        self.lock(F::NAME)?;
        let store = Store::open(&store_path(self.data_dir, F::NAME))?;
        let projection = Projection::open_until(store, self.head)?;
        self.folds.add(&projection);
        let waited = projection.clone();
        self.waits.push(Box::new(move |position| {
            let waited = waited.clone();
            async move { waited.reached(position).await }.boxed()
        }));
        Ok(Some(projection))
    }

    /// A fold in shards, if it is wanted.
    fn shards<F: Fold>(&mut self, wanted: bool, count: NonZeroU32) -> Result<Option<Shards<F>>, OpenFailure> {
        if !wanted {
            return Ok(None);
        }
        self.lock(F::NAME)?;
        let shards = Shards::<F>::open(&self.data_dir.join(PROJECTIONS), count, self.head)?;
        self.folds.add_shards(&shards);
        let waited = shards.clone();
        self.waits.push(Box::new(move |position| {
            let waited = waited.clone();
            async move { waited.reached(position).await }.boxed()
        }));
        Ok(Some(shards))
    }

    /// The file of snapshots of aggregates.
    fn snapshots(&mut self, name: &str) -> Result<Arc<Store>, OpenFailure> {
        self.lock(name)?;
        let store = Store::open(&store_path(self.data_dir, name))?;
        store.forget_snapshots_after(self.head)?;
        Ok(Arc::new(store))
    }

    /// Takes what is kept under a name for this process.
    fn lock(&mut self, name: &str) -> Result<(), OpenFailure> {
        let folder = self.data_dir.join(PROJECTIONS);
        std::fs::create_dir_all(&folder)?;
        let lock = folder.join(format!("{name}.lock"));
        let file = File::options().create(true).truncate(false).write(true).open(&lock)?;
        match file.try_lock() {
            Ok(()) => self.locks.push(file),
            Err(TryLockError::WouldBlock) => {
                let folder = folder.display();
                let what =
                    format!("another process has {name} in {folder}: give each a --data-dir of its own");
                return Err(what.into());
            }
            Err(TryLockError::Error(error)) => return Err(error.into()),
        }
        Ok(())
    }
}

/// Lets each policy act on what is due, time and again. What fails is tried again the next time.
async fn run_policies(expiry: Expiry, release: SpecimenRelease) {
    let mut ticks = tokio::time::interval(POLICY_INTERVAL);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        tell("expiries", expiry.record_due().await);
        tell("releases of specimens", release.release_due().await);
    }
}

/// Says of each decision on a log without guards whether what it stood on had moved by the time it was written.
async fn flag_stale_guards(log: Arc<EventStoreLog>, count: Arc<AtomicU64>) {
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

fn store_path(data_dir: &Path, name: &str) -> PathBuf {
    data_dir.join(PROJECTIONS).join(format!("{name}.db"))
}

/// The clock of the log: microseconds since the Unix epoch.
pub(crate) fn log_clock(clock: Arc<dyn Clock>) -> event_log::Clock {
    Arc::new(move || clock.now().as_micros())
}
