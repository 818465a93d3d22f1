//! KurrentDB's own Rust client on the served log.

#[path = "../../support/proxy.rs"]
mod proxy;

use std::{net::SocketAddr, sync::Arc, time::Duration};

use bytes::Bytes;
use event_log::{
    EventLog, ExpectedRevision, MemoryLog, Served,
    conformance::{ManualClock, append, stream, written},
};
use eventstore::{
    AppendToStreamOptions, Client, Error, EventData, Position, ReadAllOptions, ReadStreamOptions,
    StreamPosition, StreamState, SubscribeToAllOptions, SubscribeToStreamOptions, SubscriptionFilter,
};
use proxy::Proxy;
use tokio::{net::TcpListener, sync::watch, time::timeout};
use tonic::transport::{Server, server::TcpIncoming};

const LONG: Duration = Duration::from_secs(30);

/// A served log with one stream of Kiban's, and the client on it.
async fn served() -> (Arc<MemoryLog>, Client, watch::Sender<bool>) {
    let (log, address, stop) = serve().await;
    (log, client(address), stop)
}

fn client(address: SocketAddr) -> Client {
    Client::new(format!("kurrentdb://{address}?tls=false").parse().unwrap()).unwrap()
}

async fn serve() -> (Arc<MemoryLog>, SocketAddr, watch::Sender<bool>) {
    let log = MemoryLog::new(ManualClock::at(1_767_225_600_000_000).clock());
    written(&*log, append(&stream("kiban"), ExpectedRevision::NoStream, &[1, 2, 3])).await;
    let (stop, stopped) = watch::channel(false);
    let served = Served::new(log.clone(), Arc::new(|category| category == "test"), None, stopped);
    let mut routes = tonic::service::Routes::builder();
    served.add_to(&mut routes);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let incoming = TcpIncoming::from(listener).with_nodelay(Some(true));
    tokio::spawn(Server::builder().add_routes(routes.routes()).serve_with_incoming(incoming));
    (log, address, stop)
}

fn event(number: u8) -> EventData {
    EventData::binary("Measured", Bytes::from(vec![number])).metadata(Bytes::from_static(b"a stranger's"))
}

fn expecting(state: StreamState) -> AppendToStreamOptions {
    AppendToStreamOptions::default().stream_state(state)
}

#[tokio::test(flavor = "multi_thread")]
async fn appends_with_optimistic_concurrency() {
    let (log, client, _stop) = served().await;
    let first =
        client.append_to_stream("stranger-1", &expecting(StreamState::NoStream), event(0)).await.unwrap();
    assert_eq!((first.next_expected_version, first.position.commit), (0, 4));
    client
        .append_to_stream("stranger-1", &expecting(StreamState::StreamRevision(0)), event(1))
        .await
        .unwrap();
    for wrong in [StreamState::NoStream, StreamState::StreamRevision(0), StreamState::StreamRevision(7)] {
        let refused = client.append_to_stream("stranger-1", &expecting(wrong), event(9)).await;
        assert!(matches!(refused, Err(Error::WrongExpectedVersion { .. })), "{refused:?}");
    }
    let own = client.append_to_stream("test-kiban", &expecting(StreamState::Any), event(9)).await;
    assert!(matches!(own, Err(Error::AccessDenied)), "{own:?}");
    let deleted = client.delete_stream("stranger-1", &Default::default()).await;
    assert!(matches!(deleted, Err(Error::UnsupportedFeature)), "{deleted:?}");
    assert_eq!(log.head().position.0, 5, "what was refused was not written");
}

#[tokio::test(flavor = "multi_thread")]
async fn reads_both_ways() {
    let (_log, client, _stop) = served().await;
    for number in 0..100 {
        client.append_to_stream("stranger-1", &expecting(StreamState::Any), event(number)).await.unwrap();
    }
    let mut forwards = client.read_stream("stranger-1", &ReadStreamOptions::default()).await.unwrap();
    for number in 0..100 {
        let read = forwards.next().await.unwrap().unwrap();
        let original = read.get_original_event();
        assert_eq!((original.revision, &original.data[..]), (u64::from(number), &[number][..]));
        assert_eq!(&original.custom_metadata[..], b"a stranger's");
        assert_eq!(original.position.commit, u64::from(number) + 4);
    }
    assert!(forwards.next().await.unwrap().is_none());
    let from_the_end = ReadAllOptions::default().backwards().position(StreamPosition::End).max_count(200);
    let mut backwards = client.read_all(&from_the_end).await.unwrap();
    for position in (1..=103).rev() {
        assert_eq!(backwards.next().await.unwrap().unwrap().get_original_event().position.commit, position);
    }
    assert!(backwards.next().await.unwrap().is_none());
    let mut missing = client.read_stream("stranger-2", &ReadStreamOptions::default()).await.unwrap();
    assert!(matches!(missing.next().await, Err(Error::ResourceNotFound)));
}

#[tokio::test(flavor = "multi_thread")]
async fn follows_from_a_position_and_with_a_filter() {
    let (log, client, _stop) = served().await;
    let after_one = Position { commit: 1, prepare: 1 };
    let all = SubscribeToAllOptions::default().position(StreamPosition::Position(after_one));
    let mut all = client.subscribe_to_all(&all).await;
    let filter = SubscriptionFilter::on_event_type().regex("^Meas");
    let filtered = SubscribeToAllOptions::default().position(StreamPosition::Start).filter(filter);
    let mut filtered = client.subscribe_to_all(&filtered).await;
    let one = SubscribeToStreamOptions::default().start_from(StreamPosition::Start);
    let mut one = client.subscribe_to_stream("stranger-1", &one).await;
    for position in [2, 3] {
        let told = timeout(LONG, all.next()).await.unwrap().unwrap();
        assert_eq!(told.get_original_event().position.commit, position, "after what was seen");
    }
    for number in 0..50u8 {
        client.append_to_stream("stranger-1", &expecting(StreamState::Any), event(number)).await.unwrap();
        written(&*log, append(&stream("kiban"), ExpectedRevision::Any, &[100 + u64::from(number)])).await;
    }
    for position in 4..=103 {
        let told = timeout(LONG, all.next()).await.unwrap().unwrap();
        assert_eq!(told.get_original_event().position.commit, position);
    }
    for number in 0..50 {
        for told in [timeout(LONG, filtered.next()).await, timeout(LONG, one.next()).await] {
            let told = told.unwrap().unwrap();
            assert_eq!(&told.get_original_event().data[..], [number]);
        }
    }
}

/// The same client outlives lost connections: what it asks again is answered, and a subscription that is made again
/// after what was seen skips nothing.
#[tokio::test(flavor = "multi_thread")]
async fn goes_on_after_lost_connections() {
    let (_log, address, _stop) = serve().await;
    let proxy = Proxy::before(address).await;
    let client = client(proxy.address);
    let after = |seen: u64| {
        let seen = Position { commit: seen, prepare: seen };
        SubscribeToAllOptions::default().position(StreamPosition::Position(seen))
    };
    let mut seen = 3;
    let mut subscription = client.subscribe_to_all(&after(seen)).await;
    for number in 0..20u8 {
        // An append that is sent again changes nothing: it bears its id and its place.
        let event = event(number).id(uuid::Uuid::from_u128(u128::from(number)));
        let place = match number {
            0 => StreamState::NoStream,
            _ => StreamState::StreamRevision(u64::from(number) - 1),
        };
        let appending = async {
            while client.append_to_stream("stranger-1", &expecting(place), event.clone()).await.is_err() {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        timeout(LONG, appending).await.expect("it can append again");
        let following = async {
            loop {
                match subscription.next().await {
                    Ok(told) => return told.get_original_event().position.commit,
                    Err(_) => subscription = client.subscribe_to_all(&after(seen)).await,
                }
            }
        };
        let told = timeout(LONG, following).await.expect("it goes on");
        assert_eq!(told, seen + 1, "nothing is skipped and nothing comes twice");
        seen = told;
        proxy.cut();
    }
    // The first connection, and one after each cut but the last.
    assert!(proxy.accepted() >= 20, "{} connections", proxy.accepted());
}
