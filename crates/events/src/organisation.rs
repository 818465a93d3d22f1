//! Events of organisations as bytes and back.

use domain::organisation::{
    Capacity, CapacityGrant, CapacityGranted, Credential, CredentialAttested, Event, OrganisationRegistered,
    RegistrationNumber,
};
use jiff::civil::Date;
use prost::Message;
use proto::kiban::membership::v1 as form;

use crate::{
    Category, Defect, Recordable,
    field::{date_of_day, day_of_date, defect, id, id_bytes, instant, required, text},
    wire,
};

impl Recordable for Event {
    const CATEGORY: Category = Category::Organisation;

    fn event_type(&self) -> &'static str {
        match self {
            Self::OrganisationRegistered(_) => "kiban.membership.v1.OrganisationRegistered",
            Self::CapacityGranted(_) => "kiban.membership.v1.CapacityGranted",
            Self::CredentialAttested(_) => "kiban.membership.v1.CredentialAttested",
        }
    }

    fn encode(&self) -> Vec<u8> {
        match self {
            Self::OrganisationRegistered(event) => form::OrganisationRegistered {
                organisation: id_bytes(event.id),
                name: event.name.as_str().into(),
                country: event.country.as_str().into(),
                sector: event.sector.as_ref().map(ToString::to_string).unwrap_or_default(),
                registration_number: event.registration_number.as_str().into(),
                capacities: event.capacities.iter().map(encode_grant).collect(),
                registered_at_us: event.at.as_micros(),
            }
            .encode_to_vec(),
            Self::CapacityGranted(event) => form::CapacityGranted {
                grant: Some(encode_grant(&event.grant)),
                granted_at_us: event.at.as_micros(),
            }
            .encode_to_vec(),
            Self::CredentialAttested(event) => form::CredentialAttested {
                credential: Some(encode_credential(&event.credential)),
                attested_at_us: event.at.as_micros(),
            }
            .encode_to_vec(),
        }
    }

    fn decode(event_type: &str, payload: &[u8]) -> Result<Self, Defect> {
        match event_type {
            "kiban.membership.v1.OrganisationRegistered" => decode_registered(payload),
            "kiban.membership.v1.CapacityGranted" => {
                let message = form::CapacityGranted::decode(payload)?;
                Ok(Self::CapacityGranted(CapacityGranted {
                    grant: decode_grant(&required("grant", message.grant)?)?,
                    at: instant("granted_at_us", message.granted_at_us)?,
                }))
            }
            "kiban.membership.v1.CredentialAttested" => {
                let message = form::CredentialAttested::decode(payload)?;
                Ok(Self::CredentialAttested(CredentialAttested {
                    credential: decode_credential(&required("credential", message.credential)?)?,
                    at: instant("attested_at_us", message.attested_at_us)?,
                }))
            }
            unknown => Err(Defect::UnknownType(unknown.into())),
        }
    }
}

fn decode_registered(payload: &[u8]) -> Result<Event, Defect> {
    let message = form::OrganisationRegistered::decode(payload)?;
    let country = text("country", &message.country)?;
    let number = RegistrationNumber::new(country, &message.registration_number);
    let sector = (!message.sector.is_empty()).then(|| text("sector", &message.sector)).transpose()?;
    Ok(Event::OrganisationRegistered(OrganisationRegistered {
        id: id("organisation", &message.organisation)?,
        name: text("name", &message.name)?,
        country,
        sector,
        registration_number: number.map_err(|error| defect("registration_number", error))?,
        capacities: message.capacities.iter().map(decode_grant).collect::<Result<_, _>>()?,
        at: instant("registered_at_us", message.registered_at_us)?,
    }))
}

fn encode_grant(grant: &CapacityGrant) -> form::GrantedCapacity {
    form::GrantedCapacity {
        capacity: capacity_number(grant.capacity),
        from_day: day_of_date(grant.from),
        until_day: grant.until.map(day_of_date),
    }
}

fn decode_grant(grant: &form::GrantedCapacity) -> Result<CapacityGrant, Defect> {
    let date = |field, day: i32| -> Result<Date, Defect> { date_of_day(field, day) };
    Ok(CapacityGrant {
        capacity: Capacity::ALL
            .iter()
            .copied()
            .find(|capacity| capacity_number(*capacity) == grant.capacity)
            .ok_or_else(|| defect("capacity", format!("{} is no capacity", grant.capacity)))?,
        from: date("from_day", grant.from_day)?,
        until: grant.until_day.map(|day| date("until_day", day)).transpose()?,
    })
}

fn encode_credential(credential: &Credential) -> form::AttestedCredential {
    form::AttestedCredential {
        kind: credential.kind.as_str().into(),
        number: credential.number.as_str().into(),
        issuer: credential.issuer.as_str().into(),
        valid_from_day: day_of_date(credential.valid_from),
        valid_until_day: day_of_date(credential.valid_until),
    }
}

fn decode_credential(credential: &form::AttestedCredential) -> Result<Credential, Defect> {
    Ok(Credential {
        kind: text("kind", &credential.kind)?,
        number: text("number", &credential.number)?,
        issuer: text("issuer", &credential.issuer)?,
        valid_from: date_of_day("valid_from_day", credential.valid_from_day)?,
        valid_until: date_of_day("valid_until_day", credential.valid_until_day)?,
    })
}

/// The number of `kiban.membership.v1.Capacity`.
const fn capacity_number(capacity: Capacity) -> u32 {
    wire::capacity(capacity) as u32
}
