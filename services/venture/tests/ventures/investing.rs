//! Investments, in cash and in kind.

use proto::kiban::venture::v1::{
    GetInvestmentRequest, InKind, RecordInvestmentRequest, WithdrawInvestmentRequest, investment,
    record_investment_request::Form, venture_service_server::VentureService,
};
use world::{by, day, reason};

use crate::forum::{Forum, contract_of, yen};

fn space() -> InKind {
    InKind {
        kind: "space".into(),
        description: "実験室 200 m² を二年間".into(),
        estimated_value: Some(yen(24_000_000)),
    }
}

#[tokio::test]
async fn an_investor_records_and_those_concerned_may_look() {
    let forum = Forum::new().await;
    let venture = forum.viewed().await;
    let get = async |by_whom, id: &str| {
        let request = GetInvestmentRequest { investment_id: id.into() };
        forum.ventures.get_investment(by(by_whom, request)).await
    };
    let in_kind = RecordInvestmentRequest {
        command_id: "invest-space".into(),
        form: Some(Form::InKind(space())),
        ..forum.investment(&venture)
    };
    for (request, form) in [
        (forum.investment(&venture), investment::Form::Cash(yen(300_000_000))),
        (in_kind, investment::Form::InKind(space())),
    ] {
        let recorded = forum.ventures.record_investment(by(forum.investor, request.clone())).await.unwrap();
        let id = recorded.into_inner().investment_id;
        for concerned in [forum.investor, forum.lister, forum.promoter] {
            let found = get(concerned, &id).await.unwrap().into_inner().investment.unwrap();
            assert_eq!(
                (found.investor_id, found.organisation_id),
                (forum.investor.to_string(), forum.lister.to_string())
            );
            assert_eq!((found.venture_id, found.form), (venture.clone(), Some(form.clone())));
            // Its agreement is not shown to the lister.
            let agreement =
                if concerned == forum.lister { String::new() } else { contract_of(forum.investor) };
            assert_eq!(found.contract_id, agreement);
        }
        assert_eq!(reason(get(forum.rival, &id).await).0, "NOT_FOUND");
        let retry = forum.ventures.record_investment(by(forum.investor, request)).await.unwrap();
        assert!(retry.into_inner().receipt.unwrap().replayed);
    }
}

/// Nobody invests in what it has not seen; what it has seen once, it may.
#[tokio::test]
async fn an_investor_looks_before_it_invests() {
    let forum = Forum::new().await;
    let venture = forum.listed().await;
    let blind = forum.ventures.record_investment(by(forum.investor, forum.investment(&venture))).await;
    assert_eq!(reason(blind), ("DEAL_NOT_VIEWED".into(), "venture_id".into()));
    forum.ventures.view_deal(by(forum.investor, forum.view(&venture))).await.unwrap();
    forum.ventures.revise_venture(by(forum.lister, forum.revision(&venture, "second"))).await.unwrap();
    forum.ventures.record_investment(by(forum.investor, forum.investment(&venture))).await.unwrap();
}

#[tokio::test]
async fn a_retry_finds_its_record_though_the_agreement_has_ended() {
    let forum = Forum::new().await;
    let venture = forum.viewed().await;
    let record = async |request| forum.ventures.record_investment(by(forum.investor, request)).await;
    let recorded = record(forum.investment(&venture)).await.unwrap().into_inner();
    forum.world.clock.set(day(2027, 3, 1));
    let again = record(forum.investment(&venture)).await.unwrap().into_inner();
    assert_eq!(again.investment_id, recorded.investment_id);
    assert!(again.receipt.unwrap().replayed);
    // And nobody learns without an agreement whether there is a venture.
    let nothing = domain::id::VentureId::from_u128(99).to_string();
    for venture_id in [venture.clone(), nothing] {
        let request =
            RecordInvestmentRequest { command_id: "late".into(), venture_id, ..forum.investment(&venture) };
        assert_eq!(reason(record(request).await), ("CONTRACT_ENDED".into(), "contract_id".into()));
    }
}

#[tokio::test]
async fn a_record_is_taken_back_by_its_investor() {
    let forum = Forum::new().await;
    let venture = forum.viewed().await;
    let recorded = forum.ventures.record_investment(by(forum.investor, forum.investment(&venture))).await;
    let investment_id = recorded.unwrap().into_inner().investment_id;
    let request = |command: &str, why: &str| WithdrawInvestmentRequest {
        command_id: command.into(),
        investment_id: investment_id.clone(),
        reason: why.into(),
        ..Default::default()
    };
    let others = forum.ventures.withdraw_investment(by(forum.lister, request("a", "no"))).await;
    assert_eq!(reason(others), ("NOT_FOUND".into(), "investment_id".into()));
    // What did not come to pass may be taken back whether or not the agreement goes on.
    forum.world.clock.set(day(2027, 3, 1));
    forum.ventures.withdraw_investment(by(forum.investor, request("a", "it fell through"))).await.unwrap();
    let again = forum.ventures.withdraw_investment(by(forum.investor, request("b", "other"))).await;
    assert_eq!(reason(again), ("INVESTMENT_WITHDRAWN".into(), "investment_id".into()));
    let get = GetInvestmentRequest { investment_id };
    let found = forum.ventures.get_investment(by(forum.lister, get)).await.unwrap().into_inner();
    assert_eq!(found.investment.unwrap().withdrawal_reason, "it fell through");
}

#[tokio::test]
async fn investments_are_refused_by_rule() {
    let forum = Forum::new().await;
    let venture = forum.viewed().await;
    type Change<'a> = &'a dyn Fn(&mut RecordInvestmentRequest);
    let nothing = domain::id::VentureId::from_u128(99).to_string();
    let worthless = InKind { estimated_value: Some(yen(0)), ..space() };
    let unnamed = InKind { kind: String::new(), ..space() };
    let cases: [(Change<'_>, &str, &str); 9] = [
        (&|request| request.form = Some(Form::Cash(yen(i64::MAX))), "AMOUNT_OUT_OF_RANGE", "cash"),
        (&|request| request.form = None, "INVALID_FIELD", "cash"),
        (&|request| request.form = Some(Form::Cash(yen(0))), "INVALID_FIELD", "cash"),
        (
            &|request| request.form = Some(Form::InKind(worthless.clone())),
            "INVALID_FIELD",
            "in_kind.estimated_value",
        ),
        (&|request| request.form = Some(Form::InKind(unnamed.clone())), "INVALID_FIELD", "in_kind.kind"),
        (&|request| request.round = "Series A".into(), "INVALID_FIELD", "round"),
        (&|request| request.venture_id = forum.lister.to_string(), "INVALID_FIELD", "venture_id"),
        (&|request| request.venture_id = nothing.clone(), "NOT_FOUND", "venture_id"),
        (&|request| request.contract_id = contract_of(forum.lister), "NOT_FOUND", "contract_id"),
    ];
    for (change, text, field) in cases {
        let mut request = forum.investment(&venture);
        change(&mut request);
        let outcome = forum.ventures.record_investment(by(forum.investor, request)).await;
        assert_eq!(reason(outcome), (text.into(), field.into()));
    }
    let itself = forum.ventures.record_investment(by(forum.lister, forum.investment(&venture))).await;
    assert_eq!(reason(itself).0, "CAPACITY_REQUIRED");
    forum.world.clock.set(day(2027, 3, 1));
    let late = forum.ventures.record_investment(by(forum.investor, forum.investment(&venture))).await;
    assert_eq!(reason(late), ("CONTRACT_ENDED".into(), "contract_id".into()));
}
