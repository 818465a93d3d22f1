//! The log served over TLS, and the engine that speaks to it.

use std::{path::Path, sync::Arc};

use domain::id::ContractId;
use engine::SystemClock;
use event_log::{
    EventLog, EventStoreLog, EventStoreOptions, ExpectedRevision,
    conformance::{append, written},
};
use events::Category;
use server::{
    node::{Node, NodeOptions},
    roles::Role,
    serve::{Running, Tls},
    telemetry::Telemetry,
};
use tokio::net::TcpListener;

const SECRET: &str = "a-secret-of-the-tests";

async fn serve(data_dir: &Path, identity: Tls) -> Running {
    let options = NodeOptions {
        roles: vec![Role::EventLog],
        secret: Some(SECRET.to_owned()),
        ..NodeOptions::whole(data_dir)
    };
    let node = Node::with(options, Arc::new(SystemClock)).await.unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    Running::watched(node, listener, Some(identity), &Telemetry::off()).unwrap()
}

fn options(text: String) -> EventStoreOptions {
    let options: EventStoreOptions = text.parse().unwrap();
    EventStoreOptions { secret: Some(SECRET.to_owned()), ..options }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_log_is_reached_over_tls_by_whoever_trusts_its_authority() {
    let directory = tempfile::tempdir().unwrap();
    let made = |name: &str| {
        let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
        let path = directory.path().join(name);
        std::fs::write(&path, made.cert.pem()).unwrap();
        (Tls::from_pem(made.cert.pem(), made.signing_key.serialize_pem()), path)
    };
    let ((identity, authority), (_, stranger)) = (made("ca.pem"), made("stranger.pem"));
    let server = serve(&directory.path().join("data"), identity).await;
    let port = server.address().port();

    let trusting = options(format!("esdb://localhost:{port}?tlsCaFile={}", authority.display()));
    let log = EventStoreLog::open(trusting).await.unwrap();
    let contract = Category::Contract.stream(ContractId::from_u128(1));
    let place = written(&*log, append(&contract, ExpectedRevision::NoStream, &[1, 2])).await;
    assert_eq!(log.head().position, place.last_position);

    for (text, why) in [
        (
            format!("esdb://localhost:{port}?maxDiscoverAttempts=1&tlsCaFile={}", stranger.display()),
            "certificate",
        ),
        (format!("esdb://localhost:{port}?maxDiscoverAttempts=1&tls=false"), "cannot be reached"),
        (format!("esdb://localhost:{port}?tlsCaFile=nowhere.pem"), "nowhere.pem"),
    ] {
        let refused =
            EventStoreLog::open(options(text.clone())).await.err().expect("it is refused").to_string();
        assert!(refused.contains(why), "{text}: {refused}");
    }
    log.close().await;
    server.stop().await;
}
