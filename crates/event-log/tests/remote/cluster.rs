//! A cluster whose leader changes: who leads is found by gossip, and found again.

use crate::{SECRET, append, serve_log, stream, written};
use event_log::{
    EventLog, EventStoreLog, EventStoreOptions, ExpectedRevision::Exact, ExpectedRevision::NoStream,
    MemoryLog, conformance::ManualClock,
};

/// Two members serve the same log. Each says of itself that it leads, so the first that can be reached is taken, and
/// when it is gone, the other.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_member_takes_over() {
    let log = MemoryLog::new(ManualClock::at(1_000).clock());
    let (one, other) =
        (serve_log(log.clone(), |served| served).await, serve_log(log.clone(), |served| served).await);
    let text = format!("esdb+discover://{},{}?tls=false", one.address, other.address);
    let options: EventStoreOptions = text.parse().unwrap();
    assert!(options.discover);
    let options = EventStoreOptions { secret: Some(SECRET.to_owned()), ..options };
    let remote = EventStoreLog::open(options).await.unwrap();
    written(&*remote, append(&stream("a"), NoStream, &[1])).await;
    one.stop.send(true).unwrap();
    written(&*remote, append(&stream("a"), Exact(0), &[2])).await;
    assert_eq!(remote.stream_revision(&stream("a")).await.unwrap(), Some(1));

    // Nobody at all, and a clear word for it.
    let nobody: EventStoreOptions =
        format!("esdb+discover://{}?tls=false&maxDiscoverAttempts=2", one.address).parse().unwrap();
    let refused = EventStoreLog::open(nobody).await.err().unwrap().to_string();
    assert!(refused.contains("cannot be reached"), "{refused}");
}
