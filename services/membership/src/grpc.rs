//! The handlers: authorise, parse, decide, reply.

use std::{num::NonZeroUsize, sync::Arc};

use domain::{
    id::OrganisationId,
    organisation::{Command, Organisation},
    reservation::ReservationKind,
};
use engine::{
    Aggregates, Authorised, Gate, Need, OPERATORS, Prepared, Refusal, Reservations, Role, parse::id, receipt,
};
use event_log::{EventLog, Guard};
use events::{Category, wire};
use futures::FutureExt;
use proto::kiban::membership::v1::{
    AttestCredentialRequest, AttestCredentialResponse, GetOrganisationRequest, GetOrganisationResponse,
    GrantCapacityRequest, GrantCapacityResponse, RegisterOrganisationRequest, RegisterOrganisationResponse,
    membership_service_server::{MembershipService, MembershipServiceServer},
};
use proto::{CommandRequest, kiban::common::v1::Receipt};
use tonic::{Request, Response, Status};

use crate::{parse, refuse::refuse};

const HOT: NonZeroUsize = NonZeroUsize::new(10_000).unwrap();

/// Serves `kiban.membership.v1.MembershipService`.
pub struct Membership {
    gate: Arc<Gate>,
    organisations: Aggregates<Organisation>,
    reservations: Reservations,
}

impl Membership {
    /// The service over a log.
    pub fn new(log: Arc<dyn EventLog>, gate: Arc<Gate>) -> Self {
        let organisations = Aggregates::new(log.clone(), HOT);
        Self { gate, organisations, reservations: Reservations::new(log) }
    }

    /// As a gRPC server.
    pub fn server(self) -> MembershipServiceServer<Self> {
        MembershipServiceServer::new(self)
    }

    async fn register(
        &self,
        request: Authorised<RegisterOrganisationRequest>,
    ) -> Result<RegisterOrganisationResponse, Refusal> {
        let (identity, envelope) = request.envelope()?;
        let organisation: OrganisationId = identity.derived();
        let command = parse::register(organisation, request.request(), request.at())?;
        let stream = Category::Organisation.stream(organisation);
        let prepare = |guard: Option<Guard>| {
            let prepared = Prepared::new(Command::RegisterOrganisation(command.clone()))
                .guarded_by(guard)
                .concerning([organisation]);
            async { Ok(prepared) }.boxed()
        };
        // What is refused anyway must not keep the number from others.
        self.organisations.preview(&stream, &envelope, || prepare(None)).await.map_err(refuse)?;
        let key = command.registration_number.reservation_key();
        let (kind, field) = (ReservationKind::RegistrationNumber, "registration_number");
        let category = Category::Organisation;
        let guard = self.reservations.reserve(kind, field, &key, organisation, category, &envelope).await?;
        let executed = self
            .organisations
            .execute(&stream, &envelope, || prepare(guard.clone()))
            .await
            .map_err(refuse)?;
        Ok(RegisterOrganisationResponse {
            organisation_id: organisation.to_string(),
            receipt: Some(receipt(&executed)),
        })
    }

    async fn grant(
        &self,
        request: Authorised<GrantCapacityRequest>,
    ) -> Result<GrantCapacityResponse, Refusal> {
        let organisation = id("organisation_id", &request.request().organisation_id)?;
        let command = parse::grant(request.request(), request.at())?;
        let receipt = self.change(&request, organisation, Command::GrantCapacity(command)).await?;
        Ok(GrantCapacityResponse { receipt: Some(receipt) })
    }

    async fn attest(
        &self,
        request: Authorised<AttestCredentialRequest>,
    ) -> Result<AttestCredentialResponse, Refusal> {
        let organisation = id("organisation_id", &request.request().organisation_id)?;
        let command = parse::attest(request.request(), request.at())?;
        let receipt = self.change(&request, organisation, Command::AttestCredential(command)).await?;
        Ok(AttestCredentialResponse { receipt: Some(receipt) })
    }

    /// Runs a command to an organisation that stands on nothing but its own stream.
    async fn change<R: CommandRequest>(
        &self,
        request: &Authorised<R>,
        organisation: OrganisationId,
        command: Command,
    ) -> Result<Receipt, Refusal> {
        let (_, envelope) = request.envelope()?;
        let executed = self
            .organisations
            .execute(&Category::Organisation.stream(organisation), &envelope, || {
                let prepared = Prepared::new(command.clone()).concerning([organisation]);
                async { Ok(prepared) }.boxed()
            })
            .await
            .map_err(refuse)?;
        Ok(receipt(&executed))
    }

    async fn get(
        &self,
        request: Authorised<GetOrganisationRequest>,
    ) -> Result<GetOrganisationResponse, Refusal> {
        let organisation: OrganisationId = id("organisation_id", &request.request().organisation_id)?;
        let stream = Category::Organisation.stream(organisation);
        let (found, revision) = self
            .organisations
            .read(&stream, |state, revision| (state.profile().map(wire::organisation), revision))
            .await?;
        let found = found.ok_or_else(|| Refusal::not_found(organisation))?;
        Ok(GetOrganisationResponse { organisation: Some(found), revision: revision.unwrap_or_default() })
    }
}

#[tonic::async_trait]
impl MembershipService for Membership {
    async fn register_organisation(
        &self,
        request: Request<RegisterOrganisationRequest>,
    ) -> Result<Response<RegisterOrganisationResponse>, Status> {
        let need = Need::role_in(Role::Administrator, OPERATORS);
        let request = self.gate.authorise(request, need).await?;
        Ok(Response::new(self.register(request).await?))
    }

    async fn grant_capacity(
        &self,
        request: Request<GrantCapacityRequest>,
    ) -> Result<Response<GrantCapacityResponse>, Status> {
        let need = Need::role_in(Role::Administrator, OPERATORS);
        let request = self.gate.authorise(request, need).await?;
        Ok(Response::new(self.grant(request).await?))
    }

    async fn attest_credential(
        &self,
        request: Request<AttestCredentialRequest>,
    ) -> Result<Response<AttestCredentialResponse>, Status> {
        let need = Need::role_in(Role::Administrator, OPERATORS);
        let request = self.gate.authorise(request, need).await?;
        Ok(Response::new(self.attest(request).await?))
    }

    async fn get_organisation(
        &self,
        request: Request<GetOrganisationRequest>,
    ) -> Result<Response<GetOrganisationResponse>, Status> {
        let request = self.gate.authorise(request, Need::REGISTERED).await?;
        Ok(Response::new(self.get(request).await?))
    }
}
