//! Where telemetry looks in: the spans of deciding and appending, the form of a caller's trace, and who is told
//! of what projections take in. Where nobody listens, all of it costs a look at a flag.

use std::sync::{Arc, OnceLock};

use event_log::{Appended, Position, StreamName};
use events::Recorded;
use tracing::{Span, field::Empty};

/// The target of the platform's own spans, by which a subscriber chooses them.
pub const SPANS: &str = "kiban";

/// The span of a decision.
pub(crate) fn deciding(stream: &StreamName) -> Span {
    tracing::info_span!(target: SPANS, "decide", kiban.stream = %stream)
}

/// The span of an append, up to its durability.
pub(crate) fn appending(stream: &StreamName, events: usize) -> Span {
    tracing::info_span!(
        target: SPANS, "append",
        kiban.stream = %stream, kiban.events = number(events as u64),
        kiban.position = Empty, kiban.revision = Empty,
    )
}

/// Tells the span of an append where it stands.
pub(crate) fn appended(at: &Appended) {
    let span = Span::current();
    span.record("kiban.position", number(at.last_position.0));
    span.record("kiban.revision", number(at.last_revision));
}

/// Spans carry signed numbers; the log's never come near their end.
fn number(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

/// A caller's trace, if it has the form of W3C Trace Context, version 00. Nothing else may come into the log by
/// that header.
pub(crate) fn traceparent(header: &str) -> Option<&str> {
    let mut parts = header.split('-');
    let mut hex = |digits: usize| {
        let part = parts.next().filter(|part| part.len() == digits)?;
        let lower = |digit: u8| matches!(digit, b'0'..=b'9' | b'a'..=b'f');
        part.bytes().all(lower).then_some(part)
    };
    let (version, trace, span) = (hex(2)?, hex(32)?, hex(16)?);
    hex(2)?;
    let said = |part: &str| part.bytes().any(|digit| digit != b'0');
    let whole = parts.next().is_none() && version == "00" && said(trace) && said(span);
    whole.then_some(header)
}

/// Is told when a projection takes in what has just happened, so that its work can be seen beside the calls that
/// caused it. It is not told of what stood in the log before: reading history again is nobody's call.
pub trait Observer: Send + Sync + 'static {
    /// A projection is about to apply these events, of which there is at least one; they are applied when what is
    /// returned is dropped.
    fn applying(&self, projection: &'static str, events: &[&Recorded]) -> Option<Box<dyn Send>>;
}

/// An observer, and the end of the log when it came.
pub(crate) struct Observing {
    observer: Arc<dyn Observer>,
    after: Position,
}

/// A place for an observer, who may come at any time.
pub(crate) type Observed = Arc<OnceLock<Observing>>;

impl Observing {
    pub(crate) fn new(observer: Arc<dyn Observer>, after: Position) -> Self {
        Self { observer, after }
    }

    /// Tells the observer of those of the events that are new.
    pub(crate) fn applying<'a>(
        &self,
        projection: &'static str,
        events: impl Iterator<Item = &'a Recorded>,
    ) -> Option<Box<dyn Send>> {
        let new: Vec<&Recorded> = events.filter(|event| event.position > self.after).collect();
        if new.is_empty() { None } else { self.observer.applying(projection, &new) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_trace_passes_for_one() {
        let whole = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
        assert_eq!(traceparent(whole), Some(whole));
        for wrong in [
            "",
            "Hanako Yamada",
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331",
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-more",
            "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01",
            "00-00000000000000000000000000000000-b7ad6b7169203331-01",
            "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
            "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-1",
            "00-0af7651916cd43dd8448eb211c80319g-b7ad6b7169203331-01",
        ] {
            assert_eq!(traceparent(wrong), None, "{wrong}");
        }
    }
}
