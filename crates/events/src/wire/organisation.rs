//! Organisations as the wire has them.

use domain::organisation::{Capacity, CapacityGrant, Credential, Profile};
use proto::kiban::membership::v1 as wire;

/// An organisation.
pub fn organisation(profile: &Profile) -> wire::Organisation {
    wire::Organisation {
        id: profile.id.to_string(),
        name: profile.name.as_str().into(),
        country: profile.country.as_str().into(),
        sector: profile.sector.as_ref().map(ToString::to_string).unwrap_or_default(),
        registration_number: profile.registration_number.as_str().into(),
        capacities: profile.capacities.iter().map(grant).collect(),
        credentials: profile.credentials.iter().map(credential).collect(),
    }
}

/// A capacity.
pub const fn capacity(capacity: Capacity) -> wire::Capacity {
    match capacity {
        Capacity::BaseOperator => wire::Capacity::BaseOperator,
        Capacity::Promoter => wire::Capacity::Promoter,
        Capacity::Member => wire::Capacity::Member,
        Capacity::Vendor => wire::Capacity::Vendor,
        Capacity::MedicalInstitution => wire::Capacity::MedicalInstitution,
        Capacity::DataProvider => wire::Capacity::DataProvider,
        Capacity::Investor => wire::Capacity::Investor,
        Capacity::Academic => wire::Capacity::Academic,
    }
}

fn grant(grant: &CapacityGrant) -> wire::CapacityGrant {
    wire::CapacityGrant {
        capacity: capacity(grant.capacity).into(),
        from: grant.from.to_string(),
        until: grant.until.map(|date| date.to_string()).unwrap_or_default(),
    }
}

fn credential(credential: &Credential) -> wire::Credential {
    wire::Credential {
        kind: credential.kind.to_string(),
        number: credential.number.as_str().into(),
        issuer: credential.issuer.as_str().into(),
        valid_from: credential.valid_from.to_string(),
        valid_until: credential.valid_until.to_string(),
    }
}
