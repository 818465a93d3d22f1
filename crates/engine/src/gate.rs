//! The one door into a handler: what passes it is a request whose caller may ask for it.

use std::{net::IpAddr, num::NonZeroUsize, sync::Arc};

use domain::{
    id::OrganisationId,
    organisation::{Capacity, Organisation},
    time::Timestamp,
};
use event_log::EventLog;
use events::Category;
use proto::CommandRequest;
use tonic::{Request, Status};

use crate::{
    caller::{Caller, PLATFORM, Role},
    clock::Clock,
    command::CommandIdentity,
    envelope::Envelope,
    error::Refusal,
    lookup::Lookup,
    reason::Reason,
    trace,
};

/// How many organisations are kept at hand.
const ORGANISATIONS: NonZeroUsize = NonZeroUsize::new(10_000).unwrap();

/// What a caller must be to make a request.
#[derive(Clone, Copy, Debug)]
pub struct Need {
    /// The role that the caller must have in its organisation; none: any.
    pub role: Option<Role>,
    /// The capacities of which the organisation must hold one now; empty: any registered organisation.
    pub capacities: &'static [Capacity],
}

impl Need {
    /// Any caller of any registered organisation.
    pub const REGISTERED: Self = Self { role: None, capacities: &[] };

    /// A role, in any registered organisation.
    pub const fn role(role: Role) -> Self {
        Self { role: Some(role), capacities: &[] }
    }

    /// A role in an organisation that holds one of these capacities.
    pub const fn role_in(role: Role, capacities: &'static [Capacity]) -> Self {
        Self { role: Some(role), capacities }
    }
}

/// The base operator and the promoter, who run the forum.
pub const OPERATORS: &[Capacity] = &[Capacity::BaseOperator, Capacity::Promoter];

/// A request whose caller may make it. Only [`Gate::authorise`] makes one.
#[derive(Debug)]
pub struct Authorised<T> {
    caller: Caller,
    operator: bool,
    at: Timestamp,
    traceparent: String,
    request: T,
}

impl<T> Authorised<T> {
    /// Who asks.
    pub const fn caller(&self) -> &Caller {
        &self.caller
    }

    /// Whether the caller's organisation runs the forum: base operator, promoter or the platform itself.
    pub const fn is_operator(&self) -> bool {
        self.operator
    }

    /// Whether the caller may know in which lane an application is, and so what is charged for it: the applicant asked
    /// for it, the operators' finance people charge for it, and whoever reviews must not be swayed by it (requirements
    /// §3.2).
    pub fn may_see_lane(&self, applicant: OrganisationId) -> bool {
        let roles = &self.caller.roles;
        let charges = roles.contains(&Role::Finance) && !roles.contains(&Role::Reviewer);
        self.caller.organisation == applicant || (self.operator && charges)
    }

    /// When it was asked.
    pub const fn at(&self) -> Timestamp {
        self.at
    }

    /// What is asked.
    pub const fn request(&self) -> &T {
        &self.request
    }

    /// The envelope of a request that has no command id.
    pub fn bare_envelope(&self) -> Envelope {
        Envelope {
            caller: self.caller.clone(),
            command: None,
            expected_revision: None,
            validate_only: false,
            at: self.at,
            traceparent: self.traceparent.clone(),
        }
    }
}

impl<T: CommandRequest> Authorised<T> {
    /// The command's identity and the envelope of its events.
    pub fn envelope(&self) -> Result<(CommandIdentity, Envelope), Refusal> {
        let identity = CommandIdentity::of(self.caller.organisation, &self.request)?;
        let envelope = Envelope {
            command: Some(identity.clone()),
            expected_revision: self.request.expected(),
            validate_only: self.request.validate_only(),
            ..self.bare_envelope()
        };
        Ok((identity, envelope))
    }
}

/// Knows who may ask for what.
pub struct Gate {
    organisations: Lookup<Organisation>,
    clock: Arc<dyn Clock>,
    trusted: Box<dyn Fn(IpAddr) -> bool + Send + Sync>,
}

impl Gate {
    /// A gate over the organisations of a log.
    pub fn new(log: Arc<dyn EventLog>, clock: Arc<dyn Clock>) -> Self {
        Self { organisations: Lookup::new(log, ORGANISATIONS), clock, trusted: Box::new(|_| false) }
    }

    /// Believes callers from addresses beside loopback, too: those of processes, such as a gateway, that have looked
    /// at who calls them.
    #[must_use]
    pub fn trusting(mut self, trusted: impl Fn(IpAddr) -> bool + Send + Sync + 'static) -> Self {
        self.trusted = Box::new(trusted);
        self
    }

    /// Lets a request through if its caller meets the need.
    pub async fn authorise<T>(&self, request: Request<T>, need: Need) -> Result<Authorised<T>, Status> {
        let caller = Caller::of(&request, &self.trusted)?;
        let at = self.clock.now();
        if let Some(role) = need.role
            && !caller.roles.contains(&role)
        {
            let message = format!("this needs the role {role}");
            return Err(Refusal::new(Reason::RoleRequired, message).with("role", role).into());
        }
        let operator = self.check_organisation(&caller, need.capacities, at).await?;
        let traceparent = request.metadata().get("traceparent").and_then(|value| value.to_str().ok());
        let traceparent = traceparent.and_then(trace::traceparent).unwrap_or_default().to_owned();
        Ok(Authorised { caller, operator, at, traceparent, request: request.into_inner() })
    }

    /// Whether an organisation runs the forum; refused if it lacks every one of the capacities.
    async fn check_organisation(
        &self,
        caller: &Caller,
        capacities: &[Capacity],
        at: Timestamp,
    ) -> Result<bool, Refusal> {
        if caller.organisation == PLATFORM {
            return Ok(true);
        }
        let stream = Category::Organisation.stream(caller.organisation);
        let organisation = self.organisations.now(&stream).await?.state;
        if organisation.profile().is_none() {
            let message = format!("the calling organisation {} is not registered", caller.organisation);
            return Err(Refusal::new(Reason::CapacityRequired, message));
        }
        let holds = |capacity: &Capacity| organisation.holds(*capacity, at);
        if !capacities.is_empty() && !capacities.iter().any(holds) {
            let message = must_hold(capacities);
            return Err(Refusal::new(Reason::CapacityRequired, message).with("capacity", either(capacities)));
        }
        Ok(OPERATORS.iter().any(holds))
    }
}

/// What a caller is told whose organisation has none of the capacities of which it takes one.
pub(crate) fn must_hold(capacities: &[Capacity]) -> String {
    let names: Vec<String> = capacities.iter().map(|capacity| with_article(capacity.as_str())).collect();
    format!("the calling organisation must be {} today", names.join(" or "))
}

/// The names of the capacities of which it takes one, as refusals carry them.
pub(crate) fn either(capacities: &[Capacity]) -> String {
    let names: Vec<&str> = capacities.iter().map(|capacity| capacity.as_str()).collect();
    names.join(" or ")
}

fn with_article(name: &str) -> String {
    let article = if name.starts_with(['a', 'e', 'i', 'o', 'u']) { "an" } else { "a" };
    format!("{article} {name}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_an_organisation_must_be_is_a_sentence() {
        let told = must_hold(&[Capacity::Member, Capacity::Investor]);
        assert_eq!(told, "the calling organisation must be a member or an investor today");
        assert_eq!(either(&[Capacity::Member, Capacity::Investor]), "member or investor");
    }
}
