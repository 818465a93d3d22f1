//! The fold.

use std::collections::BTreeMap;

use domain::{
    access,
    contract::Timeline,
    id::{ContractId, OrganisationId},
    time::Month,
};
use rustc_hash::FxHashMap;

use crate::ledger::{
    At, BLOCK_POSITIONS, Cell, Entry, FRAMES_PER_COPY, Fact, InvalidHistory, LineKey, Totals, View,
    block::Block,
    facts::Facts,
    scan::{Scanner, Sink},
};

/// The ledger with the block size of production.
pub type Ledger = LedgerOf<BLOCK_POSITIONS, FRAMES_PER_COPY>;

/// Quantities and versions, folded from the log; see the [module](crate::ledger). `BLOCK` is how many
/// positions a block spans, `COPY` how many frames lie between two copies; both at least 1.
#[derive(Clone, Default, Debug)]
pub struct LedgerOf<const BLOCK: u64, const COPY: usize> {
    pub(super) facts: Facts,
    pub(super) lines: Lines<BLOCK, COPY>,
    scanner: Scanner,
}

/// A row for the table on disk: what a line saw of one block.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Row {
    /// The line, by [`LineKey::encode`].
    pub key: Vec<u8>,
    /// The first position of the block.
    pub start: u64,
    /// What the line held before, the frames that touched it, and copies between them.
    pub value: Vec<u8>,
}

/// A line as a snapshot holds it.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct LineImage {
    /// The line, by [`LineKey::encode`].
    pub key: Vec<u8>,
    /// The position of the first event that touched it.
    pub first: u64,
    /// The position of the last event that touched it.
    pub last: u64,
    /// The first position of its current block.
    pub block_start: u64,
    /// Its current block and what it holds.
    pub block: Vec<u8>,
}

#[derive(Clone, Debug)]
pub(super) struct Line {
    pub(super) key: LineKey,
    pub(super) totals: Totals,
    pub(super) block: Block,
    pub(super) first: u64,
    pub(super) last: u64,
}

/// The lines, where to find them, and the rows that wait to be taken.
#[derive(Clone, Default, Debug)]
pub(super) struct Lines<const BLOCK: u64, const COPY: usize> {
    pub(super) all: Vec<Line>,
    index: FxHashMap<LineKey, u32>,
    pub(super) months: BTreeMap<(ContractId, Month), Vec<u32>>,
    pub(super) finished: BTreeMap<(LineKey, u64), Vec<u8>>,
}

impl<const BLOCK: u64, const COPY: usize> LedgerOf<BLOCK, COPY> {
    /// Takes in an event that is no use.
    pub fn learn(&mut self, at: At, fact: Fact) {
        self.facts.learn(at, fact);
    }

    /// Takes in an event of the use under a contract.
    pub fn apply(&mut self, at: At, contract: ContractId, event: &access::Event) {
        let none = Timeline::default();
        let timeline = self.facts.contracts.get(&contract).map_or(&none, |facts| &facts.timeline);
        let mut posting = Posting { lines: &mut self.lines, contract, at };
        self.scanner.scan(event, timeline, &mut posting);
    }

    /// What was known at a position; `u64::MAX` for now.
    pub const fn as_of(&self, position: u64) -> View<'_, BLOCK, COPY> {
        View { ledger: self, position, what_if: None }
    }

    /// The rows that it lets go of, sorted by key and block.
    pub fn take_rows(&mut self) -> Vec<Row> {
        let finished = std::mem::take(&mut self.lines.finished);
        let mut rows: Vec<Row> = finished
            .into_iter()
            .map(|((key, start), value)| Row { key: key.encode(), start, value })
            .collect();
        rows.sort_unstable();
        rows
    }

    /// The facts in the order of the log: with the [lines](Self::line_images) they are the whole state.
    pub fn facts(&self) -> impl ExactSizeIterator<Item = &(At, Fact)> {
        self.facts.all.iter()
    }

    /// The lines, sorted by key. Rows that wait to be taken are not among them: take them first.
    pub fn line_images(&self) -> Vec<LineImage> {
        let image = |line: &Line| LineImage {
            key: line.key.encode(),
            first: line.first,
            last: line.last,
            block_start: line.block.start,
            block: line.block.encode(Some(&line.totals)),
        };
        let mut images: Vec<LineImage> = self.lines.all.iter().map(image).collect();
        images.sort_unstable();
        images
    }

    /// Puts a ledger together from its facts and lines.
    pub fn restore(
        facts: impl IntoIterator<Item = (At, Fact)>,
        lines: impl IntoIterator<Item = LineImage>,
    ) -> Result<Self, InvalidHistory> {
        let mut ledger = Self::default();
        for (at, fact) in facts {
            ledger.learn(at, fact);
        }
        for image in lines {
            let key = LineKey::decode(&image.key).ok_or(InvalidHistory { what: "no key of a line" })?;
            let (block, totals) = Block::decode(image.block_start, &image.block, true)?;
            let totals = totals.ok_or(InvalidHistory { what: "no totals" })?;
            let (first, last) = (image.first, image.last);
            ledger.lines.add(Line { key, totals, block, first, last });
        }
        Ok(ledger)
    }
}

impl<const BLOCK: u64, const COPY: usize> Lines<BLOCK, COPY> {
    pub(super) fn get(&self, key: &LineKey) -> Option<&Line> {
        self.all.get(*self.index.get(key)? as usize)
    }

    fn add(&mut self, line: Line) -> u32 {
        let number = self.all.len() as u32;
        self.index.insert(line.key.clone(), number);
        self.months.entry((line.key.contract, line.key.month)).or_default().push(number);
        self.all.push(line);
        number
    }

    /// The number of a line that an event is about to touch.
    fn touch(&mut self, key: LineKey, at: At) -> u32 {
        let start = at.position - at.position % BLOCK;
        let known = self.index.get(&key).copied();
        let number = known.unwrap_or_else(|| {
            let block = Block { start, frames: Vec::new(), copies: vec![Totals::default()] };
            let totals = Totals::default();
            self.add(Line { key, totals, block, first: at.position, last: at.position })
        });
        if let Some(line) = self.all.get_mut(number as usize) {
            if line.block.start != start {
                let block = Block { start, frames: Vec::new(), copies: vec![line.totals.clone()] };
                let finished = std::mem::replace(&mut line.block, block);
                self.finished.insert((line.key.clone(), finished.start), finished.encode(None));
            }
            line.touch(at, COPY);
        }
        number
    }
}

impl Line {
    fn touch(&mut self, at: At, copy: usize) {
        self.last = at.position;
        let frames = &mut self.block.frames;
        if frames.last() == Some(&at.frame) {
            return;
        }
        if !frames.is_empty() && frames.len().is_multiple_of(copy) {
            self.block.copies.push(self.totals.clone());
        }
        frames.push(at.frame);
    }
}

/// Adds what an event does to the lines of its contract.
struct Posting<'l, const BLOCK: u64, const COPY: usize> {
    lines: &'l mut Lines<BLOCK, COPY>,
    contract: ContractId,
    at: At,
}

impl<const BLOCK: u64, const COPY: usize> Posting<'_, BLOCK, COPY> {
    fn totals(&mut self, line: u32) -> Option<&mut Totals> {
        self.lines.all.get_mut(line as usize).map(|line| &mut line.totals)
    }
}

impl<const BLOCK: u64, const COPY: usize> Sink for Posting<'_, BLOCK, COPY> {
    fn line(&mut self, month: Month, entry: Entry) -> u32 {
        self.lines.touch(LineKey { contract: self.contract, month, entry }, self.at)
    }

    fn add_records(&mut self, line: u32, records: i64) {
        if let Some(totals) = self.totals(line) {
            totals.add_records(records);
        }
    }

    fn add_cases(&mut self, line: u32, cell: Cell, cases: i64) {
        if let Some(totals) = self.totals(line) {
            totals.add_cases(cell, cases);
        }
    }

    fn add_counted(&mut self, line: u32, cell: Cell, institution: OrganisationId, cases: i64) {
        if let Some(totals) = self.totals(line) {
            totals.add_counted(cell, institution, cases);
        }
    }
}
