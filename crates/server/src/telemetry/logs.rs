//! The log of the process: to stderr for whoever stands by, and to a collector if there is one.

use std::io::IsTerminal;

use tracing_subscriber::{
    EnvFilter, Layer, Registry, filter::Directive, layer::SubscriberExt, util::SubscriberInitExt,
};

use super::LogFormat;

/// A part of the subscriber.
pub(super) type Part = Box<dyn Layer<Registry> + Send + Sync>;

/// Subscribes to what the process says, once for the process. Whoever has subscribed before stays.
pub(super) fn subscribe(format: LogFormat, mut parts: Vec<Part>) {
    parts.push(to_stderr(format));
    let _ = tracing_subscriber::registry().with(parts).try_init();
}

/// What is worth saying: `RUST_LOG`, or warnings. Only who asks for it hears how OpenTelemetry fares, because it says
/// so with each batch; [`Telemetry`](super::Telemetry) says it once.
pub(super) fn worth_saying() -> EnvFilter {
    let asked = EnvFilter::try_from_default_env().unwrap_or_else(|_| "warn".into());
    match asked.to_string().contains(OPENTELEMETRY) {
        true => asked,
        false => asked.add_directive(off(OPENTELEMETRY)),
    }
}

const OPENTELEMETRY: &str = "opentelemetry";

/// Nothing of a target.
pub(super) fn off(target: &'static str) -> Directive {
    let off: Directive = tracing::level_filters::LevelFilter::OFF.into();
    format!("{target}=off").parse().unwrap_or(off)
}

fn to_stderr(format: LogFormat) -> Part {
    let layer = tracing_subscriber::fmt::layer().with_writer(std::io::stderr);
    let formatted: Part = match format {
        // Colours are for people: in a file they would be noise.
        LogFormat::Text => layer.with_ansi(std::io::stderr().is_terminal()).boxed(),
        LogFormat::Json => layer.json().boxed(),
    };
    formatted.with_filter(worth_saying()).boxed()
}
