//! Many callers at once: quota is exact, a command is carried out once, and a use stands on the contract as it
//! was at that very place in the log.

use std::sync::Arc;

use futures::future::join_all;
use proto::kiban::{
    access::v1::{
        GetQuotaRequest, Outcome, RunAnalysisRequest, RunAnalysisResponse,
        access_service_client::AccessServiceClient,
    },
    common::v1::Right,
    contract::v1::{
        ApplyForContractRequest, ChangeTierRequest, ContractKind, PauseContractRequest, Quota,
        contract_service_client::ContractServiceClient, quota::CasesPerYear,
    },
};
use tonic::{Code, Status};

use crate::{
    World, day,
    support::{Forum, by},
    usage::{new, report, send},
};

async fn run(forum: Arc<Forum>, command_id: String, cases: u32) -> Result<RunAnalysisResponse, Status> {
    let request = RunAnalysisRequest {
        command_id,
        contract_id: forum.contract.clone(),
        dataset_id: forum.datasets[0].clone(),
        right: Right::SimpleAnalysis.into(),
        cases,
        purpose: "drug-discovery".into(),
        country: "JP".into(),
        ..Default::default()
    };
    let mut accesses = AccessServiceClient::new(forum.channel.clone());
    Ok(accesses.run_analysis(by(&forum.member, request)).await?.into_inner())
}

async fn bound_by(forum: &Forum, cases: u64) {
    let quota = Quota {
        right: Right::SimpleAnalysis.into(),
        cases_per_year: Some(CasesPerYear::Cases(cases)),
        max_cases_per_run: 0,
    };
    let change = ChangeTierRequest {
        command_id: "bound".into(),
        contract_id: forum.contract.clone(),
        tier: "bounded".into(),
        quotas: vec![quota],
        ..Default::default()
    };
    let mut contracts = ContractServiceClient::new(forum.channel.clone());
    contracts.change_tier(by(&forum.promoter, change)).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_quota_is_given_out_exactly_once() {
    let World { forum, server, clock, directory: _directory } = World::found().await;
    clock.set(day(2));
    bound_by(&forum, 100).await;
    let forum = Arc::new(forum);
    let runs = (0..40).map(|number| tokio::spawn(run(forum.clone(), format!("run-{number}"), 7)));
    let mut numbers = Vec::new();
    for answer in join_all(runs).await {
        match answer.unwrap() {
            Ok(reply) => numbers.push(reply.admission.unwrap().number),
            Err(status) => assert_eq!(status.code(), Code::PermissionDenied, "{status:?}"),
        }
    }
    numbers.sort_unstable();
    assert_eq!(numbers, (1..=14).collect::<Vec<u64>>(), "14 times 7 of 100 cases, numbered without a gap");
    let mut accesses = AccessServiceClient::new(forum.channel.clone());
    let ask = GetQuotaRequest { contract_id: forum.contract.clone() };
    let quota = accesses.get_quota(by(&forum.member, ask)).await.unwrap().into_inner();
    let left = quota.remaining.iter().find(|left| left.right() == Right::SimpleAnalysis).unwrap();
    assert_eq!((left.unlimited, left.cases), (false, 2));
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_command_sent_by_many_is_carried_out_once() {
    let World { forum, server, directory: _directory, .. } = World::found().await;
    let forum = Arc::new(forum);
    let runs = (0..30).map(|_| tokio::spawn(run(forum.clone(), "the same".into(), 7)));
    let answers: Vec<RunAnalysisResponse> =
        join_all(runs).await.into_iter().map(|answer| answer.unwrap().unwrap()).collect();
    assert_eq!(answers.iter().filter(|answer| !answer.receipt.as_ref().unwrap().replayed).count(), 1);
    assert!(answers.iter().all(|answer| answer.admission == answers[0].admission));

    let apply = |_| {
        let request = ApplyForContractRequest {
            command_id: "one application".into(),
            kind: ContractKind::Member.into(),
            issuer_id: forum.promoter.clone(),
            purposes: vec!["drug-discovery".into()],
            ..Default::default()
        };
        let mut contracts = ContractServiceClient::new(forum.channel.clone());
        let request = by(&forum.member, request);
        async move { contracts.apply_for_contract(request).await.unwrap().into_inner().contract_id }
    };
    let mut ids = join_all((0..30).map(apply)).await;
    ids.dedup();
    assert_eq!(ids.len(), 1);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_pause_nothing_is_admitted() {
    let World { forum, server, directory: _directory, .. } = World::found().await;
    let forum = Arc::new(forum);
    let runs: Vec<_> =
        (0..60).map(|number| tokio::spawn(run(forum.clone(), format!("run-{number}"), 1))).collect();
    let pause = PauseContractRequest {
        command_id: "pause".into(),
        contract_id: forum.contract.clone(),
        reason: "audit".into(),
        ..Default::default()
    };
    let mut contracts = ContractServiceClient::new(forum.channel.clone());
    let paused = contracts.pause_contract(by(&forum.promoter, pause)).await.unwrap().into_inner();
    let paused: u64 = paused.receipt.unwrap().position.parse().unwrap();
    for answer in join_all(runs).await {
        match answer.unwrap() {
            Ok(reply) => {
                let position: u64 = reply.receipt.unwrap().position.parse().unwrap();
                assert!(position < paused, "admitted at {position}, paused at {paused}");
            }
            Err(status) => assert_eq!(status.code(), Code::PermissionDenied, "{status:?}"),
        }
    }
    let late = run(forum.clone(), "late".into(), 1).await.unwrap_err();
    assert_eq!(late.code(), Code::PermissionDenied);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_report_sent_by_many_counts_once() {
    let World { forum, server, clock, directory: _directory } = World::found().await;
    clock.set(day(10));
    let sent = (0..20).map(|_| send(&forum, report(&forum, 1, &[3; 50], day(9))));
    let replies = join_all(sent).await;
    let replies: Vec<_> = replies.into_iter().map(|reply| reply.unwrap()).collect();
    assert_eq!(replies.iter().map(new).sum::<usize>(), 50);
    let known = |reply: &&proto::kiban::access::v1::ReportUsageResponse| {
        reply.outcomes().all(|outcome| outcome == Outcome::Known)
    };
    assert_eq!(replies.iter().filter(known).count(), 19);
    server.stop().await;
}
