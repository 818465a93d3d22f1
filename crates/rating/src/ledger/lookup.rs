//! What lines held at a position, and what touched them: from memory, from rows, and from a few frames.

use domain::{
    access,
    id::{ContractId, OrganisationId},
    time::Month,
};

use crate::ledger::{
    Cell, Entry, InvalidHistory, LedgerOf, LineKey, Totals,
    block::Block,
    scan::{Scanner, Sink},
    state::Line,
};

/// What a line held at a position, or how to find out.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Lookup {
    /// This.
    Known(Totals),
    /// This and what the events of some frames did: each of them goes through [`LedgerOf::delta`], except
    /// those before `since` and those after the position that was asked about.
    Behind {
        /// What the line held before the first of the frames.
        totals: Totals,
        /// The frames, by first position, in order.
        frames: Vec<u64>,
        /// The first position that the totals do not know.
        since: u64,
    },
}

/// What one event did to one line.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Delta {
    /// What it added; what it took back is negative.
    pub change: Totals,
    /// How many of its records touched the line; one that settles an admission of the same line counts once.
    pub records: u64,
}

impl<const BLOCK: u64, const COPY: usize> LedgerOf<BLOCK, COPY> {
    /// What the lines of a contract and month hold now, sorted by line.
    pub fn lines(&self, contract: ContractId, month: Month) -> Vec<(LineKey, Totals)> {
        let mut lines: Vec<_> =
            self.lines_of(contract, month).map(|line| (line.key.clone(), line.totals.clone())).collect();
        lines.sort_unstable_by(|(one, _), (other, _)| one.cmp(other));
        lines
    }

    /// What the lines of a contract and month held at a position, sorted by line; lines that nothing had
    /// touched by then are left out. `first_row` finds, among the rows that were taken, the first of a key at
    /// or after a block, with its start.
    pub fn lines_as_of<E: From<InvalidHistory>>(
        &self,
        contract: ContractId,
        month: Month,
        position: u64,
        mut first_row: impl FnMut(&[u8], u64) -> Result<Option<(u64, Vec<u8>)>, E>,
    ) -> Result<Vec<(LineKey, Lookup)>, E> {
        let mut found = Vec::new();
        for line in self.lines_of(contract, month).filter(|line| line.first <= position) {
            let lookup = if line.last <= position {
                Lookup::Known(line.totals.clone())
            } else {
                match self.next_block(line, position - position % BLOCK, &mut first_row)? {
                    None => Lookup::Known(line.totals.clone()),
                    Some(block) => look(block, position, COPY)?,
                }
            };
            found.push((line.key.clone(), lookup));
        }
        found.sort_unstable_by(|(one, _), (other, _)| one.cmp(other));
        Ok(found)
    }

    /// The frames that touched a line, after the frame `after` and up to a position, at most `limit`, in
    /// order; `first_row` as for [`lines_as_of`](Self::lines_as_of). The last one may touch it only after the
    /// position, by a later one of its events.
    pub fn touched<E: From<InvalidHistory>>(
        &self,
        key: &LineKey,
        after: u64,
        position: u64,
        limit: usize,
        mut first_row: impl FnMut(&[u8], u64) -> Result<Option<(u64, Vec<u8>)>, E>,
    ) -> Result<Vec<u64>, E> {
        let mut frames: Vec<u64> = Vec::new();
        let Some(line) = self.lines.get(key) else { return Ok(frames) };
        let (mut from, mut last) = (after - after % BLOCK, after);
        while frames.len() < limit && from <= position {
            let Some(block) = self.next_block(line, from, &mut first_row)? else { break };
            let more = block.frames.iter().copied().filter(|frame| *frame > last && *frame <= position);
            frames.extend(more.take(limit - frames.len()));
            last = frames.last().copied().unwrap_or(last);
            from = block.start.saturating_add(1);
        }
        Ok(frames)
    }

    /// What an event at a position did to a line; `None` if nothing.
    pub fn delta(&self, key: &LineKey, position: u64, event: &access::Event) -> Option<Delta> {
        let timeline = self.facts.timeline(key.contract, position);
        let mut sink = OneLine { key, touched: false, change: Totals::default(), added: 0, taken_back: 0 };
        Scanner::default().scan(event, &timeline, &mut sink);
        let records = sink.added.max(sink.taken_back);
        sink.touched.then_some(Delta { change: sink.change, records })
    }

    /// The months in which a contract has lines, with the contract, in order.
    pub fn months(&self) -> impl Iterator<Item = (ContractId, Month)> {
        self.lines.months.keys().copied()
    }

    fn lines_of(&self, contract: ContractId, month: Month) -> impl Iterator<Item = &Line> {
        let numbers = self.lines.months.get(&(contract, month)).into_iter().flatten();
        numbers.filter_map(|number| self.lines.all.get(*number as usize))
    }

    /// The first block of a line at or after a start: among the rows that were taken, those that wait, and
    /// the current one, which stand in this order.
    fn next_block<E: From<InvalidHistory>>(
        &self,
        line: &Line,
        from: u64,
        first_row: &mut impl FnMut(&[u8], u64) -> Result<Option<(u64, Vec<u8>)>, E>,
    ) -> Result<Option<Block>, E> {
        if let Some((start, value)) = first_row(&line.key.encode(), from)? {
            return Ok(Some(Block::decode(start, &value, false)?.0));
        }
        let waiting = (line.key.clone(), from)..=(line.key.clone(), u64::MAX);
        if let Some(((_, start), value)) = self.lines.finished.range(waiting).next() {
            return Ok(Some(Block::decode(*start, value, false)?.0));
        }
        Ok((line.block.start >= from).then(|| line.block.clone()))
    }
}

/// What a line held at a position, by the first of its blocks that does not end before the position.
fn look(block: Block, position: u64, copy: usize) -> Result<Lookup, InvalidHistory> {
    let seen = block.frames.partition_point(|frame| *frame <= position);
    // The position may lie within the last frame that it has seen, so that one is always read.
    let copies = if block.start > position { 0 } else { seen.saturating_sub(1) / copy };
    let frames = block.frames.get(copies * copy..seen).unwrap_or_default().to_vec();
    let totals = block.copies.into_iter().nth(copies);
    let totals = totals.ok_or(InvalidHistory { what: "fewer copies than frames" })?;
    if block.start > position || frames.is_empty() {
        return Ok(Lookup::Known(totals));
    }
    Ok(Lookup::Behind { totals, frames, since: block.start })
}

/// Listens for one line.
struct OneLine<'k> {
    key: &'k LineKey,
    touched: bool,
    change: Totals,
    added: u64,
    taken_back: u64,
}

/// The number of the line that is listened for; all others are 0.
const LISTENED: u32 = 1;

impl Sink for OneLine<'_> {
    fn line(&mut self, month: Month, entry: Entry) -> u32 {
        let listened = month == self.key.month && entry == self.key.entry;
        self.touched |= listened;
        u32::from(listened) * LISTENED
    }

    fn add_records(&mut self, line: u32, records: i64) {
        if line == LISTENED {
            self.change.add_records(records);
            let sum = if records < 0 { &mut self.taken_back } else { &mut self.added };
            *sum = sum.saturating_add(records.unsigned_abs());
        }
    }

    fn add_cases(&mut self, line: u32, cell: Cell, cases: i64) {
        if line == LISTENED {
            self.change.add_cases(cell, cases);
        }
    }

    fn add_counted(&mut self, line: u32, cell: Cell, institution: OrganisationId, cases: i64) {
        if line == LISTENED {
            self.change.add_counted(cell, institution, cases);
        }
    }
}
