//! A disk that takes no more: every answer stays true, and nothing is half-written.

use event_log::{
    Append, AppendError, AppendOutcome, EventFeed, EventLog, ExpectedRevision, Page, Position, ReadError,
    SqliteLog, SqliteOptions,
    conformance::{ManualClock, append, event, stream},
    verify,
};
use futures::{StreamExt, future::join_all};

fn large(number: u64) -> Append {
    let mut event = event(number);
    event.payload = vec![number as u8; 20_000].into();
    Append { events: vec![event], ..append(&stream("a"), ExpectedRevision::Any, &[]) }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_disk_fails_the_log_and_harms_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let clock = ManualClock::at(1_000).clock();
    let options =
        SqliteOptions { max_pages: Some(100), drain_appends: 4, ..SqliteOptions::new(clock.clone()) };
    let log = SqliteLog::open(dir.path(), options).unwrap();
    let failed = log.failed();
    let mut feed = log.subscribe(Position::START);
    let answers = join_all((0..60).map(|number| log.append(large(number)))).await;

    let written: Vec<_> = answers.iter().map_while(|answer| answer.as_ref().ok()).collect();
    assert!((1..60).contains(&written.len()));
    for answer in &answers[written.len()..] {
        assert!(matches!(answer, Err(AppendError::Unavailable(_))), "{answer:?}");
    }
    let why = failed.await.expect("the log has failed");
    assert!(why.contains("full"), "{why}");
    assert!(matches!(log.append(large(99)).await, Err(AppendError::Unavailable(_))));

    // What was written can be read; then the feed says that no more comes.
    for _ in &written {
        feed.next().await.unwrap().unwrap();
    }
    assert!(matches!(feed.next().await, Some(Err(ReadError::Unavailable(_)))));
    assert!(feed.next().await.is_none());
    assert!(log.reached(Position(1_000)).await.is_err());
    log.close().await;
    assert!(log.failed().await.is_some(), "a failed log stays failed");
    drop(log);

    let report = verify(dir.path()).unwrap();
    assert!(report.is_sound(), "{report:?}");
    assert_eq!(report.frames, written.len() as u64);
    let log = SqliteLog::open(dir.path(), SqliteOptions::new(clock)).unwrap();
    let page = Page { frames: 100, bytes: usize::MAX };
    assert_eq!(log.read_all(Position::START, page).await.unwrap().len(), written.len());
    assert!(matches!(log.append(large(99)).await, Ok(AppendOutcome::Appended(_))));
}

/// Bounds of the queue, in appends and in bytes: the caller learns at once, and what was taken is written.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_queue_says_so() {
    for (queue_appends, queue_bytes) in [(8, usize::MAX), (usize::MAX, 100_000)] {
        let dir = tempfile::tempdir().unwrap();
        let options = SqliteOptions {
            queue_appends,
            queue_bytes,
            drain_appends: 1,
            ..SqliteOptions::new(ManualClock::at(1).clock())
        };
        let log = SqliteLog::open(dir.path(), options).unwrap();
        let answers = join_all((0..200).map(|number| log.append(large(number))).collect::<Vec<_>>()).await;
        let written =
            answers.iter().filter(|answer| matches!(answer, Ok(AppendOutcome::Appended(_)))).count();
        let refused = answers.iter().filter(|answer| matches!(answer, Err(AppendError::Overloaded))).count();
        assert_eq!(written + refused, 200);
        assert!(refused > 0 && written > 0);
        let metrics = log.metrics();
        assert_eq!((metrics.frames, metrics.overloaded), (written as u64, refused as u64));
        assert_eq!((metrics.queued_appends, metrics.queued_bytes), (0, 0));
    }
}

/// The WAL is started afresh above its limit, however hard the log is written to.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_wal_stays_short_under_load() {
    let dir = tempfile::tempdir().unwrap();
    let options = SqliteOptions {
        wal_limit_bytes: 2 << 20,
        checkpoint_bytes: 512 << 10,
        drain_appends: 16,
        ..SqliteOptions::new(ManualClock::at(1).clock())
    };
    let log = SqliteLog::open(dir.path(), options).unwrap();
    for _ in 0..20 {
        join_all((0..64).map(|number| log.append(large(number)))).await;
    }
    let metrics = log.metrics();
    assert_eq!(metrics.frames, 1_280);
    assert!(metrics.commits < 1_280, "appends in flight share commits");
    // The limit and one drain.
    assert!(metrics.wal_bytes_max < 3 << 20, "{metrics:?}");
    // Whether the writer had to pause for it, or SQLite could start the WAL afresh by itself, is a matter of
    // timing; that a pause was never in vain is not.
    assert_eq!(metrics.checkpoint_pauses_busy, 0, "{metrics:?}");
    log.close().await;
    assert!(!dir.path().join("log.db-wal").exists(), "a clean end leaves no WAL");
    assert!(verify(dir.path()).unwrap().is_sound());
}
