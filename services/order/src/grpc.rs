//! The handlers: authorise, parse, decide, reply.

use std::{num::NonZeroUsize, sync::Arc};

use domain::{
    id::{ContractId, OrderId},
    order::{Command, Order, OrderOmicsAnalysis, OrderedAnalysis},
    organisation::{Capacity, Organisation},
};
use engine::{
    Aggregates, Authorised, Contracts, Gate, Lookup, Need, Prepared, Refusal, Role, parse::id, receipt,
};
use event_log::EventLog;
use events::Category;
use proto::kiban::order::v1::{
    GetOrderRequest, GetOrderResponse, OrderOmicsAnalysisRequest, OrderOmicsAnalysisResponse,
    order_service_server::{OrderService, OrderServiceServer},
};
use tonic::{Request, Response, Status};

use crate::{parse, refuse::refuse, view};

const HOT: NonZeroUsize = NonZeroUsize::new(10_000).unwrap();

/// Serves `kiban.order.v1.OrderService`.
pub struct Orders {
    gate: Arc<Gate>,
    orders: Aggregates<Order>,
    contracts: Contracts,
    organisations: Lookup<Organisation>,
}

impl Orders {
    /// The service over a log.
    pub fn new(log: Arc<dyn EventLog>, gate: Arc<Gate>) -> Self {
        Self {
            gate,
            contracts: Contracts::new(log.clone()),
            organisations: Lookup::new(log.clone(), HOT),
            orders: Aggregates::new(log, HOT),
        }
    }

    /// As a gRPC server.
    pub fn server(self) -> OrderServiceServer<Self> {
        OrderServiceServer::new(self)
    }

    async fn order(
        &self,
        request: Authorised<OrderOmicsAnalysisRequest>,
    ) -> Result<OrderOmicsAnalysisResponse, Refusal> {
        let (identity, envelope) = request.envelope()?;
        let order: OrderId = identity.derived();
        let contract = id("contract_id", &request.request().contract_id)?;
        let analysis = parse::analysis(request.caller().organisation, request.request())?;
        let executed = self
            .orders
            .execute(&Category::Order.stream(order), &envelope, || {
                let analysis = analysis.clone();
                Box::pin(async { Ok(self.prepare(&request, order, contract, analysis).await?) })
            })
            .await
            .map_err(refuse)?;
        Ok(OrderOmicsAnalysisResponse { order_id: order.to_string(), receipt: Some(receipt(&executed)) })
    }

    /// The command with its facts: the contract and the vendor as they are now.
    async fn prepare<T>(
        &self,
        request: &Authorised<T>,
        order: OrderId,
        contract: ContractId,
        analysis: OrderedAnalysis,
    ) -> Result<Prepared<Order>, Refusal> {
        let at = request.at();
        let under = self.contracts.of("contract_id", contract, analysis.member, at).await?;
        let vendor = self.organisations.now(&Category::Organisation.stream(analysis.vendor)).await?;
        let concerned = [analysis.member, analysis.vendor];
        let command = Command::OrderOmicsAnalysis(OrderOmicsAnalysis {
            id: order,
            analysis,
            contract: under.now,
            vendor_capacities: vendor.state.capacities_on(at),
            at,
        });
        let guards = [under.guard, vendor.guard()];
        Ok(Prepared::new(command).guarded_by(guards).concerning(concerned).under(contract))
    }

    async fn get(&self, request: Authorised<GetOrderRequest>) -> Result<GetOrderResponse, Refusal> {
        let order: OrderId = id("order_id", &request.request().order_id)?;
        let look = |state: &Order, revision| (view::order(state), revision);
        let (found, revision) = self.orders.read(&Category::Order.stream(order), look).await?;
        match found {
            Some((found, concerned))
                if request.is_operator() || concerned.contains(&request.caller().organisation) =>
            {
                Ok(GetOrderResponse { order: Some(found), revision: revision.unwrap_or_default() })
            }
            _ => Err(Refusal::not_found(order)),
        }
    }
}

#[tonic::async_trait]
impl OrderService for Orders {
    async fn order_omics_analysis(
        &self,
        request: Request<OrderOmicsAnalysisRequest>,
    ) -> Result<Response<OrderOmicsAnalysisResponse>, Status> {
        let need = Need::role_in(Role::Contracts, &[Capacity::Member]);
        let request = self.gate.authorise(request, need).await?;
        Ok(Response::new(self.order(request).await?))
    }

    async fn get_order(
        &self,
        request: Request<GetOrderRequest>,
    ) -> Result<Response<GetOrderResponse>, Status> {
        let request = self.gate.authorise(request, Need::REGISTERED).await?;
        Ok(Response::new(self.get(request).await?))
    }
}
