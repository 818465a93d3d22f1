//! What a projection reads: events that are written into a log by hand.

use std::{
    any::Any,
    collections::HashMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
};

use domain::{
    country::Country,
    credit,
    id::{ContractId, OrganisationId},
    order,
    organisation::{self, CapacityGrant, OrganisationRegistered, RegistrationNumber},
    recruitment,
    time::Timestamp,
};
use engine::{Clock, Fold, Folds, Gate, ManualClock, Projection, RunningFolds, Store};
use event_log::{
    Append, AppendOutcome, Appended, EventLog, ExpectedRevision, MemoryLog, NewEvent, Page, Position,
    StreamName,
};
use events::{Category, Metadata, Recordable, Recorded, decode_frame};

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
    /// Under which contracts things are that say it only when they begin.
    under: Mutex<HashMap<StreamName, ContractId>>,
}

impl Past {
    /// An empty log at an instant; `recorder` is on record for everything that is appended.
    pub fn at(now: Timestamp, recorder: OrganisationId) -> Self {
        let clock = Arc::new(ManualClock::at(now));
        let told = clock.clone();
        let log = MemoryLog::new(Arc::new(move || told.now().as_micros()));
        let gate = Arc::new(Gate::new(log.clone(), clock.clone()));
        Self { log, clock, gate, recorder, next: AtomicU64::new(1), under: Mutex::default() }
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
        let stream = StreamName::new(format!("{}-{}", E::CATEGORY, id.to_string())).unwrap();
        let partition = self.contract_of(&stream, events);
        self.append_under(partition, stream, events, audience).await
    }

    /// Appends one frame to a stream; its events name this contract as their own, or none.
    pub async fn append_under<E: Recordable>(
        &self,
        partition: Option<ContractId>,
        stream: StreamName,
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
            partition,
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
            stream,
            expected: ExpectedRevision::Any,
            guards: vec![],
            command: None,
            events: events.collect(),
        };
        match self.log.append(append).await.unwrap() {
            AppendOutcome::Appended(appended) | AppendOutcome::AlreadyAppended(appended) => appended,
        }
    }

    /// The contract under which something happens, as services name it in the metadata of events.
    fn contract_of<E: Recordable>(&self, stream: &StreamName, events: &[E]) -> Option<ContractId> {
        if matches!(E::CATEGORY, Category::Contract | Category::Access) {
            return stream.id().parse().ok();
        }
        let mut under = self.under.lock().unwrap();
        if let Some(contract) = events.iter().find_map(|event| named_by(event)) {
            under.insert(stream.clone(), contract);
        }
        under.get(stream).copied()
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

    /// Everything that stands in the log.
    pub async fn events(&self) -> Vec<Recorded> {
        let (mut events, mut after) = (Vec::new(), Position::START);
        loop {
            let frames = self.log.read_all(after, Page::default()).await.unwrap();
            let Some(last) = frames.last() else { return events };
            after = last.last_position();
            events.extend(frames.iter().flat_map(|frame| decode_frame(frame).unwrap()));
        }
    }

    /// The end of the log: who asks for it reads its own writes.
    pub fn head(&self) -> String {
        self.log.head().position.to_string()
    }
}

/// The contract that an event names as its own.
fn named_by(event: &dyn Any) -> Option<ContractId> {
    let placed = || Some(event.downcast_ref::<order::Event>()?.placed()?.contract);
    let requested = || match event.downcast_ref::<recruitment::Event>()? {
        recruitment::Event::PatientRecruitmentRequested(request) => Some(request.contract),
        _ => None,
    };
    let credited = || {
        let credit::Event::CreditGranted(credit) = event.downcast_ref::<credit::Event>()?;
        Some(credit.contract)
    };
    placed().or_else(requested).or_else(credited)
}
