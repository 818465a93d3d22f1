//! Which spans are traced that have no parent: those that follow from what was traced, and a part of the rest.

use opentelemetry::{
    Context, KeyValue,
    trace::{Link, SpanKind, TraceId, TraceState},
};
use opentelemetry_sdk::trace::{SamplingDecision, SamplingResult, ShouldSample};

/// Traces what links to something traced: else a part of a part would be left of what projections take in.
#[derive(Clone, Debug)]
pub(super) struct Linked<S>(pub(super) S);

impl<S: ShouldSample + Clone + 'static> ShouldSample for Linked<S> {
    fn should_sample(
        &self,
        parent: Option<&Context>,
        trace: TraceId,
        name: &str,
        kind: &SpanKind,
        attributes: &[KeyValue],
        links: &[Link],
    ) -> SamplingResult {
        if links.iter().any(|link| link.span_context.is_sampled()) {
            return SamplingResult {
                decision: SamplingDecision::RecordAndSample,
                attributes: Vec::new(),
                trace_state: TraceState::default(),
            };
        }
        self.0.should_sample(parent, trace, name, kind, attributes, links)
    }
}

#[cfg(test)]
mod tests {
    use opentelemetry::trace::{SpanContext, SpanId, TraceFlags};
    use opentelemetry_sdk::trace::Sampler;

    use super::*;

    #[test]
    fn what_follows_from_what_is_traced_is_traced() {
        let linked = |flags| {
            let (trace, span) = (TraceId::from(7), SpanId::from(7));
            Link::new(SpanContext::new(trace, span, flags, true, TraceState::default()), Vec::new(), 0)
        };
        let decide = |links: &[Link]| {
            let sampler = Linked(Sampler::AlwaysOff);
            sampler.should_sample(None, TraceId::from(1), "project", &SpanKind::Consumer, &[], links).decision
        };
        assert_eq!(decide(&[]), SamplingDecision::Drop);
        assert_eq!(decide(&[linked(TraceFlags::NOT_SAMPLED)]), SamplingDecision::Drop);
        let mixed = [linked(TraceFlags::NOT_SAMPLED), linked(TraceFlags::SAMPLED)];
        assert_eq!(decide(&mixed), SamplingDecision::RecordAndSample);
    }
}
