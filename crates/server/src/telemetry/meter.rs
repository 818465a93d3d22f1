//! Metrics: the definitions of [`Metric`] as instruments of OpenTelemetry, which Prometheus and OTLP both read.

use std::sync::Arc;

use opentelemetry::{
    KeyValue,
    metrics::{AsyncInstrument, Histogram, Meter, MeterProvider},
};
use opentelemetry_sdk::metrics::{Instrument, SdkMeterProvider, Stream};

use super::{
    Metric, Registry,
    metric::{Described, Kind, LOG_FSYNC, Measured, RPC_DURATION},
};

/// Under which name the instruments stand.
const SCOPE: &str = "kiban";

/// The most series that are kept of the calls: enough for every method with every code.
pub(super) const MOST_SERIES: usize = 4_096;

/// Keeps all series of the calls, which are more than OpenTelemetry expects of one metric.
pub(super) fn room_for_calls(instrument: &Instrument) -> Option<Stream> {
    let calls = instrument.name() == RPC_DURATION.name;
    // The limit is a valid one; were it not, the usual one held.
    calls.then(|| Stream::builder().with_cardinality_limit(MOST_SERIES).build().ok()).flatten()
}

/// What is measured as it happens.
#[derive(Clone)]
pub struct Probes {
    pub(super) rpc: Histogram<f64>,
    pub(super) fsync: Histogram<f64>,
    /// Who is told of what projections take in, if batches are traced.
    pub(super) projections: Option<Arc<dyn engine::Observer>>,
}

impl Probes {
    pub(super) fn new(provider: &SdkMeterProvider, projections: Option<Arc<dyn engine::Observer>>) -> Self {
        let meter = provider.meter(SCOPE);
        Self { rpc: histogram(&meter, RPC_DURATION), fsync: histogram(&meter, LOG_FSYNC), projections }
    }
}

/// Makes the instruments of everything that a registry's parts tell.
pub(super) fn watch(provider: &SdkMeterProvider, registry: &Registry) {
    let meter = provider.meter(SCOPE);
    for metric in Metric::ALL {
        let Described { name, unit, kind, help } = metric.described();
        let registry = registry.clone();
        let told = move |to: &dyn AsyncInstrument<u64>| tell(&registry, *metric, to);
        // The provider keeps them for as long as it lives.
        match kind {
            Kind::Counter => {
                meter
                    .u64_observable_counter(name)
                    .with_unit(unit)
                    .with_description(help)
                    .with_callback(told)
                    .build();
            }
            Kind::Gauge => {
                meter
                    .u64_observable_gauge(name)
                    .with_unit(unit)
                    .with_description(help)
                    .with_callback(told)
                    .build();
            }
        }
    }
}

fn tell(registry: &Registry, wanted: Metric, to: &dyn AsyncInstrument<u64>) {
    registry.scrape(&mut |metric, labels, value| {
        if metric == wanted {
            let attributes: Vec<KeyValue> =
                labels.iter().map(|(name, value)| KeyValue::new(*name, (*value).to_owned())).collect();
            to.observe(value, &attributes);
        }
    });
}

fn histogram(meter: &Meter, measured: Measured) -> Histogram<f64> {
    meter
        .f64_histogram(measured.name)
        .with_unit("s")
        .with_description(measured.help)
        .with_boundaries(measured.bounds.to_vec())
        .build()
}
