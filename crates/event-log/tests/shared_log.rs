//! What the engine must do on a log that is neither new nor its own: other streams stand in it, positions have gaps, and
//! the clock is the server's. `KIBAN_TEST_ESDB=esdb://…` runs it against a real KurrentDB, the conformance suite, too;
//! without it the suite runs on a bare log that all its tests share with others. It always runs against the log that this
//! crate serves, as Kiban's own and as a bare one.

#[path = "shared_log/apart.rs"]
mod apart;

use apart::Apart;
use event_log::{
    Append, AppendError, AppendOutcome, Clock, CommandKey, EventFeed, EventLog, EventStoreLog,
    EventStoreOptions,
    ExpectedRevision::{Any, Exact, NoStream, StreamExists},
    MemoryLog, NewEvent, Page, Served, StreamName,
    conformance::{Harness, ManualClock, guard, written},
};
use futures::StreamExt;
use std::{
    sync::{
        Arc, OnceLock,
        atomic::{AtomicI64, AtomicU64, Ordering::SeqCst},
        mpsc,
    },
    time::Duration,
};
use tokio::{net::TcpListener, runtime::Handle, sync::watch, task::block_in_place};
use tonic::transport::{Server, server::TcpIncoming};

const SECRET: &str = "only Kiban knows";
const PATIENCE: Duration = Duration::from_secs(30);

/// Names that no other run has taken.
struct Run(u128);

impl Run {
    fn new() -> Self {
        // Where a temporary file may stand is as good as any dice.
        let file = tempfile::NamedTempFile::new().unwrap();
        let name = file.path().file_name().unwrap().to_string_lossy().into_owned();
        let mut number = u128::from(std::process::id());
        for byte in name.bytes() {
            number = number.wrapping_mul(257).wrapping_add(u128::from(byte));
        }
        Self(number)
    }

    fn stream(&self, name: &str) -> StreamName {
        StreamName::new(format!("test-{name}-{:032x}", self.0)).unwrap()
    }

    fn event(&self, number: u64) -> NewEvent {
        NewEvent {
            id: (self.0.wrapping_mul(1_000_003) ^ u128::from(number)).to_be_bytes(),
            event_type: "kiban.test.v1.Happened".into(),
            metadata: vec![1, 2, 3].into(),
            payload: format!("payload {number}").into(),
        }
    }

    fn append(&self, stream: &StreamName, expected: event_log::ExpectedRevision, numbers: &[u64]) -> Append {
        Append {
            stream: stream.clone(),
            expected,
            guards: Vec::new(),
            command: None,
            events: numbers.iter().map(|number| self.event(*number)).collect(),
        }
    }
}

async fn everything(log: Arc<EventStoreLog>) {
    let run = Run::new();
    let (a, b) = (run.stream("a"), run.stream("b"));
    let before = log.head().position;
    let mut feed = log.subscribe(before);

    // Revisions, conflicts, retries.
    let first = written(&*log, run.append(&a, NoStream, &[1, 2])).await;
    assert!(before < first.first_position && first.first_position < first.last_position);
    assert_eq!((first.first_revision, first.last_revision), (0, 1));
    let again = log.append(run.append(&a, NoStream, &[1, 2])).await;
    assert!(matches!(again, Ok(AppendOutcome::AlreadyAppended(place)) if place == first), "{again:?}");
    for (expected, number) in [(NoStream, 3), (Exact(0), 4), (Exact(7), 5)] {
        let refused = log.append(run.append(&a, expected, &[number])).await;
        let actual = match refused {
            Err(AppendError::Conflict { actual, .. }) => actual,
            other => panic!("{expected:?}: {other:?}"),
        };
        assert_eq!(actual, Some(1));
    }
    let second = written(&*log, run.append(&a, Exact(1), &[6])).await;
    assert!(second.first_position > first.last_position && second.recorded_at >= first.recorded_at);
    let missing = log.append(run.append(&b, StreamExists, &[7])).await;
    assert!(matches!(missing, Err(AppendError::Conflict { actual: None, .. })), "{missing:?}");

    // Guards and command ids, whoever looks at them.
    let key = CommandKey { scope: [7; 16], id: format!("c-{}", run.0), digest: [1; 32] };
    let commanded =
        Append { command: Some(key.clone()), guards: vec![guard(&a, Some(2))], ..run.append(&b, Any, &[8]) };
    let third = written(&*log, commanded.clone()).await;
    let repeated = log.append(commanded.clone()).await;
    assert!(matches!(repeated, Ok(AppendOutcome::AlreadyAppended(place)) if place == third), "{repeated:?}");
    let other = Append { command: Some(CommandKey { digest: [2; 32], ..key.clone() }), ..commanded };
    assert!(matches!(log.append(other).await, Err(AppendError::IdMismatch)));
    let found = log.find_command(&b, key.scope, &key.id).await.unwrap().unwrap();
    assert_eq!((found.digest, found.appended), (key.digest, third));
    let moved = Append { guards: vec![guard(&a, Some(1))], ..run.append(&b, Exact(0), &[9]) };
    assert!(matches!(log.append(moved).await, Err(AppendError::Conflict { stream, .. }) if stream == a));

    // Reading, from anywhere.
    let frames = log.read_stream(&a, 0, Page::default()).await.unwrap();
    assert_eq!(frames.iter().map(|frame| frame.appended()).collect::<Vec<_>>(), [first, second]);
    assert_eq!(frames[0].events[1].payload, run.event(2).payload);
    assert_eq!(frames[0].events[1].metadata, run.event(2).metadata);
    assert_eq!(
        log.read_stream(&a, 1, Page::default()).await.unwrap()[0].appended(),
        first,
        "a frame is whole"
    );
    assert_eq!(log.stream_revision(&a).await.unwrap(), Some(2));
    assert_eq!(log.frame_at(first.last_position).await.unwrap().unwrap().appended(), first);
    let after = log.read_all(first.last_position, Page::default()).await.unwrap();
    let own = after.iter().filter(|frame| frame.stream == a || frame.stream == b);
    assert_eq!(own.map(|frame| frame.appended()).collect::<Vec<_>>(), [second, third]);

    // Following, and again after what was seen.
    let mut seen = Vec::new();
    while seen.len() < 3 {
        let frame = tokio::time::timeout(PATIENCE, feed.next()).await.expect("it goes on").unwrap().unwrap();
        if frame.stream == a || frame.stream == b {
            seen.push(frame.appended());
        }
    }
    assert_eq!(seen, [first, second, third]);
    assert!(log.head().position >= third.last_position);
    assert!(log.head_now().await.unwrap().position >= third.last_position);
    assert!(log.position_at(third.recorded_at).await.unwrap() >= third.last_position);
    log.close().await;
}

async fn served(adapt: impl FnOnce(Served) -> Served) -> Arc<EventStoreLog> {
    let log = MemoryLog::new(ManualClock::at(1_000).clock());
    // Not empty: somebody else was here.
    let stranger = Append {
        stream: StreamName::new("stranger-1").unwrap(),
        ..Run::new().append(&StreamName::new("stranger-1").unwrap(), Any, &[1, 2, 3])
    };
    written(&*log, stranger).await;
    let (stop, stopped) = watch::channel(false);
    let served = adapt(Served::new(log, Arc::new(|category| category == "test"), Some(SECRET), stopped));
    let mut routes = tonic::service::Routes::builder();
    served.add_to(&mut routes);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let incoming = TcpIncoming::from(listener).with_nodelay(Some(true));
    tokio::spawn(async move {
        let _stop = stop;
        Server::builder().add_routes(routes.routes()).serve_with_incoming(incoming).await
    });
    let options: EventStoreOptions = format!("esdb://{address}?tls=false").parse().unwrap();
    EventStoreLog::open(EventStoreOptions { secret: Some(SECRET.to_owned()), ..options }).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn on_the_log_that_kiban_serves() {
    everything(served(|served| served).await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn on_a_bare_log() {
    everything(served(Served::bare).await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn on_a_real_kurrentdb() {
    let Some(options) = real() else {
        println!("skipped: {REAL} is not set");
        return;
    };
    everything(EventStoreLog::open(options).await.expect("it answers")).await;
}

/// Where a real server is.
const REAL: &str = "KIBAN_TEST_ESDB";

/// Where engines are said to be there, a test that skips itself would prove nothing.
fn real() -> Option<EventStoreOptions> {
    let address = std::env::var(REAL).ok().filter(|address| !address.is_empty());
    let required = std::env::var("KIBAN_TEST_REQUIRE_ENGINES").is_ok_and(|value| value == "1");
    assert!(address.is_some() || !required, "{REAL} is not set, and KIBAN_TEST_REQUIRE_ENGINES asks for it");
    address.map(|address| address.parse().expect("a connection string"))
}

/// The conformance suite on a part of a log that others write to. The clock is that log's own.
struct Shared;

impl Harness for Shared {
    type Log = Apart;

    fn open(&self, _: Clock) -> Arc<Apart> {
        static OPENED: AtomicU64 = AtomicU64::new(0);
        let options = real().unwrap_or_else(busy);
        let name = format!("{:x}{:x}", Run::new().0, OPENED.fetch_add(1, SeqCst));
        block_in_place(|| {
            Handle::current().block_on(async {
                // As for any other engine without guards: a chain of appends goes one after the other.
                let deadline = Duration::from_secs(120);
                let options = EventStoreOptions { recent_bytes: 4_096, deadline, ..options };
                Apart::new(EventStoreLog::open(options).await.expect("it answers"), &name)
            })
        })
    }

    const LACKS: &'static [(&'static str, &'static str)] = &[
        ("the_head_seals_the_log", "the hash of the head"),
        (
            "limits_are_enforced",
            "the last bytes of an append's limit, which what it writes beside them takes",
        ),
        ("random_appends_agree_with_the_model", "command ids that are unique for the whole log"),
    ];
}

/// A bare log that lives as long as the process, and in which others never rest.
fn busy() -> EventStoreOptions {
    static ADDRESS: OnceLock<String> = OnceLock::new();
    let address = ADDRESS.get_or_init(|| {
        let (tell, told) = mpsc::channel();
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(be_busy(tell));
        });
        told.recv().unwrap()
    });
    address.parse().unwrap()
}

async fn be_busy(tell: mpsc::Sender<String>) {
    let time = AtomicI64::new(1_000);
    let log = MemoryLog::new(Arc::new(move || time.fetch_add(10, SeqCst)));
    let (_stop, stopped) = watch::channel(false);
    let served = Served::new(log.clone(), Arc::new(|_| false), None, stopped).bare();
    let mut routes = tonic::service::Routes::builder();
    served.add_to(&mut routes);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let incoming = TcpIncoming::from(listener).with_nodelay(Some(true));
    tokio::spawn(Server::builder().add_routes(routes.routes()).serve_with_incoming(incoming));
    let text = format!("esdb://{address}?tls=false");
    // Kiban's own events of another run, and those of strangers.
    let other = EventStoreLog::open(text.parse().unwrap()).await.unwrap();
    let run = Run::new();
    for number in 0.. {
        let own = run.append(&run.stream("other"), Any, &[number, number]);
        written(&*other, own).await;
        let stranger = StreamName::new("stranger-1").unwrap();
        written(&*log, run.append(&stranger, Any, &[number])).await;
        if number == 100 {
            tell.send(text.clone()).unwrap();
        }
        if number >= 100 {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

mod beside_others {
    event_log::conformance_tests!(super::Shared);
}
