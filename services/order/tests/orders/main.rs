//! The order service through its public door.

mod world;

use domain::{
    id::{ContractId, OrganisationId},
    organisation::Capacity,
};
use engine::wire_time;
use event_log::Page;
use events::{Category, decode_frame};
use order::Orders;
use proto::kiban::{
    common::v1::Money,
    order::v1::{
        GetOrderRequest, GetOrderResponse, Milestone, OmicsModality, OrderOmicsAnalysisRequest,
        OrderOmicsAnalysisResponse, order_service_server::OrderService,
    },
};
use tonic::{Response, Status};
use world::{World, by, day, reason};

struct Forum {
    world: World,
    orders: Orders,
    contract: ContractId,
    promoter: OrganisationId,
    member: OrganisationId,
    rival: OrganisationId,
    vendor: OrganisationId,
}

impl Forum {
    async fn new() -> Self {
        let world = World::new();
        let promoter = world.register(1, Capacity::Promoter).await;
        let member = world.register(2, Capacity::Member).await;
        let rival = world.register(3, Capacity::Member).await;
        let vendor = world.register(4, Capacity::Vendor).await;
        let contract = world.contract(member, promoter).await;
        let orders = Orders::new(world.log.clone(), world.gate.clone());
        Self { world, orders, contract, promoter, member, rival, vendor }
    }

    fn request(&self) -> OrderOmicsAnalysisRequest {
        OrderOmicsAnalysisRequest {
            command_id: "order".into(),
            validate_only: false,
            contract_id: self.contract.to_string(),
            vendor_id: self.vendor.to_string(),
            modality: OmicsModality::Proteome.into(),
            specimens: 48,
            price: yen(1_000_000),
            milestones: vec![milestone("raw data", 600_000), milestone("report", 400_000)],
        }
    }

    async fn order(
        &self,
        by_whom: OrganisationId,
        request: OrderOmicsAnalysisRequest,
    ) -> Result<OrderOmicsAnalysisResponse, Status> {
        self.orders.order_omics_analysis(by(by_whom, request)).await.map(Response::into_inner)
    }

    async fn get(&self, by_whom: OrganisationId, id: &str) -> Result<GetOrderResponse, Status> {
        let request = GetOrderRequest { order_id: id.into() };
        self.orders.get_order(by(by_whom, request)).await.map(Response::into_inner)
    }
}

fn yen(yen: i64) -> Option<Money> {
    Some(Money { currency_code: "JPY".into(), minor_units: yen })
}

fn milestone(name: &str, amount: i64) -> Milestone {
    Milestone { name: name.into(), amount: yen(amount) }
}

#[tokio::test]
async fn a_member_orders_and_those_concerned_may_look() {
    let forum = Forum::new().await;
    let ordered = forum.order(forum.member, forum.request()).await.unwrap();
    for concerned in [forum.member, forum.vendor, forum.promoter] {
        let order = forum.get(concerned, &ordered.order_id).await.unwrap().order.unwrap();
        assert_eq!(order.id, ordered.order_id);
        assert_eq!(order.member_id, forum.member.to_string());
        assert_eq!(order.contract_id, forum.contract.to_string());
        assert_eq!((order.modality(), order.specimens), (OmicsModality::Proteome, 48));
        assert_eq!((order.price, order.milestones), (forum.request().price, forum.request().milestones));
        assert_eq!(order.ordered_at, Some(wire_time(day(2026, 3, 2))));
    }
    assert_eq!(reason(forum.get(forum.rival, &ordered.order_id).await).0, "NOT_FOUND");
    let retry = forum.order(forum.member, forum.request()).await.unwrap();
    assert_eq!(retry.order_id, ordered.order_id);
    assert!(retry.receipt.unwrap().replayed);
}

#[tokio::test]
async fn an_order_names_its_contract_and_whom_it_concerns() {
    let forum = Forum::new().await;
    let ordered = forum.order(forum.member, forum.request()).await.unwrap();
    let id: domain::id::OrderId = ordered.order_id.parse().unwrap();
    let stream = Category::Order.stream(id);
    let frames = forum.world.log.read_stream(&stream, 0, Page::default()).await.unwrap();
    let events: Vec<_> = frames.iter().flat_map(|frame| decode_frame(frame).unwrap()).collect();
    let [event] = events.as_slice() else { panic!("one event, not {events:?}") };
    assert_eq!(event.metadata.partition, Some(forum.contract));
    assert_eq!(event.metadata.audience, [forum.member, forum.vendor]);
    let events::Event::Order(domain::order::Event::OmicsAnalysisOrdered(ordered)) = &event.event else {
        panic!("an order, not {:?}", event.event)
    };
    assert_eq!(ordered.contract_revision, 5, "the contract at which the decision stood");
}

#[tokio::test]
async fn orders_are_refused_by_rule() {
    let forum = Forum::new().await;
    type Change<'a> = &'a dyn Fn(&mut OrderOmicsAnalysisRequest);
    let missing = ContractId::from_u128(99).to_string();
    let cases: [(Change<'_>, &str, &str); 12] = [
        (&|request| request.modality = 0, "INVALID_FIELD", "modality"),
        (&|request| request.specimens = 0, "INVALID_FIELD", "specimens"),
        (&|request| request.price = None, "INVALID_FIELD", "price"),
        (&|request| request.price = yen(-1), "INVALID_FIELD", "price"),
        (
            &|request| request.price.as_mut().unwrap().currency_code = "USD".into(),
            "INVALID_FIELD",
            "price.currency_code",
        ),
        (&|request| request.milestones.clear(), "INVALID_FIELD", "milestones"),
        (&|request| request.milestones[1].amount = yen(0), "INVALID_FIELD", "milestones[1].amount"),
        (&|request| request.milestones[1].name = "raw data".into(), "INVALID_FIELD", "milestones[1].name"),
        (&|request| request.price = yen(1_000_001), "MILESTONES_MISS_PRICE", "milestones"),
        (&|request| request.vendor_id = forum.member.to_string(), "INVALID_FIELD", "vendor_id"),
        (&|request| request.vendor_id = forum.rival.to_string(), "COUNTERPARTY_LACKS_CAPACITY", "vendor_id"),
        (&|request| request.contract_id = missing.clone(), "NOT_FOUND", "contract_id"),
    ];
    for (change, text, field) in cases {
        let mut request = forum.request();
        change(&mut request);
        assert_eq!(reason(forum.order(forum.member, request).await), (text.into(), field.into()));
    }
    let strangers = forum.order(forum.rival, forum.request()).await;
    assert_eq!(reason(strangers), ("NOT_FOUND".into(), "contract_id".into()), "not even that it exists");
    let vendors = forum.order(forum.vendor, forum.request()).await;
    assert_eq!(reason(vendors).0, "CAPACITY_REQUIRED");
}

#[tokio::test]
async fn only_a_contract_in_force_covers_an_order() {
    let forum = Forum::new().await;
    forum.world.pause(forum.contract).await;
    let paused = forum.order(forum.member, forum.request()).await;
    assert_eq!(reason(paused), ("CONTRACT_NOT_IN_FORCE".into(), "contract_id".into()));
    forum.world.clock.set(day(2027, 3, 1));
    let expired = forum.order(forum.member, forum.request()).await;
    assert_eq!(reason(expired), ("CONTRACT_ENDED".into(), "contract_id".into()));
}
