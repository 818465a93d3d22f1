//! What the real binary tells of itself: to Prometheus over TCP, and over OTLP to a collector of our own.

#[path = "../../../../tests/support/mod.rs"]
mod support;

#[cfg(feature = "otlp")]
mod collector;
mod kiban;
mod metrics;
#[cfg(feature = "otlp")]
mod otlp;
mod scraped;
