//! Many real processes on one embedded log, killed at random points under load.

use std::{
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::SeqCst},
    },
    time::Duration,
};

use domain::time::{Month, Timestamp};
use engine::{Clock, SystemClock};
use proto::kiban::{access::v1::Outcome, billing::v1::Statement, common::v1::Right};
use tonic::{Code, transport::Channel};

use crate::{
    BATCH, SOURCES, Server, assert_sound, report, send, statement,
    support::{Forum, topology::SECRET},
};

/// Reports of each source.
const REPORTS: u64 = 40;
/// How often somebody is killed.
const KILLS: usize = 9;

/// A process that comes back where it was.
struct Part {
    name: &'static str,
    data_dir: PathBuf,
    arguments: Vec<String>,
    server: Option<Server>,
    address: String,
}

impl Part {
    fn start(name: &'static str, data_dir: PathBuf, arguments: Vec<String>) -> Self {
        let server = Server::playing(&data_dir, "127.0.0.1:0", &arguments);
        let address = server.address.clone();
        Self { name, data_dir, arguments, server: Some(server), address }
    }

    fn kill(&mut self) {
        self.server.take().expect("it runs").kill();
    }

    fn come_back(&mut self) {
        self.server = Some(Server::playing(&self.data_dir, &self.address, &self.arguments));
    }
}

/// A forum of four processes and a gateway.
struct Apart {
    parts: Vec<Part>,
    gateway: Part,
}

impl Apart {
    fn start(directory: &Path) -> Self {
        let secret = directory.join("secret");
        std::fs::write(&secret, SECRET).unwrap();
        let secret = format!("--event-log-secret-file={}", secret.display());
        let log = vec!["--role=event-log".to_owned(), secret.clone()];
        let log = Part::start("event-log", directory.join("log"), log);
        let event_log = format!("--event-log=esdb://{}?tls=false", log.address);
        let mut routes = vec!["--role=gateway".to_owned()];
        let mut parts = vec![log];
        for (name, roles) in [
            ("access", &["access"][..]),
            ("billing", &["billing", "revenue-share"]),
            ("services", &["membership", "contract", "finance", "policies"]),
        ] {
            let mut arguments = vec![event_log.clone(), secret.clone()];
            arguments.extend(roles.iter().map(|role| format!("--role={role}")));
            let part = Part::start(name, directory.join(name), arguments);
            let answering = roles.iter().filter(|role| **role != "policies");
            routes.extend(answering.map(|role| format!("--route={role}=http://{}", part.address)));
            parts.push(part);
        }
        let gateway = Part::start("gateway", directory.join("gateway"), routes);
        Self { parts, gateway }
    }

    async fn connect(&self) -> Channel {
        self.gateway.server.as_ref().expect("it runs").connect().await
    }
}

/// Reports until everything is acknowledged, each report again until it is. How often it had to be sent again.
async fn load(channel: Channel, forum: Arc<Forum>, source: String, at: Timestamp) -> u64 {
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
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    again
}

async fn report_everything(channel: &Channel, forum: &Arc<Forum>, at: Timestamp) -> u64 {
    let mut sources = Vec::new();
    for number in 0..SOURCES {
        sources.push(forum.add_source(&forum.contract, &format!("meter-{number}")).await);
    }
    let loads =
        sources.into_iter().map(|source| tokio::spawn(load(channel.clone(), forum.clone(), source, at)));
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
    let directory = tempfile::tempdir().unwrap();
    let mut apart = Apart::start(directory.path());
    let channel = apart.connect().await;
    let forum = Arc::new(Forum::found(channel.clone(), &SystemClock, 1).await);
    let at = SystemClock.now();
    let done = Arc::new(AtomicBool::new(false));
    let loading = {
        let (channel, forum, done) = (channel.clone(), forum.clone(), done.clone());
        tokio::spawn(async move {
            let again = report_everything(&channel, &forum, at).await;
            done.store(true, SeqCst);
            again
        })
    };
    // Looks random, and is the same every time.
    let mut dice = 0x9e37_79b9_7f4a_7c15_u64;
    let mut killed = Vec::new();
    while killed.len() < KILLS {
        dice ^= dice << 13;
        dice ^= dice >> 7;
        dice ^= dice << 17;
        tokio::time::sleep(Duration::from_millis(60 + dice % 250)).await;
        let part = &mut apart.parts[(dice >> 20) as usize % 3];
        part.kill();
        tokio::time::sleep(Duration::from_millis((dice >> 40) % 400)).await;
        part.come_back();
        killed.push(part.name);
        if done.load(SeqCst) {
            break;
        }
    }
    assert!(killed.contains(&"event-log") && killed.contains(&"billing"), "{killed:?}");
    let again = loading.await.unwrap();
    assert!(again > 0, "the kills were not felt: {killed:?}");

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
    let server = Server::start(directory.path());
    let channel = server.connect().await;
    let forum = Arc::new(Forum::found(channel.clone(), &SystemClock, 1).await);
    let at = SystemClock.now();
    assert_eq!(report_everything(&channel, &forum, at).await, 0);
    let statement = statement_in_the_end(&channel, &forum, at).await;
    server.kill();
    statement
}
