//! A copy that is taken while meters report is a whole log, from which a server starts.

use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicU64, Ordering},
};

use event_log::{backup, verify};
use proto::kiban::access::v1::{GetSourceRequest, access_service_client::AccessServiceClient};

use crate::{
    World, day,
    support::{by, connect, serve},
    usage::{report, send},
};

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_under_load_opens_and_holds_what_was_acknowledged_before() {
    let World { forum, server, clock, directory } = World::found().await;
    clock.set(day(10));
    let forum = Arc::new(forum);
    let (stop, next) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU64::new(1)));
    let load = tokio::spawn({
        let (forum, stop, next) = (forum.clone(), stop.clone(), next.clone());
        async move {
            while !stop.load(Ordering::Relaxed) {
                let first = next.load(Ordering::SeqCst);
                let reply = send(&forum, report(&forum, first, &[1; 100], day(9))).await.unwrap();
                next.store(reply.next_sequence, Ordering::SeqCst);
            }
        }
    });
    while next.load(Ordering::SeqCst) < 2_000 {
        tokio::task::yield_now().await;
    }
    let acknowledged = next.load(Ordering::SeqCst);
    let target = tempfile::tempdir().unwrap();
    let (from, to) = (directory.path().to_owned(), target.path().to_owned());
    let copied = tokio::task::spawn_blocking(move || backup(&from, &to)).await.unwrap().unwrap();
    stop.store(true, Ordering::Relaxed);
    load.await.unwrap();
    server.stop().await;

    let report_of_copy = verify(target.path()).unwrap();
    assert!(report_of_copy.is_sound() && report_of_copy.head == copied.head, "{report_of_copy:?}");
    let restored = serve(target.path(), clock).await;
    let mut accesses = AccessServiceClient::new(connect(&restored).await);
    let ask = GetSourceRequest {
        contract_id: forum.contract.clone(),
        source_id: forum.source.clone(),
        ..Default::default()
    };
    let source = accesses.get_source(by(&forum.member, ask)).await.unwrap().into_inner();
    assert!(source.gaps.is_empty(), "{:?}", source.gaps);
    assert!((acknowledged..=next.load(Ordering::SeqCst)).contains(&source.next_sequence), "{source:?}");
    drop(accesses);
    restored.stop().await;
}
