//! `kill -9` under load: what was acknowledged is there, once, and the chain holds.
//!
//! The parent starts this binary again as a child, which appends and prints what was acknowledged; the parent
//! kills it, opens the directory, and compares.

use event_log::{
    Append, AppendOutcome, EventLog, ExpectedRevision, Page, Position, SqliteLog, SqliteOptions, backup,
    conformance::{append, command, event, stream},
    verify,
};
use std::{
    collections::HashMap,
    io::{BufRead, BufReader, Write},
    path::Path,
    process::{Command, Stdio},
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

const DIR: &str = "KIBAN_KILL9_DIR";
const ROUND: &str = "KIBAN_KILL9_ROUND";
const TASKS: u64 = 32;

fn open(dir: &Path) -> Arc<SqliteLog> {
    let ticks = AtomicI64::new(0);
    let clock = Arc::new(move || ticks.fetch_add(1, Ordering::Relaxed));
    let options = SqliteOptions {
        // Small, so that kills meet checkpoints and fresh starts of the WAL too.
        checkpoint_bytes: 256 << 10,
        wal_limit_bytes: 1 << 20,
        ..SqliteOptions::new(clock)
    };
    SqliteLog::open(dir, options).unwrap()
}

/// Not a test by itself: the process that is killed.
#[test]
fn child() {
    let (Ok(dir), Ok(round)) = (std::env::var(DIR), std::env::var(ROUND)) else { return };
    let round: u64 = round.parse().unwrap();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(async {
        let log = open(Path::new(&dir));
        let tasks: Vec<_> = (0..TASKS).map(|task| tokio::spawn(load(log.clone(), round, task))).collect();
        for task in tasks {
            task.await.unwrap();
        }
    });
}

/// Appends for ever, large and small, with and without commands.
async fn load(log: Arc<SqliteLog>, round: u64, task: u64) {
    for number in 0.. {
        let id = (round * TASKS + task) * 1_000_000 + number;
        let mut first = event(id);
        first.payload = vec![id as u8; if number.is_multiple_of(7) { 30_000 } else { 200 }].into();
        let append = Append {
            command: number.is_multiple_of(2).then(|| command(&id.to_string(), 1)),
            events: vec![first, event(u64::MAX)],
            ..append(&stream(&task.to_string()), ExpectedRevision::Any, &[])
        };
        match log.append(append).await {
            Ok(AppendOutcome::Appended(place)) => {
                let line = format!("ack {} {id}\n", place.first_position);
                std::io::stdout().lock().write_all(line.as_bytes()).unwrap();
            }
            other => panic!("{other:?}"),
        }
    }
}

/// Runs the child for a while after its first acknowledgement, and kills it. What it acknowledged.
fn round(dir: &Path, round: usize, delay: Duration) -> HashMap<u64, u64> {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "child", "--nocapture", "--test-threads=1"])
        .env(DIR, dir)
        .env(ROUND, round.to_string())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap());
    let (started, begun) = std::sync::mpsc::channel();
    let reader = std::thread::spawn(move || {
        let mut acknowledged = HashMap::new();
        let mut line = String::new();
        // A line that the kill cut short does not count.
        while lines.read_line(&mut line).unwrap() > 0 && line.ends_with('\n') {
            if let Some((position, id)) = line.trim_end().strip_prefix("ack ").and_then(|l| l.split_once(' '))
            {
                let _ = started.send(());
                assert_eq!(acknowledged.insert(id.parse().unwrap(), position.parse().unwrap()), None);
            }
            line.clear();
        }
        acknowledged
    });
    begun.recv().unwrap();
    std::thread::sleep(delay);
    if round == 0 {
        copy_from_another_process(dir);
    }
    child.kill().unwrap();
    child.wait().unwrap();
    reader.join().unwrap()
}

/// While the child writes, this process copies and verifies.
fn copy_from_another_process(dir: &Path) {
    let target = tempfile::tempdir().unwrap();
    let copied = backup(dir, target.path()).unwrap();
    let report = verify(target.path()).unwrap();
    assert!(report.is_sound() && report.head == copied.head, "{report:?}");
    let report = verify(dir).unwrap();
    assert!(report.is_sound() && report.live, "{report:?}");
    assert!(SqliteLog::open(dir, SqliteOptions::new(Arc::new(|| 0))).is_err(), "the child holds the lock");
}

#[test]
fn what_was_acknowledged_outlives_kill_9() {
    let dir = tempfile::tempdir().unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let mut acknowledged = HashMap::new();
    for (number, delay) in [300, 0, 7, 45, 110, 230].into_iter().enumerate() {
        let before = acknowledged.len();
        acknowledged.extend(round(dir.path(), number, Duration::from_millis(delay)));
        assert!(acknowledged.len() > before);

        let report = verify(dir.path()).unwrap();
        assert!(report.is_sound() && !report.live, "round {number}: {report:?}");
        let log = open(dir.path());
        assert_eq!(log.head(), report.head);
        let found = runtime.block_on(everything(&log));
        assert_eq!(found.len() as u64, report.frames);
        for (id, position) in &acknowledged {
            assert_eq!(found.get(id), Some(position), "round {number}: id {id}");
        }
    }
}

/// The position of each frame by the id of its first event, which must be there once.
async fn everything(log: &SqliteLog) -> HashMap<u64, u64> {
    let (mut after, mut found) = (Position::START, HashMap::new());
    loop {
        let frames = log.read_all(after, Page::default()).await.unwrap();
        let Some(last) = frames.last() else { return found };
        after = last.last_position();
        for frame in &frames {
            let id = u64::from_be_bytes(frame.events[0].id[..8].try_into().unwrap());
            assert_eq!(found.insert(id, frame.first_position.0), None, "id {id} stands twice");
        }
    }
}
