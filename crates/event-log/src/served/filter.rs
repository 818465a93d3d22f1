//! Filters of subscriptions and reads: by stream name or event type, by prefix or expression.

use crate::protocol::streams::read_req::options::{FilterOptions, filter_options};
use fancy_regex::{Regex, RegexBuilder};
use tonic::Status;

/// How far an expression may look back before it is given up: clients write look-arounds, which can take very long.
const BACKTRACK_LIMIT: usize = 10_000;
/// The longest expression, and the most prefixes.
const MAX_EXPRESSION: usize = 4_096;
const MAX_PREFIXES: usize = 256;
/// How many events are examined between two checkpoints, unless the client says otherwise.
const CHECKPOINT_INTERVAL: u32 = 32;

/// What of the log somebody wants to see.
pub(super) struct Filter {
    subject: Subject,
    expression: Option<Regex>,
    prefixes: Vec<String>,
    /// A subscription is told how far the log was examined after so many events.
    pub(super) checkpoint_interval: u64,
}

#[derive(Clone, Copy)]
enum Subject {
    Stream,
    EventType,
}

impl Filter {
    pub(super) fn of(options: &FilterOptions) -> Result<Self, Status> {
        let (subject, expression) = match &options.filter {
            Some(filter_options::Filter::StreamIdentifier(expression)) => (Subject::Stream, expression),
            Some(filter_options::Filter::EventType(expression)) => (Subject::EventType, expression),
            None => return Err(Status::invalid_argument("the filter says neither stream nor event type")),
        };
        if expression.regex.len() > MAX_EXPRESSION || expression.prefix.len() > MAX_PREFIXES {
            return Err(Status::invalid_argument(format!(
                "a filter has at most {MAX_EXPRESSION} bytes of expression and {MAX_PREFIXES} prefixes"
            )));
        }
        let compiled =
            match expression.regex.as_str() {
                "" => None,
                text => Some(RegexBuilder::new(text).backtrack_limit(BACKTRACK_LIMIT).build().map_err(
                    |error| Status::invalid_argument(format!("the filter's expression is invalid: {error}")),
                )?),
            };
        let window = match options.window {
            Some(filter_options::Window::Max(max)) if max > 0 => max,
            _ => CHECKPOINT_INTERVAL,
        };
        let multiplier = options.checkpoint_interval_multiplier.max(1);
        Ok(Self {
            subject,
            expression: compiled,
            prefixes: expression.prefix.clone(),
            checkpoint_interval: u64::from(window) * u64::from(multiplier),
        })
    }

    /// Whether an event is wanted.
    pub(super) fn admits(&self, stream: &str, event_type: &str) -> Result<bool, Status> {
        let text = match self.subject {
            Subject::Stream => stream,
            Subject::EventType => event_type,
        };
        if self.prefixes.iter().any(|prefix| text.starts_with(prefix)) {
            return Ok(true);
        }
        match &self.expression {
            None => Ok(self.prefixes.is_empty()),
            Some(expression) => expression.is_match(text).map_err(|error| {
                Status::invalid_argument(format!(
                    "the filter's expression takes too long on {text:?}: {error}"
                ))
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use filter_options::{Expression, Window};

    fn by_type(regex: &str, prefix: &[&str]) -> Result<Filter, Status> {
        let prefix = prefix.iter().map(|prefix| (*prefix).to_owned()).collect();
        let expression = Expression { regex: regex.into(), prefix };
        Filter::of(&FilterOptions {
            filter: Some(filter_options::Filter::EventType(expression)),
            window: Some(Window::Max(10)),
            checkpoint_interval_multiplier: 3,
        })
    }

    #[test]
    fn expressions_look_ahead_as_clients_write_them() {
        let filter = by_type("^(?!(\\$.+$|Noise$))", &[]).unwrap();
        for (event_type, wanted) in
            [("$metadata", false), ("Noise", false), ("Noisy", true), ("kiban.x", true)]
        {
            assert_eq!(filter.admits("a-1", event_type).unwrap(), wanted, "{event_type}");
        }
        assert_eq!(filter.checkpoint_interval, 30);
    }

    #[test]
    fn prefixes_or_an_expression() {
        let filter = by_type("", &["kiban.access", "kiban.contract"]).unwrap();
        assert!(filter.admits("a-1", "kiban.contract.v1.ContractSigned").unwrap());
        assert!(!filter.admits("a-1", "kiban.order.v1.OrderPlaced").unwrap());
    }

    #[test]
    fn what_cannot_be_meant_or_takes_too_long_is_refused() {
        assert!(by_type("(", &[]).is_err());
        assert!(by_type(&"a".repeat(MAX_EXPRESSION + 1), &[]).is_err());
        assert!(Filter::of(&FilterOptions::default()).is_err());
        let slow = by_type("^(?:(a+)\\1?)+$", &[]).unwrap();
        assert!(slow.admits("a-1", &("a".repeat(64) + "!")).is_err());
    }
}
