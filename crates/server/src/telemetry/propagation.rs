//! W3C Trace Context: a call's span is part of its caller's trace, and what the call causes is part of the span. So
//! the header that a handler sees, and from which the log has it, is that of the span; where nothing is traced it is
//! the caller's own.

use tonic::codegen::http::HeaderMap;
use tracing::Span;

/// The header that names the span of a caller.
pub(super) const TRACEPARENT: &str = "traceparent";

/// Puts a span into the trace that headers tell of, and the span into the headers.
#[cfg(not(feature = "otlp"))]
pub(super) fn pass_through(_span: &Span, _headers: &mut HeaderMap) {}

#[cfg(feature = "otlp")]
pub(super) use traced::pass_through;

#[cfg(feature = "otlp")]
pub(super) use traced::span_context;

#[cfg(feature = "otlp")]
mod traced {
    use opentelemetry::{
        Context,
        propagation::{Extractor, Injector, TextMapPropagator},
        trace::{SpanContext, TraceContextExt},
    };
    use opentelemetry_sdk::propagation::TraceContextPropagator;
    use tonic::codegen::http::{HeaderName, HeaderValue};
    use tracing_opentelemetry::OpenTelemetrySpanExt;

    use super::{HeaderMap, Span, TRACEPARENT};

    /// Puts a span into the trace that headers tell of, and the span into the headers.
    pub(in super::super) fn pass_through(span: &Span, headers: &mut HeaderMap) {
        if span.is_disabled() {
            return;
        }
        let propagator = TraceContextPropagator::new();
        let caller = propagator.extract_with_context(&Context::new(), &Read(headers));
        // It fails where spans are watched by something else than OpenTelemetry; then there is nothing to pass on.
        if span.set_parent(caller).is_ok() {
            propagator.inject_context(&span.context(), &mut Write(headers));
        }
    }

    /// What a `traceparent` names, if it is one.
    pub(in super::super) fn span_context(traceparent: &str) -> Option<SpanContext> {
        let context = TraceContextPropagator::new().extract_with_context(&Context::new(), &Only(traceparent));
        let span = context.span().span_context().clone();
        span.is_valid().then_some(span)
    }

    struct Read<'h>(&'h HeaderMap);

    impl Extractor for Read<'_> {
        fn get(&self, key: &str) -> Option<&str> {
            self.0.get(key).and_then(|value| value.to_str().ok())
        }

        fn keys(&self) -> Vec<&str> {
            self.0.keys().map(HeaderName::as_str).collect()
        }
    }

    struct Write<'h>(&'h mut HeaderMap);

    impl Injector for Write<'_> {
        fn set(&mut self, key: &str, value: String) {
            if let (Ok(name), Ok(value)) = (HeaderName::try_from(key), HeaderValue::try_from(value)) {
                self.0.insert(name, value);
            }
        }
    }

    struct Only<'t>(&'t str);

    impl Extractor for Only<'_> {
        fn get(&self, key: &str) -> Option<&str> {
            (key == TRACEPARENT).then_some(self.0)
        }

        fn keys(&self) -> Vec<&str> {
            vec![TRACEPARENT]
        }
    }
}
