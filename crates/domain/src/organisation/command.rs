//! What somebody wants of an organisation.

use crate::{
    country::Country,
    id::OrganisationId,
    organisation::{CapacityGrant, Credential, RegistrationNumber},
    terms::Sector,
    text::Name,
    time::Timestamp,
};

/// A command to one organisation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// Enter an organisation.
    RegisterOrganisation(RegisterOrganisation),
    /// Let an organisation take part in one more capacity, or for longer.
    GrantCapacity(GrantCapacity),
    /// Attest a credential of an organisation, or a longer one.
    AttestCredential(AttestCredential),
}

/// Enter an organisation.
///
/// That no other organisation has the same registration number is not decided here: the service reserves the
/// number first (see [`reservation`](crate::reservation)).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegisterOrganisation {
    /// Its id.
    pub id: OrganisationId,
    /// Its name, as its registry has it.
    pub name: Name,
    /// Where it has its seat.
    pub country: Country,
    /// The branch in which it works, if known.
    pub sector: Option<Sector>,
    /// The number under which its country's registry has it.
    pub registration_number: RegistrationNumber,
    /// In which capacities it takes part; none yet is allowed.
    pub capacities: Vec<CapacityGrant>,
    /// Now.
    pub at: Timestamp,
}

/// Let an organisation take part in one more capacity, or for longer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GrantCapacity {
    /// The capacity and its dates.
    pub grant: CapacityGrant,
    /// Now.
    pub at: Timestamp,
}

/// Attest a credential of an organisation, or a longer one.
///
/// Who attests has seen the document; that only those who run the forum do so is the service's to check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AttestCredential {
    /// The credential and its dates.
    pub credential: Credential,
    /// Now.
    pub at: Timestamp,
}
