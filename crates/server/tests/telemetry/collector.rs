//! A collector of our own: it speaks OTLP over gRPC, and keeps what it is sent.

use std::{
    collections::BTreeSet,
    net::SocketAddr,
    sync::{Arc, Mutex},
};

use opentelemetry_proto::tonic::{
    collector::{
        logs::v1::{
            ExportLogsServiceRequest, ExportLogsServiceResponse,
            logs_service_server::{LogsService, LogsServiceServer},
        },
        metrics::v1::{
            ExportMetricsServiceRequest, ExportMetricsServiceResponse,
            metrics_service_server::{MetricsService, MetricsServiceServer},
        },
        trace::v1::{
            ExportTraceServiceRequest, ExportTraceServiceResponse,
            trace_service_server::{TraceService, TraceServiceServer},
        },
    },
    common::v1::{AnyValue, KeyValue, any_value::Value},
    logs::v1::LogRecord,
    metrics::v1::{Metric, metric::Data, number_data_point},
    resource::v1::Resource,
    trace::v1::Span,
};
use tokio::{net::TcpListener, task::JoinHandle};
use tokio_stream::wrappers::TcpListenerStream;
use tonic::{Request, Response, Status, transport::Server};

/// What it was sent.
#[derive(Clone, Default)]
pub(crate) struct Kept(Arc<Mutex<Sent>>);

#[derive(Default)]
struct Sent {
    spans: Vec<Span>,
    logs: Vec<LogRecord>,
    /// The newest of each name.
    metrics: Vec<Metric>,
    resources: Vec<Resource>,
}

/// A collector that listens.
pub(crate) struct Collector {
    pub(crate) kept: Kept,
    address: SocketAddr,
    server: JoinHandle<()>,
}

impl Collector {
    pub(crate) async fn start(listen: &str) -> Self {
        let listener = TcpListener::bind(listen).await.unwrap();
        let address = listener.local_addr().unwrap();
        let kept = Kept::default();
        let server = Server::builder()
            .add_service(TraceServiceServer::new(kept.clone()))
            .add_service(MetricsServiceServer::new(kept.clone()))
            .add_service(LogsServiceServer::new(kept.clone()))
            .serve_with_incoming(TcpListenerStream::new(listener));
        let server = tokio::spawn(async move { server.await.unwrap() });
        Self { kept, address, server }
    }

    pub(crate) fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }
}

impl Drop for Collector {
    fn drop(&mut self) {
        self.server.abort();
    }
}

impl Kept {
    pub(crate) fn forget(&self) {
        *self.0.lock().unwrap() = Sent::default();
    }

    pub(crate) fn spans(&self) -> Vec<Span> {
        self.0.lock().unwrap().spans.clone()
    }

    pub(crate) fn logs(&self) -> Vec<LogRecord> {
        self.0.lock().unwrap().logs.clone()
    }

    /// What all of it says that it comes from, each once.
    pub(crate) fn comes_from(&self, name: &str) -> BTreeSet<String> {
        let sent = self.0.lock().unwrap();
        let said = sent.resources.iter().map(|resource| attribute(&resource.attributes, name));
        said.map(Option::unwrap_or_default).collect()
    }

    /// The names of the metrics.
    pub(crate) fn metrics(&self) -> Vec<String> {
        self.0.lock().unwrap().metrics.iter().map(|metric| metric.name.clone()).collect()
    }

    /// The newest sum of a metric: of its points, or of the calls that a histogram counts.
    pub(crate) fn total(&self, name: &str) -> u64 {
        let sent = self.0.lock().unwrap();
        let metric = sent.metrics.iter().find(|metric| metric.name == name);
        let number = |value: &Option<number_data_point::Value>| match value {
            Some(number_data_point::Value::AsInt(value)) => u64::try_from(*value).unwrap(),
            other => panic!("{name} is no whole number: {other:?}"),
        };
        match metric.and_then(|metric| metric.data.as_ref()) {
            Some(Data::Gauge(gauge)) => gauge.data_points.iter().map(|point| number(&point.value)).sum(),
            Some(Data::Sum(sum)) => sum.data_points.iter().map(|point| number(&point.value)).sum(),
            Some(Data::Histogram(all)) => all.data_points.iter().map(|point| point.count).sum(),
            _ => 0,
        }
    }
}

/// The text of an attribute, whatever it is.
pub(crate) fn attribute(attributes: &[KeyValue], name: &str) -> Option<String> {
    let found = attributes.iter().find(|attribute| attribute.key == name)?;
    match found.value.as_ref()?.value.as_ref()? {
        Value::StringValue(text) => Some(text.clone()),
        Value::IntValue(number) => Some(number.to_string()),
        other => Some(format!("{other:?}")),
    }
}

/// The text of a log record.
pub(crate) fn text(body: &Option<AnyValue>) -> &str {
    match body.as_ref().and_then(|body| body.value.as_ref()) {
        Some(Value::StringValue(text)) => text,
        _ => "",
    }
}

#[tonic::async_trait]
impl TraceService for Kept {
    async fn export(
        &self,
        request: Request<ExportTraceServiceRequest>,
    ) -> Result<Response<ExportTraceServiceResponse>, Status> {
        let mut sent = self.0.lock().unwrap();
        for of_resource in request.into_inner().resource_spans {
            sent.resources.extend(of_resource.resource);
            sent.spans.extend(of_resource.scope_spans.into_iter().flat_map(|of_scope| of_scope.spans));
        }
        Ok(Response::new(Default::default()))
    }
}

#[tonic::async_trait]
impl LogsService for Kept {
    async fn export(
        &self,
        request: Request<ExportLogsServiceRequest>,
    ) -> Result<Response<ExportLogsServiceResponse>, Status> {
        let mut sent = self.0.lock().unwrap();
        for of_resource in request.into_inner().resource_logs {
            sent.resources.extend(of_resource.resource);
            sent.logs.extend(of_resource.scope_logs.into_iter().flat_map(|of_scope| of_scope.log_records));
        }
        Ok(Response::new(Default::default()))
    }
}

#[tonic::async_trait]
impl MetricsService for Kept {
    async fn export(
        &self,
        request: Request<ExportMetricsServiceRequest>,
    ) -> Result<Response<ExportMetricsServiceResponse>, Status> {
        let mut sent = self.0.lock().unwrap();
        for of_resource in request.into_inner().resource_metrics {
            sent.resources.extend(of_resource.resource);
            for metric in of_resource.scope_metrics.into_iter().flat_map(|of_scope| of_scope.metrics) {
                sent.metrics.retain(|known| known.name != metric.name);
                sent.metrics.push(metric);
            }
        }
        Ok(Response::new(Default::default()))
    }
}
