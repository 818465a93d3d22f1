//! The generated clients, each call with the header of who makes it.

use domain::id::{OrganisationId, PersonId};
use engine::{CALLER_HEADER, Caller, Role};
use proto::kiban::{
    access::v1::access_service_client::AccessServiceClient,
    billing::v1::billing_service_client::BillingServiceClient,
    common::v1::Receipt,
    contract::v1::contract_service_client::ContractServiceClient,
    deal_flow::v1::deal_flow_service_client::DealFlowServiceClient,
    directory::v1::directory_service_client::DirectoryServiceClient,
    finance::v1::finance_service_client::FinanceServiceClient,
    membership::v1::membership_service_client::MembershipServiceClient,
    order::v1::{
        listing_service_client::ListingServiceClient, order_service_client::OrderServiceClient,
        specimen_service_client::SpecimenServiceClient,
    },
    recruitment::v1::recruitment_service_client::RecruitmentServiceClient,
    revenue_share::v1::revenue_share_service_client::RevenueShareServiceClient,
    service_catalogue::v1::catalogue_service_client::CatalogueServiceClient,
    venture::v1::{
        forum_event_service_client::ForumEventServiceClient, venture_service_client::VentureServiceClient,
    },
};
use tonic::{
    Request, Response, Status,
    metadata::{Ascii, MetadataValue},
    service::{Interceptor, interceptor::InterceptedService},
    transport::Channel,
};

use crate::demo::error::{DemoError, Said};

/// What a client of this demo sends through.
pub(super) type Line = InterceptedService<Channel, Header>;

/// Puts the caller on each call.
#[derive(Clone, Debug)]
pub(super) struct Header(Option<MetadataValue<Ascii>>);

impl Interceptor for Header {
    fn call(&mut self, mut request: Request<()>) -> Result<Request<()>, Status> {
        if let Some(caller) = &self.0 {
            request.metadata_mut().insert(CALLER_HEADER, caller.clone());
        }
        Ok(request)
    }
}

/// One caller's connection to the server.
#[derive(Clone, Debug)]
pub(super) struct Session(Line);

impl Session {
    /// Somebody of an organisation who has one role there. A meter is a machine, the others are people; each
    /// role is another person.
    pub(super) fn new(channel: &Channel, organisation: OrganisationId, role: Role) -> Self {
        let person = (role != Role::Meter)
            .then(|| PersonId::from_u128(organisation.as_u128().rotate_left(17) ^ (role as u128 + 1)));
        let caller = Caller { organisation, person, roles: vec![role] };
        // A caller's text is ASCII by its form.
        let header = Header(caller.to_string().parse().ok());
        Self(InterceptedService::new(channel.clone(), header))
    }

    pub(super) fn membership(&self) -> MembershipServiceClient<Line> {
        MembershipServiceClient::new(self.0.clone())
    }

    pub(super) fn contracts(&self) -> ContractServiceClient<Line> {
        ContractServiceClient::new(self.0.clone())
    }

    pub(super) fn finance(&self) -> FinanceServiceClient<Line> {
        FinanceServiceClient::new(self.0.clone())
    }

    pub(super) fn access(&self) -> AccessServiceClient<Line> {
        AccessServiceClient::new(self.0.clone())
    }

    pub(super) fn orders(&self) -> OrderServiceClient<Line> {
        OrderServiceClient::new(self.0.clone())
    }

    pub(super) fn listings(&self) -> ListingServiceClient<Line> {
        ListingServiceClient::new(self.0.clone())
    }

    pub(super) fn specimens(&self) -> SpecimenServiceClient<Line> {
        SpecimenServiceClient::new(self.0.clone())
    }

    pub(super) fn catalogue(&self) -> CatalogueServiceClient<Line> {
        CatalogueServiceClient::new(self.0.clone())
    }

    pub(super) fn deal_flow(&self) -> DealFlowServiceClient<Line> {
        DealFlowServiceClient::new(self.0.clone())
    }

    pub(super) fn forum_events(&self) -> ForumEventServiceClient<Line> {
        ForumEventServiceClient::new(self.0.clone())
    }

    pub(super) fn recruitment(&self) -> RecruitmentServiceClient<Line> {
        RecruitmentServiceClient::new(self.0.clone())
    }

    pub(super) fn ventures(&self) -> VentureServiceClient<Line> {
        VentureServiceClient::new(self.0.clone())
    }

    pub(super) fn billing(&self) -> BillingServiceClient<Line> {
        BillingServiceClient::new(self.0.clone())
    }

    pub(super) fn revenue_share(&self) -> RevenueShareServiceClient<Line> {
        RevenueShareServiceClient::new(self.0.clone())
    }

    pub(super) fn directory(&self) -> DirectoryServiceClient<Line> {
        DirectoryServiceClient::new(self.0.clone())
    }
}

/// What a call that had to succeed replied.
pub(super) fn granted<T>(step: &str, outcome: Result<Response<T>, Status>) -> Result<T, DemoError> {
    match outcome {
        Ok(response) => Ok(response.into_inner()),
        Err(status) => Err(DemoError::Refused { step: step.to_owned(), said: Box::new(Said::of(&status)) }),
    }
}

/// A part that every such reply has.
pub(super) fn part<T>(step: &str, what: &'static str, part: Option<T>) -> Result<T, DemoError> {
    part.ok_or_else(|| DemoError::Incomplete { step: step.to_owned(), what })
}

/// The position that a receipt names, if the command wrote something.
pub(super) fn written(receipt: Option<&Receipt>) -> Option<&str> {
    receipt.map(|receipt| receipt.position.as_str()).filter(|position| !position.is_empty())
}
