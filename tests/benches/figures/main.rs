//! The figures of BENCHMARKS.md: client and server in one process, over real TCP, on a real disk.
//!
//! `cargo bench -p tests --bench figures -- usage contracts` runs the named parts; without a name, all.
//! `--seconds N` is how long each row is measured (5), `--records N` how many records are replayed (10,000,000).

#![allow(clippy::disallowed_methods, reason = "a benchmark measures time")]

use std::{sync::Arc, time::Duration};

use engine::{Clock, SystemClock};
use hdrhistogram::Histogram;
use proto::kiban::{
    access::v1::{Outcome, ReportUsageRequest, UsageRecord, access_service_client::AccessServiceClient},
    common::v1::Right,
    contract::v1::{ApplyForContractRequest, ContractKind, contract_service_client::ContractServiceClient},
};
use support::{Forum, Server, by, connect, serve};
use tokio::time::Instant;

mod apart;
mod replay;
mod shards;
#[path = "../../support/mod.rs"]
mod support;

#[tokio::main]
async fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    let seconds = value_of(&arguments, "--seconds").unwrap_or(5);
    let length = Duration::from_secs(seconds);
    let asked = |part: &str| {
        let parts = ["usage", "contracts", "disk", "apart", "replay"];
        !arguments.iter().any(|argument| parts.contains(&argument.as_str()))
            || arguments.iter().any(|argument| argument == part)
    };
    if asked("disk") {
        disk();
    }
    if asked("usage") {
        usage(length).await;
    }
    if asked("contracts") {
        contracts(length).await;
    }
    if asked("apart") {
        apart::run(length).await;
    }
    if asked("replay") {
        replay::run(value_of(&arguments, "--records").unwrap_or(10_000_000)).await;
    }
}

fn value_of(arguments: &[String], name: &str) -> Option<u64> {
    let at = arguments.iter().position(|argument| argument == name)?;
    arguments.get(at + 1)?.parse().ok()
}

/// How long the disk takes to make 4 KiB durable: the limit of one call in flight.
fn disk() {
    use std::io::Write;
    let folder = tempfile::tempdir().expect("a folder");
    let mut file = std::fs::File::create(folder.path().join("probe")).expect("a file");
    let mut latencies = histogram();
    for _ in 0..2_000 {
        file.write_all(&[7; 4_096]).expect("written");
        let start = Instant::now();
        file.sync_data().expect("synced");
        record(&mut latencies, start);
    }
    println!("\n## disk\n\nfdatasync of 4 KiB appended: {}", quantiles(&latencies));
}

/// Usage records over gRPC, durable before the reply, with verdicts and duplicates looked for.
async fn usage(length: Duration) {
    println!("\n## usage records over gRPC\n");
    println!("| contracts | batch | in flight | records/s | calls/s | p50 ms | p99 ms | max ms |");
    println!("|---|---|---|---|---|---|---|---|");
    for (batch, in_flight) in [
        (1, 1),
        (1, 4),
        (1, 16),
        (100, 1),
        (100, 4),
        (100, 16),
        (1_000, 1),
        (1_000, 4),
        (1_000, 16),
        (5_000, 1),
        (5_000, 4),
        (5_000, 16),
    ] {
        let folder = tempfile::tempdir().expect("a folder");
        let server = serve(folder.path(), Arc::new(SystemClock)).await;
        usage_row(server, length, batch, in_flight, 1).await;
    }
    for in_flight in [4, 16] {
        let folder = tempfile::tempdir().expect("a folder");
        let server = serve(folder.path(), Arc::new(SystemClock)).await;
        usage_row(server, length, 1_000, in_flight, in_flight).await;
    }
}

async fn usage_row(server: Server, length: Duration, batch: u64, in_flight: usize, contracts: usize) {
    let forum = Arc::new(Forum::found(connect(&server).await, &SystemClock, 33).await);
    let mut signed = vec![forum.contract.clone()];
    while signed.len() < contracts {
        signed.push(forum.sign(&SystemClock, &format!("more-{}", signed.len())).await);
    }
    let meters: Vec<String> = (0..in_flight).map(|number| signed[number % contracts].clone()).collect();
    let mut workers = Vec::new();
    let start = Instant::now();
    for (number, contract) in meters.into_iter().enumerate() {
        let source = forum.add_source(&contract, &format!("meter {number}")).await;
        let channel = connect(&server).await;
        let forum = forum.clone();
        workers.push(tokio::spawn(async move {
            let mut accesses = AccessServiceClient::new(channel);
            let mut latencies = histogram();
            let mut sequence = 1;
            while start.elapsed() < length {
                let request = report(&forum, &contract, &source, sequence, batch);
                let sent = Instant::now();
                let reply = accesses.report_usage(by(&forum.member, request)).await.expect("reported");
                record(&mut latencies, sent);
                let outcomes = reply.into_inner().outcomes;
                assert!(outcomes.iter().all(|outcome| *outcome == i32::from(Outcome::New)), "all are new");
                assert_eq!(outcomes.len() as u64, batch);
                sequence += batch;
            }
            latencies
        }));
    }
    let mut all = histogram();
    for worker in workers {
        all.add(worker.await.expect("it ran")).expect("same bounds");
    }
    let elapsed = start.elapsed();
    let metrics = server.keeper().embedded().expect("it keeps the log").metrics();
    server.stop().await;
    let calls = all.len() as f64 / elapsed.as_secs_f64();
    println!(
        "| {contracts} | {batch} | {in_flight} | {} | {} | {} |",
        grouped((calls * batch as f64) as u64),
        grouped(calls as u64),
        quantiles(&all),
    );
    eprintln!("{metrics:?}");
}

fn report(forum: &Forum, contract: &str, source: &str, first: u64, batch: u64) -> ReportUsageRequest {
    let now = SystemClock.now().as_micros() - 1_000_000;
    let datasets = forum.datasets.len() as u64;
    let record = |sequence: u64| UsageRecord {
        sequence,
        dataset: (sequence % datasets) as u32,
        viewer: (sequence % 7) as u32,
        order: 0,
        right: if sequence.is_multiple_of(10) { Right::SimpleAnalysis } else { Right::Browse }.into(),
        cases: 1 + (sequence % 50) as u32,
        occurred_at_us: now + (sequence % 1_000) as i64,
        settles_admission: 0,
    };
    ReportUsageRequest {
        contract_id: contract.into(),
        source_id: source.into(),
        epoch: 1,
        dataset_ids: forum.datasets.clone(),
        viewer_ids: (1..=7).map(|person| domain::id::PersonId::from_u128(person).to_string()).collect(),
        records: (first..first + batch).map(record).collect(),
        ..Default::default()
    }
}

/// Contract commands, each on a stream of its own and durable before the reply.
async fn contracts(length: Duration) {
    println!("\n## contract commands over gRPC\n");
    println!("| in flight | commands/s | p50 ms | p99 ms | max ms |\n|---|---|---|---|---|");
    for in_flight in [1, 64] {
        let folder = tempfile::tempdir().expect("a folder");
        let server = serve(folder.path(), Arc::new(SystemClock)).await;
        contracts_row(server, length, in_flight).await;
    }
}

async fn contracts_row(server: Server, length: Duration, in_flight: usize) {
    let forum = Arc::new(Forum::found(connect(&server).await, &SystemClock, 1).await);
    let start = Instant::now();
    let mut workers = Vec::new();
    let channels = [connect(&server).await, connect(&server).await];
    for number in 0..in_flight {
        let mut contracts = ContractServiceClient::new(channels[number % 2].clone());
        let forum = forum.clone();
        workers.push(tokio::spawn(async move {
            let mut latencies = histogram();
            for count in 0.. {
                if start.elapsed() >= length {
                    break;
                }
                let request = ApplyForContractRequest {
                    command_id: format!("bench-{number}-{count}"),
                    kind: ContractKind::Member.into(),
                    issuer_id: forum.promoter.clone(),
                    purposes: vec!["drug-discovery".into()],
                    ..Default::default()
                };
                let sent = Instant::now();
                contracts.apply_for_contract(by(&forum.member, request)).await.expect("applied");
                record(&mut latencies, sent);
            }
            latencies
        }));
    }
    let mut all = histogram();
    for worker in workers {
        all.add(worker.await.expect("it ran")).expect("same bounds");
    }
    let rate = all.len() as f64 / start.elapsed().as_secs_f64();
    server.stop().await;
    println!("| {in_flight} | {} | {} |", grouped(rate as u64), quantiles(&all));
}

/// Microseconds, up to a minute.
fn histogram() -> Histogram<u64> {
    Histogram::new_with_bounds(1, 60_000_000, 3).expect("bounds")
}

fn record(histogram: &mut Histogram<u64>, since: Instant) {
    histogram.saturating_record(since.elapsed().as_micros() as u64);
}

fn quantiles(histogram: &Histogram<u64>) -> String {
    let ms = |micros: u64| format!("{:.2}", micros as f64 / 1_000.0);
    let (p50, p99) = (histogram.value_at_quantile(0.5), histogram.value_at_quantile(0.99));
    format!("{} | {} | {}", ms(p50), ms(p99), ms(histogram.max()))
}

fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}
