//! Damage: what an opened, verified or copied directory says of it.

use bytes::Bytes;
use event_log::{
    Append, EventFeed, EventLog, ExpectedRevision, Head, OpenError, Page, Place, Position, SqliteLog,
    SqliteOptions, backup,
    conformance::{ManualClock, append, command, event, stream, written},
    verify,
};
use futures::FutureExt;
use std::{fs, path::Path, sync::Arc};
use tempfile::{TempDir, tempdir};

fn options() -> SqliteOptions {
    SqliteOptions::new(ManualClock::at(1_000).clock())
}

fn open(dir: &Path) -> Arc<SqliteLog> {
    SqliteLog::open(dir, options()).unwrap()
}

/// The payload of a frame, easy to find in a file.
fn payload(number: u64) -> Bytes {
    Bytes::from(format!("<<payload {number:04}>>").repeat(20))
}

fn numbered(number: u64) -> Append {
    let mut event = event(number);
    event.payload = payload(number);
    Append {
        command: number.is_multiple_of(2).then(|| command(&format!("c-{number}"), number as u8)),
        events: vec![event.clone(), event],
        ..append(&stream(&(number % 3).to_string()), ExpectedRevision::Any, &[])
    }
}

/// A closed log of 20 frames of two events on three streams, each second one by a command.
async fn sample() -> (TempDir, Head) {
    let dir = tempdir().unwrap();
    let log = open(dir.path());
    for number in 0..20 {
        written(&*log, numbered(number)).await;
    }
    let head = log.head();
    log.close().await;
    (dir, head)
}

fn database(dir: &TempDir) -> std::path::PathBuf {
    dir.path().join("log.db")
}

/// Runs SQL behind the log's back.
fn tamper(dir: &TempDir, sql: &str) {
    let connection = rusqlite::Connection::open(database(dir)).unwrap();
    connection
        .execute_batch(&format!(
            "DROP TRIGGER frames_are_never_updated; DROP TRIGGER frames_are_never_deleted; {sql}"
        ))
        .unwrap();
}

/// Flips a bit of every occurrence of a text in the file.
fn flip(dir: &TempDir, text: &[u8], offset: usize) {
    let mut bytes = fs::read(database(dir)).unwrap();
    let places: Vec<_> = (0..bytes.len() - text.len()).filter(|at| bytes[*at..].starts_with(text)).collect();
    assert!(!places.is_empty());
    for place in places {
        bytes[place + offset] ^= 1;
    }
    fs::write(database(dir), bytes).unwrap();
}

fn refusal(dir: &TempDir) -> OpenError {
    match SqliteLog::open(dir.path(), options()) {
        Err(error) => error,
        Ok(_) => panic!("it was opened"),
    }
}

#[tokio::test]
async fn a_log_goes_on_where_it_ended() {
    let (dir, head) = sample().await;
    let log = open(dir.path());
    assert_eq!(log.head(), head);
    let page = Page { frames: 100, bytes: usize::MAX };
    let before = log.read_all(Position::START, page).await.unwrap();
    assert_eq!(before.len(), 20);
    let next = written(&*log, numbered(20)).await;
    assert_eq!((next.first_position, next.first_revision), (Position(41), 12));
    assert!(log.failed().now_or_never().is_none());
    drop(log);
    let report = verify(dir.path()).unwrap();
    assert_eq!((report.frames, report.events, report.streams, report.commands), (21, 42, 3, 11));
    assert!(report.is_sound() && !report.live, "{report:?}");
    assert_eq!(report.head.position, Position(42));
}

#[tokio::test]
async fn a_directory_has_one_writer() {
    let (dir, _) = sample().await;
    let log = open(dir.path());
    assert!(matches!(refusal(&dir), OpenError::Locked { .. }));
    assert!(refusal(&dir).to_string().contains("another process has this log open"));
    drop(log);
    drop(open(dir.path()));
}

#[tokio::test]
async fn other_files_are_refused() {
    let cases: [(&[u8], &str); 3] = [
        (b"", "the file is empty"),
        (&[b'x'; 10_000], "it is not a database"),
        (b"SQLite format 3\0 and no more", "not a database"),
    ];
    for (bytes, what) in cases {
        let dir = tempdir().unwrap();
        fs::write(database(&dir), bytes).unwrap();
        let error = refusal(&dir).to_string();
        assert!(error.contains(what) && error.contains("log.db"), "{error}");
        assert!(verify(dir.path()).is_err());
    }

    let dir = tempdir().unwrap();
    rusqlite::Connection::open(database(&dir)).unwrap().execute_batch("CREATE TABLE t (x)").unwrap();
    assert!(matches!(refusal(&dir), OpenError::NotALog { what, .. } if what.contains("application id")));

    let dir = tempdir().unwrap();
    fs::write(dir.path().join("log.db-wal"), b"left alone").unwrap();
    assert!(matches!(refusal(&dir), OpenError::Corrupt { what, .. } if what.contains("missing")));

    let dir = tempdir().unwrap();
    assert!(matches!(verify(dir.path()), Err(OpenError::Missing { .. })));
    assert!(matches!(backup(dir.path(), &dir.path().join("to")), Err(OpenError::Missing { .. })));
}

#[tokio::test]
async fn a_later_format_is_refused() {
    let (dir, _) = sample().await;
    tamper(&dir, "PRAGMA user_version = 2");
    assert!(matches!(refusal(&dir), OpenError::Format { found: 2, known: 1, .. }));

    let (dir, _) = sample().await;
    tamper(&dir, "UPDATE frames SET format = 2 WHERE first_position = 39");
    let error = refusal(&dir).to_string();
    assert!(error.contains("position 39") && error.contains("frame format 2"), "{error}");
}

#[tokio::test]
async fn a_cut_database_is_refused() {
    for keep in [1, 2, 3, 5] {
        let (dir, _) = sample().await;
        let length = fs::metadata(database(&dir)).unwrap().len();
        assert!(length > 5 * 4_096);
        fs::File::options().write(true).open(database(&dir)).unwrap().set_len(length - keep * 4_096).unwrap();
        let error = refusal(&dir);
        assert!(matches!(error, OpenError::Corrupt { .. }), "{error:?}");
        assert!(error.to_string().contains(&(length - keep * 4_096).to_string()), "{error}");
    }
}

#[tokio::test]
async fn a_flipped_byte_in_the_last_frames_is_refused() {
    for number in [19, 12] {
        let (dir, _) = sample().await;
        flip(&dir, &payload(number), 3);
        let error = refusal(&dir).to_string();
        let position = number * 2 + 1;
        assert!(error.contains(&format!("position {position}")) && error.contains("checksum"), "{error}");
    }
}

#[tokio::test]
async fn flipped_bytes_are_found() {
    for number in [0, 7, 13, 19] {
        let (dir, _) = sample().await;
        flip(&dir, &payload(number), 100);
        let report = verify(dir.path()).unwrap();
        let place = Place::Frame(Position(number * 2 + 1));
        assert!(report.findings.len() == 1 && report.findings[0].place == place, "{report:?}");
        let copy = tempdir().unwrap();
        let to = copy.path().join("copy");
        let refused = backup(dir.path(), &to).unwrap_err().to_string();
        assert!(refused.contains(&format!("position {}", number * 2 + 1)), "{refused}");
        assert_eq!(fs::read_dir(&to).unwrap().count(), 0, "nothing is left of the copy");
    }
}

/// Each change keeps SQLite content; the log is not.
#[tokio::test]
async fn tampering_is_found() {
    let at = |position| Some(Place::Frame(Position(position)));
    let cases = [
        ("UPDATE frames SET recorded_at = 999 WHERE first_position = 21", at(21), "checksum"),
        ("UPDATE frames SET name = 'test-2' WHERE first_position = 21", at(21), "checksum"),
        ("UPDATE frames SET events = 0 WHERE first_position = 21", at(21), "no events"),
        ("UPDATE frames SET crc = -1 WHERE first_position = 21", at(21), "column crc is -1"),
        ("UPDATE frames SET hash = x'00' WHERE first_position = 21", at(21), "hash has 1 bytes"),
        ("UPDATE frames SET hash = zeroblob(32) WHERE first_position = 21", at(21), "does not follow"),
        ("UPDATE frames SET command = x'01' WHERE first_position = 21", at(21), "checksum"),
        ("DELETE FROM frames WHERE first_position = 21", at(23), "where 21 should stand"),
        ("UPDATE streams SET id = id + 10 WHERE name = 'test-1'", at(3), "number 2 here"),
        ("DELETE FROM streams WHERE name = 'test-1'", at(3), "in the index"),
        ("INSERT INTO streams VALUES ('test-x', 2)", None, "no frames of its own"),
        ("DELETE FROM commands WHERE position = 21", at(21), "missing in the command index"),
        ("UPDATE commands SET position = 23 WHERE position = 21", at(21), "is at 23 in the command index"),
        ("UPDATE commands SET digest = zeroblob(32) WHERE position = 21", at(21), "in the command index"),
        ("INSERT INTO commands VALUES (zeroblob(16), zeroblob(32), 3)", None, "whose frame bears another"),
        ("INSERT INTO commands VALUES (zeroblob(16), zeroblob(32), 4)", None, "where no frame starts"),
    ];
    for (sql, place, what) in cases {
        let (dir, _) = sample().await;
        tamper(&dir, sql);
        let report = verify(dir.path()).unwrap();
        let found = report.findings.iter().find(|finding| finding.what.contains(what));
        let found = found.unwrap_or_else(|| panic!("{sql}: {:?}", report.findings));
        if let Some(place) = place {
            assert_eq!(found.place, place, "{sql}");
        }
    }
}

#[tokio::test]
async fn history_cannot_be_rewritten_by_mistake() {
    let (dir, _) = sample().await;
    let connection = rusqlite::Connection::open(database(&dir)).unwrap();
    for sql in ["UPDATE frames SET recorded_at = 0", "DELETE FROM frames"] {
        assert!(connection.execute(sql, []).unwrap_err().to_string().contains("never rewritten"));
    }
}

/// The chain cannot see a tail that was cut off cleanly; the head that a backup bears can.
#[tokio::test]
async fn a_clean_cut_shows_against_a_known_head() {
    let (dir, head) = sample().await;
    tamper(&dir, "DELETE FROM frames WHERE first_position >= 37; DELETE FROM commands WHERE position >= 37");
    let report = verify(dir.path()).unwrap();
    assert!(report.is_sound(), "{report:?}");
    assert_ne!(report.head, head);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_log_is_copied_under_load() {
    let (dir, target) = (tempdir().unwrap(), tempdir().unwrap());
    let log = open(dir.path());
    let writer = {
        let log = log.clone();
        tokio::spawn(async move {
            for number in 0..2_000 {
                written(&*log, numbered(number)).await;
            }
        })
    };
    let mut copied = Vec::new();
    for (name, position) in [("a", 400), ("b", 2_000)] {
        log.reached(Position(position)).await.unwrap();
        let (from, to) = (dir.path().to_owned(), target.path().join(name));
        let at = to.clone();
        let report = tokio::task::spawn_blocking(move || backup(&from, &at)).await.unwrap().unwrap();
        assert!(report.head.position >= Position(position));
        copied.push((to, report));
    }
    let live = {
        let dir = dir.path().to_owned();
        tokio::task::spawn_blocking(move || verify(&dir)).await
    };
    let live = live.unwrap().unwrap();
    assert!(live.live && live.is_sound(), "{live:?}");
    writer.await.unwrap();

    for (to, report) in copied {
        let copy = verify(&to).unwrap();
        assert!(copy.is_sound(), "{copy:?}");
        assert_eq!(
            (copy.head, copy.frames, copy.body_bytes),
            (report.head, report.frames, report.body_bytes)
        );
        assert!(matches!(backup(dir.path(), &to), Err(OpenError::Occupied { .. })));

        let copy = open(&to);
        assert_eq!(copy.head(), report.head);
        let key = command("c-100", 100);
        let (here, there) = (
            log.find_command(&stream("0"), key.scope, &key.id).await,
            copy.find_command(&stream("0"), key.scope, &key.id).await,
        );
        assert!(here.as_ref().unwrap().is_some());
        assert_eq!(here.unwrap(), there.unwrap());
        let page = Page { frames: 300, bytes: usize::MAX };
        let after = Position(report.head.position.0 - 20);
        let (original, copied) =
            (log.read_all(after, page).await.unwrap(), copy.read_all(after, page).await.unwrap());
        assert_eq!(original[..10], copied[..]);
        written(&*copy, numbered(10_001)).await;
    }
}

#[tokio::test]
async fn an_empty_log_is_copied_and_sound() {
    let (dir, target) = (tempdir().unwrap(), tempdir().unwrap());
    drop(open(dir.path()));
    assert_eq!(backup(dir.path(), target.path()).unwrap().head, Head::default());
    assert!(verify(target.path()).unwrap().is_sound());
    assert_eq!(open(target.path()).head(), Head::default());
}
