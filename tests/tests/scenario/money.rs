//! From use to yen: what is signed, used, billed and shared, to the last yen.

use proto::kiban::{
    access::v1::{
        Outcome, RecordKey, ReverseUsageRequest, access_service_client::AccessServiceClient,
        reverse_usage_request::Target,
    },
    billing::v1::{
        ExplainLineRequest, ExplainLineResponse, GetStatementRequest, Statement,
        billing_service_client::BillingServiceClient,
    },
    common::v1::{AsOf, Right, as_of::Moment},
    revenue_share::v1::{
        GetRevenueSharesRequest, GetRevenueSharesResponse,
        revenue_share_service_client::RevenueShareServiceClient,
    },
};

use crate::{
    APRIL, World, day,
    support::{Forum, by, yen},
    usage::{admit, new, report, send, view},
};

/// The member's statement, with everything up to a position in it.
pub(crate) async fn statement(forum: &Forum, min_position: &str) -> Statement {
    ask(forum, min_position, None).await
}

/// The statement as it was known at a position.
pub(crate) async fn statement_as_of(forum: &Forum, position: &str) -> Statement {
    ask(forum, "", Some(AsOf { moment: Some(Moment::Position(position.into())) })).await
}

async fn ask(forum: &Forum, min_position: &str, as_of: Option<AsOf>) -> Statement {
    let request = GetStatementRequest {
        contract_id: forum.contract.clone(),
        month: APRIL.into(),
        as_of,
        min_position: min_position.into(),
        what_if: None,
    };
    let mut billing = BillingServiceClient::new(forum.channel.clone());
    billing.get_statement(by(&forum.member, request)).await.unwrap().into_inner().statement.unwrap()
}

async fn explain(forum: &Forum, line_id: &str) -> ExplainLineResponse {
    let request = ExplainLineRequest {
        contract_id: forum.contract.clone(),
        month: APRIL.into(),
        line_id: line_id.into(),
        ..Default::default()
    };
    let mut billing = BillingServiceClient::new(forum.channel.clone());
    billing.explain_line(by(&forum.member, request)).await.unwrap().into_inner()
}

async fn shares(forum: &Forum, caller: &str, min_position: &str) -> GetRevenueSharesResponse {
    let request = GetRevenueSharesRequest {
        month: APRIL.into(),
        min_position: min_position.into(),
        ..Default::default()
    };
    let mut revenue = RevenueShareServiceClient::new(forum.channel.clone());
    revenue.get_revenue_shares(by(caller, request)).await.unwrap().into_inner()
}

/// Kind, right, quantity and yen of each line, and the total.
fn figures(statement: &Statement) -> (Vec<(&str, Right, &str, i64)>, i64) {
    let yen = |amount: &Option<proto::kiban::common::v1::Money>| amount.as_ref().unwrap().minor_units;
    let lines = statement.lines.iter();
    let lines = lines
        .map(|line| (line.charge_kind.as_str(), line.right(), line.quantity.as_str(), yen(&line.amount)));
    (lines.collect(), yen(&statement.total))
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_used_is_billed_and_shared_to_the_last_yen() {
    let World { forum, server, clock, .. } = World::found().await;
    clock.set(day(10));
    view(&forum, "view", "JP").await.unwrap();
    let reply = send(&forum, report(&forum, 1, &[700, 500, 300], day(9))).await.unwrap();
    assert_eq!((new(&reply), reply.next_sequence), (3, 4));
    let position = reply.receipt.unwrap().position;

    // 1,000 cases at 120 yen and 500 at 90.5; a view costs 5.
    let statement = statement(&forum, &position).await;
    let (lines, total) = figures(&statement);
    let expected = [
        ("contract-fee", Right::Unspecified, "1", 1_200_000),
        ("data-usage", Right::Browse, "1", 5),
        ("data-usage", Right::SimpleAnalysis, "1500", 165_250),
    ];
    assert_eq!((lines, total), (expected.to_vec(), 1_365_255));

    let analyses = statement.lines.iter().find(|line| line.right() == Right::SimpleAnalysis).unwrap();
    let bands: Vec<(&str, &str)> =
        analyses.bands.iter().map(|band| (band.quantity.as_str(), band.amount.as_str())).collect();
    assert_eq!(bands, [("1000", "120000"), ("500", "45250")]);
    let explained = explain(&forum, &analyses.line_id).await;
    assert_eq!(explained.line.as_ref(), Some(analyses));
    let events: Vec<(&str, &str, u32)> = explained
        .events
        .iter()
        .map(|event| (event.position.as_str(), event.quantity.as_str(), event.records))
        .collect();
    assert_eq!(events, [(position.as_str(), "1500", 3)]);

    // 60/40 of the fee, 70/20/10 of each use; the pool goes by 500, 300 and 200 of 1,000 cases.
    let shares = shares(&forum, &forum.base_operator, &position).await;
    assert_eq!(shares.charged, Some(yen(1_365_255)));
    assert_eq!(shares.base_operator_total, Some(yen(720_000 + 115_675 + 4)));
    let owed = |organisation: &String| {
        let party = shares.parties.iter().find(|party| party.organisation_id == *organisation);
        party.and_then(|party| party.amount.as_ref()).map(|amount| amount.minor_units)
    };
    assert_eq!(owed(&forum.promoter), Some(480_000 + 33_050 + 1));
    let pool: Vec<Option<i64>> = forum.institutions.iter().map(owed).collect();
    assert_eq!(pool, [Some(8_263), Some(4_957), Some(3_305)]);
    let sum: i64 = shares.parties.iter().map(|party| party.amount.as_ref().unwrap().minor_units).sum();
    assert_eq!(sum, 1_365_255);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repeat_changes_nothing_and_a_conflict_is_shown_and_not_billed() {
    let World { forum, server, clock, .. } = World::found().await;
    clock.set(day(10));
    let first = send(&forum, report(&forum, 1, &[10, 20], day(9))).await.unwrap();
    let before = statement(&forum, &first.receipt.unwrap().position).await;

    let again = send(&forum, report(&forum, 1, &[10, 20], day(9))).await.unwrap();
    assert!(again.outcomes().all(|outcome| outcome == Outcome::Known), "{again:?}");
    assert_eq!(again.receipt.unwrap().position, "", "nothing was written");
    let moved = send(&forum, report(&forum, 2, &[20], day(8))).await.unwrap();
    assert_eq!(moved.outcomes().collect::<Vec<_>>(), [Outcome::KnownAtAnotherTime]);
    assert_eq!(statement(&forum, "").await, before);

    let other = send(&forum, report(&forum, 2, &[21, 5], day(9))).await.unwrap();
    assert_eq!(other.outcomes().collect::<Vec<_>>(), [Outcome::Conflicting, Outcome::New]);
    let after = statement(&forum, &other.receipt.unwrap().position).await;
    assert_eq!(after.conflicts, 1);
    assert_eq!(figures(&after).1 - figures(&before).1, 5 * 120, "the conflict's 21 cases cost nothing");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_settled_admission_and_a_reversed_record_count_once_and_not_at_all() {
    let World { forum, server, clock, .. } = World::found().await;
    clock.set(day(5));
    let admission = admit(&forum, "run", 40).await.unwrap();
    let mut settling = report(&forum, 1, &[33, 7], day(6));
    settling.records[0].settles_admission = admission;
    clock.set(day(7));
    let reply = send(&forum, settling).await.unwrap();
    assert_eq!(new(&reply), 2);
    let settled = statement(&forum, &reply.receipt.unwrap().position).await;
    assert_eq!(figures(&settled).0[1..], [("data-usage", Right::SimpleAnalysis, "40", 40 * 120)]);

    let key = RecordKey { source_id: forum.source.clone(), epoch: 1, sequence: 2 };
    let reverse = ReverseUsageRequest {
        command_id: "reverse".into(),
        contract_id: forum.contract.clone(),
        target: Some(Target::Record(key)),
        reason: "metering error".into(),
        ..Default::default()
    };
    let mut accesses = AccessServiceClient::new(forum.channel.clone());
    let reversed = accesses.reverse_usage(by(&forum.promoter, reverse)).await.unwrap().into_inner();
    let position = reversed.receipt.unwrap().position;
    let after = statement(&forum, &position).await;
    assert_eq!(figures(&after).0[1..], [("data-usage", Right::SimpleAnalysis, "33", 33 * 120)]);
    let known: u64 = position.parse().unwrap();
    assert_eq!(statement_as_of(&forum, &(known - 1).to_string()).await, settled, "as it was known before");
    server.stop().await;
}
