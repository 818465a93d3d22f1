//! A build without OTLP: it can send nothing, and says so.

use std::{convert::Infallible, sync::Arc};

use opentelemetry_sdk::metrics::{MeterProviderBuilder, SdkMeterProvider};

use super::{Ratio, StartError, logs::Part};

/// There are none.
pub(super) struct Exporters(Infallible);

impl Exporters {
    pub(super) fn new(_endpoint: &str, _ratio: Ratio) -> Result<Self, StartError> {
        Err(StartError::NoOtlp)
    }

    pub(super) fn parts(&self) -> Vec<Part> {
        match self.0 {}
    }

    pub(super) fn meter(&self, _provider: MeterProviderBuilder) -> Result<MeterProviderBuilder, StartError> {
        match self.0 {}
    }

    pub(super) fn observer(&self) -> Arc<dyn engine::Observer> {
        match self.0 {}
    }

    pub(super) async fn stop(self, _provider: SdkMeterProvider) {
        match self.0 {}
    }
}
