//! Billing and revenue-share in shards, over one decoded feed: how fast they go through a log, and what the feed alone
//! allows.

use std::{num::NonZeroU32, path::Path, sync::Arc, time::Duration};

use billing::BillingFold;
use engine::{Clock, Fold, Folds, Projection, Shards, Store, SystemClock};
use event_log::{EventLog, SqliteLog, SqliteOptions};
use events::{Category, Defect, Recorded};
use revenue_share::RevenueShareFold;
use tokio::time::Instant;

use crate::grouped;

/// How often each row is measured; its median is printed.
const RUNS: usize = 7;

/// Takes nothing in: what is left is reading frames, decoding them and handing them on.
#[derive(Default)]
struct Nothing;

impl Fold for Nothing {
    const NAME: &'static str = "nothing";
    const VERSION: u32 = 1;
    const CATEGORIES: &'static [Category] = &[];

    fn apply(&mut self, _: &Recorded) {}

    fn encode(&self) -> Vec<u8> {
        Vec::new()
    }

    fn decode(_: &[u8]) -> Result<Self, Defect> {
        Ok(Self)
    }
}

pub(crate) async fn run(data_dir: &Path, records: u64) {
    println!("\n| billing and revenue-share | s | records/s | s of a core | ns of a core for a record |");
    println!("|---|---:|---:|---:|---:|");
    let log = SqliteLog::open(data_dir, SqliteOptions::new(Arc::new(|| SystemClock.now().as_micros())))
        .expect("the log opens");
    let mut rows = vec![(Duration::ZERO, 0.0); RUNS];
    for row in &mut rows {
        *row = feed_alone(&log).await;
    }
    print_row("neither: the decoded feed alone", records, &mut rows);
    for count in [1, 2, 4] {
        for row in &mut rows {
            *row = in_shards(&log, NonZeroU32::new(count).expect("a number of shards")).await;
        }
        print_row(&format!("in {count} shards each"), records, &mut rows);
    }
    log.close().await;
}

fn print_row(what: &str, records: u64, rows: &mut [(Duration, f64)]) {
    rows.sort_by_key(|row| row.0);
    let (elapsed, processor) = rows[rows.len() / 2];
    let rate = records as f64 / elapsed.as_secs_f64();
    let each = processor * 1e9 / records as f64;
    println!(
        "| {what} | {:.3} | {} | {processor:.2} | {each:.0} |",
        elapsed.as_secs_f64(),
        grouped(rate as u64)
    );
}

/// The time until everything is examined, and the seconds of a core that it takes.
async fn feed_alone(log: &Arc<SqliteLog>) -> (Duration, f64) {
    let nothing = Projection::<Nothing>::open(Store::in_memory().expect("a store")).expect("a fold");
    let mut folds = Folds::default();
    folds.add(&nothing);
    let (start, before) = (Instant::now(), processor_seconds());
    let folds = folds.run(log.clone());
    nothing.reached(log.head().position).await.expect("it follows");
    let measured = (start.elapsed(), processor_seconds() - before);
    folds.stop().await;
    measured
}

async fn in_shards(log: &Arc<SqliteLog>, count: NonZeroU32) -> (Duration, f64) {
    let billing = Shards::<BillingFold>::in_memory(count).expect("shards");
    let revenue_share = Shards::<RevenueShareFold>::in_memory(count).expect("shards");
    let mut folds = Folds::default();
    folds.add_shards(&billing);
    folds.add_shards(&revenue_share);
    let (start, before) = (Instant::now(), processor_seconds());
    let folds = folds.run(log.clone());
    let head = log.head().position;
    billing.reached(head).await.expect("they follow");
    revenue_share.reached(head).await.expect("they follow");
    let measured = (start.elapsed(), processor_seconds() - before);
    folds.stop().await;
    measured
}

/// What the process has had of all cores, to a hundredth of a second.
fn processor_seconds() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    // The name before may hold anything but ends with the last parenthesis; then the 12th and 13th number.
    let after = stat.rsplit(')').next().unwrap_or_default();
    let ticks: u64 =
        after.split_whitespace().skip(11).take(2).filter_map(|ticks| ticks.parse::<u64>().ok()).sum();
    ticks as f64 / 100.0
}
