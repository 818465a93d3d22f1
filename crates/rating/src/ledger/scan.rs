//! What an event of use does to lines. The rows of a report are grouped first, by a key packed into 64 bits,
//! and each group is added once: nothing is looked up or allocated per row.

use domain::{
    access::{Event, InstitutionCases, Sign, StandingUse, UsageRecorded, UsageRow},
    contract::Timeline,
    id::OrganisationId,
    terms::{DatasetClass, Right, Verdict},
    time::{Month, Timestamp},
};

use crate::ledger::{Cell, Entry, UseKey, scratch::Table};

/// Takes what an event does to lines.
pub(super) trait Sink {
    /// Names a line; what is added next names it by the number that comes back. Asked at least once for each
    /// line that an event touches, before anything is added to it.
    fn line(&mut self, month: Month, entry: Entry) -> u32;
    /// Adds records.
    fn add_records(&mut self, line: u32, records: i64);
    /// Adds cases.
    fn add_cases(&mut self, line: u32, cell: Cell, cases: i64);
    /// Says from which institution some of those cases came.
    fn add_counted(&mut self, line: u32, cell: Cell, institution: OrganisationId, cases: i64);
}

/// The segment of an instant at which no terms were agreed: that of the last phase that had started before
/// it, or else the first.
pub(crate) fn nearest_segment(timeline: &Timeline, instant: Timestamp) -> u32 {
    let phases = timeline.phases();
    let before = phases.iter().rev().find(|phase| phase.starts_at <= instant);
    before.or(phases.first()).map_or(0, |phase| phase.segment)
}

/// Groups rows; kept from one event to the next for its memory alone.
#[derive(Debug, Clone, Default)]
pub(super) struct Scanner {
    groups: Vec<Group>,
    group_of: Table,
    line_of: Table,
    /// For each dataset of the event, the first one of the same class.
    classes: Vec<u16>,
    /// For each period of the event, the index of its segment.
    periods: Vec<u32>,
    segments: Vec<u32>,
    months: Vec<Month>,
    /// Rows that know their institutions, with their groups.
    counted: Vec<(u32, u32)>,
}

#[derive(Debug, Clone, Copy)]
struct Group {
    key: Packed,
    cases: i64,
    records: i64,
}

/// Dataset (16 bits), order + 1 (17), segment (17), month (10), verdict (2), right (2), all but the last two
/// as indexes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Packed(u64);

const MOST_SEGMENTS: usize = 1 << 17;
const MOST_MONTHS: usize = 1 << 10;

impl Packed {
    const fn new(row: &UsageRow, segment: u32, month: u32) -> Self {
        let order = match row.order {
            None => 0,
            Some(order) => order as u64 + 1,
        };
        Self(
            row.right as u64
                | (row.verdict as u64) << 2
                | (month as u64) << 4
                | (segment as u64) << 14
                | order << 31
                | (row.dataset as u64) << 48,
        )
    }

    fn right(self) -> Right {
        Right::ALL[(self.0 & 3) as usize]
    }

    fn verdict(self) -> Verdict {
        Verdict::ALL[(self.0 >> 2 & 3) as usize]
    }

    const fn month(self) -> usize {
        (self.0 >> 4 & 0x3ff) as usize
    }

    const fn segment(self) -> usize {
        (self.0 >> 14 & 0x1_ffff) as usize
    }

    const fn order(self) -> Option<usize> {
        ((self.0 >> 31 & 0x1_ffff) as usize).checked_sub(1)
    }

    const fn dataset(self) -> usize {
        (self.0 >> 48) as usize
    }

    /// The same for all cells of a line, if datasets of one class have one number.
    const fn line(self, class: u16) -> u64 {
        (self.0 & 0x0000_ffff_ffff_fff3) | (class as u64) << 48
    }
}

/// The month to which the row before belonged, its bounds in microseconds and its index.
struct MonthCache {
    start: i64,
    end: i64,
    index: u32,
}

impl Scanner {
    /// Tells the sink what an event does.
    pub(super) fn scan(&mut self, event: &Event, timeline: &Timeline, sink: &mut impl Sink) {
        match event {
            Event::DatasetViewed(admitted) | Event::AnalysisAdmitted(admitted) => {
                put(Sign::Added, &admitted.into(), timeline, sink);
            }
            Event::UsageReversed(event) => {
                put(Sign::TakenBack, &(&event.reversed).into(), timeline, sink);
            }
            Event::UsageRecorded(event) => self.scan_rows(event, timeline, sink),
            Event::SourceRegistered(_) | Event::AccessDenied(_) => {}
        }
    }

    fn scan_rows(&mut self, event: &UsageRecorded, timeline: &Timeline, sink: &mut impl Sink) {
        let parts = event.parts();
        self.take_dictionaries(event);
        self.clear_groups();
        let mut cache = MonthCache { start: 0, end: 0, index: 0 };
        let mut named = parts.named.iter().peekable();
        let mut counts = parts.counts.iter().map(|(row, _)| row).peekable();
        let (mut last, mut last_group) = (Packed(u64::MAX), 0);
        for (index, row) in parts.rows.iter().enumerate() {
            let replaced = match named.next_if(|named| named.row as usize == index) {
                None => None,
                Some(named) => named.replaced.as_ref(),
            };
            let counted = counts.next_if(|counted| *counted == index).is_some();
            if row.conflict.is_some() {
                let line = sink.line(Month::of(row.occurred_at), Entry::Conflicts);
                sink.add_records(line, 1);
                continue;
            }
            if let Some(replaced) = replaced {
                put(Sign::TakenBack, &replaced.into(), timeline, sink);
            }
            let instant = replaced.map_or(row.occurred_at, |replaced| replaced.occurred_at);
            if instant.as_micros() < cache.start || instant.as_micros() >= cache.end {
                if self.months.len() == MOST_MONTHS || self.segments.len() == MOST_SEGMENTS {
                    self.flush(event, sink);
                    self.take_dictionaries(event);
                    last = Packed(u64::MAX);
                }
                cache = self.month_of(instant);
            }
            let segment = match row.period {
                Some(period) => self.periods.get(usize::from(period)).copied().unwrap_or(0),
                None => index_of(&mut self.segments, nearest_segment(timeline, instant)),
            };
            let key = Packed::new(row, segment, cache.index);
            if key != last {
                let groups = &mut self.groups;
                last_group = self.group_of.index(key.0, || {
                    groups.push(Group { key, cases: 0, records: 0 });
                    groups.len() as u32 - 1
                });
                last = key;
            }
            if let Some(group) = self.groups.get_mut(last_group as usize) {
                group.cases += i64::from(row.cases);
                group.records += 1;
            }
            if counted {
                self.counted.push((last_group, index as u32));
            }
        }
        self.flush(event, sink);
    }

    fn take_dictionaries(&mut self, event: &UsageRecorded) {
        self.months.clear();
        self.segments.clear();
        self.periods.clear();
        for period in &event.parts().periods {
            let segment = index_of(&mut self.segments, period.quota_period.segment);
            self.periods.push(segment);
        }
        let datasets = &event.parts().datasets;
        let mut classes: Vec<(&DatasetClass, u16)> = Vec::new();
        self.classes.clear();
        for (index, entry) in datasets.iter().enumerate() {
            let known = classes.iter().find(|(class, _)| **class == entry.class);
            let first = match known {
                Some((_, first)) => *first,
                None => {
                    // A row points with 16 bits: to what stands beyond them no row points.
                    let first = index as u16;
                    classes.push((&entry.class, first));
                    first
                }
            };
            self.classes.push(first);
        }
    }

    fn month_of(&mut self, instant: Timestamp) -> MonthCache {
        let month = Month::of(instant);
        let index = index_of(&mut self.months, month);
        MonthCache { start: month.start().as_micros(), end: month.end().as_micros(), index }
    }

    fn clear_groups(&mut self) {
        self.groups.clear();
        self.group_of.clear();
        self.line_of.clear();
        self.counted.clear();
    }

    /// Adds the groups to their lines.
    fn flush(&mut self, event: &UsageRecorded, sink: &mut impl Sink) {
        let parts = event.parts();
        let line_of = &mut self.line_of;
        let (classes, segments, months) = (&self.classes, &self.segments, &self.months);
        let mut place = |key: Packed, sink: &mut _| -> Option<(u32, Cell)> {
            let entry = parts.datasets.get(key.dataset())?;
            let class = *classes.get(key.dataset())?;
            let (segment, month) = (*segments.get(key.segment())?, *months.get(key.month())?);
            let line = line_of.index(key.line(class), || {
                let order = key.order().and_then(|order| parts.orders.get(order)).copied();
                let use_key = UseKey { segment, right: key.right(), order, class: entry.class.clone() };
                Sink::line(sink, month, Entry::Use(use_key))
            });
            Some((line, Cell { dataset: entry.dataset, freeze: entry.freeze, verdict: key.verdict() }))
        };
        for group in &self.groups {
            if let Some((line, cell)) = place(group.key, sink) {
                sink.add_records(line, group.records);
                sink.add_cases(line, cell, group.cases);
            }
        }
        for (group, row) in &self.counted {
            let placed = self.groups.get(*group as usize).and_then(|group| place(group.key, sink));
            if let Some((line, cell)) = placed {
                for part in parts.counts.of(*row as usize) {
                    sink.add_counted(line, cell, part.institution, i64::from(part.cases));
                }
            }
        }
        self.clear_groups();
    }
}

/// The index of a value in a short list, to which it is added if it is not there.
fn index_of<T: PartialEq>(list: &mut Vec<T>, value: T) -> u32 {
    let known = list.iter().position(|other| *other == value);
    known.unwrap_or_else(|| {
        list.push(value);
        list.len() - 1
    }) as u32
}

/// Adds one use to its line, or takes it back from there.
fn put(sign: Sign, of: &StandingUse<'_>, timeline: &Timeline, sink: &mut impl Sink) {
    let one = match sign {
        Sign::Added => 1,
        Sign::TakenBack => -1,
    };
    let segment = match of.period {
        Some(period) => period.quota_period.segment,
        None => nearest_segment(timeline, of.occurred_at),
    };
    let use_key = UseKey { segment, right: of.right, order: of.order, class: of.class.clone() };
    let line = sink.line(Month::of(of.occurred_at), Entry::Use(use_key));
    let cell = Cell { dataset: of.dataset, freeze: of.freeze, verdict: of.verdict };
    sink.add_records(line, one);
    sink.add_cases(line, cell, one * i64::from(of.cases));
    for InstitutionCases { institution, cases } in of.institutions {
        sink.add_counted(line, cell, *institution, one * i64::from(*cases));
    }
}
