//! Those who run the forum, two members, two vendors, their contracts, listings to order from, and a quote.

use std::sync::Arc;

use domain::{
    contract::ContractKind,
    id::{ContractId, DatasetId, OrganisationId},
    organisation::Capacity,
};
use events::wire;
use jiff::civil::date;
use order::{ListingApi, Orders, Specimens};
use proto::kiban::{
    common::v1::Money,
    order::v1::{
        AcceptDeliveryRequest, AcceptDeliveryResponse, AcceptOrderRequest, Artefact, CancelOrderRequest,
        ConsentToShare, ConsortiumShare, DeclineOrderRequest, DeliverMilestoneRequest, DepositResultRequest,
        DerivedModel, DisputeDeliveryRequest, GetOrderRequest, JoinConsortiumRequest, ListPriceSource,
        ListServiceRequest, ListingContent, Milestone, OmicsAnalysisAttributes, OmicsModality, Order,
        PatientDerivedModelAttributes, PlaceOrderRequest, PlaceOrderResponse, ProposeConsortiumRequest,
        QuoteSource, RequestQuoteRequest, SubmitQuoteRequest, UnitPrice, listing_content::Attributes,
        listing_service_server::ListingService, order_service_server::OrderService,
        place_order_request::Source,
    },
};
use tonic::{Response, Status};
use world::{Race, World, by, day};

pub(crate) struct Forum {
    pub(crate) world: World,
    pub(crate) race: Arc<Race>,
    pub(crate) selling: ListingApi,
    pub(crate) orders: Orders,
    pub(crate) specimens: Specimens,
    pub(crate) base: OrganisationId,
    pub(crate) promoter: OrganisationId,
    pub(crate) member: OrganisationId,
    pub(crate) rival: OrganisationId,
    pub(crate) vendor: OrganisationId,
    pub(crate) second: OrganisationId,
    /// The member's.
    pub(crate) contract: ContractId,
    /// The first vendor's.
    pub(crate) participation: ContractId,
    /// Of which derived material may be sold.
    pub(crate) consented: DatasetId,
    /// Of which it may not.
    pub(crate) unconsented: DatasetId,
}

impl Forum {
    pub(crate) async fn new() -> Self {
        let world = World::new();
        let promoter = world.register(1, Capacity::Promoter).await;
        let member = world.register(2, Capacity::Member).await;
        let rival = world.register(3, Capacity::Member).await;
        let vendor = world.register(4, Capacity::Vendor).await;
        let second = world.register(5, Capacity::Vendor).await;
        let base = world.register(6, Capacity::BaseOperator).await;
        let contract = world.contract(member, promoter).await;
        world.contract(rival, promoter).await;
        let participation = world.contract_of(ContractKind::VendorParticipation, vendor, promoter).await;
        world.contract_of(ContractKind::VendorParticipation, second, promoter).await;
        world.attest(vendor, "iso-15189", date(2026, 4, 1)).await;
        let race = Race::on(world.log.clone());
        Self {
            selling: ListingApi::new(world.log.clone(), world.gate.clone()),
            orders: Orders::new(race.clone(), world.gate.clone()),
            specimens: Specimens::new(race.clone(), world.gate.clone()),
            consented: world.dataset(1, base, true).await,
            unconsented: world.dataset(2, base, false).await,
            world,
            race,
            base,
            promoter,
            member,
            rival,
            vendor,
            second,
            contract,
            participation,
        }
    }

    /// A listing of the first vendor: a proteome at 20,000 yen a specimen, at least 10.
    pub(crate) async fn proteome(&self) -> String {
        self.list("PLASMA-1", self.plasma()).await
    }

    fn plasma(&self) -> Attributes {
        Attributes::OmicsAnalysis(OmicsAnalysisAttributes {
            modality: OmicsModality::Proteome.into(),
            platform: "timsTOF".into(),
            input_material: "plasma".into(),
            input_minimum_amount: "200 µl".into(),
        })
    }

    /// A listing of the first vendor: patient-derived organoids, at the same price.
    pub(crate) async fn organoids(&self) -> String {
        self.models("ORGANOID-1", ConsentToShare::Yes).await
    }

    /// Organoids, of which the patient consented to share or not.
    pub(crate) async fn models(&self, code: &str, consent: ConsentToShare) -> String {
        let attributes = Attributes::PatientDerivedModel(PatientDerivedModelAttributes {
            model: DerivedModel::Organoid.into(),
            passage_number: 3,
            tumour_type: "大腸がん".into(),
            consent_to_share: consent.into(),
            ..Default::default()
        });
        self.list(code, attributes).await
    }

    /// A listing of the consortium of both vendors, like the proteome.
    pub(crate) async fn together(&self) -> String {
        let share = |vendor: OrganisationId| ConsortiumShare {
            vendor_id: vendor.to_string(),
            percentage: "50".into(),
            ..Default::default()
        };
        let propose = ProposeConsortiumRequest {
            command_id: "propose".into(),
            contract_id: self.participation.to_string(),
            name: "連合".into(),
            shares: vec![share(self.vendor), share(self.second)],
            ..Default::default()
        };
        let proposed = self.selling.propose_consortium(by(self.vendor, propose)).await.unwrap().into_inner();
        let join = JoinConsortiumRequest {
            command_id: "join".into(),
            consortium_id: proposed.consortium_id.clone(),
            contract_id: World::contract_id(self.second).to_string(),
            ..Default::default()
        };
        self.selling.join_consortium(by(self.second, join)).await.unwrap();
        let listing = ListServiceRequest {
            consortium_id: proposed.consortium_id,
            ..self.listing("PLASMA-2", self.plasma())
        };
        self.selling.list_service(by(self.vendor, listing)).await.unwrap().into_inner().listing_id
    }

    async fn list(&self, code: &str, attributes: Attributes) -> String {
        let request = self.listing(code, attributes);
        self.selling.list_service(by(self.vendor, request)).await.unwrap().into_inner().listing_id
    }

    fn listing(&self, code: &str, attributes: Attributes) -> ListServiceRequest {
        let content = ListingContent {
            code: code.into(),
            title: code.into(),
            description: "ゼノグラフトとオミックス".into(),
            turnaround_days: Some(30),
            list_price: Some(UnitPrice { unit: "specimen".into(), price: yen(20_000) }),
            minimum_quantity: 10,
            attributes: Some(attributes),
        };
        ListServiceRequest {
            command_id: code.into(),
            contract_id: self.participation.to_string(),
            content: Some(content),
            ..Default::default()
        }
    }

    /// A request of the member for a quote of a proteome, which the vendor has answered: 800,000 yen, until 10 March.
    pub(crate) async fn quote(&self, listing_id: String) -> String {
        self.quote_under(self.participation, listing_id).await
    }

    pub(crate) async fn quote_under(&self, contract: ContractId, listing_id: String) -> String {
        let request = RequestQuoteRequest {
            command_id: "ask".into(),
            contract_id: self.contract.to_string(),
            listing_id,
            quantity: 48,
            requirements: "in duplicate".into(),
            required_credentials: vec!["iso-15189".into()],
            ..Default::default()
        };
        let asked = self.selling.request_quote(by(self.member, request)).await.unwrap().into_inner();
        let submit = SubmitQuoteRequest {
            command_id: "quote".into(),
            quote_request_id: asked.quote_request_id.clone(),
            contract_id: contract.to_string(),
            price: yen(800_000),
            milestones: vec![milestone("all", 800_000)],
            turnaround_days: 45,
            valid_until: Some(wire::time(day(2026, 3, 10))),
            ..Default::default()
        };
        self.selling.submit_quote(by(self.vendor, submit)).await.unwrap();
        asked.quote_request_id
    }

    /// Twelve of a listing at its price, in two parts.
    pub(crate) fn at_list_price(&self, listing_id: &str) -> PlaceOrderRequest {
        PlaceOrderRequest {
            command_id: "order".into(),
            contract_id: self.contract.to_string(),
            source: Some(Source::ListPrice(ListPriceSource {
                listing_id: listing_id.into(),
                quantity: 12,
                milestones: vec![milestone("raw data", 140_000), milestone("report", 100_000)],
            })),
            ..Default::default()
        }
    }

    /// The first quote of a request.
    pub(crate) fn quoted(&self, command_id: &str, quote_request_id: &str) -> PlaceOrderRequest {
        let source = QuoteSource { quote_request_id: quote_request_id.into(), number: 1 };
        PlaceOrderRequest {
            command_id: command_id.into(),
            contract_id: self.contract.to_string(),
            source: Some(Source::Quote(source)),
            ..Default::default()
        }
    }

    pub(crate) async fn place(
        &self,
        by_whom: OrganisationId,
        request: PlaceOrderRequest,
    ) -> Result<PlaceOrderResponse, Status> {
        self.orders.place_order(by(by_whom, request)).await.map(Response::into_inner)
    }

    /// A proteome ordered at its list price.
    pub(crate) async fn placed(&self) -> String {
        let listing = self.proteome().await;
        self.place(self.member, self.at_list_price(&listing)).await.unwrap().order_id
    }

    pub(crate) async fn accept(&self, by_whom: OrganisationId, order_id: &str) -> Result<(), Status> {
        let (command_id, order_id) = (format!("accept {order_id}"), order_id.into());
        let request = AcceptOrderRequest { command_id, order_id, ..Default::default() };
        self.orders.accept_order(by(by_whom, request)).await.map(drop)
    }

    pub(crate) async fn decline(&self, by_whom: OrganisationId, order_id: &str) -> Result<(), Status> {
        let (command_id, reason) = ("decline".into(), "予約が一杯".into());
        let request =
            DeclineOrderRequest { command_id, order_id: order_id.into(), reason, ..Default::default() };
        self.orders.decline_order(by(by_whom, request)).await.map(drop)
    }

    pub(crate) async fn deliver(
        &self,
        by_whom: OrganisationId,
        order_id: &str,
        milestone: u32,
        what: u8,
    ) -> Result<(), Status> {
        let request = DeliverMilestoneRequest {
            command_id: format!("deliver {milestone} {what}"),
            order_id: order_id.into(),
            milestone,
            artefact: Some(artefact(what)),
            ..Default::default()
        };
        self.orders.deliver_milestone(by(by_whom, request)).await.map(drop)
    }

    pub(crate) async fn accept_delivery(
        &self,
        by_whom: OrganisationId,
        order_id: &str,
        milestone: u32,
    ) -> Result<AcceptDeliveryResponse, Status> {
        let request = AcceptDeliveryRequest {
            command_id: format!("accept {milestone}"),
            order_id: order_id.into(),
            milestone,
            ..Default::default()
        };
        self.orders.accept_delivery(by(by_whom, request)).await.map(Response::into_inner)
    }

    pub(crate) async fn dispute(
        &self,
        by_whom: OrganisationId,
        order_id: &str,
        milestone: u32,
    ) -> Result<(), Status> {
        let request = DisputeDeliveryRequest {
            command_id: format!("dispute {milestone}"),
            order_id: order_id.into(),
            milestone,
            reason: "読めない".into(),
            ..Default::default()
        };
        self.orders.dispute_delivery(by(by_whom, request)).await.map(drop)
    }

    pub(crate) async fn cancel(&self, by_whom: OrganisationId, order_id: &str) -> Result<(), Status> {
        let (command_id, reason) = ("cancel".into(), "予算".into());
        let request =
            CancelOrderRequest { command_id, order_id: order_id.into(), reason, ..Default::default() };
        self.orders.cancel_order(by(by_whom, request)).await.map(drop)
    }

    pub(crate) async fn deposit(&self, by_whom: OrganisationId, order_id: &str) -> Result<(), Status> {
        let request = DepositResultRequest {
            command_id: "deposit".into(),
            order_id: order_id.into(),
            title: "表".into(),
            artefact: Some(artefact(9)),
            ..Default::default()
        };
        self.orders.deposit_result(by(by_whom, request)).await.map(drop)
    }

    pub(crate) async fn get(&self, by_whom: OrganisationId, order_id: &str) -> Result<Order, Status> {
        let request = GetOrderRequest { order_id: order_id.into() };
        let found = self.orders.get_order(by(by_whom, request)).await.map(Response::into_inner)?;
        Ok(found.order.unwrap())
    }
}

pub(crate) fn yen(minor_units: i64) -> Option<Money> {
    Some(Money { currency_code: "JPY".into(), minor_units })
}

pub(crate) fn milestone(name: &str, amount: i64) -> Milestone {
    Milestone { name: name.into(), amount: yen(amount) }
}

pub(crate) fn artefact(number: u8) -> Artefact {
    let sha256 = format!("{number:02x}").repeat(32);
    Artefact { uri: format!("https://vendor.example/{number}"), sha256 }
}
