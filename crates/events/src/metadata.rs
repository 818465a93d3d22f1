//! The envelope of an event: who, why, when and for whom.

use domain::{
    id::{ContractId, OrganisationId, PersonId},
    time::Timestamp,
};
use prost::Message;
use proto::kiban::common::v1::EventMetadata;

use crate::{Defect, field};

/// The envelope of an event. It holds no personal data: people are random ids.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Metadata {
    /// The calling organisation.
    pub organisation: OrganisationId,
    /// The calling person; none for a machine.
    pub person: Option<PersonId>,
    /// The caller's command id and the digest of the request; none for usage, whose records have keys.
    pub command: Option<(String, [u8; 32])>,
    /// The event that caused this one; none for a caller's command.
    pub causation: Option<[u8; 16]>,
    /// The case to which it belongs, across streams.
    pub correlation: Option<[u8; 16]>,
    /// When it happened.
    pub occurred_at: Timestamp,
    /// The contract by which folds may be sharded; none concerns every shard.
    pub partition: Option<ContractId>,
    /// The organisations concerned, who may watch it happen.
    pub audience: Vec<OrganisationId>,
    /// W3C Trace Context; empty if there was none.
    pub traceparent: String,
}

impl Metadata {
    /// Its bytes.
    pub fn encode(&self) -> Vec<u8> {
        let (command_id, command_digest) = match &self.command {
            Some((id, digest)) => (id.clone(), digest.to_vec()),
            None => Default::default(),
        };
        EventMetadata {
            organisation: field::id_bytes(self.organisation),
            person: self.person.map(field::id_bytes).unwrap_or_default(),
            command_id,
            command_digest,
            causation: self.causation.map(Vec::from).unwrap_or_default(),
            correlation: self.correlation.map(Vec::from).unwrap_or_default(),
            occurred_at_us: self.occurred_at.as_micros(),
            partition_key: self.partition.map(field::id_bytes).unwrap_or_default(),
            audience: self.audience.iter().copied().map(field::id_bytes).collect(),
            traceparent: self.traceparent.clone(),
        }
        .encode_to_vec()
    }

    /// Reads it back.
    pub fn decode(bytes: &[u8]) -> Result<Self, Defect> {
        let message = EventMetadata::decode(bytes)?;
        Ok(Self {
            organisation: field::id("organisation", &message.organisation)?,
            person: field::optional_id("person", &message.person)?,
            command: command(message.command_id, &message.command_digest)?,
            causation: optional_bytes("causation", &message.causation)?,
            correlation: optional_bytes("correlation", &message.correlation)?,
            occurred_at: field::instant("occurred_at_us", message.occurred_at_us)?,
            partition: field::optional_id("partition_key", &message.partition_key)?,
            audience: message
                .audience
                .iter()
                .map(|id| field::id("audience", id))
                .collect::<Result<_, _>>()?,
            traceparent: message.traceparent,
        })
    }
}

fn command(id: String, digest: &[u8]) -> Result<Option<(String, [u8; 32])>, Defect> {
    if id.is_empty() {
        return Ok(None);
    }
    let digest = digest.try_into().map_err(|_| field::defect("command_digest", "not 32 bytes"))?;
    Ok(Some((id, digest)))
}

fn optional_bytes(name: &'static str, bytes: &[u8]) -> Result<Option<[u8; 16]>, Defect> {
    if bytes.is_empty() {
        return Ok(None);
    }
    bytes.try_into().map(Some).map_err(|_| field::defect(name, "not 16 bytes"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_back_full_and_bare() {
        let full = Metadata {
            organisation: OrganisationId::from_u128(1),
            person: Some(PersonId::from_u128(2)),
            command: Some(("sign-1".into(), [3; 32])),
            causation: Some([4; 16]),
            correlation: Some([5; 16]),
            occurred_at: Timestamp::from_micros(1_774_000_000_000_000).unwrap(),
            partition: Some(ContractId::from_u128(6)),
            audience: vec![OrganisationId::from_u128(1), OrganisationId::from_u128(7)],
            traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01".into(),
        };
        let bare = Metadata {
            person: None,
            command: None,
            causation: None,
            correlation: None,
            partition: None,
            audience: vec![],
            traceparent: String::new(),
            ..full.clone()
        };
        for metadata in [full, bare] {
            assert_eq!(Metadata::decode(&metadata.encode()), Ok(metadata));
        }
    }

    #[test]
    fn wrong_bytes_name_the_field() {
        let message = EventMetadata { organisation: vec![1; 15], ..Default::default() };
        let error = Metadata::decode(&message.encode_to_vec()).unwrap_err();
        assert_eq!(error.to_string(), "field organisation: 15 bytes are no id");
        assert!(matches!(Metadata::decode(&[0xff]), Err(Defect::Malformed(_))));
    }
}
