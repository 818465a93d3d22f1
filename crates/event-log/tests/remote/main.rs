//! The engine over the EventStoreDB protocol where things go wrong: cut connections, wrong proofs, other leaders, logs
//! without guards.

mod cluster;
#[path = "../../../../tests/support/proxy.rs"]
mod proxy;

use event_log::{
    Append, AppendError, AppendOutcome, EventFeed, EventLog, EventStoreLog, EventStoreOptions,
    ExpectedRevision::{self, Any, Exact, NoStream},
    Frame, MemoryLog, Page, Position, ReadError, Served,
    conformance::{ManualClock, append, event, guard, stream, written},
};
use futures::{FutureExt, StreamExt, TryFutureExt, future::BoxFuture};
use proxy::Proxy;
use std::{net::SocketAddr, sync::Arc, time::Duration};
use tokio::{net::TcpListener, sync::watch, task::JoinHandle};
use tonic::transport::{Server, server::TcpIncoming};

const SECRET: &str = "only Kiban knows";
const PATIENCE: Duration = Duration::from_secs(30);
/// Longer than a short deadline, and shorter than what is waited for without one.
const SOON: Duration = Duration::from_secs(4);

/// A log that is served until the test ends.
struct Serving {
    log: Arc<MemoryLog>,
    address: SocketAddr,
    stop: watch::Sender<bool>,
    server: JoinHandle<Result<(), tonic::transport::Error>>,
}

async fn serve(adapt: impl FnOnce(Served) -> Served) -> Serving {
    let log = MemoryLog::new(ManualClock::at(1_000).clock());
    serve_log(log, adapt).await
}

async fn serve_log(log: Arc<MemoryLog>, adapt: impl FnOnce(Served) -> Served) -> Serving {
    let (stop, stopped) = watch::channel(false);
    let mut told = stopped.clone();
    let served = Served::new(log.clone(), Arc::new(|category| category == "test"), Some(SECRET), stopped);
    let mut routes = tonic::service::Routes::builder();
    adapt(served).add_to(&mut routes);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let incoming = TcpIncoming::from(listener).with_nodelay(Some(true));
    let ended = async move { drop(told.wait_for(|stop| *stop).await) };
    let server = Server::builder().add_routes(routes.routes());
    let server = tokio::spawn(server.serve_with_incoming_shutdown(incoming, ended));
    Serving { log, address, stop, server }
}

fn options(address: SocketAddr, more: &str) -> EventStoreOptions {
    let options: EventStoreOptions = format!("esdb://{address}?tls=false{more}").parse().unwrap();
    EventStoreOptions { secret: Some(SECRET.to_owned()), ..options }
}

async fn connect(address: SocketAddr) -> Arc<EventStoreLog> {
    EventStoreLog::open(options(address, "")).await.unwrap()
}

/// Five hundred times the subscription is lost; no position is skipped, none comes twice.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_position_is_skipped_through_five_hundred_reconnections() {
    const CUTS: u64 = 500;
    let serving = serve(|served| served).await;
    let proxy = Proxy::before(serving.address).await;
    let remote = connect(proxy.address).await;
    let mut feed = remote.subscribe(Position::START);
    let mut next = 1;
    for number in 0..CUTS {
        // Written elsewhere, so that only the subscription is at stake.
        written(&*serving.log, append(&stream("a"), Any, &[number])).await;
        expect(&mut feed, &mut next, 1).await;
        // What was written since the last cut has come: the subscription lives, and this cut ends it.
        let ended = remote.reconnections();
        written(&*serving.log, append(&stream("a"), Any, &[number, number])).await;
        proxy.cut();
        written(&*serving.log, append(&stream("b"), Any, &[number])).await;
        let cut = async {
            while remote.reconnections() == ended {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        };
        tokio::time::timeout(PATIENCE, cut).await.expect("the cut is felt");
        expect(&mut feed, &mut next, 2).await;
        expect(&mut feed, &mut next, 1).await;
    }
    assert_eq!(remote.head().position, Position(4 * CUTS));
}

type Feed = futures::stream::BoxStream<'static, Result<Arc<Frame>, ReadError>>;

/// The next frame, and nothing else, is the one of so many events at this position.
async fn expect(feed: &mut Feed, next: &mut u64, events: usize) {
    let frame = tokio::time::timeout(PATIENCE, feed.next()).await.expect("it goes on").unwrap().unwrap();
    assert_eq!((frame.first_position, frame.events.len()), (Position(*next), events));
    *next += events as u64;
}

/// Appends whose connection is lost again and again: each is answered, each stands once, all in their order.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn appends_outlive_lost_connections() {
    let serving = serve(|served| served).await;
    let proxy = Arc::new(Proxy::before(serving.address).await);
    let remote = connect(proxy.address).await;
    let cutting = {
        let (proxy, log) = (proxy.clone(), serving.log.clone());
        tokio::spawn(async move {
            loop {
                // Only once something got through: on a slow machine nothing ever would.
                let head = log.head().position;
                let _ = log.reached(Position(head.0 + 1)).await;
                tokio::time::sleep(Duration::from_millis(10)).await;
                proxy.cut();
            }
        })
    };
    let a = stream("a");
    for round in 0..20u64 {
        let first = round * 25;
        let expected = |number: u64| number.checked_sub(1).map_or(NoStream, Exact);
        let flights: Vec<_> = (first..first + 25)
            .map(|number| remote.append(append(&a, expected(number), &[number])))
            .collect();
        for (number, flight) in (first..).zip(flights) {
            let (Ok(AppendOutcome::Appended(place)) | Ok(AppendOutcome::AlreadyAppended(place))) =
                flight.await
            else {
                panic!("append {number} was not answered")
            };
            assert_eq!(place.first_revision, number);
        }
    }
    cutting.abort();
    let all = Page { frames: usize::MAX, bytes: usize::MAX };
    let frames = serving.log.read_stream(&a, 0, all).await.unwrap();
    let ids: Vec<_> = frames.iter().flat_map(|frame| frame.events.iter().map(|event| event.id)).collect();
    assert_eq!(ids, (0..500).map(|number| event(number).id).collect::<Vec<_>>());
}

/// While nobody can be reached an append is answered in time: not known, or surely not written. Afterwards all goes on.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_log_that_is_cut_off_is_said_to_be() {
    let serving = serve(|served| served).await;
    let proxy = Proxy::before(serving.address).await;
    let slow = "&defaultDeadline=700&maxDiscoverAttempts=2&discoveryInterval=20";
    let remote = EventStoreLog::open(options(proxy.address, slow)).await.unwrap();
    written(&*remote, append(&stream("a"), NoStream, &[1])).await;
    proxy.close();
    // The cut takes a moment to come through.
    while remote.stream_revision(&stream("a")).await.is_ok() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let cut_off = remote.append(append(&stream("a"), Exact(0), &[2])).await;
    assert!(
        matches!(cut_off, Err(AppendError::Unknown(_) | AppendError::Unavailable(_))),
        "it must not be called written: {cut_off:?}"
    );
    proxy.open();
    // The same again, as a caller does that is told to retry.
    let mut again = remote.append(append(&stream("a"), Exact(0), &[2])).await;
    while let Err(AppendError::Unavailable(_) | AppendError::Unknown(_)) = again {
        tokio::time::sleep(Duration::from_millis(20)).await;
        again = remote.append(append(&stream("a"), Exact(0), &[2])).await;
    }
    assert!(again.is_ok(), "{again:?}");
    assert_eq!(serving.log.head().position, Position(2));
}

/// A network that passes nothing more and does not say so holds nobody longer than the deadline, and the next caller gets
/// another connection.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_silent_network_holds_nobody() {
    let serving = serve(|served| served).await;
    let proxy = Proxy::before(serving.address).await;
    let remote = EventStoreLog::open(options(proxy.address, "&defaultDeadline=400")).await.unwrap();
    let a = stream("a");
    written(&*remote, append(&a, NoStream, &[1])).await;
    type Read<'a> = BoxFuture<'a, Result<(), ReadError>>;
    let reads: [&dyn Fn() -> Read<'static>; 5] = [
        &|| remote.stream_revision(&a).map_ok(drop).boxed(),
        &|| remote.read_stream(&a, 0, Page::default()).map_ok(drop).boxed(),
        &|| remote.find_command(&a, [1; 16], "c").map_ok(drop).boxed(),
        &|| remote.head_now().map_ok(drop).boxed(),
        &|| remote.position_at(1_000).map_ok(drop).boxed(),
    ];
    for (number, read) in reads.iter().enumerate() {
        proxy.freeze();
        let told = tokio::time::timeout(SOON, read()).await.expect("in time");
        assert!(matches!(told, Err(ReadError::Unavailable(_))), "read {number}: {told:?}");
        let again = async { while read().await.is_err() {} };
        tokio::time::timeout(PATIENCE, again).await.unwrap_or_else(|_| panic!("read {number} goes on"));
    }
    proxy.freeze();
    let mut told = tokio::time::timeout(SOON, remote.append(append(&a, Exact(0), &[2]))).await;
    while let Ok(Err(AppendError::Unknown(_) | AppendError::Unavailable(_))) = told {
        told = tokio::time::timeout(SOON, remote.append(append(&a, Exact(0), &[2]))).await;
    }
    assert!(told.expect("in time").is_ok());
    assert_eq!(serving.log.head().position, Position(2));
}

/// Only who knows the secret is Kiban; who says so without knowing it is refused.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_wrong_proof_is_refused() {
    let serving = serve(|served| served).await;
    let wrong = EventStoreOptions { secret: Some("something else".into()), ..options(serving.address, "") };
    let refused = EventStoreLog::open(wrong).await.err().unwrap().to_string();
    assert!(refused.contains("secret"), "{refused}");
    let none = EventStoreOptions { secret: None, ..options(serving.address, "&maxDiscoverAttempts=1") };
    let refused = EventStoreLog::open(none).await.err().unwrap().to_string();
    assert!(refused.contains("no secret was given"), "{refused}");
}

/// What was decided on what had moved is found from the log alone.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn stale_guards_are_found_where_the_log_has_none() {
    let serving = serve(Served::bare).await;
    let proxy = Proxy::before(serving.address).await;
    let remote = connect(proxy.address).await;
    assert!(!remote.is_kiban());
    let (contract, usage) = (stream("contract"), stream("usage"));
    written(&*remote, append(&contract, NoStream, &[1])).await;
    let guarded = |expected: ExpectedRevision, revision, number| Append {
        guards: vec![guard(&contract, revision)],
        ..append(&usage, expected, &[number])
    };
    written(&*remote, guarded(NoStream, Some(0), 2)).await;
    // A guard that does not hold is refused here, too.
    let refused = remote.append(guarded(Exact(0), None, 3)).await;
    assert!(matches!(refused, Err(AppendError::Conflict { stream, .. }) if stream == contract));

    // Until one decision has stood on what moved elsewhere between its look and its append, which are far apart.
    let elsewhere = connect(serving.address).await;
    proxy.slow(10_000);
    let mut found = remote.stale_guards(Position::START);
    let stale = tokio::time::timeout(Duration::from_secs(60), async {
        let mut revision = 0;
        loop {
            let (moves, stands) = (append(&contract, Exact(revision), &[100 + revision]), revision);
            let moving = async {
                // Sooner the look would see it.
                tokio::time::sleep(Duration::from_millis(30)).await;
                elsewhere.append(moves).await
            };
            let next = written_revision(&remote, &usage).await;
            let (moved, decided) =
                tokio::join!(moving, remote.append(guarded(Exact(next), Some(stands), 1_000 + revision)));
            moved.expect("the contract moves");
            revision += 1;
            let Ok(AppendOutcome::Appended(decided)) = decided else { continue };
            let frames = remote.read_stream(&contract, revision, Page::default()).await.unwrap();
            if frames[0].first_position < decided.first_position {
                return decided.first_position;
            }
        }
    });
    let stale = stale.await.expect("one slips through in time");
    let told = found.next().await.unwrap().unwrap();
    assert_eq!((told.position, &told.stream, &told.guard.stream), (stale, &usage, &contract));
}

async fn written_revision(log: &EventStoreLog, stream: &event_log::StreamName) -> u64 {
    log.stream_revision(stream).await.unwrap().unwrap()
}

/// Streams of others stand in the same log and mean nothing here.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn events_of_others_are_passed_over() {
    let serving = serve(|served| served).await;
    let foreign = event_log::StreamName::new("stranger-1").unwrap();
    let remote = connect(serving.address).await;
    for number in 0..700 {
        written(&*serving.log, append(&foreign, Any, &[number])).await;
    }
    let own = written(&*remote, append(&stream("a"), NoStream, &[1])).await;
    assert_eq!(own.first_position, Position(701));
    let fresh = connect(serving.address).await;
    assert_eq!(fresh.head().position, Position(701));
    for log in [&remote, &fresh] {
        let frames = log.read_all(Position::START, Page::default()).await.unwrap();
        assert_eq!(frames.len(), 1);
        assert_eq!(
            log.subscribe(Position::START).next().await.unwrap().unwrap().first_position,
            Position(701)
        );
        assert_eq!(log.frame_at(Position(5)).await.unwrap(), None);
    }
}

/// A log that stops waits for nobody who appends: it answers what it owes, takes no more, and ends.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stop_does_not_wait_for_those_who_append() {
    let Serving { log, address, stop, server } = serve(|served| served).await;
    let remote = EventStoreLog::open(options(address, "&defaultDeadline=2000&maxDiscoverAttempts=2"));
    let remote = remote.await.unwrap();
    written(&*remote, append(&stream("a"), NoStream, &[0])).await;
    let flights: Vec<_> =
        (1..50).map(|number| remote.append(append(&stream("a"), Exact(number - 1), &[number]))).collect();
    stop.send(true).unwrap();
    tokio::time::timeout(PATIENCE, server).await.expect("it ends").unwrap().unwrap();
    let stands = log.head().position;
    for (number, flight) in (1..).zip(flights) {
        match flight.await {
            Ok(AppendOutcome::Appended(place)) => assert!(place.last_position <= stands),
            Err(AppendError::Unknown(_) | AppendError::Unavailable(_)) => {}
            other => panic!("append {number}: {other:?}"),
        }
    }
    assert_eq!(log.head().position, stands, "nothing is taken any more");
}
