//! Every type that may stand in the log, found by asking: there is no list to forget an entry of.

use std::{collections::BTreeSet, sync::Arc};

use bytes::Bytes;
use event_log::{Frame, Position, RecordedEvent, StreamName};
use events::{Category, Defect, Event, Recordable, decode_frame};
use prost::Message;
use prost_types::FileDescriptorSet;

use crate::samples;

/// Does the same with the payload of any context. It is exhaustive, so that a new context must be named here.
macro_rules! with_payload {
    ($event:expr, $payload:ident => $result:expr) => {
        match $event {
            Event::Reservation($payload) => $result,
            Event::Organisation($payload) => $result,
            Event::Contract($payload) => $result,
            Event::Dataset($payload) => $result,
            Event::Access($payload) => $result,
            Event::PriceBook($payload) => $result,
            Event::ShareRule($payload) => $result,
            Event::Period($payload) => $result,
            Event::Credit($payload) => $result,
            Event::Funding($payload) => $result,
            Event::Listing($payload) => $result,
            Event::Quote($payload) => $result,
            Event::Consortium($payload) => $result,
            Event::VendorAdmission($payload) => $result,
            Event::Order($payload) => $result,
            Event::Specimen($payload) => $result,
            Event::Recruitment($payload) => $result,
            Event::Venture($payload) => $result,
            Event::ForumEvent($payload) => $result,
            Event::Investment($payload) => $result,
            Event::Relay($payload) => $result,
        }
    };
}

/// The stable name of an event's type.
pub(crate) fn event_type(event: &Event) -> &'static str {
    with_payload!(event, payload => payload.event_type())
}

/// An event's bytes.
pub(crate) fn encode(event: &Event) -> Vec<u8> {
    with_payload!(event, payload => payload.encode())
}

/// Reads an event as it would be read from the log, in whichever category knows its type.
pub(crate) fn decode(event_type: &str, payload: &[u8]) -> Result<Event, String> {
    let mut defects: Vec<Defect> = Vec::new();
    for category in Category::ALL {
        match decode_in(category, event_type, payload) {
            Ok(event) => return Ok(event),
            Err(Defect::UnknownType(_)) => {}
            Err(defect) => defects.push(defect),
        }
    }
    Err(defects.first().map_or("no category knows the type".into(), ToString::to_string))
}

/// Every type that some category knows: of all messages of the schema, those that are not refused as unknown.
pub(crate) fn event_types() -> BTreeSet<String> {
    let schema = FileDescriptorSet::decode(proto::DESCRIPTORS).unwrap();
    let names = schema.file.iter().flat_map(|file| {
        file.message_type.iter().map(|message| format!("{}.{}", file.package(), message.name()))
    });
    let known = |name: &String| {
        let answer = |category| decode_in(category, name, &[]);
        Category::ALL.into_iter().any(|category| !matches!(answer(category), Err(Defect::UnknownType(_))))
    };
    names.filter(known).collect()
}

fn decode_in(category: Category, event_type: &str, payload: &[u8]) -> Result<Event, Defect> {
    let frame = Frame {
        stream: StreamName::new(format!("{category}-sample")).unwrap(),
        first_position: Position(1),
        first_revision: 0,
        recorded_at: 0,
        events: vec![RecordedEvent {
            position: Position(1),
            id: [0; 16],
            event_type: Arc::from(event_type),
            metadata: Bytes::from(samples::metadata().remove(0).encode()),
            payload: Bytes::copy_from_slice(payload),
        }],
    };
    decode_frame(&frame).map(|mut decoded| decoded.remove(0).event).map_err(|error| error.defect)
}

#[test]
fn types_are_found_in_every_category() {
    let types = event_types();
    for category in Category::ALL {
        let known = |name: &&String| !matches!(decode_in(category, name, &[]), Err(Defect::UnknownType(_)));
        assert!(types.iter().any(|name| known(&name)), "no type of {category} was found");
    }
    assert!(types.contains("kiban.contract.v1.ContractSigned"), "{types:?}");
    assert!(!types.contains("kiban.contract.v1.Terms"), "a message that is no event");
    assert!(decode("kiban.contract.v1.ContractFramed", &[]).unwrap_err().contains("no category"));
}
