//! Says once that a collector cannot be reached, and once that it can be again.

use std::{
    fmt::Debug,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    time::Duration,
};

use opentelemetry::logs::Severity;
use opentelemetry_sdk::{
    Resource,
    error::OTelSdkResult,
    logs::{LogBatch, LogExporter},
    metrics::{Temporality, data::ResourceMetrics, exporter::PushMetricExporter},
    trace::{SpanData, SpanExporter},
};

/// Whether a collector was reached the last time.
#[derive(Clone, Debug)]
pub(super) struct Reach(Arc<Collector>);

#[derive(Debug)]
struct Collector {
    endpoint: String,
    gone: AtomicBool,
}

impl Reach {
    pub(super) fn new(endpoint: &str) -> Self {
        Self(Arc::new(Collector { endpoint: endpoint.to_owned(), gone: AtomicBool::new(false) }))
    }

    fn note(&self, outcome: OTelSdkResult) -> OTelSdkResult {
        let Collector { endpoint, gone } = &*self.0;
        let was_gone = gone.swap(outcome.is_err(), Relaxed);
        match &outcome {
            Err(error) if !was_gone => {
                tracing::warn!(endpoint, %error, "telemetry cannot be sent; what does not fit its queues is dropped");
            }
            Ok(()) if was_gone => tracing::warn!(endpoint, "telemetry can be sent again"),
            _ => {}
        }
        outcome
    }
}

/// An exporter whose successes and failures are noted.
#[derive(Debug)]
pub(super) struct Reached<E> {
    exporter: E,
    reach: Reach,
}

impl<E> Reached<E> {
    pub(super) fn new(exporter: E, reach: &Reach) -> Self {
        Self { exporter, reach: reach.clone() }
    }
}

impl<E: SpanExporter> SpanExporter for Reached<E> {
    async fn export(&self, batch: Vec<SpanData>) -> OTelSdkResult {
        self.reach.note(self.exporter.export(batch).await)
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        self.exporter.shutdown_with_timeout(timeout)
    }

    fn force_flush(&self) -> OTelSdkResult {
        self.exporter.force_flush()
    }

    fn set_resource(&mut self, resource: &Resource) {
        self.exporter.set_resource(resource);
    }
}

impl<E: LogExporter> LogExporter for Reached<E> {
    async fn export(&self, batch: LogBatch<'_>) -> OTelSdkResult {
        self.reach.note(self.exporter.export(batch).await)
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        self.exporter.shutdown_with_timeout(timeout)
    }

    fn event_enabled(&self, level: Severity, target: &str, name: Option<&str>) -> bool {
        self.exporter.event_enabled(level, target, name)
    }

    fn set_resource(&mut self, resource: &Resource) {
        self.exporter.set_resource(resource);
    }
}

impl<E: PushMetricExporter> PushMetricExporter for Reached<E> {
    async fn export(&self, metrics: &ResourceMetrics) -> OTelSdkResult {
        self.reach.note(self.exporter.export(metrics).await)
    }

    fn force_flush(&self) -> OTelSdkResult {
        self.exporter.force_flush()
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        self.exporter.shutdown_with_timeout(timeout)
    }

    fn temporality(&self) -> Temporality {
        self.exporter.temporality()
    }
}
