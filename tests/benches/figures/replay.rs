//! Replay through all projections, start from a snapshot, and questions about the past, at many records.

use std::{path::Path, sync::Arc};

use engine::SystemClock;
use proto::kiban::{
    access::v1::access_service_client::AccessServiceClient,
    billing::v1::{ExplainLineRequest, GetStatementRequest, billing_service_client::BillingServiceClient},
    common::v1::{AsOf, as_of::Moment},
};
use server::node::Node;
use tokio::time::Instant;
use tonic::transport::Channel;

use crate::{
    grouped, histogram, quantiles, record, report, shards,
    support::{Forum, by, connect, serve},
};

/// Reports are of so many records; so a log of ten million has ten thousand of them.
const BATCH: u64 = 1_000;
/// Contracts among which they are spread.
const CONTRACTS: usize = 8;
/// Questions asked of each kind.
const QUESTIONS: u64 = 300;

pub(crate) async fn run(records: u64) {
    let folder = tempfile::tempdir().expect("a folder");
    println!("\n## {} usage records of {CONTRACTS} contracts, {BATCH} a report\n", grouped(records));
    let forum = fill(folder.path(), records).await;

    std::fs::remove_dir_all(folder.path().join("projections")).expect("projections can be deleted");
    let before = resident_bytes();
    let start = Instant::now();
    let node = Node::open(folder.path(), Arc::new(SystemClock)).await.expect("the node opens");
    node.caught_up().await.expect("the projections follow");
    let seconds = start.elapsed().as_secs_f64();
    println!(
        "replay through all projections: {seconds:.2} s, {} records/s",
        grouped((records as f64 / seconds) as u64)
    );
    let after = resident_bytes();
    println!("resident memory: {} MiB before, {} MiB after", before >> 20, after >> 20);
    node.close().await;

    let start = Instant::now();
    let node = Node::open(folder.path(), Arc::new(SystemClock)).await.expect("the node opens");
    node.caught_up().await.expect("the projections follow");
    println!("start from a snapshot: {:.3} s", start.elapsed().as_secs_f64());
    let head = node.log().expect("it keeps the log").head().position.0;
    node.close().await;

    crate::apart::catch_up(folder.path(), records).await;

    let server = serve(folder.path(), Arc::new(SystemClock)).await;
    questions(connect(&server).await, &forum, head).await;
    server.stop().await;

    shards::run(folder.path(), records).await;
}

async fn fill(folder: &Path, records: u64) -> Forum {
    let server = serve(folder, Arc::new(SystemClock)).await;
    let forum = Arc::new(Forum::found(connect(&server).await, &SystemClock, 33).await);
    let mut workers = Vec::new();
    for number in 0..CONTRACTS {
        let contract = match number {
            0 => forum.contract.clone(),
            more => forum.sign(&SystemClock, &format!("contract-{more}")).await,
        };
        let source = forum.add_source(&contract, "replayed").await;
        let (forum, channel) = (forum.clone(), connect(&server).await);
        workers.push(tokio::spawn(async move {
            let mut accesses = AccessServiceClient::new(channel);
            let mut sequence = 1;
            while sequence <= records / CONTRACTS as u64 {
                let request = report(&forum, &contract, &source, sequence, BATCH);
                accesses.report_usage(by(&forum.member, request)).await.expect("reported");
                sequence += BATCH;
            }
        }));
    }
    for worker in workers {
        worker.await.expect("it ran");
    }
    server.stop().await;
    Arc::into_inner(forum).expect("nobody else has it")
}

/// Statements as of, and explained lines, at positions spread over the whole log.
async fn questions(channel: Channel, forum: &Forum, head: u64) {
    let mut billing = BillingServiceClient::new(channel);
    let month = domain::time::Month::of(engine::Clock::now(&SystemClock)).to_string();
    let (mut statements, mut lines) = (histogram(), histogram());
    for question in 0..QUESTIONS {
        // A step that is coprime to the count visits the log all over, in no order.
        let position = head / 10 + (question * 7_919 % QUESTIONS) * (head - head / 10) / QUESTIONS;
        let as_of = Some(AsOf { moment: Some(Moment::Position(position.to_string())) });
        let asked = Instant::now();
        let statement = billing
            .get_statement(by(
                &forum.member,
                GetStatementRequest {
                    contract_id: forum.contract.clone(),
                    month: month.clone(),
                    as_of: as_of.clone(),
                    ..Default::default()
                },
            ))
            .await
            .expect("a statement")
            .into_inner()
            .statement
            .expect("a statement");
        record(&mut statements, asked);
        let line = statement.lines.iter().find(|line| line.charge_kind == "data-usage").expect("usage");
        let request = ExplainLineRequest {
            contract_id: forum.contract.clone(),
            month: month.clone(),
            line_id: line.line_id.clone(),
            as_of,
            ..Default::default()
        };
        let asked = Instant::now();
        let explained =
            billing.explain_line(by(&forum.member, request)).await.expect("explained").into_inner();
        record(&mut lines, asked);
        assert!(!explained.events.is_empty(), "every line stands on events");
    }
    println!("\n| question | p50 ms | p99 ms | max ms |\n|---|---|---|---|");
    println!("| statement as of a position | {} |", quantiles(&statements));
    println!("| ExplainLine as of a position, 100 events | {} |", quantiles(&lines));
}

/// The process's resident memory.
fn resident_bytes() -> u64 {
    let status = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    let pages = status.split_whitespace().nth(1).and_then(|pages| pages.parse::<u64>().ok());
    pages.unwrap_or(0) * 4_096
}
