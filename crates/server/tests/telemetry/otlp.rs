//! Traces, metrics and logs over the real protocol.

use std::{collections::BTreeSet, fs, net::TcpListener, path::Path, time::Duration};

use opentelemetry_proto::tonic::trace::v1::{Span, span::SpanKind, status::StatusCode};
use proto::kiban::membership::v1::{
    GetOrganisationRequest, membership_service_client::MembershipServiceClient,
};
use tonic::Code;

use crate::{
    collector::{Collector, Kept, attribute, text},
    kiban::{Kiban, position, register, until},
    support::by,
};

const REGISTER: &str = "kiban.membership.v1.MembershipService/RegisterOrganisation";

/// Sends soon what is to be sent, and says what is refused.
const SOON: &[(&str, &str)] = &[
    ("OTEL_BSP_SCHEDULE_DELAY", "50"),
    ("OTEL_BLRP_SCHEDULE_DELAY", "50"),
    ("OTEL_METRIC_EXPORT_INTERVAL", "100"),
    ("RUST_LOG", "warn,server=debug"),
];

/// A caller's trace: its number says which.
fn trace(number: u8, sampled: bool) -> String {
    format!("00-{:032x}-{:016x}-{:02x}", number, 0xca11, u8::from(sampled))
}

fn trace_id(number: u8) -> Vec<u8> {
    u128::from(number).to_be_bytes().to_vec()
}

fn start(data_dir: &Path, collector: &Collector, arguments: &[&str]) -> Kiban {
    let endpoint = collector.endpoint();
    let arguments = [&["--otlp-endpoint", &endpoint], arguments].concat();
    Kiban::start(data_dir, &arguments, SOON)
}

fn named(kept: &Kept, name: &str) -> Vec<Span> {
    kept.spans().into_iter().filter(|span| span.name == name).collect()
}

/// The spans of projections that link to a trace.
fn linked(kept: &Kept, number: u8) -> Vec<Span> {
    let links = |span: &Span| span.links.iter().any(|link| link.trace_id == trace_id(number));
    kept.spans().into_iter().filter(links).collect()
}

fn of(span: &Span, name: &str) -> String {
    attribute(&span.attributes, name).unwrap_or_default()
}

#[tokio::test(flavor = "multi_thread")]
async fn one_trace_goes_from_the_call_through_the_append_to_the_projection() {
    let directory = tempfile::tempdir().unwrap();
    let collector = Collector::start("127.0.0.1:0").await;
    let kept = &collector.kept;
    let kiban = start(directory.path(), &collector, &[]);
    let channel = kiban.connect().await;
    let registered = register(&channel, 1, Some(&trace(1, true))).await.unwrap();
    until("the directory has taken it in", || {
        linked(kept, 1).iter().any(|span| span.name == "project directory")
    })
    .await;
    until("the call and its appends are told", || {
        named(kept, REGISTER).len() == 1 && named(kept, "append").len() == 2
    })
    .await;

    let call = named(kept, REGISTER).remove(0);
    assert_eq!(call.trace_id, trace_id(1));
    assert_eq!(call.parent_span_id, 0xca11_u64.to_be_bytes());
    assert_eq!(call.kind(), SpanKind::Server);
    assert_eq!(of(&call, "rpc.system"), "grpc");
    assert_eq!(of(&call, "rpc.service"), "kiban.membership.v1.MembershipService");
    assert_eq!(of(&call, "rpc.method"), "RegisterOrganisation");
    assert_eq!(of(&call, "rpc.grpc.status_code"), "0");
    for name in ["append", "decide"] {
        for span in named(kept, name) {
            assert_eq!((&span.trace_id, &span.parent_span_id), (&call.trace_id, &call.span_id), "{name}");
        }
    }
    let stream = format!("organisation-{}", registered.organisation_id);
    let append = named(kept, "append").into_iter().find(|span| of(span, "kiban.stream") == stream).unwrap();
    assert_eq!(of(&append, "kiban.position"), position(&registered));
    assert_eq!(of(&append, "kiban.revision"), "0");
    for span in linked(kept, 1) {
        assert_ne!(span.trace_id, call.trace_id, "a batch may hold events of many calls");
        assert_eq!(span.kind(), SpanKind::Consumer);
        assert_eq!(span.links.len(), 1, "{span:?}");
        assert_eq!(span.links[0].span_id, call.span_id);
        assert_eq!(span.name, format!("project {}", of(&span, "kiban.projection")));
    }
    // The same call again, in another trace, is the same call.
    let again = register(&channel, 1, Some(&trace(2, true))).await.unwrap();
    assert!(again.receipt.as_ref().unwrap().replayed);
    assert_eq!(
        (&again.organisation_id, position(&again)),
        (&registered.organisation_id, position(&registered))
    );
    let spoken = format!("{:?}", kept.spans());
    for word in ["Confidential", "per_"] {
        assert!(!spoken.contains(word), "{word}");
    }
    assert_eq!(kept.comes_from("service.name"), BTreeSet::from(["kiban".to_owned()]));
    let instances = kept.comes_from("service.instance.id");
    assert_eq!(instances.len(), 1, "traces, metrics and logs come from one process: {instances:?}");
    assert!(
        instances.iter().all(|instance| instance.ends_with(&format!("-{}", kiban.id()))),
        "{instances:?}"
    );
    assert!(kiban.stop().await.success());
}

#[tokio::test(flavor = "multi_thread")]
async fn history_that_is_read_again_is_nobodys_call() {
    let directory = tempfile::tempdir().unwrap();
    let collector = Collector::start("127.0.0.1:0").await;
    let kept = &collector.kept;
    let kiban = start(directory.path(), &collector, &[]);
    register(&kiban.connect().await, 1, Some(&trace(1, true))).await.unwrap();
    until("projections have taken it in", || !linked(kept, 1).is_empty()).await;
    assert!(kiban.stop().await.success());
    // Everything is built anew from the log.
    fs::remove_dir_all(directory.path().join("projections")).unwrap();
    kept.forget();

    let kiban = start(directory.path(), &collector, &[]);
    let channel = kiban.connect().await;
    register(&channel, 2, Some(&trace(2, true))).await.unwrap();
    let projections = |number| {
        let mut names: Vec<String> = linked(kept, number).into_iter().map(|span| span.name).collect();
        names.sort();
        names
    };
    until("the directory has taken in the new one", || {
        projections(2).contains(&"project directory".to_owned())
    })
    .await;
    assert!(kiban.stop().await.success());
    assert_eq!(projections(1), [""; 0], "it was read again, and by nobody's call");
}

#[tokio::test(flavor = "multi_thread")]
async fn metrics_and_logs_come_with_the_trace_in_which_they_were_said() {
    let directory = tempfile::tempdir().unwrap();
    let collector = Collector::start("127.0.0.1:0").await;
    let kept = &collector.kept;
    let kiban = start(directory.path(), &collector, &[]);
    let channel = kiban.connect().await;
    let registered = register(&channel, 1, None).await.unwrap();
    let mut ask =
        by(&registered.organisation_id, GetOrganisationRequest { organisation_id: "nobody".into() });
    ask.metadata_mut().insert("traceparent", trace(3, true).parse().unwrap());
    let refused = MembershipServiceClient::new(channel).get_organisation(ask).await.unwrap_err();
    assert_eq!(refused.code(), Code::InvalidArgument);

    let said = |kept: &Kept| kept.logs().into_iter().find(|record| record.trace_id == trace_id(3));
    until("the refusal is told", || said(kept).is_some()).await;
    let said = said(kept).unwrap();
    assert_eq!(text(&said.body), "a call was refused or broken off");
    assert_eq!(attribute(&said.attributes, "code").as_deref(), Some("InvalidArgument"));
    until("its call is told", || kept.spans().iter().any(|span| span.span_id == said.span_id)).await;
    let call = kept.spans().into_iter().find(|span| span.span_id == said.span_id).unwrap();
    assert_eq!(of(&call, "rpc.method"), "GetOrganisation");
    assert_eq!(of(&call, "rpc.grpc.status_code"), "3");
    assert_ne!(call.status.unwrap_or_default().code(), StatusCode::Error, "the caller's fault is not ours");

    until("the calls are counted", || kept.total("rpc.server.duration") == 2).await;
    let head: u64 = position(&registered).parse().unwrap();
    until("the head is told", || kept.total("kiban.log.head.position") == head).await;
    assert!(kept.total("kiban.log.fsync") > 0);
    for name in ["kiban.build.info", "kiban.log.queue", "kiban.projection.lag.positions"] {
        assert!(kept.metrics().iter().any(|has| has == name), "{name}: {:?}", kept.metrics());
    }
    assert!(kiban.stop().await.success());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_part_of_the_calls_is_traced_unless_their_callers_have_decided() {
    let directory = tempfile::tempdir().unwrap();
    let collector = Collector::start("127.0.0.1:0").await;
    let kept = &collector.kept;
    let kiban = start(directory.path(), &collector, &["--trace-ratio", "0"]);
    let channel = kiban.connect().await;
    register(&channel, 1, None).await.unwrap();
    register(&channel, 2, Some(&trace(2, false))).await.unwrap();
    register(&channel, 3, Some(&trace(3, true))).await.unwrap();
    until("the directory has taken it in", || {
        linked(kept, 3).iter().any(|span| span.name == "project directory")
    })
    .await;
    until("the call is told", || !named(kept, REGISTER).is_empty()).await;
    assert!(kiban.stop().await.success());
    let calls = named(kept, REGISTER);
    assert_eq!(calls.len(), 1, "{calls:?}");
    assert_eq!(calls[0].trace_id, trace_id(3));
    for span in kept.spans() {
        assert!(span.trace_id == trace_id(3) || !span.links.is_empty(), "{span:?}");
        assert!(span.links.iter().all(|link| link.trace_id == trace_id(3)), "{span:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_last_of_it_is_sent_before_the_process_ends() {
    let directory = tempfile::tempdir().unwrap();
    let collector = Collector::start("127.0.0.1:0").await;
    let endpoint = collector.endpoint();
    // Of itself it would send nothing for an hour.
    let late: Vec<(&str, &str)> = SOON.iter().map(|(name, _)| (*name, "3600000")).collect();
    let late = [&late[..3], &SOON[3..]].concat();
    let kiban = Kiban::start(directory.path(), &["--otlp-endpoint", &endpoint], &late);
    let channel = kiban.connect().await;
    register(&channel, 1, Some(&trace(1, true))).await.unwrap();
    assert!(kiban.stop().await.success());
    assert_eq!(named(&collector.kept, REGISTER).len(), 1);
    assert_eq!(collector.kept.total("rpc.server.duration"), 1);
}

const CANNOT: &str = "telemetry cannot be sent";

#[tokio::test(flavor = "multi_thread")]
async fn a_collector_that_is_not_there_is_named_once_and_taken_up_when_it_comes() {
    let directory = tempfile::tempdir().unwrap();
    let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
    let endpoint = format!("http://{address}");
    let kiban = Kiban::start(directory.path(), &["--otlp-endpoint", &endpoint], SOON);
    let channel = kiban.connect().await;
    let mut number = 0;
    let mut calls = async || {
        number += 1;
        register(&channel, number, None).await.unwrap();
        tokio::time::sleep(Duration::from_millis(100)).await;
    };
    while !kiban.said().contains(CANNOT) {
        calls().await;
    }
    for _ in 0..30 {
        calls().await;
    }
    assert_eq!(kiban.said().matches(CANNOT).count(), 1, "{}", kiban.said());
    let collector = Collector::start(&address).await;
    while named(&collector.kept, REGISTER).is_empty() {
        calls().await;
    }
    until("it says so", || kiban.said().contains("telemetry can be sent again")).await;
    assert!(!kiban.said().contains("BatchSpanProcessor"), "{}", kiban.said());
    drop(collector);
    assert!(kiban.stop().await.success());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_collector_that_never_answers_keeps_nobody_waiting() {
    let directory = tempfile::tempdir().unwrap();
    // It takes connections, and that is all.
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoint = format!("http://{}", silent.local_addr().unwrap());
    let kiban = Kiban::start(directory.path(), &["--otlp-endpoint", &endpoint], SOON);
    let channel = kiban.connect().await;
    for number in 1..=50 {
        register(&channel, number, None).await.unwrap();
    }
    drop(channel);
    let asked = engine::Stopwatch::start();
    assert!(kiban.stop().await.success());
    // Five seconds for calls in flight, three for telemetry, and much more for a loaded machine.
    assert!(asked.elapsed() < Duration::from_secs(60), "{:?}", asked.elapsed());
}

#[test]
fn an_endpoint_that_makes_no_sense_is_named() {
    let directory = tempfile::tempdir().unwrap();
    for wrong in ["collector:4317", "https://collector:4317", "http://"] {
        let arguments = ["--otlp-endpoint", wrong];
        let ended = crate::kiban::serve(directory.path(), &arguments, &[]).wait_with_output().unwrap();
        let said = String::from_utf8_lossy(&ended.stderr);
        assert!(!ended.status.success(), "{wrong}");
        assert!(said.contains(&format!("cannot send telemetry to {wrong}")), "{said}");
    }
}
