//! A log, a broker and a clock for the tests of the relay.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use domain::{
    id::{ContractId, OrganisationId},
    relay::RelayLease,
    time::Timestamp,
};
use engine::{Clock, ManualClock, Relay, RelayFailure, RelayOptions, Store, read_events};
use event_log::{
    Append, EventFeed, EventLog, ExpectedRevision, Frame, MemoryBroker, MemoryLog, NewEvent, Page, Position,
    ReadError, RelayRecord, StreamName,
};
use events::{Metadata, relay_stream};
use futures::{StreamExt, future::BoxFuture, stream::BoxStream};
use tokio::{sync::watch, task::JoinHandle};

pub(crate) const TERM: i64 = 30;

/// A log, a broker and a clock that moves with the runtime's.
pub(crate) struct Stage {
    pub(crate) log: Arc<MemoryLog>,
    pub(crate) feed: Arc<Feed>,
    pub(crate) broker: MemoryBroker,
    pub(crate) clock: Arc<ManualClock>,
}

impl Stage {
    pub(crate) fn new() -> Self {
        let clock = Arc::new(ManualClock::at(Timestamp::from_micros(1_774_000_000_000_000).unwrap()));
        let told = clock.clone();
        let log = MemoryLog::new(Arc::new(move || told.now().as_micros()));
        let feed = Arc::new(Feed { log: log.clone(), held_back: watch::Sender::new(false) });
        Self { log, feed, broker: MemoryBroker::default(), clock }
    }

    pub(crate) fn relay(&self, holder: &str) -> Running {
        self.relay_with(holder, |_| {})
    }

    pub(crate) fn relay_with(&self, holder: &str, change: impl FnOnce(&mut RelayOptions)) -> Running {
        let mut options = RelayOptions::new("kafka".parse().unwrap(), holder.parse().unwrap());
        change(&mut options);
        Running::start(self, options, None)
    }

    /// Lets so many seconds pass, for the clock and for everything that waits.
    pub(crate) async fn pass(&self, seconds: i64) {
        for _ in 0..seconds {
            let now = self.clock.now().as_micros() + 1_000_000;
            self.clock.set(Timestamp::from_micros(now).unwrap());
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
    }

    /// Appends an event to a stream; tells its position.
    pub(crate) async fn append(&self, stream: &str, partition: Option<ContractId>) -> u64 {
        let metadata = Metadata {
            organisation: OrganisationId::from_u128(1),
            person: None,
            command: None,
            causation: None,
            correlation: None,
            occurred_at: self.clock.now(),
            partition,
            audience: vec![],
            traceparent: String::new(),
        };
        self.append_bytes(stream, metadata.encode().into()).await
    }

    pub(crate) async fn append_bytes(&self, stream: &str, metadata: Bytes) -> u64 {
        let position = self.log.head().position.0 + 1;
        let event = NewEvent {
            id: u128::from(position).to_be_bytes(),
            event_type: "kiban.test.v1.Happened".into(),
            metadata,
            payload: Bytes::from(position.to_string()),
        };
        let append = Append {
            stream: StreamName::new(stream).unwrap(),
            expected: ExpectedRevision::Any,
            guards: vec![],
            command: None,
            events: vec![event],
        };
        self.log.append(append).await.unwrap();
        position
    }

    /// The positions in a topic, in the order in which consumers meet them first: a reader drops what it has seen.
    pub(crate) fn first_seen(&self, topic: &str) -> Vec<u64> {
        let mut seen = Vec::new();
        for position in self.broker.records(topic).iter().map(position) {
            if seen.last().is_none_or(|last| position > *last) {
                seen.push(position);
            }
        }
        seen
    }

    pub(crate) async fn lease(&self) -> RelayLease {
        let mut state = RelayLease::default();
        let mut next = 0;
        loop {
            let events: Vec<(u64, domain::relay::Event)> =
                read_events(&*self.log, &lease_stream(), next, Page::default()).await.unwrap();
            let Some((last, _)) = events.last() else { return state };
            next = last + 1;
            state = events
                .iter()
                .fold(state, |state, (_, event)| <RelayLease as domain::Decider>::evolve(state, event));
        }
    }

    pub(crate) async fn lease_events(&self) -> Option<u64> {
        self.log.stream_revision(&lease_stream()).await.unwrap()
    }
}

/// The log's feed, which can be held back as if a network were cut.
pub(crate) struct Feed {
    log: Arc<MemoryLog>,
    held_back: watch::Sender<bool>,
}

impl Feed {
    pub(crate) fn hold_back(&self, back: bool) {
        self.held_back.send_replace(back);
    }
}

impl EventFeed for Feed {
    fn subscribe(&self, after: Position) -> BoxStream<'static, Result<Arc<Frame>, ReadError>> {
        let held_back = self.held_back.subscribe();
        let frames = self.log.subscribe(after).then(move |frame| {
            let mut held_back = held_back.clone();
            async move {
                let _ = held_back.wait_for(|back| !back).await;
                frame
            }
        });
        frames.boxed()
    }

    fn reached(&self, position: Position) -> BoxFuture<'static, Result<(), ReadError>> {
        self.log.reached(position)
    }
}

/// A relay that runs.
pub(crate) struct Running {
    pub(crate) relay: Arc<Relay>,
    stop: watch::Sender<bool>,
    pub(crate) task: JoinHandle<Result<(), RelayFailure>>,
}

impl Running {
    pub(crate) fn start(stage: &Stage, options: RelayOptions, snapshots: Option<Arc<Store>>) -> Self {
        let relay = Relay::new(
            stage.log.clone(),
            stage.feed.clone(),
            Arc::new(stage.broker.clone()),
            stage.clock.clone(),
            snapshots.map(|store| store as _),
            options,
        );
        let relay = Arc::new(relay);
        let (stop, stopped) = watch::channel(false);
        let task = tokio::spawn({
            let relay = relay.clone();
            async move { relay.run(stopped).await }
        });
        Self { relay, stop, task }
    }

    pub(crate) async fn stop(self) -> Result<(), RelayFailure> {
        self.stop.send(true).unwrap();
        self.task.await.unwrap()
    }

    /// As if the process were killed: no goodbye.
    pub(crate) async fn kill(self) {
        self.task.abort();
        let _ = self.task.await;
    }
}

pub(crate) fn lease_stream() -> StreamName {
    relay_stream(&"kafka".parse().unwrap())
}

pub(crate) fn position(record: &RelayRecord) -> u64 {
    let header = record.headers.iter().find(|(name, _)| *name == "ce_kibanposition").unwrap();
    std::str::from_utf8(&header.1).unwrap().parse().unwrap()
}
