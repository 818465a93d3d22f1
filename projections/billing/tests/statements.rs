//! Statements and explained lines through the gRPC trait, live and as of positions, before and after a restart.

mod support;

use billing::BillingFold;
use domain::{id::OrganisationId, time::Timestamp};
use engine::{Fold, check_fold, wire_time};
use event_log::{EventLog, Page, Position};
use events::{Recorded, decode_frame};
use proto::kiban::{
    billing::v1::{
        ExplainLineRequest, ExplainLineResponse, GetStatementRequest, Statement, StatementLine,
        billing_service_server::BillingService,
    },
    common::v1::{AsOf, as_of},
};
use tonic::{Code, Status};
use tonic_types::StatusExt;

use domain::id::PriceBookId;
use support::*;

const USAGE: &str = "data-usage/0/simple-analysis/open/-";
const FEE: &str = "contract-fee/0/-/-/-";

fn april_of_contract(world: &World) -> GetStatementRequest {
    GetStatementRequest {
        contract_id: CONTRACT.to_string(),
        month: "2026-04".into(),
        as_of: None,
        min_position: world.head(),
        what_if: None,
    }
}

async fn stated(world: &World, as_of: Option<as_of::Moment>) -> (Statement, String) {
    let as_of = Some(AsOf { moment: as_of });
    let request = GetStatementRequest { as_of, ..april_of_contract(world) };
    let response = world.billing.get_statement(from(PHARMA, request)).await.unwrap().into_inner();
    (response.statement.unwrap(), response.as_of_position)
}

fn usage_line(statement: &Statement) -> Option<&StatementLine> {
    statement.lines.iter().find(|line| line.line_id == USAGE)
}

fn yen(line: &StatementLine) -> i64 {
    line.amount.as_ref().unwrap().minor_units
}

fn explain(world: &World, line: &str, page_size: u32, page_token: &str) -> ExplainLineRequest {
    ExplainLineRequest {
        contract_id: CONTRACT.to_string(),
        month: "2026-04".into(),
        line_id: line.into(),
        as_of: None,
        min_position: world.head(),
        page_size,
        page_token: page_token.into(),
        what_if: None,
    }
}

async fn explained(world: &World, request: ExplainLineRequest) -> ExplainLineResponse {
    world.billing.explain_line(from(PHARMA, request)).await.unwrap().into_inner()
}

#[tokio::test]
async fn a_line_shows_its_bands_and_the_arithmetic() {
    let folder = tempfile::tempdir().unwrap();
    let world = World::new(&folder.path().join("billing.db")).await;
    world.used(2, 1_200).await;
    let (statement, position) = stated(&world, None).await;
    assert_eq!(position, world.head());
    assert_eq!((statement.member_id, statement.closed), (PHARMA.to_string(), false));
    // 365,000 for the year; 1,000 × 100 + 500 + 200 × 80 for the cases.
    let lines: Vec<_> = statement.lines.iter().map(|line| (line.line_id.as_str(), yen(line))).collect();
    assert_eq!(lines, [(FEE, 365_000), (USAGE, 116_500)]);
    assert_eq!(statement.total.unwrap().minor_units, 481_500);
    let explained = explained(&world, explain(&world, USAGE, 0, "")).await;
    let bands = explained.line.unwrap().bands;
    let bands: Vec<_> = bands
        .iter()
        .map(|band| {
            let flat = band.flat.as_ref().map(|flat| flat.minor_units);
            (band.from.as_str(), band.to.as_str(), band.quantity.as_str(), flat, band.amount.as_str())
        })
        .collect();
    assert_eq!(bands, [("0", "1000", "1000", Some(500), "100500"), ("1000", "", "200", None, "16000")]);
    assert_eq!(
        explained.arithmetic,
        [
            "above 0 to 1000: 1000 × 100 + 500 JPY = 100500",
            "above 1000: 200 × 80 = 16000",
            "together 116500",
            "116500 rounded half-up: 116500 JPY",
        ]
    );
}

#[tokio::test]
async fn every_position_is_known_before_and_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let store = folder.path().join("billing.db");
    let mut world = World::new(&store).await;
    // More than two blocks of positions; cases 1, 2, 3… so that no two prefixes are the same.
    let mut sums = vec![];
    let mut sum = 0u64;
    for number in 1..=2_500u32 {
        let appended = world.used(1 + number % 20, number).await;
        sum += u64::from(number);
        sums.push((appended.last_position, sum));
    }
    for turn in 0..2 {
        for (position, sum) in sums.iter().step_by(173).chain(sums.last()) {
            let (statement, as_of) =
                stated(&world, Some(as_of::Moment::Position(position.to_string()))).await;
            assert_eq!(
                usage_line(&statement).unwrap().quantity,
                sum.to_string(),
                "turn {turn} at {position}"
            );
            assert_eq!(as_of, position.to_string());
        }
        let before = Position(sums[0].0.0 - 1).to_string();
        let (statement, _) = stated(&world, Some(as_of::Moment::Position(before))).await;
        assert_eq!(usage_line(&statement), None);
        world = world.restart(&store).await;
        let check = check_fold::<BillingFold>(&*world.log, &store).await;
        assert_eq!((check.position, check.findings), (Some(world.log.head().position), vec![]));
    }
}

#[tokio::test]
async fn a_snapshot_is_canonical_and_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let world = World::new(&folder.path().join("billing.db")).await;
    world.used(2, 5).await;
    world.append(ORDER, &[ordered()]).await;
    for day in 3..9 {
        world.used(day, 1).await;
    }
    let frames = world.log.read_all(Position::START, Page::default()).await.unwrap();
    let events: Vec<Recorded> = frames.iter().flat_map(|frame| decode_frame(frame).unwrap()).collect();
    let mut whole = BillingFold::default();
    for (index, event) in events.iter().enumerate() {
        let bytes = whole.encode();
        let mut restored = BillingFold::decode(&bytes).unwrap();
        assert_eq!(restored.encode(), bytes, "after {index} events");
        for next in &events[index..] {
            restored.apply(next);
        }
        whole.apply(event);
        let rest = events[index + 1..].iter();
        let mut straight = BillingFold::decode(&whole.encode()).unwrap();
        rest.for_each(|next| straight.apply(next));
        assert_eq!(restored.encode(), straight.encode());
    }
    assert!(BillingFold::decode(&[0xff]).is_err());
}

#[tokio::test]
async fn a_line_is_explained_down_to_its_events_page_by_page() {
    let folder = tempfile::tempdir().unwrap();
    let store = folder.path().join("billing.db");
    let world = World::new(&store).await;
    // Frames of two events each, so that a block starts within a frame.
    for number in 0..1_100u32 {
        world.append(CONTRACT, &[usage(3, number % 7 + 1), usage(4, 1)]).await;
    }
    let world = world.restart(&store).await;
    let (first, _) = stated(&world, None).await;
    let quantity: i64 = usage_line(&first).unwrap().quantity.parse().unwrap();
    let (mut token, mut events, mut pages) = (String::new(), vec![], 0);
    loop {
        let page = explained(&world, explain(&world, USAGE, 400, &token)).await;
        assert_eq!(page.line.unwrap().quantity, quantity.to_string());
        events.extend(page.events);
        pages += 1;
        token = page.next_page_token;
        // What comes meanwhile changes no page.
        world.used(5, 1_000_000).await;
        if token.is_empty() {
            break;
        }
    }
    assert_eq!((pages, events.len()), (3, 2_200));
    assert!(events.iter().map(|event| event.position.parse::<u64>().unwrap()).is_sorted());
    assert_eq!(events.iter().map(|event| event.quantity.parse::<i64>().unwrap()).sum::<i64>(), quantity);
    assert_eq!((events[0].event_type.as_str(), events[0].records), ("kiban.access.v1.UsageRecorded", 1));
    let fee = explained(&world, explain(&world, FEE, 0, "")).await;
    let types: Vec<_> = fee.events.iter().map(|event| event.event_type.as_str()).collect();
    assert_eq!(types, ["kiban.contract.v1.ContractActivated"]);
}

#[tokio::test]
async fn a_price_is_the_one_known_at_the_moment() {
    let folder = tempfile::tempdir().unwrap();
    let world = World::new(&folder.path().join("billing.db")).await;
    let before = world.used(2, 10).await.last_position;
    world.append(PriceBookId::from_u128(1), &[prices(2, 4, 200)]).await;
    let amount = |(statement, _): (Statement, String)| yen(usage_line(&statement).unwrap());
    assert_eq!(amount(stated(&world, None).await), 2_500);
    let position = Some(as_of::Moment::Position(before.to_string()));
    assert_eq!(amount(stated(&world, position).await), 1_500);
    // Everything is recorded at one time, so that time knows all; the time before knows no contract.
    let time = |at: Timestamp| Some(as_of::Moment::Time(wire_time(at)));
    assert_eq!(amount(stated(&world, time(april(20))).await), 2_500);
    let request =
        GetStatementRequest { as_of: Some(AsOf { moment: time(april(19)) }), ..april_of_contract(&world) };
    let refused = world.billing.get_statement(from(PHARMA, request)).await.unwrap_err();
    assert_eq!(refused.code(), Code::NotFound);
}

#[tokio::test]
async fn refusals_name_what_is_wrong() {
    let folder = tempfile::tempdir().unwrap();
    let world = World::new(&folder.path().join("billing.db")).await;
    for day in 2..6 {
        world.used(day, 1).await;
    }
    let asked = || april_of_contract(&world);
    let ahead = (world.log.head().position.0 + 1).to_string();
    let as_of = |moment| Some(AsOf { moment: Some(moment) });
    let cases: [(OrganisationId, GetStatementRequest, &str); 7] = [
        (RIVAL, asked(), "NOT_FOUND"),
        (
            PHARMA,
            GetStatementRequest { contract_id: domain::id::ContractId::from_u128(8).to_string(), ..asked() },
            "NOT_FOUND",
        ),
        (PHARMA, GetStatementRequest { month: "2026-13".into(), ..asked() }, "INVALID_FIELD"),
        (PHARMA, GetStatementRequest { min_position: ahead.clone(), ..asked() }, "POSITION_AHEAD"),
        (
            PHARMA,
            GetStatementRequest { as_of: as_of(as_of::Moment::Position(ahead)), ..asked() },
            "POSITION_AHEAD",
        ),
        (
            PHARMA,
            GetStatementRequest { as_of: as_of(as_of::Moment::Position("x".into())), ..asked() },
            "INVALID_FIELD",
        ),
        (OrganisationId::from_u128(99), asked(), "CAPACITY_REQUIRED"),
    ];
    let reason = |status: Status| status.get_error_details().error_info().unwrap().reason.clone();
    for (caller, request, expected) in cases {
        let refused = world.billing.get_statement(from(caller, request.clone())).await.unwrap_err();
        assert_eq!(reason(refused), expected, "{request:?}");
    }
    assert!(world.billing.get_statement(from(PROMOTER, asked())).await.is_ok(), "operators see all");

    let page = explained(&world, explain(&world, USAGE, 2, "")).await;
    assert!(!page.next_page_token.is_empty());
    for (request, expected) in [
        (explain(&world, "data-usage/9/browse/open/-", 0, ""), "NOT_FOUND"),
        (explain(&world, "", 0, ""), "INVALID_FIELD"),
        (explain(&world, FEE, 0, &page.next_page_token), "INVALID_PAGE_TOKEN"),
        (explain(&world, USAGE, 0, "1-1-0"), "INVALID_PAGE_TOKEN"),
        (explain(&world, USAGE, 0, "あ"), "INVALID_PAGE_TOKEN"),
    ] {
        let refused = world.billing.explain_line(from(PHARMA, request.clone())).await.unwrap_err();
        assert_eq!(reason(refused), expected, "{request:?}");
    }
}
