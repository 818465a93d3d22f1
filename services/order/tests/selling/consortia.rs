//! Vendors that sell as one.

use domain::{
    contract::ContractKind,
    id::{ContractId, ListingId, OrganisationId},
    organisation::Capacity,
};
use events::Category;
use proto::kiban::order::v1::{
    Consortium, ConsortiumShare, GetConsortiumRequest, GetListingRequest, JoinConsortiumRequest,
    JoinConsortiumResponse, ListServiceRequest, ListingContent, OpenAdmission, ProposeConsortiumRequest,
    ProposeConsortiumResponse, ReviseServiceRequest, ServiceKind, SetVendorAdmissionRequest, VendorAdmission,
    WithdrawServiceRequest, listing_service_server::ListingService, vendor_admission::Mode,
};
use tonic::{Response, Status};
use world::{by, reason};

use crate::forum::{Forum, content};

impl Forum {
    fn proposal(&self) -> ProposeConsortiumRequest {
        let share = |vendor: OrganisationId, percentage: &str| ConsortiumShare {
            vendor_id: vendor.to_string(),
            percentage: percentage.into(),
            contract_id: String::new(),
        };
        ProposeConsortiumRequest {
            command_id: "propose".into(),
            validate_only: false,
            contract_id: self.selling.to_string(),
            name: "オミックス連合".into(),
            shares: vec![share(self.vendor, "62.5"), share(self.second, "37.5")],
        }
    }

    async fn propose(
        &self,
        by_whom: OrganisationId,
        request: ProposeConsortiumRequest,
    ) -> Result<ProposeConsortiumResponse, Status> {
        self.api.propose_consortium(by(by_whom, request)).await.map(Response::into_inner)
    }

    async fn join(
        &self,
        by_whom: OrganisationId,
        consortium_id: &str,
    ) -> Result<JoinConsortiumResponse, Status> {
        let request = JoinConsortiumRequest {
            command_id: "join".into(),
            consortium_id: consortium_id.into(),
            contract_id: ContractId::from_u128(by_whom.as_u128()).to_string(),
            ..Default::default()
        };
        self.api.join_consortium(by(by_whom, request)).await.map(Response::into_inner)
    }

    async fn get_consortium(&self, by_whom: OrganisationId, id: &str) -> Result<Consortium, Status> {
        let request = GetConsortiumRequest { consortium_id: id.into() };
        let found = self.api.get_consortium(by(by_whom, request)).await.map(Response::into_inner)?;
        Ok(found.consortium.unwrap())
    }
}

#[tokio::test]
async fn vendors_that_have_all_agreed_sell_as_one() {
    let forum = Forum::new().await;
    let consortium = forum.propose(forum.vendor, forum.proposal()).await.unwrap().consortium_id;
    let selling = ListServiceRequest { consortium_id: consortium.clone(), ..forum.listed() };
    let early = forum.list(forum.vendor, selling.clone()).await;
    assert_eq!(reason(early), ("CONSORTIUM_NOT_FORMED".into(), "consortium_id".into()));
    assert!(!forum.get_consortium(forum.second, &consortium).await.unwrap().formed);
    assert!(forum.join(forum.second, &consortium).await.unwrap().formed);
    assert!(forum.join(forum.second, &consortium).await.unwrap().receipt.unwrap().replayed);

    let listing_id = forum.list(forum.vendor, selling.clone()).await.unwrap().listing_id;
    for member in [forum.vendor, forum.second] {
        let request = GetListingRequest { listing_id: listing_id.clone() };
        let found = forum.api.get_listing(by(member, request)).await.unwrap().into_inner();
        assert_eq!(found.listing.unwrap().consortium_id, consortium);
    }
    let contract_id = ContractId::from_u128(forum.second.as_u128()).to_string();
    let others = ListServiceRequest { contract_id, ..selling };
    assert_eq!(reason(forum.list(forum.second, others).await).0, "NOT_YOURS", "the lead alone lists");
    let found = forum.get_consortium(forum.promoter, &consortium).await.unwrap();
    assert!(found.shares.iter().all(|share| !share.contract_id.is_empty()));
    assert_eq!(reason(forum.get_consortium(forum.member, &consortium).await).0, "NOT_FOUND");
}

#[tokio::test]
async fn consortia_are_refused_by_rule() {
    let forum = Forum::new().await;
    let nobody = OrganisationId::from_u128(99).to_string();
    let own = forum.selling.to_string();
    type Change<'a> = &'a dyn Fn(&mut ProposeConsortiumRequest);
    let cases: [(Change<'_>, &str, &str); 8] = [
        (&|request| request.name.clear(), "INVALID_FIELD", "name"),
        (&|request| request.shares.truncate(1), "INVALID_FIELD", "shares"),
        (&|request| request.shares[1].percentage = "0".into(), "INVALID_PERCENTAGE", "shares[1].percentage"),
        (&|request| request.shares[1].percentage = "37".into(), "PERCENTAGES_NOT_HUNDRED", "shares"),
        (&|request| request.shares[1].percentage = "a".into(), "INVALID_FIELD", "shares[1].percentage"),
        (
            &|request| request.shares[1].vendor_id = request.shares[0].vendor_id.clone(),
            "DUPLICATE_ENTRY",
            "shares",
        ),
        (&|request| request.shares[1].vendor_id = nobody.clone(), "NOT_FOUND", "shares[1].vendor_id"),
        (&|request| request.shares[0].contract_id = own.clone(), "INVALID_FIELD", "shares[0].contract_id"),
    ];
    for (change, text, field) in cases {
        let mut request = forum.proposal();
        change(&mut request);
        assert_eq!(reason(forum.propose(forum.vendor, request).await), (text.into(), field.into()));
    }
    let members = forum.propose(forum.member, forum.proposal()).await;
    assert_eq!(reason(members).0, "CAPACITY_REQUIRED");
}

#[tokio::test]
async fn who_is_not_in_the_split_cannot_join_and_who_is_needs_a_contract_in_force() {
    let forum = Forum::new().await;
    let third = forum.world.register(5, Capacity::Vendor).await;
    forum.world.contract_of(ContractKind::VendorParticipation, third, forum.promoter).await;
    let consortium = forum.propose(forum.vendor, forum.proposal()).await.unwrap().consortium_id;
    assert_eq!(reason(forum.join(third, &consortium).await), ("NOT_FOUND".into(), "consortium_id".into()));
    forum.race.pauses(&forum.world, forum.second);
    let paused = forum.join(forum.second, &consortium).await;
    assert!(forum.race.is_run());
    assert_eq!(reason(paused), ("CONTRACT_NOT_IN_FORCE".into(), "contract_id".into()));
    assert!(!forum.get_consortium(forum.vendor, &consortium).await.unwrap().formed);
}

/// Who could sell when it joined need not be able to any more: each listing and each revision looks again.
#[tokio::test]
async fn a_consortium_of_which_a_member_cannot_sell_lists_and_revises_nothing() {
    let forum = Forum::new().await;
    let consortium_id = forum.propose(forum.vendor, forum.proposal()).await.unwrap().consortium_id;
    forum.join(forum.second, &consortium_id).await.unwrap();
    let selling = ListServiceRequest { consortium_id, ..forum.listed() };
    let listing_id = forum.list(forum.vendor, selling.clone()).await.unwrap().listing_id;
    let mut another = ListServiceRequest { command_id: "list-2".into(), ..selling };
    another.content.as_mut().unwrap().code = "RNA-2".into();
    let revise = ReviseServiceRequest {
        command_id: "revise".into(),
        listing_id,
        contract_id: forum.selling.to_string(),
        content: Some(ListingContent { title: "RNA-seq, stranded".into(), ..content() }),
        ..Default::default()
    };
    let admit = async |command_id: &str, mode| {
        let request = SetVendorAdmissionRequest {
            command_id: command_id.into(),
            kind: ServiceKind::OmicsAnalysis.into(),
            admission: Some(VendorAdmission { mode: Some(mode) }),
            ..Default::default()
        };
        forum.api.set_vendor_admission(by(forum.promoter, request)).await.unwrap();
    };
    let refused = async |expected: &str| {
        let revised = forum.api.revise_service(by(forum.vendor, revise.clone())).await;
        assert_eq!(reason(revised), (expected.into(), "listing_id".into()));
        let listed = forum.list(forum.vendor, another.clone()).await;
        assert_eq!(reason(listed), (expected.into(), "consortium_id".into()));
    };
    admit("lead alone", Mode::ExclusiveVendorId(forum.vendor.to_string())).await;
    refused("VENDOR_NOT_ADMITTED").await;
    admit("open", Mode::Open(OpenAdmission {})).await;
    // The partner's contract is a guard: what ends between decision and append is seen.
    forum.race.pauses(&forum.world, forum.second);
    refused("VENDOR_NOT_PARTICIPATING").await;
    assert!(forum.race.is_run());
}

#[tokio::test]
async fn what_becomes_of_a_listing_concerns_everybody_who_sells_it() {
    let forum = Forum::new().await;
    let consortium_id = forum.propose(forum.vendor, forum.proposal()).await.unwrap().consortium_id;
    forum.join(forum.second, &consortium_id).await.unwrap();
    let selling = ListServiceRequest { consortium_id, ..forum.listed() };
    let listing_id = forum.list(forum.vendor, selling).await.unwrap().listing_id;
    let revise = ReviseServiceRequest {
        command_id: "revise".into(),
        listing_id: listing_id.clone(),
        contract_id: forum.selling.to_string(),
        content: Some(ListingContent { title: "RNA-seq, stranded".into(), ..content() }),
        ..Default::default()
    };
    forum.api.revise_service(by(forum.vendor, revise)).await.unwrap();
    let withdraw = WithdrawServiceRequest {
        command_id: "withdraw".into(),
        listing_id: listing_id.clone(),
        reason: "sold out".into(),
        ..Default::default()
    };
    forum.api.withdraw_service(by(forum.vendor, withdraw)).await.unwrap();
    let history =
        forum.world.history(Category::Listing.stream(listing_id.parse::<ListingId>().unwrap())).await;
    assert_eq!(history.len(), 3);
    for event in history {
        assert_eq!(event.metadata.audience, [forum.vendor, forum.second], "{event:?}");
    }
}
