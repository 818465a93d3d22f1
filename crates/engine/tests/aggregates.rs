//! What the mailboxes promise: answers stand on what is durable, and whoever was too fast decides again.

use std::{
    num::NonZeroUsize,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use domain::{
    country::Country,
    id::{OrganisationId, PersonId},
    organisation::{
        Capacity, CapacityGrant, Command, GrantCapacity, Organisation, Profile, RegisterOrganisation,
        RegistrationNumber, Rejection,
    },
    text::Name,
    time::Timestamp,
};
use engine::{Aggregates, Caller, CommandIdentity, Envelope, Executed, Failure, Lookup, Prepared, Reason};
use event_log::{
    Append, AppendError, AppendOutcome, EventLog, Frame, Head, MemoryLog, Page, Position, ReadError,
    StoredCommand, StreamName,
};
use events::Category;
use futures::{FutureExt, future::BoxFuture};
use jiff::civil::date;
use proto::kiban::membership::v1::GrantCapacityRequest;

const ORG: OrganisationId = OrganisationId::from_u128(7);

fn stream() -> StreamName {
    Category::Organisation.stream(ORG)
}

fn memory() -> Arc<MemoryLog> {
    let ticks = AtomicUsize::new(0);
    MemoryLog::new(Arc::new(move || ticks.fetch_add(1, Ordering::SeqCst) as i64))
}

fn organisations(log: Arc<dyn EventLog>) -> Aggregates<Organisation> {
    Aggregates::new(log, NonZeroUsize::new(100).unwrap())
}

fn envelope(command_id: &str, content: &str) -> Envelope {
    let request = GrantCapacityRequest {
        command_id: command_id.into(),
        organisation_id: content.into(),
        ..Default::default()
    };
    Envelope {
        caller: Caller { organisation: ORG, person: Some(PersonId::from_u128(1)), roles: vec![] },
        command: Some(CommandIdentity::of(ORG, &request).unwrap()),
        expected_revision: None,
        validate_only: false,
        at: Timestamp::default(),
        traceparent: String::new(),
    }
}

fn register() -> Command {
    Command::RegisterOrganisation(RegisterOrganisation {
        id: ORG,
        name: Name::new("活用促進機関").unwrap(),
        country: Country::JAPAN,
        sector: None,
        registration_number: RegistrationNumber::new(Country::JAPAN, "7000012050002").unwrap(),
        capacities: vec![],
        at: Timestamp::default(),
    })
}

/// Grants of different years never merge, so each one is an event.
fn grant(year: i16) -> Command {
    let grant = CapacityGrant {
        capacity: Capacity::Promoter,
        from: date(2000 + 2 * year, 1, 1),
        until: Some(date(2000 + 2 * year, 12, 31)),
    };
    Command::GrantCapacity(GrantCapacity { grant, at: Timestamp::default() })
}

type Outcome = Result<Executed<domain::organisation::Event>, Failure<Rejection>>;

async fn execute(organisations: &Aggregates<Organisation>, command_id: &str, command: Command) -> Outcome {
    execute_as(organisations, &envelope(command_id, "same"), command).await
}

async fn execute_as(
    organisations: &Aggregates<Organisation>,
    envelope: &Envelope,
    command: Command,
) -> Outcome {
    organisations
        .execute(&stream(), envelope, || {
            let prepared = Prepared::new(command.clone());
            Box::pin(async { Ok(prepared) })
        })
        .await
}

fn reason(outcome: Outcome) -> Reason {
    match outcome {
        Err(Failure::Refused(refusal)) => refusal.reason,
        other => panic!("not refused by the engine: {other:?}"),
    }
}

async fn grants(organisations: &Aggregates<Organisation>) -> usize {
    let count =
        |state: &Organisation, _| state.profile().map_or(0, |profile: &Profile| profile.capacities.len());
    organisations.read(&stream(), count).await.unwrap()
}

#[tokio::test]
async fn the_stored_outcome_is_the_answer_whatever_the_state_says_now() {
    let log = memory();
    let organisations = organisations(log.clone());
    let first = execute(&organisations, "register", register()).await.unwrap();
    execute(&organisations, "grant", grant(1)).await.unwrap();

    let again = execute(&organisations, "register", register()).await.unwrap();
    assert_eq!((again.appended, again.events, again.replayed), (first.appended, first.events, true));
    let other = execute_as(&organisations, &envelope("register", "other"), grant(2)).await;
    assert_eq!(reason(other), Reason::CommandIdReused);
    assert_eq!(log.head().position, Position(2), "neither wrote anything");
    assert_eq!(grants(&organisations).await, 1, "nor changed what is known");
}

/// The trace in which a call came is no part of what was asked, nor of what makes an event this one.
#[tokio::test]
async fn a_trace_changes_nothing_but_itself() {
    let traced = |span: u8, command: bool| {
        let mut envelope = envelope("register", "same");
        envelope.traceparent = format!("00-0af7651916cd43dd8448eb211c80319c-{span:016x}-01");
        envelope.command = envelope.command.filter(|_| command);
        envelope
    };
    for command in [true, false] {
        let mut stored = Vec::new();
        for span in [1, 2] {
            let log = memory();
            execute_as(&organisations(log.clone()), &traced(span, command), register()).await.unwrap();
            let frame = log.frame_at(Position(1)).await.unwrap().unwrap();
            stored.push(frame.events[0].clone());
            if command {
                let again = execute_as(&organisations(log.clone()), &traced(9, command), register()).await;
                assert!(again.unwrap().replayed);
                assert_eq!(log.head().position, Position(1));
            }
        }
        assert_eq!(stored[0].id, stored[1].id);
        assert_eq!(stored[0].payload, stored[1].payload);
        assert_ne!(stored[0].metadata, stored[1].metadata);
    }
}

#[tokio::test]
async fn a_rejection_leaves_the_command_id_free() {
    let organisations = organisations(memory());
    let early = execute(&organisations, "grant", grant(1)).await;
    assert!(matches!(early, Err(Failure::Rejected(Rejection::NotRegistered))), "{early:?}");
    execute(&organisations, "register", register()).await.unwrap();
    assert!(!execute(&organisations, "grant", grant(1)).await.unwrap().replayed);
}

#[tokio::test]
async fn two_writers_of_one_stream_lose_nothing() {
    let log = memory();
    // Two caches over one log stand for two processes: each finds out from conflicts what the other did.
    let one = Arc::new(organisations(log.clone()));
    let other = Arc::new(organisations(log.clone()));
    execute(&one, "register", register()).await.unwrap();
    let mut tasks = Vec::new();
    for year in 1..=10 {
        for (writer, aggregates) in [("one", one.clone()), ("other", other.clone())] {
            tasks.push(tokio::spawn(async move {
                let year = if writer == "one" { year } else { year + 50 };
                execute(&aggregates, &format!("{writer}-{year}"), grant(year)).await.unwrap()
            }));
        }
    }
    let mut positions = Vec::new();
    for task in tasks {
        positions.push(task.await.unwrap().appended.unwrap().last_position);
    }
    positions.sort();
    positions.dedup();
    assert_eq!(positions.len(), 20);
    assert_eq!((grants(&one).await, grants(&other).await), (20, 20));
}

#[tokio::test]
async fn what_the_caller_saw_must_still_stand() {
    let organisations = organisations(memory());
    execute(&organisations, "register", register()).await.unwrap();
    let seen =
        |command_id, revision| Envelope { expected_revision: Some(revision), ..envelope(command_id, "same") };
    execute_as(&organisations, &seen("a", 0), grant(1)).await.unwrap();
    assert_eq!(reason(execute_as(&organisations, &seen("b", 0), grant(2)).await), Reason::RevisionMismatch);
    let retried = execute_as(&organisations, &seen("a", 0), grant(1)).await.unwrap();
    assert!(retried.replayed, "a retry finds its outcome although the revision has moved on");
}

#[tokio::test]
async fn looking_only_writes_nothing() {
    let log = memory();
    let organisations = organisations(log.clone());
    let look = Envelope { validate_only: true, ..envelope("register", "same") };
    let seen = execute_as(&organisations, &look, register()).await.unwrap();
    assert_eq!((seen.events.len(), seen.appended), (1, None));
    assert_eq!(log.head().position, Position::START);
    assert!(!execute(&organisations, "register", register()).await.unwrap().replayed);
}

#[tokio::test]
async fn a_fact_that_moved_is_looked_up_again() {
    let log = memory();
    let organisations = organisations(log.clone());
    execute(&organisations, "register", register()).await.unwrap();
    let facts: Lookup<Organisation> = Lookup::new(log.clone(), NonZeroUsize::new(10).unwrap());
    facts.now(&stream()).await.unwrap();
    execute(&organisations, "grant", grant(1)).await.unwrap();

    // The first attempt stands on what was known before the grant; its guard finds that out.
    let target = Category::Organisation.stream(OrganisationId::from_u128(8));
    let attempts = AtomicUsize::new(0);
    let (facts, attempts) = (&facts, &attempts);
    let seen = Aggregates::<Organisation>::new(log.clone(), NonZeroUsize::MIN)
        .execute(&target, &envelope("stands-on-it", "same"), || {
            Box::pin(async move {
                let first = attempts.fetch_add(1, Ordering::SeqCst) == 0;
                let known = if first { facts.recent(&stream()).await? } else { facts.now(&stream()).await? };
                Ok(Prepared::new(register()).guarded_by([known.guard()]))
            })
        })
        .await
        .unwrap();
    assert_eq!(attempts.load(Ordering::SeqCst), 2);
    assert!(seen.appended.is_some());
}

/// A log whose answers to some appends get lost: before or after they were written.
struct Lossy {
    log: Arc<MemoryLog>,
    appends: AtomicUsize,
    lost: usize,
    written: bool,
}

impl EventLog for Lossy {
    fn append(&self, append: Append) -> BoxFuture<'static, Result<AppendOutcome, AppendError>> {
        if self.appends.fetch_add(1, Ordering::SeqCst) != self.lost {
            return self.log.append(append);
        }
        let written = self.written.then(|| self.log.append(append));
        async move {
            if let Some(written) = written {
                written.await?;
            }
            Err(AppendError::Unknown("the connection was lost".into()))
        }
        .boxed()
    }

    fn read_stream(
        &self,
        stream: &StreamName,
        from_revision: u64,
        page: Page,
    ) -> BoxFuture<'static, Result<Vec<Arc<Frame>>, ReadError>> {
        self.log.read_stream(stream, from_revision, page)
    }

    fn read_all(
        &self,
        after: Position,
        page: Page,
    ) -> BoxFuture<'static, Result<Vec<Arc<Frame>>, ReadError>> {
        self.log.read_all(after, page)
    }

    fn frame_at(&self, position: Position) -> BoxFuture<'static, Result<Option<Arc<Frame>>, ReadError>> {
        self.log.frame_at(position)
    }

    fn head(&self) -> Head {
        self.log.head()
    }

    fn stream_revision(&self, stream: &StreamName) -> BoxFuture<'static, Result<Option<u64>, ReadError>> {
        self.log.stream_revision(stream)
    }

    fn find_command(
        &self,
        stream: &StreamName,
        scope: [u8; 16],
        id: &str,
    ) -> BoxFuture<'static, Result<Option<StoredCommand>, ReadError>> {
        self.log.find_command(stream, scope, id)
    }

    fn position_at(&self, recorded_at: i64) -> BoxFuture<'static, Result<Position, ReadError>> {
        self.log.position_at(recorded_at)
    }
}

#[tokio::test]
async fn an_unknown_outcome_is_said_and_a_retry_finds_out() {
    for written in [false, true] {
        let log = memory();
        let lossy = Lossy { log: log.clone(), appends: AtomicUsize::new(0), lost: 1, written };
        let organisations = organisations(Arc::new(lossy));
        execute(&organisations, "register", register()).await.unwrap();
        assert_eq!(reason(execute(&organisations, "grant", grant(1)).await), Reason::OutcomeUnknown);
        let retried = execute(&organisations, "grant", grant(1)).await.unwrap();
        assert_eq!(retried.replayed, written);
        assert_eq!(grants(&organisations).await, 1, "it counts once, written: {written}");
        assert_eq!(log.head().position, Position(2));
    }
}
