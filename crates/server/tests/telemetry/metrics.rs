//! Metrics for Prometheus, which every build has.

use std::{collections::BTreeSet, net::TcpListener, path::Path};

use engine::SystemClock;
use event_log::{EventLog, Page, Position, SqliteLog, SqliteOptions};
use events::decode_frame;
use proto::kiban::{
    access::v1::{RunAnalysisRequest, access_service_client::AccessServiceClient},
    common::v1::Right,
    directory::v1::{
        ListOrganisationsRequest, WatchRequest, directory_service_client::DirectoryServiceClient,
    },
};
use tonic::{Code, body::Body, codegen::http::Request, transport::Channel};
use tower::Service;

use crate::{
    kiban::{Kiban, position, register, serve, until},
    scraped::{Scraped, get},
    support::{Forum, by},
};

const MEMBERSHIP: &str = "kiban.membership.v1.MembershipService";
const DIRECTORY: &str = "kiban.directory.v1.DirectoryService";
const CALLS: &str = "rpc_server_duration_seconds_count";

/// What must be told without a relay, with its type.
const EXPECTED: &[(&str, &str)] = &[
    ("kiban_build_info", "gauge"),
    ("kiban_log_appends_total", "counter"),
    ("kiban_log_commits_total", "counter"),
    ("kiban_log_events_total", "counter"),
    ("kiban_log_fsync_seconds", "histogram"),
    ("kiban_log_head_position", "gauge"),
    ("kiban_log_overloaded_total", "counter"),
    ("kiban_log_queue_appends", "gauge"),
    ("kiban_log_queue_bytes", "gauge"),
    ("kiban_log_wal_bytes", "gauge"),
    ("kiban_projection_lag_positions", "gauge"),
    ("kiban_projection_position", "gauge"),
    ("kiban_refusals_not_recorded_total", "counter"),
    ("kiban_stale_guards_total", "counter"),
    ("rpc_server_duration_seconds", "histogram"),
];

fn start(data_dir: &Path) -> (Kiban, String) {
    let mut kiban = Kiban::start(data_dir, &["--metrics-listen", "127.0.0.1:0"], &[]);
    let url = kiban.line("Metrics on ");
    (kiban, url)
}

/// One message of a field of a kind that there is not: no message at all.
const NO_MESSAGE: &str = "\0\0\0\0\x01\x0f";

/// Calls whatever by its path.
async fn call(channel: &Channel, path: &str, body: &'static str) -> Code {
    let mut channel = channel.clone();
    std::future::poll_fn(|context| channel.poll_ready(context)).await.unwrap();
    let request = Request::post(path).header("content-type", "application/grpc");
    let answer = channel.call(request.body(Body::new(body.to_owned())).unwrap()).await.unwrap();
    Code::from_bytes(answer.headers()["grpc-status"].as_bytes())
}

#[tokio::test(flavor = "multi_thread")]
async fn rate_errors_and_duration_move_by_exactly_the_calls_made() {
    let directory = tempfile::tempdir().unwrap();
    let (kiban, url) = start(directory.path());
    let channel = kiban.connect().await;
    let before = Scraped::from(&url);
    assert_eq!(before.sum(CALLS, &[]), 0.0);
    assert_eq!(before.value("kiban_log_head_position", &[]), 0.0);

    for number in 1..=3 {
        register(&channel, number, None).await.unwrap();
    }
    let again = register(&channel, 3, None).await.unwrap();
    let get = format!("/{MEMBERSHIP}/GetOrganisation");
    assert_eq!(call(&channel, &get, NO_MESSAGE).await, Code::InvalidArgument);
    for path in ["/made.up.v1.Service/One", "/made.up.v1.Service/Two", "/made.up.v2.Service/Three"] {
        assert_eq!(call(&channel, path, "").await, Code::Unimplemented);
    }
    fn by_method<'m>(method: &'m str, code: &'m str) -> [(&'static str, &'m str); 3] {
        [("rpc_service", MEMBERSHIP), ("rpc_method", method), ("rpc_grpc_status_code", code)]
    }
    let now = Scraped::from(&url);
    assert_eq!(now.value(CALLS, &by_method("RegisterOrganisation", "0")), 4.0);
    assert_eq!(now.value(CALLS, &by_method("GetOrganisation", "3")), 1.0, "as its caller was told");
    assert_eq!(now.sum(CALLS, &[("rpc_service", "unknown"), ("rpc_grpc_status_code", "12")]), 3.0);
    assert_eq!(now.sum(CALLS, &[]), 8.0);
    assert_eq!(
        now.labelled(CALLS, "rpc_method"),
        BTreeSet::from(["GetOrganisation", "RegisterOrganisation", "unknown"])
    );
    let ok = by_method("RegisterOrganisation", "0");
    let took = now.value("rpc_server_duration_seconds_sum", &ok);
    assert!(took > 0.0 && took < 60.0, "{took}");
    let all = [&ok[..], &[("le", "+Inf")]].concat();
    assert_eq!(now.value("rpc_server_duration_seconds_bucket", &all), 4.0);

    let head = now.value("kiban_log_head_position", &[]);
    assert_eq!(head, position(&again).parse::<f64>().unwrap(), "the last receipt is that of a repeat");
    assert_eq!(now.value("kiban_log_events_total", &[]), head);
    assert_eq!(now.value("kiban_log_appends_total", &[]), 6.0, "a number is reserved first");
    let commits = now.value("kiban_log_commits_total", &[]);
    let fsyncs = now.value("kiban_log_fsync_seconds_count", &[]);
    assert!(fsyncs >= 1.0 && fsyncs <= commits, "{fsyncs} of {commits}");
    assert!(now.value("kiban_log_wal_bytes", &[]) > 0.0);
    assert!(kiban.stop().await.success());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_ends_with_its_last_message_or_when_its_reader_goes() {
    let directory = tempfile::tempdir().unwrap();
    let (kiban, url) = start(directory.path());
    let channel = kiban.connect().await;
    let member = register(&channel, 1, None).await.unwrap().organisation_id;
    let mut client = DirectoryServiceClient::new(channel.clone());
    let watching = client.watch(by(&member, WatchRequest::default())).await.unwrap();
    let mut notices = watching.into_inner();
    assert!(notices.message().await.unwrap().is_some());
    let labels = [("rpc_service", DIRECTORY), ("rpc_method", "Watch")];
    assert_eq!(Scraped::from(&url).sum(CALLS, &labels), 0.0, "it goes on");
    drop(notices);
    until("the watch has ended", || Scraped::from(&url).sum(CALLS, &labels) == 1.0).await;
    let cancelled = [&labels[..], &[("rpc_grpc_status_code", "1")]].concat();
    assert_eq!(Scraped::from(&url).value(CALLS, &cancelled), 1.0);
    assert!(kiban.stop().await.success());
}

#[tokio::test(flavor = "multi_thread")]
async fn all_is_told_that_was_promised_and_nothing_about_anybody() {
    let directory = tempfile::tempdir().unwrap();
    let (kiban, url) = start(directory.path());
    let channel = kiban.connect().await;
    let registered = register(&channel, 1, None).await.unwrap();
    let list = ListOrganisationsRequest { min_position: position(&registered), ..Default::default() };
    let mut client = DirectoryServiceClient::new(channel);
    client.list_organisations(by(&registered.organisation_id, list)).await.unwrap();

    let now = Scraped::from(&url);
    let told = now.types();
    for (name, kind) in EXPECTED {
        assert_eq!(told.get(name), Some(kind), "{name}");
        assert!(now.text.contains(&format!("# HELP {name} ")), "{name}");
    }
    assert_eq!(told.len(), EXPECTED.len(), "{:?}", told.keys());
    let labels = [("version", env!("CARGO_PKG_VERSION"))];
    assert_eq!(now.value("kiban_build_info", &labels), 1.0);
    let head = now.value("kiban_log_head_position", &[]);
    let labels = [("projection", "directory"), ("shard", "0")];
    assert_eq!(now.value("kiban_projection_lag_positions", &labels), 0.0, "it has answered for all");
    assert_eq!(now.value("kiban_projection_position", &labels), head);
    let projections = now.labelled("kiban_projection_position", "projection").len();
    until("every projection has come to the end", || {
        let now = Scraped::from(&url);
        now.sum("kiban_projection_position", &[]) == head * projections as f64
            && now.sum("kiban_projection_lag_positions", &[]) == 0.0
    })
    .await;
    for word in [&registered.organisation_id, "org_", "per_", "ctr_", "Confidential"] {
        assert!(!now.text.contains(word), "{word}: {}", now.text);
    }
    assert!(get(&url.replace("/metrics", "/")).0.starts_with("HTTP/1.1 404"));
    assert!(kiban.stop().await.success());
}

#[tokio::test(flavor = "multi_thread")]
async fn refusals_that_are_too_many_to_be_written_are_counted() {
    let directory = tempfile::tempdir().unwrap();
    let (kiban, url) = start(directory.path());
    let forum = Forum::found(kiban.connect().await, &SystemClock, 1).await;
    let mut accesses = AccessServiceClient::new(forum.channel.clone());
    let value = |name| Scraped::from(&url).value(name, &[]);
    let head = value("kiban_log_head_position");
    assert_eq!(value("kiban_refusals_not_recorded_total"), 0.0);
    let mut calls = 0.0;
    while value("kiban_refusals_not_recorded_total") < 3.0 {
        let run = RunAnalysisRequest {
            command_id: format!("run-{calls}"),
            contract_id: forum.contract.clone(),
            dataset_id: forum.datasets[0].clone(),
            right: Right::SimpleAnalysis.into(),
            cases: 1,
            purpose: "curiosity".into(),
            country: "JP".into(),
            ..Default::default()
        };
        let refused = accesses.run_analysis(by(&forum.member, run)).await.unwrap_err();
        assert_eq!(refused.code(), Code::PermissionDenied);
        calls += 1.0;
        assert!(calls < 1_000.0);
    }
    let written = value("kiban_log_head_position") - head;
    assert!(written > 0.0);
    assert_eq!(written + value("kiban_refusals_not_recorded_total"), calls, "each is one or the other");
    assert!(kiban.stop().await.success());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_for_machines_is_one_object_a_line() {
    let directory = tempfile::tempdir().unwrap();
    let arguments = ["--log-format", "json", "--metrics-listen", "127.0.0.1:0"];
    let kiban = Kiban::start(directory.path(), &arguments, &[("RUST_LOG", "warn,server=debug")]);
    let channel = kiban.connect().await;
    call(&channel, "/made.up.v1.Service/One", "").await;
    until("the refusal is said", || kiban.said().ends_with('\n')).await;
    for line in kiban.said().lines() {
        let object: serde_json::Value = serde_json::from_str(line).unwrap();
        assert_eq!(object["fields"]["message"], "a call was refused or broken off", "{line}");
        assert_eq!(object["fields"]["method"], "unknown", "{line}");
    }
    assert!(kiban.stop().await.success());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trace_is_written_down_with_the_event_and_nothing_else_by_its_name() {
    let directory = tempfile::tempdir().unwrap();
    let (kiban, _) = start(directory.path());
    let channel = kiban.connect().await;
    let trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    register(&channel, 1, Some(trace)).await.unwrap();
    register(&channel, 2, Some("Hanako Yamada")).await.unwrap();
    assert!(kiban.stop().await.success());

    let log = SqliteLog::open(directory.path(), SqliteOptions::new(std::sync::Arc::new(|| 0))).unwrap();
    let frames = log.read_all(Position::START, Page::default()).await.unwrap();
    let events: Vec<_> = frames.iter().flat_map(|frame| decode_frame(frame).unwrap()).collect();
    let of = |command: &str| -> Vec<&str> {
        let written =
            |event: &&events::Recorded| event.metadata.command.as_ref().is_some_and(|(id, _)| id == command);
        events.iter().filter(written).map(|event| event.metadata.traceparent.as_str()).collect()
    };
    assert_eq!(of("register-1"), [trace]);
    assert_eq!(of("register-2"), [""]);
}

#[test]
fn an_address_that_is_taken_is_named() {
    let directory = tempfile::tempdir().unwrap();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let ended = serve(directory.path(), &["--metrics-listen", &address], &[]).wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&ended.stderr);
    assert!(!ended.status.success());
    assert!(said.contains(&format!("cannot serve metrics on {address}")), "{said}");
}

#[cfg(not(feature = "otlp"))]
#[test]
fn a_build_without_otlp_says_so() {
    let directory = tempfile::tempdir().unwrap();
    let arguments = ["--otlp-endpoint", "http://127.0.0.1:4317"];
    let ended = serve(directory.path(), &arguments, &[]).wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&ended.stderr);
    assert!(!ended.status.success());
    assert!(said.contains("this build has no OTLP: build with --features otlp"), "{said}");
}
