//! How a frame is laid out and sealed. Both engines share it; the layout is a promise (see the golden test).
//!
//! Format 1, all numbers little-endian:
//!
//! ```text
//! body    = event*            event  = id:16  type_len:u16  metadata_len:u32  payload_len:u32
//!                                      type:utf8  metadata  payload
//! command = scope:16 digest:32 id:utf8               (absent: no bytes)
//! header  = format:u32 first_position:u64 first_revision:u64 events:u32 recorded_at:i64
//!           stream_len:u16 stream:utf8 command_len:u16 command body_len:u64
//! crc     = CRC32C(body ++ header)                   finds a rotten frame without its neighbours
//! hash    = SHA-256(previous hash ++ header ++ SHA-256(body))     seals everything before it
//! ```
//!
//! The body comes first in the checksum and enters the chain as a digest, so that the caller's thread can do
//! the long part of both before the writer gives the frame its place.

use crate::{CommandKey, Frame, NewEvent, Position, RecordedEvent, StreamName};
use bytes::{Buf, BufMut, Bytes};
use rustc_hash::FxHashSet;
use sha2::{Digest, Sha256};
use std::sync::Arc;

/// The format that this program writes, and the newest it reads.
pub(crate) const FORMAT: u32 = 1;

/// Bytes before an event's type, metadata and payload.
const EVENT_HEAD: usize = 16 + 2 + 4 + 4;
/// Bytes before a command's id.
const COMMAND_HEAD: usize = 16 + 32;

/// The events of an append as they are stored, and what of the seal does not depend on their place.
pub(crate) struct Body {
    /// The stored form.
    pub(crate) bytes: Bytes,
    /// The same events; their bytes are slices of the stored form.
    pub(crate) events: Vec<RecordedEvent>,
    /// CRC32C of the stored form.
    pub(crate) crc: u32,
    /// SHA-256 of the stored form.
    pub(crate) digest: [u8; 32],
}

impl Body {
    /// Lays events out. The limits must have been checked: lengths are cut to their fields' widths.
    pub(crate) fn new(events: &[NewEvent]) -> Self {
        let bytes = encode(events);
        let mut rest = bytes.clone();
        let recorded = events
            .iter()
            .map(|event| {
                rest.advance(EVENT_HEAD + event.event_type.len());
                RecordedEvent {
                    position: Position::START,
                    id: event.id,
                    event_type: event.event_type.clone(),
                    metadata: rest.split_to(event.metadata.len()),
                    payload: rest.split_to(event.payload.len()),
                }
            })
            .collect();
        let crc = crc32c::crc32c(&bytes);
        let digest = Sha256::digest(&bytes).into();
        Self { bytes, events: recorded, crc, digest }
    }
}

fn encode(events: &[NewEvent]) -> Bytes {
    let length =
        events.iter().map(|e| EVENT_HEAD + e.event_type.len() + e.metadata.len() + e.payload.len()).sum();
    let mut body = Vec::with_capacity(length);
    for event in events {
        body.put_slice(&event.id);
        body.put_u16_le(event.event_type.len() as u16);
        body.put_u32_le(event.metadata.len() as u32);
        body.put_u32_le(event.payload.len() as u32);
        body.put_slice(event.event_type.as_bytes());
        body.put_slice(&event.metadata);
        body.put_slice(&event.payload);
    }
    body.into()
}

/// Reads a stored body. The events' bytes are slices of it; nothing is copied.
pub(crate) fn decode(
    mut body: Bytes,
    count: u32,
    names: &mut Names,
) -> Result<Vec<RecordedEvent>, &'static str> {
    // A damaged count must not reserve memory for events that cannot be there.
    let mut events = Vec::with_capacity((count as usize).min(body.len() / EVENT_HEAD));
    for _ in 0..count {
        if body.len() < EVENT_HEAD {
            return Err("the body ends inside an event");
        }
        let mut id = [0; 16];
        body.copy_to_slice(&mut id);
        let type_length = usize::from(body.get_u16_le());
        let metadata_length = body.get_u32_le() as usize;
        let payload_length = body.get_u32_le() as usize;
        if (body.len() as u64) < type_length as u64 + metadata_length as u64 + payload_length as u64 {
            return Err("the body ends inside an event");
        }
        let event_type = body.split_to(type_length);
        let event_type = std::str::from_utf8(&event_type).map_err(|_| "an event's type is not UTF-8")?;
        events.push(RecordedEvent {
            position: Position::START,
            id,
            event_type: names.get(event_type),
            metadata: body.split_to(metadata_length),
            payload: body.split_to(payload_length),
        });
    }
    if body.is_empty() && count > 0 { Ok(events) } else { Err("the body does not end with its last event") }
}

/// Everything about a frame but its events.
pub(crate) struct Header<'a> {
    pub(crate) format: u32,
    pub(crate) first_position: u64,
    pub(crate) first_revision: u64,
    pub(crate) events: u32,
    pub(crate) recorded_at: i64,
    pub(crate) stream: &'a str,
    pub(crate) command: &'a [u8],
    pub(crate) body_length: u64,
}

impl Header<'_> {
    fn bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(48 + self.stream.len() + self.command.len());
        bytes.put_u32_le(self.format);
        bytes.put_u64_le(self.first_position);
        bytes.put_u64_le(self.first_revision);
        bytes.put_u32_le(self.events);
        bytes.put_i64_le(self.recorded_at);
        bytes.put_u16_le(self.stream.len() as u16);
        bytes.put_slice(self.stream.as_bytes());
        bytes.put_u16_le(self.command.len() as u16);
        bytes.put_slice(self.command);
        bytes.put_u64_le(self.body_length);
        bytes
    }

    /// The checksum and the hash of the frame with this header.
    pub(crate) fn seal(&self, body_crc: u32, body_digest: &[u8; 32], previous: &[u8; 32]) -> Seal {
        let header = self.bytes();
        let hash = Sha256::new().chain_update(previous).chain_update(&header).chain_update(body_digest);
        Seal { crc: crc32c::crc32c_append(body_crc, &header), hash: hash.finalize().into() }
    }

    /// The checksum alone, for readers.
    pub(crate) fn crc(&self, body: &[u8]) -> u32 {
        crc32c::crc32c_append(crc32c::crc32c(body), &self.bytes())
    }
}

/// What a frame's integrity rests on.
pub(crate) struct Seal {
    pub(crate) crc: u32,
    pub(crate) hash: [u8; 32],
}

/// The stored form of a command key.
pub(crate) fn encode_command(key: &CommandKey) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(COMMAND_HEAD + key.id.len());
    bytes.put_slice(&key.scope);
    bytes.put_slice(&key.digest);
    bytes.put_slice(key.id.as_bytes());
    bytes
}

/// A command key from its stored form; `None` if it is damaged.
pub(crate) fn decode_command(bytes: &[u8]) -> Option<CommandKey> {
    let (scope, rest) = bytes.split_first_chunk::<16>()?;
    let (digest, id) = rest.split_first_chunk::<32>()?;
    Some(CommandKey { scope: *scope, digest: *digest, id: std::str::from_utf8(id).ok()?.to_owned() })
}

/// What a command is looked up by: the first 16 bytes of SHA-256 over scope and id.
pub(crate) fn command_index_key(scope: &[u8; 16], id: &str) -> [u8; 16] {
    let hash: [u8; 32] = Sha256::new().chain_update(scope).chain_update(id).finalize().into();
    let mut key = [0; 16];
    key.copy_from_slice(hash.split_at(16).0);
    key
}

impl Frame {
    /// The bytes that bound a [`Page`](crate::Page): ids, types, metadata and payloads.
    pub fn size(&self) -> usize {
        self.events.iter().map(|e| 16 + e.event_type.len() + e.metadata.len() + e.payload.len()).sum()
    }

    /// A frame at its place; its events get theirs one after the other.
    pub(crate) fn new(
        stream: StreamName,
        place: &crate::Appended,
        mut events: Vec<RecordedEvent>,
    ) -> Arc<Self> {
        for (event, position) in events.iter_mut().zip(place.first_position.0..) {
            event.position = Position(position);
        }
        Arc::new(Self {
            stream,
            first_position: place.first_position,
            first_revision: place.first_revision,
            recorded_at: place.recorded_at,
            events,
        })
    }

    /// Where the frame stands, as its append was answered.
    pub fn appended(&self) -> crate::Appended {
        crate::Appended {
            first_position: self.first_position,
            last_position: self.last_position(),
            first_revision: self.first_revision,
            last_revision: self.last_revision(),
            recorded_at: self.recorded_at,
        }
    }
}

/// The place of a frame of so many events (at least one).
pub(crate) fn place(head: Position, first_revision: u64, events: u64, recorded_at: i64) -> crate::Appended {
    crate::Appended {
        first_position: Position(head.0 + 1),
        last_position: Position(head.0 + events),
        first_revision,
        last_revision: first_revision + events - 1,
        recorded_at,
    }
}

/// Shares the few names of event types among the many events that bear them.
#[derive(Default)]
pub(crate) struct Names(FxHashSet<Arc<str>>);

/// Names are a closed catalogue; the bound only guards against one that is not.
const MAX_NAMES: usize = 1_024;

impl Names {
    pub(crate) fn get(&mut self, name: &str) -> Arc<str> {
        if let Some(known) = self.0.get(name) {
            return known.clone();
        }
        if self.0.len() >= MAX_NAMES {
            self.0.clear();
        }
        let name: Arc<str> = name.into();
        self.0.insert(name.clone());
        name
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event() -> NewEvent {
        NewEvent {
            id: [7; 16],
            event_type: "kiban.test.v1.Happened".into(),
            metadata: Bytes::from_static(b"meta"),
            payload: Bytes::from_static(b"payload"),
        }
    }

    fn hex(bytes: &[u8]) -> String {
        bytes.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// Format 1 is a promise: these bytes must never change.
    #[test]
    fn format_1_is_golden() {
        let key = CommandKey { scope: [1; 16], id: "c-1".into(), digest: [2; 32] };
        let body = Body::new(&[event()]);
        assert_eq!(
            hex(&body.bytes),
            "07070707070707070707070707070707\
             1600\
             04000000\
             07000000\
             6b6962616e2e746573742e76312e48617070656e6564\
             6d657461\
             7061796c6f6164"
        );
        let command = encode_command(&key);
        let header = Header {
            format: 1,
            first_position: 5,
            first_revision: 3,
            events: 1,
            recorded_at: 1_767_225_600_000_000,
            stream: "test-1",
            command: &command,
            body_length: body.bytes.len() as u64,
        };
        assert_eq!(
            hex(&header.bytes()),
            format!(
                "01000000\
                 0500000000000000\
                 0300000000000000\
                 01000000\
                 0040204648470600\
                 0600746573742d31\
                 3300{}{}632d31\
                 3b00000000000000",
                "01".repeat(16),
                "02".repeat(32)
            )
        );
        let seal = header.seal(body.crc, &body.digest, &[9; 32]);
        assert_eq!(seal.crc, header.crc(&body.bytes));
        assert_eq!(
            format!("{:08x} {}", seal.crc, hex(&seal.hash)),
            "40b0094f ab861ae7b9c1239f99bc1775ea266b67b52c57f1a28acf06d588b0ce23714059"
        );
        assert_eq!(hex(&command_index_key(&key.scope, &key.id)), "8d918f2beb3166132cbbc85663f30f5a");
        assert_eq!(decode_command(&command), Some(key));
    }

    #[test]
    fn a_damaged_body_is_refused() {
        let body = Body::new(&[event(), event()]);
        let mut names = Names::default();
        assert_eq!(decode(body.bytes.clone(), 2, &mut names), Ok(body.events));
        for (bytes, count) in [
            (body.bytes.slice(..body.bytes.len() - 1), 2),
            (body.bytes.slice(..EVENT_HEAD - 1), 1),
            (body.bytes.clone(), 1),
            (body.bytes.clone(), 3),
            (body.bytes.clone(), u32::MAX),
            (Bytes::new(), 0),
        ] {
            assert!(decode(bytes, count, &mut names).is_err());
        }
    }
}
