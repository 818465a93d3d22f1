//! A stretch of the log as one line saw it: what the line held before, which frames touched it, and copies
//! between them. As bytes it is the value of the line's row on disk.
//!
//! ```text
//! format 1 · number of totals · number of frames · distances between frames
//! number of cells · each: dataset, freeze + 1, verdict
//! number of counts · each: index of its cell, institution
//! each of the totals: records · cases of each cell · cases of each count
//! ```
//! Numbers are LEB128, signed ones zigzag; ids are 16 bytes.

use domain::{
    id::{DatasetId, OrganisationId},
    terms::Verdict,
};

use crate::ledger::{Cell, Totals};

const FORMAT: u8 = 1;

/// What one line saw of a stretch of positions.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub(super) struct Block {
    /// The first position of the stretch.
    pub(super) start: u64,
    /// The frames with an event of the stretch that touched the line, by first position, in order. The first
    /// may begin before the stretch.
    pub(super) frames: Vec<u64>,
    /// What the line held before the stretch, and then before every so-many-th of the frames.
    pub(super) copies: Vec<Totals>,
}

/// Bytes that are no block.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a line's history cannot be read: {what}")]
pub struct InvalidHistory {
    pub(super) what: &'static str,
}

const fn invalid(what: &'static str) -> InvalidHistory {
    InvalidHistory { what }
}

impl Block {
    /// Its bytes, with further totals after its own.
    pub(super) fn encode(&self, further: Option<&Totals>) -> Vec<u8> {
        let totals = || self.copies.iter().chain(further);
        let mut writer = Writer(vec![FORMAT]);
        writer.number(totals().count() as u64);
        writer.number(self.frames.len() as u64);
        let mut last = self.start;
        for frame in &self.frames {
            writer.signed(frame.wrapping_sub(last) as i64);
            last = *frame;
        }
        let mut cells: Vec<Cell> =
            totals().flat_map(|totals| totals.cells()).map(|(cell, _)| *cell).collect();
        let mut counted: Vec<(Cell, OrganisationId)> =
            totals().flat_map(|totals| totals.counted()).map(|(key, _)| *key).collect();
        cells.extend(counted.iter().map(|(cell, _)| *cell));
        cells.sort_unstable();
        cells.dedup();
        counted.sort_unstable();
        counted.dedup();
        writer.number(cells.len() as u64);
        for cell in &cells {
            writer.0.extend(cell.dataset.to_bytes());
            writer.number(cell.freeze.map_or(0, |freeze| u64::from(freeze) + 1));
            writer.0.push(cell.verdict as u8);
        }
        writer.number(counted.len() as u64);
        for (cell, institution) in &counted {
            writer.number(cells.binary_search(cell).unwrap_or_default() as u64);
            writer.0.extend(institution.to_bytes());
        }
        for totals in totals() {
            writer.signed(totals.records());
            writer.column(&cells, totals.cells());
            writer.column(&counted, totals.counted());
        }
        writer.0
    }

    /// Reads a block, and the further totals if there should be some.
    pub(super) fn decode(
        start: u64,
        bytes: &[u8],
        with_further: bool,
    ) -> Result<(Self, Option<Totals>), InvalidHistory> {
        let mut reader = Reader(bytes);
        if reader.byte()? != FORMAT {
            return Err(invalid("another format"));
        }
        let totals = reader.length()?;
        let frames = reader.length()?;
        let mut last = start;
        let frames = (0..frames).map(|_| {
            last = last.wrapping_add(reader.signed()? as u64);
            Ok(last)
        });
        let frames = frames.collect::<Result<Vec<u64>, _>>()?;
        let cells = (0..reader.length()?).map(|_| reader.cell()).collect::<Result<Vec<_>, _>>()?;
        let counted = (0..reader.length()?).map(|_| {
            let cell = usize::try_from(reader.number()?).ok().and_then(|index| cells.get(index));
            let cell = *cell.ok_or(invalid("an index outside its list"))?;
            Ok((cell, OrganisationId::from_bytes(reader.id()?)))
        });
        let counted = counted.collect::<Result<Vec<_>, _>>()?;
        let mut copies = Vec::with_capacity(totals.min(64));
        for _ in 0..totals {
            copies.push(reader.totals(&cells, &counted)?);
        }
        if !reader.0.is_empty() {
            return Err(invalid("more bytes than it has"));
        }
        let further = if with_further { copies.pop() } else { None };
        if copies.is_empty() || (with_further && further.is_none()) {
            return Err(invalid("no totals"));
        }
        Ok((Self { start, frames, copies }, further))
    }
}

struct Writer(Vec<u8>);

impl Writer {
    fn number(&mut self, mut number: u64) {
        while number >= 0x80 {
            self.0.push(number as u8 | 0x80);
            number >>= 7;
        }
        self.0.push(number as u8);
    }

    fn signed(&mut self, number: i64) {
        self.number(((number << 1) ^ (number >> 63)) as u64);
    }

    /// The number of each key, 0 if it has none; both lists are sorted.
    fn column<K: Ord>(&mut self, keys: &[K], numbers: &[(K, i64)]) {
        let mut numbers = numbers.iter().peekable();
        for key in keys {
            self.signed(numbers.next_if(|(other, _)| other == key).map_or(0, |(_, number)| *number));
        }
    }
}

struct Reader<'b>(&'b [u8]);

impl Reader<'_> {
    fn byte(&mut self) -> Result<u8, InvalidHistory> {
        let (byte, rest) = self.0.split_first().ok_or(invalid("too few bytes"))?;
        self.0 = rest;
        Ok(*byte)
    }

    fn number(&mut self) -> Result<u64, InvalidHistory> {
        let mut number = 0;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            number |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Ok(number);
            }
        }
        Err(invalid("a number without end"))
    }

    fn signed(&mut self) -> Result<i64, InvalidHistory> {
        let number = self.number()?;
        Ok((number >> 1) as i64 ^ -((number & 1) as i64))
    }

    /// How many of something follow, each of at least one byte.
    fn length(&mut self) -> Result<usize, InvalidHistory> {
        let number = usize::try_from(self.number()?).ok();
        number.filter(|length| *length <= self.0.len()).ok_or(invalid("a list longer than its bytes"))
    }

    fn id(&mut self) -> Result<[u8; 16], InvalidHistory> {
        let (id, rest) = self.0.split_first_chunk::<16>().ok_or(invalid("too few bytes"))?;
        self.0 = rest;
        Ok(*id)
    }

    fn cell(&mut self) -> Result<Cell, InvalidHistory> {
        let dataset = DatasetId::from_bytes(self.id()?);
        let freeze = match self.number()?.checked_sub(1) {
            None => None,
            Some(number) => Some(u32::try_from(number).map_err(|_| invalid("no number of a freeze"))?),
        };
        let verdict = Verdict::ALL.get(usize::from(self.byte()?)).ok_or(invalid("no verdict"))?;
        Ok(Cell { dataset, freeze, verdict: *verdict })
    }

    fn totals(
        &mut self,
        cells: &[Cell],
        counted: &[(Cell, OrganisationId)],
    ) -> Result<Totals, InvalidHistory> {
        let mut totals = Totals::default();
        totals.add_records(self.signed()?);
        for cell in cells {
            totals.add_cases(*cell, self.signed()?);
        }
        for (cell, institution) in counted {
            totals.add_counted(*cell, *institution, self.signed()?);
        }
        Ok(totals)
    }
}
