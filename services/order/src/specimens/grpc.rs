//! The handlers: authorise, parse, decide, reply.

use std::{collections::BTreeSet, num::NonZeroUsize, sync::Arc};

use domain::{
    dataset::Dataset,
    id::{OrderId, OrganisationId, SpecimenId},
    order::Order,
    organisation::{Capacity, Organisation},
    reservation::ReservationKind,
    specimen::{Command, RegisterSpecimen, ReleaseSpecimen, ReserveSpecimen, Specimen},
};
use engine::{
    Aggregates, Authorised, Gate, Known, Lookup, Need, Prepared, Refusal, Reservations, Role, parse::id,
    receipt,
};
use event_log::{EventLog, Guard};
use events::{Category, wire};
use proto::kiban::order::v1::{
    GetSpecimenRequest, GetSpecimenResponse, RegisterSpecimenRequest, RegisterSpecimenResponse,
    ReleaseSpecimenRequest, ReleaseSpecimenResponse, ReserveSpecimenRequest, ReserveSpecimenResponse,
    specimen_service_server::{SpecimenService, SpecimenServiceServer},
};
use tonic::{Request, Response, Status};

use super::{parse, refuse::refuse};

const HOT: NonZeroUsize = NonZeroUsize::new(10_000).unwrap();

/// Who keeps the specimens.
const KEEPER: Need = Need::role_in(Role::Administrator, &[Capacity::BaseOperator]);

/// Serves `kiban.order.v1.SpecimenService`.
pub struct Specimens {
    gate: Arc<Gate>,
    specimens: Aggregates<Specimen>,
    reservations: Reservations,
    orders: Lookup<Order>,
    datasets: Lookup<Dataset>,
    organisations: Lookup<Organisation>,
}

impl Specimens {
    /// The service over a log.
    pub fn new(log: Arc<dyn EventLog>, gate: Arc<Gate>) -> Self {
        Self {
            gate,
            reservations: Reservations::new(log.clone()),
            orders: Lookup::new(log.clone(), HOT),
            datasets: Lookup::new(log.clone(), HOT),
            organisations: Lookup::new(log.clone(), HOT),
            specimens: Aggregates::new(log, HOT),
        }
    }

    /// As a gRPC server.
    pub fn server(self) -> SpecimenServiceServer<Self> {
        SpecimenServiceServer::new(self)
    }

    async fn register(
        &self,
        request: &Authorised<RegisterSpecimenRequest>,
    ) -> Result<RegisterSpecimenResponse, Refusal> {
        let (identity, envelope) = request.envelope()?;
        let specimen: SpecimenId = identity.derived();
        let description = parse::description(request.request())?;
        let (by, at) = (request.caller().organisation, request.at());
        let stream = Category::Specimen.stream(specimen);
        let prepare = |code: Option<Guard>| {
            let description = description.clone();
            async move {
                let dataset = self.datasets.now(&Category::Dataset.stream(description.dataset)).await?;
                let guards = [dataset.guard()].into_iter().chain(code);
                let register =
                    RegisterSpecimen { id: specimen, description, by, dataset: dataset.state.clone(), at };
                Ok(Prepared::new(Command::RegisterSpecimen(Box::new(register))).guarded_by(guards))
            }
        };
        // What is refused anyway must not keep the code from others.
        let preview = self.specimens.preview(&stream, &envelope, || Box::pin(prepare(None)));
        preview.await.map_err(refuse)?;
        let key = format!("{by}:{}", description.code);
        let kind = ReservationKind::SpecimenCode;
        let guard =
            self.reservations.reserve(kind, "code", &key, specimen, Category::Specimen, &envelope).await?;
        let executed = self
            .specimens
            .execute(&stream, &envelope, || Box::pin(prepare(guard.clone())))
            .await
            .map_err(refuse)?;
        Ok(RegisterSpecimenResponse { specimen_id: specimen.to_string(), receipt: Some(receipt(&executed)) })
    }

    async fn reserve(
        &self,
        request: &Authorised<ReserveSpecimenRequest>,
    ) -> Result<ReserveSpecimenResponse, Refusal> {
        let (_, envelope) = request.envelope()?;
        let ReserveSpecimenRequest { specimen_id, order_id, aliquots, .. } = request.request();
        let specimen: SpecimenId = id("specimen_id", specimen_id)?;
        let order: OrderId = id("order_id", order_id)?;
        let (by, at, aliquots) = (request.caller().organisation, request.at(), *aliquots);
        let executed = self
            .specimens
            .execute(&Category::Specimen.stream(specimen), &envelope, || {
                Box::pin(async move {
                    let caller = self.organisations.now(&Category::Organisation.stream(by)).await?;
                    let capacities = caller.state.capacities_on(at);
                    let ordered = self.order(request, order).await?;
                    let audience = ordered.state.audience();
                    let (dataset, consented) = self.dataset_of(specimen).await?;
                    let guards = [caller.guard(), ordered.guard()].into_iter().chain(consented);
                    let ordered = ordered.state;
                    let command = ReserveSpecimen { order, aliquots, by, capacities, ordered, dataset, at };
                    Ok(Prepared::new(Command::ReserveSpecimen(command))
                        .guarded_by(guards)
                        .concerning(audience))
                })
            })
            .await
            .map_err(refuse)?;
        Ok(ReserveSpecimenResponse { receipt: Some(receipt(&executed)) })
    }

    /// The dataset to which the donor of a specimen belongs, as it is now, and the guard with which a decision stands
    /// on it; a specimen that is not registered has none. To which one it belongs never changes.
    async fn dataset_of(&self, specimen: SpecimenId) -> Result<(Arc<Dataset>, Option<Guard>), Refusal> {
        let look = |state: &Specimen| state.registered().map(|known| known.description.dataset);
        match self.specimens.peek(&Category::Specimen.stream(specimen), look).await? {
            None => Ok((Arc::default(), None)),
            Some(dataset) => {
                let known = self.datasets.now(&Category::Dataset.stream(dataset)).await?;
                Ok((known.state.clone(), Some(known.guard())))
            }
        }
    }

    /// An order that the caller may know of; to anybody else it does not exist.
    async fn order<T>(&self, request: &Authorised<T>, order: OrderId) -> Result<Known<Order>, Refusal> {
        let known = self.orders.now(&Category::Order.stream(order)).await?;
        let audience = known.state.audience();
        let concerned = request.is_operator() || audience.contains(&request.caller().organisation);
        if concerned && !audience.is_empty() { Ok(known) } else { Err(Refusal::not_found(order)) }
    }

    async fn release(
        &self,
        request: &Authorised<ReleaseSpecimenRequest>,
    ) -> Result<ReleaseSpecimenResponse, Refusal> {
        let (_, envelope) = request.envelope()?;
        let ReleaseSpecimenRequest { specimen_id, order_id, .. } = request.request();
        let specimen: SpecimenId = id("specimen_id", specimen_id)?;
        let order: OrderId = id("order_id", order_id)?;
        let at = request.at();
        let audience = self.order(request, order).await?.state.audience();
        let executed = self
            .specimens
            .execute(&Category::Specimen.stream(specimen), &envelope, || {
                let command = Command::ReleaseSpecimen(ReleaseSpecimen { order, at });
                let prepared = Prepared::new(command).concerning(audience.clone());
                Box::pin(async { Ok(prepared) })
            })
            .await
            .map_err(refuse)?;
        Ok(ReleaseSpecimenResponse { receipt: Some(receipt(&executed)) })
    }

    async fn get(&self, request: &Authorised<GetSpecimenRequest>) -> Result<GetSpecimenResponse, Refusal> {
        let specimen: SpecimenId = id("specimen_id", &request.request().specimen_id)?;
        let stream = Category::Specimen.stream(specimen);
        let (found, revision) =
            self.specimens.read(&stream, |state, revision| (state.clone(), revision)).await?;
        let known = found.registered().ok_or_else(|| Refusal::not_found(specimen))?;
        let own = match request.is_operator() {
            true => known.reserved.keys().copied().collect(),
            false => self.orders_of(request.caller().organisation, known.reserved.keys()).await?,
        };
        if own.is_empty() && !request.is_operator() {
            return Err(Refusal::not_found(specimen));
        }
        let shown = wire::specimen(&found, |order| own.contains(&order));
        Ok(GetSpecimenResponse { specimen: shown, revision: revision.unwrap_or_default() })
    }

    /// Those of the orders whose vendor the organisation is.
    async fn orders_of(
        &self,
        vendor: OrganisationId,
        orders: impl Iterator<Item = &OrderId>,
    ) -> Result<BTreeSet<OrderId>, Refusal> {
        let mut own = BTreeSet::new();
        for order in orders {
            let known = self.orders.now(&Category::Order.stream(*order)).await?;
            if known.state.placed().is_some_and(|placed| placed.vendor == vendor) {
                own.insert(*order);
            }
        }
        Ok(own)
    }
}

#[tonic::async_trait]
impl SpecimenService for Specimens {
    async fn register_specimen(
        &self,
        request: Request<RegisterSpecimenRequest>,
    ) -> Result<Response<RegisterSpecimenResponse>, Status> {
        let request = self.gate.authorise(request, KEEPER).await?;
        Ok(Response::new(self.register(&request).await?))
    }

    async fn reserve_specimen(
        &self,
        request: Request<ReserveSpecimenRequest>,
    ) -> Result<Response<ReserveSpecimenResponse>, Status> {
        let request = self.gate.authorise(request, Need::role(Role::Contracts)).await?;
        Ok(Response::new(self.reserve(&request).await?))
    }

    async fn release_specimen(
        &self,
        request: Request<ReleaseSpecimenRequest>,
    ) -> Result<Response<ReleaseSpecimenResponse>, Status> {
        let request = self.gate.authorise(request, KEEPER).await?;
        Ok(Response::new(self.release(&request).await?))
    }

    async fn get_specimen(
        &self,
        request: Request<GetSpecimenRequest>,
    ) -> Result<Response<GetSpecimenResponse>, Status> {
        let request = self.gate.authorise(request, Need::REGISTERED).await?;
        Ok(Response::new(self.get(&request).await?))
    }
}
