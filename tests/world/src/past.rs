//! What a projection reads: events that are written into a log by hand.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use domain::{
    country::Country,
    id::OrganisationId,
    organisation::{self, CapacityGrant, OrganisationRegistered, RegistrationNumber},
    time::Timestamp,
};
use engine::{Clock, Fold, Folds, Gate, ManualClock, Projection, RunningFolds, Store};
use event_log::{
    Append, AppendOutcome, Appended, EventLog, ExpectedRevision, MemoryLog, NewEvent, StreamName,
};
use events::{Metadata, Recordable};

/// A log in memory, and what a service needs to answer from it.
pub struct Past {
    /// It begins without an event.
    pub log: Arc<MemoryLog>,
    /// The time, for what is recorded and for what is asked.
    pub clock: Arc<ManualClock>,
    /// Lets callers in by what the log says of them.
    pub gate: Arc<Gate>,
    recorder: OrganisationId,
    next: AtomicU64,
}

impl Past {
    /// An empty log at an instant; `recorder` is on record for everything that is appended.
    pub fn at(now: Timestamp, recorder: OrganisationId) -> Self {
        let clock = Arc::new(ManualClock::at(now));
        let told = clock.clone();
        let log = MemoryLog::new(Arc::new(move || told.now().as_micros()));
        let gate = Arc::new(Gate::new(log.clone(), clock.clone()));
        Self { log, clock, gate, recorder, next: AtomicU64::new(1) }
    }

    /// A projection that follows the log for as long as what runs it is kept.
    pub fn folded<F: Fold>(&self, store: Store) -> (Arc<Projection<F>>, RunningFolds) {
        let projection = Projection::<F>::open(store).unwrap();
        let mut folds = Folds::default();
        folds.add(&projection);
        (projection, folds.run(self.log.clone()))
    }

    /// Appends one frame to the stream of a thing.
    pub async fn append<E: Recordable>(
        &self,
        id: impl ToString,
        events: &[E],
        audience: &[OrganisationId],
    ) -> Appended {
        let metadata = Metadata {
            organisation: self.recorder,
            person: None,
            command: None,
            causation: None,
            correlation: None,
            occurred_at: self.clock.now(),
            partition: None,
            audience: audience.to_vec(),
            traceparent: String::new(),
        };
        let events = events.iter().map(|event| NewEvent {
            id: u128::from(self.next.fetch_add(1, Ordering::SeqCst)).to_be_bytes(),
            event_type: event.event_type().into(),
            metadata: metadata.encode().into(),
            payload: event.encode().into(),
        });
        let append = Append {
            stream: StreamName::new(format!("{}-{}", E::CATEGORY, id.to_string())).unwrap(),
            expected: ExpectedRevision::Any,
            guards: vec![],
            command: None,
            events: events.collect(),
        };
        match self.log.append(append).await.unwrap() {
            AppendOutcome::Appended(appended) | AppendOutcome::AlreadyAppended(appended) => appended,
        }
    }

    /// An organisation of Japan with a capacity; it is told of it.
    pub async fn organisation(&self, id: OrganisationId, name: &str, grant: CapacityGrant) -> Appended {
        let registered = organisation::Event::OrganisationRegistered(OrganisationRegistered {
            id,
            name: name.parse().unwrap(),
            country: Country::JAPAN,
            sector: None,
            registration_number: RegistrationNumber::new(Country::JAPAN, "7000012050002").unwrap(),
            capacities: vec![grant],
            at: self.clock.now(),
        });
        self.append(id, &[registered], &[id]).await
    }

    /// The end of the log: who asks for it reads its own writes.
    pub fn head(&self) -> String {
        self.log.head().position.to_string()
    }
}
