//! What the SQLite engine does on this machine, beside what its disk does: `cargo bench -p event-log`.
//!
//! Not a criterion bench: what counts is throughput and the tail of latencies over seconds of group commit,
//! checkpoints included, not the mean of one call. `KIBAN_BENCH_SECONDS` (default 4) is the time per row.
#![allow(clippy::disallowed_methods, reason = "a benchmark measures real time")]

use event_log::{
    Append, AppendOutcome, CommandKey, EventFeed, EventLog, ExpectedRevision, Guard, Metrics, NewEvent, Page,
    Position, SqliteLog, SqliteOptions, StreamName,
};
use futures::StreamExt;
use std::{
    fs::File,
    io::{Seek, Write},
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};

fn main() {
    let seconds = std::env::var("KIBAN_BENCH_SECONDS").ok().and_then(|text| text.parse().ok()).unwrap_or(4);
    let dir = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("a directory on the target's disk");
    disk(dir.path());
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    println!("\nappends, durable before the answer, {seconds} s each");
    println!(
        "{:<26} {:>9} {:>9} {:>8} {:>8} {:>8} {:>8} {:>9} {:>8} {:>9} {:>12}",
        "",
        "in flight",
        "appends/s",
        "p50 µs",
        "p99 µs",
        "p99.9",
        "max µs",
        "frames/tx",
        "WAL MiB",
        "throttled",
        "pauses"
    );
    let load = Duration::from_secs(seconds);
    for (name, payload, command, in_flight) in [
        ("300 B, with a command id", 300, true, 1),
        ("300 B, with a command id", 300, true, 64),
        ("30 kB, with a guard", 30_000, false, 1),
        ("30 kB, with a guard", 30_000, false, 4),
        ("30 kB, with a guard", 30_000, false, 16),
    ] {
        let at = dir.path().join(format!("{payload}-{in_flight}"));
        let log = open(&at);
        let (latencies, elapsed) = runtime.block_on(appends(&log, payload, command, in_flight, load));
        report(name, in_flight, latencies, elapsed, log.metrics());
        if in_flight == 16 {
            drop(log);
            runtime.block_on(reads(&at));
        }
        // The next row starts with a disk that has no more to write.
        let _ = std::fs::remove_dir_all(at);
    }
}

fn open(dir: &Path) -> Arc<SqliteLog> {
    let start = Instant::now();
    let clock = Arc::new(move || start.elapsed().as_micros() as i64);
    SqliteLog::open(dir, SqliteOptions::new(clock)).expect("a log")
}

/// What one durable write costs: 4 KiB into a file that is there already.
fn disk(dir: &Path) {
    const LENGTH: usize = 32 << 20;
    let mut file = File::create(dir.join("disk")).expect("a file");
    file.write_all(&vec![1; LENGTH]).expect("a write");
    file.sync_all().expect("a sync");
    for (name, sync) in
        [("fdatasync", File::sync_data as fn(&File) -> std::io::Result<()>), ("fsync", File::sync_all)]
    {
        file.rewind().expect("a seek");
        let mut times = Vec::new();
        for _ in 0..2_000 {
            let start = Instant::now();
            file.write_all(&[2; 4_096]).expect("a write");
            sync(&file).expect("a sync");
            times.push(start.elapsed());
        }
        times.sort_unstable();
        let at = |share: f64| times[(times.len() as f64 * share) as usize].as_micros();
        println!("{name} of 4 KiB, one after another: p50 {} µs, p99 {} µs", at(0.5), at(0.99));
    }
}

/// So many appenders, each on a stream of its own, each waiting for its answer before the next.
async fn appends(
    log: &Arc<SqliteLog>,
    payload: usize,
    command: bool,
    in_flight: u64,
    load: Duration,
) -> (Vec<Duration>, Duration) {
    let contract = StreamName::new("contract-1").expect("a name");
    written(log, append(&contract, ExpectedRevision::NoStream, 0, 300)).await;
    let start = Instant::now();
    let tasks: Vec<_> = (0..in_flight)
        .map(|task| {
            let (log, contract) = (log.clone(), contract.clone());
            tokio::spawn(async move {
                let stream = StreamName::new(format!("access-{task}")).expect("a name");
                let (mut expected, mut latencies) = (ExpectedRevision::NoStream, Vec::new());
                while start.elapsed() < load {
                    let number = task << 40 | latencies.len() as u64;
                    let mut append = append(&stream, expected, number, payload);
                    match command {
                        true => {
                            let id = number.to_string();
                            append.command = Some(CommandKey { scope: [1; 16], id, digest: [2; 32] });
                        }
                        false => append.guards.push(Guard { stream: contract.clone(), revision: Some(0) }),
                    }
                    let asked = Instant::now();
                    expected = ExpectedRevision::Exact(written(&log, append).await);
                    latencies.push(asked.elapsed());
                }
                latencies
            })
        })
        .collect();
    let mut latencies = Vec::new();
    for task in tasks {
        latencies.extend(task.await.expect("an appender"));
    }
    (latencies, start.elapsed())
}

fn append(stream: &StreamName, expected: ExpectedRevision, number: u64, payload: usize) -> Append {
    let mut id = [0; 16];
    id[..8].copy_from_slice(&number.to_be_bytes());
    let event = NewEvent {
        id,
        event_type: "kiban.access.v1.UsageRecorded".into(),
        metadata: vec![3; 120].into(),
        payload: vec![number as u8; payload].into(),
    };
    Append { stream: stream.clone(), expected, guards: Vec::new(), command: None, events: vec![event] }
}

async fn written(log: &SqliteLog, append: Append) -> u64 {
    match log.append(append).await {
        Ok(AppendOutcome::Appended(place)) => place.last_revision,
        other => panic!("{other:?}"),
    }
}

fn report(name: &str, in_flight: u64, mut times: Vec<Duration>, elapsed: Duration, metrics: Metrics) {
    times.sort_unstable();
    let at = |share: f64| times[(times.len() as f64 * share) as usize].as_micros();
    println!(
        "{name:<26} {in_flight:>9} {:>9.0} {:>8} {:>8} {:>8} {:>8} {:>9.1} {:>8} {:>9} {:>12}",
        times.len() as f64 / elapsed.as_secs_f64(),
        at(0.5),
        at(0.99),
        at(0.999),
        times.last().map_or(0, Duration::as_micros),
        metrics.frames as f64 / metrics.commits as f64,
        metrics.wal_bytes_max >> 20,
        metrics.throttled,
        match metrics.checkpoint_pauses {
            0 => "none".to_owned(),
            n => format!("{n}≤{} ms", metrics.checkpoint_pause_max_micros / 1_000),
        },
    );
}

/// Reads everything, by pages and as a subscriber, from a log that was just opened.
async fn reads(dir: &Path) {
    let log = open(dir);
    let head = log.head().position;
    let start = Instant::now();
    let (mut after, mut bytes) = (Position::START, 0);
    loop {
        let frames = log.read_all(after, Page::default()).await.expect("a page");
        let Some(last) = frames.last() else { break };
        after = last.last_position();
        bytes += frames.iter().map(|frame| frame.size()).sum::<usize>();
    }
    let rate = |bytes: usize, start: Instant| bytes as f64 / 1e6 / start.elapsed().as_secs_f64();
    println!("\nread_all of {} MB: {:.0} MB/s", bytes / 1_000_000, rate(bytes, start));
    let start = Instant::now();
    let mut feed = log.subscribe(Position::START);
    let mut bytes = 0;
    while let Some(frame) = feed.next().await {
        let frame = frame.expect("a frame");
        bytes += frame.size();
        if frame.last_position() == head {
            break;
        }
    }
    println!("subscribe to {} MB: {:.0} MB/s", bytes / 1_000_000, rate(bytes, start));
    let start = Instant::now();
    let report = event_log::verify(dir).expect("a report");
    println!(
        "verify of {} frames, sound = {}: {:.0} MB/s",
        report.frames,
        report.is_sound(),
        rate(report.body_bytes as usize, start)
    );
}
