//! Many real processes on one embedded log, killed or cut off from it at random points under load.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use domain::time::{Month, Timestamp};
use engine::{Clock, SystemClock};
use proto::kiban::{access::v1::Outcome, billing::v1::Statement, common::v1::Right};
use tonic::{Code, transport::Channel};
use tonic_health::pb::{
    HealthCheckRequest, health_check_response::ServingStatus, health_client::HealthClient,
};

use crate::{
    BATCH, SOURCES, assert_sound, connect, playing, report, send, start, statement,
    support::{Forum, process::Process, proxy::Proxy, topology::SECRET},
    try_statement,
};

/// Reports of each source.
const REPORTS: u64 = 40;
/// How long a part that is cut off waits for the log before it says so, where it is to be felt, in milliseconds. The
/// usual ten seconds outlast more than happens here.
const DEADLINE: u64 = 200;

/// What may happen to a process.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Harm {
    /// It is killed, and comes back where it was.
    Killed,
    /// Its connections to the log are cut, and it gets no new ones.
    CutOff,
    /// Its connections to the log pass nothing, and do not close.
    Silenced,
}

impl Harm {
    /// The least that it takes, in milliseconds. A part asks twice before it says that it does not know.
    const fn least(self) -> u64 {
        match self {
            Self::Killed => 0,
            Self::CutOff | Self::Silenced => 4 * DEADLINE,
        }
    }
}

/// A process that comes back where it was.
struct Part {
    data_dir: PathBuf,
    arguments: Vec<String>,
    server: Option<Process>,
    address: String,
    /// The network between it and the log, unless it is the log.
    network: Option<Proxy>,
}

impl Part {
    fn start(data_dir: PathBuf, arguments: Vec<String>) -> Self {
        let server = playing(&data_dir, "127.0.0.1:0", &arguments);
        let address = server.address.clone();
        Self { data_dir, arguments, server: Some(server), address, network: None }
    }

    fn network(&self) -> &Proxy {
        self.network.as_ref().expect("it has the log in another process")
    }

    fn kill(&mut self) {
        self.server.take().expect("it runs").kill();
    }

    fn come_back(&mut self) {
        self.server = Some(playing(&self.data_dir, &self.address, &self.arguments));
    }

    async fn suffer(&mut self, harm: Harm, length: Duration) {
        match harm {
            Harm::Killed => self.kill(),
            Harm::CutOff => self.network().close(),
            Harm::Silenced => self.network().freeze(),
        }
        tokio::time::sleep(length).await;
        match harm {
            Harm::Killed => self.come_back(),
            Harm::CutOff => self.network().open(),
            Harm::Silenced => self.network().thaw(),
        }
    }
}

/// A forum of four processes and a gateway.
struct Apart {
    /// The log, access, billing and the others.
    parts: Vec<Part>,
    gateway: Part,
}

impl Apart {
    /// Options of the connections to the log come after its address.
    async fn start(directory: &Path, options: &str) -> Self {
        let secret = directory.join("secret");
        std::fs::write(&secret, SECRET).unwrap();
        let secret = format!("--event-log-secret-file={}", secret.display());
        let log = vec!["--role=event-log".to_owned(), secret.clone()];
        let log = Part::start(directory.join("log"), log);
        let kept_by = log.address.parse().unwrap();
        let mut routes = vec!["--role=gateway".to_owned()];
        let mut parts = vec![log];
        for (name, roles) in [
            ("access", &["access"][..]),
            ("billing", &["billing", "revenue-share"]),
            ("services", &["membership", "contract", "finance", "policies"]),
        ] {
            let network = Proxy::before(kept_by).await;
            let event_log = format!("--event-log=esdb://{}?tls=false{options}", network.address);
            let mut arguments = vec![event_log, secret.clone()];
            arguments.extend(roles.iter().map(|role| format!("--role={role}")));
            let part = Part::start(directory.join(name), arguments);
            let answering = roles.iter().filter(|role| **role != "policies");
            routes.extend(answering.map(|role| format!("--route={role}=http://{}", part.address)));
            parts.push(Part { network: Some(network), ..part });
        }
        let gateway = Part::start(directory.join("gateway"), routes);
        Self { parts, gateway }
    }

    async fn connect(&self) -> Channel {
        connect(self.gateway.server.as_ref().expect("it runs")).await
    }
}

/// Reports until everything is acknowledged, each report again until it is. How often it had to be sent again.
async fn load(channel: Channel, forum: Arc<Forum>, source: String, at: Timestamp, pause: Duration) -> u64 {
    let mut again = 0;
    for number in 0..REPORTS {
        let mut tried = false;
        loop {
            match send(channel.clone(), &forum, report(&forum, &source, 1 + number * BATCH, at)).await {
                Ok(reply) => {
                    let fits = |outcome| outcome == Outcome::New || (tried && outcome == Outcome::Known);
                    assert!(reply.outcomes().all(fits), "{:?}", reply.outcomes);
                    break;
                }
                Err(status) => {
                    let passing =
                        [Code::Unavailable, Code::Unknown, Code::Cancelled, Code::Internal, Code::Aborted];
                    assert!(passing.contains(&status.code()), "a retry cannot help: {status:?}");
                    tried = true;
                    again += 1;
                    tokio::time::sleep(Duration::from_millis(20)).await;
                }
            }
        }
        tokio::time::sleep(pause).await;
    }
    again
}

async fn report_everything(channel: &Channel, forum: &Arc<Forum>, at: Timestamp, pause: Duration) -> u64 {
    let mut sources = Vec::new();
    for number in 0..SOURCES {
        sources.push(forum.add_source(&forum.contract, &format!("meter-{number}")).await);
    }
    let loads = sources
        .into_iter()
        .map(|source| tokio::spawn(load(channel.clone(), forum.clone(), source, at, pause)));
    let mut again = 0;
    for load in loads.collect::<Vec<_>>() {
        again += load.await.unwrap();
    }
    again
}

/// What a statement comes to: everything but ids, which differ from forum to forum.
fn figures(statement: &Statement) -> Vec<(String, i32, String, i64)> {
    let amount =
        |line: &proto::kiban::billing::v1::StatementLine| line.amount.as_ref().map_or(0, |it| it.minor_units);
    let lines = statement.lines.iter();
    lines.map(|line| (line.charge_kind.clone(), line.right, line.quantity.clone(), amount(line))).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn parts_that_are_killed_under_load_lose_nothing_and_bill_nothing_twice() {
    let log_access_billing = [0, 2, 1, 2, 0, 1, 0, 1, 2];
    through(&log_access_billing.map(|part| (part, Harm::Killed)), "").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn parts_that_are_cut_off_from_the_log_lose_nothing_and_bill_nothing_twice() {
    let impatient = format!("&keepAliveInterval=100&keepAliveTimeout=100&defaultDeadline={DEADLINE}");
    let each = [1, 2, 3].map(|part| [(part, Harm::CutOff), (part, Harm::Silenced)]);
    through(&each.concat(), &impatient).await;
}

/// Some parts come to harm one after another while everything is reported. What is billed is what is billed of a forum
/// where nothing happened.
async fn through(harms: &[(usize, Harm)], options: &str) {
    let directory = tempfile::tempdir().unwrap();
    let mut apart = Apart::start(directory.path(), options).await;
    let channel = apart.connect().await;
    let forum = Arc::new(Forum::found(channel.clone(), &SystemClock, 1).await);
    let at = SystemClock.now();
    let loading = {
        let (channel, forum) = (channel.clone(), forum.clone());
        // It lasts longer than what happens meanwhile.
        let pause = Duration::from_millis(400);
        tokio::spawn(async move { report_everything(&channel, &forum, at, pause).await })
    };
    // Looks random, and is the same every time.
    let mut dice = 0x9e37_79b9_7f4a_7c15_u64;
    for (part, harm) in harms {
        dice ^= dice << 13;
        dice ^= dice >> 7;
        dice ^= dice << 17;
        tokio::time::sleep(Duration::from_millis(60 + dice % 250)).await;
        let length = Duration::from_millis(harm.least() + (dice >> 40) % 400);
        apart.parts[*part].suffer(*harm, length).await;
    }
    assert!(!loading.is_finished(), "some came to harm when nobody reported any more");
    let again = loading.await.unwrap();
    assert!(again > 0, "nothing was felt of it");

    let disturbed = statement_in_the_end(&channel, &forum, at).await;
    let undisturbed = undisturbed().await;
    assert_eq!(figures(&disturbed), figures(&undisturbed));
    let detailed = disturbed.lines.iter().find(|line| line.right() == Right::DetailedAnalysis).unwrap();
    assert_eq!(
        detailed.quantity,
        ((SOURCES as u64 * REPORTS + 1) * BATCH).to_string(),
        "each record is of one case"
    );
    for part in &mut apart.parts {
        part.kill();
    }
    apart.gateway.kill();
    assert_sound(&directory.path().join("log"));
}

/// Whether a caller may see something is in the log, too: without it nothing is answered from what once was so.
#[tokio::test(flavor = "multi_thread")]
async fn a_part_that_is_cut_off_says_so_and_goes_on_afterwards() {
    let directory = tempfile::tempdir().unwrap();
    let apart = Apart::start(directory.path(), &format!("&defaultDeadline={DEADLINE}")).await;
    let channel = apart.connect().await;
    let forum = Forum::found(channel.clone(), &SystemClock, 1).await;
    let at = SystemClock.now();
    let month = Month::of(at);
    let first = send(channel.clone(), &forum, report(&forum, &forum.source, 1, at)).await.unwrap();
    let seen = first.receipt.unwrap().position;
    let before = statement(channel.clone(), &forum, month, seen.clone()).await;
    let [_, access, billing, _] = &apart.parts[..] else { panic!("four parts") };

    billing.network().close();
    let second = report(&forum, &forum.source, 1 + BATCH, at);
    let second = send(channel.clone(), &forum, second).await.unwrap();
    let unseen = second.receipt.unwrap().position;
    for position in [String::new(), seen, unseen.clone()] {
        let refused = try_statement(channel.clone(), &forum, month, position).await.unwrap_err();
        assert_eq!(refused.code(), Code::Unavailable, "{refused:?}");
    }
    billing.network().open();
    let after = statement_once_it_can(channel.clone(), &forum, month, unseen).await;
    assert_ne!(figures(&after), figures(&before));

    access.network().close();
    let third = report(&forum, &forum.source, 1 + 2 * BATCH, at);
    let refused = send(channel.clone(), &forum, third.clone()).await.unwrap_err();
    assert_eq!(refused.code(), Code::Unavailable, "{refused:?}");
    access.network().open();
    let mut sent = send(channel.clone(), &forum, third.clone()).await;
    for _ in 0..600 {
        if sent.is_ok() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
        sent = send(channel.clone(), &forum, third.clone()).await;
    }
    let position = sent.expect("it answers again").receipt.unwrap().position;
    let last = statement_once_it_can(channel, &forum, month, position).await;
    let detailed = last.lines.iter().find(|line| line.right() == Right::DetailedAnalysis).unwrap();
    assert_eq!(detailed.quantity, (3 * BATCH).to_string());
}

/// A new process does not take the place of one that knows more.
#[tokio::test(flavor = "multi_thread")]
async fn a_part_that_starts_anew_is_ready_once_it_has_caught_up() {
    let directory = tempfile::tempdir().unwrap();
    let mut apart = Apart::start(directory.path(), "").await;
    let channel = apart.connect().await;
    let forum = Arc::new(Forum::found(channel.clone(), &SystemClock, 1).await);
    let at = SystemClock.now();
    assert_eq!(report_everything(&channel, &forum, at, Duration::ZERO).await, 0);
    let before = statement_in_the_end(&channel, &forum, at).await;

    let billing = &mut apart.parts[2];
    billing.kill();
    std::fs::remove_dir_all(&billing.data_dir).unwrap();
    // It comes to everything in more than the ten seconds for which a question waits.
    billing.network().slow(40_000);
    billing.come_back();
    let own = connect(billing.server.as_ref().expect("it runs")).await;
    assert_eq!(health(&own, "").await, ServingStatus::Serving);
    assert_eq!(health(&own, "readiness").await, ServingStatus::NotServing);
    let mut looks = 0;
    while health(&own, "readiness").await != ServingStatus::Serving {
        looks += 1;
        assert!(looks < 600, "it does not get ready");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let after = statement(own, &forum, Month::of(at), String::new()).await;
    assert_eq!(figures(&after), figures(&before));
}

async fn health(channel: &Channel, service: &str) -> ServingStatus {
    let request = HealthCheckRequest { service: service.into() };
    HealthClient::new(channel.clone()).check(request).await.unwrap().into_inner().status()
}

async fn statement_once_it_can(
    channel: Channel,
    forum: &Forum,
    month: Month,
    min_position: String,
) -> Statement {
    for _ in 0..600 {
        if let Ok(statement) = try_statement(channel.clone(), forum, month, min_position.clone()).await {
            return statement;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("billing does not come to {min_position}");
}

/// The statement once billing has taken in everything, one more report included, which tells where the log stands.
async fn statement_in_the_end(channel: &Channel, forum: &Forum, at: Timestamp) -> Statement {
    let source = forum.add_source(&forum.contract, "the last").await;
    let mut last = None;
    for _ in 0..600 {
        match send(channel.clone(), forum, report(forum, &source, 1, at)).await {
            Ok(reply) => {
                last = reply.receipt;
                break;
            }
            Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
        }
    }
    let position = last.expect("it answers again").position;
    statement(channel.clone(), forum, Month::of(at), position).await
}

/// The same reports to one process that nobody kills.
async fn undisturbed() -> Statement {
    let directory = tempfile::tempdir().unwrap();
    let server = start(directory.path());
    let channel = connect(&server).await;
    let forum = Arc::new(Forum::found(channel.clone(), &SystemClock, 1).await);
    let at = SystemClock.now();
    assert_eq!(report_everything(&channel, &forum, at, Duration::ZERO).await, 0);
    let statement = statement_in_the_end(&channel, &forum, at).await;
    server.kill();
    statement
}
