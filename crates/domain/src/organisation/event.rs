//! What has happened to an organisation.

use crate::{
    country::Country,
    id::OrganisationId,
    organisation::{CapacityGrant, Credential, RegistrationNumber},
    terms::Sector,
    text::Name,
    time::Timestamp,
};

/// An event of one organisation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// An organisation was entered.
    OrganisationRegistered(OrganisationRegistered),
    /// An organisation was given a capacity.
    CapacityGranted(CapacityGranted),
    /// A credential of an organisation was attested.
    CredentialAttested(CredentialAttested),
}

/// An organisation was entered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrganisationRegistered {
    /// Its id.
    pub id: OrganisationId,
    /// Its name.
    pub name: Name,
    /// Where it has its seat.
    pub country: Country,
    /// The branch in which it works, if known.
    pub sector: Option<Sector>,
    /// The number under which its country's registry has it.
    pub registration_number: RegistrationNumber,
    /// In which capacities it takes part: sorted by capacity and date, merged.
    pub capacities: Vec<CapacityGrant>,
    /// When it was entered.
    pub at: Timestamp,
}

/// An organisation was given a capacity.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CapacityGranted {
    /// The capacity and its dates, as granted; the state merges them with what it had.
    pub grant: CapacityGrant,
    /// When it was granted.
    pub at: Timestamp,
}

/// A credential of an organisation was attested.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CredentialAttested {
    /// The credential and its dates, as attested; the state merges them with what it had.
    pub credential: Credential,
    /// When it was attested.
    pub at: Timestamp,
}
