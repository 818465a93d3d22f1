//! After the approval: what each may do, and what each sees.

use proto::kiban::recruitment::v1::{
    Answer, RecruitmentStage, RespondToInvitationRequest, recruitment_service_server::RecruitmentService,
};
use world::{by, day, reason};

use crate::forum::{Forum, acceptance, closing, contacts, contract_of, enrolment, invitation};

fn refused(reason: &str, field: &str) -> (String, String) {
    (reason.into(), field.into())
}

#[tokio::test]
async fn the_member_never_learns_whose_pseudonym_it_is() {
    let forum = Forum::new().await;
    let id = forum.under_way().await;
    forum.recruitments.respond_to_invitation(by(forum.south, acceptance(&id))).await.unwrap();
    forum.recruitments.report_contacted(by(forum.south, contacts(&id, 5))).await.unwrap();
    forum.recruitments.enrol_participant(by(forum.south, enrolment(&id, "B-000001"))).await.unwrap();
    forum.recruitments.enrol_participant(by(forum.north, enrolment(&id, "A-000001"))).await.unwrap();

    let members = forum.seen(forum.member, &id).await;
    assert_eq!((members.contacted, members.enrolled), (7, 2));
    assert_eq!(members.pseudonyms, ["A-000001", "B-000001"]);
    assert_eq!(members.institutions, []);

    for sees_numbers in [forum.vendor, forum.promoter] {
        let seen = forum.seen(sees_numbers, &id).await;
        assert_eq!((seen.contacted, seen.enrolled, seen.pseudonyms.len()), (7, 2, 0));
        let of = |number: usize| {
            let part = &seen.institutions[number];
            (part.institution_id.clone(), part.contacted, part.enrolled, part.pseudonyms.len())
        };
        assert_eq!(of(0), (forum.north.to_string(), 2, 1, 0));
        assert_eq!(of(1), (forum.south.to_string(), 5, 1, 0));
    }

    let norths = forum.seen(forum.north, &id).await;
    assert_eq!((norths.contacted, norths.enrolled, norths.pseudonyms.len()), (2, 1, 0));
    assert_eq!((norths.contract_id.as_str(), norths.executor_contract_id.as_str()), ("", ""));
    assert_eq!(norths.institutions.len(), 1);
    assert_eq!(norths.institutions[0].institution_id, forum.north.to_string());
    assert_eq!(norths.institutions[0].answer(), Answer::Accepted);
    assert_eq!(norths.institutions[0].pseudonyms, ["A-000001"]);
    assert_eq!(norths.ethics_approval, "2026-117");
}

#[tokio::test]
async fn only_those_who_should_invite() {
    let forum = Forum::new().await;
    let id = forum.approved().await;
    let members = forum.recruitments.invite_institution(by(forum.member, invitation(&id, forum.north))).await;
    assert_eq!(reason(members), refused("NOT_YOURS", ""));
    let strangers =
        forum.recruitments.invite_institution(by(forum.rival, invitation(&id, forum.north))).await;
    assert_eq!(reason(strangers), refused("NOT_FOUND", ""));
    let mut others = invitation(&id, forum.north);
    others.supply_contract_id = contract_of(forum.south);
    let others = forum.recruitments.invite_institution(by(forum.vendor, others)).await;
    assert_eq!(reason(others), refused("NOT_FOUND", "supply_contract_id"));
    let no_supply =
        forum.recruitments.invite_institution(by(forum.vendor, invitation(&id, forum.member))).await;
    assert_eq!(reason(no_supply), refused("WRONG_CONTRACT_KIND", "supply_contract_id"));
    let operators = forum.recruitments.invite_institution(by(forum.base, invitation(&id, forum.north))).await;
    assert!(operators.is_ok());
}

#[tokio::test]
async fn whoever_was_not_invited_knows_nothing_of_it() {
    let forum = Forum::new().await;
    let id = forum.approved().await;
    let outcome = forum.recruitments.respond_to_invitation(by(forum.north, acceptance(&id))).await;
    assert_eq!(reason(outcome), refused("NOT_FOUND", ""));
    let executors = forum.recruitments.respond_to_invitation(by(forum.vendor, acceptance(&id))).await;
    assert_eq!(reason(executors), refused("NOT_YOURS", ""));
    let no_answer = RespondToInvitationRequest { answer: 0, ..acceptance(&id) };
    let outcome = forum.recruitments.respond_to_invitation(by(forum.north, no_answer)).await;
    assert_eq!(reason(outcome), refused("INVALID_FIELD", "answer"));
}

#[tokio::test]
async fn an_institution_that_declined_enrols_nobody() {
    let forum = Forum::new().await;
    let id = forum.under_way().await;
    let declined = RespondToInvitationRequest {
        answer: Answer::Declined.into(),
        reason: "no ward".into(),
        ..acceptance(&id)
    };
    forum.recruitments.respond_to_invitation(by(forum.south, declined)).await.unwrap();
    let part = &forum.seen(forum.vendor, &id).await.institutions[1];
    assert_eq!((part.answer(), part.reason.as_str()), (Answer::Declined, "no ward"));
    let outcome = forum.recruitments.report_contacted(by(forum.south, contacts(&id, 1))).await;
    assert_eq!(reason(outcome), refused("INVITATION_NOT_ACCEPTED", ""));
    let mut second_thought = acceptance(&id);
    second_thought.command_id = "after all".into();
    let outcome = forum.recruitments.respond_to_invitation(by(forum.south, second_thought)).await;
    assert_eq!(reason(outcome), refused("ALREADY_RESPONDED", ""));
}

#[tokio::test]
async fn enrolments_are_refused_by_rule() {
    let forum = Forum::new().await;
    let id = forum.under_way().await;
    let enrol = async |by_whom, pseudonym: &str| {
        forum.recruitments.enrol_participant(by(by_whom, enrolment(&id, pseudonym))).await
    };
    assert_eq!(reason(enrol(forum.north, "Yamada").await), refused("INVALID_FIELD", "pseudonym"));
    let mut none = contacts(&id, 0);
    none.command_id = "nobody".into();
    let none = forum.recruitments.report_contacted(by(forum.north, none)).await;
    assert_eq!(reason(none), refused("INVALID_FIELD", "number"));
    for pseudonym in ["A-000001", "A-000002"] {
        enrol(forum.north, pseudonym).await.unwrap();
    }
    assert_eq!(reason(enrol(forum.north, "A-000003").await), refused("NOBODY_LEFT_TO_ENROL", ""));
    forum.recruitments.respond_to_invitation(by(forum.south, acceptance(&id))).await.unwrap();
    forum.recruitments.report_contacted(by(forum.south, contacts(&id, 5))).await.unwrap();
    assert_eq!(reason(enrol(forum.south, "A-000001").await), refused("KEY_TAKEN", "pseudonym"));
    enrol(forum.south, "B-000001").await.unwrap();
    assert_eq!(reason(enrol(forum.south, "B-000002").await), refused("RECRUITMENT_FULL", ""));
}

#[tokio::test]
async fn what_has_ended_enrols_nobody() {
    let forum = Forum::new().await;
    let id = forum.under_way().await;
    forum.world.clock.set(day(2026, 9, 1));
    assert_eq!(forum.seen(forum.member, &id).await.stage(), RecruitmentStage::Lapsed);
    let late = forum.recruitments.enrol_participant(by(forum.north, enrolment(&id, "A-000001"))).await;
    assert_eq!(reason(late), refused("APPROVAL_LAPSED", ""));
    let hospitals = forum.recruitments.close_recruitment(by(forum.north, closing(&id))).await;
    assert_eq!(reason(hospitals), refused("NOT_YOURS", ""));
    forum.recruitments.close_recruitment(by(forum.member, closing(&id))).await.unwrap();
    let found = forum.seen(forum.north, &id).await;
    assert_eq!((found.stage(), found.reason.as_str()), (RecruitmentStage::Closed, "enough"));
    let late = forum.recruitments.enrol_participant(by(forum.north, enrolment(&id, "A-000001"))).await;
    assert_eq!(reason(late), refused("WRONG_STAGE", ""));
}

#[tokio::test]
async fn an_institution_does_not_learn_what_became_of_the_members_contract() {
    let refused_when = |ended: bool| async move {
        let forum = Forum::new().await;
        let id = forum.under_way().await;
        match ended {
            true => forum.world.terminate(forum.contract, forum.member).await,
            false => forum.world.pause(forum.contract).await,
        }
        forum.recruitments.enrol_participant(by(forum.north, enrolment(&id, "A-000001"))).await.unwrap_err()
    };
    let (paused, ended) = (refused_when(false).await, refused_when(true).await);
    assert_eq!((paused.code(), paused.message()), (ended.code(), ended.message()));
    assert_eq!(paused.details(), ended.details(), "neither its reason nor its values say it");
}
