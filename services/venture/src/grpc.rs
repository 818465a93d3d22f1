//! The handlers: authorise, parse, decide, reply.

use std::{num::NonZeroUsize, sync::Arc};

use domain::{
    id::InvestmentId,
    investment::{Command, Deal, Investment, RecordInvestment},
    organisation::Organisation,
};
use engine::{Aggregates, Authorised, Gate, Lookup, Need, Prepared, Refusal, Role, parse::id, receipt};
use event_log::EventLog;
use events::Category;
use proto::kiban::venture::v1::{
    GetInvestmentRequest, GetInvestmentResponse, RecordInvestmentRequest, RecordInvestmentResponse,
    venture_service_server::{VentureService, VentureServiceServer},
};
use tonic::{Request, Response, Status};

use crate::{parse, refuse::refuse, view};

const HOT: NonZeroUsize = NonZeroUsize::new(10_000).unwrap();

/// Serves `kiban.venture.v1.VentureService`.
pub struct Ventures {
    gate: Arc<Gate>,
    investments: Aggregates<Investment>,
    organisations: Lookup<Organisation>,
}

impl Ventures {
    /// The service over a log.
    pub fn new(log: Arc<dyn EventLog>, gate: Arc<Gate>) -> Self {
        let organisations = Lookup::new(log.clone(), HOT);
        Self { gate, organisations, investments: Aggregates::new(log, HOT) }
    }

    /// As a gRPC server.
    pub fn server(self) -> VentureServiceServer<Self> {
        VentureServiceServer::new(self)
    }

    async fn record(
        &self,
        request: Authorised<RecordInvestmentRequest>,
    ) -> Result<RecordInvestmentResponse, Refusal> {
        let (identity, envelope) = request.envelope()?;
        let investment: InvestmentId = identity.derived();
        let deal = parse::deal(request.caller().organisation, request.request())?;
        let executed = self
            .investments
            .execute(&Category::Investment.stream(investment), &envelope, || {
                let deal = deal.clone();
                Box::pin(async { Ok(self.prepare(&request, investment, deal).await?) })
            })
            .await
            .map_err(refuse)?;
        Ok(RecordInvestmentResponse {
            investment_id: investment.to_string(),
            receipt: Some(receipt(&executed)),
        })
    }

    /// The command with its facts: the investor and the venture as they are now.
    async fn prepare<T>(
        &self,
        request: &Authorised<T>,
        investment: InvestmentId,
        deal: Deal,
    ) -> Result<Prepared<Investment>, Refusal> {
        let at = request.at();
        let investor = self.organisations.now(&Category::Organisation.stream(deal.investor)).await?;
        let venture = self.organisations.now(&Category::Organisation.stream(deal.venture)).await?;
        let concerned = [deal.investor, deal.venture];
        let command = Command::RecordInvestment(RecordInvestment {
            id: investment,
            deal,
            investor_capacities: investor.state.capacities_on(at),
            venture_capacities: venture.state.profile().map(|_| venture.state.capacities_on(at)),
            at,
        });
        Ok(Prepared::new(command).guarded_by([investor.guard(), venture.guard()]).concerning(concerned))
    }

    async fn get(&self, request: Authorised<GetInvestmentRequest>) -> Result<GetInvestmentResponse, Refusal> {
        let investment: InvestmentId = id("investment_id", &request.request().investment_id)?;
        let stream = Category::Investment.stream(investment);
        let look = |state: &Investment, revision| (view::investment(state), revision);
        let (found, revision) = self.investments.read(&stream, look).await?;
        match found {
            Some((found, concerned))
                if request.is_operator() || concerned.contains(&request.caller().organisation) =>
            {
                Ok(GetInvestmentResponse { investment: Some(found), revision: revision.unwrap_or_default() })
            }
            _ => Err(Refusal::not_found(investment)),
        }
    }
}

#[tonic::async_trait]
impl VentureService for Ventures {
    async fn record_investment(
        &self,
        request: Request<RecordInvestmentRequest>,
    ) -> Result<Response<RecordInvestmentResponse>, Status> {
        let request = self.gate.authorise(request, Need::role(Role::Contracts)).await?;
        Ok(Response::new(self.record(request).await?))
    }

    async fn get_investment(
        &self,
        request: Request<GetInvestmentRequest>,
    ) -> Result<Response<GetInvestmentResponse>, Status> {
        let request = self.gate.authorise(request, Need::REGISTERED).await?;
        Ok(Response::new(self.get(request).await?))
    }
}
