//! What a process is to be.

use std::{net::IpAddr, num::NonZeroU32, path::PathBuf, sync::Arc};

use event_log::EventStoreOptions;
use ipnet::IpNet;

use crate::{
    gateway::Trusted,
    relay::RelayArguments,
    roles::{Role, Route},
};

/// What a process is to be.
#[derive(Clone, Debug)]
pub struct NodeOptions {
    /// The directory of the embedded log and of everything built from a log.
    pub data_dir: PathBuf,
    /// The parts that it plays.
    pub roles: Vec<Role>,
    /// The log, if it is in another process.
    pub event_log: Option<EventStoreOptions>,
    /// By what processes of Kiban prove themselves to the log that this one serves.
    pub secret: Option<String>,
    /// From where, beside loopback, callers are believed to be who they say.
    pub trusted_peers: Vec<IpNet>,
    /// From where, beside loopback, the served log may be read, and foreign streams be kept in it, without a proof.
    pub event_log_readers: Vec<IpNet>,
    /// Where the gateway finds the other roles.
    pub routes: Vec<Route>,
    /// In how many shards billing and revenue-share are folded.
    pub shards: NonZeroU32,
    /// Where the relay publishes, and what.
    pub relay: RelayArguments,
}

impl NodeOptions {
    /// Everything in one process on the embedded log of a directory.
    pub fn whole(data_dir: impl Into<PathBuf>) -> Self {
        Self {
            data_dir: data_dir.into(),
            roles: Role::WHOLE.to_vec(),
            event_log: None,
            secret: None,
            trusted_peers: Vec::new(),
            event_log_readers: Vec::new(),
            routes: Vec::new(),
            shards: NonZeroU32::MIN,
            relay: RelayArguments::default(),
        }
    }

    pub(super) fn trusted(&self) -> Trusted {
        within(&self.trusted_peers)
    }

    pub(super) fn readers(&self) -> Trusted {
        within(&self.event_log_readers)
    }

    pub(super) fn plays(&self, role: Role) -> bool {
        self.roles.contains(&role)
    }
}

/// Whether an address is in one of some networks.
fn within(nets: &[IpNet]) -> Trusted {
    let nets = nets.to_vec();
    Arc::new(move |address: IpAddr| nets.iter().any(|net| net.contains(&address)))
}
