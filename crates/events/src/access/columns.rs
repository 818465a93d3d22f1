//! `UsageRecorded` with its packed columns left as bytes, and the varints in them.
//!
//! On the wire a packed column of varints and a field of bytes are the same. Taken as bytes, the columns are
//! written from the rows and read into them in one pass each, without a vector per column in between; a test
//! holds this message against the generated one.

use proto::kiban::access::v1 as form;

/// The message `kiban.access.v1.UsageRecorded`.
#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct Columns {
    #[prost(bytes = "vec", tag = "1")]
    pub(super) source: Vec<u8>,
    #[prost(uint32, tag = "2")]
    pub(super) epoch: u32,
    #[prost(uint64, tag = "3")]
    pub(super) contract_revision: u64,
    #[prost(int64, tag = "4")]
    pub(super) reported_at_us: i64,
    #[prost(message, repeated, tag = "5")]
    pub(super) datasets: Vec<form::DatasetEntry>,
    #[prost(bytes = "vec", tag = "6")]
    pub(super) viewers: Vec<u8>,
    #[prost(bytes = "vec", tag = "7")]
    pub(super) orders: Vec<u8>,
    #[prost(message, repeated, tag = "8")]
    pub(super) periods: Vec<form::PeriodEntry>,
    #[prost(bytes = "vec", tag = "9")]
    pub(super) sequence_runs: Vec<u8>,
    #[prost(bytes = "vec", tag = "10")]
    pub(super) right_and_verdict: Vec<u8>,
    #[prost(bytes = "vec", tag = "11")]
    pub(super) cases: Vec<u8>,
    #[prost(bytes = "vec", tag = "12")]
    pub(super) occurred_at_delta_us: Vec<u8>,
    #[prost(bytes = "vec", tag = "13")]
    pub(super) dataset: Vec<u8>,
    #[prost(bytes = "vec", tag = "14")]
    pub(super) viewer: Vec<u8>,
    #[prost(bytes = "vec", tag = "15")]
    pub(super) order: Vec<u8>,
    #[prost(bytes = "vec", tag = "16")]
    pub(super) period: Vec<u8>,
    #[prost(message, repeated, tag = "17")]
    pub(super) conflicts: Vec<form::ConflictRow>,
    #[prost(message, repeated, tag = "18")]
    pub(super) settlements: Vec<form::SettledRow>,
    #[prost(bytes = "vec", tag = "19")]
    pub(super) institutions: Vec<u8>,
    #[prost(bytes = "vec", tag = "20")]
    pub(super) count_row: Vec<u8>,
    #[prost(bytes = "vec", tag = "21")]
    pub(super) count_institution: Vec<u8>,
    #[prost(bytes = "vec", tag = "22")]
    pub(super) count_cases: Vec<u8>,
}

/// Appends a varint.
pub(super) fn push_varint(column: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        column.push(value as u8 | 0x80);
        value >>= 7;
    }
    column.push(value as u8);
}

/// The signed number as protobuf's zigzag form has it: small ones stay small, whichever way they point.
pub(super) const fn zigzag(value: i64) -> u64 {
    ((value << 1) ^ (value >> 63)) as u64
}

/// The number of a zigzag form.
pub(super) const fn unzigzag(value: u64) -> i64 {
    (value >> 1) as i64 ^ -((value & 1) as i64)
}

/// Reads the varints of a column one after the other.
pub(super) struct Varints<'c> {
    rest: &'c [u8],
}

impl<'c> Varints<'c> {
    /// The values of a column.
    pub(super) const fn new(column: &'c [u8]) -> Self {
        Self { rest: column }
    }

    /// The next value; `None` if there is none, or it is no varint of 64 bits.
    #[inline]
    pub(super) fn next(&mut self) -> Option<u64> {
        match self.rest {
            [byte, rest @ ..] if *byte < 0x80 => {
                self.rest = rest;
                Some(u64::from(*byte))
            }
            _ => self.next_long(),
        }
    }

    /// Whether nothing is left over.
    pub(super) const fn is_done(&self) -> bool {
        self.rest.is_empty()
    }

    fn next_long(&mut self) -> Option<u64> {
        let mut value = 0;
        for (index, byte) in self.rest.iter().take(10).enumerate() {
            let bits = u64::from(byte & 0x7f);
            // The tenth byte has room for one bit only.
            if index == 9 && bits > 1 {
                return None;
            }
            value |= bits << (7 * index);
            if *byte < 0x80 {
                self.rest = &self.rest[index + 1..];
                return Some(value);
            }
        }
        None
    }
}
