//! Who is charged for the expedited lane is in it, so whoever reviews is told of no charge before the decision.

mod support;

use domain::{
    contract::{self, ContractApproved, ContractRejected, Lane},
    id::{ContractId, OrganisationId, PersonId, PriceBookId},
};
use engine::Role;
use proto::kiban::{
    billing::v1::{
        ExplainLineRequest, GetStatementRequest, Statement, billing_service_server::BillingService,
    },
    common::v1::{AsOf, as_of},
};
use support::*;
use tonic::Code;

const REVIEW: &str = "expedited-review/0/-/-/-";
const FAST: ContractId = ContractId::from_u128(8);

/// Callers who may not know in which lane an undecided application is.
const REVIEWERS: [&[Role]; 4] =
    [&[], &[Role::Contracts], &[Role::Reviewer], &[Role::Reviewer, Role::Finance]];

async fn stated(
    world: &World,
    (organisation, roles): (OrganisationId, &[Role]),
    position: Option<u64>,
) -> Statement {
    let as_of = position.map(|position| {
        let moment = Some(as_of::Moment::Position(position.to_string()));
        AsOf { moment }
    });
    let request = GetStatementRequest {
        contract_id: FAST.to_string(),
        month: "2026-04".into(),
        as_of,
        min_position: world.head(),
        what_if: None,
    };
    let answer = world.billing.get_statement(with_roles(organisation, roles, request)).await.unwrap();
    answer.into_inner().statement.unwrap()
}

/// Whether the charge is on the statement, and whether it is explained.
async fn is_told(world: &World, caller: (OrganisationId, &[Role]), position: Option<u64>) -> (bool, bool) {
    let statement = stated(world, caller, position).await;
    let request = ExplainLineRequest {
        contract_id: FAST.to_string(),
        month: "2026-04".into(),
        line_id: REVIEW.into(),
        as_of: position.map(|position| AsOf { moment: Some(as_of::Moment::Position(position.to_string())) }),
        min_position: world.head(),
        ..ExplainLineRequest::default()
    };
    let explained = world.billing.explain_line(with_roles(caller.0, caller.1, request)).await;
    if let Err(status) = &explained {
        assert_eq!(status.code(), Code::NotFound);
    }
    (statement.lines.iter().any(|line| line.line_id == REVIEW), explained.is_ok())
}

/// Somebody has applied in the expedited lane, whose fee has a price; the position after it.
async fn applied() -> (World, tempfile::TempDir, u64) {
    let folder = tempfile::tempdir().unwrap();
    let world = World::new(&folder.path().join("billing.db")).await;
    world.append(PriceBookId::from_u128(1), &[prices_of_recruitment()]).await;
    let [applied, ..] = making_of(FAST, Lane::Expedited, terms());
    let position = world.append(FAST, &[applied]).await.last_position.0;
    (world, folder, position)
}

#[tokio::test]
async fn a_reviewer_is_not_told_of_the_lane_by_its_charge() {
    let (world, _folder, _) = applied().await;
    for roles in REVIEWERS {
        assert_eq!(is_told(&world, (PROMOTER, roles), None).await, (false, false), "{roles:?}");
        assert_eq!(stated(&world, (PROMOTER, roles), None).await.lines, []);
    }
    for caller in [(PHARMA, &[][..]), (PHARMA, &[Role::Reviewer]), (PROMOTER, &[Role::Finance])] {
        assert_eq!(is_told(&world, caller, None).await, (true, true), "{caller:?}");
    }
}

#[tokio::test]
async fn after_the_decision_the_charge_is_shown_as_every_other() {
    let (by, at) = (PersonId::from_u128(1), april(2));
    for decision in [
        contract::Event::ContractApproved(ContractApproved { by, valid_until: april(30), at }),
        contract::Event::ContractRejected(ContractRejected { by, reason: "no purpose".parse().unwrap(), at }),
    ] {
        let (world, _folder, undecided) = applied().await;
        world.append(FAST, &[decision]).await;
        for roles in REVIEWERS {
            assert_eq!(is_told(&world, (PROMOTER, roles), None).await, (true, true), "{roles:?}");
            let before = is_told(&world, (PROMOTER, roles), Some(undecided)).await;
            assert_eq!(before, (false, false), "as it was known before the decision: {roles:?}");
        }
    }
}
