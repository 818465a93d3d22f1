//! The handlers: authorise, parse, decide, reply.

use std::{collections::BTreeSet, num::NonZeroUsize, sync::Arc};

use domain::{
    contract::{Application, Command, Contract, Event, Stage},
    id::{ContractId, OrganisationId},
};
use engine::{
    Aggregates, Authorised, Executed, Gate, Need, Prepared, Reason, Refusal, Role, parse::id, receipt,
};
use event_log::{EventLog, Guard};
use events::{Category, wire};
use proto::{
    CommandRequest,
    kiban::contract::v1::{
        ApplyForContractRequest, ApplyForContractResponse, ApproveContractRequest, ApproveContractResponse,
        ChangeTierRequest, ChangeTierResponse, GetContractRequest, GetContractResponse, OfferContractRequest,
        OfferContractResponse, PauseContractRequest, PauseContractResponse, RejectContractRequest,
        RejectContractResponse, RenewContractRequest, RenewContractResponse, ResumeContractRequest,
        ResumeContractResponse, SignContractRequest, SignContractResponse, TerminateContractRequest,
        TerminateContractResponse,
        contract_service_server::{ContractService, ContractServiceServer},
    },
};
use tonic::{Request, Response, Status};

use crate::{facts::Facts, parse, refuse::refuse};

const HOT: NonZeroUsize = NonZeroUsize::new(10_000).unwrap();

/// Serves `kiban.contract.v1.ContractService`.
pub struct Contracts {
    gate: Arc<Gate>,
    contracts: Aggregates<Contract>,
    facts: Facts,
}

/// A contract that exists, as it was when somebody looked who may know of it.
struct Seen {
    applicant: OrganisationId,
    issuer: OrganisationId,
    audience: BTreeSet<OrganisationId>,
    guard: Guard,
}

impl Contracts {
    /// The service over a log.
    pub fn new(log: Arc<dyn EventLog>, gate: Arc<Gate>) -> Self {
        Self { gate, facts: Facts::new(&log), contracts: Aggregates::new(log, HOT) }
    }

    /// As a gRPC server.
    pub fn server(self) -> ContractServiceServer<Self> {
        ContractServiceServer::new(self)
    }

    async fn apply(
        &self,
        request: &Authorised<ApplyForContractRequest>,
    ) -> Result<ApplyForContractResponse, Refusal> {
        let (identity, envelope) = request.envelope()?;
        let contract: ContractId = identity.derived();
        let command = parse::apply(contract, request.caller(), request.request(), request.at())?;
        let concerned = [command.applicant, command.issuer];
        let command = Command::ApplyForContract(command);
        let executed = self
            .contracts
            .execute(&Category::Contract.stream(contract), &envelope, || {
                let command = command.clone();
                Box::pin(async move {
                    let (command, guards) = self.facts.complete(command).await?;
                    Ok(Prepared::new(command).guarded_by(guards).concerning(concerned).under(contract))
                })
            })
            .await
            .map_err(|failure| refuse("", failure))?;
        Ok(ApplyForContractResponse { contract_id: contract.to_string(), receipt: Some(receipt(&executed)) })
    }

    /// Carries out a command on a contract that the caller may know of.
    async fn command<T: CommandRequest>(
        &self,
        request: &Authorised<T>,
        contract: &str,
        command: Command,
    ) -> Result<Executed<Event>, Refusal> {
        let contract: ContractId = id("contract_id", contract)?;
        let (_, envelope) = request.envelope()?;
        self.contracts
            .execute(&Category::Contract.stream(contract), &envelope, || {
                let command = command.clone();
                Box::pin(async move {
                    let seen = self.seen(request, contract).await?;
                    if is_the_issuers(&command) && request.caller().organisation != seen.issuer {
                        let message = format!("only the issuer, {}, may do this", seen.issuer);
                        return Err(Refusal::new(Reason::NotYours, message).into());
                    }
                    let invited = invited(&command);
                    let (command, guards) = self.facts.complete(command).await?;
                    let prepared = Prepared::new(command).guarded_by([seen.guard]).guarded_by(guards);
                    Ok(prepared.concerning(seen.audience).concerning(invited).under(contract))
                })
            })
            .await
            .map_err(|failure| refuse("terms.", failure))
    }

    /// The contract, if it exists and the caller is concerned or runs the forum. To anybody else it does not
    /// exist, so that nobody learns who has contracts by trying.
    async fn seen<T>(&self, request: &Authorised<T>, contract: ContractId) -> Result<Seen, Refusal> {
        let stream = Category::Contract.stream(contract);
        let look = |state: &Contract, revision| {
            let parties =
                state.application().map(|Application { applicant, issuer, .. }| (*applicant, *issuer));
            (parties, state.audience(), revision)
        };
        let (parties, audience, revision) = self.contracts.read(&stream, look).await?;
        match parties {
            Some((applicant, issuer))
                if request.is_operator() || audience.contains(&request.caller().organisation) =>
            {
                Ok(Seen { applicant, issuer, audience, guard: Guard { stream, revision } })
            }
            _ => Err(Refusal::not_found(contract)),
        }
    }

    async fn offer(
        &self,
        request: &Authorised<OfferContractRequest>,
    ) -> Result<OfferContractResponse, Refusal> {
        let contract = &request.request().contract_id;
        let applicant = self.seen(request, id("contract_id", contract)?).await?.applicant;
        let command = parse::offer(request.caller(), applicant, request.request(), request.at())?;
        let executed = self.command(request, contract, Command::OfferContract(command)).await?;
        Ok(OfferContractResponse { receipt: Some(receipt(&executed)) })
    }

    async fn sign(&self, request: &Authorised<SignContractRequest>) -> Result<SignContractResponse, Refusal> {
        let contract = &request.request().contract_id;
        let command = Command::SignContract(parse::sign(request.caller(), request.at())?);
        let executed = self.command(request, contract, command).await?;
        let contract: ContractId = id("contract_id", contract)?;
        let active = match executed.events.as_slice() {
            // The party had signed before: whether the others have, too, is what the contract says.
            [] => {
                let stream = Category::Contract.stream(contract);
                self.contracts.read(&stream, |state, _| state.stage() == Stage::Signed).await?
            }
            events => events.iter().any(|event| matches!(event, Event::ContractActivated(_))),
        };
        Ok(SignContractResponse { receipt: Some(receipt(&executed)), active })
    }

    async fn get(&self, request: &Authorised<GetContractRequest>) -> Result<GetContractResponse, Refusal> {
        let contract = id("contract_id", &request.request().contract_id)?;
        let seen = self.seen(request, contract).await?;
        let stream = Category::Contract.stream(contract);
        let look = |state: &Contract, revision| {
            let mut found = wire::contract(state, request.at());
            if let Some((found, application)) = found.as_mut().zip(state.application())
                && request.may_see_lane(seen.applicant)
            {
                found.set_lane(wire::contract_lane(application.lane));
            }
            (found, revision)
        };
        let (found, revision) = self.contracts.read(&stream, look).await?;
        let found = found.ok_or_else(|| Refusal::not_found(contract))?;
        Ok(GetContractResponse { contract: Some(found), revision: revision.unwrap_or_default() })
    }
}

/// Who learns of a contract by a command.
fn invited(command: &Command) -> BTreeSet<OrganisationId> {
    match command {
        Command::OfferContract(command) => command.parties.clone(),
        Command::ApplyForContract(_)
        | Command::ApproveContract(_)
        | Command::RejectContract(_)
        | Command::SignContract(_)
        | Command::ChangeTier(_)
        | Command::PauseContract(_)
        | Command::ResumeContract(_)
        | Command::RenewContract(_)
        | Command::TerminateContract(_)
        | Command::ExpireContract(_) => BTreeSet::new(),
    }
}

/// Whether only the issuer may do this; of the others the domain says who may.
const fn is_the_issuers(command: &Command) -> bool {
    match command {
        Command::ChangeTier(_)
        | Command::PauseContract(_)
        | Command::ResumeContract(_)
        | Command::RenewContract(_)
        | Command::ExpireContract(_) => true,
        Command::ApplyForContract(_)
        | Command::ApproveContract(_)
        | Command::RejectContract(_)
        | Command::OfferContract(_)
        | Command::SignContract(_)
        | Command::TerminateContract(_) => false,
    }
}

#[tonic::async_trait]
impl ContractService for Contracts {
    async fn apply_for_contract(
        &self,
        request: Request<ApplyForContractRequest>,
    ) -> Result<Response<ApplyForContractResponse>, Status> {
        let request = self.gate.authorise(request, Need::role(Role::Contracts)).await?;
        Ok(Response::new(self.apply(&request).await?))
    }

    async fn approve_contract(
        &self,
        request: Request<ApproveContractRequest>,
    ) -> Result<Response<ApproveContractResponse>, Status> {
        let request = self.gate.authorise(request, Need::role(Role::Reviewer)).await?;
        let command =
            Command::ApproveContract(parse::approve(request.caller(), request.request(), request.at())?);
        let executed = self.command(&request, &request.request().contract_id, command).await?;
        Ok(Response::new(ApproveContractResponse { receipt: Some(receipt(&executed)) }))
    }

    async fn reject_contract(
        &self,
        request: Request<RejectContractRequest>,
    ) -> Result<Response<RejectContractResponse>, Status> {
        let request = self.gate.authorise(request, Need::role(Role::Reviewer)).await?;
        let command =
            Command::RejectContract(parse::reject(request.caller(), request.request(), request.at())?);
        let executed = self.command(&request, &request.request().contract_id, command).await?;
        Ok(Response::new(RejectContractResponse { receipt: Some(receipt(&executed)) }))
    }

    async fn offer_contract(
        &self,
        request: Request<OfferContractRequest>,
    ) -> Result<Response<OfferContractResponse>, Status> {
        let request = self.gate.authorise(request, Need::role(Role::Contracts)).await?;
        Ok(Response::new(self.offer(&request).await?))
    }

    async fn sign_contract(
        &self,
        request: Request<SignContractRequest>,
    ) -> Result<Response<SignContractResponse>, Status> {
        let request = self.gate.authorise(request, Need::role(Role::Contracts)).await?;
        Ok(Response::new(self.sign(&request).await?))
    }

    async fn change_tier(
        &self,
        request: Request<ChangeTierRequest>,
    ) -> Result<Response<ChangeTierResponse>, Status> {
        let request = self.gate.authorise(request, Need::role(Role::Contracts)).await?;
        let command = Command::ChangeTier(parse::change_tier(request.request(), request.at())?);
        let executed = self.command(&request, &request.request().contract_id, command).await?;
        Ok(Response::new(ChangeTierResponse { receipt: Some(receipt(&executed)) }))
    }

    async fn pause_contract(
        &self,
        request: Request<PauseContractRequest>,
    ) -> Result<Response<PauseContractResponse>, Status> {
        let request = self.gate.authorise(request, Need::role(Role::Contracts)).await?;
        let command = Command::PauseContract(parse::pause(request.request(), request.at())?);
        let executed = self.command(&request, &request.request().contract_id, command).await?;
        Ok(Response::new(PauseContractResponse { receipt: Some(receipt(&executed)) }))
    }

    async fn resume_contract(
        &self,
        request: Request<ResumeContractRequest>,
    ) -> Result<Response<ResumeContractResponse>, Status> {
        let request = self.gate.authorise(request, Need::role(Role::Contracts)).await?;
        let command = Command::ResumeContract(parse::resume(request.at()));
        let executed = self.command(&request, &request.request().contract_id, command).await?;
        Ok(Response::new(ResumeContractResponse { receipt: Some(receipt(&executed)) }))
    }

    async fn renew_contract(
        &self,
        request: Request<RenewContractRequest>,
    ) -> Result<Response<RenewContractResponse>, Status> {
        let request = self.gate.authorise(request, Need::role(Role::Contracts)).await?;
        let command = Command::RenewContract(parse::renew(request.request(), request.at())?);
        let executed = self.command(&request, &request.request().contract_id, command).await?;
        Ok(Response::new(RenewContractResponse { receipt: Some(receipt(&executed)) }))
    }

    async fn terminate_contract(
        &self,
        request: Request<TerminateContractRequest>,
    ) -> Result<Response<TerminateContractResponse>, Status> {
        let request = self.gate.authorise(request, Need::role(Role::Contracts)).await?;
        let command =
            Command::TerminateContract(parse::terminate(request.caller(), request.request(), request.at())?);
        let executed = self.command(&request, &request.request().contract_id, command).await?;
        Ok(Response::new(TerminateContractResponse { receipt: Some(receipt(&executed)) }))
    }

    async fn get_contract(
        &self,
        request: Request<GetContractRequest>,
    ) -> Result<Response<GetContractResponse>, Status> {
        let request = self.gate.authorise(request, Need::REGISTERED).await?;
        Ok(Response::new(self.get(&request).await?))
    }
}
