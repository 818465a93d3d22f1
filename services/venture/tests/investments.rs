//! The venture service through its public door.

#[allow(dead_code, reason = "investments need no contract")]
#[path = "../../order/tests/orders/world.rs"]
mod world;

use domain::{id::OrganisationId, organisation::Capacity};
use proto::kiban::{
    common::v1::Money,
    venture::v1::{
        GetInvestmentRequest, GetInvestmentResponse, RecordInvestmentRequest, RecordInvestmentResponse,
        venture_service_server::VentureService,
    },
};
use tonic::{Response, Status};
use venture::Ventures;
use world::{World, by, reason};

struct Forum {
    ventures: Ventures,
    promoter: OrganisationId,
    investor: OrganisationId,
    venture: OrganisationId,
    rival: OrganisationId,
}

impl Forum {
    async fn new() -> Self {
        let world = World::new();
        let promoter = world.register(1, Capacity::Promoter).await;
        let investor = world.register(2, Capacity::Investor).await;
        let venture = world.register(3, Capacity::Vendor).await;
        let rival = world.register(4, Capacity::Investor).await;
        let ventures = Ventures::new(world.log.clone(), world.gate.clone());
        Self { ventures, promoter, investor, venture, rival }
    }

    fn request(&self) -> RecordInvestmentRequest {
        RecordInvestmentRequest {
            command_id: "record".into(),
            validate_only: false,
            venture_id: self.venture.to_string(),
            round: "series-a".into(),
            amount: Some(Money { currency_code: "JPY".into(), minor_units: 300_000_000 }),
        }
    }

    async fn record(
        &self,
        by_whom: OrganisationId,
        request: RecordInvestmentRequest,
    ) -> Result<RecordInvestmentResponse, Status> {
        self.ventures.record_investment(by(by_whom, request)).await.map(Response::into_inner)
    }

    async fn get(&self, by_whom: OrganisationId, id: &str) -> Result<GetInvestmentResponse, Status> {
        let request = GetInvestmentRequest { investment_id: id.into() };
        self.ventures.get_investment(by(by_whom, request)).await.map(Response::into_inner)
    }
}

#[tokio::test]
async fn an_investor_records_and_those_concerned_may_look() {
    let forum = Forum::new().await;
    let recorded = forum.record(forum.investor, forum.request()).await.unwrap();
    for concerned in [forum.investor, forum.venture, forum.promoter] {
        let found = forum.get(concerned, &recorded.investment_id).await.unwrap().investment.unwrap();
        assert_eq!(found.id, recorded.investment_id);
        assert_eq!(found.investor_id, forum.investor.to_string());
        assert_eq!((found.round.as_str(), found.amount), ("series-a", forum.request().amount));
    }
    assert_eq!(reason(forum.get(forum.rival, &recorded.investment_id).await).0, "NOT_FOUND");
    let retry = forum.record(forum.investor, forum.request()).await.unwrap();
    assert!(retry.receipt.unwrap().replayed);
}

#[tokio::test]
async fn investments_are_refused_by_rule() {
    let forum = Forum::new().await;
    type Change<'a> = &'a dyn Fn(&mut RecordInvestmentRequest);
    let nobody = OrganisationId::from_u128(99).to_string();
    let cases: [(Change<'_>, &str, &str); 6] = [
        (&|request| request.amount = None, "INVALID_FIELD", "amount"),
        (&|request| request.amount.as_mut().unwrap().minor_units = 0, "INVALID_FIELD", "amount"),
        (&|request| request.round = "Series A".into(), "INVALID_FIELD", "round"),
        (&|request| request.venture_id = forum.investor.to_string(), "INVALID_FIELD", "venture_id"),
        (&|request| request.venture_id = nobody.clone(), "NOT_FOUND", "venture_id"),
        (&|request| request.venture_id = forum.promoter.to_string(), "PLATFORM_IS_NO_PARTY", ""),
    ];
    for (change, text, field) in cases {
        let mut request = forum.request();
        change(&mut request);
        assert_eq!(reason(forum.record(forum.investor, request).await), (text.into(), field.into()));
    }
    let itself = RecordInvestmentRequest { venture_id: forum.rival.to_string(), ..forum.request() };
    assert_eq!(reason(forum.record(forum.venture, itself).await).0, "CAPACITY_REQUIRED");
}
