//! A log, relays on it, and what must have come of them.

use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use domain::{
    id::{ContractId, OrganisationId},
    relay::RelayLease,
    time::Timestamp,
};
use engine::{Clock, Relay, RelayFailure, RelayOptions, SystemClock, read_events};
use event_log::{
    Append, EventFeed, EventLog, ExpectedRevision, Frame, MemoryLog, NewEvent, Page, Position, StreamName,
    kafka::{Kafka, KafkaOptions},
};
use events::{Category, Metadata, relay_stream};
use tokio::{sync::watch, task::JoinHandle};

use crate::reading::{Seen, first_seen, read_topics};

/// The longest that anything is waited for on a loaded machine.
pub(crate) const PATIENCE: Duration = Duration::from_secs(180);

/// The term of leases in these tests.
pub(crate) const TERM: Duration = Duration::from_secs(3);

/// Contracts that have something happen to them.
const CONTRACTS: u128 = 12;

/// A log and where its topics are.
pub(crate) struct Stage {
    pub(crate) log: Arc<MemoryLog>,
    /// What the topics of this test begin with.
    pub(crate) prefix: String,
    broker: String,
    appended: AtomicU64,
}

impl Stage {
    pub(crate) fn new(broker: &str, name: &str) -> Arc<Self> {
        let now = SystemClock.now().as_micros();
        Arc::new(Self {
            log: MemoryLog::new(Arc::new(|| SystemClock.now().as_micros())),
            // A broker may see many runs.
            prefix: format!("test-{name}-{now}."),
            broker: broker.to_owned(),
            appended: AtomicU64::new(0),
        })
    }

    pub(crate) fn kafka(&self) -> KafkaOptions {
        KafkaOptions { partitions: 3, connect: Duration::from_secs(5), ..KafkaOptions::new(&self.broker) }
    }

    pub(crate) fn options(&self, holder: &str) -> RelayOptions {
        RelayOptions {
            topic_prefix: self.prefix.clone(),
            categories: Category::ALL.into_iter().collect(),
            term: TERM,
            save_every: Duration::from_millis(300),
            look_every: Duration::from_millis(200),
            batch_records: 50,
            ..RelayOptions::new("kafka".parse().unwrap(), holder.parse().unwrap())
        }
    }

    pub(crate) fn relay(&self, holder: &str) -> Running {
        self.relay_with(self.kafka(), self.options(holder))
    }

    pub(crate) fn relay_with(&self, kafka: KafkaOptions, options: RelayOptions) -> Running {
        Running::start(self.log.clone(), self.log.clone(), Arc::new(SystemClock), kafka, options)
    }

    /// Appends a frame of one to three events, to one stream after another: use, contracts, periods.
    pub(crate) async fn append(&self) {
        let number = self.appended.fetch_add(1, Ordering::SeqCst);
        let contract = ContractId::from_u128(u128::from(number) % CONTRACTS);
        let (stream, partition) = match number % 5 {
            0 => (Category::Contract.stream(contract), Some(contract)),
            1 => (Category::Period.stream(OrganisationId::from_u128(u128::from(number % 4))), None),
            _ => (Category::Access.stream(contract), Some(contract)),
        };
        let sizes = (0..=number % 3).map(|index| 40 + (number * 37 + index) as usize % 400);
        self.append_to(stream, partition, sizes).await;
    }

    /// Appends events with payloads of these sizes.
    pub(crate) async fn append_to(
        &self,
        stream: StreamName,
        partition: Option<ContractId>,
        sizes: impl IntoIterator<Item = usize>,
    ) {
        let metadata = Metadata {
            organisation: OrganisationId::from_u128(1),
            person: None,
            command: None,
            causation: None,
            correlation: None,
            occurred_at: Timestamp::from_micros(1_774_000_000_000_000).unwrap(),
            partition,
            audience: vec![],
            traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01".into(),
        };
        let first = self.log.head().position.0 + 1;
        let event = |(index, size): (u64, usize)| NewEvent {
            id: u128::from(first + index).to_be_bytes(),
            event_type: "kiban.test.v1.Happened".into(),
            metadata: metadata.encode().into(),
            payload: (0..size).map(|at| (at as u64 * 31 + first + index) as u8).collect(),
        };
        let events = (0u64..).zip(sizes).map(event).collect();
        let expected = ExpectedRevision::Any;
        self.log.append(Append { stream, expected, guards: vec![], command: None, events }).await.unwrap();
    }

    /// Appends about so many frames a second until it is told to stop.
    pub(crate) fn keep_appending(self: &Arc<Self>, a_second: u32) -> Load {
        let (stop, mut stopped) = watch::channel(false);
        let stage = self.clone();
        let task = tokio::spawn(async move {
            let mut ticks = tokio::time::interval(Duration::from_secs(1) / a_second);
            loop {
                ticks.tick().await;
                if *stopped.borrow_and_update() {
                    return;
                }
                stage.append().await;
            }
        });
        Load { stop, task }
    }

    pub(crate) async fn lease(&self) -> RelayLease {
        let stream = relay_stream(&"kafka".parse().unwrap());
        let mut state = RelayLease::default();
        let mut next = 0;
        loop {
            let events: Vec<(u64, domain::relay::Event)> =
                read_events(&*self.log, &stream, next, Page::default()).await.unwrap();
            let Some((last, _)) = events.last() else { return state };
            next = last + 1;
            state = events
                .iter()
                .fold(state, |state, (_, event)| <RelayLease as domain::Decider>::evolve(state, event));
        }
    }

    pub(crate) async fn topics(&self) -> Vec<Seen> {
        read_topics(&self.broker, &self.prefix).await
    }

    /// All frames of the log that are to be relayed.
    pub(crate) async fn frames(&self) -> Vec<Arc<Frame>> {
        let (mut frames, mut after) = (Vec::new(), Position::START);
        loop {
            let page = self.log.read_all(after, Page::default()).await.unwrap();
            let Some(last) = page.last() else { break };
            after = last.last_position();
            frames.extend(page);
        }
        frames
            .retain(|frame| Category::of(&frame.stream).is_some_and(|category| category != Category::Relay));
        frames
    }

    /// Waits until a relay has published everything.
    pub(crate) async fn wait_until_published(&self, running: &Running) {
        eventually("everything is published", || {
            let metrics = running.relay.metrics();
            metrics.active && metrics.lag_positions == 0 && metrics.in_flight == 0
        })
        .await;
    }

    /// Waits until the cursor has come to the end of what is to be relayed.
    pub(crate) async fn wait_until_saved(&self) {
        let end = self.frames().await.last().map(|frame| frame.last_position().0);
        let waiting = async {
            while Some(self.lease().await.cursor()) < end {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        tokio::time::timeout(PATIENCE, waiting).await.expect("the cursor is saved");
    }

    /// What consumers see must be the log: nothing missing, nothing else, each key in order. Tells how many records
    /// came again.
    pub(crate) async fn assert_topics_are_the_log(&self) -> usize {
        let records = self.topics().await;
        let mut seen: BTreeMap<u64, &Seen> = BTreeMap::new();
        let mut last_of_key: BTreeMap<(&str, &str), u64> = BTreeMap::new();
        for record in first_seen(&records) {
            let position = record.position();
            let last = last_of_key.insert((&record.topic, &record.key), position);
            assert!(last < Some(position), "{} of {} came late, after {last:?}", position, record.key);
            assert!(seen.insert(position, record).is_none(), "{position} stands in two partitions");
        }
        for frame in self.frames().await {
            for (position, event) in (frame.first_position.0..).zip(&frame.events) {
                let record = seen.remove(&position).unwrap_or_else(|| panic!("{position} was lost"));
                assert_eq!(record.topic, format!("{}{}", self.prefix, frame.stream.category()));
                assert!(record.payload == event.payload, "{position} has another payload");
            }
        }
        assert!(seen.is_empty(), "nobody wrote these: {:?}", seen.keys());
        records.len() - first_seen(&records).len()
    }
}

/// Somebody who keeps appending.
pub(crate) struct Load {
    stop: watch::Sender<bool>,
    task: JoinHandle<()>,
}

impl Load {
    pub(crate) async fn stop(self) {
        self.stop.send(true).unwrap();
        self.task.await.unwrap();
    }
}

/// A relay that runs.
pub(crate) struct Running {
    pub(crate) relay: Arc<Relay>,
    stop: watch::Sender<bool>,
    task: JoinHandle<Result<(), RelayFailure>>,
}

impl Running {
    pub(crate) fn start(
        log: Arc<MemoryLog>,
        feed: Arc<dyn EventFeed>,
        clock: Arc<dyn Clock>,
        kafka: KafkaOptions,
        options: RelayOptions,
    ) -> Self {
        let relay = Arc::new(Relay::new(log, feed, Arc::new(Kafka::new(kafka)), clock, None, options));
        let (stop, stopped) = watch::channel(false);
        let running = relay.clone();
        let task = tokio::spawn(async move { running.run(stopped).await });
        Self { relay, stop, task }
    }

    pub(crate) async fn stop(self) {
        self.stop.send(true).unwrap();
        self.task.await.unwrap().unwrap();
    }

    /// As if the process were killed: no goodbye to the log.
    pub(crate) async fn kill(self) {
        self.task.abort();
        let _ = self.task.await;
    }

    /// Waits until it ends by itself.
    pub(crate) async fn ended(self) -> Result<(), RelayFailure> {
        tokio::time::timeout(PATIENCE, self.task).await.expect("it goes on").unwrap()
    }
}

/// Waits until something is so.
pub(crate) async fn eventually(what: &str, mut so: impl FnMut() -> bool) {
    let waiting = async {
        while !so() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(PATIENCE, waiting)
        .await
        .unwrap_or_else(|_| panic!("not within {PATIENCE:?}: {what}"));
}

/// Numbers that look random and are the same in each run.
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// A number below a bound.
    pub(crate) const fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % bound
    }
}
