//! The selling side: what vendors list and quote, alone or as a consortium, and whom the operators admit.

mod admission;
mod consortium;
mod grpc;
mod listing;
mod parse;
mod quote;
mod refuse;

use std::{num::NonZeroUsize, sync::Arc};

use domain::{
    consortium::Consortium,
    dataset::Dataset,
    id::{ContractId, ListingId, OrganisationId},
    listing::Listing,
    organisation::Organisation,
    quote::Quote,
    vendor_admission::VendorAdmission,
};
use engine::{Aggregates, Authorised, Contracts, Gate, Known, Lookup, Refusal, Reservations, UnderContract};
use event_log::{EventLog, Guard};
use events::Category;
use proto::kiban::order::v1::listing_service_server::ListingServiceServer;

use crate::fields::missing;

const HOT: NonZeroUsize = NonZeroUsize::new(10_000).unwrap();
/// There is one admission for each kind of service.
const ADMISSIONS: NonZeroUsize = NonZeroUsize::new(16).unwrap();

/// Serves `kiban.order.v1.ListingService`.
pub struct ListingApi {
    gate: Arc<Gate>,
    listings: Aggregates<Listing>,
    quotes: Aggregates<Quote>,
    consortia: Aggregates<Consortium>,
    admissions: Aggregates<VendorAdmission>,
    reservations: Reservations,
    facts: Facts,
}

/// What the selling side needs of other streams.
struct Facts {
    contracts: Contracts,
    organisations: Lookup<Organisation>,
    listings: Lookup<Listing>,
    consortia: Lookup<Consortium>,
    admissions: Lookup<VendorAdmission>,
    datasets: Lookup<Dataset>,
}

impl ListingApi {
    /// The service over a log.
    pub fn new(log: Arc<dyn EventLog>, gate: Arc<Gate>) -> Self {
        Self {
            gate,
            facts: Facts {
                contracts: Contracts::new(log.clone()),
                organisations: Lookup::new(log.clone(), HOT),
                listings: Lookup::new(log.clone(), HOT),
                consortia: Lookup::new(log.clone(), HOT),
                admissions: Lookup::new(log.clone(), ADMISSIONS),
                datasets: Lookup::new(log.clone(), HOT),
            },
            reservations: Reservations::new(log.clone()),
            listings: Aggregates::new(log.clone(), HOT),
            quotes: Aggregates::new(log.clone(), HOT),
            consortia: Aggregates::new(log.clone(), HOT),
            admissions: Aggregates::new(log, ADMISSIONS),
        }
    }

    /// As a gRPC server.
    pub fn server(self) -> ListingServiceServer<Self> {
        ListingServiceServer::new(self)
    }
}

impl Facts {
    /// The caller's own contract as it is now; one that does not concern the caller does not exist.
    async fn contract<T>(
        &self,
        request: &Authorised<T>,
        contract: ContractId,
    ) -> Result<UnderContract, Refusal> {
        self.contracts.of("contract_id", contract, request.caller().organisation, request.at()).await
    }

    async fn organisation(&self, id: OrganisationId) -> Result<Known<Organisation>, Refusal> {
        self.organisations.now(&Category::Organisation.stream(id)).await
    }

    /// The guard of an organisation that is registered; `field` names it in the request.
    async fn registered(&self, field: &str, id: OrganisationId) -> Result<Guard, Refusal> {
        let known = self.organisation(id).await?;
        match known.state.profile() {
            Some(_) => Ok(known.guard()),
            None => Err(missing(field, id)),
        }
    }

    async fn listing(&self, id: ListingId) -> Result<Known<Listing>, Refusal> {
        self.listings.now(&Category::Listing.stream(id)).await
    }
}
