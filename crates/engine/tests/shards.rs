//! A fold in shards: each event in one of them or in all, each shard with a file of its own, and one answer that stands
//! on the least of their positions.

use std::{
    num::NonZeroU32,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
};

use domain::id::{ContractId, OrganisationId};
use engine::{Fold, FoldCheck, Folds, HistoryRow, Projection, Reason, RunningFolds, Shard, Shards};
use event_log::{Append, EventLog, ExpectedRevision, MemoryLog, NewEvent, Position, StreamName};
use events::{Category, Defect, Metadata, Recordable, Recorded};

/// Remembers every position it was shown, with the contract; lets go of the row of each.
#[derive(Default)]
struct Shown {
    all: Vec<(u64, Option<ContractId>)>,
    rows: Vec<HistoryRow>,
}

impl Fold for Shown {
    const NAME: &'static str = "shown";
    const VERSION: u32 = 1;
    const CATEGORIES: &'static [Category] = &[Category::Period];

    fn partition(event: &Recorded) -> Option<ContractId> {
        event.metadata.partition
    }

    fn apply(&mut self, event: &Recorded) {
        self.all.push((event.position.0, event.metadata.partition));
        let row = HistoryRow { key: b"shown".to_vec(), position: event.position.0, value: Vec::new() };
        self.rows.push(row);
    }

    fn encode(&self) -> Vec<u8> {
        let bytes = |(position, of): &(u64, Option<ContractId>)| {
            [position.to_be_bytes().to_vec(), of.map_or(vec![0; 16], |of| of.to_bytes().to_vec())].concat()
        };
        self.all.iter().flat_map(bytes).collect()
    }

    fn decode(bytes: &[u8]) -> Result<Self, Defect> {
        let read = |chunk: &[u8]| {
            let (position, of) = chunk.split_first_chunk().unwrap();
            let of = ContractId::from_bytes(of.try_into().unwrap());
            (u64::from_be_bytes(*position), (of.as_u128() != 0).then_some(of))
        };
        Ok(Self { all: bytes.chunks(24).map(read).collect(), rows: Vec::new() })
    }

    fn take_history(&mut self) -> Vec<HistoryRow> {
        std::mem::take(&mut self.rows)
    }
}

fn count(number: u32) -> NonZeroU32 {
    NonZeroU32::new(number).unwrap()
}

fn memory() -> Arc<MemoryLog> {
    let ticks = AtomicI64::new(0);
    MemoryLog::new(Arc::new(move || ticks.fetch_add(1, Ordering::SeqCst)))
}

/// One event, of a contract or of none.
async fn happen(log: &MemoryLog, of: Option<ContractId>) {
    let issuer = OrganisationId::from_u128(1);
    let closed = domain::period::Event::PeriodClosed(domain::period::PeriodClosed {
        issuer,
        month: "2026-03".parse().unwrap(),
        at: Default::default(),
    });
    let metadata = Metadata {
        organisation: issuer,
        person: None,
        command: None,
        causation: None,
        correlation: None,
        occurred_at: Default::default(),
        partition: of,
        audience: vec![],
        traceparent: String::new(),
    };
    let event = NewEvent {
        id: [0; 16],
        event_type: closed.event_type().into(),
        metadata: metadata.encode().into(),
        payload: closed.encode().into(),
    };
    let append = Append {
        stream: StreamName::new(format!("period-{issuer}")).unwrap(),
        expected: ExpectedRevision::Any,
        guards: vec![],
        command: None,
        events: vec![event],
    };
    log.append(append).await.unwrap();
}

/// One event of each of nine contracts, and one that is of none.
async fn round(log: &MemoryLog) {
    for id in 1..10 {
        happen(log, Some(ContractId::from_u128(id))).await;
    }
    happen(log, None).await;
}

async fn open(folder: &Path, shards: u32, log: &MemoryLog) -> Shards<Shown> {
    Shards::open(folder, count(shards), log).await.unwrap()
}

fn run<'a>(
    shards: impl IntoIterator<Item = &'a Arc<Projection<Shown>>>,
    log: &Arc<MemoryLog>,
) -> RunningFolds {
    let mut folds = Folds::default();
    shards.into_iter().for_each(|shard| folds.add(shard));
    folds.run(log.clone())
}

fn files(folder: &Path) -> Vec<String> {
    let names = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name());
    let mut names: Vec<String> = names.map(|name| name.into_string().unwrap()).collect();
    names.retain(|name| name.ends_with(".db"));
    names.sort();
    names
}

async fn checked(log: &MemoryLog, folder: &Path) -> Vec<FoldCheck> {
    engine::check_shards::<Shown>(log, folder).await
}

#[tokio::test]
async fn each_event_of_a_contract_is_in_one_shard_and_each_other_in_all() {
    let log = memory();
    round(&log).await;
    for shards in [1, 2, 3, 7] {
        let all = Shards::<Shown>::in_memory(count(shards)).unwrap();
        let mut folds = Folds::default();
        folds.add_shards(&all);
        let folds = folds.run(log.clone());
        all.reached(log.head().position).await.unwrap();
        all.look(|folds, examined| {
            assert_eq!((examined, folds.count()), (Position(10), count(shards)));
            for (shard, fold) in folds.numbered() {
                let own = |id: &u128| Shard::of(ContractId::from_u128(*id), count(shards)) == shard;
                let mut expected: Vec<_> =
                    (1..10).filter(own).map(|id| (id as u64, Some(ContractId::from_u128(id)))).collect();
                expected.push((10, None));
                assert_eq!(fold.all, expected, "{shard}");
            }
        })
        .unwrap();
        for contract in (1..10).map(ContractId::from_u128) {
            let knows = |fold: &&Shown| fold.all.iter().any(|(_, of)| *of == Some(contract));
            assert!(all.look(|folds, _| knows(folds.of(contract))).unwrap());
            let one = all.of(contract);
            assert!(!one.are_several() && one.look(|folds, _| knows(folds.of(contract))).unwrap());
        }
        folds.stop().await;
    }
}

#[tokio::test]
async fn a_restart_in_as_many_shards_goes_on_and_in_another_number_begins_anew() {
    let folder = tempfile::tempdir().unwrap();
    let log = memory();
    let mut last = None;
    for shards in [1, 1, 3, 3, 2, 1] {
        let all = open(folder.path(), shards, &log).await;
        let went_on = last == Some(shards);
        assert_eq!(all.examined(), if went_on { log.head().position } else { Position::START });
        let folds = run(all.iter(), &log);
        round(&log).await;
        all.reached(log.head().position).await.unwrap();
        let shown: usize = all.look(|folds, _| folds.iter().map(|fold| fold.all.len()).sum()).unwrap();
        let rounds = log.head().position.0 as usize / 10;
        assert_eq!(shown, rounds * (9 + shards as usize));
        folds.stop().await;
        drop(all);
        let expected = match shards {
            1 => vec!["shown.db".to_owned()],
            more => (0..more).map(|shard| format!("shown-{shard}-of-{more}.db")).collect(),
        };
        assert_eq!(files(folder.path()), expected);
        let checks = checked(&log, folder.path()).await;
        assert_eq!(checks.len(), expected.len());
        for check in checks {
            assert_eq!(
                (check.position, check.findings.len()),
                (Some(log.head().position), 0),
                "{}",
                check.name
            );
        }
        last = Some(shards);
    }
}

#[tokio::test]
async fn a_shard_of_another_history_begins_anew() {
    let folder = tempfile::tempdir().unwrap();
    let log = memory();
    let all = open(folder.path(), 2, &log).await;
    let folds = run(all.iter(), &log);
    round(&log).await;
    all.reached(Position(10)).await.unwrap();
    folds.stop().await;
    drop(all);
    assert_eq!(open(folder.path(), 2, &log).await.examined(), Position(10));
    let shorter = memory();
    happen(&shorter, None).await;
    assert_eq!(open(folder.path(), 2, &shorter).await.examined(), Position::START);
}

#[tokio::test]
async fn damage_of_a_shard_or_of_another_ones_file_in_its_place_is_found() {
    let folder = tempfile::tempdir().unwrap();
    let log = memory();
    let all = open(folder.path(), 2, &log).await;
    let folds = run(all.iter(), &log);
    round(&log).await;
    all.reached(Position(10)).await.unwrap();
    folds.stop().await;
    drop(all);
    let file = |shard: u32| folder.path().join(format!("shown-{shard}-of-2.db"));
    let names = |checks: Vec<FoldCheck>| checks.into_iter().map(|check| check.name).collect::<Vec<_>>();
    assert_eq!(names(checked(&log, folder.path()).await), ["shown 0-of-2", "shown 1-of-2"]);

    let connection = rusqlite::Connection::open(file(1)).unwrap();
    connection.execute_batch("DELETE FROM history WHERE position = 10").unwrap();
    let found = checked(&log, folder.path()).await;
    assert_eq!((found[0].findings.len(), found[1].findings.is_empty()), (0, false));
    drop(connection);

    std::fs::copy(file(0), file(1)).unwrap();
    let kept: Vec<_> = checked(&log, folder.path()).await.into_iter().map(|check| check.position).collect();
    assert_eq!(kept, [Some(Position(10)), None], "what is of another shard is as good as nothing");
    let all = open(folder.path(), 2, &log).await;
    assert_eq!(all.iter().map(|shard| shard.examined()).collect::<Vec<_>>(), [Position(10), Position::START]);

    let empty = tempfile::tempdir().unwrap();
    let nothing = FoldCheck { name: "shown".into(), position: None, findings: vec![] };
    assert_eq!(checked(&log, empty.path()).await, std::slice::from_ref(&nothing));
    assert_eq!(checked(&log, &empty.path().join("nowhere")).await, [nothing]);
}

#[tokio::test(start_paused = true)]
async fn who_asks_all_waits_for_the_slowest_and_who_asks_one_does_not() {
    let log = memory();
    let all = Shards::<Shown>::in_memory(count(2)).unwrap();
    let quick = all.iter().next().unwrap().clone();
    let _quick = run([&quick], &log);
    round(&log).await;
    quick.reached(Position(10)).await.unwrap();
    assert_eq!(all.look(|_, examined| examined).unwrap(), Position::START);
    let late = all.come_to_min_position(&*log, "10").await.unwrap_err();
    assert_eq!(late.reason, Reason::NotYetThere);
    let ahead = all.come_to_min_position(&*log, "11").await.unwrap_err();
    assert_eq!(ahead.reason, Reason::PositionAhead);
    let own = (1..10).map(ContractId::from_u128).find(|id| Arc::ptr_eq(all.owner(*id), &quick)).unwrap();
    all.of(own).come_to_min_position(&*log, "10").await.unwrap();

    let _slow = run(all.iter().skip(1), &log);
    all.come_to_min_position(&*log, "10").await.unwrap();
    assert_eq!(all.look(|_, examined| examined).unwrap(), Position(10));
}

#[tokio::test]
async fn one_shard_that_cannot_be_kept_stops_the_answers_that_need_it() {
    let folder = tempfile::tempdir().unwrap();
    let log = memory();
    let all = open(folder.path(), 2, &log).await;
    let folds = run(all.iter(), &log);
    round(&log).await;
    all.reached(Position(10)).await.unwrap();
    let file = folder.path().join("shown-1-of-2.db");
    rusqlite::Connection::open(file).unwrap().execute_batch("DROP TABLE history").unwrap();
    folds.stop().await;
    assert_eq!(all.look(|_, _| ()).unwrap_err().reason, Reason::ProjectionStopped);
    for contract in (1..10).map(ContractId::from_u128) {
        let stopped = Shard::of(contract, count(2)).number() == 1;
        assert_eq!(all.of(contract).look(|_, _| ()).is_err(), stopped);
    }
}
