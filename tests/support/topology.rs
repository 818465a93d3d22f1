//! The same server in two shapes: everything in one process, and each part by itself behind a gateway, with nothing in
//! common but the log that one of them serves. Scenarios run on both, unchanged.

use std::{net::SocketAddr, num::NonZeroU32, path::Path, sync::Arc};

use engine::Clock;
use event_log::EventStoreOptions;
use server::{
    node::{Node, NodeOptions},
    roles::{Role, Route},
    serve::Running,
};
use tokio::net::TcpListener;

/// Whether the tests of this crate run on many processes: its name says so.
pub(crate) const APART: bool = {
    let name = env!("CARGO_CRATE_NAME").as_bytes();
    matches!(name, [.., b'_', b'a', b'p', b'a', b'r', b't'])
};

/// What the parts prove to the log who they are with.
pub(crate) const SECRET: &str = "a-secret-of-the-tests";

/// Which parts stand together in one process: several may, and most do not.
const PROCESSES: &[&[Role]] = &[
    &[Role::Membership],
    &[Role::Contract],
    &[Role::Access],
    &[Role::Order, Role::Recruitment, Role::Venture],
    &[Role::Finance],
    &[Role::Billing],
    &[Role::RevenueShare],
    &[Role::ServiceCatalogue, Role::DealFlow],
    &[Role::Directory],
    &[Role::Policies],
];

/// The folder of the directories of the parts that have no log.
const PARTS: &str = "parts";

/// A server that answers everything at one address.
pub(crate) struct Server {
    /// The one with the log comes first; the one that clients speak to, last.
    parts: Vec<Running>,
}

impl Server {
    /// Everything in one process.
    pub(crate) async fn whole(data_dir: &Path, clock: Arc<dyn Clock>, shards: NonZeroU32) -> Self {
        let options = NodeOptions { shards, ..NodeOptions::whole(data_dir) };
        Self { parts: vec![start(options, &clock).await] }
    }

    /// Each part by itself.
    pub(crate) async fn apart(data_dir: &Path, clock: Arc<dyn Clock>, shards: NonZeroU32) -> Self {
        let log = NodeOptions {
            roles: vec![Role::EventLog],
            secret: Some(SECRET.to_owned()),
            ..NodeOptions::whole(data_dir)
        };
        let mut parts = vec![start(log, &clock).await];
        let event_log = event_log(parts[0].address());
        let mut routes = Vec::new();
        for roles in PROCESSES {
            let options = NodeOptions {
                roles: roles.to_vec(),
                event_log: Some(event_log.clone()),
                shards,
                ..NodeOptions::whole(data_dir.join(PARTS).join(roles[0].name()))
            };
            let part = start(options, &clock).await;
            let answering =
                roles.iter().copied().filter(|role| !role.services().is_empty()).collect::<Vec<_>>();
            if !answering.is_empty() {
                routes.push(Route { roles: answering, address: format!("http://{}", part.address()) });
            }
            parts.push(part);
        }
        let gateway = NodeOptions { roles: vec![Role::Gateway], routes, ..NodeOptions::whole(data_dir) };
        parts.push(start(gateway, &clock).await);
        Self { parts }
    }

    /// Where clients speak to it.
    pub(crate) fn address(&self) -> SocketAddr {
        self.parts.last().expect("there is one").address()
    }

    /// The process that keeps the log.
    pub(crate) fn keeper(&self) -> &Node {
        self.parts.first().expect("there is one").node()
    }

    /// Stops it: the log last, as whoever still writes needs it.
    pub(crate) async fn stop(self) {
        for part in self.parts.into_iter().rev() {
            part.stop().await;
        }
    }
}

/// Deletes all that was built from the log of a server that has stopped.
pub(crate) fn delete_projections(data_dir: &Path) {
    let parts = data_dir.join(PARTS);
    let folders = std::fs::read_dir(&parts).into_iter().flatten();
    let folders = folders.map(|part| part.expect("a folder").path()).chain([data_dir.to_owned()]);
    let mut deleted = 0;
    for projections in folders.map(|folder| folder.join("projections")).filter(|folder| folder.exists()) {
        std::fs::remove_dir_all(projections).expect("it can be deleted");
        deleted += 1;
    }
    assert!(deleted > 0, "there are projections");
}

/// How the log at an address is reached.
pub(crate) fn event_log(address: SocketAddr) -> EventStoreOptions {
    let options: EventStoreOptions =
        format!("esdb://{address}?tls=false").parse().expect("a connection string");
    EventStoreOptions { secret: Some(SECRET.to_owned()), ..options }
}

async fn start(options: NodeOptions, clock: &Arc<dyn Clock>) -> Running {
    running(Node::with(options, clock.clone()).await.expect("the node opens")).await
}

async fn running(node: Node) -> Running {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
    Running::start(node, listener).expect("the server starts")
}
