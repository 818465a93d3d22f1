//! A frame as it stands in its row, and what can be said of it before it is believed.

use crate::{
    Appended, Frame, Position, StreamName,
    frame::{self, FORMAT, Header, Names},
};
use bytes::Bytes;
use rusqlite::{Row, types::FromSqlError};
use sha2::{Digest, Sha256};
use std::sync::Arc;

/// The columns that [`Stored::read`] expects, in order.
pub(super) const COLUMNS: &str =
    "first_position, format, stream, first_revision, events, recorded_at, crc, hash, name, command, body";

/// What is wrong with a row.
pub(super) type Damage = String;

/// A row of `frames`, borrowed from the statement.
pub(super) struct Stored<'r> {
    pub(super) first_position: u64,
    pub(super) format: u32,
    pub(super) stream: i64,
    pub(super) first_revision: u64,
    pub(super) events: u32,
    pub(super) recorded_at: i64,
    pub(super) crc: u32,
    pub(super) hash: [u8; 32],
    pub(super) name: &'r str,
    pub(super) command: &'r [u8],
    pub(super) body: &'r [u8],
}

impl<'r> Stored<'r> {
    pub(super) fn read(row: &'r Row<'_>) -> Result<Self, Damage> {
        let value = |index: usize| row.get_ref(index).map_err(|error| error.to_string());
        let kind = |column: &str| {
            let column = column.to_owned();
            move |_: FromSqlError| format!("column {column} holds a value of another kind")
        };
        let number = |index: usize, column: &str| -> Result<i64, Damage> {
            value(index)?.as_i64().map_err(kind(column))
        };
        let unsigned = |index: usize, column: &str| -> Result<u64, Damage> {
            let found = number(index, column)?;
            u64::try_from(found).map_err(|_| format!("column {column} is {found}"))
        };
        let small = |index: usize, column: &str| -> Result<u32, Damage> {
            let found = number(index, column)?;
            u32::try_from(found).map_err(|_| format!("column {column} is {found}"))
        };
        let hash = value(7)?.as_blob().map_err(kind("hash"))?;
        let stored = Self {
            first_position: unsigned(0, "first_position")?,
            format: small(1, "format")?,
            stream: number(2, "stream")?,
            first_revision: unsigned(3, "first_revision")?,
            events: small(4, "events")?,
            recorded_at: number(5, "recorded_at")?,
            crc: small(6, "crc")?,
            hash: hash.try_into().map_err(|_| format!("its hash has {} bytes", hash.len()))?,
            name: value(8)?.as_str().map_err(kind("name"))?,
            command: value(9)?.as_blob().map_err(kind("command"))?,
            body: value(10)?.as_blob().map_err(kind("body"))?,
        };
        match (stored.format, stored.events) {
            (FORMAT, 1..) => Ok(stored),
            (FORMAT, _) => Err("it holds no events".into()),
            (found, _) => {
                Err(format!("it has frame format {found}, this program knows formats up to {FORMAT}"))
            }
        }
    }

    fn header(&self) -> Header<'r> {
        Header {
            format: self.format,
            first_position: self.first_position,
            first_revision: self.first_revision,
            events: self.events,
            recorded_at: self.recorded_at,
            stream: self.name,
            command: self.command,
            body_length: self.body.len() as u64,
        }
    }

    /// The position of the last event. Saturating: the row may be damaged.
    pub(super) fn last_position(&self) -> u64 {
        self.first_position.saturating_add(u64::from(self.events) - 1)
    }

    /// The frame, if its checksum holds.
    pub(super) fn frame(&self, names: &mut Names) -> Result<Arc<Frame>, Damage> {
        let crc = self.header().crc(self.body);
        if crc != self.crc {
            return Err(format!("its checksum is {crc:08x}, but {:08x} was stored", self.crc));
        }
        let stream = StreamName::new(self.name).map_err(|error| error.to_string())?;
        let events = frame::decode(Bytes::copy_from_slice(self.body), self.events, names)?;
        let head = Position(self.first_position.saturating_sub(1));
        let place = frame::place(head, self.first_revision, u64::from(self.events), self.recorded_at);
        Ok(Frame::new(stream, &place, events))
    }

    /// Whether the frame's hash follows from its content and the hash before it.
    pub(super) fn follows(&self, previous: &[u8; 32]) -> Result<(), Damage> {
        let digest = Sha256::digest(self.body).into();
        let hash = self.header().seal(0, &digest, previous).hash;
        match hash == self.hash {
            true => Ok(()),
            false => Err("its hash does not follow from its content and the frame before".into()),
        }
    }
}

/// The place of a frame, from `first_position, first_revision, events, recorded_at`.
pub(super) fn place(row: &Row<'_>) -> rusqlite::Result<Appended> {
    let (position, events) = (unsigned(row, 0)?, unsigned(row, 2)?.max(1));
    Ok(frame::place(Position(position.saturating_sub(1)), unsigned(row, 1)?, events, row.get(3)?))
}

/// A column that never is negative.
pub(super) fn unsigned(row: &Row<'_>, index: usize) -> rusqlite::Result<u64> {
    let value: i64 = row.get(index)?;
    u64::try_from(value).map_err(|_| rusqlite::Error::IntegralValueOutOfRange(index, value))
}

/// SQLite's integers are signed; what is asked for beyond them lies past every end.
pub(super) fn signed(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}
