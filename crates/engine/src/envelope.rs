//! What stands around an event: the caller's envelope, the facts it was decided on, whom it concerns.

use domain::{
    Decider,
    id::{ContractId, OrganisationId},
    time::Timestamp,
};
use event_log::{Append, CommandKey, ExpectedRevision, Guard, NewEvent, StreamName};
use events::{Metadata, Recordable};
use sha2::{Digest, Sha256};

use crate::{
    caller::{Caller, PLATFORM},
    command::{CommandIdentity, uuid_v5},
};

/// Who asks, and how: what the envelope of the events is made of.
#[derive(Clone, Debug)]
pub struct Envelope {
    /// The caller.
    pub caller: Caller,
    /// The command's identity; none for usage, whose records have keys of their own.
    pub command: Option<CommandIdentity>,
    /// The revision at which the caller saw the thing, if it said so.
    pub expected_revision: Option<u64>,
    /// Decide, but write nothing.
    pub validate_only: bool,
    /// When it happened.
    pub at: Timestamp,
    /// W3C Trace Context.
    pub traceparent: String,
}

impl Envelope {
    /// The envelope of a policy's command: the platform's own organisation asks, and nobody else does.
    pub fn of_policy(identity: CommandIdentity, at: Timestamp) -> Self {
        Self {
            caller: Caller { organisation: PLATFORM, person: None, roles: Vec::new() },
            command: Some(identity),
            expected_revision: None,
            validate_only: false,
            at,
            traceparent: String::new(),
        }
    }
}

/// What makes an event this one where no command id does, such as the key of its first record.
pub type RecordKey<E> = fn(&E) -> Vec<u8>;

/// A command with the facts it needs, and the streams that those facts were read from.
pub struct Prepared<D: Decider> {
    /// The command.
    pub command: D::Command,
    /// The streams on which its facts stand: the append holds only if they have not moved.
    pub guards: Vec<Guard>,
    /// The organisations concerned, beside the caller.
    pub audience: Vec<OrganisationId>,
    /// The contract by which folds may be sharded.
    pub partition: Option<ContractId>,
    /// The case to which it belongs.
    pub correlation: Option<[u8; 16]>,
    /// For events without a command id: what makes an event this one, beside its bytes.
    pub record_key: Option<RecordKey<D::Event>>,
}

impl<D: Decider> Prepared<D> {
    /// A command that needs no facts from elsewhere.
    pub fn new(command: D::Command) -> Self {
        Self {
            command,
            guards: Vec::new(),
            audience: Vec::new(),
            partition: None,
            correlation: None,
            record_key: None,
        }
    }

    /// The command, and what stands around it.
    pub(crate) fn parted(self) -> (D::Command, Around<D::Event>) {
        let Self { command, guards, audience, partition, correlation, record_key } = self;
        (command, Around { guards, audience, partition, correlation, record_key })
    }

    /// Names a stream on which its facts stand.
    pub fn guarded_by(mut self, guards: impl IntoIterator<Item = Guard>) -> Self {
        self.guards.extend(guards);
        self
    }

    /// Names organisations that are concerned.
    pub fn concerning(mut self, audience: impl IntoIterator<Item = OrganisationId>) -> Self {
        self.audience.extend(audience);
        self
    }

    /// Names the contract, which is also the case.
    pub fn under(mut self, contract: ContractId) -> Self {
        self.partition = Some(contract);
        self.correlation = Some(contract.to_bytes());
        self
    }
}

/// A command's surroundings, without the command.
pub(crate) struct Around<E> {
    guards: Vec<Guard>,
    audience: Vec<OrganisationId>,
    partition: Option<ContractId>,
    correlation: Option<[u8; 16]>,
    record_key: Option<RecordKey<E>>,
}

impl<E: Recordable> Around<E> {
    /// The append of the events that follow from the command, on a stream at a revision.
    pub(crate) fn append(
        self,
        stream: &StreamName,
        revision: Option<u64>,
        envelope: &Envelope,
        events: &[E],
    ) -> Append {
        let metadata = metadata(envelope, self.audience, self.partition, self.correlation);
        let command = envelope.command.as_ref().map(|command| CommandKey {
            scope: command.organisation.to_bytes(),
            id: command.id.clone(),
            digest: command.digest,
        });
        Append {
            stream: stream.clone(),
            expected: revision.map_or(ExpectedRevision::NoStream, ExpectedRevision::Exact),
            guards: self.guards,
            command,
            events: encode(stream, envelope, self.record_key, events, &metadata),
        }
    }
}

fn metadata(
    envelope: &Envelope,
    mut audience: Vec<OrganisationId>,
    partition: Option<ContractId>,
    correlation: Option<[u8; 16]>,
) -> bytes::Bytes {
    audience.push(envelope.caller.organisation);
    audience.sort_unstable();
    audience.dedup();
    Metadata {
        organisation: envelope.caller.organisation,
        person: envelope.caller.person,
        command: envelope.command.as_ref().map(|command| (command.id.clone(), command.digest)),
        causation: None,
        correlation,
        occurred_at: envelope.at,
        partition,
        audience,
        traceparent: envelope.traceparent.clone(),
    }
    .encode()
    .into()
}

fn encode<E: Recordable>(
    stream: &StreamName,
    envelope: &Envelope,
    record_key: Option<RecordKey<E>>,
    events: &[E],
    metadata: &bytes::Bytes,
) -> Vec<NewEvent> {
    let new_event = |(index, event): (usize, &E)| {
        let payload = event.encode();
        let id = match (&envelope.command, record_key) {
            (Some(command), _) => command.event_id(stream, index),
            (None, key) => {
                let digest = Sha256::digest(&payload);
                let key = key.map(|key| key(event)).unwrap_or_default();
                uuid_v5(&[stream.as_str().as_bytes(), &digest, &key])
            }
        };
        NewEvent {
            id,
            event_type: event.event_type().into(),
            metadata: metadata.clone(),
            payload: payload.into(),
        }
    };
    events.iter().enumerate().map(new_event).collect()
}
