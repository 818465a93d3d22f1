//! The spans of projections. One batch may hold events of many calls, so its span belongs to none of their traces: it
//! links to them.

use engine::Observer;
use events::Recorded;
use opentelemetry::{
    Context, KeyValue,
    trace::{Link, Span, SpanContext, SpanKind, Tracer},
};
use opentelemetry_sdk::trace::SdkTracer;

use super::super::propagation::span_context;

/// The most calls that a span links to. A batch of more is a busy time, of which the first tell enough.
const MOST_LINKS: usize = 32;

/// Traces what projections take in.
pub(super) struct Projections {
    tracer: SdkTracer,
}

impl Projections {
    pub(super) const fn new(tracer: SdkTracer) -> Self {
        Self { tracer }
    }
}

impl Observer for Projections {
    fn applying(&self, projection: &'static str, events: &[&Recorded]) -> Option<Box<dyn Send>> {
        let links = links(events.iter().map(|event| event.metadata.traceparent.as_str()));
        // What came from no traced call would be a trace of its own that leads nowhere.
        let last = events.last().filter(|_| !links.is_empty())?;
        let number = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
        let span = self
            .tracer
            .span_builder(format!("project {projection}"))
            .with_kind(SpanKind::Consumer)
            .with_attributes([
                KeyValue::new("kiban.projection", projection),
                KeyValue::new("kiban.events", number(events.len() as u64)),
                KeyValue::new("kiban.position", number(last.position.0)),
            ])
            .with_links(links)
            .start_with_context(&self.tracer, &Context::new());
        Some(Box::new(Applying(span)))
    }
}

/// Links to the traced spans, each once.
fn links<'a>(traceparents: impl Iterator<Item = &'a str>) -> Vec<Link> {
    let mut spans: Vec<SpanContext> = Vec::new();
    let mut before = "";
    for traceparent in traceparents {
        // The events of one append come one after another.
        if traceparent.is_empty() || std::mem::replace(&mut before, traceparent) == traceparent {
            continue;
        }
        let traced = span_context(traceparent).filter(|span| span.is_sampled() && !spans.contains(span));
        spans.extend(traced);
        if spans.len() == MOST_LINKS {
            break;
        }
    }
    spans.into_iter().map(Link::with_context).collect()
}

/// The span of a batch that is being applied.
struct Applying(opentelemetry_sdk::trace::Span);

impl Drop for Applying {
    fn drop(&mut self) {
        self.0.end();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_are_bounded_distinct_and_to_traced_spans() {
        let traceparent = |span: usize, sampled: u8| format!("00-{:032x}-{span:016x}-{sampled:02x}", 1);
        let count = |texts: &[String]| links(texts.iter().map(String::as_str)).len();
        assert_eq!(count(&[]), 0);
        assert_eq!(count(&[String::new(), "no trace".to_owned(), traceparent(1, 0)]), 0);
        assert_eq!(count(&[traceparent(1, 1), traceparent(1, 1), traceparent(2, 1), traceparent(1, 1)]), 2);
        let many: Vec<String> = (1..=100).map(|span| traceparent(span, 1)).collect();
        assert_eq!(count(&many), MOST_LINKS);
    }
}
