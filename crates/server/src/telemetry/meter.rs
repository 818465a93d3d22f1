//! Metrics: the definitions of [`Metric`] as instruments of OpenTelemetry, which Prometheus and OTLP both read.

use std::sync::Arc;

use opentelemetry::{
    KeyValue,
    metrics::{AsyncInstrument, Histogram, Meter, MeterProvider},
};
use opentelemetry_prometheus::PrometheusExporter;
use opentelemetry_sdk::{
    error::OTelSdkError,
    metrics::{Instrument, SdkMeterProvider, Stream},
};

use super::{
    Metric, Registry,
    metric::{Described, Kind, LOG_FSYNC, Measured, RPC_DURATION},
};

/// Under which name the instruments stand.
const SCOPE: &str = "kiban";

/// Lets Prometheus read. It has no use for who made an instrument: all of them are ours.
pub(super) fn prometheus(registry: &prometheus::Registry) -> Result<PrometheusExporter, OTelSdkError> {
    opentelemetry_prometheus::exporter()
        .with_registry(registry.clone())
        .scope_info_enabled(false)
        .without_target_info()
        .build()
}

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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::telemetry::RelayStanding;

    fn scraped(registry: &Registry) -> String {
        let metrics = ::prometheus::Registry::new();
        let provider = SdkMeterProvider::builder().with_reader(prometheus(&metrics).unwrap()).build();
        watch(&provider, registry);
        ::prometheus::TextEncoder::new().encode_to_string(&metrics.gather()).unwrap()
    }

    fn samples(text: &str) -> Vec<&str> {
        text.lines().filter(|line| !line.starts_with('#')).collect()
    }

    #[test]
    fn a_relay_tells_how_it_stands() {
        let registry = Registry::default();
        registry.add_relay(|| RelayStanding {
            position: 7,
            lag: 2,
            seconds_since_acknowledgement: Some(5),
            active: true,
        });
        let text = scraped(&registry);
        let mut told = samples(&text);
        told.sort_unstable();
        assert_eq!(
            told,
            [
                "kiban_relay_active 1",
                "kiban_relay_lag_positions 2",
                "kiban_relay_position 7",
                "kiban_relay_seconds_since_acknowledgement 5",
            ]
        );
    }

    #[test]
    fn parts_are_told_apart_by_their_labels() {
        let registry = Registry::default();
        registry.add_value(Metric::RefusalsNotRecorded, || 3);
        registry.add_written_on_stale_facts(|| 4);
        let text = scraped(&registry);
        assert_eq!(
            samples(&text),
            ["kiban_refusals_not_recorded_total 3", "kiban_stale_guards_total{outcome=\"written\"} 4"]
        );
    }

    #[test]
    fn nothing_is_told_of_what_is_not_there() {
        assert_eq!(scraped(&Registry::default()), "");
    }
}
