//! What the log counts and measures for whoever runs it.

use event_log::{
    Append, AppendError, EventLog, ExpectedRevision, Guard, SqliteLog, SqliteOptions,
    conformance::{append, stream, written},
};
use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicI64, Ordering::Relaxed},
    },
    time::Duration,
};

/// What each look at the clock takes.
const TICK: i64 = 250;

fn open(dir: &std::path::Path) -> Arc<SqliteLog> {
    let now = AtomicI64::new(1_000);
    SqliteLog::open(dir, SqliteOptions::new(Arc::new(move || now.fetch_add(TICK, Relaxed)))).unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_observer_is_told_how_long_each_commit_took_that_wrote_something() {
    let dir = tempfile::tempdir().unwrap();
    let log = open(dir.path());
    written(&*log, append(&stream("a"), ExpectedRevision::NoStream, &[1])).await;
    let told: Arc<Mutex<Vec<Duration>>> = Arc::default();
    let (first, second) = (told.clone(), told.clone());
    log.observe_commits(Box::new(move |took| first.lock().unwrap().push(took)));
    log.observe_commits(Box::new(move |_| second.lock().unwrap().clear()));

    for number in 2..5 {
        written(&*log, append(&stream("a"), ExpectedRevision::Any, &[number])).await;
    }
    let refused = log.append(append(&stream("a"), ExpectedRevision::NoStream, &[9])).await;
    assert!(matches!(refused, Err(AppendError::Conflict { .. })), "{refused:?}");
    log.close().await;
    let between_two_looks = Duration::from_micros(TICK as u64);
    assert_eq!(*told.lock().unwrap(), [between_two_looks; 3], "one each, and none for what wrote nothing");
    assert_eq!(log.metrics().commits, 5);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn guards_that_had_moved_are_counted_apart_from_other_conflicts() {
    let dir = tempfile::tempdir().unwrap();
    let log = open(dir.path());
    written(&*log, append(&stream("facts"), ExpectedRevision::NoStream, &[1])).await;
    let guarded = |number, revision| Append {
        guards: vec![Guard { stream: stream("facts"), revision: Some(revision) }],
        ..append(&stream("a"), ExpectedRevision::Any, &[number])
    };
    written(&*log, guarded(2, 0)).await;
    written(&*log, append(&stream("facts"), ExpectedRevision::Exact(0), &[3])).await;
    assert_eq!(log.metrics().stale_guards, 0);

    let conflict = log.append(append(&stream("a"), ExpectedRevision::NoStream, &[4])).await;
    assert!(matches!(conflict, Err(AppendError::Conflict { .. })), "{conflict:?}");
    assert_eq!(log.metrics().stale_guards, 0, "its own stream is no guard");
    let stale = log.append(guarded(5, 0)).await;
    assert!(matches!(stale, Err(AppendError::Conflict { .. })), "{stale:?}");
    assert_eq!(log.metrics().stale_guards, 1);
}
