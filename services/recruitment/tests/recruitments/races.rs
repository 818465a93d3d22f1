//! A contract that ends between a decision and its append: each is a guard, so the decision does not stand.

use domain::{
    id::OrganisationId,
    listing::ServiceKind,
    vendor_admission::{AdmissionMode, Command, SetVendorAdmission, VendorAdmission},
};
use engine::Clock;
use events::vendor_admission_stream;
use proto::kiban::recruitment::v1::{
    RecruitmentStage, RequestRecruitmentRequest, recruitment_service_server::RecruitmentService,
};
use world::{by, reason};

use crate::forum::{Forum, acceptance, approval, enrolment, invitation};

#[tokio::test]
async fn a_request_stands_on_both_contracts() {
    type Whose = fn(&Forum) -> OrganisationId;
    let cases: [(Whose, &str); 2] =
        [(|forum| forum.vendor, "executor_contract_id"), (|forum| forum.member, "contract_id")];
    for (pausing, field) in cases {
        let forum = Forum::new().await;
        forum.race.pauses(&forum.world, pausing(&forum));
        let outcome = forum.recruitments.request_recruitment(by(forum.member, forum.request())).await;
        forum.race.lost(outcome, field);
    }
}

#[tokio::test]
async fn an_approval_stands_on_both_contracts() {
    type Whose = fn(&Forum) -> OrganisationId;
    let cases: [Whose; 2] = [|forum| forum.member, |forum| forum.vendor];
    for pausing in cases {
        let forum = Forum::new().await;
        let id = forum.requested().await;
        forum.race.pauses(&forum.world, pausing(&forum));
        let outcome = forum.recruitments.approve_recruitment(by(forum.base, approval(&id))).await;
        forum.race.lost(outcome, "");
        assert_eq!(forum.seen(forum.base, &id).await.stage(), RecruitmentStage::Requested);
    }
}

#[tokio::test]
async fn a_request_and_an_approval_stand_on_the_admission_of_their_vendor() {
    let admits_others = |forum: &Forum| {
        let (world, rival) = (forum.world.clone(), forum.rival);
        let (kind, mode) = (ServiceKind::PatientRecruiting, AdmissionMode::Exclusive(rival));
        let command = SetVendorAdmission { kind, mode, at: world.clock.now() };
        forum.race.before_the_next_append(async move {
            let stream = vendor_admission_stream(kind);
            world.run::<VendorAdmission>(&stream, Command::SetVendorAdmission(command)).await;
        });
    };
    let forum = Forum::new().await;
    admits_others(&forum);
    let outcome = forum.recruitments.request_recruitment(by(forum.member, forum.request())).await;
    assert!(forum.race.is_run());
    assert_eq!(reason(outcome), ("VENDOR_NOT_ADMITTED".into(), "executor_id".into()));

    let forum = Forum::new().await;
    let id = forum.requested().await;
    admits_others(&forum);
    let outcome = forum.recruitments.approve_recruitment(by(forum.base, approval(&id))).await;
    assert!(forum.race.is_run());
    assert_eq!(reason(outcome), ("VENDOR_NOT_ADMITTED".into(), "recruitment_id".into()));
    // The promoter needs no admission.
    let promoters = RequestRecruitmentRequest {
        command_id: "of the promoter".into(),
        executor_id: forum.promoter.to_string(),
        executor_contract_id: String::new(),
        ..forum.request()
    };
    let asked = forum.recruitments.request_recruitment(by(forum.member, promoters)).await.unwrap();
    let approval = approval(&asked.into_inner().recruitment_id);
    assert!(forum.recruitments.approve_recruitment(by(forum.base, approval)).await.is_ok());
}

#[tokio::test]
async fn an_executor_invites_under_its_participation() {
    let forum = Forum::new().await;
    let id = forum.approved().await;
    forum.race.pauses(&forum.world, forum.vendor);
    let outcome = forum.recruitments.invite_institution(by(forum.vendor, invitation(&id, forum.north))).await;
    forum.race.lost(outcome, "");
    let operators = forum.recruitments.invite_institution(by(forum.base, invitation(&id, forum.north))).await;
    assert!(operators.is_ok());
}

#[tokio::test]
async fn an_invitation_and_its_acceptance_stand_on_the_supply_contract() {
    let forum = Forum::new().await;
    let id = forum.under_way().await;
    let third = forum.world.register(8, domain::organisation::Capacity::MedicalInstitution).await;
    forum.world.contract_of(domain::contract::ContractKind::Supply, third, forum.promoter).await;
    forum.race.pauses(&forum.world, third);
    let outcome = forum.recruitments.invite_institution(by(forum.vendor, invitation(&id, third))).await;
    forum.race.lost(outcome, "supply_contract_id");
    forum.race.pauses(&forum.world, forum.south);
    let outcome = forum.recruitments.respond_to_invitation(by(forum.south, acceptance(&id))).await;
    forum.race.lost(outcome, "");
}

#[tokio::test]
async fn an_enrolment_stands_on_the_contracts_of_member_institution_and_executor() {
    for pausing in [|forum: &Forum| forum.member, |forum: &Forum| forum.north, |forum: &Forum| forum.vendor] {
        let forum = Forum::new().await;
        let id = forum.under_way().await;
        forum.race.pauses(&forum.world, pausing(&forum));
        let outcome = forum.recruitments.enrol_participant(by(forum.north, enrolment(&id, "A-000001"))).await;
        let message = outcome.as_ref().unwrap_err().message().to_owned();
        forum.race.lost(outcome, "");
        assert!(!message.contains("ctr_"), "{message}");
        assert_eq!(forum.seen(forum.member, &id).await.enrolled, 0);
    }
}
