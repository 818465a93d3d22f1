//! Snapshots of long histories: used, checked, and never trusted beyond the log.

use std::{
    num::NonZeroUsize,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
};

use domain::{
    access::{Access, Command, RegisterSource},
    id::{ContractId, OrganisationId, SourceId},
    text::Name,
    time::Timestamp,
};
use engine::{Aggregates, Caller, Envelope, Prepared, SnapshotStore, Snapshots, Store, check_snapshots};
use event_log::{MemoryLog, StreamName};
use events::Category;

const EVERY: u64 = 4;

fn stream() -> StreamName {
    Category::Access.stream(ContractId::from_u128(1))
}

fn memory() -> Arc<MemoryLog> {
    recording_from(0)
}

/// A log whose events were recorded one after the other from a time on.
fn recording_from(time: i64) -> Arc<MemoryLog> {
    let ticks = AtomicI64::new(time);
    MemoryLog::new(Arc::new(move || ticks.fetch_add(1, Ordering::SeqCst)))
}

fn uses(log: &Arc<MemoryLog>, store: &Arc<Store>) -> Aggregates<Access> {
    let snapshots = Snapshots::new(store.clone(), EVERY);
    Aggregates::new(log.clone(), NonZeroUsize::new(10).unwrap()).with_snapshots(snapshots)
}

async fn register(uses: &Aggregates<Access>, numbers: std::ops::RangeInclusive<u128>) {
    let organisation = OrganisationId::from_u128(1);
    let envelope = Envelope {
        caller: Caller { organisation, person: None, roles: vec![] },
        command: None,
        expected_revision: None,
        validate_only: false,
        at: Timestamp::default(),
        traceparent: String::new(),
    };
    for number in numbers {
        let source = SourceId::from_u128(number);
        let command = RegisterSource { source, name: Name::new("meter").unwrap(), at: Timestamp::default() };
        let prepare = || Prepared::new(Command::RegisterSource(command.clone()));
        let executed = uses.execute(&stream(), &envelope, || Box::pin(async { Ok(prepare()) })).await;
        assert!(executed.is_ok(), "{executed:?}");
    }
}

async fn sources(uses: &Aggregates<Access>) -> usize {
    registered(uses).await.len()
}

async fn registered(uses: &Aggregates<Access>) -> Vec<SourceId> {
    let read = uses.read(&stream(), |state, _| state.sources.keys().copied().collect::<Vec<_>>()).await;
    let mut registered = read.unwrap();
    registered.sort_unstable();
    registered
}

async fn findings(log: &MemoryLog, path: &Path) -> Vec<String> {
    check_snapshots::<Access>(log, path).await.findings
}

#[tokio::test]
async fn a_cold_aggregate_starts_from_its_snapshot_and_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let (path, log) = (folder.path().join("aggregates.db"), memory());
    let store = Arc::new(Store::open(&path).unwrap());
    register(&uses(&log, &store), 1..=10).await;
    assert_eq!(store.load(&stream()).map(|kept| kept.end.revision), Some(7), "each fourth event");
    let cold = uses(&log, &store);
    assert_eq!(sources(&cold).await, 10);
    register(&cold, 11..=12).await;
    assert_eq!(store.load(&stream()).map(|kept| kept.end.revision), Some(11));
    assert_eq!(findings(&log, &path).await, [""; 0]);
}

#[tokio::test]
async fn a_snapshot_that_is_not_what_the_log_gives_is_found() {
    let folder = tempfile::tempdir().unwrap();
    let (path, log) = (folder.path().join("aggregates.db"), memory());
    register(&uses(&log, &Arc::new(Store::open(&path).unwrap())), 1..=5).await;
    let tampered = rusqlite::Connection::open(&path).unwrap();
    for damage in ["CAST(bytes || x'0a00' AS BLOB)", "7"] {
        tampered.execute_batch(&format!("UPDATE snapshot SET bytes = {damage}")).unwrap();
        assert_eq!(findings(&log, &path).await.len(), 1, "{damage}");
    }
    tampered.execute_batch("UPDATE snapshot SET mark = CAST(mark || 'y' AS BLOB)").unwrap();
    assert_eq!(findings(&log, &path).await.len(), 1, "nor is one of a longer history right");
}

/// A log that was restored from an earlier copy is another history from there on.
#[tokio::test]
async fn a_snapshot_of_another_history_is_not_used() {
    let folder = tempfile::tempdir().unwrap();
    let (path, log) = (folder.path().join("aggregates.db"), memory());
    let store = Arc::new(Store::open(&path).unwrap());
    register(&uses(&log, &store), 1..=8).await;
    for others in [21..=23, 21..=28, 21..=31] {
        let restored = recording_from(1_000);
        register(&uses(&restored, &Arc::new(Store::in_memory().unwrap())), others.clone()).await;
        let expected: Vec<_> = others.map(SourceId::from_u128).collect();
        assert_eq!(registered(&uses(&restored, &store)).await, expected);
        assert_eq!(findings(&restored, &path).await, [""; 0]);
    }
    assert_eq!(store.load(&stream()).map(|kept| kept.end.revision), Some(7));
    assert_eq!(sources(&uses(&log, &store)).await, 8);
}
