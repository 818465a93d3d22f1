use event_log::Position;

use super::*;

fn mark(position: u64) -> Mark {
    Mark {
        stream: StreamName::new("access-x").unwrap(),
        revision: position / 10,
        position: Position(position),
        event: [position as u8; 16],
        recorded_at: 1_000 + position as i64,
    }
}

fn row(key: &[u8], position: u64, value: &[u8]) -> HistoryRow {
    HistoryRow { key: key.to_vec(), position, value: value.to_vec() }
}

#[test]
fn a_fold_is_kept_with_its_rows_until_its_version_changes() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("fold.db");
    let kept = StoredFold { end: mark(7), bytes: vec![1, 2] };
    let rows = [row(b"a", 1, b"x"), row(b"a", 5, b"y"), row(b"b", 2, b"z")];
    Store::open(&path).unwrap().save_fold(3, &kept, &rows).unwrap();

    let store = Store::open(&path).unwrap();
    assert_eq!(store.load_fold(3).unwrap(), Some(kept));
    assert_eq!(store.last_row(b"a", 4).unwrap(), Some(rows[0].clone()));
    assert_eq!(store.first_row(b"a", 2).unwrap(), Some(rows[1].clone()));
    assert_eq!(store.first_row(b"a", 6).unwrap(), None);
    assert_eq!(store.rows(b"a", 2, u64::MAX).unwrap(), [rows[1].clone()]);
    assert_eq!(store.greatest_row(b"a", b"b").unwrap(), Some(rows[2].clone()));
    assert_eq!(store.rows(b"a", 0, u64::MAX).unwrap(), rows[..2]);
    assert_eq!(store.rows(b"b", 0, u64::MAX).unwrap(), rows[2..]);

    assert_eq!(store.load_fold(4).unwrap(), None);
    assert_eq!(store.count_rows().unwrap(), 0);
}

#[test]
fn a_file_of_another_shard_holds_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("fold.db");
    let open = |shard| Store::open(&path).unwrap().for_shard(shard);
    let of_two = |number| Shard::new(number, 2).unwrap();
    let kept = StoredFold { end: mark(7), bytes: vec![1, 2] };
    open(Shard::WHOLE).save_fold(1, &kept, &[row(b"a", 1, b"x")]).unwrap();
    assert_eq!(open(of_two(0)).peek_fold(1).unwrap(), None);
    assert_eq!(open(Shard::WHOLE).load_fold(1).unwrap(), Some(kept.clone()));

    assert_eq!(open(of_two(1)).load_fold(1).unwrap(), None);
    assert_eq!(open(of_two(1)).count_rows().unwrap(), 0);
    open(of_two(1)).save_fold(1, &kept, &[]).unwrap();
    assert_eq!(open(of_two(1)).load_fold(1).unwrap(), Some(kept));
    for other in [Shard::WHOLE, of_two(0), Shard::new(1, 3).unwrap()] {
        assert_eq!(open(other).peek_fold(1).unwrap(), None, "{other}");
    }
}

#[test]
fn what_was_damaged_or_moved_is_seen() {
    let store = Store::in_memory().unwrap();
    let kept = StoredFold { end: mark(7), bytes: vec![1, 2] };
    let save = || store.save_fold(1, &kept, &[row(b"a", 1, b"x")]).unwrap();
    for damage in [
        "UPDATE fold SET bytes = x'0102'",
        "UPDATE fold SET bytes = x'01'",
        "UPDATE fold SET mark = CAST(mark || 'y' AS BLOB)",
        "UPDATE fold SET mark = x'07'",
    ] {
        save();
        store.run(|connection| connection.execute_batch(damage)).unwrap();
        assert!(store.peek_fold(1).is_err(), "{damage}");
        assert_eq!(store.load_fold(1).unwrap(), None, "it is discarded: {damage}");
        assert_eq!(store.count_rows().unwrap(), 0);
    }
    save();
    store.run(|connection| connection.execute_batch("UPDATE history SET position = 2")).unwrap();
    assert!(store.rows(b"a", 0, 9).is_err());
}

#[test]
fn the_newest_snapshot_of_a_stream_stands() {
    let store = Store::in_memory().unwrap();
    let stream = StreamName::new("access-x").unwrap();
    assert_eq!(store.load(&stream), None);
    let kept = |position, byte| KeptSnapshot { end: mark(position), fold_version: 1, bytes: vec![byte] };
    store.save(&kept(100, 1));
    store.save(&kept(200, 2));
    assert_eq!(store.load(&stream), Some(kept(200, 2)));
    assert_eq!(store.snapshot_streams("", 9).unwrap(), ["access-x"]);
    store
        .run(|connection| connection.execute_batch("UPDATE snapshot SET mark = CAST(mark || 'y' AS BLOB)"))
        .unwrap();
    assert_eq!(store.load(&stream), None);
    // One of another stream in its place.
    store.save(&kept(300, 3));
    store.run(|connection| connection.execute_batch("UPDATE snapshot SET stream = 'access-y'")).unwrap();
    assert_eq!(store.load(&StreamName::new("access-y").unwrap()), None);
}

#[test]
fn a_file_of_another_form_is_emptied() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("fold.db");
    let older = Connection::open(&path).unwrap();
    older
        .execute_batch(
            "CREATE TABLE fold (id INTEGER PRIMARY KEY, version INTEGER, position INTEGER, bytes BLOB);
             INSERT INTO fold VALUES (0, 1, 7, x'0102');",
        )
        .unwrap();
    drop(older);
    let kept = StoredFold { end: mark(7), bytes: vec![1, 2] };
    assert_eq!(Store::open(&path).unwrap().load_fold(1).unwrap(), None);
    Store::open(&path).unwrap().save_fold(1, &kept, &[]).unwrap();
    assert_eq!(Store::open(&path).unwrap().load_fold(1).unwrap(), Some(kept));
}
