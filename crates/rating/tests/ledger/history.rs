//! Folding is adding, whatever the groups; and every position can be asked about.

use std::collections::BTreeMap;

use domain::{
    access::{Event, Sign},
    contract::ContractKind,
    id::OrganisationId,
    terms::{Right, Verdict},
    time::Month,
};
use proptest::prelude::*;
use rating::ledger::{At, Cell, Entry, InvalidHistory, LedgerOf, LineKey, Lookup, Row, Totals, UseKey};

use crate::fixture::*;

/// Blocks and copies so small that every history crosses many.
type Small = World<4, 2>;

/// What is on disk.
#[derive(Default)]
struct Disk(BTreeMap<(Vec<u8>, u64), Vec<u8>>);

impl Disk {
    fn take(&mut self, rows: Vec<Row>) {
        for row in rows {
            assert_eq!(self.0.insert((row.key, row.start), row.value), None, "a row comes once");
        }
    }

    fn first_row(&self, key: &[u8], from: u64) -> Option<(u64, Vec<u8>)> {
        let row = self.0.range((key.to_vec(), from)..=(key.to_vec(), u64::MAX)).next();
        row.map(|((_, start), value)| (*start, value.clone()))
    }
}

/// What stands in the log: a frame's first position and its events.
type Log = Vec<(u64, Vec<Event>)>;

fn all_months() -> impl Iterator<Item = Month> {
    (1..=12).map(month)
}

fn lines_now<const B: u64, const C: usize>(ledger: &LedgerOf<B, C>) -> Vec<(LineKey, Totals)> {
    all_months().flat_map(|month| ledger.lines(CONTRACT, month)).collect()
}

/// What a careful reader finds for a position.
fn lines_as_of(ledger: &LedgerOf<4, 2>, disk: &Disk, log: &Log, position: u64) -> Vec<(LineKey, Totals)> {
    let mut found = vec![];
    for month in all_months() {
        let lines = ledger
            .lines_as_of::<InvalidHistory>(CONTRACT, month, position, |key, from| {
                Ok(disk.first_row(key, from))
            })
            .unwrap();
        for (key, lookup) in lines {
            let totals = match lookup {
                Lookup::Known(totals) => totals,
                Lookup::Behind { mut totals, frames, since } => {
                    assert!(frames.len() <= 2, "no more frames are read than lie between two copies");
                    for frame in frames {
                        let (first, events) = log.iter().find(|(first, _)| *first == frame).unwrap();
                        for (at, event) in
                            (*first..).zip(events).filter(|(at, _)| (since..=position).contains(at))
                        {
                            if let Some(delta) = ledger.delta(&key, at, event) {
                                totals.add_all(&delta.change);
                            }
                        }
                    }
                    totals
                }
            };
            found.push((key, totals));
        }
    }
    found
}

/// Cases, counted cases and records.
type Naive = (BTreeMap<Cell, i64>, BTreeMap<(Cell, OrganisationId), i64>, i64);

/// What one use after another gives, without groups, blocks or copies.
fn naive(events: &[Event]) -> BTreeMap<LineKey, Naive> {
    let mut lines = BTreeMap::<LineKey, Naive>::new();
    let key = |month, entry| LineKey { contract: CONTRACT, month, entry };
    for event in events {
        for change in event.changes() {
            let of = change.of;
            let sign = if change.sign == Sign::Added { 1 } else { -1 };
            let segment = of
                .period
                .map_or(u32::from(of.occurred_at >= on(6, 10, 12)), |period| period.quota_period.segment);
            let use_key = UseKey { segment, right: of.right, order: of.order, class: of.class.clone() };
            let line = lines.entry(key(Month::of(of.occurred_at), Entry::Use(use_key))).or_default();
            let cell = Cell { dataset: of.dataset, freeze: of.freeze, verdict: of.verdict };
            *line.0.entry(cell).or_default() += sign * i64::from(of.cases);
            for part in of.institutions {
                *line.1.entry((cell, part.institution)).or_default() += sign * i64::from(part.cases);
            }
            line.2 += sign;
        }
        if let Event::UsageRecorded(event) = event {
            for row in event.parts().rows.iter().filter(|row| row.conflict.is_some()) {
                lines.entry(key(Month::of(row.occurred_at), Entry::Conflicts)).or_default().2 += 1;
            }
        }
    }
    for line in lines.values_mut() {
        line.0.retain(|_, cases| *cases != 0);
        line.1.retain(|_, cases| *cases != 0);
    }
    lines
}

fn assert_naive(found: &[(LineKey, Totals)], events: &[Event]) {
    let expected = naive(events);
    assert_eq!(found.len(), expected.len());
    for (key, totals) in found {
        let (cells, counted, records) = &expected[key];
        assert!(
            totals.cells().iter().copied().eq(cells.iter().map(|(cell, cases)| (*cell, *cases))),
            "{key:?}"
        );
        assert!(
            totals.counted().iter().copied().eq(counted.iter().map(|(of, cases)| (*of, *cases))),
            "{key:?}"
        );
        assert_eq!(totals.records(), *records, "{key:?}");
    }
}

fn any_use() -> impl Strategy<Value = Use> {
    let shape = (0u32..900, 0u16..3, 0usize..2, 0usize..4, prop::option::of(0u16..2), any::<bool>());
    let rest =
        (any::<bool>(), prop::option::weighted(0.3, prop::array::uniform3(1u32..4)), 1u32..9, 0u32..10);
    (shape, rest).prop_map(
        |((hour, dataset, right, verdict, segment, order), (counts, counted, cases, kind))| {
            // Hours of about 37 days around the turn of May and June, and the tier change on 10 June at noon.
            let occurred_at = on(5, 10, i64::from(hour));
            let counted = counted.filter(|_| counts).map(Vec::from).unwrap_or_default();
            let cases = if counted.is_empty() { cases } else { counted.iter().sum() };
            let settles = (kind == 1).then(|| standing(&admitted(1, 5, on(4, 20, 0))));
            let used = used(occurred_at, cases);
            Use {
                dataset,
                right: [Right::SimpleAnalysis, Right::DetailedAnalysis][right],
                verdict: Verdict::ALL[verdict],
                segment,
                order,
                conflict: kind == 0,
                counted,
                settles,
                ..used
            }
        },
    )
}

fn any_event() -> impl Strategy<Value = Event> {
    prop_oneof![
        6 => prop::collection::vec(any_use(), 1..12).prop_map(|uses| recorded(&uses)),
        1 => (1u32..9, 0u32..900).prop_map(|(cases, hour)| {
            Event::AnalysisAdmitted(admitted(1, cases, on(5, 10, i64::from(hour))))
        }),
        1 => (1u32..9, 0u32..900).prop_map(|(cases, hour)| {
            reversed(standing(&admitted(1, cases, on(5, 10, i64::from(hour)))))
        }),
    ]
}

/// A history: the events of each frame, mostly one.
fn any_history() -> impl Strategy<Value = Vec<Vec<Event>>> {
    let frame = prop_oneof![3 => prop::collection::vec(any_event(), 1), 1 => prop::collection::vec(any_event(), 1..5)];
    prop::collection::vec(frame, 1..24)
}

/// The contract with its tier change, and the position after it.
fn started() -> Small {
    let mut world = Small::new(ContractKind::Member);
    world.learn(rating::ledger::Fact::Contract(CONTRACT, tier_change("premium", on(6, 10, 12))));
    world
}

/// Folds a history, each frame at once; rows are taken after the frames that are named.
fn fold(history: &[Vec<Event>], taken_after: impl Fn(usize) -> bool) -> (Small, Disk, Log) {
    let (mut world, mut disk, mut log) = (started(), Disk::default(), Log::new());
    for (index, events) in history.iter().enumerate() {
        let frame = world.position + 1;
        for event in events {
            world.position += 1;
            world.ledger.apply(At { position: world.position, frame }, CONTRACT, event);
        }
        log.push((frame, events.clone()));
        if taken_after(index) {
            disk.take(world.ledger.take_rows());
        }
    }
    (world, disk, log)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn folding_adds_every_use_once(history in any_history()) {
        let (world, _, _) = fold(&history, |_| false);
        let events: Vec<Event> = history.into_iter().flatten().collect();
        assert_naive(&lines_now(&world.ledger), &events);
    }

    #[test]
    fn the_grouping_into_events_does_not_matter(uses in prop::collection::vec(any_use(), 2..40), cut in 1usize..39) {
        let cut = cut.min(uses.len() - 1);
        let [mut whole, mut parts] = [started(), started()];
        whole.apply(&recorded(&uses));
        parts.apply(&recorded(&uses[..cut]));
        parts.apply(&recorded(&uses[cut..]));
        prop_assert_eq!(lines_now(&whole.ledger), lines_now(&parts.ledger));
    }

    #[test]
    fn every_position_is_what_a_fold_of_the_prefix_gives(history in any_history(), every in 1usize..9) {
        let (world, disk, log) = fold(&history, |index| index % every == 0);
        let events: Vec<Event> = history.into_iter().flatten().collect();
        let first = started().position;
        for known in 0..=events.len() {
            let found = lines_as_of(&world.ledger, &disk, &log, first + known as u64);
            assert_naive(&found, &events[..known]);
        }
    }

    #[test]
    fn rows_follow_from_the_history_alone(history in any_history(), every in 1usize..9) {
        let (mut often, mut one, _) = fold(&history, |index| index % every == 0);
        let (mut once, mut other, _) = fold(&history, |_| false);
        one.take(often.ledger.take_rows());
        other.take(once.ledger.take_rows());
        prop_assert_eq!(one.0, other.0);
        prop_assert_eq!(often.ledger.line_images(), once.ledger.line_images());
    }

    #[test]
    fn a_restored_ledger_goes_on_as_if_nothing_had_been(history in any_history(), cut in 0usize..24) {
        let cut = cut.min(history.len());
        let (mut world, _, _) = fold(&history[..cut], |_| true);
        world.ledger.take_rows();
        let facts = || world.ledger.facts().cloned();
        let mut restored = Small {
            ledger: LedgerOf::restore(facts(), world.ledger.line_images()).unwrap(),
            position: world.position,
        };
        prop_assert!(restored.ledger.facts().eq(world.ledger.facts()));
        for event in history[cut..].iter().flatten() {
            world.apply(event);
            restored.apply(event);
        }
        prop_assert_eq!(restored.ledger.take_rows(), world.ledger.take_rows());
        prop_assert_eq!(restored.ledger.line_images(), world.ledger.line_images());
        prop_assert_eq!(lines_now(&restored.ledger), lines_now(&world.ledger));
    }

    #[test]
    fn the_frames_of_a_line_are_listed_in_pages(history in any_history(), limit in 1usize..5, short in 0u64..20) {
        let (world, disk, log) = fold(&history, |index| index % 3 == 0);
        let position = world.position - short.min(world.position);
        for (key, _) in lines_now(&world.ledger) {
            let (mut listed, mut after) = (vec![], 0);
            loop {
                let first_row = |key: &[u8], from| Ok::<_, InvalidHistory>(disk.first_row(key, from));
                let page = world.ledger.touched(&key, after, position, limit, first_row).unwrap();
                let Some(last) = page.last() else { break };
                prop_assert!(page.len() <= limit);
                after = *last;
                listed.extend(page);
            }
            let touches = |frame: &&(u64, Vec<Event>)| {
                frame.1.iter().any(|event| world.ledger.delta(&key, u64::MAX, event).is_some())
            };
            let frames = log.iter().filter(touches).map(|(first, _)| *first).filter(|first| *first <= position);
            prop_assert!(listed.iter().copied().eq(frames));
        }
    }

    #[test]
    fn other_bytes_are_no_history(bytes in prop::collection::vec(any::<u8>(), 0..60), cut in 0usize..200) {
        let mut world = started();
        world.apply(&recorded(&[used(on(5, 2, 0), 3)]));
        let mut images = world.ledger.line_images();
        let block = images[0].block.clone();
        images[0].block.truncate(cut.min(block.len() - 1));
        prop_assert!(LedgerOf::<4, 2>::restore(vec![], images.clone()).is_err());
        // Whatever else stands there is read or refused, never a panic.
        images[0].block = bytes;
        let _ = LedgerOf::<4, 2>::restore(vec![], images);
    }
}

#[test]
fn a_month_full_of_months_is_folded_in_several_goes() {
    let start = Month::new(1910, 1).unwrap().index();
    let uses: Vec<Use> = (0..3_000)
        .map(|offset| used(Month::from_index(start + offset % 1_500).unwrap().start(), 1))
        .collect();
    let mut world = started();
    world.apply(&recorded(&uses));
    assert_eq!(world.ledger.months().count(), 1_500);
    let lines = world.ledger.lines(CONTRACT, month(1));
    let totals = &lines[0].1;
    assert_eq!((totals.records(), totals.cases(|_| true)), (2, 2));
}

#[test]
fn keys_read_back() {
    let use_key = UseKey { segment: 3, right: Right::Export, order: Some(ORDER), class: class() };
    let entries =
        [Entry::Conflicts, Entry::Use(UseKey { order: None, ..use_key.clone() }), Entry::Use(use_key)];
    for entry in entries {
        let key = LineKey { contract: CONTRACT, month: month(4), entry };
        let mut bytes = key.encode();
        assert_eq!(LineKey::decode(&bytes), Some(key));
        bytes.push(b'!');
        assert_eq!(LineKey::decode(&bytes), None);
    }
}
