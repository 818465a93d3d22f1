//! The handlers: authorise, parse, decide, reply.

use std::{num::NonZeroUsize, sync::Arc};

use domain::{
    id::OrderId,
    order::{Command, Event, Order, Rejection},
    organisation::Capacity,
    reservation::ReservationKind,
};
use engine::{
    Aggregates, Authorised, Envelope, Executed, Failure, Gate, Need, Prepared, Reason, Refusal, Reservations,
    Role, parse::id, receipt,
};
use event_log::{EventLog, Guard};
use events::{Category, wire};
use proto::{
    CommandRequest,
    kiban::order::v1::{
        AcceptDeliveryRequest, AcceptDeliveryResponse, AcceptOrderRequest, AcceptOrderResponse,
        CancelOrderRequest, CancelOrderResponse, DeclineOrderRequest, DeclineOrderResponse,
        DeliverMilestoneRequest, DeliverMilestoneResponse, DepositResultRequest, DepositResultResponse,
        DisputeDeliveryRequest, DisputeDeliveryResponse, GetOrderRequest, GetOrderResponse,
        PlaceOrderRequest, PlaceOrderResponse,
        order_service_server::{OrderService, OrderServiceServer},
    },
};
use tonic::{Request, Response, Status};

use super::{
    parse::{self, NamedSource, Placing, QUOTE_REQUEST},
    placing::Facts,
    refuse::refuse,
};

const HOT: NonZeroUsize = NonZeroUsize::new(10_000).unwrap();

/// Who orders, takes orders, delivers and accepts: whoever may bind the organisation.
const CONTRACTS: Need = Need::role(Role::Contracts);

/// Serves `kiban.order.v1.OrderService`.
pub struct Orders {
    gate: Arc<Gate>,
    orders: Aggregates<Order>,
    reservations: Reservations,
    facts: Facts,
}

impl Orders {
    /// The service over a log.
    pub fn new(log: Arc<dyn EventLog>, gate: Arc<Gate>) -> Self {
        Self {
            gate,
            facts: Facts::new(&log),
            reservations: Reservations::new(log.clone()),
            orders: Aggregates::new(log, HOT),
        }
    }

    /// As a gRPC server.
    pub fn server(self) -> OrderServiceServer<Self> {
        OrderServiceServer::new(self)
    }

    async fn place(&self, request: &Authorised<PlaceOrderRequest>) -> Result<PlaceOrderResponse, Refusal> {
        let (identity, envelope) = request.envelope()?;
        let order: OrderId = identity.derived();
        let placing = parse::placing(order, request.caller().organisation, request.request(), request.at())?;
        let stream = Category::Order.stream(order);
        // What is refused anyway must not keep the quote from being ordered.
        let preview = self.orders.preview(&stream, &envelope, || Box::pin(self.prepare(&placing, None)));
        preview.await.map_err(refuse)?;
        let guard = self.reserve_quote(&placing, &envelope).await?;
        let executed = self
            .orders
            .execute(&stream, &envelope, || Box::pin(self.prepare(&placing, guard.clone())))
            .await
            .map_err(refuse)?;
        Ok(PlaceOrderResponse { order_id: order.to_string(), receipt: Some(receipt(&executed)) })
    }

    async fn prepare(
        &self,
        placing: &Placing,
        quote: Option<Guard>,
    ) -> Result<Prepared<Order>, Failure<Rejection>> {
        Ok(self.facts.complete(placing.clone()).await?.guarded_by(quote))
    }

    /// Keeps the request for quote for the order: one order comes of it.
    async fn reserve_quote(&self, placing: &Placing, envelope: &Envelope) -> Result<Option<Guard>, Refusal> {
        let NamedSource::Quote(taken) = &placing.source else { return Ok(None) };
        let key = taken.request.to_string();
        let kept = self
            .reservations
            .reserve(ReservationKind::QuoteUse, QUOTE_REQUEST, &key, placing.id, Category::Order, envelope)
            .await;
        kept.map_err(|refusal| match refusal.reason {
            Reason::KeyTaken => {
                let why = refusal.fields.first().map_or(refusal.message.as_str(), |(_, what)| what);
                Refusal::field(
                    Reason::QuoteAlreadyUsed,
                    QUOTE_REQUEST,
                    format!("one order comes of a request for quote, and {key} {why}"),
                )
            }
            _ => refusal,
        })
    }

    /// Carries out a command on an order that the caller may know of.
    async fn command<T: CommandRequest>(
        &self,
        request: &Authorised<T>,
        order: &str,
        command: Command,
    ) -> Result<Executed<Event>, Refusal> {
        let order: OrderId = id("order_id", order)?;
        let (_, envelope) = request.envelope()?;
        let stream = Category::Order.stream(order);
        self.orders
            .execute(&stream, &envelope, || {
                let command = command.clone();
                let look = |state: &Order, _| {
                    let contract = state.placed().map(|placed| placed.contract);
                    (contract, state.audience())
                };
                let looked = self.orders.read(&stream, look);
                Box::pin(async move {
                    let (contract, audience) = looked.await?;
                    let concerned =
                        request.is_operator() || audience.contains(&request.caller().organisation);
                    match contract {
                        Some(contract) if concerned => {
                            Ok(Prepared::new(command).concerning(audience).under(contract))
                        }
                        Some(_) | None => Err(Refusal::not_found(order).into()),
                    }
                })
            })
            .await
            .map_err(refuse)
    }

    async fn accept_delivery(
        &self,
        request: &Authorised<AcceptDeliveryRequest>,
    ) -> Result<AcceptDeliveryResponse, Refusal> {
        let AcceptDeliveryRequest { order_id, milestone, .. } = request.request();
        let command = parse::accept_delivery(request.caller().organisation, *milestone, request.at());
        let executed = self.command(request, order_id, command).await?;
        let completed = match executed.events.as_slice() {
            // It had been accepted before: whether the others have, too, is what the order says.
            [] => {
                let order: OrderId = id("order_id", order_id)?;
                let stream = Category::Order.stream(order);
                self.orders.read(&stream, |state, _| matches!(state, Order::Completed(_))).await?
            }
            events => events.iter().any(|event| matches!(event, Event::OrderCompleted(_))),
        };
        Ok(AcceptDeliveryResponse { completed, receipt: Some(receipt(&executed)) })
    }

    async fn get(&self, request: &Authorised<GetOrderRequest>) -> Result<GetOrderResponse, Refusal> {
        let order: OrderId = id("order_id", &request.request().order_id)?;
        let caller = request.caller().organisation;
        let look = |state: &Order, revision| {
            let placed = state.placed()?;
            let seller = request.is_operator() || placed.sells(caller);
            let order = if seller || placed.member == caller { wire::order(state, seller) } else { None };
            order.map(|order| (order, revision))
        };
        let found = self.orders.read(&Category::Order.stream(order), look).await?;
        let (found, revision) = found.ok_or_else(|| Refusal::not_found(order))?;
        Ok(GetOrderResponse { order: Some(found), revision: revision.unwrap_or_default() })
    }
}

#[tonic::async_trait]
impl OrderService for Orders {
    async fn place_order(
        &self,
        request: Request<PlaceOrderRequest>,
    ) -> Result<Response<PlaceOrderResponse>, Status> {
        let need = Need::role_in(Role::Contracts, &[Capacity::Member]);
        let request = self.gate.authorise(request, need).await?;
        Ok(Response::new(self.place(&request).await?))
    }

    async fn accept_order(
        &self,
        request: Request<AcceptOrderRequest>,
    ) -> Result<Response<AcceptOrderResponse>, Status> {
        let request = self.gate.authorise(request, CONTRACTS).await?;
        let command = parse::accept(request.caller().organisation, request.at());
        let executed = self.command(&request, &request.request().order_id, command).await?;
        Ok(Response::new(AcceptOrderResponse { receipt: Some(receipt(&executed)) }))
    }

    async fn decline_order(
        &self,
        request: Request<DeclineOrderRequest>,
    ) -> Result<Response<DeclineOrderResponse>, Status> {
        let request = self.gate.authorise(request, CONTRACTS).await?;
        let DeclineOrderRequest { order_id, reason, .. } = request.request();
        let command = parse::decline(request.caller().organisation, reason, request.at())?;
        let executed = self.command(&request, order_id, command).await?;
        Ok(Response::new(DeclineOrderResponse { receipt: Some(receipt(&executed)) }))
    }

    async fn deliver_milestone(
        &self,
        request: Request<DeliverMilestoneRequest>,
    ) -> Result<Response<DeliverMilestoneResponse>, Status> {
        let request = self.gate.authorise(request, CONTRACTS).await?;
        let command = parse::deliver(request.caller().organisation, request.request(), request.at())?;
        let executed = self.command(&request, &request.request().order_id, command).await?;
        Ok(Response::new(DeliverMilestoneResponse { receipt: Some(receipt(&executed)) }))
    }

    async fn accept_delivery(
        &self,
        request: Request<AcceptDeliveryRequest>,
    ) -> Result<Response<AcceptDeliveryResponse>, Status> {
        let request = self.gate.authorise(request, CONTRACTS).await?;
        Ok(Response::new(self.accept_delivery(&request).await?))
    }

    async fn dispute_delivery(
        &self,
        request: Request<DisputeDeliveryRequest>,
    ) -> Result<Response<DisputeDeliveryResponse>, Status> {
        let request = self.gate.authorise(request, CONTRACTS).await?;
        let command = parse::dispute(request.caller().organisation, request.request(), request.at())?;
        let executed = self.command(&request, &request.request().order_id, command).await?;
        Ok(Response::new(DisputeDeliveryResponse { receipt: Some(receipt(&executed)) }))
    }

    async fn cancel_order(
        &self,
        request: Request<CancelOrderRequest>,
    ) -> Result<Response<CancelOrderResponse>, Status> {
        let request = self.gate.authorise(request, CONTRACTS).await?;
        let CancelOrderRequest { order_id, reason, .. } = request.request();
        let command = parse::cancel(request.caller().organisation, reason, request.at())?;
        let executed = self.command(&request, order_id, command).await?;
        Ok(Response::new(CancelOrderResponse { receipt: Some(receipt(&executed)) }))
    }

    async fn deposit_result(
        &self,
        request: Request<DepositResultRequest>,
    ) -> Result<Response<DepositResultResponse>, Status> {
        let request = self.gate.authorise(request, CONTRACTS).await?;
        let command = parse::deposit(request.caller().organisation, request.request(), request.at())?;
        let executed = self.command(&request, &request.request().order_id, command).await?;
        Ok(Response::new(DepositResultResponse { receipt: Some(receipt(&executed)) }))
    }

    async fn get_order(
        &self,
        request: Request<GetOrderRequest>,
    ) -> Result<Response<GetOrderResponse>, Status> {
        let request = self.gate.authorise(request, Need::REGISTERED).await?;
        Ok(Response::new(self.get(&request).await?))
    }
}
