//! What a process tells about itself, on one screen. A metric is defined here once and goes from here to Prometheus
//! and over OTLP. Labels name parts of the program; no organisation, contract or person stands in any.

/// Something that is told whenever somebody asks.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Metric {
    /// The program that runs.
    BuildInfo,
    /// The position of the log's last event.
    LogHead,
    /// Frames written to the log.
    LogAppends,
    /// Events written to the log.
    LogEvents,
    /// Transactions that the log has committed.
    LogCommits,
    /// Appends that wait for the log's writer.
    LogQueueAppends,
    /// Bytes that wait for the log's writer.
    LogQueueBytes,
    /// Bytes of the log's WAL in use.
    LogWalBytes,
    /// Appends that were refused because the queue was full.
    LogOverloaded,
    /// Appends whose facts had moved: refused in time and decided again, or, on a log that has no guards, written.
    StaleGuards,
    /// The position up to which a projection has examined the log.
    ProjectionPosition,
    /// How many positions a projection lies behind the log.
    ProjectionLag,
    /// The position up to which everything was passed on and acknowledged.
    RelayPosition,
    /// How many positions the relay lies behind the log.
    RelayLag,
    /// Whole seconds since anything was acknowledged.
    RelaySecondsSinceAcknowledgement,
    /// Whether this process is the one that relays.
    RelayActive,
    /// Refusals that were given and not written, because their organisation had too many in a minute.
    RefusalsNotRecorded,
}

/// How a metric moves.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Kind {
    /// It only grows.
    Counter,
    /// It goes up and down.
    Gauge,
}

/// What is said about a metric. Prometheus has the unit as the last part of the name, and `_total` after that of a
/// counter.
pub(super) struct Described {
    pub(super) name: &'static str,
    pub(super) unit: &'static str,
    pub(super) kind: Kind,
    pub(super) help: &'static str,
}

/// A metric that is measured as things happen.
pub(super) struct Measured {
    pub(super) name: &'static str,
    pub(super) help: &'static str,
    /// The upper ends of the histogram's buckets, in seconds.
    pub(super) bounds: &'static [f64],
}

/// How long calls take, from their headers to the end of their answer.
pub(super) const RPC_DURATION: Measured = Measured {
    name: "rpc.server.duration",
    help: "How long calls take, from their headers to the end of their answer",
    bounds: &[0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 60.0],
};

/// How long commits of the log take, fsync included.
pub(super) const LOG_FSYNC: Measured = Measured {
    name: "kiban.log.fsync",
    help: "How long commits of the log take that write something: into the WAL, and its fsync",
    bounds: &[0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0],
};

impl Metric {
    /// All of them.
    pub(super) const ALL: &'static [Self] = &[
        Self::BuildInfo,
        Self::LogHead,
        Self::LogAppends,
        Self::LogEvents,
        Self::LogCommits,
        Self::LogQueueAppends,
        Self::LogQueueBytes,
        Self::LogWalBytes,
        Self::LogOverloaded,
        Self::StaleGuards,
        Self::ProjectionPosition,
        Self::ProjectionLag,
        Self::RelayPosition,
        Self::RelayLag,
        Self::RelaySecondsSinceAcknowledgement,
        Self::RelayActive,
        Self::RefusalsNotRecorded,
    ];

    pub(super) const fn described(self) -> Described {
        match self {
            Self::BuildInfo => gauge("kiban.build.info", "", "The program that runs; always 1"),
            Self::LogHead => gauge("kiban.log.head.position", "", "The position of the log's last event"),
            Self::LogAppends => counter("kiban.log.appends", "Appends that were written"),
            Self::LogEvents => counter("kiban.log.events", "Events that were written"),
            Self::LogCommits => {
                counter("kiban.log.commits", "Transactions that were committed, of one append or many")
            }
            Self::LogQueueAppends => {
                gauge("kiban.log.queue.appends", "", "Appends that wait for the log's writer")
            }
            Self::LogQueueBytes => gauge("kiban.log.queue", BYTES, "Bytes that wait for the log's writer"),
            Self::LogWalBytes => gauge("kiban.log.wal", BYTES, "Bytes of the WAL in use"),
            Self::LogOverloaded => {
                counter("kiban.log.overloaded", "Appends that were refused because the queue was full")
            }
            Self::StaleGuards => counter(
                "kiban.stale.guards",
                "Appends that stood on facts which had moved: refused, or written",
            ),
            Self::ProjectionPosition => {
                gauge("kiban.projection.position", "", "Up to where a projection has examined the log")
            }
            Self::ProjectionLag => {
                gauge("kiban.projection.lag.positions", "", "How far a projection lies behind the log")
            }
            Self::RelayPosition => {
                gauge("kiban.relay.position", "", "Up to where everything was passed on and acknowledged")
            }
            Self::RelayLag => gauge("kiban.relay.lag.positions", "", "How far the relay lies behind the log"),
            Self::RelaySecondsSinceAcknowledgement => gauge(
                "kiban.relay.seconds_since_acknowledgement",
                "",
                "Whole seconds since anything was acknowledged",
            ),
            Self::RelayActive => gauge("kiban.relay.active", "", "1 if this process is the one that relays"),
            Self::RefusalsNotRecorded => counter(
                "kiban.refusals.not_recorded",
                "Refusals that were given and not written, their organisation having had too many in a minute",
            ),
        }
    }
}

/// Bytes, in the Unified Code for Units of Measure.
const BYTES: &str = "By";

const fn gauge(name: &'static str, unit: &'static str, help: &'static str) -> Described {
    Described { name, unit, kind: Kind::Gauge, help }
}

const fn counter(name: &'static str, help: &'static str) -> Described {
    Described { name, unit: "", kind: Kind::Counter, help }
}
