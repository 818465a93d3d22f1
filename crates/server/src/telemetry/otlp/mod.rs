//! Traces, metrics and logs for a collector. What is to be sent waits in queues that are bounded, on threads of
//! their own: a collector that is slow or gone costs what does not fit, and nobody waits for it.

mod projections;
mod reach;
mod sampler;

use std::{sync::Arc, time::Duration};

use engine::SPANS;
use opentelemetry::{KeyValue, trace::TracerProvider};
use opentelemetry_appender_tracing::layer::OpenTelemetryTracingBridge;
use opentelemetry_otlp::{LogExporter, MetricExporter, SpanExporter, WithExportConfig};
use opentelemetry_sdk::{
    Resource,
    logs::SdkLoggerProvider,
    metrics::{MeterProviderBuilder, SdkMeterProvider},
    trace::{Sampler, SdkTracerProvider},
};
use tracing_subscriber::{
    Layer,
    filter::{LevelFilter, Targets},
};

use super::{
    Ratio, StartError,
    logs::{Part, off, worth_saying},
};
use projections::Projections;
use reach::{Reach, Reached};
use sampler::Linked;

/// How long the last of it may take to be sent.
const FLUSH: Duration = Duration::from_secs(3);

/// What sends must not speak of itself: sending that would be something to send again.
const SENDERS: [&str; 4] = ["h2", "hyper", "tonic", "tower"];

/// What sends to a collector.
pub(super) struct Exporters {
    endpoint: String,
    reach: Reach,
    traces: SdkTracerProvider,
    logs: SdkLoggerProvider,
}

impl Exporters {
    /// Sends to a collector, which need not be there.
    pub(super) fn new(endpoint: &str, ratio: Ratio) -> Result<Self, StartError> {
        let refused = |why: String| StartError::Endpoint { endpoint: endpoint.to_owned(), why };
        if !endpoint.starts_with("http://") {
            return Err(refused("it must be http://host:port".to_owned()));
        }
        let reach = Reach::new(endpoint);
        let spans = SpanExporter::builder().with_tonic().with_endpoint(endpoint).build();
        let spans = spans.map_err(|error| refused(error.to_string()))?;
        let traces = SdkTracerProvider::builder()
            .with_resource(resource())
            .with_sampler(Sampler::ParentBased(Box::new(Linked(Sampler::TraceIdRatioBased(ratio.get())))))
            .with_batch_exporter(Reached::new(spans, &reach))
            .build();
        let logs = LogExporter::builder().with_tonic().with_endpoint(endpoint).build();
        let logs = logs.map_err(|error| refused(error.to_string()))?;
        let logs = SdkLoggerProvider::builder()
            .with_resource(resource())
            .with_batch_exporter(Reached::new(logs, &reach))
            .build();
        Ok(Self { endpoint: endpoint.to_owned(), reach, traces, logs })
    }

    /// What listens to the process: its spans, and its log with the trace in which each line was said.
    pub(super) fn parts(&self) -> Vec<Part> {
        let spans = tracing_opentelemetry::layer()
            .with_tracer(self.traces.tracer(SPANS))
            .with_location(false)
            .with_threads(false)
            .with_tracked_inactivity(false)
            .with_filter(Targets::new().with_target(SPANS, LevelFilter::INFO));
        let worth_saying =
            SENDERS.into_iter().fold(worth_saying(), |so_far, sender| so_far.add_directive(off(sender)));
        let logs = OpenTelemetryTracingBridge::new(&self.logs).with_filter(worth_saying);
        vec![spans.boxed(), logs.boxed()]
    }

    /// Lets a meter send, too.
    pub(super) fn meter(&self, provider: MeterProviderBuilder) -> Result<MeterProviderBuilder, StartError> {
        let metrics = MetricExporter::builder().with_tonic().with_endpoint(&self.endpoint).build();
        let metrics = metrics.map_err(|error| StartError::Endpoint {
            endpoint: self.endpoint.clone(),
            why: error.to_string(),
        })?;
        Ok(provider.with_resource(resource()).with_periodic_exporter(Reached::new(metrics, &self.reach)))
    }

    /// Traces what projections take in.
    pub(super) fn observer(&self) -> Arc<dyn engine::Observer> {
        Arc::new(Projections::new(self.traces.tracer(SPANS)))
    }

    /// Sends the rest, but no longer than a bounded time. On threads that nobody waits for: those of the runtime
    /// would be waited for at its end.
    pub(super) async fn stop(self, metrics: SdkMeterProvider) {
        let Self { traces, logs, .. } = self;
        let last: [Box<dyn FnOnce() + Send>; 3] = [
            Box::new(move || drop(traces.shutdown_with_timeout(FLUSH))),
            Box::new(move || drop(metrics.shutdown_with_timeout(FLUSH))),
            Box::new(move || drop(logs.shutdown_with_timeout(FLUSH))),
        ];
        let all = last.into_iter().map(|send| {
            let (sent, told) = tokio::sync::oneshot::channel();
            std::thread::spawn(move || {
                send();
                let _ = sent.send(());
            });
            told
        });
        let _ = tokio::time::timeout(FLUSH, futures::future::join_all(all)).await;
    }
}

/// What all that is sent comes from: without an instance the numbers of two processes would be taken for one's.
/// `OTEL_SERVICE_NAME` and `OTEL_RESOURCE_ATTRIBUTES` say it more exactly.
fn resource() -> Resource {
    let host = std::env::var("HOSTNAME").unwrap_or_else(|_| "localhost".to_owned());
    let of_process = [
        ("service.name", "kiban".to_owned()),
        ("service.version", env!("CARGO_PKG_VERSION").to_owned()),
        ("service.instance.id", format!("{host}-{}", std::process::id())),
    ];
    let said = Resource::builder().build();
    let unknown = |name: &'static str| said.get_ref(&name.into()).is_none_or(is_unknown);
    let missing = of_process.into_iter().filter(|(name, _)| unknown(name));
    let missing = missing.map(|(name, value)| KeyValue::new(name, value));
    Resource::builder().with_attributes(missing).build()
}

/// The name that OpenTelemetry gives to what has none.
fn is_unknown(value: &opentelemetry::Value) -> bool {
    value.as_str().starts_with("unknown_service")
}
