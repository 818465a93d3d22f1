//! What is done by the clock and not by a caller.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    time::Duration,
};

use contract::Expiry;
use engine::{Mark, Refusal, Store, StoredFold};
use event_log::{EventLog, EventStoreLog, Position, ReadError};
use futures::StreamExt;
use order::SpecimenRelease;
use tokio::time::MissedTickBehavior;

/// How often policies look at what is due.
const POLICY_INTERVAL: Duration = Duration::from_secs(1);

/// Lets each policy act on what is due, time and again. What fails is tried again the next time.
pub(super) async fn run_policies(expiry: Expiry, release: SpecimenRelease) {
    let mut ticks = tokio::time::interval(POLICY_INTERVAL);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        tell("expiries", expiry.record_due().await);
        tell("releases of specimens", release.release_due().await);
    }
}

/// The file of how far decisions on a log without guards were examined.
pub(super) const STALE_GUARDS: &str = "stale-guards";
/// The form of that file.
const STALE_GUARDS_VERSION: u32 = 2;

/// Says of each decision on a log without guards whether what it stood on had moved by the time it was written. What
/// was written while nobody looked is told afterwards.
pub(super) async fn flag_stale_guards(log: Arc<EventStoreLog>, kept: Arc<Store>, count: Arc<AtomicU64>) {
    let mut ticks = tokio::time::interval(POLICY_INTERVAL);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut after = examined(&log, &kept).await;
    loop {
        let mut found = log.stale_guards(after);
        loop {
            let next = tokio::select! {
                // What was found is told before it is said to be examined.
                biased;
                next = found.next() => next,
                _ = ticks.tick() => {
                    if log.guards_examined() > after {
                        after = log.guards_examined();
                        keep(&log, &kept, after).await;
                    }
                    continue;
                }
            };
            match next {
                Some(Ok(stale)) => {
                    // Whatever else is found there is told before anything can go wrong.
                    after = stale.position;
                    count.fetch_add(1, Relaxed);
                    tracing::warn!(
                        position = %stale.position,
                        stream = %stale.stream,
                        guard = %stale.guard.stream,
                        revision = ?stale.guard.revision,
                        "this was decided on what had moved before it was written"
                    );
                }
                Some(Err(ReadError::Closed)) => return,
                Some(Err(error)) => {
                    tracing::warn!(%error, "it is not known whether decisions stood on what had moved; trying again");
                    break;
                }
                None => break,
            }
        }
        tokio::time::sleep(POLICY_INTERVAL).await;
    }
}

/// Up to where the log was examined in an earlier run; its beginning, if that is not known or was another history.
async fn examined(log: &EventStoreLog, kept: &Store) -> Position {
    let stored = match kept.load_fold(STALE_GUARDS_VERSION) {
        Ok(Some(stored)) => stored,
        Ok(None) => return Position::START,
        Err(error) => {
            tracing::warn!(%error, "how far decisions were examined is not known; beginning with the log");
            return Position::START;
        }
    };
    loop {
        match stored.end.stands_in(log).await {
            Ok(true) => break,
            Ok(false) => return Position::START,
            Err(error) => tracing::warn!(%error, "how far decisions were examined is not known yet"),
        }
        tokio::time::sleep(POLICY_INTERVAL).await;
    }
    stored.bytes.try_into().map(u64::from_be_bytes).map(Position).unwrap_or_default()
}

/// Keeps a position beside the end of the log, which is at or after it: what stands there may be nobody's event of Kiban.
async fn keep(log: &EventStoreLog, kept: &Store, position: Position) {
    let end = match log.frame_at(log.head().position).await {
        Ok(frame) => frame.and_then(|frame| Mark::of(&frame)),
        Err(error) => return tracing::warn!(%error, "how far decisions were examined is kept later"),
    };
    let Some(end) = end else { return };
    let stored = StoredFold { end, bytes: position.0.to_be_bytes().to_vec() };
    if let Err(error) = kept.save_fold(STALE_GUARDS_VERSION, &stored, &[]) {
        tracing::warn!(%error, "how far decisions were examined cannot be kept");
    }
}

fn tell(what: &str, outcome: Result<usize, Refusal>) {
    if let Err(refusal) = outcome {
        tracing::warn!(message = %refusal.message, "{what} could not be recorded; trying again");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use event_log::{
        Append, ExpectedRevision, MemoryLog, Served,
        conformance::{ManualClock, append, guard, stream, written},
    };
    use tokio::{net::TcpListener, sync::watch};
    use tokio_stream::wrappers::TcpListenerStream;

    /// A log without guards.
    async fn bare() -> (Arc<EventStoreLog>, watch::Sender<bool>) {
        let (stop, stopped) = watch::channel(false);
        let log = MemoryLog::new(ManualClock::at(1_767_225_600_000_000).clock());
        let served = Served::new(log, Arc::new(|_| true), None, stopped).bare();
        let mut routes = tonic::service::Routes::builder();
        served.add_to(&mut routes);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let server = tonic::transport::Server::builder().add_routes(routes.routes());
        tokio::spawn(server.serve_with_incoming(TcpListenerStream::new(listener)));
        let options = format!("esdb://{address}?tls=false").parse().unwrap();
        (EventStoreLog::open(options).await.unwrap(), stop)
    }

    async fn eventually(mut so: impl FnMut() -> bool) {
        let waiting = async {
            while !so() {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(30), waiting).await.expect("it does not come");
    }

    fn kept_position(kept: &Store) -> Position {
        let stored = kept.load_fold(STALE_GUARDS_VERSION).unwrap();
        stored
            .map(|stored| Position(u64::from_be_bytes(stored.bytes.try_into().unwrap())))
            .unwrap_or_default()
    }

    /// A log that was restored and has grown past what was examined of the history that was given up.
    #[tokio::test(flavor = "multi_thread")]
    async fn another_history_is_examined_from_its_beginning() {
        let kept = Store::in_memory().unwrap();
        let (log, _stop) = bare().await;
        for (number, expected) in [(1, ExpectedRevision::NoStream), (2, ExpectedRevision::Exact(0))] {
            written(&*log, append(&stream("contract"), expected, &[number])).await;
        }
        keep(&log, &kept, log.head().position).await;
        assert_eq!(examined(&log, &kept).await, log.head().position);
        let (restored, _stop) = bare().await;
        for (number, expected) in [(3, ExpectedRevision::NoStream), (4, ExpectedRevision::Exact(0))] {
            written(&*restored, append(&stream("contract"), expected, &[number])).await;
        }
        assert_eq!(examined(&restored, &kept).await, Position::START);
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn what_came_while_nobody_looked_is_examined_afterwards() {
        let (log, _stop) = bare().await;
        let (contract, usage) = (stream("contract"), stream("usage"));
        let (kept, count) = (Arc::new(Store::in_memory().unwrap()), Arc::new(AtomicU64::new(0)));
        let look = || tokio::spawn(flag_stale_guards(log.clone(), kept.clone(), count.clone()));
        written(&*log, append(&contract, ExpectedRevision::NoStream, &[1])).await;
        let looking = look();
        eventually(|| kept_position(&kept) == log.head().position).await;
        looking.abort();
        let seen = examined(&log, &kept).await;
        assert_eq!(seen, log.head().position);

        let guarded = Append {
            guards: vec![guard(&contract, Some(0))],
            ..append(&usage, ExpectedRevision::NoStream, &[2])
        };
        written(&*log, guarded).await;
        let looking = look();
        eventually(|| kept_position(&kept) == log.head().position).await;
        assert!(kept_position(&kept) > seen);
        assert_eq!(count.load(Relaxed), 0, "the guard held");
        looking.abort();
    }
}
