//! A contract that ends between a decision and its append: each is a guard, so the decision does not stand.

use domain::id::{ContractId, OrganisationId};
use proto::kiban::recruitment::v1::{RecruitmentStage, recruitment_service_server::RecruitmentService};

use crate::{
    forum::{Forum, acceptance, approval, enrolment, invitation},
    world::{by, reason},
};

impl Forum {
    /// The contract of an organisation is paused just before the next append.
    fn pauses(&self, organisation: OrganisationId) {
        let (world, contract) = (self.world.clone(), ContractId::from_u128(organisation.as_u128()));
        self.race.before_the_next_append(async move { world.pause(contract).await });
    }

    /// Refused, because what was entered has happened before.
    fn lost<T: std::fmt::Debug>(&self, outcome: Result<T, tonic::Status>, field: &str) {
        assert_eq!(reason(outcome), ("CONTRACT_NOT_IN_FORCE".into(), field.into()));
        assert!(self.race.is_run());
    }
}

#[tokio::test]
async fn a_request_stands_on_both_contracts() {
    type Whose = fn(&Forum) -> OrganisationId;
    let cases: [(Whose, &str); 2] =
        [(|forum| forum.vendor, "executor_contract_id"), (|forum| forum.member, "contract_id")];
    for (pausing, field) in cases {
        let forum = Forum::new().await;
        forum.pauses(pausing(&forum));
        let outcome = forum.recruitments.request_recruitment(by(forum.member, forum.request())).await;
        forum.lost(outcome, field);
    }
}

#[tokio::test]
async fn an_approval_stands_on_both_contracts() {
    type Whose = fn(&Forum) -> OrganisationId;
    let cases: [Whose; 2] = [|forum| forum.member, |forum| forum.vendor];
    for pausing in cases {
        let forum = Forum::new().await;
        let id = forum.requested().await;
        forum.pauses(pausing(&forum));
        let outcome = forum.recruitments.approve_recruitment(by(forum.base, approval(&id))).await;
        forum.lost(outcome, "");
        assert_eq!(forum.seen(forum.base, &id).await.stage(), RecruitmentStage::Requested);
    }
}

#[tokio::test]
async fn an_executor_invites_under_its_participation() {
    let forum = Forum::new().await;
    let id = forum.approved().await;
    forum.pauses(forum.vendor);
    let outcome = forum.recruitments.invite_institution(by(forum.vendor, invitation(&id, forum.north))).await;
    forum.lost(outcome, "");
    let operators = forum.recruitments.invite_institution(by(forum.base, invitation(&id, forum.north))).await;
    assert!(operators.is_ok());
}

#[tokio::test]
async fn an_invitation_and_its_acceptance_stand_on_the_supply_contract() {
    let forum = Forum::new().await;
    let id = forum.under_way().await;
    let third = forum.world.register(8, domain::organisation::Capacity::MedicalInstitution).await;
    forum.world.contract_of(domain::contract::ContractKind::Supply, third, forum.promoter).await;
    forum.pauses(third);
    let outcome = forum.recruitments.invite_institution(by(forum.vendor, invitation(&id, third))).await;
    forum.lost(outcome, "supply_contract_id");
    forum.pauses(forum.south);
    let outcome = forum.recruitments.respond_to_invitation(by(forum.south, acceptance(&id))).await;
    forum.lost(outcome, "");
}

#[tokio::test]
async fn an_enrolment_stands_on_the_members_contract_and_on_the_supply_contract() {
    for pausing in [|forum: &Forum| forum.member, |forum: &Forum| forum.north] {
        let forum = Forum::new().await;
        let id = forum.under_way().await;
        forum.pauses(pausing(&forum));
        let outcome = forum.recruitments.enrol_participant(by(forum.north, enrolment(&id, "A-000001"))).await;
        let message = outcome.as_ref().unwrap_err().message().to_owned();
        forum.lost(outcome, "");
        assert!(!message.contains("ctr_"), "{message}");
        assert_eq!(forum.seen(forum.member, &id).await.enrolled, 0);
    }
}
