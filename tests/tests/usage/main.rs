//! Metering and admission through the public door: a real server, real TCP, a real disk.

use std::sync::Arc;

use domain::{id::PersonId, time::Timestamp};
use engine::{Clock, ManualClock};
use proto::kiban::{
    access::v1::{
        GetQuotaRequest, GetSourceRequest, GetSourceResponse, Outcome, RecordKey, ReportUsageRequest,
        ReportUsageResponse, ReverseUsageRequest, RunAnalysisRequest, RunAnalysisResponse, SequenceRange,
        UsageRecord, ViewDatasetRequest, access_service_client::AccessServiceClient,
        reverse_usage_request::Target,
    },
    common::v1::{Right, Verdict},
    contract::v1::{
        ChangeTierRequest, Quota, TerminateContractRequest, contract_service_client::ContractServiceClient,
        quota::CasesPerYear,
    },
};
use support::{Forum, Server, by, connect, serve};
use tempfile::TempDir;
use tonic::{Code, Status, transport::Channel};
use tonic_types::StatusExt;

mod refusals;
#[path = "../../support/mod.rs"]
mod support;

/// A server over a directory, a forum in it, and its clock.
struct World {
    folder: TempDir,
    clock: Arc<ManualClock>,
    server: Server,
    forum: Forum,
    accesses: AccessServiceClient<Channel>,
}

impl World {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let clock = Arc::new(ManualClock::at(instant("2026-04-01T00:00:00Z")));
        let server = serve(folder.path(), clock.clone()).await;
        let forum = Forum::found(connect(&server).await, &*clock, 2).await;
        let accesses = AccessServiceClient::new(forum.channel.clone());
        Self { folder, clock, server, forum, accesses }
    }

    /// The same directory, served again.
    async fn restarted(self) -> Self {
        let Self { folder, clock, server, mut forum, .. } = self;
        server.stop().await;
        let server = serve(folder.path(), clock.clone()).await;
        forum.channel = connect(&server).await;
        let accesses = AccessServiceClient::new(forum.channel.clone());
        Self { folder, clock, server, forum, accesses }
    }

    fn report(&self, records: Vec<UsageRecord>) -> ReportUsageRequest {
        ReportUsageRequest {
            contract_id: self.forum.contract.clone(),
            source_id: self.forum.source.clone(),
            epoch: 1,
            dataset_ids: self.forum.datasets.clone(),
            viewer_ids: vec![PersonId::from_u128(1).to_string()],
            records,
            ..Default::default()
        }
    }

    async fn send(&mut self, records: Vec<UsageRecord>) -> Result<ReportUsageResponse, Status> {
        let request = self.report(records);
        self.accesses.report_usage(by(&self.forum.member, request)).await.map(tonic::Response::into_inner)
    }

    async fn source(&mut self) -> GetSourceResponse {
        let request = GetSourceRequest {
            contract_id: self.forum.contract.clone(),
            source_id: self.forum.source.clone(),
            epoch: 1,
        };
        self.accesses.get_source(by(&self.forum.member, request)).await.unwrap().into_inner()
    }

    fn analysis(&self, command_id: &str, cases: u32) -> RunAnalysisRequest {
        RunAnalysisRequest {
            command_id: command_id.into(),
            contract_id: self.forum.contract.clone(),
            dataset_id: self.forum.datasets[0].clone(),
            right: Right::DetailedAnalysis.into(),
            cases,
            purpose: "drug-discovery".into(),
            country: "JP".into(),
            ..Default::default()
        }
    }

    async fn run(&mut self, request: RunAnalysisRequest) -> Result<RunAnalysisResponse, Status> {
        self.accesses.run_analysis(by(&self.forum.member, request)).await.map(tonic::Response::into_inner)
    }

    async fn reverse(&mut self, command_id: &str, target: Target) -> Result<(), Status> {
        let request = ReverseUsageRequest {
            command_id: command_id.into(),
            contract_id: self.forum.contract.clone(),
            target: Some(target),
            reason: "metered twice".into(),
            ..Default::default()
        };
        self.accesses.reverse_usage(by(&self.forum.promoter, request)).await.map(|_| ())
    }

    fn head(&self) -> u64 {
        self.server.keeper().log().expect("it keeps the log").head().position.0
    }
}

fn instant(text: &str) -> Timestamp {
    let parsed: jiff::Timestamp = text.parse().unwrap();
    Timestamp::from_micros(parsed.as_microsecond()).unwrap()
}

/// A record of the first dataset, at a time before the contract's first day is over.
fn used(sequence: u64, cases: u32) -> UsageRecord {
    UsageRecord {
        sequence,
        right: Right::SimpleAnalysis.into(),
        cases,
        occurred_at_us: instant("2026-04-01T00:00:00Z").as_micros(),
        ..Default::default()
    }
}

fn outcomes(reply: &ReportUsageResponse) -> Vec<Outcome> {
    reply.outcomes().collect()
}

fn reason(status: &Status) -> String {
    status.get_error_details().error_info().map(|info| info.reason.clone()).unwrap_or_default()
}

fn field(status: &Status) -> String {
    let details = status.get_error_details();
    let violations = details.bad_request().map(|bad| bad.field_violations.clone()).unwrap_or_default();
    violations.first().map(|violation| violation.field.clone()).unwrap_or_default()
}

#[tokio::test]
async fn each_key_counts_once_whatever_is_sent_again() {
    let mut world = World::new().await;
    let first = world.send(vec![used(1, 10), used(2, 20), used(4, 40)]).await.unwrap();
    assert_eq!(outcomes(&first), [Outcome::New; 3]);
    assert_eq!(first.verdicts().collect::<Vec<_>>(), [Verdict::InScope; 3]);
    assert_eq!(first.next_sequence, 5);

    let head = world.head();
    let again = world.send(vec![used(1, 10), used(2, 20), used(4, 40)]).await.unwrap();
    assert_eq!(outcomes(&again), [Outcome::Known; 3]);
    assert_eq!(again.receipt.unwrap().position, "", "nothing is written if all is known");
    assert_eq!(world.head(), head);

    let earlier = UsageRecord { occurred_at_us: used(2, 20).occurred_at_us - 1, ..used(2, 20) };
    let mixed = world.send(vec![used(1, 11), earlier, used(3, 30), used(3, 30), used(3, 31)]).await.unwrap();
    let expected = [
        Outcome::Conflicting,
        Outcome::KnownAtAnotherTime,
        Outcome::New,
        Outcome::Known,
        Outcome::Conflicting,
    ];
    assert_eq!(outcomes(&mixed), expected);
    let repeated = world.send(vec![used(1, 11), used(1, 10)]).await.unwrap();
    assert_eq!(outcomes(&repeated), [Outcome::Conflicting, Outcome::Known]);
    assert_eq!(repeated.receipt.unwrap().position, "", "a conflict is stored once");
    world.server.stop().await;
}

#[tokio::test]
async fn gaps_are_shown_and_all_of_it_outlives_a_restart() {
    let mut world = World::new().await;
    world.send(vec![used(1, 1), used(2, 1), used(5, 1), used(9, 1)]).await.unwrap();
    let mut world = world.restarted().await;
    let source = world.source().await;
    assert_eq!(source.next_sequence, 10);
    let gap = |first, last| SequenceRange { first, last };
    assert_eq!(source.gaps, [gap(3, 4), gap(6, 8)]);
    let again = world.send(vec![used(5, 1), used(6, 1), used(9, 2)]).await.unwrap();
    assert_eq!(outcomes(&again), [Outcome::Known, Outcome::New, Outcome::Conflicting]);
    world.server.stop().await;
}

#[tokio::test]
async fn the_same_report_sent_many_times_at_once_counts_once() {
    let world = World::new().await;
    let records: Vec<_> = (1..=500).map(|sequence| used(sequence, 1)).collect();
    let mut sent = Vec::new();
    for _ in 0..16 {
        let mut accesses = AccessServiceClient::new(connect(&world.server).await);
        let request = by(&world.forum.member, world.report(records.clone()));
        sent.push(tokio::spawn(async move { accesses.report_usage(request).await.unwrap().into_inner() }));
    }
    let mut new = 0;
    for reply in sent {
        let reply = reply.await.unwrap();
        new += outcomes(&reply).iter().filter(|outcome| **outcome == Outcome::New).count();
        assert!(reply.outcomes().all(|outcome| matches!(outcome, Outcome::New | Outcome::Known)));
    }
    assert_eq!(new, 500);
    world.server.stop().await;
}

#[tokio::test]
async fn a_malformed_report_is_refused_whole_and_names_the_record() {
    let mut world = World::new().await;
    let head = world.head();
    let future = UsageRecord { occurred_at_us: world.clock.now().as_micros() + 1, ..used(3, 1) };
    let cases = [
        (UsageRecord { cases: 0, ..used(3, 1) }, "records[1].cases", "INVALID_FIELD"),
        (UsageRecord { dataset: 2, ..used(3, 1) }, "records[1].dataset", "INVALID_FIELD"),
        (UsageRecord { sequence: 0, ..used(3, 1) }, "records[1].sequence", "INVALID_FIELD"),
        (UsageRecord { right: 0, ..used(3, 1) }, "records[1].right", "INVALID_FIELD"),
        (UsageRecord { right: 77, ..used(3, 1) }, "records[1].right", "INVALID_FIELD"),
        (UsageRecord { order: 1, ..used(3, 1) }, "records[1].order", "INVALID_FIELD"),
        (
            UsageRecord { settles_admission: 9, ..used(3, 1) },
            "records[1].settles_admission",
            "UNKNOWN_ADMISSION",
        ),
        (future, "records[1].occurred_at_us", "OCCURRED_IN_FUTURE"),
    ];
    for (wrong, expected_field, expected_reason) in cases {
        let status = world.send(vec![used(1, 1), wrong]).await.unwrap_err();
        assert_eq!((field(&status).as_str(), reason(&status).as_str()), (expected_field, expected_reason));
    }
    let too_many = (1..=5_001).map(|sequence| used(sequence, 1)).collect();
    assert_eq!(reason(&world.send(too_many).await.unwrap_err()), "BATCH_TOO_LARGE");
    let elsewhere = ReportUsageRequest {
        source_id: world.forum.source.replace("src_", "ctr_"),
        ..world.report(vec![used(1, 1)])
    };
    let status = world.accesses.report_usage(by(&world.forum.member, elsewhere)).await.unwrap_err();
    assert_eq!(field(&status), "source_id");
    assert_eq!(world.head(), head, "nothing is half written");
    assert_eq!(world.source().await.next_sequence, 1);
    world.server.stop().await;
}

#[tokio::test]
async fn an_admission_is_numbered_settled_once_and_its_retry_finds_it() {
    let mut world = World::new().await;
    let look = RunAnalysisRequest { validate_only: true, ..world.analysis("run-1", 100) };
    let seen = world.run(look).await.unwrap();
    assert_eq!(seen.receipt.unwrap().position, "");
    let first = world.run(world.analysis("run-1", 100)).await.unwrap();
    let retried = world.run(world.analysis("run-1", 100)).await.unwrap();
    assert_eq!(first.admission, retried.admission);
    assert!(retried.receipt.unwrap().replayed);
    assert_eq!(first.admission.as_ref().unwrap().number, 1);
    assert_eq!(world.run(world.analysis("run-2", 1)).await.unwrap().admission.unwrap().number, 2);

    let reused = world.run(world.analysis("run-1", 101)).await.unwrap_err();
    assert_eq!((reused.code(), reason(&reused).as_str()), (Code::AlreadyExists, "COMMAND_ID_REUSED"));

    let settle = |sequence, cases| UsageRecord {
        right: Right::DetailedAnalysis.into(),
        settles_admission: 1,
        ..used(sequence, cases)
    };
    let settled = world.send(vec![settle(1, 80), settle(2, 80)]).await.unwrap();
    assert_eq!(outcomes(&settled), [Outcome::New, Outcome::Conflicting]);
    let refused = world.reverse("reverse-1", Target::Admission(1)).await.unwrap_err();
    assert_eq!(reason(&refused), "ADMISSION_SETTLED");
    world.server.stop().await;
}

#[tokio::test]
async fn a_record_and_an_admission_are_reversed_once() {
    let mut world = World::new().await;
    world.send(vec![used(1, 10)]).await.unwrap();
    world.run(world.analysis("run", 5)).await.unwrap();
    let record =
        |sequence| Target::Record(RecordKey { source_id: world.forum.source.clone(), epoch: 1, sequence });
    let (first, missing) = (record(1), record(2));
    world.reverse("r-1", first.clone()).await.unwrap();
    world.reverse("r-1", first.clone()).await.expect("a retry finds it done");
    assert_eq!(reason(&world.reverse("r-2", first).await.unwrap_err()), "ALREADY_REVERSED");
    assert_eq!(reason(&world.reverse("r-3", missing).await.unwrap_err()), "UNKNOWN_RECORD");
    world.reverse("r-4", Target::Admission(1)).await.unwrap();
    assert_eq!(reason(&world.reverse("r-5", Target::Admission(1)).await.unwrap_err()), "ALREADY_REVERSED");
    assert_eq!(reason(&world.reverse("r-6", Target::Admission(2)).await.unwrap_err()), "UNKNOWN_ADMISSION");
    world.server.stop().await;
}

#[tokio::test]
async fn a_record_of_another_contracts_source_is_not_reversed() {
    let mut world = World::new().await;
    let other = world.forum.sign(&*world.clock, "second").await;
    let source = world.forum.add_source(&other, "second").await;
    let elsewhere = ReportUsageRequest {
        contract_id: other,
        source_id: source.clone(),
        ..world.report(vec![used(1, 1)])
    };
    world.accesses.report_usage(by(&world.forum.member, elsewhere)).await.unwrap();
    let target = Target::Record(RecordKey { source_id: source, epoch: 1, sequence: 1 });
    assert_eq!(reason(&world.reverse("r", target).await.unwrap_err()), "UNKNOWN_SOURCE");
    world.server.stop().await;
}
