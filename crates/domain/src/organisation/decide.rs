//! What an organisation may not do.

use jiff::civil::Date;

use crate::{
    country::Country,
    id::OrganisationId,
    organisation::{
        AttestCredential, Capacity, CapacityGrant, CapacityGranted, Command, Credential, CredentialAttested,
        Event, GrantCapacity, Organisation, OrganisationRegistered, Profile, RegisterOrganisation,
        credential, state::merged,
    },
    terms::CredentialKind,
    text::{Name, Text},
};

/// The most capacity grants of one registration, and of one organisation after merging.
pub(super) const MOST_GRANTS: usize = 64;
/// The most credentials of one organisation after merging, those that have ended among them.
pub(super) const MOST_CREDENTIALS: usize = 256;

/// Why a command to an organisation was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    /// A grant's end is not after its start.
    #[error("a grant of {} from {from} until {until} holds no date", capacity.as_str())]
    GrantHoldsNoDate {
        /// The capacity.
        capacity: Capacity,
        /// Its first date.
        from: Date,
        /// The date on which it would end.
        until: Date,
    },
    /// The organisation would have more grants than are kept.
    #[error("{grants} capacity grants are more than {most}")]
    TooManyGrants {
        /// How many there would be.
        grants: usize,
        /// How many there may be.
        most: usize,
    },
    /// The registration number is of another country than the seat.
    #[error("the registration number is one of {number}, the seat is in {seat}")]
    RegisteredElsewhere {
        /// The country of the seat.
        seat: Country,
        /// The country of the number.
        number: Country,
    },
    /// The organisation has been entered before, with other particulars.
    #[error("organisation {id} is already registered with other particulars")]
    AlreadyRegistered {
        /// The organisation.
        id: OrganisationId,
    },
    /// A credential's end is not after its start.
    #[error("a credential from {valid_from} until {valid_until} holds on no date")]
    CredentialHoldsNoDate {
        /// Its first date.
        valid_from: Date,
        /// The date on which it would end.
        valid_until: Date,
    },
    /// The same kind and number are known as another issuer's.
    #[error("{kind} {number} was attested as given by {issuer}")]
    CredentialOfAnotherIssuer {
        /// The kind of the credential.
        kind: CredentialKind,
        /// Its number.
        number: Text<100>,
        /// Who gave it, as attested before.
        issuer: Name,
    },
    /// The organisation would have more credentials than are kept.
    #[error("{credentials} credentials are more than {most}")]
    TooManyCredentials {
        /// How many there would be.
        credentials: usize,
        /// How many there may be.
        most: usize,
    },
    /// The organisation has not been entered.
    #[error("the organisation is not registered")]
    NotRegistered,
}

pub(super) fn decide(state: &Organisation, command: Command) -> Result<Vec<Event>, Rejection> {
    match command {
        Command::RegisterOrganisation(command) => register(state, command),
        Command::GrantCapacity(command) => grant(state, command),
        Command::AttestCredential(command) => attest(state, command),
    }
}

fn register(state: &Organisation, command: RegisterOrganisation) -> Result<Vec<Event>, Rejection> {
    if command.capacities.len() > MOST_GRANTS {
        return Err(Rejection::TooManyGrants { grants: command.capacities.len(), most: MOST_GRANTS });
    }
    if command.registration_number.country() != command.country {
        return Err(Rejection::RegisteredElsewhere {
            seat: command.country,
            number: command.registration_number.country(),
        });
    }
    command.capacities.iter().try_for_each(holds_a_date)?;
    let registered = OrganisationRegistered {
        id: command.id,
        name: command.name,
        country: command.country,
        sector: command.sector,
        registration_number: command.registration_number,
        capacities: merged(command.capacities),
        at: command.at,
    };
    match state {
        Organisation::Vacant => Ok(vec![Event::OrganisationRegistered(registered)]),
        Organisation::Registered(profile) if same_particulars(profile, &registered) => Ok(vec![]),
        Organisation::Registered(profile) => Err(Rejection::AlreadyRegistered { id: profile.id }),
    }
}

fn grant(state: &Organisation, command: GrantCapacity) -> Result<Vec<Event>, Rejection> {
    let GrantCapacity { grant, at } = command;
    holds_a_date(&grant)?;
    let Organisation::Registered(profile) = state else { return Err(Rejection::NotRegistered) };
    // Merged grants never touch, so one of them holds all the dates of the new one, or some are new.
    if profile.capacities.iter().any(|held| held.contains(&grant)) {
        return Ok(vec![]);
    }
    let grants = merged([profile.capacities.as_slice(), &[grant]].concat()).len();
    if grants > MOST_GRANTS {
        return Err(Rejection::TooManyGrants { grants, most: MOST_GRANTS });
    }
    Ok(vec![Event::CapacityGranted(CapacityGranted { grant, at })])
}

fn attest(state: &Organisation, command: AttestCredential) -> Result<Vec<Event>, Rejection> {
    let AttestCredential { credential, at } = command;
    if credential.is_empty() {
        let Credential { valid_from, valid_until, .. } = credential;
        return Err(Rejection::CredentialHoldsNoDate { valid_from, valid_until });
    }
    let Organisation::Registered(profile) = state else { return Err(Rejection::NotRegistered) };
    let mut known = profile.credentials.iter().filter(|held| held.is_same(&credential));
    if let Some(others) = known.clone().find(|held| held.issuer != credential.issuer) {
        let Credential { kind, number, issuer, .. } = others.clone();
        return Err(Rejection::CredentialOfAnotherIssuer { kind, number, issuer });
    }
    // As with grants: what is merged never touches, so one entry holds all the dates, or some are new.
    if known.any(|held| held.contains(&credential)) {
        return Ok(vec![]);
    }
    let credentials =
        credential::merged([profile.credentials.as_slice(), std::slice::from_ref(&credential)].concat())
            .len();
    if credentials > MOST_CREDENTIALS {
        return Err(Rejection::TooManyCredentials { credentials, most: MOST_CREDENTIALS });
    }
    Ok(vec![Event::CredentialAttested(CredentialAttested { credential, at })])
}

fn holds_a_date(grant: &CapacityGrant) -> Result<(), Rejection> {
    match *grant {
        CapacityGrant { capacity, from, until: Some(until) } if grant.is_empty() => {
            Err(Rejection::GrantHoldsNoDate { capacity, from, until })
        }
        _ => Ok(()),
    }
}

/// Whether a second registration says what the first one said; its grants may have been extended since.
fn same_particulars(profile: &Profile, again: &OrganisationRegistered) -> bool {
    profile.id == again.id
        && profile.name == again.name
        && profile.country == again.country
        && profile.sector == again.sector
        && profile.registration_number == again.registration_number
        && again.capacities.iter().all(|grant| profile.capacities.iter().any(|held| held.contains(grant)))
}
