//! Use that is refused, and what the refusal says.

use crate::*;

#[tokio::test]
async fn use_is_refused_from_the_moment_the_contract_ends_and_metering_is_not() {
    let mut world = World::new().await;
    world.run(world.analysis("before", 1)).await.unwrap();
    let mut contracts = ContractServiceClient::new(world.forum.channel.clone());
    let terminate = TerminateContractRequest {
        command_id: "end".into(),
        contract_id: world.forum.contract.clone(),
        reason: "the project ended".into(),
        ..Default::default()
    };
    contracts.terminate_contract(by(&world.forum.member, terminate)).await.unwrap();
    world.clock.set(instant("2026-04-01T01:00:00Z"));

    let head = world.head();
    let denied = world.run(world.analysis("after", 1)).await.unwrap_err();
    assert_eq!((denied.code(), reason(&denied).as_str()), (Code::PermissionDenied, "ACCESS_DENIED"));
    let metadata = denied.get_error_details().error_info().unwrap().metadata.clone();
    assert_eq!(metadata["reasons"], "contract-terminated");
    assert_eq!(world.head(), head + 1, "a refusal is on record");
    assert_eq!(reason(&world.run(world.analysis("after", 1)).await.unwrap_err()), "ACCESS_DENIED");
    assert_eq!(world.head(), head + 1, "its retry is not");

    let late = UsageRecord { occurred_at_us: world.clock.now().as_micros(), ..used(1, 1) };
    let reported = world.send(vec![late]).await.unwrap();
    assert_eq!(outcomes(&reported), [Outcome::New]);
    assert_eq!(reported.verdicts().collect::<Vec<_>>(), [Verdict::AfterExpiry]);
    world.server.stop().await;
}

#[tokio::test]
async fn a_refusal_says_what_was_asked_for_and_what_is_allowed() {
    let mut world = World::new().await;
    world.clock.set(instant("2026-04-02T00:00:00Z"));
    let limited = ChangeTierRequest {
        command_id: "limit".into(),
        contract_id: world.forum.contract.clone(),
        tier: "basic".into(),
        quotas: vec![Quota {
            right: Right::DetailedAnalysis.into(),
            cases_per_year: Some(CasesPerYear::Cases(400)),
            max_cases_per_run: 350,
        }],
        ..Default::default()
    };
    let mut contracts = ContractServiceClient::new(world.forum.channel.clone());
    contracts.change_tier(by(&world.forum.promoter, limited)).await.unwrap();
    world.run(world.analysis("first", 150)).await.unwrap();
    let request = RunAnalysisRequest { country: "US".into(), ..world.analysis("too-much", 360) };
    for cases in [20, 30] {
        // The values are those of the decision, also when it is sent again and less is left.
        let denied = world.run(request.clone()).await.unwrap_err();
        assert_eq!(
            denied.message(),
            "refused: country-not-covered: US is not among JP; quota-exceeded: 360 asked for, 250 left of this \
             contract year; run-too-large: 360 asked for, at most 350 in one run"
        );
        let metadata = denied.get_error_details().error_info().unwrap().metadata.clone();
        assert_eq!(metadata["reasons"], "country-not-covered,quota-exceeded,run-too-large");
        assert_eq!((metadata["asked"].as_str(), metadata["allowed"].as_str()), ("US;360;360", "JP;250;350"));
        world.run(world.analysis(&format!("between-{cases}"), cases)).await.unwrap();
    }
    world.server.stop().await;
}

#[tokio::test]
async fn refusals_beyond_the_limit_of_a_minute_are_given_and_not_written() {
    let mut world = World::new().await;
    let head = world.head();
    for number in 0..70 {
        let abroad =
            RunAnalysisRequest { country: "US".into(), ..world.analysis(&format!("abroad-{number}"), 1) };
        let denied = world.run(abroad).await.unwrap_err();
        assert_eq!(
            denied.get_error_details().error_info().unwrap().metadata["reasons"],
            "country-not-covered"
        );
    }
    assert_eq!(world.head(), head + 60);
    world.run(world.analysis("home", 1)).await.expect("an admission is not held up by refusals");
    world.server.stop().await;
}

#[tokio::test]
async fn strangers_learn_nothing_of_a_contract() {
    let world = World::new().await;
    let mut accesses = world.accesses.clone();
    let stranger = &world.forum.institutions[0];
    let quota = GetQuotaRequest { contract_id: world.forum.contract.clone() };
    let refused = accesses.get_quota(by(stranger, quota.clone())).await.unwrap_err();
    assert_eq!(refused.code(), Code::NotFound);
    let refused = accesses.report_usage(by(stranger, world.report(vec![used(1, 1)]))).await.unwrap_err();
    assert_eq!(refused.code(), Code::NotFound);
    assert_eq!(
        accesses.get_quota(by(&world.forum.member, quota)).await.unwrap().into_inner().remaining.len(),
        2
    );
    world.server.stop().await;
}

#[tokio::test]
async fn a_look_at_a_view_shows_nothing_that_a_view_would() {
    let mut world = World::new().await;
    let view = ViewDatasetRequest {
        command_id: "view".into(),
        contract_id: world.forum.contract.clone(),
        dataset_id: world.forum.datasets[0].clone(),
        purpose: "drug-discovery".into(),
        country: "JP".into(),
        ..Default::default()
    };
    let head = world.head();
    let look = ViewDatasetRequest { validate_only: true, ..view.clone() };
    let looked = world.accesses.view_dataset(by(&world.forum.member, look)).await.unwrap().into_inner();
    assert_eq!((looked.dataset, world.head()), (None, head), "only a recorded view shows the dataset");
    let viewed = world.accesses.view_dataset(by(&world.forum.member, view)).await.unwrap().into_inner();
    assert_eq!(viewed.dataset.unwrap().reference, "https://data.example/0");
    assert_eq!(world.head(), head + 1);
    world.server.stop().await;
}
