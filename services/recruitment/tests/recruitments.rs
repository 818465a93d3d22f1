//! The recruitment service through its public door.

#[path = "../../order/tests/orders/world.rs"]
mod world;

use domain::{
    id::{ContractId, OrganisationId},
    organisation::Capacity,
};
use proto::kiban::recruitment::v1::{
    GetRecruitmentRequest, GetRecruitmentResponse, RequestRecruitmentRequest, RequestRecruitmentResponse,
    recruitment_service_server::RecruitmentService,
};
use recruitment::Recruitments;
use tonic::{Response, Status};
use world::{World, by, day, reason};

struct Forum {
    world: World,
    recruitments: Recruitments,
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
        let recruitments = Recruitments::new(world.log.clone(), world.gate.clone());
        Self { world, recruitments, contract, promoter, member, rival, vendor }
    }

    fn request(&self) -> RequestRecruitmentRequest {
        RequestRecruitmentRequest {
            command_id: "request".into(),
            validate_only: false,
            contract_id: self.contract.to_string(),
            executor_id: self.vendor.to_string(),
            study_title: "Second line in lung adenocarcinoma".into(),
            diagnosis: "ICD-O-3:8140/3".into(),
            participants_wanted: 120,
        }
    }

    async fn ask(
        &self,
        by_whom: OrganisationId,
        request: RequestRecruitmentRequest,
    ) -> Result<RequestRecruitmentResponse, Status> {
        self.recruitments.request_recruitment(by(by_whom, request)).await.map(Response::into_inner)
    }

    async fn get(&self, by_whom: OrganisationId, id: &str) -> Result<GetRecruitmentResponse, Status> {
        let request = GetRecruitmentRequest { recruitment_id: id.into() };
        self.recruitments.get_recruitment(by(by_whom, request)).await.map(Response::into_inner)
    }
}

#[tokio::test]
async fn a_member_asks_and_those_concerned_may_look() {
    let forum = Forum::new().await;
    let asked = forum.ask(forum.member, forum.request()).await.unwrap();
    for concerned in [forum.member, forum.vendor, forum.promoter] {
        let found = forum.get(concerned, &asked.recruitment_id).await.unwrap().recruitment.unwrap();
        assert_eq!(found.id, asked.recruitment_id);
        assert_eq!(found.executor_id, forum.vendor.to_string());
        assert_eq!((found.diagnosis.as_str(), found.participants_wanted), ("ICD-O-3:8140/3", 120));
    }
    assert_eq!(reason(forum.get(forum.rival, &asked.recruitment_id).await).0, "NOT_FOUND");
    let promoters = RequestRecruitmentRequest {
        command_id: "of the promoter".into(),
        executor_id: forum.promoter.to_string(),
        ..forum.request()
    };
    assert!(forum.ask(forum.member, promoters).await.is_ok());
}

#[tokio::test]
async fn requests_are_refused_by_rule() {
    let forum = Forum::new().await;
    type Change<'a> = &'a dyn Fn(&mut RequestRecruitmentRequest);
    let cases: [(Change<'_>, &str, &str); 6] = [
        (&|request| request.diagnosis.clear(), "INVALID_FIELD", "diagnosis"),
        (&|request| request.study_title.clear(), "INVALID_FIELD", "study_title"),
        (&|request| request.participants_wanted = 0, "INVALID_FIELD", "participants_wanted"),
        (&|request| request.participants_wanted = 100_001, "INVALID_FIELD", "participants_wanted"),
        (&|request| request.executor_id = forum.member.to_string(), "INVALID_FIELD", "executor_id"),
        (
            &|request| request.executor_id = forum.rival.to_string(),
            "COUNTERPARTY_LACKS_CAPACITY",
            "executor_id",
        ),
    ];
    for (change, text, field) in cases {
        let mut request = forum.request();
        change(&mut request);
        assert_eq!(reason(forum.ask(forum.member, request).await), (text.into(), field.into()));
    }
    let strangers = forum.ask(forum.rival, forum.request()).await;
    assert_eq!(reason(strangers), ("NOT_FOUND".into(), "contract_id".into()));
    forum.world.pause(forum.contract).await;
    let paused = forum.ask(forum.member, forum.request()).await;
    assert_eq!(reason(paused), ("CONTRACT_NOT_IN_FORCE".into(), "contract_id".into()));
    forum.world.clock.set(day(2027, 3, 1));
    let expired = forum.ask(forum.member, forum.request()).await;
    assert_eq!(reason(expired), ("CONTRACT_ENDED".into(), "contract_id".into()));
}
