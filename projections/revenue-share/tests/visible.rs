//! Who is shown what, and what is refused.

mod support;

use domain::{
    contract::{self, ContractApproved, ContractKind, Lane},
    id::{ContractId, PersonId},
};
use engine::Role;
use proto::kiban::{
    common::v1 as common,
    revenue_share::v1::{
        GetInstitutionPageRequest, GetRevenueSharesRequest, revenue_share_service_server::RevenueShareService,
    },
};
use support::*;

#[tokio::test]
async fn a_party_sees_its_own_shares_and_nothing_else() {
    let world = World::forum().await;
    world.report(CONTRACT, &[used(on(5, 4), 0, 9), used(on(5, 5), 1, 4)]).await;
    let everything = world.shares(month(5)).await;
    assert_eq!(world.ask(PROMOTER, world.request(month(5))).await.unwrap(), everything);

    for (party, owed, charges) in [(HOSPITALS[2], 55, 2), (HOSPITALS[1], 26, 1), (BIOBANK, 229, 1)] {
        let answer = world.ask(party, world.request(month(5))).await.unwrap();
        assert_eq!((&answer.base_operator_total, &answer.charged), (&None, &None));
        assert_eq!(totals(&answer), expected(&[(party, owed)]));
        assert_eq!(answer.charges.len(), charges);
        let shares = answer.charges.iter().flat_map(|charge| &charge.shares);
        let mut sum = 0;
        for share in shares {
            assert_eq!(share.organisation_id, party.to_string());
            sum += yen(&share.amount);
        }
        assert_eq!(sum, owed);
    }
}

#[tokio::test]
async fn who_has_no_share_sees_nothing() {
    let world = World::forum().await;
    world.report(CONTRACT, &[used(on(5, 4), 0, 9)]).await;
    for contract in [None, Some(CONTRACT), Some(ContractId::from_u128(99))] {
        let contract_id = contract.map(|id| id.to_string()).unwrap_or_default();
        for caller in [PHARMA, BIOBANK] {
            let asked =
                GetRevenueSharesRequest { contract_id: contract_id.clone(), ..world.request(month(5)) };
            let answer = world.ask(caller, asked).await.unwrap();
            assert_eq!((&answer.base_operator_total, &answer.charged), (&None, &None));
            assert_eq!((answer.parties.len(), answer.charges.len()), (0, 0), "{caller} {contract:?}");
        }
    }
}

#[tokio::test]
async fn bad_questions_are_refused_by_field() {
    let world = World::forum().await;
    let asked = || world.request(month(5));
    let at = |token: &str| {
        let moment = Some(common::as_of::Moment::Position(token.to_owned()));
        Some(common::AsOf { moment })
    };
    for (request, reason, field) in [
        (GetRevenueSharesRequest { month: String::new(), ..asked() }, "INVALID_FIELD", "month"),
        (GetRevenueSharesRequest { month: "2026-13".to_owned(), ..asked() }, "INVALID_FIELD", "month"),
        (
            GetRevenueSharesRequest { contract_id: "org_1".to_owned(), ..asked() },
            "INVALID_FIELD",
            "contract_id",
        ),
        (
            GetRevenueSharesRequest { contract_id: ContractId::from_u128(99).to_string(), ..asked() },
            "NOT_FOUND",
            "",
        ),
        (
            GetRevenueSharesRequest { min_position: "x".to_owned(), ..asked() },
            "INVALID_FIELD",
            "min_position",
        ),
        (
            GetRevenueSharesRequest { min_position: "9999".to_owned(), ..asked() },
            "POSITION_AHEAD",
            "min_position",
        ),
        (GetRevenueSharesRequest { as_of: at("9999"), ..asked() }, "POSITION_AHEAD", "as_of.position"),
        (GetRevenueSharesRequest { as_of: at("-1"), ..asked() }, "INVALID_FIELD", "as_of.position"),
    ] {
        let described = format!("{request:?}");
        assert_eq!(
            refused(world.ask(BASE, request).await),
            (reason.to_owned(), field.to_owned()),
            "{described}"
        );
    }
}

/// What no decider lets happen, so that the charge is of something: terms are offered before somebody has approved.
#[tokio::test]
async fn a_reviewer_is_not_told_of_the_lane_by_shares_and_what_is_shown_sums() {
    let world = World::forum().await;
    let mut made = making(ContractKind::Member, PHARMA, PROMOTER, OTHER_CONTRACT, |_| {});
    if let contract::Event::ContractApplied(applied) = &mut made[0] {
        applied.lane = Lane::Expedited;
    }
    world.append(OTHER_CONTRACT, &made).await;
    world.credit(1, CONTRACT, month(3), 3_000).await;
    let told = async |roles: &[Role]| {
        let shares = world.ask_as(BASE, roles.to_vec(), world.request(month(3))).await.unwrap();
        let page = GetInstitutionPageRequest {
            institution_id: BASE.to_string(),
            start_month: "2026-03".to_owned(),
            min_position: world.request(month(3)).min_position,
            ..GetInstitutionPageRequest::default()
        };
        let page = world.service.get_institution_page(with_roles(BASE, roles, page)).await;
        (shares.charges.len(), yen(&shares.charged), totals(&shares), yen(&page.unwrap().into_inner().earned))
    };
    let whole = (2, 17_000, expected(&[(PROMOTER, 10_000), (BASE, 7_000)]), 7_000);
    let cut = (1, -3_000, expected(&[(BASE, -3_000)]), -3_000);
    assert_eq!(told(&[Role::Finance]).await, whole);
    let reviewers = [&[][..], &[Role::Reviewer], &[Role::Reviewer, Role::Finance]];
    for roles in reviewers {
        assert_eq!(told(roles).await, cut, "{roles:?}");
    }
    let (by, valid_until, at) = (PersonId::from_u128(1), on(5, 1), on(3, 3));
    let approved = ContractApproved { by, valid_until, at };
    world.append(OTHER_CONTRACT, &[contract::Event::ContractApproved(approved)]).await;
    for roles in reviewers {
        assert_eq!(told(roles).await, whole, "{roles:?}");
    }
}

#[tokio::test]
async fn charges_that_no_base_operator_can_hold_are_refused() {
    let world = World::empty();
    world.organisation(PROMOTER, "Forum", domain::organisation::Capacity::Promoter).await;
    let nothing = world.ask(PROMOTER, world.request(month(5))).await.unwrap();
    assert_eq!((yen(&nothing.charged), nothing.parties.len()), (0, 0));

    world.publish_prices(1, "100").await;
    world.contract(CONTRACT).await;
    world.report(CONTRACT, &[used(on(5, 4), 0, 9)]).await;
    let answer = world.ask(PROMOTER, world.request(month(5))).await;
    assert_eq!(refused(answer), ("NOT_FOUND".to_owned(), String::new()));
}
