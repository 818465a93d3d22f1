//! `kiban.venture.v1.VentureService`: who may call what, and where it is handled.

use std::{num::NonZeroUsize, sync::Arc};

use domain::{investment::Investment, organisation::Capacity, venture::Venture};
use engine::{Aggregates, Gate, Need, Role};
use event_log::EventLog;
use proto::kiban::venture::v1::{
    EnterDataRoomRequest, EnterDataRoomResponse, ExpressInterestRequest, ExpressInterestResponse,
    FormJointVentureRequest, FormJointVentureResponse, GetInvestmentRequest, GetInvestmentResponse,
    GetVentureRequest, GetVentureResponse, ListVentureRequest, ListVentureResponse, OpenDataRoomRequest,
    OpenDataRoomResponse, RecordInvestmentRequest, RecordInvestmentResponse, ReviseVentureRequest,
    ReviseVentureResponse, ViewDealRequest, ViewDealResponse, WithdrawInvestmentRequest,
    WithdrawInvestmentResponse, WithdrawVentureRequest, WithdrawVentureResponse,
    venture_service_server::{VentureService, VentureServiceServer},
};
use tonic::{Request, Response, Status};

use crate::facts::Facts;

const HOT: NonZeroUsize = NonZeroUsize::new(10_000).unwrap();

/// Whoever agrees on things for its organisation.
const AGREES: Need = Need::role(Role::Contracts);
/// Whoever does so for an investor.
const INVESTS: Need = Need::role_in(Role::Contracts, &[Capacity::Investor]);

/// Serves `kiban.venture.v1.VentureService`.
pub struct Ventures {
    pub(crate) gate: Arc<Gate>,
    pub(crate) ventures: Aggregates<Venture>,
    pub(crate) investments: Aggregates<Investment>,
    pub(crate) facts: Facts,
}

impl Ventures {
    /// The service over a log.
    pub fn new(log: Arc<dyn EventLog>, gate: Arc<Gate>) -> Self {
        Self {
            gate,
            facts: Facts::new(&log),
            ventures: Aggregates::new(log.clone(), HOT),
            investments: Aggregates::new(log, HOT),
        }
    }

    /// As a gRPC server.
    pub fn server(self) -> VentureServiceServer<Self> {
        VentureServiceServer::new(self)
    }
}

#[tonic::async_trait]
impl VentureService for Ventures {
    async fn list_venture(
        &self,
        request: Request<ListVentureRequest>,
    ) -> Result<Response<ListVentureResponse>, Status> {
        let request = self.gate.authorise(request, AGREES).await?;
        Ok(Response::new(self.list(request).await?))
    }

    async fn revise_venture(
        &self,
        request: Request<ReviseVentureRequest>,
    ) -> Result<Response<ReviseVentureResponse>, Status> {
        let request = self.gate.authorise(request, AGREES).await?;
        Ok(Response::new(self.revise(request).await?))
    }

    async fn withdraw_venture(
        &self,
        request: Request<WithdrawVentureRequest>,
    ) -> Result<Response<WithdrawVentureResponse>, Status> {
        let request = self.gate.authorise(request, AGREES).await?;
        Ok(Response::new(self.withdraw(request).await?))
    }

    async fn get_venture(
        &self,
        request: Request<GetVentureRequest>,
    ) -> Result<Response<GetVentureResponse>, Status> {
        let request = self.gate.authorise(request, Need::REGISTERED).await?;
        Ok(Response::new(self.get(request).await?))
    }

    async fn view_deal(
        &self,
        request: Request<ViewDealRequest>,
    ) -> Result<Response<ViewDealResponse>, Status> {
        let request = self.gate.authorise(request, INVESTS).await?;
        Ok(Response::new(self.show(request).await?))
    }

    async fn express_interest(
        &self,
        request: Request<ExpressInterestRequest>,
    ) -> Result<Response<ExpressInterestResponse>, Status> {
        let request = self.gate.authorise(request, INVESTS).await?;
        Ok(Response::new(self.express(request).await?))
    }

    async fn open_data_room(
        &self,
        request: Request<OpenDataRoomRequest>,
    ) -> Result<Response<OpenDataRoomResponse>, Status> {
        let request = self.gate.authorise(request, AGREES).await?;
        Ok(Response::new(self.open_room(request).await?))
    }

    async fn enter_data_room(
        &self,
        request: Request<EnterDataRoomRequest>,
    ) -> Result<Response<EnterDataRoomResponse>, Status> {
        let request = self.gate.authorise(request, INVESTS).await?;
        Ok(Response::new(self.enter_room(request).await?))
    }

    async fn form_joint_venture(
        &self,
        request: Request<FormJointVentureRequest>,
    ) -> Result<Response<FormJointVentureResponse>, Status> {
        let request = self.gate.authorise(request, AGREES).await?;
        Ok(Response::new(self.form(request).await?))
    }

    async fn record_investment(
        &self,
        request: Request<RecordInvestmentRequest>,
    ) -> Result<Response<RecordInvestmentResponse>, Status> {
        let request = self.gate.authorise(request, INVESTS).await?;
        Ok(Response::new(self.record(request).await?))
    }

    async fn withdraw_investment(
        &self,
        request: Request<WithdrawInvestmentRequest>,
    ) -> Result<Response<WithdrawInvestmentResponse>, Status> {
        let request = self.gate.authorise(request, AGREES).await?;
        Ok(Response::new(self.take_back(request).await?))
    }

    async fn get_investment(
        &self,
        request: Request<GetInvestmentRequest>,
    ) -> Result<Response<GetInvestmentResponse>, Status> {
        let request = self.gate.authorise(request, Need::REGISTERED).await?;
        Ok(Response::new(self.get_recorded(request).await?))
    }
}
