//! What it costs that the log is in another process: the log alone and the platform as a whole, beside the same in one
//! process. Processes are stood for by parts that share nothing but loopback, so the two cores are shared as well.

use std::{num::NonZeroU32, path::Path, sync::Arc, time::Duration};

use domain::id::ContractId;
use engine::{Clock, SystemClock};
use event_log::{
    Append, EventLog, EventStoreLog, ExpectedRevision, Log, NewEvent, Page, Position, SqliteLog,
    SqliteOptions, StreamName,
};
use events::Category;
use server::{
    node::{Node, NodeOptions},
    roles::Role,
    serve::Running,
};
use tokio::{net::TcpListener, time::Instant};

use crate::{
    contracts_row, grouped, histogram, quantiles, record,
    support::topology::{SECRET, Server, event_log},
    usage_row,
};

/// As large as a report of 1,000 records.
const PAYLOAD: usize = 30_000;

pub(crate) async fn run(length: Duration) {
    log_alone(length).await;
    println!("\n## usage records over gRPC, in one process and in many\n");
    println!("| contracts | batch | in flight | records/s | calls/s | p50 ms | p99 ms | max ms |");
    println!("|---|---|---|---|---|---|---|---|");
    for apart in [false, true] {
        println!("| {} |||||||||", if apart { "many processes" } else { "one process" });
        for in_flight in [1, 4, 16] {
            let folder = tempfile::tempdir().expect("a folder");
            usage_row(shape(folder.path(), apart).await, length, 1_000, in_flight, 1).await;
        }
    }
    println!("\n## contract commands over gRPC, in one process and in many\n");
    println!("| in flight | commands/s | p50 ms | p99 ms | max ms |\n|---|---|---|---|---|");
    for apart in [false, true] {
        println!("| {} |||||", if apart { "many processes" } else { "one process" });
        for in_flight in [1, 64] {
            let folder = tempfile::tempdir().expect("a folder");
            contracts_row(shape(folder.path(), apart).await, length, in_flight).await;
        }
    }
}

async fn shape(data_dir: &Path, apart: bool) -> Server {
    match apart {
        false => Server::whole(data_dir, Arc::new(SystemClock), NonZeroU32::MIN).await,
        true => Server::apart(data_dir, Arc::new(SystemClock), NonZeroU32::MIN).await,
    }
}

/// Appends of 30 kB to many streams, and reading them back, in this process and over the protocol.
async fn log_alone(length: Duration) {
    println!("\n## the log, in this process and served over the EventStoreDB protocol\n");
    println!(
        "| | in flight | appends/s | MB/s | p50 ms | p99 ms | max ms | read MB/s |\n|---|---|---|---|---|---|---|---|"
    );
    for in_flight in [1, 16, 64] {
        let folder = tempfile::tempdir().expect("a folder");
        let log = SqliteLog::open(folder.path(), SqliteOptions::new(clock())).expect("a log");
        log_row("in process", log.clone(), log, in_flight, length).await;
        let folder = tempfile::tempdir().expect("a folder");
        let keeper = keeper(folder.path()).await;
        let (one, other) = (remote(&keeper).await, remote(&keeper).await);
        log_row("served", one, other, in_flight, length).await;
        keeper.stop().await;
    }
}

fn clock() -> event_log::Clock {
    Arc::new(|| SystemClock.now().as_micros())
}

async fn remote(keeper: &Running) -> Arc<EventStoreLog> {
    EventStoreLog::open(event_log(keeper.address())).await.expect("the log answers")
}

/// A process that keeps a log and nothing else.
async fn keeper(data_dir: &Path) -> Running {
    let options = NodeOptions {
        roles: vec![Role::EventLog],
        secret: Some(SECRET.to_owned()),
        ..NodeOptions::whole(data_dir)
    };
    let node = Node::with(options, Arc::new(SystemClock)).await.expect("the node opens");
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
    Running::start(node, listener).expect("the server starts")
}

async fn log_row(
    name: &str,
    log: Arc<dyn Log>,
    reader: Arc<dyn EventLog>,
    in_flight: usize,
    length: Duration,
) {
    let start = Instant::now();
    let workers = (0..in_flight).map(|number| {
        let log = log.clone();
        tokio::spawn(async move {
            let stream = Category::Access.stream(ContractId::from_u128(number as u128));
            let mut latencies = histogram();
            let mut revision = 0u64;
            while start.elapsed() < length {
                let expected =
                    revision.checked_sub(1).map_or(ExpectedRevision::NoStream, ExpectedRevision::Exact);
                let append = append(&stream, expected, number as u64, revision);
                let sent = Instant::now();
                log.append(append).await.expect("appended");
                record(&mut latencies, sent);
                revision += 1;
            }
            latencies
        })
    });
    let mut all = histogram();
    for worker in workers.collect::<Vec<_>>() {
        all.add(worker.await.expect("it ran")).expect("same bounds");
    }
    let rate = all.len() as f64 / start.elapsed().as_secs_f64();
    let reading = Instant::now();
    let (mut after, mut bytes) = (Position::START, 0);
    loop {
        let frames = reader.read_all(after, Page::default()).await.expect("read");
        let Some(last) = frames.last() else { break };
        after = last.last_position();
        bytes += frames.iter().map(|frame| frame.size()).sum::<usize>();
    }
    let read = bytes as f64 / 1e6 / reading.elapsed().as_secs_f64();
    println!(
        "| {name} | {in_flight} | {} | {} | {} | {} |",
        grouped(rate as u64),
        grouped((rate * PAYLOAD as f64 / 1e6) as u64),
        quantiles(&all),
        grouped(read as u64)
    );
}

fn append(stream: &StreamName, expected: ExpectedRevision, number: u64, revision: u64) -> Append {
    let mut id = [0; 16];
    id[..8].copy_from_slice(&number.to_be_bytes());
    id[8..].copy_from_slice(&revision.to_be_bytes());
    let event = NewEvent {
        id,
        event_type: "kiban.bench.v1.Appended".into(),
        metadata: vec![1; 120].into(),
        payload: vec![7; PAYLOAD].into(),
    };
    Append { stream: stream.clone(), expected, guards: Vec::new(), command: None, events: vec![event] }
}

/// All projections of a fresh process catch up with a log that another process serves.
pub(crate) async fn catch_up(data_dir: &Path, records: u64) {
    let keeper = keeper(data_dir).await;
    let folder = tempfile::tempdir().expect("a folder");
    let options = NodeOptions {
        roles: vec![
            Role::Access,
            Role::Billing,
            Role::RevenueShare,
            Role::ServiceCatalogue,
            Role::DealFlow,
            Role::Directory,
            Role::Policies,
        ],
        event_log: Some(event_log(keeper.address())),
        ..NodeOptions::whole(folder.path())
    };
    let start = Instant::now();
    let node = Node::with(options, Arc::new(SystemClock)).await.expect("the node opens");
    node.caught_up().await.expect("the projections follow");
    let seconds = start.elapsed().as_secs_f64();
    println!(
        "replay through all projections over the served log: {seconds:.2} s, {} records/s",
        grouped((records as f64 / seconds) as u64)
    );
    node.close().await;
    keeper.stop().await;
}
