//! Events as the protocol shows them.

use super::{KIBAN_TYPES, Reserved};
use crate::{Frame, NewEvent, RecordedEvent, protocol};
use bytes::Bytes;
use prost::Message;
use protocol::{
    kiban::{ForeignMetadata, StoredMetadata},
    shared,
    streams::{
        ReadResp,
        read_req::{Options, options::uuid_option},
        read_resp::{Content, ReadEvent, read_event},
    },
};
use std::collections::HashMap;

/// How a reader wants its events.
#[derive(Clone)]
pub(super) struct Shape {
    text_ids: bool,
    reserved: Reserved,
    bare: bool,
}

impl Shape {
    pub(super) fn of(options: &Options, reserved: &Reserved, bare: bool) -> Self {
        let asked = options.uuid_option.as_ref().and_then(|option| option.content.as_ref());
        let text_ids = matches!(asked, Some(uuid_option::Content::String(_)));
        Self { text_ids, reserved: reserved.clone(), bare }
    }

    /// One event of a frame.
    pub(super) fn event(&self, frame: &Frame, index: usize, event: &RecordedEvent) -> ReadResp {
        let position = event.position.0;
        let (custom_metadata, content_type) = self.metadata(frame, index, event);
        let recorded = read_event::RecordedEvent {
            id: Some(if self.text_ids { protocol::uuid_text(event.id) } else { protocol::uuid(event.id) }),
            stream_identifier: Some(protocol::identifier(frame.stream.as_str())),
            stream_revision: frame.first_revision + index as u64,
            prepare_position: position,
            commit_position: position,
            metadata: HashMap::from([
                ("type".to_owned(), event.event_type.to_string()),
                ("content-type".to_owned(), content_type),
                // Ticks of 100 ns since the Unix epoch.
                ("created".to_owned(), frame.recorded_at.saturating_mul(10).to_string()),
            ]),
            custom_metadata,
            data: event.payload.clone(),
        };
        let position = read_event::Position::CommitPosition(position);
        let event = ReadEvent { event: Some(recorded), link: None, position: Some(position) };
        ReadResp { content: Some(Content::Event(event)) }
    }

    /// Kiban's metadata say what the protocol has no place for; a foreign client gets its own back.
    fn metadata(&self, frame: &Frame, index: usize, event: &RecordedEvent) -> (Bytes, String) {
        if (self.reserved)(frame.stream.category()) {
            let stored = StoredMetadata {
                format: protocol::FORMAT.to_owned(),
                metadata: event.metadata.clone(),
                index: index as u32,
                events: frame.events.len() as u32,
                terms: None,
                recorded_at_least: None,
            };
            return (stored.encode_to_vec().into(), OCTETS.to_owned());
        }
        match ForeignMetadata::decode(event.metadata.clone()) {
            // Whoever reads must not take it for one of Kiban's.
            Ok(foreign) if !self.bare && is_stored(&foreign.custom_metadata) => {
                (Bytes::new(), OCTETS.to_owned())
            }
            Ok(foreign) => (foreign.custom_metadata, foreign.content_type),
            Err(_) => (event.metadata.clone(), OCTETS.to_owned()),
        }
    }
}

/// Whether metadata would be taken for those of Kiban's events.
fn is_stored(custom_metadata: &Bytes) -> bool {
    StoredMetadata::decode(custom_metadata.clone()).is_ok_and(|stored| stored.format == protocol::FORMAT)
}

const OCTETS: &str = "application/octet-stream";

/// An event that Kiban proposes.
pub(super) fn own(
    id: Option<&shared::Uuid>,
    metadata: &HashMap<String, String>,
    custom: Bytes,
    data: Bytes,
) -> Result<NewEvent, String> {
    let stored = StoredMetadata::decode(custom).ok().filter(|stored| stored.format == protocol::FORMAT);
    let stored = stored.ok_or("an event's metadata are not in the form kiban.event_log.v1")?;
    Ok(NewEvent {
        id: protocol::id_of(id).ok_or("an event has no id")?,
        event_type: event_type(metadata)?.into(),
        metadata: stored.metadata,
        payload: data,
    })
}

/// An event that a foreign client proposes.
pub(super) fn foreign(
    id: Option<&shared::Uuid>,
    metadata: &HashMap<String, String>,
    custom_metadata: Bytes,
    data: Bytes,
    any_type: bool,
) -> Result<NewEvent, String> {
    let event_type = event_type(metadata)?;
    if !any_type && event_type.starts_with(KIBAN_TYPES) {
        return Err(format!(
            "the type {event_type:?} is Kiban's own: choose one that does not start with {KIBAN_TYPES:?}"
        ));
    }
    if !any_type && is_stored(&custom_metadata) {
        return Err("metadata of the form kiban.event_log.v1 are Kiban's own".to_owned());
    }
    let content_type = metadata.get("content-type").cloned().unwrap_or_else(|| OCTETS.to_owned());
    let metadata = ForeignMetadata { custom_metadata, content_type };
    Ok(NewEvent {
        id: protocol::id_of(id).ok_or("an event has no id")?,
        event_type: event_type.into(),
        metadata: metadata.encode_to_vec().into(),
        payload: data,
    })
}

fn event_type(metadata: &HashMap<String, String>) -> Result<&str, String> {
    metadata.get("type").map(String::as_str).ok_or_else(|| "an event has no type".to_owned())
}
