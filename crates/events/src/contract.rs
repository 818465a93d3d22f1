//! Events of contracts as bytes and back.

mod terms;

use std::collections::BTreeSet;

use domain::{
    contract::{
        ContractActivated, ContractApplied, ContractApproved, ContractExpired, ContractKind, ContractOffered,
        ContractPaused, ContractRejected, ContractRenewed, ContractResumed, ContractSigned,
        ContractTerminated, Event, Lane, TierChanged,
    },
    id::OrganisationId,
    time::Timestamp,
};
use prost::Message;
use proto::kiban::contract::v1 as form;

use crate::{
    Category, Defect, Recordable,
    contract::terms::{decode_quotas, decode_terms, encode_quotas, encode_terms},
    field::{defect, id, id_bytes, instant, required, text},
    wire,
};

const APPLIED: &str = "kiban.contract.v1.ContractApplied";
const APPROVED: &str = "kiban.contract.v1.ContractApproved";
const REJECTED: &str = "kiban.contract.v1.ContractRejected";
const OFFERED: &str = "kiban.contract.v1.ContractOffered";
const SIGNED: &str = "kiban.contract.v1.ContractSigned";
const ACTIVATED: &str = "kiban.contract.v1.ContractActivated";
const TIER_CHANGED: &str = "kiban.contract.v1.TierChanged";
const PAUSED: &str = "kiban.contract.v1.ContractPaused";
const RESUMED: &str = "kiban.contract.v1.ContractResumed";
const RENEWED: &str = "kiban.contract.v1.ContractRenewed";
const EXPIRED: &str = "kiban.contract.v1.ContractExpired";
const TERMINATED: &str = "kiban.contract.v1.ContractTerminated";

impl Recordable for Event {
    const CATEGORY: Category = Category::Contract;

    fn event_type(&self) -> &'static str {
        match self {
            Self::ContractApplied(_) => APPLIED,
            Self::ContractApproved(_) => APPROVED,
            Self::ContractRejected(_) => REJECTED,
            Self::ContractOffered(_) => OFFERED,
            Self::ContractSigned(_) => SIGNED,
            Self::ContractActivated(_) => ACTIVATED,
            Self::TierChanged(_) => TIER_CHANGED,
            Self::ContractPaused(_) => PAUSED,
            Self::ContractResumed(_) => RESUMED,
            Self::ContractRenewed(_) => RENEWED,
            Self::ContractExpired(_) => EXPIRED,
            Self::ContractTerminated(_) => TERMINATED,
        }
    }

    fn encode(&self) -> Vec<u8> {
        match self {
            Self::ContractApplied(event) => encode_applied(event),
            Self::ContractApproved(event) => form::ContractApproved {
                approved_by: id_bytes(event.by),
                valid_until_us: event.valid_until.as_micros(),
                approved_at_us: event.at.as_micros(),
            }
            .encode_to_vec(),
            Self::ContractRejected(event) => form::ContractRejected {
                rejected_by: id_bytes(event.by),
                reason: event.reason.as_str().into(),
                rejected_at_us: event.at.as_micros(),
            }
            .encode_to_vec(),
            Self::ContractOffered(event) => form::ContractOffered {
                terms: Some(encode_terms(&event.terms)),
                parties: event.parties.iter().copied().map(id_bytes).collect(),
                offered_at_us: event.at.as_micros(),
            }
            .encode_to_vec(),
            Self::ContractSigned(event) => form::ContractSigned {
                party: id_bytes(event.party),
                signed_by: id_bytes(event.person),
                signed_at_us: event.at.as_micros(),
            }
            .encode_to_vec(),
            Self::ContractActivated(event) => {
                form::ContractActivated { effective_at_us: event.effective_at.as_micros() }.encode_to_vec()
            }
            Self::TierChanged(event) => encode_tier_changed(event),
            Self::ContractPaused(event) => form::ContractPaused {
                reason: event.reason.as_str().into(),
                effective_at_us: event.effective_at.as_micros(),
            }
            .encode_to_vec(),
            Self::ContractResumed(event) => {
                form::ContractResumed { effective_at_us: event.effective_at.as_micros() }.encode_to_vec()
            }
            Self::ContractRenewed(event) => encode_renewed(event),
            Self::ContractExpired(event) => {
                form::ContractExpired { effective_at_us: event.effective_at.as_micros() }.encode_to_vec()
            }
            Self::ContractTerminated(event) => encode_terminated(event),
        }
    }

    fn decode(event_type: &str, payload: &[u8]) -> Result<Self, Defect> {
        match event_type {
            APPLIED => decode_applied(payload).map(Self::ContractApplied),
            APPROVED => decode_approved(payload).map(Self::ContractApproved),
            REJECTED => decode_rejected(payload).map(Self::ContractRejected),
            OFFERED => decode_offered(payload).map(Self::ContractOffered),
            SIGNED => decode_signed(payload).map(Self::ContractSigned),
            ACTIVATED => {
                let message = form::ContractActivated::decode(payload)?;
                let effective_at = effective_at(message.effective_at_us)?;
                Ok(Self::ContractActivated(ContractActivated { effective_at }))
            }
            TIER_CHANGED => decode_tier_changed(payload).map(Self::TierChanged),
            PAUSED => {
                let message = form::ContractPaused::decode(payload)?;
                Ok(Self::ContractPaused(ContractPaused {
                    reason: text("reason", &message.reason)?,
                    effective_at: effective_at(message.effective_at_us)?,
                }))
            }
            RESUMED => {
                let message = form::ContractResumed::decode(payload)?;
                let effective_at = effective_at(message.effective_at_us)?;
                Ok(Self::ContractResumed(ContractResumed { effective_at }))
            }
            RENEWED => decode_renewed(payload).map(Self::ContractRenewed),
            EXPIRED => {
                let message = form::ContractExpired::decode(payload)?;
                let effective_at = effective_at(message.effective_at_us)?;
                Ok(Self::ContractExpired(ContractExpired { effective_at }))
            }
            TERMINATED => decode_terminated(payload).map(Self::ContractTerminated),
            unknown => Err(Defect::UnknownType(unknown.into())),
        }
    }
}

fn encode_applied(event: &ContractApplied) -> Vec<u8> {
    form::ContractApplied {
        contract: id_bytes(event.id),
        kind: kind_number(event.kind),
        applicant: id_bytes(event.applicant),
        issuer: id_bytes(event.issuer),
        purposes: event.purposes.iter().map(ToString::to_string).collect(),
        applied_at_us: event.at.as_micros(),
        lane: lane_number(event.lane),
    }
    .encode_to_vec()
}

fn decode_applied(payload: &[u8]) -> Result<ContractApplied, Defect> {
    let message = form::ContractApplied::decode(payload)?;
    let kind = ContractKind::ALL.iter().copied().find(|kind| kind_number(*kind) == message.kind);
    Ok(ContractApplied {
        id: id("contract", &message.contract)?,
        kind: kind.ok_or_else(|| defect("kind", format!("{} is no kind of contract", message.kind)))?,
        applicant: id("applicant", &message.applicant)?,
        issuer: id("issuer", &message.issuer)?,
        purposes: message.purposes.iter().map(|name| text("purposes", name)).collect::<Result<_, _>>()?,
        lane: lane(message.lane)?,
        at: instant("applied_at_us", message.applied_at_us)?,
    })
}

fn decode_approved(payload: &[u8]) -> Result<ContractApproved, Defect> {
    let message = form::ContractApproved::decode(payload)?;
    Ok(ContractApproved {
        by: id("approved_by", &message.approved_by)?,
        valid_until: instant("valid_until_us", message.valid_until_us)?,
        at: instant("approved_at_us", message.approved_at_us)?,
    })
}

fn decode_rejected(payload: &[u8]) -> Result<ContractRejected, Defect> {
    let message = form::ContractRejected::decode(payload)?;
    Ok(ContractRejected {
        by: id("rejected_by", &message.rejected_by)?,
        reason: text("reason", &message.reason)?,
        at: instant("rejected_at_us", message.rejected_at_us)?,
    })
}

fn decode_offered(payload: &[u8]) -> Result<ContractOffered, Defect> {
    let message = form::ContractOffered::decode(payload)?;
    let parties: BTreeSet<OrganisationId> =
        message.parties.iter().map(|party| id("parties", party)).collect::<Result<_, _>>()?;
    Ok(ContractOffered {
        parties,
        terms: decode_terms(&required("terms", message.terms)?)?,
        at: instant("offered_at_us", message.offered_at_us)?,
    })
}

fn decode_signed(payload: &[u8]) -> Result<ContractSigned, Defect> {
    let message = form::ContractSigned::decode(payload)?;
    Ok(ContractSigned {
        party: id("party", &message.party)?,
        person: id("signed_by", &message.signed_by)?,
        at: instant("signed_at_us", message.signed_at_us)?,
    })
}

fn encode_tier_changed(event: &TierChanged) -> Vec<u8> {
    form::TierChanged {
        tier: event.tier.as_str().into(),
        quotas: encode_quotas(&event.quotas),
        effective_at_us: event.effective_at.as_micros(),
        changed_at_us: event.at.as_micros(),
    }
    .encode_to_vec()
}

fn decode_tier_changed(payload: &[u8]) -> Result<TierChanged, Defect> {
    let message = form::TierChanged::decode(payload)?;
    Ok(TierChanged {
        tier: text("tier", &message.tier)?,
        quotas: decode_quotas(&message.quotas)?,
        effective_at: effective_at(message.effective_at_us)?,
        at: instant("changed_at_us", message.changed_at_us)?,
    })
}

fn encode_renewed(event: &ContractRenewed) -> Vec<u8> {
    form::ContractRenewed {
        end_us: event.ends_at.as_micros(),
        renewed_at_us: event.at.as_micros(),
        terms: event.terms.as_ref().map(encode_terms),
    }
    .encode_to_vec()
}

fn decode_renewed(payload: &[u8]) -> Result<ContractRenewed, Defect> {
    let message = form::ContractRenewed::decode(payload)?;
    Ok(ContractRenewed {
        ends_at: instant("end_us", message.end_us)?,
        terms: message.terms.as_ref().map(decode_terms).transpose()?,
        at: instant("renewed_at_us", message.renewed_at_us)?,
    })
}

fn encode_terminated(event: &ContractTerminated) -> Vec<u8> {
    form::ContractTerminated {
        reason: event.reason.as_str().into(),
        terminated_by: id_bytes(event.by),
        effective_at_us: event.effective_at.as_micros(),
        terminated_at_us: event.at.as_micros(),
    }
    .encode_to_vec()
}

fn decode_terminated(payload: &[u8]) -> Result<ContractTerminated, Defect> {
    let message = form::ContractTerminated::decode(payload)?;
    Ok(ContractTerminated {
        by: id("terminated_by", &message.terminated_by)?,
        reason: text("reason", &message.reason)?,
        effective_at: effective_at(message.effective_at_us)?,
        at: instant("terminated_at_us", message.terminated_at_us)?,
    })
}

fn effective_at(micros: i64) -> Result<Timestamp, Defect> {
    instant("effective_at_us", micros)
}

/// The number of `kiban.contract.v1.ContractKind`.
const fn kind_number(kind: ContractKind) -> u32 {
    wire::contract_kind(kind) as u32
}

/// The number of `kiban.contract.v1.Lane`; nothing for the standard one, which was the only one at first.
const fn lane_number(lane: Lane) -> u32 {
    match lane {
        Lane::Standard => 0,
        Lane::Expedited => wire::contract_lane(lane) as u32,
    }
}

fn lane(number: u32) -> Result<Lane, Defect> {
    let lane = [Lane::Standard, Lane::Expedited].into_iter().find(|lane| lane_number(*lane) == number);
    lane.ok_or_else(|| defect("lane", format!("{number} is no lane")))
}

#[cfg(test)]
mod tests;
