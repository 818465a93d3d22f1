//! Command ids, digests, and the ids derived from them.

use domain::id::{Id, Kind, OrganisationId};
use event_log::StreamName;
use proto::CommandRequest;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::{caller::PLATFORM, error::Refusal, reason::Reason};

/// The longest command id, in characters.
pub const MAX_COMMAND_ID: usize = 64;

/// The identity of a command: its id in the calling organisation, and what was asked for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CommandIdentity {
    /// The calling organisation.
    pub organisation: OrganisationId,
    /// The caller's id.
    pub id: String,
    /// SHA-256 of the request's name, and of the request without command id and `validate_only`.
    pub digest: [u8; 32],
}

impl CommandIdentity {
    /// The identity of a request, if its id is well formed.
    pub fn of<R: CommandRequest>(organisation: OrganisationId, request: &R) -> Result<Self, Refusal> {
        let id = request.command_id();
        let length = id.chars().count();
        if !(1..=MAX_COMMAND_ID).contains(&length) || id.chars().any(char::is_control) {
            return Err(Refusal::field(
                Reason::InvalidCommandId,
                "command_id",
                format!(
                    "must be 1 to {MAX_COMMAND_ID} characters without control characters, chosen by the caller and unique in its organisation; it has {length}"
                ),
            ));
        }
        // To pause a contract and to end it are the same bytes: only the name tells them apart.
        let content = request.content().encode_to_vec();
        let digest = Sha256::new().chain_update(R::NAME).chain_update([0]).chain_update(content).finalize();
        let digest = digest.into();
        Ok(Self { organisation, id: id.to_owned(), digest })
    }

    /// The identity of a policy's command under the platform's own organisation: it follows from what caused
    /// it, so that a replay changes nothing.
    pub fn of_policy(policy: &str, causes: &[&[u8]]) -> Self {
        let parts: Vec<&[u8]> = std::iter::once(policy.as_bytes()).chain(causes.iter().copied()).collect();
        let id = Uuid::from_bytes(uuid_v5(&parts));
        let digest = Sha256::digest(id.as_bytes()).into();
        Self { organisation: PLATFORM, id: id.to_string(), digest }
    }

    /// The id of a thing that the command creates: a retry makes the same one.
    pub fn derived<K: Kind>(&self) -> Id<K> {
        Id::from_bytes(uuid_v5(&[&self.organisation.to_bytes(), self.id.as_bytes(), K::PREFIX.as_bytes()]))
    }

    /// The id of the event that the command writes at an index.
    pub fn event_id(&self, stream: &StreamName, index: usize) -> [u8; 16] {
        let index = (index as u64).to_be_bytes();
        let organisation = self.organisation.to_bytes();
        uuid_v5(&[&organisation, stream.as_str().as_bytes(), self.id.as_bytes(), &self.digest, &index])
    }
}

/// A UUIDv5 in Kiban's namespace. Each part is preceded by its length, so that no two lists of parts are one.
pub(crate) fn uuid_v5(parts: &[&[u8]]) -> [u8; 16] {
    /// Random, drawn once.
    const NAMESPACE: Uuid = Uuid::from_u128(0x3f0c_9c5e_6d53_4b0c_9a3d_55d0_77f7_1b2a);
    let mut name = Vec::with_capacity(parts.iter().map(|part| part.len() + 8).sum());
    for part in parts {
        name.extend_from_slice(&(part.len() as u64).to_be_bytes());
        name.extend_from_slice(part);
    }
    Uuid::new_v5(&NAMESPACE, &name).into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::id::{ContractId, OrderId};
    use prost::Message;
    use proto::kiban::contract::v1::{ApplyForContractRequest, ResumeContractRequest, SignContractRequest};

    fn apply(command_id: &str, issuer: &str) -> ApplyForContractRequest {
        ApplyForContractRequest {
            command_id: command_id.into(),
            issuer_id: issuer.into(),
            ..Default::default()
        }
    }

    const ORG: OrganisationId = OrganisationId::from_u128(1);

    #[test]
    fn the_digest_is_over_the_content_alone() {
        let one = CommandIdentity::of(ORG, &apply("a", "org_x")).unwrap();
        let retry = ApplyForContractRequest { validate_only: true, ..apply("a", "org_x") };
        assert_eq!(CommandIdentity::of(ORG, &retry).unwrap(), one);
        assert_eq!(CommandIdentity::of(ORG, &apply("b", "org_x")).unwrap().digest, one.digest);
        assert_ne!(CommandIdentity::of(ORG, &apply("a", "org_y")).unwrap().digest, one.digest);
    }

    #[test]
    fn requests_of_two_kinds_are_not_the_same_though_their_bytes_are() {
        let contract_id = "ctr_x".to_owned();
        let sign = SignContractRequest {
            command_id: "a".into(),
            contract_id: contract_id.clone(),
            ..Default::default()
        };
        let resume = ResumeContractRequest { command_id: "a".into(), contract_id, ..Default::default() };
        assert_eq!(sign.encode_to_vec(), resume.encode_to_vec());
        let digest = CommandIdentity::of(ORG, &sign).unwrap().digest;
        assert_ne!(digest, CommandIdentity::of(ORG, &resume).unwrap().digest);
        assert_eq!(SignContractRequest::NAME, "kiban.contract.v1.SignContractRequest");
    }

    #[test]
    fn what_was_expected_is_content() {
        let sign = |revision| SignContractRequest {
            command_id: "s".into(),
            expected_revision: revision,
            ..Default::default()
        };
        let digest = |revision| CommandIdentity::of(ORG, &sign(revision)).unwrap().digest;
        assert_eq!(sign(Some(3)).expected(), Some(3));
        assert_ne!(digest(Some(3)), digest(None));
    }

    #[test]
    fn ids_follow_from_organisation_command_and_kind() {
        let one = CommandIdentity::of(ORG, &apply("a", "org_x")).unwrap();
        let other = CommandIdentity::of(OrganisationId::from_u128(2), &apply("a", "org_x")).unwrap();
        let contract: ContractId = one.derived();
        assert_eq!(contract, one.derived());
        assert_ne!(contract, other.derived());
        assert_ne!(contract.as_u128(), one.derived::<domain::id::Order>().as_u128());
        let _: OrderId = one.derived();
    }

    #[test]
    fn wrong_ids_are_refused() {
        for id in ["", &"x".repeat(65), "a\nb"] {
            assert_eq!(
                CommandIdentity::of(ORG, &apply(id, "")).unwrap_err().reason,
                Reason::InvalidCommandId
            );
        }
        assert!(CommandIdentity::of(ORG, &apply(&"界".repeat(64), "")).is_ok());
    }
}
