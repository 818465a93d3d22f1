//! Publishing, revising, reading and closing, as callers see it.

mod support;

use engine::Role;
use proto::kiban::{common::v1::Verdict, finance::v1::*};
use support::*;
use tonic::Code;

use proto::kiban::finance::v1::finance_service_server::FinanceService;

fn revise_book(command_id: &str, id: &str, version: PriceBookVersion) -> RevisePriceBookRequest {
    RevisePriceBookRequest {
        command_id: command_id.into(),
        validate_only: false,
        expected_revision: None,
        price_book_id: id.into(),
        version: Some(version),
    }
}

fn revise_rule(command_id: &str, id: &str, version: ShareRuleVersion) -> ReviseShareRuleRequest {
    ReviseShareRuleRequest {
        command_id: command_id.into(),
        validate_only: false,
        expected_revision: None,
        share_rule_id: id.into(),
        version: Some(version),
    }
}

#[tokio::test]
async fn a_price_book_is_published_revised_and_read_back_by_any_member() {
    let World { finance, .. } = world().await;
    let first = prices("2026-04");
    let created = finance.create_price_book(by(PROMOTER, create_book("a", first.clone()))).await;
    let id = created.unwrap().into_inner().price_book_id;
    assert!(id.starts_with("prb_"), "{id}");
    let mut second = prices("2026-06");
    second.items[0].model = flat(1_200_000);
    let revised = finance.revise_price_book(by(PROMOTER, revise_book("b", &id, second.clone()))).await;
    assert_eq!(revised.unwrap().into_inner().version, 2);

    let get = |version| {
        let request = GetPriceBookRequest { price_book_id: id.clone(), version };
        finance.get_price_book(as_role(MEMBER, Role::Researcher, request))
    };
    let (first, second) =
        (PriceBookVersion { version: 1, ..first }, PriceBookVersion { version: 2, ..second });
    let whole = GetPriceBookResponse {
        price_book_id: id.clone(),
        versions: vec![first.clone(), second],
        revision: 1,
        published_by: PROMOTER.to_string(),
    };
    assert_eq!(get(0).await.unwrap().into_inner(), whole);
    assert_eq!(get(1).await.unwrap().into_inner().versions, vec![first]);
    assert_eq!(refused(get(3).await).0, Code::NotFound);
}

#[tokio::test]
async fn a_share_rule_is_published_revised_and_read_back_by_any_member() {
    let World { finance, .. } = world().await;
    let first = shares("2026-04");
    let created = finance.create_share_rule(by(BASE, create_rule("a", first.clone()))).await;
    let id = created.unwrap().into_inner().share_rule_id;
    let mut second = shares("2026-05");
    second.splits[1].data_fee_percentage.clear();
    let revised = finance.revise_share_rule(by(BASE, revise_rule("b", &id, second.clone()))).await;
    assert_eq!(revised.unwrap().into_inner().version, 2);

    let get = |version| {
        let request = GetShareRuleRequest { share_rule_id: id.clone(), version };
        finance.get_share_rule(as_role(MEMBER, Role::Contracts, request))
    };
    let (first, second) =
        (ShareRuleVersion { version: 1, ..first }, ShareRuleVersion { version: 2, ..second });
    let whole = GetShareRuleResponse {
        share_rule_id: id.clone(),
        versions: vec![first, second.clone()],
        revision: 1,
        published_by: BASE.to_string(),
    };
    assert_eq!(get(0).await.unwrap().into_inner(), whole);
    assert_eq!(get(2).await.unwrap().into_inner().versions, vec![second]);
    assert_eq!(refused(get(3).await).0, Code::NotFound);
}

#[tokio::test]
async fn a_price_book_that_names_no_verdicts_bills_the_usual_ones() {
    let World { finance, .. } = world().await;
    let version = PriceBookVersion { billed_verdicts: vec![], ..prices("2026-04") };
    let created = finance.create_price_book(by(PROMOTER, create_book("a", version))).await;
    let price_book_id = created.unwrap().into_inner().price_book_id;
    let got = finance.get_price_book(by(MEMBER, GetPriceBookRequest { price_book_id, version: 0 })).await;
    let billed = got.unwrap().into_inner().versions[0].billed_verdicts.clone();
    assert_eq!(billed, [Verdict::InScope, Verdict::OverQuota].map(i32::from));
}

#[tokio::test]
async fn a_retry_gets_the_same_receipt_even_after_the_month_was_closed() {
    let World { finance, clock, .. } = world().await;
    let create = || finance.create_price_book(by(PROMOTER, create_book("a", prices("2026-04"))));
    let first = create().await.unwrap().into_inner();
    let id = first.price_book_id.clone();
    let revise = || finance.revise_price_book(by(PROMOTER, revise_book("b", &id, prices("2026-05"))));
    let revised = revise().await.unwrap().into_inner();
    clock.set(month("2026-05").end());
    finance.close_period(by(PROMOTER, close("c", "2026-05"))).await.unwrap();

    let again = create().await.unwrap().into_inner();
    let (mut receipt, stored) = (first.receipt.unwrap(), again.receipt.unwrap());
    assert_eq!(again.price_book_id, first.price_book_id);
    assert!(!receipt.replayed && !receipt.position.is_empty());
    receipt.replayed = true;
    assert_eq!(stored, receipt);
    let again = revise().await.unwrap().into_inner();
    assert_eq!((again.version, again.receipt.unwrap().replayed), (revised.version, true));

    let other = finance.create_price_book(by(PROMOTER, create_book("a", prices("2026-06")))).await;
    assert_eq!(refused(other), (Code::AlreadyExists, "COMMAND_ID_REUSED".into(), vec!["command_id".into()]));
}

#[tokio::test]
async fn the_newest_version_again_is_already_so() {
    let World { finance, .. } = world().await;
    let created = finance.create_share_rule(by(BASE, create_rule("a", shares("2026-04")))).await;
    let id = created.unwrap().into_inner().share_rule_id;
    let same = finance.revise_share_rule(by(BASE, revise_rule("b", &id, shares("2026-04")))).await;
    let same = same.unwrap().into_inner();
    assert_eq!((same.version, same.receipt.unwrap().position.as_str()), (1, ""));
}

#[tokio::test]
async fn validation_writes_nothing() {
    let World { finance, .. } = world().await;
    let request = CreatePriceBookRequest { validate_only: true, ..create_book("a", prices("2026-04")) };
    let answer = finance.create_price_book(by(PROMOTER, request)).await.unwrap().into_inner();
    assert_eq!(answer.receipt.unwrap().position, "");
    let request = GetPriceBookRequest { price_book_id: answer.price_book_id, version: 0 };
    assert_eq!(refused(finance.get_price_book(by(PROMOTER, request)).await).0, Code::NotFound);
}

#[tokio::test]
async fn only_operators_publish_and_only_the_publisher_revises() {
    let World { finance, .. } = world().await;
    let create = |request| finance.create_price_book(request);
    let member = create(by(MEMBER, create_book("a", prices("2026-04")))).await;
    assert_eq!(refused(member).1, "CAPACITY_REQUIRED");
    let researcher = create(as_role(BASE, Role::Researcher, create_book("a", prices("2026-04")))).await;
    assert_eq!(refused(researcher).1, "ROLE_REQUIRED");
    let member = finance.close_period(by(MEMBER, close("b", "2026-03"))).await;
    assert_eq!(refused(member).1, "CAPACITY_REQUIRED");

    let book = create(by(BASE, create_book("a", prices("2026-04")))).await.unwrap().into_inner();
    let request = revise_book("b", &book.price_book_id, prices("2026-05"));
    let other = finance.revise_price_book(by(PROMOTER, request)).await;
    assert_eq!(refused(other), (Code::PermissionDenied, "NOT_YOURS".into(), vec![]));
    let rule = finance.create_share_rule(by(BASE, create_rule("c", shares("2026-04")))).await;
    let request = revise_rule("d", &rule.unwrap().into_inner().share_rule_id, shares("2026-05"));
    assert_eq!(refused(finance.revise_share_rule(by(PROMOTER, request)).await).1, "NOT_YOURS");
}

#[tokio::test]
async fn what_does_not_exist_is_neither_revised_nor_read() {
    let World { finance, .. } = world().await;
    let nothing = "prb_00000000000000000000000009";
    let answer = finance.revise_price_book(by(BASE, revise_book("a", nothing, prices("2026-04")))).await;
    assert_eq!(refused(answer).1, "NOT_FOUND");
    let nothing = "shr_00000000000000000000000009";
    let answer = finance.revise_share_rule(by(BASE, revise_rule("b", nothing, shares("2026-04")))).await;
    assert_eq!(refused(answer).1, "NOT_FOUND");
    let request = GetShareRuleRequest { share_rule_id: nothing.into(), version: 0 };
    assert_eq!(refused(finance.get_share_rule(by(BASE, request)).await).1, "NOT_FOUND");
    let request = GetPriceBookRequest { price_book_id: nothing.into(), version: 0 };
    let answer = refused(finance.get_price_book(by(BASE, request)).await);
    assert_eq!(answer, (Code::InvalidArgument, "INVALID_FIELD".into(), vec!["price_book_id".into()]));
}

#[tokio::test]
async fn a_revision_at_another_revision_than_expected_is_refused() {
    let World { finance, .. } = world().await;
    let created = finance.create_price_book(by(BASE, create_book("a", prices("2026-04")))).await;
    let id = created.unwrap().into_inner().price_book_id;
    let revise = |command_id, expected| {
        let request = revise_book(command_id, &id, prices("2026-05"));
        let request = RevisePriceBookRequest { expected_revision: Some(expected), ..request };
        finance.revise_price_book(by(BASE, request))
    };
    assert_eq!(refused(revise("b", 7).await).1, "REVISION_MISMATCH");
    assert_eq!(revise("c", 0).await.unwrap().into_inner().version, 2);
}

#[tokio::test]
async fn no_version_starts_in_a_month_that_its_publisher_has_closed() {
    let World { finance, .. } = world().await;
    finance.close_period(by(PROMOTER, close("close", "2026-03"))).await.unwrap();
    let expected = (Code::FailedPrecondition, "PERIOD_CLOSED".into(), vec!["version.start".into()]);
    let book = |by_whom, command_id, start| {
        finance.create_price_book(by(by_whom, create_book(command_id, prices(start))))
    };
    assert_eq!(refused(book(PROMOTER, "a", "2026-03").await), expected);
    assert_eq!(refused(book(PROMOTER, "a", "2025-12").await), expected);
    assert!(book(PROMOTER, "a", "2026-04").await.is_ok(), "a refusal leaves the command id free");
    assert!(book(BASE, "a", "2026-03").await.is_ok(), "another issuer has closed nothing");
    let rule = finance.create_share_rule(by(PROMOTER, create_rule("b", shares("2026-03")))).await;
    assert_eq!(refused(rule), expected);
}

#[tokio::test]
async fn months_close_in_order_each_after_its_end() {
    let World { finance, clock, .. } = world().await;
    let close = |command_id, month| finance.close_period(by(BASE, close(command_id, month)));
    let closed_through = |issuer: &str| {
        let request = GetPeriodsRequest { issuer_id: issuer.into() };
        finance.get_periods(as_role(BASE, Role::Researcher, request))
    };
    assert_eq!(closed_through("").await.unwrap().into_inner(), GetPeriodsResponse::default());
    let month_field = |reason: &str| (Code::FailedPrecondition, reason.to_owned(), vec!["month".to_owned()]);
    assert_eq!(refused(close("a", "2026-04").await), month_field("PERIOD_NOT_ENDED"));
    let first = close("b", "2026-02").await.unwrap().into_inner().receipt.unwrap();
    clock.set(month("2026-04").end());
    assert_eq!(refused(close("c", "2026-04").await), month_field("PERIOD_OUT_OF_ORDER"));
    for (command_id, month) in [("d", "2026-03"), ("e", "2026-04")] {
        assert!(close(command_id, month).await.is_ok());
    }
    let again = close("f", "2026-01").await.unwrap().into_inner().receipt.unwrap();
    assert_eq!(again.position, "", "a closed month is already so");
    let retried = close("b", "2026-02").await.unwrap().into_inner().receipt.unwrap();
    assert_eq!((retried.replayed, retried.position), (true, first.position));

    let expected = GetPeriodsResponse { closed_through: "2026-04".into(), revision: 2 };
    assert_eq!(closed_through(&BASE.to_string()).await.unwrap().into_inner(), expected);
    assert_eq!(closed_through(&PROMOTER.to_string()).await.unwrap().into_inner().closed_through, "");
    assert_eq!(refused(close("g", "May 2026").await).1, "INVALID_FIELD");
}
