//! The real binary as a process: killed under load, copied while it serves, stopped by its operator.
//!
//! This stands here, not in `tests/`, because only a test of its own package may name a binary.

#[path = "../../../../tests/support/mod.rs"]
mod support;

mod apart;

use std::{
    io::Read,
    path::Path,
    process::{Command, ExitStatus, Output, Stdio},
    sync::Arc,
    time::Duration,
};

use domain::time::{Month, Timestamp};
use engine::{Clock, SystemClock};
use proto::kiban::{
    access::v1::{
        GetSourceRequest, Outcome, ReportUsageRequest, ReportUsageResponse, UsageRecord,
        access_service_client::AccessServiceClient,
    },
    billing::v1::{GetStatementRequest, Statement, billing_service_client::BillingServiceClient},
    common::v1::Right,
};
use support::{Forum, by, process::Process};
use tokio::sync::Semaphore;
use tonic::{Status, transport::Channel};

const BINARY: &str = env!("CARGO_BIN_EXE_kiban");

const SOURCES: usize = 4;
/// Records of one report.
const BATCH: u64 = 300;

/// `kiban serve` on a free port.
fn start(data_dir: &Path) -> Process {
    playing(data_dir, "127.0.0.1:0", &[])
}

/// The same with arguments of its own.
fn playing(data_dir: &Path, listen: &str, arguments: &[String]) -> Process {
    Process::serve(BINARY, data_dir, listen, arguments)
}

async fn connect(process: &Process) -> Channel {
    let address = format!("http://{}", process.address);
    Channel::from_shared(address).unwrap().tcp_nodelay(true).connect().await.unwrap()
}

fn kiban() -> Command {
    Command::new(BINARY)
}

fn run(arguments: &[&str], paths: &[(&str, &Path)]) -> Output {
    let mut command = kiban();
    command.args(arguments);
    for (name, path) in paths {
        command.arg(name).arg(path);
    }
    command.output().unwrap()
}

/// `kiban verify` must find nothing wrong.
fn assert_sound(data_dir: &Path) {
    let verified = run(&["verify"], &[("--data-dir", data_dir)]);
    let text = String::from_utf8_lossy(&verified.stdout);
    assert!(verified.status.success(), "{text}{}", String::from_utf8_lossy(&verified.stderr));
    assert!(text.contains("nothing is wrong"), "{text}");
}

/// The report of a source that begins with a sequence: always the same content, so that it can be sent again.
fn report(forum: &Forum, source: &str, first: u64, at: Timestamp) -> ReportUsageRequest {
    let record = |sequence| UsageRecord {
        sequence,
        right: Right::DetailedAnalysis.into(),
        cases: 1,
        occurred_at_us: at.as_micros(),
        ..Default::default()
    };
    ReportUsageRequest {
        contract_id: forum.contract.clone(),
        source_id: source.into(),
        epoch: 1,
        dataset_ids: vec![forum.datasets[0].clone()],
        viewer_ids: vec!["per_00000000000000000000000002".into()],
        records: (first..first + BATCH).map(record).collect(),
        ..Default::default()
    }
}

async fn send(
    channel: Channel,
    forum: &Forum,
    report: ReportUsageRequest,
) -> Result<ReportUsageResponse, Status> {
    let reply = AccessServiceClient::new(channel).report_usage(by(&forum.member, report)).await?;
    Ok(reply.into_inner())
}

/// Reports until the server is gone. The sequence after the last one that was acknowledged. Tells of the first one.
async fn load(
    channel: Channel,
    forum: Arc<Forum>,
    source: String,
    mut next: u64,
    at: Timestamp,
    begun: Arc<Semaphore>,
) -> u64 {
    let first = next;
    while let Ok(reply) = send(channel.clone(), &forum, report(&forum, &source, next, at)).await {
        assert!(reply.outcomes().all(|outcome| outcome == Outcome::New), "{:?}", reply.outcomes);
        if next == first {
            begun.add_permits(1);
        }
        next += BATCH;
        assert_eq!(reply.next_sequence, next);
    }
    next
}

async fn statement(channel: Channel, forum: &Forum, month: Month, min_position: String) -> Statement {
    try_statement(channel, forum, month, min_position).await.unwrap()
}

async fn try_statement(
    channel: Channel,
    forum: &Forum,
    month: Month,
    min_position: String,
) -> Result<Statement, Status> {
    let request = GetStatementRequest {
        contract_id: forum.contract.clone(),
        month: month.to_string(),
        min_position,
        ..Default::default()
    };
    let mut billing = BillingServiceClient::new(channel);
    let answer = billing.get_statement(by(&forum.member, request)).await?;
    Ok(answer.into_inner().statement.unwrap())
}

async fn next_sequence(channel: Channel, forum: &Forum, source: &str) -> u64 {
    let request = GetSourceRequest {
        contract_id: forum.contract.clone(),
        source_id: source.into(),
        ..Default::default()
    };
    let mut accesses = AccessServiceClient::new(channel);
    let source = accesses.get_source(by(&forum.member, request)).await.unwrap().into_inner();
    assert_eq!(source.gaps, [], "a half-written report would leave a gap");
    source.next_sequence
}

/// What a killed server left behind: each source stands after its last acknowledged report, or after the one
/// that was in flight, as a whole. Sends that one again, and one more. Where each source stands then, and the
/// position of the last event.
async fn take_up(
    channel: &Channel,
    forum: &Forum,
    sources: &[String],
    acknowledged: &[u64],
    at: Timestamp,
) -> (Vec<u64>, String) {
    let mut position = String::new();
    let mut ends = Vec::new();
    for (source, acknowledged) in sources.iter().zip(acknowledged) {
        let stands = next_sequence(channel.clone(), forum, source).await;
        assert!(
            stands == *acknowledged || stands == acknowledged + BATCH,
            "{source} stands at {stands}, acknowledged was {acknowledged}"
        );
        let expected = if stands == *acknowledged { Outcome::New } else { Outcome::Known };
        let again = send(channel.clone(), forum, report(forum, source, *acknowledged, at)).await.unwrap();
        assert!(again.outcomes().all(|outcome| outcome == expected), "{stands}: {:?}", again.outcomes);
        let more =
            send(channel.clone(), forum, report(forum, source, acknowledged + BATCH, at)).await.unwrap();
        assert!(more.outcomes().all(|outcome| outcome == Outcome::New), "{:?}", more.outcomes);
        position = more.receipt.unwrap().position;
        ends.push(more.next_sequence);
    }
    (ends, position)
}

#[tokio::test(flavor = "multi_thread")]
async fn after_kill_9_every_acknowledged_record_is_there_exactly_once() {
    let directory = tempfile::tempdir().unwrap();
    let data_dir = directory.path().join("data");
    let mut server = start(&data_dir);
    let mut channel = connect(&server).await;
    let forum = Arc::new(Forum::found(channel.clone(), &SystemClock, 1).await);
    let mut sources = Vec::new();
    for number in 0..SOURCES {
        sources.push(forum.add_source(&forum.contract, &format!("meter-{number}")).await);
    }
    let at = SystemClock.now();
    let mut next = vec![1; SOURCES];
    for (round, wait) in [1_200, 350].into_iter().enumerate() {
        let begun = Arc::new(Semaphore::new(0));
        let loads: Vec<_> = sources
            .iter()
            .zip(&next)
            .map(|(source, next)| {
                let (channel, forum, begun) = (channel.clone(), forum.clone(), begun.clone());
                tokio::spawn(load(channel, forum, source.clone(), *next, at, begun))
            })
            .collect();
        let all = tokio::time::timeout(Duration::from_secs(60), begun.acquire_many(SOURCES as u32));
        drop(all.await.expect("each source reports"));
        tokio::time::sleep(Duration::from_millis(wait)).await;
        if round == 0 {
            let copy = directory.path().join("copy");
            let copied = run(&["backup"], &[("--data-dir", &data_dir), ("--to", &copy)]);
            assert!(copied.status.success(), "{}", String::from_utf8_lossy(&copied.stderr));
            assert_sound(&copy);
        }
        server.kill();
        let mut acknowledged = Vec::new();
        for load in loads {
            acknowledged.push(load.await.unwrap());
        }
        assert!(acknowledged.iter().zip(&next).all(|(now, before)| now > before), "nothing was reported");
        assert_sound(&data_dir);

        server = start(&data_dir);
        channel = connect(&server).await;
        let (ends, position) = take_up(&channel, &forum, &sources, &acknowledged, at).await;
        let statement = statement(channel.clone(), &forum, Month::of(at), position).await;
        let line = statement.lines.iter().find(|line| line.right() == Right::DetailedAnalysis).unwrap();
        let records: u64 = ends.iter().map(|end| end - 1).sum();
        assert_eq!(line.quantity, records.to_string(), "each record is of one case");
        next = ends;
    }
    server.kill();
    assert_sound(&data_dir);
}

#[tokio::test(flavor = "multi_thread")]
async fn sigterm_stops_it_cleanly_and_two_servers_do_not_share_a_directory() {
    let directory = tempfile::tempdir().unwrap();
    let mut server = start(directory.path());
    let channel = connect(&server).await;
    let forum = Forum::found(channel, &SystemClock, 1).await;

    let second = run(&["serve", "--listen", "127.0.0.1:0"], &[("--data-dir", directory.path())]);
    assert!(!second.status.success());
    assert!(!second.stderr.is_empty(), "it says why");

    // Whoever connects and says nothing does not keep it.
    let silent = std::net::TcpStream::connect(&server.address).unwrap();
    assert!(server.stop().success());
    let mut rest = String::new();
    server.output.read_to_string(&mut rest).unwrap();
    assert!(rest.contains("everything acknowledged is on disk"), "{rest}");
    drop(silent);
    assert_sound(directory.path());

    let again = start(directory.path());
    let channel = connect(&again).await;
    assert_eq!(next_sequence(channel, &forum, &forum.source).await, 1);
    again.kill();
}

#[tokio::test(flavor = "multi_thread")]
async fn it_may_be_started_in_another_number_of_shards_each_time() {
    let directory = tempfile::tempdir().unwrap();
    let at = SystemClock.now();
    let mut told: Option<(Arc<Forum>, String, Statement)> = None;
    for shards in ["1", "3", "2", "2", "1"] {
        let server = playing(directory.path(), "127.0.0.1:0", &[format!("--shards={shards}")]);
        let channel = connect(&server).await;
        let (forum, position, before) = match told {
            Some((forum, position, before)) => (forum, position, before),
            None => {
                let forum = Arc::new(Forum::found(channel.clone(), &SystemClock, 1).await);
                let sent = report(&forum, &forum.source, 1, at);
                let reported = send(channel.clone(), &forum, sent).await.unwrap();
                let position = reported.receipt.unwrap().position;
                let before = statement(channel.clone(), &forum, Month::of(at), position.clone()).await;
                (forum, position, before)
            }
        };
        let now = statement(channel, &forum, Month::of(at), position.clone()).await;
        assert_eq!(now, before, "in {shards} shards");
        told = Some((forum, position, before));
        server.kill();
        assert_sound(directory.path());
    }
    let serve = ["serve", "--listen", "127.0.0.1:0", "--shards"];
    for wrong in ["0", "257", "two"] {
        let refused = run(&[&serve[..], &[wrong]].concat(), &[("--data-dir", directory.path())]);
        let said = String::from_utf8_lossy(&refused.stderr).into_owned();
        assert!(!refused.status.success() && said.contains("from 1 to 256"), "{said}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_that_is_corrupt_in_its_middle_is_refused_with_the_place() {
    let directory = tempfile::tempdir().unwrap();
    let server = start(directory.path());
    let channel = connect(&server).await;
    let forum = Forum::found(channel.clone(), &SystemClock, 1).await;
    for number in 0..20 {
        let report = report(&forum, &forum.source, 1 + number * BATCH, SystemClock.now());
        send(channel.clone(), &forum, report).await.unwrap();
    }
    server.kill();
    let copy = tempfile::tempdir().unwrap();
    let copied = run(&["backup"], &[("--data-dir", directory.path()), ("--to", copy.path())]);
    assert!(copied.status.success(), "{}", String::from_utf8_lossy(&copied.stderr));
    // A copy has no snapshots, so all of it is read; before it is served only the tail is checked.
    let log = copy.path().join("log.db");
    let mut bytes = std::fs::read(&log).unwrap();
    let name = b"kiban.membership.v1.OrganisationRegistered";
    let places = bytes.windows(name.len()).enumerate().filter(|(_, window)| window == name);
    // All of them: SQLite leaves the old bytes behind of what it moved to another page.
    for place in places.map(|(place, _)| place).collect::<Vec<_>>() {
        bytes[place] ^= 1;
    }
    std::fs::write(&log, bytes).unwrap();

    let (ended, said) = serve_until_it_ends(copy.path());
    assert!(!ended.success(), "{said}");
    assert!(said.contains("the log is corrupt at position "), "{said}");
}

/// Serves a directory on which a server must give up, and takes what it says.
fn serve_until_it_ends(data_dir: &Path) -> (ExitStatus, String) {
    let mut process = kiban()
        .args(["serve", "--listen", "127.0.0.1:0", "--data-dir"])
        .arg(data_dir)
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    for _ in 0..1_200 {
        if let Some(ended) = process.try_wait().unwrap() {
            let mut said = String::new();
            process.stderr.take().unwrap().read_to_string(&mut said).unwrap();
            return (ended, said);
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    process.kill().unwrap();
    process.wait().unwrap();
    panic!("it goes on serving");
}
