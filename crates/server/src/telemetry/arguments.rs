//! What an operator may say about telemetry.

use std::net::SocketAddr;

use clap::{Args, ValueEnum};

/// Where a process tells how it does. Without any of it nothing is measured.
#[derive(Args, Clone, Debug, Default)]
pub struct TelemetryArguments {
    /// Serve metrics to Prometheus on this address, under /metrics.
    #[arg(long, env = "KIBAN_METRICS_LISTEN", value_name = "ADDR")]
    pub metrics_listen: Option<SocketAddr>,
    /// Send traces, metrics and logs to this OpenTelemetry collector, over OTLP with gRPC: http://host:4317.
    #[arg(long, env = "KIBAN_OTLP_ENDPOINT", value_name = "URL")]
    pub otlp_endpoint: Option<String>,
    /// The part of the calls without a trace of their own that are traced, from 0 to 1. A caller's own decision
    /// counts more.
    #[arg(long, env = "KIBAN_TRACE_RATIO", value_name = "RATIO", value_parser = ratio, default_value_t)]
    pub trace_ratio: Ratio,
    /// How the log of the process is written to stderr.
    #[arg(long, env = "KIBAN_LOG_FORMAT", value_name = "FORMAT", default_value = "text")]
    pub log_format: LogFormat,
}

/// How the log of a process is written.
#[derive(ValueEnum, Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum LogFormat {
    /// Lines for people.
    #[default]
    Text,
    /// One JSON object a line, for machines.
    Json,
}

/// A part of a whole, from 0 to 1.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Ratio(f64);

impl Ratio {
    /// As a number.
    pub const fn get(self) -> f64 {
        self.0
    }
}

impl Default for Ratio {
    fn default() -> Self {
        Self(1.0)
    }
}

impl std::fmt::Display for Ratio {
    fn fmt(&self, to: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(to)
    }
}

fn ratio(text: &str) -> Result<Ratio, String> {
    let ratio: f64 = text.parse().map_err(|_| format!("{text:?} is no number"))?;
    match (0.0..=1.0).contains(&ratio) {
        true => Ok(Ratio(ratio)),
        false => Err(format!("{ratio} does not lie between 0 and 1")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ratio_is_a_part_of_a_whole() {
        assert_eq!(ratio("0.25"), Ok(Ratio(0.25)));
        assert_eq!(ratio("1"), Ok(Ratio::default()));
        for wrong in ["-0.1", "1.1", "NaN", "", "half"] {
            assert!(ratio(wrong).is_err(), "{wrong}");
        }
    }
}
