//! What the host of folds promises: nothing twice, nothing skipped, and no answer where something is wrong.

use std::{
    path::Path,
    sync::{
        Arc, Mutex,
        atomic::{AtomicI64, Ordering},
    },
};

use bytes::Bytes;
use domain::id::OrganisationId;
use engine::{
    Fold, FoldCheck, Folds, HistoryRow, Observer, Projection, Reason, RunningFolds, Standing, Store,
    check_fold,
};
use event_log::{Append, EventLog, ExpectedRevision, MemoryLog, NewEvent, Position};
use events::{Category, Defect, Metadata, Recordable, Recorded};

/// Remembers every position it was shown; lets go of all but the last three.
#[derive(Default)]
struct Seen {
    kept: Vec<u64>,
    gone: Vec<HistoryRow>,
}

impl Fold for Seen {
    const NAME: &'static str = "seen";
    const VERSION: u32 = 1;
    const CATEGORIES: &'static [Category] = &[Category::Period];

    fn apply(&mut self, event: &Recorded) {
        self.kept.push(event.position.0);
        while self.kept.len() > 3 {
            let position = self.kept.remove(0);
            self.gone.push(HistoryRow { key: b"seen".to_vec(), position, value: Vec::new() });
        }
    }

    fn encode(&self) -> Vec<u8> {
        self.kept.iter().flat_map(|position| position.to_be_bytes()).collect()
    }

    fn decode(bytes: &[u8]) -> Result<Self, Defect> {
        let position = |chunk: &[u8]| chunk.try_into().map(u64::from_be_bytes).unwrap_or_default();
        Ok(Self { kept: bytes.chunks(8).map(position).collect(), gone: Vec::new() })
    }

    fn take_history(&mut self) -> Vec<HistoryRow> {
        std::mem::take(&mut self.gone)
    }
}

fn memory() -> Arc<MemoryLog> {
    recording_from(0)
}

/// A log whose events were recorded one after the other from a time on.
fn recording_from(time: i64) -> Arc<MemoryLog> {
    let ticks = AtomicI64::new(time);
    MemoryLog::new(Arc::new(move || ticks.fetch_add(1, Ordering::SeqCst)))
}

async fn append(log: &MemoryLog, category: &str, event_type: &str, payload: Vec<u8>) {
    let organisation = OrganisationId::from_u128(1);
    let metadata = Metadata {
        organisation,
        person: None,
        command: None,
        causation: None,
        correlation: None,
        occurred_at: Default::default(),
        partition: None,
        audience: vec![],
        traceparent: String::new(),
    };
    let event = NewEvent {
        id: [0; 16],
        event_type: event_type.into(),
        metadata: metadata.encode().into(),
        payload: Bytes::from(payload),
    };
    let append = Append {
        stream: event_log::StreamName::new(format!("{category}-{organisation}")).unwrap(),
        expected: ExpectedRevision::Any,
        guards: vec![],
        command: None,
        events: vec![event],
    };
    log.append(append).await.unwrap();
}

/// An event that the fold subscribes to.
async fn close_a_month(log: &MemoryLog) {
    let closed = domain::period::Event::PeriodClosed(domain::period::PeriodClosed {
        issuer: OrganisationId::from_u128(1),
        month: "2026-03".parse().unwrap(),
        at: Default::default(),
    });
    append(log, "period", closed.event_type(), closed.encode()).await;
}

fn open(path: &Path) -> Arc<Projection<Seen>> {
    Projection::open(Store::open(path).unwrap()).unwrap()
}

fn run(projection: &Arc<Projection<Seen>>, log: &Arc<MemoryLog>) -> RunningFolds {
    let mut folds = Folds::default();
    folds.add(projection);
    folds.run(log.clone())
}

/// However closely events follow each other, the snapshot is not put off: else a crash would cost them all.
#[tokio::test(start_paused = true)]
async fn a_snapshot_is_taken_in_time_though_events_keep_coming() {
    let folder = tempfile::tempdir().unwrap();
    let (path, log) = (folder.path().join("seen.db"), memory());
    let projection = open(&path);
    let running = run(&projection, &log);
    for _ in 0..30 {
        close_a_month(&log).await;
        tokio::time::sleep(std::time::Duration::from_secs(1)).await;
    }
    let kept = Store::open(&path).unwrap().peek_fold(Seen::VERSION).unwrap();
    assert!(kept.is_some_and(|kept| kept.end.position >= Position(15)));
    running.stop().await;
}

#[tokio::test]
async fn a_restart_goes_on_from_the_snapshot_and_a_rebuilt_fold_is_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let (path, log) = (folder.path().join("seen.db"), memory());
    for round in 1..=3u64 {
        let projection = open(&path);
        assert_eq!(projection.examined(), Position(5 * (round - 1)));
        let folds = run(&projection, &log);
        for _ in 0..5 {
            close_a_month(&log).await;
        }
        projection.reached(log.head().position).await.unwrap();
        let seen = projection.look(|fold, _, examined| (fold.kept.clone(), examined)).unwrap();
        assert_eq!(seen, (vec![5 * round - 2, 5 * round - 1, 5 * round], Position(5 * round)));
        folds.stop().await;
    }
    let store = Store::open(&path).unwrap();
    let gone: Vec<u64> =
        store.rows(b"seen", 0, u64::MAX).unwrap().into_iter().map(|row| row.position).collect();
    assert_eq!(gone, (1..=12).collect::<Vec<_>>());
    drop(store);
    let sound = FoldCheck { name: "seen".into(), position: Some(Position(15)), findings: vec![] };
    assert_eq!(check_fold::<Seen>(&*log, &path).await, sound);
}

/// A log of nine events, and a snapshot after all of them in a file.
async fn nine_months_kept(path: &Path) -> Arc<MemoryLog> {
    let log = memory();
    for _ in 0..9 {
        close_a_month(&log).await;
    }
    let projection = open(path);
    let folds = run(&projection, &log);
    projection.reached(Position(9)).await.unwrap();
    folds.stop().await;
    log
}

/// A log that was restored from an earlier copy and went on otherwise, past the place of the snapshot or not.
#[tokio::test]
async fn a_fold_of_another_history_is_built_again() {
    for events in [0, 4, 9, 12] {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("seen.db");
        nine_months_kept(&path).await;

        let restored = recording_from(1_000);
        for _ in 0..events {
            close_a_month(&restored).await;
        }
        let findings = check_fold::<Seen>(&*restored, &path).await.findings;
        assert!(findings[0].contains("another history"), "{findings:?}");
        let again = Projection::open_on(Store::open(&path).unwrap(), &*restored).await.unwrap();
        let folds = run(&again, &restored);
        again.reached(Position(events)).await.unwrap();
        folds.stop().await;
        assert_eq!(check_fold::<Seen>(&*restored, &path).await.findings, [""; 0]);
        let rows = Store::open(&path).unwrap().count_rows().unwrap();
        assert_eq!(rows, events.saturating_sub(3), "none of the other history's is left");
    }
}

#[tokio::test]
async fn a_fold_that_is_not_what_the_log_gives_is_found() {
    for damage in [
        "UPDATE history SET value = x'00' WHERE position = 2",
        "DELETE FROM history WHERE position = 4",
        "UPDATE fold SET bytes = x'0000000000000001'",
    ] {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("seen.db");
        let log = nine_months_kept(&path).await;
        assert_eq!(check_fold::<Seen>(&*log, &path).await.findings, [""; 0]);
        rusqlite::Connection::open(&path).unwrap().execute_batch(damage).unwrap();
        assert!(!check_fold::<Seen>(&*log, &path).await.findings.is_empty(), "{damage}");
    }
}

#[tokio::test]
async fn an_event_that_cannot_be_read_stops_the_projection_loudly() {
    let log = memory();
    let projection: Arc<Projection<Seen>> = Projection::open(Store::in_memory().unwrap()).unwrap();
    let folds = run(&projection, &log);
    close_a_month(&log).await;
    projection.reached(Position(1)).await.unwrap();
    append(&log, "period", "kiban.finance.v1.PeriodForgotten", vec![]).await;
    close_a_month(&log).await;
    let refused = projection.reached(Position(3)).await.unwrap_err();
    assert_eq!(refused.reason, Reason::ProjectionStopped);
    assert!(
        refused.message.contains("kiban.finance.v1.PeriodForgotten at position 2"),
        "{}",
        refused.message
    );
    assert_eq!(projection.look(|_, _, _| ()).unwrap_err().reason, Reason::ProjectionStopped);
    assert_eq!(projection.examined(), Position(1), "nothing after it was examined");
    folds.stop().await;
}

#[tokio::test]
async fn a_table_that_cannot_be_kept_stops_the_projection() {
    let folder = tempfile::tempdir().unwrap();
    let (path, log) = (folder.path().join("seen.db"), memory());
    let projection = open(&path);
    let folds = run(&projection, &log);
    for _ in 0..5 {
        close_a_month(&log).await;
    }
    projection.reached(Position(5)).await.unwrap();
    rusqlite::Connection::open(&path).unwrap().execute_batch("DROP TABLE history").unwrap();
    folds.stop().await;
    assert_eq!(projection.look(|_, _, _| ()).unwrap_err().reason, Reason::ProjectionStopped);
}

/// Notes what it is told, and how far the projection is when that was applied.
struct Noting(Arc<Projection<Seen>>, Notes);

/// Of each batch the positions, and where the projection then stood.
type Notes = Arc<Mutex<Vec<(Vec<u64>, Position)>>>;

struct Applying(Arc<Projection<Seen>>, Notes, Vec<u64>);

impl Observer for Noting {
    fn applying(&self, projection: &'static str, events: &[&Recorded]) -> Option<Box<dyn Send>> {
        assert_eq!(projection, "seen");
        let positions: Vec<u64> = events.iter().map(|event| event.position.0).collect();
        assert!(self.0.examined().0 < positions[0], "it is told before");
        Some(Box::new(Applying(self.0.clone(), self.1.clone(), positions)))
    }
}

impl Drop for Applying {
    fn drop(&mut self) {
        self.1.lock().unwrap().push((std::mem::take(&mut self.2), self.0.examined()));
    }
}

#[tokio::test]
async fn an_observer_is_told_of_what_happens_and_not_of_what_stood_there_before() {
    let (log, noted) = (memory(), Notes::default());
    for _ in 0..3 {
        close_a_month(&log).await;
    }
    let projection: Arc<Projection<Seen>> = Projection::open(Store::in_memory().unwrap()).unwrap();
    let folds = run(&projection, &log);
    let view = folds.view();
    view.observe(Arc::new(Noting(projection.clone(), noted.clone())), log.head().position);
    projection.reached(Position(3)).await.unwrap();
    for position in 4..=5 {
        close_a_month(&log).await;
        projection.reached(Position(position)).await.unwrap();
    }
    // Of a category to which it does not subscribe.
    let named = domain::reservation::Event::Reserved(domain::reservation::Reserved {
        owner: domain::reservation::Owner::from_bytes([7; 16]),
        at: Default::default(),
    });
    append(&log, "reservation", named.event_type(), named.encode()).await;
    projection.reached(Position(6)).await.unwrap();
    folds.stop().await;
    assert_eq!(*noted.lock().unwrap(), [(vec![4], Position(4)), (vec![5], Position(5))]);
    let standing = Standing { projection: "seen", shard: 0, examined: Position(6) };
    assert_eq!(view.standings(), [standing]);
}

/// A bug.
#[derive(Default)]
struct Panics;

impl Fold for Panics {
    const NAME: &'static str = "panics";
    const VERSION: u32 = 1;
    const CATEGORIES: &'static [Category] = &[Category::Period];

    fn apply(&mut self, _: &Recorded) {
        panic!("this is meant to happen in the test");
    }

    fn encode(&self) -> Vec<u8> {
        Vec::new()
    }

    fn decode(_: &[u8]) -> Result<Self, Defect> {
        Ok(Self)
    }
}

#[tokio::test]
async fn a_fold_that_panics_answers_no_more() {
    let log = memory();
    let projection = Projection::<Panics>::open(Store::in_memory().unwrap()).unwrap();
    let mut folds = Folds::default();
    folds.add(&projection);
    let folds = folds.run(log.clone());
    close_a_month(&log).await;
    let refused = projection.reached(Position(1)).await.unwrap_err();
    assert_eq!(refused.reason, Reason::ProjectionStopped);
    assert!(projection.look(|_, _, _| ()).is_err());
    folds.stop().await;
}
