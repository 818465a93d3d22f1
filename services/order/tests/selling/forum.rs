//! A promoter, a member, two vendors, their contracts, and a listing to begin with.

use domain::{
    contract::ContractKind,
    id::{ContractId, OrganisationId},
    organisation::Capacity,
};
use order::ListingApi;
use proto::kiban::{
    common::v1::Money,
    order::v1::{
        ListServiceRequest, ListServiceResponse, ListingContent, OmicsAnalysisAttributes, OmicsModality,
        RequestQuoteRequest, UnitPrice, listing_content::Attributes, listing_service_server::ListingService,
    },
};
use tonic::{Response, Status};
use world::{Race, World, by};

pub(crate) struct Forum {
    pub(crate) world: World,
    pub(crate) race: std::sync::Arc<Race>,
    pub(crate) api: ListingApi,
    pub(crate) promoter: OrganisationId,
    pub(crate) member: OrganisationId,
    pub(crate) vendor: OrganisationId,
    pub(crate) second: OrganisationId,
    /// The member's.
    pub(crate) contract: ContractId,
    /// The first vendor's.
    pub(crate) selling: ContractId,
}

impl Forum {
    pub(crate) async fn new() -> Self {
        let world = World::new();
        let promoter = world.register(1, Capacity::Promoter).await;
        let member = world.register(2, Capacity::Member).await;
        let vendor = world.register(3, Capacity::Vendor).await;
        let second = world.register(4, Capacity::Vendor).await;
        let contract = world.contract(member, promoter).await;
        let selling = world.contract_of(ContractKind::VendorParticipation, vendor, promoter).await;
        world.contract_of(ContractKind::VendorParticipation, second, promoter).await;
        let race = Race::on(world.log.clone());
        let api = ListingApi::new(race.clone(), world.gate.clone());
        Self { world, race, api, promoter, member, vendor, second, contract, selling }
    }

    pub(crate) async fn list(
        &self,
        by_whom: OrganisationId,
        request: ListServiceRequest,
    ) -> Result<ListServiceResponse, Status> {
        self.api.list_service(by(by_whom, request)).await.map(Response::into_inner)
    }

    /// The first vendor's listing.
    pub(crate) async fn listing(&self) -> String {
        self.list(self.vendor, self.listed()).await.unwrap().listing_id
    }

    pub(crate) fn listed(&self) -> ListServiceRequest {
        ListServiceRequest {
            command_id: "list".into(),
            validate_only: false,
            contract_id: self.selling.to_string(),
            consortium_id: String::new(),
            content: Some(content()),
        }
    }

    /// A request of the member for a quote.
    pub(crate) fn asked(&self, listing_id: String) -> RequestQuoteRequest {
        RequestQuoteRequest {
            command_id: "ask".into(),
            validate_only: false,
            contract_id: self.contract.to_string(),
            listing_id,
            quantity: 48,
            requirements: "FFPE、ストランド特異的".into(),
            required_credentials: vec!["iso-15189".into()],
            dataset_id: String::new(),
        }
    }
}

pub(crate) fn content() -> ListingContent {
    ListingContent {
        code: "RNA-1".into(),
        title: "RNA-seq".into(),
        description: "オミックス解析: トランスクリプトーム".into(),
        turnaround_days: Some(30),
        list_price: Some(UnitPrice { unit: "specimen".into(), price: yen(50_000) }),
        minimum_quantity: 8,
        attributes: Some(Attributes::OmicsAnalysis(OmicsAnalysisAttributes {
            modality: OmicsModality::Transcriptome.into(),
            platform: "Illumina NovaSeq X".into(),
            input_material: "ffpe".into(),
            input_minimum_amount: "200 ng".into(),
        })),
    }
}

pub(crate) fn yen(minor_units: i64) -> Option<Money> {
    Some(Money { currency_code: "JPY".into(), minor_units })
}
