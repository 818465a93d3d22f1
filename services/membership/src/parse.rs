//! Requests into commands.

use domain::{
    id::OrganisationId,
    organisation::{
        AttestCredential, Capacity, CapacityGrant, Credential, GrantCapacity, RegisterOrganisation,
        RegistrationNumber,
    },
    time::Timestamp,
};
use engine::{
    Refusal,
    parse::{date, text},
};
use proto::kiban::membership::v1 as wire;

pub(crate) fn register(
    id: OrganisationId,
    request: &wire::RegisterOrganisationRequest,
    at: Timestamp,
) -> Result<RegisterOrganisation, Refusal> {
    let country = text("country", &request.country)?;
    let sector = (!request.sector.is_empty()).then(|| text("sector", &request.sector)).transpose()?;
    let number = RegistrationNumber::new(country, &request.registration_number);
    let grants = request.capacities.iter().enumerate();
    Ok(RegisterOrganisation {
        id,
        name: text("name", &request.name)?,
        country,
        sector,
        registration_number: number.map_err(|error| Refusal::invalid("registration_number", error))?,
        capacities: grants
            .map(|(index, grant)| capacity_grant(&format!("capacities[{index}]"), grant))
            .collect::<Result<_, _>>()?,
        at,
    })
}

pub(crate) fn grant(request: &wire::GrantCapacityRequest, at: Timestamp) -> Result<GrantCapacity, Refusal> {
    let grant = request.grant.as_ref().ok_or_else(|| Refusal::invalid("grant", "is missing"))?;
    Ok(GrantCapacity { grant: capacity_grant("grant", grant)?, at })
}

pub(crate) fn attest(
    request: &wire::AttestCredentialRequest,
    at: Timestamp,
) -> Result<AttestCredential, Refusal> {
    let credential =
        request.credential.as_ref().ok_or_else(|| Refusal::invalid("credential", "is missing"))?;
    let credential = Credential {
        kind: text("credential.kind", &credential.kind)?,
        number: text("credential.number", &credential.number)?,
        issuer: text("credential.issuer", &credential.issuer)?,
        valid_from: date("credential.valid_from", &credential.valid_from)?,
        valid_until: date("credential.valid_until", &credential.valid_until)?,
    };
    Ok(AttestCredential { credential, at })
}

fn capacity_grant(field: &str, grant: &wire::CapacityGrant) -> Result<CapacityGrant, Refusal> {
    let until = (!grant.until.is_empty()).then(|| date(&format!("{field}.until"), &grant.until));
    Ok(CapacityGrant {
        capacity: capacity(&format!("{field}.capacity"), grant.capacity)?,
        from: date(&format!("{field}.from"), &grant.from)?,
        until: until.transpose()?,
    })
}

fn capacity(field: &str, number: i32) -> Result<Capacity, Refusal> {
    use wire::Capacity as Wire;
    match Wire::try_from(number) {
        Ok(Wire::BaseOperator) => Ok(Capacity::BaseOperator),
        Ok(Wire::Promoter) => Ok(Capacity::Promoter),
        Ok(Wire::Member) => Ok(Capacity::Member),
        Ok(Wire::Vendor) => Ok(Capacity::Vendor),
        Ok(Wire::MedicalInstitution) => Ok(Capacity::MedicalInstitution),
        Ok(Wire::DataProvider) => Ok(Capacity::DataProvider),
        Ok(Wire::Investor) => Ok(Capacity::Investor),
        Ok(Wire::Academic) => Ok(Capacity::Academic),
        Ok(Wire::Unspecified) | Err(_) => Err(Refusal::invalid(field, "is no capacity")),
    }
}
