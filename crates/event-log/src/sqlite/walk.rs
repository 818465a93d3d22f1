//! One frame after another, each checked against the one before. Opening, verifying and copying walk alike.

use super::{
    read::stream_number,
    row::{Damage, Stored},
};
use crate::{
    Head, Position, StreamName,
    frame::{Names, command_index_key, decode_command},
};
use rusqlite::{Connection, OptionalExtension, params};

/// Where a walk over the frames has come to.
#[derive(Default)]
pub(super) struct Walk {
    names: Names,
    head: Head,
    /// The frame before the next one is not known, only that there is one.
    started_within: bool,
}

impl Walk {
    /// A walk whose first frame is believed about what stood before it.
    pub(super) fn from_anywhere() -> Self {
        Self { started_within: true, ..Self::default() }
    }

    /// The end of the last frame.
    pub(super) fn head(&self) -> Head {
        self.head
    }

    /// Checks a frame by itself and against the one before, and goes on to it whatever was found, so that one
    /// damaged frame is reported once.
    pub(super) fn step(&mut self, stored: &Stored<'_>) -> Result<(), Damage> {
        let before = std::mem::replace(
            &mut self.head,
            Head {
                position: Position(stored.last_position()),
                recorded_at: stored.recorded_at,
                hash: stored.hash,
            },
        );
        stored.frame(&mut self.names)?;
        if std::mem::take(&mut self.started_within) {
            return Ok(());
        }
        let next = before.position.0.saturating_add(1);
        if stored.first_position != next {
            return Err(format!("it starts at position {} where {next} should stand", stored.first_position));
        }
        if stored.recorded_at < before.recorded_at {
            return Err(format!(
                "it was recorded at {}, before the frame before it ({})",
                stored.recorded_at, before.recorded_at
            ));
        }
        stored.follows(&before.hash)
    }
}

/// What is wrong with the index entries of a frame.
pub(super) fn index_damage(connection: &Connection, stored: &Stored<'_>) -> rusqlite::Result<Option<Damage>> {
    let Ok(stream) = StreamName::new(stored.name) else {
        return Ok(Some(format!("{:?} is no stream name", stored.name)));
    };
    let number = stream_number(connection, &stream)?;
    if number != Some(stored.stream) {
        return Ok(Some(format!(
            "its stream {stream} has number {} here and {number:?} in the index",
            stored.stream
        )));
    }
    let found: Option<i64> = connection
        .prepare_cached(
            "SELECT first_position FROM frames INDEXED BY frames_by_stream \
             WHERE stream = ?1 AND first_revision = ?2",
        )?
        .query_row(params![stored.stream, stored.first_revision as i64], |row| row.get(0))
        .optional()?;
    if found != Some(stored.first_position as i64) {
        return Ok(Some(format!("the stream index finds it at {found:?}")));
    }
    command_damage(connection, stored)
}

fn command_damage(connection: &Connection, stored: &Stored<'_>) -> rusqlite::Result<Option<Damage>> {
    if stored.command.is_empty() {
        return Ok(None);
    }
    let Some(key) = decode_command(stored.command) else {
        return Ok(Some("its command cannot be read".into()));
    };
    let found: Option<(i64, Vec<u8>)> = connection
        .prepare_cached("SELECT position, digest FROM commands WHERE key = ?1")?
        .query_row([command_index_key(&key.scope, &key.id)], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    Ok(match found {
        None => Some(format!("its command {:?} is missing in the command index", key.id)),
        Some((position, digest)) => {
            let sound = position == stored.first_position as i64 && digest == key.digest;
            (!sound).then(|| format!("its command {:?} is at {position} in the command index", key.id))
        }
    })
}
