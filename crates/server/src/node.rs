//! Every role in one process on the embedded log. Roles share nothing but the log and the decoded feed.

use std::{
    error::Error,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use access::{AccessApi, Policy, UsageIndex};
use billing::{Billing, BillingFold};
use contract::{Contracts, Deadlines, Expiry};
use deal_flow::{DealFlow, DealFlowFold};
use directory::{Directory, DirectoryFold};
use engine::{
    Clock, Fold, FoldCheck, Folds, Gate, Projection, Refusal, RunningFolds, Store, check_fold,
    check_snapshots,
};
use event_log::{EventFeed, EventLog, SqliteLog, SqliteOptions};
use finance::Finance;
use membership::Membership;
use order::{HeldSpecimens, ListingApi, Orders, SpecimenRelease, Specimens};
use recruitment::Recruitments;
use revenue_share::{RevenueShare, RevenueShareFold};
use service_catalogue::{Catalogue, CatalogueFold};
use tokio::{sync::watch, task::JoinHandle, time::MissedTickBehavior};
use tonic::service::Routes;
use venture::{ForumEvents, Ventures};

use crate::telemetry::{Metric, Registry};

/// What a node could not be opened for.
pub type OpenFailure = Box<dyn Error + Send + Sync>;

/// The folder of what is built from the log, in the data directory: it can be deleted at will.
const PROJECTIONS: &str = "projections";
/// The file of the aggregates' snapshots.
const AGGREGATES: &str = "aggregates";

/// How often policies look at what is due.
const POLICY_INTERVAL: Duration = Duration::from_secs(1);

/// The services and projections over one data directory.
pub struct Node {
    log: Arc<SqliteLog>,
    gate: Arc<Gate>,
    clock: Arc<dyn Clock>,
    folds: RunningFolds,
    policies: JoinHandle<()>,
    aggregates: Arc<Store>,
    usage_index: Arc<Projection<UsageIndex>>,
    billing: Arc<Projection<BillingFold>>,
    revenue_share: Arc<Projection<RevenueShareFold>>,
    directory: Arc<Projection<DirectoryFold>>,
    catalogue: Arc<Projection<CatalogueFold>>,
    deal_flow: Arc<Projection<DealFlowFold>>,
    registry: Registry,
}

impl Node {
    /// What it serves, for people.
    pub const SERVICES: &'static [(&'static str, &'static str)] = &[
        ("kiban.membership.v1.MembershipService", "organisations and their capacities"),
        ("kiban.contract.v1.ContractService", "blanket contracts, from application to expiry"),
        ("kiban.finance.v1.FinanceService", "price books, share rules, closed months"),
        ("kiban.access.v1.AccessService", "datasets, admission, metering"),
        ("kiban.order.v1.ListingService", "what vendors list and quote, alone or as a consortium"),
        ("kiban.order.v1.OrderService", "services ordered from vendors, from placing to completion"),
        ("kiban.order.v1.SpecimenService", "specimens, and what of them is reserved for orders"),
        ("kiban.recruitment.v1.RecruitmentService", "patient recruitment requests"),
        ("kiban.venture.v1.VentureService", "ventures, deals and investments between members"),
        ("kiban.venture.v1.ForumEventService", "matchings, briefings, pitch contests"),
        ("kiban.billing.v1.BillingService", "statements, and why each line is what it is"),
        ("kiban.revenue_share.v1.RevenueShareService", "who is owed what, and why"),
        ("kiban.service_catalogue.v1.CatalogueService", "what vendors offer now, and what became of it"),
        ("kiban.deal_flow.v1.DealFlowService", "teasers of ventures, and what became of the deals"),
        ("kiban.directory.v1.DirectoryService", "what is mine, and what happens to it"),
    ];

    /// Opens the log of a directory, or makes one, and everything that stands on it.
    pub fn open(data_dir: &Path, clock: Arc<dyn Clock>) -> Result<Self, OpenFailure> {
        let log = SqliteLog::open(data_dir, SqliteOptions::new(log_clock(clock.clone())))?;
        let gate = Arc::new(Gate::new(log.clone(), clock.clone()));
        std::fs::create_dir_all(data_dir.join(PROJECTIONS))?;
        let usage_index = Self::projection::<UsageIndex>(data_dir, &log)?;
        let deadlines = Self::projection::<Deadlines>(data_dir, &log)?;
        let held = Self::projection::<HeldSpecimens>(data_dir, &log)?;
        let billing = Self::projection::<BillingFold>(data_dir, &log)?;
        let revenue_share = Self::projection::<RevenueShareFold>(data_dir, &log)?;
        let directory = Self::projection::<DirectoryFold>(data_dir, &log)?;
        let catalogue = Self::projection::<CatalogueFold>(data_dir, &log)?;
        let deal_flow = Self::projection::<DealFlowFold>(data_dir, &log)?;
        let mut folds = Folds::default();
        folds.add(&usage_index);
        folds.add(&deadlines);
        folds.add(&held);
        folds.add(&billing);
        folds.add(&revenue_share);
        folds.add(&directory);
        folds.add(&catalogue);
        folds.add(&deal_flow);
        let folds = folds.run(log.clone());
        let registry = Registry::default();
        registry.add_log(log.clone());
        registry.add_folds(folds.view(), log.clone());
        // Nobody waits for it: a search that comes sooner does it itself.
        tokio::spawn(service_catalogue::warm_up(catalogue.clone(), log.head().position));
        let expiry = Expiry::new(log.clone(), deadlines, clock.clone());
        let release = SpecimenRelease::new(log.clone(), held, clock.clone());
        let policies = tokio::spawn(run_policies(expiry, release));
        let aggregates = Arc::new(Store::open(&store_path(data_dir, AGGREGATES))?);
        aggregates.forget_snapshots_after(log.head().position)?;
        Ok(Self {
            log,
            gate,
            clock,
            folds,
            policies,
            aggregates,
            usage_index,
            billing,
            revenue_share,
            directory,
            catalogue,
            deal_flow,
            registry,
        })
    }

    /// The gRPC services. Streams end once `stopped` turns true.
    pub fn routes(&self, stopped: watch::Receiver<bool>) -> Routes {
        let log: Arc<dyn EventLog> = self.log.clone();
        let feed: Arc<dyn EventFeed> = self.log.clone();
        let (gate, index) = (self.gate.clone(), self.usage_index.clone());
        let snapshots = self.aggregates.clone();
        let access = AccessApi::new(log.clone(), gate.clone(), index, snapshots, Policy::default());
        self.registry.add_value(Metric::RefusalsNotRecorded, access.unwritten_denials());
        let mut routes = Routes::builder();
        routes
            .add_service(Membership::new(log.clone(), gate.clone()).server())
            .add_service(Contracts::new(log.clone(), gate.clone()).server())
            .add_service(Finance::new(log.clone(), gate.clone()).server())
            .add_service(access.server())
            .add_service(ListingApi::new(log.clone(), gate.clone()).server())
            .add_service(Orders::new(log.clone(), gate.clone()).server())
            .add_service(Specimens::new(log.clone(), gate.clone()).server())
            .add_service(Recruitments::new(log.clone(), gate.clone()).server())
            .add_service(Ventures::new(log.clone(), gate.clone()).server())
            .add_service(ForumEvents::new(log.clone(), gate.clone()).server())
            .add_service(
                Billing::new(self.billing.clone(), log.clone(), gate.clone(), self.clock.clone()).server(),
            )
            .add_service(
                RevenueShare::new(self.revenue_share.clone(), log.clone(), gate.clone(), self.clock.clone())
                    .server(),
            )
            .add_service(Catalogue::new(self.catalogue.clone(), log.clone(), gate.clone()).server())
            .add_service(self.deal_flow(stopped.clone()).server())
            .add_service(Directory::new(self.directory.clone(), log, feed, gate, stopped).server());
        routes.routes()
    }

    fn deal_flow(&self, stopped: watch::Receiver<bool>) -> DealFlow {
        let (projection, gate) = (self.deal_flow.clone(), self.gate.clone());
        DealFlow::new(projection, self.log.clone(), self.log.clone(), gate, self.clock.clone(), stopped)
    }

    /// The log.
    pub fn log(&self) -> &Arc<SqliteLog> {
        &self.log
    }

    /// What it has to tell about itself.
    pub const fn registry(&self) -> &Registry {
        &self.registry
    }

    /// Waits until every projection has examined the log up to its present end.
    pub async fn caught_up(&self) -> Result<(), Refusal> {
        let head = self.log.head().position;
        self.usage_index.reached(head).await?;
        self.billing.reached(head).await?;
        self.revenue_share.reached(head).await?;
        self.directory.reached(head).await?;
        self.catalogue.reached(head).await?;
        self.deal_flow.reached(head).await
    }

    /// Resolves when the log can take no more writes or cannot be read, with why. Nothing may be added to a log
    /// that is known to be corrupt.
    pub async fn failed(&self) -> String {
        tokio::select! {
            failure = self.log.failed() => match failure {
                Some(failure) => failure.to_string(),
                None => "the log was closed".to_owned(),
            },
            failure = self.folds.failed() => failure,
        }
    }

    /// Stops the policies and the folds, which take their last snapshots, and closes the log.
    pub async fn close(self) {
        self.policies.abort();
        let _ = self.policies.await;
        self.folds.stop().await;
        self.log.close().await;
    }

    /// Rebuilds every projection of a directory and compares.
    pub async fn check_folds(log: &dyn EventLog, data_dir: &Path) -> Vec<FoldCheck> {
        vec![
            check_snapshots::<domain::access::Access>(log, &store_path(data_dir, AGGREGATES)).await,
            check_fold::<UsageIndex>(log, &store_path(data_dir, UsageIndex::NAME)).await,
            check_fold::<Deadlines>(log, &store_path(data_dir, Deadlines::NAME)).await,
            check_fold::<HeldSpecimens>(log, &store_path(data_dir, HeldSpecimens::NAME)).await,
            check_fold::<BillingFold>(log, &store_path(data_dir, BillingFold::NAME)).await,
            check_fold::<RevenueShareFold>(log, &store_path(data_dir, RevenueShareFold::NAME)).await,
            check_fold::<DirectoryFold>(log, &store_path(data_dir, DirectoryFold::NAME)).await,
            check_fold::<CatalogueFold>(log, &store_path(data_dir, CatalogueFold::NAME)).await,
            check_fold::<DealFlowFold>(log, &store_path(data_dir, DealFlowFold::NAME)).await,
        ]
    }

    /// A projection that starts from its snapshot. One that is ahead of the log stands on a log that is not
    /// there any more, so it is built again.
    fn projection<F: Fold>(data_dir: &Path, log: &SqliteLog) -> Result<Arc<Projection<F>>, OpenFailure> {
        let store = Store::open(&store_path(data_dir, F::NAME))?;
        let ahead = |kept: engine::StoredFold| kept.position > log.head().position;
        if store.load_fold(F::VERSION)?.is_some_and(ahead) {
            tracing::warn!(fold = F::NAME, "its snapshot is ahead of the log; building it again");
            store.clear()?;
        }
        Ok(Projection::open(store)?)
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
