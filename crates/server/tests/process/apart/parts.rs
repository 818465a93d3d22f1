//! The processes of a forum, what may happen to them, and what stands between them and the log.

use std::path::{Path, PathBuf};

use tonic::transport::Channel;

use crate::{
    connect, playing,
    support::{process::Process, proxy::Proxy, topology::SECRET},
};

/// How long a part that is cut off waits for the log before it says so, where it is to be felt, in milliseconds. The
/// usual ten seconds outlast more than happens here; a busy machine must not come to it by itself.
pub(super) const DEADLINE: u64 = 1_000;
/// The places of the parts of a forum.
pub(super) const LOG: usize = 0;
pub(super) const ACCESS: usize = 1;
pub(super) const BILLING: usize = 2;
pub(super) const SERVICES: usize = 3;

/// What may happen to a process.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Harm {
    /// It is killed, and comes back where it was.
    Killed,
    /// Its connections to the log are cut, and it gets no new ones.
    CutOff,
    /// Its connections to the log pass nothing, and do not close.
    Silenced,
}

impl Harm {
    /// The least that it takes, in milliseconds: long enough to be noticed.
    pub(super) const fn least(self) -> u64 {
        match self {
            Self::Killed => 0,
            Self::CutOff | Self::Silenced => 2 * DEADLINE,
        }
    }
}

/// A process that comes back where it was.
pub(super) struct Part {
    pub(super) data_dir: PathBuf,
    arguments: Vec<String>,
    pub(super) server: Option<Process>,
    address: String,
    /// The network between it and the log, unless it is the log.
    network: Option<Proxy>,
}

impl Part {
    pub(super) fn start(data_dir: PathBuf, arguments: Vec<String>) -> Self {
        let server = playing(&data_dir, "127.0.0.1:0", &arguments);
        let address = server.address.clone();
        Self { data_dir, arguments, server: Some(server), address, network: None }
    }

    pub(super) fn network(&self) -> &Proxy {
        self.network.as_ref().expect("it has the log in another process")
    }

    pub(super) fn kill(&mut self) {
        self.server.take().expect("it runs").kill();
    }

    /// It ends by itself, and keeps what it has.
    pub(super) fn stop(&mut self) {
        assert!(self.server.take().expect("it runs").stop().success());
    }

    pub(super) fn come_back(&mut self) {
        self.server = Some(playing(&self.data_dir, &self.address, &self.arguments));
    }

    /// Comes to harm, and is well again once `over` has come.
    pub(super) async fn suffer(&mut self, harm: Harm, over: impl Future<Output = ()>) {
        match harm {
            Harm::Killed => self.kill(),
            Harm::CutOff => self.network().close(),
            Harm::Silenced => self.network().freeze(),
        }
        over.await;
        match harm {
            Harm::Killed => self.come_back(),
            Harm::CutOff => self.network().open(),
            Harm::Silenced => self.network().thaw(),
        }
    }
}

/// A forum of four processes and a gateway.
pub(super) struct Apart {
    /// The log, access, billing and the others.
    pub(super) parts: Vec<Part>,
    pub(super) gateway: Part,
}

impl Apart {
    /// Options of the connections to the log come after its address.
    pub(super) async fn start(directory: &Path, options: &str) -> Self {
        let secret = directory.join("secret");
        std::fs::write(&secret, SECRET).unwrap();
        let secret = format!("--event-log-secret-file={}", secret.display());
        let log = vec!["--role=event-log".to_owned(), secret.clone()];
        let log = Part::start(directory.join("log"), log);
        let kept_by = log.address.parse().unwrap();
        let mut routes = vec!["--role=gateway".to_owned()];
        let mut parts = vec![log];
        for (name, roles) in [
            ("access", &["access"][..]),
            ("billing", &["billing", "revenue-share"]),
            ("services", &["membership", "contract", "finance", "policies"]),
        ] {
            let network = Proxy::before(kept_by).await;
            let event_log = format!("--event-log=esdb://{}?tls=false{options}", network.address);
            let mut arguments = vec![event_log, secret.clone()];
            arguments.extend(roles.iter().map(|role| format!("--role={role}")));
            let part = Part::start(directory.join(name), arguments);
            let answering = roles.iter().filter(|role| **role != "policies");
            routes.extend(answering.map(|role| format!("--route={role}=http://{}", part.address)));
            parts.push(Part { network: Some(network), ..part });
        }
        let gateway = Part::start(directory.join("gateway"), routes);
        Self { parts, gateway }
    }

    pub(super) async fn connect(&self) -> Channel {
        connect(self.gateway.server.as_ref().expect("it runs")).await
    }
}
