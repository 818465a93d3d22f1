//! Rebuilds a fold from the log and compares it, byte by byte and row by row, with what was kept.

use std::path::Path;

use event_log::{EventLog, Page, Position, StreamName};
use events::{Snapshot, decode_frame};

use crate::{
    aggregate::Aggregate,
    fold::{Fold, takes},
    read::read_events,
    shard::Shard,
    shards::kept_shards,
    snapshot::{KeptSnapshot, SnapshotStore},
    store::{HistoryRow, Store},
};

/// What came of comparing a kept fold with a rebuilt one.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FoldCheck {
    /// The fold's name, and which shard of it.
    pub name: String,
    /// The position of the snapshot that was compared; `None`: none is kept, so there is nothing to compare.
    pub position: Option<Position>,
    /// What differs; empty: nothing.
    pub findings: Vec<String>,
}

/// Compares the fold kept in a file with one rebuilt from the log up to the same position. Nothing is mended:
/// whoever finds a difference deletes the file, and the next start builds it again.
pub async fn check_fold<F: Fold>(log: &dyn EventLog, path: &Path) -> FoldCheck {
    check_shard::<F>(log, path, Shard::WHOLE).await
}

/// Compares each shard of a fold that is kept in a folder, in however many it is kept there.
pub async fn check_shards<F: Fold>(log: &dyn EventLog, folder: &Path) -> Vec<FoldCheck> {
    let mut kept = match kept_shards::<F>(folder) {
        Ok(kept) => kept,
        Err(error) => {
            let findings = vec![error.to_string()];
            return vec![FoldCheck { name: F::NAME.to_owned(), position: None, findings }];
        }
    };
    if kept.is_empty() {
        kept.push(Shard::WHOLE);
    }
    kept.sort_unstable_by_key(|shard| (shard.count(), shard.number()));
    let mut checks = Vec::new();
    for shard in kept {
        checks.push(check_shard::<F>(log, &folder.join(shard.file_name(F::NAME)), shard).await);
    }
    checks
}

async fn check_shard<F: Fold>(log: &dyn EventLog, path: &Path, shard: Shard) -> FoldCheck {
    let name = match shard {
        Shard::WHOLE => F::NAME.to_owned(),
        shard => format!("{} {shard}", F::NAME),
    };
    let mut check = FoldCheck { name, position: None, findings: Vec::new() };
    if path.exists()
        && let Err(finding) = compare::<F>(log, path, shard, &mut check).await
    {
        check.findings.push(finding);
    }
    check
}

async fn compare<F: Fold>(
    log: &dyn EventLog,
    path: &Path,
    shard: Shard,
    check: &mut FoldCheck,
) -> Result<(), String> {
    let store = Store::open(path).map_err(|error| error.to_string())?.for_shard(shard);
    let Some(kept) = store.peek_fold(F::VERSION).map_err(|error| error.to_string())? else {
        return Ok(());
    };
    let end = kept.end.position;
    check.position = Some(end);
    if !kept.end.stands_in(log).await.map_err(|error| error.to_string())? {
        return Err(format!(
            "it stands at {end} of another history than the log's; the next start builds it again"
        ));
    }
    let mut fold = F::default();
    let (mut after, mut rows) = (Position::START, 0u64);
    while after < end {
        let frames = log.read_all(after, Page::default()).await.map_err(|error| error.to_string())?;
        let Some(last) = frames.last() else { break };
        after = last.last_position();
        for frame in frames {
            for event in decode_frame(&frame).map_err(|error| error.to_string())? {
                if event.position <= end && takes::<F>(shard, &event) {
                    fold.apply(&event);
                }
            }
        }
        let emitted = fold.take_history();
        rows += emitted.len() as u64;
        compare_rows(&store, &emitted, &mut check.findings);
    }
    if fold.encode() != kept.bytes {
        check.findings.push(format!("its snapshot at {end} is not what the log gives"));
    }
    let stored = store.count_rows().map_err(|error| error.to_string())?;
    if stored != rows {
        check.findings.push(format!("its table has {stored} rows, the log gives {rows}"));
    }
    Ok(())
}

/// Compares each kept snapshot of an aggregate with one folded from its stream up to the same revision.
pub async fn check_snapshots<D>(log: &dyn EventLog, path: &Path) -> FoldCheck
where
    D: Aggregate<State: Snapshot>,
{
    let mut check = FoldCheck { name: "aggregates".to_owned(), position: None, findings: Vec::new() };
    if path.exists()
        && let Err(finding) = compare_snapshots::<D>(log, path, &mut check).await
    {
        check.findings.push(finding);
    }
    check
}

async fn compare_snapshots<D>(log: &dyn EventLog, path: &Path, check: &mut FoldCheck) -> Result<(), String>
where
    D: Aggregate<State: Snapshot>,
{
    let store = Store::open(path).map_err(|error| error.to_string())?;
    let mut after = String::new();
    loop {
        let streams = store.snapshot_streams(&after, 1_000).map_err(|error| error.to_string())?;
        let Some(last) = streams.last() else { return Ok(()) };
        after = last.clone();
        check.position = Some(log.head().position);
        for stream in streams {
            let stream = StreamName::new(&stream).map_err(|error| error.to_string())?;
            let Some(KeptSnapshot { end, fold_version, bytes }) = store.load(&stream) else {
                check.findings.push(format!("{stream}: its snapshot cannot be read"));
                continue;
            };
            let revision = end.revision;
            // One of another version, or of another history, is discarded when it is read.
            if fold_version == D::State::FOLD_VERSION
                && end.stands_in(log).await.map_err(|error| error.to_string())?
                && folded::<D>(log, &stream, revision).await? != Some(bytes)
            {
                check
                    .findings
                    .push(format!("{stream}: its snapshot at {revision} is not what the log gives"));
            }
        }
    }
}

/// The snapshot of a stream at a revision; none if the stream is shorter.
async fn folded<D>(log: &dyn EventLog, stream: &StreamName, revision: u64) -> Result<Option<Vec<u8>>, String>
where
    D: Aggregate<State: Snapshot>,
{
    let (mut state, mut next) = (D::State::default(), 0);
    while next <= revision {
        let read = read_events::<D::Event>(log, stream, next, Page::default()).await;
        let events = read.map_err(|refusal| refusal.message)?;
        if events.is_empty() {
            return Ok(None);
        }
        for (at, event) in events.into_iter().filter(|(at, _)| *at <= revision) {
            state = D::evolve(state, &event);
            next = at + 1;
        }
    }
    Ok(Some(state.encode()))
}

/// The most findings about single rows.
const MOST_FINDINGS: usize = 10;

fn compare_rows(store: &Store, emitted: &[HistoryRow], findings: &mut Vec<String>) {
    for row in emitted {
        let finding = match store.rows(&row.key, row.position, row.position) {
            Ok(kept) if kept.first() == Some(row) => continue,
            Ok(_) => "is not what the log gives".to_owned(),
            Err(error) => format!("cannot be read: {error}"),
        };
        if findings.len() < MOST_FINDINGS {
            findings.push(format!("its row for position {} {finding}", row.position));
        }
    }
}
