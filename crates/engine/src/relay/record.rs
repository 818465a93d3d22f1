//! Events as records for other systems: CloudEvents 1.0 in the binary mode of its Kafka binding. The payload is what the
//! log holds, untouched; what the envelope says stands in headers.

use std::{collections::BTreeSet, sync::Arc};

use bytes::Bytes;
use domain::time::Timestamp;
use event_log::{Frame, Position, RecordedEvent, RelayRecord, StreamName};
use events::{Category, DecodeError, Metadata};
use uuid::Uuid;

/// A topic for each category that is published.
pub(super) struct Topics(Vec<(Category, Arc<str>)>);

impl Topics {
    pub(super) fn new(prefix: &str, categories: &BTreeSet<Category>) -> Self {
        let published = categories.iter().filter(|category| **category != Category::Relay);
        Self(published.map(|category| (*category, format!("{prefix}{category}").into())).collect())
    }

    pub(super) fn names(&self) -> Vec<Arc<str>> {
        self.0.iter().map(|(_, topic)| topic.clone()).collect()
    }

    /// The topic of a stream; none for those that are not published, foreign ones among them.
    pub(super) fn of(&self, stream: &StreamName) -> Option<&Arc<str>> {
        let category = Category::of(stream)?;
        self.0.iter().find(|(published, _)| *published == category).map(|(_, topic)| topic)
    }
}

/// The records of a frame's events after a position.
pub(super) fn records(
    frame: &Frame,
    topic: &Arc<str>,
    after: Position,
    into: &mut Vec<RelayRecord>,
) -> Result<(), DecodeError> {
    let recorded_at = Timestamp::from_micros(frame.recorded_at).unwrap_or(Timestamp::MAX);
    let shared = Shared {
        topic,
        source: Bytes::from(format!("/kiban/{}", frame.stream)),
        subject: Bytes::copy_from_slice(frame.stream.id().as_bytes()),
        time: Bytes::from(recorded_at.to_string()),
        recorded_at: frame.recorded_at,
    };
    let events = (frame.first_revision..).zip(&frame.events);
    for (revision, event) in events.filter(|(_, event)| event.position > after) {
        into.push(record(&shared, event.position, revision, event)?);
    }
    Ok(())
}

/// What the records of a frame have in common.
struct Shared<'f> {
    topic: &'f Arc<str>,
    source: Bytes,
    subject: Bytes,
    time: Bytes,
    recorded_at: i64,
}

fn record(
    shared: &Shared<'_>,
    position: Position,
    revision: u64,
    event: &RecordedEvent,
) -> Result<RelayRecord, DecodeError> {
    let metadata = Metadata::decode(&event.metadata).map_err(|defect| {
        let event_type = event.event_type.to_string();
        DecodeError { position, event_type, defect }
    })?;
    let key = match metadata.partition {
        Some(contract) => Bytes::from(contract.to_string()),
        None => shared.subject.clone(),
    };
    let id = Uuid::from_bytes(event.id).hyphenated().to_string();
    let mut headers = vec![
        ("content-type", Bytes::from_static(b"application/protobuf")),
        ("ce_specversion", Bytes::from_static(b"1.0")),
        ("ce_id", Bytes::from(id)),
        ("ce_source", shared.source.clone()),
        ("ce_type", Bytes::copy_from_slice(event.event_type.as_bytes())),
        ("ce_subject", shared.subject.clone()),
        ("ce_time", shared.time.clone()),
        ("ce_partitionkey", key.clone()),
        ("ce_kibanposition", Bytes::from(position.to_string())),
        ("ce_kibanrevision", Bytes::from(revision.to_string())),
        ("ce_kibanoccurredat", Bytes::from(metadata.occurred_at.to_string())),
    ];
    if !metadata.traceparent.is_empty() {
        headers.push(("ce_traceparent", Bytes::from(metadata.traceparent)));
    }
    let (topic, payload) = (shared.topic.clone(), event.payload.clone());
    Ok(RelayRecord { topic, key, headers, payload, recorded_at: shared.recorded_at })
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::id::{ContractId, OrganisationId};

    const AT: i64 = 1_774_000_000_000_001;

    fn frame(stream: StreamName, partition: Option<ContractId>, traceparent: &str) -> Frame {
        let metadata = Metadata {
            organisation: OrganisationId::from_u128(1),
            person: None,
            command: None,
            causation: None,
            correlation: None,
            occurred_at: Timestamp::from_micros(AT - 1_000_001).unwrap(),
            partition,
            audience: vec![],
            traceparent: traceparent.into(),
        };
        let event = |number: u8| RecordedEvent {
            position: Position(9 + u64::from(number)),
            id: [number; 16],
            event_type: "kiban.contract.v1.ContractSigned".into(),
            metadata: metadata.encode().into(),
            payload: Bytes::from(vec![number; 3]),
        };
        Frame {
            stream,
            first_position: Position(10),
            first_revision: 4,
            recorded_at: AT,
            events: vec![event(1), event(2)],
        }
    }

    fn all() -> Topics {
        Topics::new("kiban.", &Category::ALL.into_iter().collect())
    }

    fn mapped(frame: &Frame, after: u64) -> Result<Vec<RelayRecord>, DecodeError> {
        let mut into = Vec::new();
        records(frame, all().of(&frame.stream).unwrap(), Position(after), &mut into)?;
        Ok(into)
    }

    fn header<'r>(record: &'r RelayRecord, name: &str) -> Option<&'r str> {
        let found = record.headers.iter().find(|(header, _)| *header == name);
        found.map(|(_, value)| std::str::from_utf8(value).unwrap())
    }

    #[test]
    fn an_event_becomes_a_cloud_event() {
        let contract = ContractId::from_u128(7);
        let trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
        let records = mapped(&frame(Category::Access.stream(contract), Some(contract), trace), 0).unwrap();
        let record = &records[1];
        assert_eq!((&*record.topic, &record.payload[..]), ("kiban.access", &[2; 3][..]));
        assert_eq!(record.key, contract.to_string());
        assert_eq!(record.recorded_at, AT);
        let id = contract.to_string();
        let source = format!("/kiban/access-{contract}");
        for (name, value) in [
            ("content-type", "application/protobuf"),
            ("ce_specversion", "1.0"),
            ("ce_id", "02020202-0202-0202-0202-020202020202"),
            ("ce_source", source.as_str()),
            ("ce_type", "kiban.contract.v1.ContractSigned"),
            ("ce_subject", id.as_str()),
            ("ce_time", "2026-03-20T09:46:40.000001Z"),
            ("ce_partitionkey", id.as_str()),
            ("ce_kibanposition", "11"),
            ("ce_kibanrevision", "5"),
            ("ce_kibanoccurredat", "2026-03-20T09:46:39Z"),
            ("ce_traceparent", trace),
        ] {
            assert_eq!(header(record, name), Some(value), "{name}");
        }
        assert_eq!(record.headers.len(), 12);
    }

    #[test]
    fn without_a_contract_the_key_is_the_stream_s_id() {
        let organisation = OrganisationId::from_u128(9);
        let records = mapped(&frame(Category::Organisation.stream(organisation), None, ""), 10).unwrap();
        // What was examined before is left out.
        assert_eq!(records.len(), 1);
        assert_eq!(records[0].key, organisation.to_string());
        assert_eq!(header(&records[0], "ce_kibanposition"), Some("11"));
        assert_eq!(header(&records[0], "ce_traceparent"), None);
    }

    #[test]
    fn a_spoiled_envelope_is_told_with_its_place() {
        let contract = ContractId::from_u128(7);
        let mut frame = frame(Category::Contract.stream(contract), None, "");
        frame.events[1].metadata = Bytes::from_static(&[0xff]);
        let error = mapped(&frame, 0).unwrap_err();
        assert_eq!(error.position, Position(11));
    }

    #[test]
    fn a_topic_for_each_category_and_none_for_its_own() {
        assert_eq!(all().names().len(), Category::ALL.len() - 1);
        assert_eq!(all().of(&StreamName::new("relay-kafka").unwrap()), None);
        assert_eq!(all().of(&StreamName::new("invoice-1").unwrap()), None);
        let one = Topics::new("t.", &[Category::PriceBook].into());
        assert_eq!(one.names(), [Arc::from("t.price_book")]);
        assert_eq!(one.of(&StreamName::new("contract-1").unwrap()), None);
    }
}
