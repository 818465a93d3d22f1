//! Telemetry: how the process does, told to those who run it. Metrics go to Prometheus; with the feature `otlp`
//! traces, metrics and logs go to a collector, too.
//!
//! What is told is defined by [`Metric`]; a part of the process tells it through [`Scrape`]. Nothing here decides
//! anything, nothing waits for a collector, and nothing names an organisation, a contract or a person except that a
//! span of an append names its stream.

mod arguments;
mod calls;
mod endpoint;
mod logs;
mod meter;
mod methods;
mod metric;
#[cfg(feature = "otlp")]
mod otlp;
mod propagation;
mod scrape;
#[cfg(not(feature = "otlp"))]
mod without_otlp;

#[cfg(not(feature = "otlp"))]
use without_otlp as otlp;

use std::{io, net::SocketAddr};

use opentelemetry_sdk::metrics::SdkMeterProvider;

pub use arguments::{LogFormat, Ratio, TelemetryArguments};
pub use calls::{WatchCalls, WatchedCalls};
pub use meter::Probes;
pub use metric::Metric;
pub use scrape::{Registry, RelayStanding, Scrape, Tell};

use calls::Calls;
use endpoint::Endpoint;
use methods::Methods;
use otlp::Exporters;

/// The services that have names in telemetry.
const DESCRIPTORS: &[&[u8]] = &[
    proto::DESCRIPTORS,
    event_log::PROTOCOL_DESCRIPTORS,
    tonic_health::pb::FILE_DESCRIPTOR_SET,
    tonic_reflection::pb::v1::FILE_DESCRIPTOR_SET,
    tonic_reflection::pb::v1alpha::FILE_DESCRIPTOR_SET,
];

/// Why telemetry could not be started.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The address for Prometheus is taken or not ours.
    #[error("cannot serve metrics on {address}")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// Why.
        source: io::Error,
    },
    /// The program was built without a feature.
    #[error("this build has no OTLP: build with --features otlp")]
    NoOtlp,
    /// The collector's address makes no sense.
    #[error("cannot send telemetry to {endpoint}: {why}")]
    Endpoint {
        /// The address.
        endpoint: String,
        /// Why.
        why: String,
    },
    /// The schema that this program carries cannot be read.
    #[error("the descriptors of the services cannot be read")]
    Descriptors(#[from] prost::DecodeError),
    /// OpenTelemetry refused.
    #[error("cannot measure anything")]
    Meter(#[from] opentelemetry_sdk::error::OTelSdkError),
}

/// What watches the process, if anything does.
#[derive(Default)]
pub struct Telemetry {
    meter: Option<Metering>,
    endpoint: Option<Endpoint>,
    exporters: Option<Exporters>,
    watch: WatchCalls,
}

struct Metering {
    provider: SdkMeterProvider,
    probes: Probes,
}

impl Telemetry {
    /// Nothing is measured.
    pub fn off() -> Self {
        Self::default()
    }

    /// Starts what the operator wants, and subscribes to the log of the process. Needs a runtime of several threads.
    pub async fn start(arguments: &TelemetryArguments) -> Result<Self, StartError> {
        let endpoint = arguments.otlp_endpoint.as_deref();
        let exporters = endpoint.map(|url| Exporters::new(url, arguments.trace_ratio)).transpose();
        let parts = exporters.as_ref().ok().and_then(Option::as_ref).map(Exporters::parts);
        // Before anything can fail, so that it is heard.
        logs::subscribe(arguments.log_format, parts.unwrap_or_default());
        let exporters = exporters?;
        if arguments.metrics_listen.is_none() && exporters.is_none() {
            return Ok(Self::off());
        }
        let mut provider = SdkMeterProvider::builder().with_view(meter::room_for_calls);
        if let Some(exporters) = &exporters {
            provider = exporters.meter(provider)?;
        }
        let mut endpoint = None;
        if let Some(address) = arguments.metrics_listen {
            let metrics = prometheus::Registry::new();
            provider = provider.with_reader(meter::prometheus(&metrics)?);
            let started = Endpoint::start(address, metrics).await;
            endpoint = Some(started.map_err(|source| StartError::Listen { address, source })?);
        }
        let provider = provider.build();
        let probes = Probes::new(&provider, exporters.as_ref().map(Exporters::observer));
        let calls = Calls { methods: Methods::of(DESCRIPTORS)?, duration: probes.rpc.clone() };
        let telemetry = Self {
            meter: Some(Metering { provider, probes }),
            endpoint,
            exporters,
            watch: WatchCalls::new(calls),
        };
        let build = Registry::default();
        build.add(scrape::Build);
        telemetry.watch(&build);
        Ok(telemetry)
    }

    /// Watches the parts of a process, once for each registry.
    pub fn watch(&self, registry: &Registry) {
        if let Some(Metering { provider, probes }) = &self.meter {
            meter::watch(provider, registry);
            registry.attach(probes);
        }
    }

    /// Measures the calls of a server; the outermost layer sees all of them.
    pub fn layer(&self) -> WatchCalls {
        self.watch.clone()
    }

    /// Where Prometheus may scrape.
    pub fn metrics_address(&self) -> Option<SocketAddr> {
        self.endpoint.as_ref().map(Endpoint::address)
    }

    /// Sends what is still to be sent, and stops. It takes a bounded time, whether somebody takes it or not.
    pub async fn stop(self) {
        if let Some(endpoint) = self.endpoint {
            endpoint.stop();
        }
        let provider = self.meter.map(|meter| meter.provider);
        if let (Some(exporters), Some(provider)) = (self.exporters, provider) {
            exporters.stop(provider).await;
        }
    }
}
