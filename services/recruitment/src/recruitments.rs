//! The service: what every handler needs, and the one way in which a command is carried out.

use std::{collections::BTreeSet, num::NonZeroUsize, sync::Arc};

use domain::{
    contract::Reviewer,
    id::{ContractId, OrganisationId, RecruitmentId},
    listing::ServiceKind,
    organisation::{Capacity, Organisation},
    recruitment::{Command, Event, Recruitment, Sight},
    vendor_admission::VendorAdmission,
};
use engine::{
    Aggregates, Authorised, Contracts, Executed, Gate, Known, Lookup, Prepared, Refusal, parse::id,
};
use event_log::{EventLog, Guard};
use events::{Category, vendor_admission_stream, wire};
use futures::future::BoxFuture;
use proto::{
    CommandRequest,
    kiban::recruitment::v1::{
        GetRecruitmentRequest, GetRecruitmentResponse, recruitment_service_server::RecruitmentServiceServer,
    },
};

use crate::refuse::refuse;

const HOT: NonZeroUsize = NonZeroUsize::new(10_000).unwrap();
/// One of the kinds of service is recruiting, and no other is asked about.
const ADMISSIONS: NonZeroUsize = NonZeroUsize::new(1).unwrap();

/// Serves `kiban.recruitment.v1.RecruitmentService`.
pub struct Recruitments {
    pub(crate) gate: Arc<Gate>,
    pub(crate) recruitments: Aggregates<Recruitment>,
    pub(crate) contracts: Contracts,
    pub(crate) organisations: Lookup<Organisation>,
    admissions: Lookup<VendorAdmission>,
}

/// A recruitment that the caller may know of.
pub(crate) struct Seen {
    /// The member's contract.
    pub(crate) contract: ContractId,
    /// The executor's contract, if the request names one.
    pub(crate) executor_contract: Option<ContractId>,
    /// Member and executor.
    pub(crate) sides: [OrganisationId; 2],
    /// Member, executor and every invited institution.
    pub(crate) audience: BTreeSet<OrganisationId>,
    /// The supply contract under which the caller was invited, if it was.
    pub(crate) supply_contract: Option<ContractId>,
}

/// A command with its facts, the streams on which they stand, and whom it concerns beside member, executor and
/// caller.
pub(crate) struct Complete {
    pub(crate) command: Command,
    pub(crate) guards: Vec<Guard>,
    pub(crate) concerned: BTreeSet<OrganisationId>,
}

impl Recruitments {
    /// The service over a log.
    pub fn new(log: Arc<dyn EventLog>, gate: Arc<Gate>) -> Self {
        Self {
            gate,
            contracts: Contracts::new(log.clone()),
            organisations: Lookup::new(log.clone(), HOT),
            admissions: Lookup::new(log.clone(), ADMISSIONS),
            recruitments: Aggregates::new(log, HOT),
        }
    }

    /// As a gRPC server.
    pub fn server(self) -> RecruitmentServiceServer<Self> {
        RecruitmentServiceServer::new(self)
    }

    /// Carries out a command on a recruitment that the caller may know of; `named` are the fields in which the
    /// request names contracts.
    pub(crate) async fn command<'a, T: CommandRequest + Sync>(
        &'a self,
        request: &'a Authorised<T>,
        recruitment: &str,
        named: &[&str],
        complete: impl Fn(Seen) -> BoxFuture<'a, Result<Complete, Refusal>> + Send + Sync,
    ) -> Result<Executed<Event>, Refusal> {
        let recruitment: RecruitmentId = id("recruitment_id", recruitment)?;
        let (_, envelope) = request.envelope()?;
        let complete = &complete;
        self.recruitments
            .execute(&Category::Recruitment.stream(recruitment), &envelope, || {
                Box::pin(async move {
                    let seen = self.seen(request, recruitment).await?;
                    let (contract, sides) = (seen.contract, seen.sides);
                    let Complete { command, guards, concerned } = complete(seen).await?;
                    let prepared = Prepared::new(command).guarded_by(guards);
                    Ok(prepared.concerning(sides).concerning(concerned).under(contract))
                })
            })
            .await
            .map_err(|failure| refuse(named, failure))
    }

    /// The capacities of a reviewer's organisation, guarded.
    pub(crate) async fn capacities_of(
        &self,
        reviewer: Reviewer,
        at: domain::time::Timestamp,
    ) -> Result<(BTreeSet<Capacity>, Guard), Refusal> {
        let stream = Category::Organisation.stream(reviewer.organisation);
        let known = self.organisations.now(&stream).await?;
        Ok((known.state.capacities_on(at), known.guard()))
    }

    /// Which vendors the operators admit to recruiting.
    pub(crate) async fn admission(&self) -> Result<Known<VendorAdmission>, Refusal> {
        self.admissions.now(&vendor_admission_stream(ServiceKind::PatientRecruiting)).await
    }

    /// A recruitment as the caller may see it.
    pub(crate) async fn get(
        &self,
        request: &Authorised<GetRecruitmentRequest>,
    ) -> Result<GetRecruitmentResponse, Refusal> {
        let recruitment: RecruitmentId = id("recruitment_id", &request.request().recruitment_id)?;
        let look = |state: &Recruitment, revision| {
            let sight = sight(request, state)?;
            Some((wire::recruitment(state, sight, request.at())?, revision))
        };
        let found = self.recruitments.read(&Category::Recruitment.stream(recruitment), look).await?;
        let (found, revision): (_, Option<u64>) = found.ok_or_else(|| Refusal::not_found(recruitment))?;
        Ok(GetRecruitmentResponse { recruitment: Some(found), revision: revision.unwrap_or_default() })
    }

    /// The recruitment, if it exists and the caller may see something of it. To anybody else it does not exist,
    /// so that nobody learns what is studied by trying.
    async fn seen<T>(&self, request: &Authorised<T>, recruitment: RecruitmentId) -> Result<Seen, Refusal> {
        let caller = request.caller().organisation;
        let look = |state: &Recruitment, _| {
            sight(request, state)?;
            let asked = state.asked()?;
            let part = state.course().and_then(|course| course.institutions.get(&caller));
            Some(Seen {
                contract: asked.contract,
                executor_contract: asked.request.executor_contract,
                sides: [asked.request.member, asked.request.executor],
                audience: state.audience(),
                supply_contract: part.map(|part| part.supply_contract),
            })
        };
        let found = self.recruitments.read(&Category::Recruitment.stream(recruitment), look).await?;
        found.ok_or_else(|| Refusal::not_found(recruitment))
    }
}

impl Complete {
    /// A command that needs no facts and concerns nobody else.
    pub(crate) fn new(command: Command) -> Self {
        Self { command, guards: Vec::new(), concerned: BTreeSet::new() }
    }

    /// Names the streams on which its facts stand.
    pub(crate) fn guarded_by(mut self, guards: impl IntoIterator<Item = Guard>) -> Self {
        self.guards.extend(guards);
        self
    }

    /// Names who else is concerned.
    pub(crate) fn concerning(mut self, concerned: impl IntoIterator<Item = OrganisationId>) -> Self {
        self.concerned.extend(concerned);
        self
    }
}

fn sight<T>(request: &Authorised<T>, state: &Recruitment) -> Option<Sight> {
    state.sight_of(request.caller().organisation, request.is_operator())
}
