//! No is said with a reason for programs, the field for people, and nothing half-written behind it.

use proto::kiban::{
    access::v1::{self as access, access_service_client::AccessServiceClient, reverse_usage_request::Target},
    billing::v1::{GetStatementRequest, billing_service_client::BillingServiceClient},
    contract::v1::{
        ApplyForContractRequest, ContractKind, GetContractRequest, PauseContractRequest,
        contract_service_client::ContractServiceClient,
    },
    membership::v1::{
        GetOrganisationRequest, RegisterOrganisationRequest,
        membership_service_client::MembershipServiceClient,
    },
};
use tonic::{Code, Request, Status};
use tonic_types::StatusExt;

use crate::{
    World, day,
    support::{Forum, by},
    usage::{report, send, view},
};

/// Code, reason, and the field if one is to blame.
fn told(status: &Status) -> (Code, String, Option<String>) {
    let details = status.get_error_details();
    let info = details.error_info().unwrap_or_else(|| panic!("no ErrorInfo: {status:?}"));
    assert_eq!(info.domain, "kiban");
    let field = details.bad_request().and_then(|bad| bad.field_violations.first());
    (status.code(), info.reason.clone(), field.map(|field| field.field.clone()))
}

fn assert_told(status: Status, code: Code, reason: &str, field: Option<&str>) {
    assert_eq!(told(&status), (code, reason.to_owned(), field.map(str::to_owned)), "{}", status.message());
    assert!(!status.message().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_malformed_report_is_refused_whole_and_names_the_record() {
    let World { forum, server, clock, .. } = World::found().await;
    clock.set(day(10));
    type Change = fn(&mut access::ReportUsageRequest);
    let table: [(Change, Code, &str, Option<&str>); 9] = [
        (
            |report| report.records[1].cases = 0,
            Code::InvalidArgument,
            "INVALID_FIELD",
            Some("records[1].cases"),
        ),
        (
            |report| report.records[2].sequence = 0,
            Code::InvalidArgument,
            "INVALID_FIELD",
            Some("records[2].sequence"),
        ),
        (
            |report| report.records[0].dataset = 9,
            Code::InvalidArgument,
            "INVALID_FIELD",
            Some("records[0].dataset"),
        ),
        (
            |report| report.records[0].right = 99,
            Code::InvalidArgument,
            "INVALID_FIELD",
            Some("records[0].right"),
        ),
        (
            |report| report.viewer_ids[0] = "ctr_x".into(),
            Code::InvalidArgument,
            "INVALID_FIELD",
            Some("viewer_ids[0]"),
        ),
        (|report| report.epoch = 0, Code::InvalidArgument, "INVALID_FIELD", Some("epoch")),
        (|report| report.records.clear(), Code::InvalidArgument, "INVALID_FIELD", Some("records")),
        (
            |report| report.records[1].occurred_at_us = day(11).as_micros(),
            Code::InvalidArgument,
            "OCCURRED_IN_FUTURE",
            Some("records[1].occurred_at_us"),
        ),
        (
            |report| report.records = vec![report.records[0]; 5_001],
            Code::ResourceExhausted,
            "BATCH_TOO_LARGE",
            Some("records"),
        ),
    ];
    for (change, code, reason, field) in table {
        let mut bad = report(&forum, 1, &[1, 2, 3], day(9));
        change(&mut bad);
        assert_told(send(&forum, bad).await.unwrap_err(), code, reason, field);
    }
    let good = send(&forum, report(&forum, 1, &[1, 2, 3], day(9))).await.unwrap();
    assert_eq!(good.next_sequence, 4, "nothing of the refused reports was written");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn use_outside_the_contract_is_refused_with_all_reasons_and_remembered() {
    let World { forum, server, .. } = World::found().await;
    let status = view(&forum, "from-abroad", "FR").await.unwrap_err();
    assert_told(status.clone(), Code::PermissionDenied, "ACCESS_DENIED", None);
    let details = status.get_error_details();
    let reasons = &details.error_info().unwrap().metadata["reasons"];
    assert_eq!(reasons, "country-not-covered");
    let again = view(&forum, "from-abroad", "FR").await.unwrap_err();
    assert_told(again, Code::PermissionDenied, "ACCESS_DENIED", None);
    assert_told(
        view(&forum, "from-abroad", "JP").await.unwrap_err(),
        Code::AlreadyExists,
        "COMMAND_ID_REUSED",
        Some("command_id"),
    );
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn callers_who_may_not_are_told_what_they_lack() {
    let World { forum, server, .. } = World::found().await;
    let mut members = MembershipServiceClient::new(forum.channel.clone());
    let ask = || GetOrganisationRequest { organisation_id: forum.member.clone() };
    let nobody = members.get_organisation(Request::new(ask())).await.unwrap_err();
    assert_told(nobody, Code::Unauthenticated, "UNAUTHENTICATED", None);
    let stranger = "org_00000000000000000000000009";
    let unknown = members.get_organisation(by(stranger, ask())).await.unwrap_err();
    assert_told(unknown, Code::PermissionDenied, "CAPACITY_REQUIRED", None);
    let register = RegisterOrganisationRequest { command_id: "x".into(), ..Default::default() };
    let member = members.register_organisation(by(&forum.member, register)).await.unwrap_err();
    assert_told(member, Code::PermissionDenied, "CAPACITY_REQUIRED", None);

    let mut request = by(&forum.member, ask());
    let caller = format!("organisation={}; roles=researcher", forum.member);
    request.metadata_mut().insert("kiban-caller", caller.parse().unwrap());
    let apply = request.map(|_| apply(&forum, "apply-without-role"));
    let mut contracts = ContractServiceClient::new(forum.channel.clone());
    let roleless = contracts.apply_for_contract(apply).await.unwrap_err();
    assert_told(roleless, Code::PermissionDenied, "ROLE_REQUIRED", None);
    server.stop().await;
}

fn apply(forum: &Forum, command_id: &str) -> ApplyForContractRequest {
    ApplyForContractRequest {
        command_id: command_id.into(),
        kind: ContractKind::Member.into(),
        issuer_id: forum.promoter.clone(),
        purposes: vec!["drug-discovery".into()],
        ..Default::default()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn commands_are_refused_by_id_revision_rule_and_existence() {
    let World { forum, server, .. } = World::found().await;
    let mut contracts = ContractServiceClient::new(forum.channel.clone());
    let mut bad = apply(&forum, "");
    let status = contracts.apply_for_contract(by(&forum.member, bad.clone())).await.unwrap_err();
    assert_told(status, Code::InvalidArgument, "INVALID_COMMAND_ID", Some("command_id"));
    bad.command_id = "prohibited".into();
    bad.purposes = vec!["insurance-underwriting".into()];
    let status = contracts.apply_for_contract(by(&forum.member, bad)).await.unwrap_err();
    assert_eq!((status.code(), told(&status).1.as_str()), (Code::InvalidArgument, "PURPOSE_PROHIBITED"));

    let pause = PauseContractRequest {
        command_id: "pause".into(),
        expected_revision: Some(0),
        contract_id: forum.contract.clone(),
        reason: "audit".into(),
        ..Default::default()
    };
    let status = contracts.pause_contract(by(&forum.promoter, pause)).await.unwrap_err();
    assert_told(status, Code::Aborted, "REVISION_MISMATCH", None);
    let missing = GetContractRequest { contract_id: "ctr_00000000000000000000000009".into() };
    let status = contracts.get_contract(by(&forum.promoter, missing)).await.unwrap_err();
    assert_told(status, Code::NotFound, "NOT_FOUND", None);

    let ahead = GetStatementRequest {
        contract_id: forum.contract.clone(),
        month: "2026-04".into(),
        min_position: "999999".into(),
        ..Default::default()
    };
    let mut billing = BillingServiceClient::new(forum.channel.clone());
    let status = billing.get_statement(by(&forum.member, ahead)).await.unwrap_err();
    assert_eq!(told(&status).1, "POSITION_AHEAD");
    let month = GetStatementRequest {
        contract_id: forum.contract.clone(),
        month: "2026-4".into(),
        ..Default::default()
    };
    let status = billing.get_statement(by(&forum.member, month)).await.unwrap_err();
    assert_told(status, Code::InvalidArgument, "INVALID_FIELD", Some("month"));

    let reverse = access::ReverseUsageRequest {
        command_id: "reverse".into(),
        contract_id: forum.contract.clone(),
        target: Some(Target::Admission(7)),
        reason: "never given".into(),
        ..Default::default()
    };
    let mut accesses = AccessServiceClient::new(forum.channel.clone());
    let status = accesses.reverse_usage(by(&forum.promoter, reverse)).await.unwrap_err();
    assert_eq!((status.code(), told(&status).1.as_str()), (Code::NotFound, "UNKNOWN_ADMISSION"));
    server.stop().await;
}
