//! Who calls. One extractor makes the caller; no request message ever carries the actor.

use std::{fmt, net::IpAddr, str::FromStr};

use domain::id::{OrganisationId, PersonId};
use tonic::{Request, Status};

use crate::{error::Refusal, reason::Reason};

/// The header of development: `organisation=org_…; person=per_…; roles=finance,reviewer`.
pub const CALLER_HEADER: &str = "kiban-caller";

/// The platform itself: it registers the first organisations and its policies act under it.
pub const PLATFORM: OrganisationId = OrganisationId::from_u128(0);

/// What a person or a machine may do for its organisation.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Role {
    /// Registers organisations, datasets and sources.
    Administrator,
    /// Applies for, offers and signs contracts, places orders, recruits, records investments.
    Contracts,
    /// Approves and rejects.
    Reviewer,
    /// Publishes prices and shares, closes periods, reads what is owed.
    Finance,
    /// Views datasets and runs analyses.
    Researcher,
    /// Reports metered use.
    Meter,
}

impl Role {
    /// Every role.
    pub const ALL: [Self; 6] =
        [Self::Administrator, Self::Contracts, Self::Reviewer, Self::Finance, Self::Researcher, Self::Meter];

    /// Its name in the header.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Administrator => "administrator",
            Self::Contracts => "contracts",
            Self::Reviewer => "reviewer",
            Self::Finance => "finance",
            Self::Researcher => "researcher",
            Self::Meter => "meter",
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The authenticated caller.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Caller {
    /// For whom the caller acts.
    pub organisation: OrganisationId,
    /// The person; none for a machine.
    pub person: Option<PersonId>,
    /// What it may do there.
    pub roles: Vec<Role>,
}

impl Caller {
    /// The caller of a request: the development header, which only connections from loopback and from trusted addresses
    /// may use.
    pub fn of<T>(request: &Request<T>, trusted: impl Fn(IpAddr) -> bool) -> Result<Self, Status> {
        let refuse = |message: &str| Status::from(Refusal::new(Reason::Unauthenticated, message));
        // A request without an address came from within the process.
        let from = request.remote_addr().map(|address| address.ip().to_canonical());
        if from.is_some_and(|ip| !ip.is_loopback() && !trusted(ip)) {
            return Err(refuse("the kiban-caller header is accepted on loopback only"));
        }
        let header = request
            .metadata()
            .get(CALLER_HEADER)
            .ok_or_else(|| refuse("the kiban-caller header is missing: say who calls, such as \"organisation=org_…; person=per_…; roles=finance\""))?;
        let text = header.to_str().map_err(|_| refuse("the kiban-caller header is not plain text"))?;
        text.parse().map_err(|error: InvalidCaller| refuse(&error.to_string()))
    }
}

impl fmt::Display for Caller {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "organisation={}", self.organisation)?;
        if let Some(person) = self.person {
            write!(f, "; person={person}")?;
        }
        let roles: Vec<&str> = self.roles.iter().map(|role| role.as_str()).collect();
        if roles.is_empty() { Ok(()) } else { write!(f, "; roles={}", roles.join(",")) }
    }
}

/// A header that names no caller.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the kiban-caller header is invalid: {0}")]
pub struct InvalidCaller(String);

impl FromStr for Caller {
    type Err = InvalidCaller;

    fn from_str(text: &str) -> Result<Self, InvalidCaller> {
        let (mut organisation, mut person, mut roles) = (None, None, None);
        for part in text.split(';') {
            let (key, value) = part
                .trim()
                .split_once('=')
                .ok_or_else(|| InvalidCaller("each part must be written key=value".into()))?;
            let twice = match key {
                "organisation" => organisation.replace(parse(value)?).is_some(),
                "person" => person.replace(parse(value)?).is_some(),
                "roles" => roles.replace(parse_roles(value)?).is_some(),
                _ => return Err(InvalidCaller("the keys are organisation, person and roles".into())),
            };
            if twice {
                return Err(InvalidCaller(format!("{key} is given twice")));
            }
        }
        let organisation = organisation.ok_or_else(|| InvalidCaller("organisation is missing".into()))?;
        Ok(Self { organisation, person, roles: roles.unwrap_or_default() })
    }
}

fn parse<T: FromStr<Err: fmt::Display>>(value: &str) -> Result<T, InvalidCaller> {
    value.parse().map_err(|error: T::Err| InvalidCaller(error.to_string()))
}

fn parse_roles(value: &str) -> Result<Vec<Role>, InvalidCaller> {
    let role = |name: &str| {
        Role::ALL.into_iter().find(|role| role.as_str() == name).ok_or_else(|| {
            let names: Vec<&str> = Role::ALL.iter().map(|role| role.as_str()).collect();
            InvalidCaller(format!("the roles are {}", names.join(", ")))
        })
    };
    value.split(',').map(|name| role(name.trim())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_header_reads_back() {
        let caller = Caller {
            organisation: OrganisationId::from_u128(1),
            person: Some(PersonId::from_u128(2)),
            roles: vec![Role::Finance, Role::Reviewer],
        };
        assert_eq!(caller.to_string().parse(), Ok(caller.clone()));
        let machine = Caller { person: None, roles: vec![], ..caller };
        assert_eq!(machine.to_string().parse(), Ok(machine));
    }

    #[test]
    fn wrong_headers_say_what_is_wrong() {
        let org = OrganisationId::from_u128(1);
        for (text, what) in [
            ("", "key=value"),
            ("person=per_00000000000000000000000001", "organisation is missing"),
            ("organisation=acme", "must start with \"org_\""),
            (&format!("organisation={org}; organisation={org}"), "given twice"),
            (&format!("organisation={org}; roles=god"), "the roles are administrator"),
            (&format!("organisation={org}; admin=yes"), "the keys are"),
        ] {
            let error = text.parse::<Caller>().unwrap_err().to_string();
            assert!(error.contains(what), "{text}: {error}");
        }
    }
}
