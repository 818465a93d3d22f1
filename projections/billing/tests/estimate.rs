//! What one more use would add, through the gRPC trait: what the statement says once it has happened.

mod support;

use domain::{
    dataset::{Cohort, DatasetCode, DatasetRegistered, Description, Event},
    id::{DatasetId, OrderId, OrganisationId},
    terms::DatasetClass,
    text::{Name, Text},
};
use proto::kiban::{
    billing::v1::{
        EstimateUsageRequest, EstimateUsageResponse, GetStatementRequest, StatementLine,
        billing_service_server::BillingService,
    },
    common::v1::Right,
};
use support::*;
use tonic::Status;
use tonic_types::StatusExt;

const DATASET: DatasetId = DatasetId::from_u128(21);

async fn world() -> (World, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let world = World::new(&folder.path().join("billing.db")).await;
    let description = Description {
        code: DatasetCode::new("SET-1").unwrap(),
        name: Name::new("a dataset").unwrap(),
        provider: PROMOTER,
        class: DatasetClass::new("open").unwrap(),
        disease: Name::new("a disease").unwrap(),
        cohort: Cohort::Case,
        data_types: [].into(),
        reference: Text::new("https://example.org/set").unwrap(),
    };
    let registered = DatasetRegistered { id: DATASET, description, at: april(1) };
    world.append(DATASET, &[Event::DatasetRegistered(registered)]).await;
    (world, folder)
}

fn asked(world: &World, cases: u32) -> EstimateUsageRequest {
    EstimateUsageRequest {
        contract_id: CONTRACT.to_string(),
        dataset_id: DATASET.to_string(),
        right: Right::SimpleAnalysis.into(),
        cases,
        min_position: world.head(),
        order_id: String::new(),
    }
}

async fn estimated(world: &World, cases: u32) -> EstimateUsageResponse {
    world.billing.estimate_usage(from(PHARMA, asked(world, cases))).await.unwrap().into_inner()
}

async fn usage_line(world: &World) -> Option<StatementLine> {
    let request = GetStatementRequest {
        contract_id: CONTRACT.to_string(),
        month: "2026-04".into(),
        min_position: world.head(),
        ..Default::default()
    };
    let statement = world.billing.get_statement(from(PHARMA, request)).await.unwrap().into_inner().statement;
    statement.unwrap().lines.into_iter().find(|line| line.charge_kind == "data-usage")
}

/// 1,000 cases at 100 yen and 500 yen besides, more at 80.
#[tokio::test]
async fn the_estimate_is_what_the_line_grows_by() {
    let (world, _folder) = world().await;
    for (cases, yen) in [(900, 90_500), (200, 10_000 + 8_000), (1, 80)] {
        let head = world.head();
        let estimate = estimated(&world, cases).await;
        assert_eq!((estimate.month.as_str(), &estimate.as_of_position), ("2026-04", &head));
        assert_eq!(estimate.amount.unwrap().minor_units, yen);
        assert_eq!(estimate.before, usage_line(&world).await);
        assert_eq!(estimate.arithmetic_before.is_empty(), estimate.before.is_none());
        assert!(!estimate.arithmetic_after.is_empty());
        assert_eq!(world.head(), head, "nothing is written");
        world.used(20, cases).await;
        assert_eq!(estimate.after, usage_line(&world).await);
        assert_eq!(estimate.after.unwrap().price_book_version, 1);
    }
}

#[tokio::test]
async fn only_those_concerned_are_told_and_what_is_wrong_is_named() {
    let (world, _folder) = world().await;
    let base = || asked(&world, 5);
    let table = [
        (RIVAL, base(), "NOT_FOUND", ""),
        (OrganisationId::from_u128(99), base(), "CAPACITY_REQUIRED", ""),
        (PHARMA, EstimateUsageRequest { contract_id: "x".into(), ..base() }, "INVALID_FIELD", "contract_id"),
        (
            PHARMA,
            EstimateUsageRequest { dataset_id: DatasetId::from_u128(9).to_string(), ..base() },
            "NOT_FOUND",
            "dataset_id",
        ),
        (PHARMA, EstimateUsageRequest { right: 0, ..base() }, "INVALID_FIELD", "right"),
        (PHARMA, EstimateUsageRequest { right: 9, ..base() }, "INVALID_FIELD", "right"),
        (PHARMA, EstimateUsageRequest { cases: 0, ..base() }, "INVALID_FIELD", "cases"),
        (
            PHARMA,
            EstimateUsageRequest { order_id: OrderId::from_u128(9).to_string(), ..base() },
            "INVALID_FIELD",
            "order_id",
        ),
        (
            PHARMA,
            EstimateUsageRequest { min_position: "999".into(), ..base() },
            "POSITION_AHEAD",
            "min_position",
        ),
    ];
    for (caller, request, reason, field) in table {
        let refused = world.billing.estimate_usage(from(caller, request.clone())).await.unwrap_err();
        assert_eq!(told(&refused), (reason.to_owned(), field.to_owned()), "{request:?}");
    }
    assert!(world.billing.estimate_usage(from(PROMOTER, base())).await.is_ok(), "operators see all");
}

fn told(status: &Status) -> (String, String) {
    let details = status.get_error_details();
    let reason = details.error_info().map(|info| info.reason.clone()).unwrap_or_default();
    let field = details.bad_request().and_then(|bad| bad.field_violations.first());
    (reason, field.map(|violation| violation.field.clone()).unwrap_or_default())
}
