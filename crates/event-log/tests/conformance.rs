//! The conformance suite on the engines of this crate.

use event_log::{Clock, EventStoreLog, MemoryLog, Served, SqliteLog, SqliteOptions, conformance::Harness};
use std::{
    sync::{Arc, Mutex},
    time::Duration,
};
use tempfile::TempDir;
use tokio::{net::TcpListener, runtime::Handle, sync::watch, task::block_in_place};
use tonic::transport::{Server, server::TcpIncoming};

struct Memory;

impl Harness for Memory {
    type Log = MemoryLog;

    fn open(&self, clock: Clock) -> Arc<MemoryLog> {
        MemoryLog::new(clock)
    }
}

/// Logs in directories that live as long as the test.
#[derive(Default)]
struct Sqlite(Mutex<Vec<TempDir>>);

impl Harness for Sqlite {
    type Log = SqliteLog;

    fn open(&self, clock: Clock) -> Arc<SqliteLog> {
        let dir = tempfile::tempdir().unwrap();
        // Small bounds, so that a short test passes them: disk and memory take turns in serving readers.
        let options = SqliteOptions {
            recent_bytes: 4_096,
            drain_appends: 16,
            cached_streams: 2,
            readers: 2,
            checkpoint_bytes: 64 << 10,
            wal_limit_bytes: 256 << 10,
            ..SqliteOptions::new(clock)
        };
        let log = SqliteLog::open(dir.path(), options).unwrap();
        self.0.lock().unwrap().push(dir);
        log
    }
}

/// Logs behind the EventStoreDB protocol: an embedded one is served on loopback, and the engine speaks to it. `BARE`
/// serves the bare protocol, as a log that is not Kiban's would.
#[derive(Default)]
struct Remote<const BARE: bool> {
    embedded: Sqlite,
    running: Mutex<Vec<watch::Sender<bool>>>,
}

const SECRET: &str = "only Kiban knows";

impl<const BARE: bool> Harness for Remote<BARE> {
    type Log = EventStoreLog;

    fn open(&self, clock: Clock) -> Arc<EventStoreLog> {
        let log = self.embedded.open(clock);
        let (stop, stopped) = watch::channel(false);
        self.running.lock().unwrap().push(stop);
        let served = Served::new(log, Arc::new(|category| category == "test"), Some(SECRET), stopped);
        let served = if BARE { served.bare() } else { served };
        block_in_place(|| Handle::current().block_on(connect(served)))
    }

    const LACKS: &'static [(&'static str, &'static str)] = match BARE {
        false => &[("the_head_seals_the_log", "the hash of the head")],
        true => &[
            ("the_head_seals_the_log", "the hash of the head"),
            (
                "limits_are_enforced",
                "the last bytes of an append's limit, which what it writes beside them takes",
            ),
            ("random_appends_agree_with_the_model", "command ids that are unique for the whole log"),
        ],
    };
}

async fn connect(served: Served) -> Arc<EventStoreLog> {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let mut routes = tonic::service::Routes::builder();
    served.add_to(&mut routes);
    let incoming = TcpIncoming::from(listener).with_nodelay(Some(true));
    tokio::spawn(Server::builder().add_routes(routes.routes()).serve_with_incoming(incoming));
    let mut options: event_log::EventStoreOptions = format!("esdb://{address}?tls=false").parse().unwrap();
    options.secret = Some(SECRET.to_owned());
    // Small, so that memory and the other side take turns in serving readers.
    options.recent_bytes = 4_096;
    // Of these a log without turns of its own takes one after the other, however long that takes on this machine.
    options.deadline = Duration::from_secs(120);
    EventStoreLog::open(options).await.unwrap()
}

mod memory {
    event_log::conformance_tests!(super::Memory);
}

mod sqlite {
    event_log::conformance_tests!(super::Sqlite::default());
}

mod eventstoredb_served_by_kiban {
    event_log::conformance_tests!(super::Remote::<false>::default());
}

mod eventstoredb_bare {
    event_log::conformance_tests!(super::Remote::<true>::default());
}
