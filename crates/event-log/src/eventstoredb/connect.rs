//! Connections: one to the leader at a time, made anew when it is lost or when another member leads.

use super::{deadline, options::EventStoreOptions};
use crate::{
    live::held,
    protocol::{
        MAX_MESSAGE, PROOF_HEADER, gossip,
        gossip::{gossip_client::GossipClient, member_info::VNodeState},
        kiban::event_log_service_client::EventLogServiceClient,
        server_features::server_features_client::ServerFeaturesClient,
        shared,
        streams::streams_client::StreamsClient,
    },
    served::EXTENSION,
};
use base64::{Engine, prelude::BASE64_STANDARD};
use futures::stream::{FuturesUnordered, StreamExt};
use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering::SeqCst},
    },
    time::Duration,
};
use tokio::time::timeout;
use tonic::{
    Request, Status,
    metadata::{Ascii, MetadataValue},
    service::{Interceptor, interceptor::InterceptedService},
    transport::{Channel, Endpoint},
};

/// A log that could not be reached, or is none.
#[derive(Debug, Clone, thiserror::Error)]
pub enum ConnectError {
    /// The options cannot be used.
    #[error("the event log's address cannot be used: {0}")]
    Invalid(String),
    /// Nobody answered as was hoped.
    #[error("the event log at {host} cannot be reached: {why}")]
    Unreachable {
        /// The members that were tried.
        host: String,
        /// What came instead of an answer.
        why: String,
    },
}

/// Puts on each call who makes it.
#[derive(Clone)]
pub(super) struct Credentials {
    authorization: Option<MetadataValue<Ascii>>,
    proof: Option<MetadataValue<Ascii>>,
}

impl Interceptor for Credentials {
    fn call(&mut self, mut request: Request<()>) -> Result<Request<()>, Status> {
        let metadata = request.metadata_mut();
        if let Some(authorization) = &self.authorization {
            metadata.insert("authorization", authorization.clone());
        }
        if let Some(proof) = &self.proof {
            metadata.insert(PROOF_HEADER, proof.clone());
        }
        // A follower must not answer for the leader.
        metadata.insert("requires-leader", MetadataValue::from_static("true"));
        Ok(request)
    }
}

impl Credentials {
    fn of(options: &EventStoreOptions) -> Result<Self, ConnectError> {
        let value = |text: String, what: &str| {
            let value: Result<MetadataValue<Ascii>, _> = text.parse();
            let mut value = value.map_err(|_| ConnectError::Invalid(format!("{what} is not plain text")))?;
            value.set_sensitive(true);
            Ok(value)
        };
        let basic = options.credentials.as_ref().map(|(user, password)| {
            format!("Basic {}", BASE64_STANDARD.encode(format!("{user}:{password}")))
        });
        Ok(Self {
            authorization: basic.map(|text| value(text, "user or password")).transpose()?,
            proof: options.secret.clone().map(|text| value(text, "the secret")).transpose()?,
        })
    }
}

type Service = InterceptedService<Channel, Credentials>;

/// A connection to the member that leads.
#[derive(Clone)]
pub(super) struct Connection {
    /// Told apart from the one before.
    pub(super) number: u64,
    /// Whether the log is Kiban's own, with guards and command ids.
    pub(super) kiban: bool,
    service: Service,
}

impl Connection {
    pub(super) fn streams(&self) -> StreamsClient<Service> {
        StreamsClient::new(self.service.clone())
            .max_decoding_message_size(MAX_MESSAGE)
            .max_encoding_message_size(MAX_MESSAGE)
    }

    pub(super) fn extension(&self) -> EventLogServiceClient<Service> {
        EventLogServiceClient::new(self.service.clone())
    }
}

/// Keeps the one connection that all calls share.
pub(super) struct Connector {
    pub(super) options: EventStoreOptions,
    credentials: Credentials,
    current: Mutex<Option<Connection>>,
    /// Held by the one who connects.
    connecting: tokio::sync::Mutex<()>,
    /// Where the last refusal said that the leader is.
    hint: Mutex<Option<(String, u16)>>,
    made: AtomicU64,
    /// How often it was tried, and which try failed last.
    tries: AtomicU64,
    failed: Mutex<Option<(u64, ConnectError)>>,
}

impl Connector {
    pub(super) fn new(options: EventStoreOptions) -> Result<Arc<Self>, ConnectError> {
        let credentials = Credentials::of(&options)?;
        Ok(Arc::new(Self {
            options,
            credentials,
            current: Mutex::default(),
            connecting: tokio::sync::Mutex::default(),
            hint: Mutex::default(),
            made: AtomicU64::new(0),
            tries: AtomicU64::new(0),
            failed: Mutex::default(),
        }))
    }

    /// The connection that there is, or a new one. Those who waited while one was tried share what came of it: else
    /// each would try in its turn.
    pub(super) async fn connection(&self) -> Result<Connection, ConnectError> {
        let before = self.tries.load(SeqCst);
        if let Some(connection) = self.current() {
            return Ok(connection);
        }
        let _connecting = self.connecting.lock().await;
        if let Some(connection) = self.current() {
            return Ok(connection);
        }
        if let Some((at, error)) = &*held(&self.failed)
            && *at > before
        {
            return Err(error.clone());
        }
        let made = self.connect().await;
        let at = self.tries.fetch_add(1, SeqCst) + 1;
        *held(&self.failed) = made.as_ref().err().map(|error| (at, error.clone()));
        let connection = made?;
        *held(&self.current) = Some(connection.clone());
        Ok(connection)
    }

    fn current(&self) -> Option<Connection> {
        held(&self.current).clone()
    }

    /// Lets go of a connection that failed, unless there is another by now. A member that does not lead may say who
    /// does.
    pub(super) fn lost(&self, connection: &Connection, status: &Status) {
        if let Some(leader) = leader_of(status) {
            *held(&self.hint) = Some(leader);
        }
        let mut current = held(&self.current);
        if current.as_ref().is_some_and(|current| current.number == connection.number) {
            *current = None;
        }
    }

    async fn connect(&self) -> Result<Connection, ConnectError> {
        let until = deadline::after(self.options.deadline);
        let mut attempt = 0;
        loop {
            attempt += 1;
            match self.try_connect().await {
                Ok(connection) => return Ok(connection),
                Err(error @ ConnectError::Invalid(_)) => return Err(error),
                Err(error)
                    if attempt >= self.options.max_discover_attempts.max(1) || deadline::has_come(until) =>
                {
                    return Err(error);
                }
                Err(_) => tokio::time::sleep(self.options.discovery_interval).await,
            }
        }
    }

    async fn try_connect(&self) -> Result<Connection, ConnectError> {
        let hint = held(&self.hint).take();
        let (host, port) = match hint {
            Some(leader) => leader,
            None if self.options.discover => self.discover().await?,
            None => {
                self.options.hosts.first().cloned().ok_or_else(|| ConnectError::Invalid("no host".into()))?
            }
        };
        let greeted = timeout(self.patience(), self.greet(&host, port)).await;
        greeted.unwrap_or_else(|_| Err(unreachable(&host, port, "it did not answer in time")))
    }

    /// How long one member is waited for: those who want a connection do not wait longer than their deadline.
    fn patience(&self) -> Duration {
        self.options.gossip_timeout.min(self.options.deadline)
    }

    /// Connects to a member and asks what it can do.
    async fn greet(&self, host: &str, port: u16) -> Result<Connection, ConnectError> {
        let channel = self.channel(host, port).await?;
        let service = InterceptedService::new(channel, self.credentials.clone());
        let mut features = ServerFeaturesClient::new(service.clone());
        let asked = features.get_supported_methods(shared::Empty {}).await;
        let supported = asked.map_err(|status| unreachable(host, port, status.message()))?.into_inner();
        let streams = "event_store.client.streams.streams";
        let batches = |service: &str| {
            let mut methods = supported.methods.iter();
            methods.any(|method| method.service_name == service && method.method_name == "batchappend")
        };
        if !batches(streams) {
            return Err(ConnectError::Invalid(format!("{host}:{port} does not take batches of appends")));
        }
        let kiban = batches(EXTENSION);
        if kiban && self.options.secret.is_none() {
            return Err(ConnectError::Invalid(format!(
                "{host}:{port} is a log of Kiban, and no secret was given to prove to be Kiban"
            )));
        }
        let number = self.made.fetch_add(1, SeqCst);
        Ok(Connection { number, kiban, service })
    }

    /// Asks all members at once who leads: one that does not answer must not hold up the others.
    async fn discover(&self) -> Result<(String, u16), ConnectError> {
        let asked = self.options.hosts.iter().map(|(host, port)| async move {
            let asked = timeout(self.patience(), self.gossip(host, *port)).await;
            asked.unwrap_or_else(|_| Err(unreachable(host, *port, "it did not answer in time")))
        });
        let mut asked: FuturesUnordered<_> = asked.collect();
        let mut why = "no member knows a leader".to_owned();
        while let Some(told) = asked.next().await {
            match told.as_ref().map(leader) {
                Ok(Some(leader)) => return Ok(leader),
                Ok(None) => {}
                Err(error) => why = error.to_string(),
            }
        }
        Err(ConnectError::Unreachable { host: self.options.host_names(), why })
    }

    async fn gossip(&self, host: &str, port: u16) -> Result<gossip::ClusterInfo, ConnectError> {
        let channel = self.channel(host, port).await?;
        let mut client = GossipClient::new(InterceptedService::new(channel, self.credentials.clone()));
        let info = client.read(shared::Empty {}).await;
        Ok(info.map_err(|status| unreachable(host, port, status.message()))?.into_inner())
    }

    async fn channel(&self, host: &str, port: u16) -> Result<Channel, ConnectError> {
        let scheme = if self.options.tls { "https" } else { "http" };
        let endpoint = Endpoint::from_shared(format!("{scheme}://{host}:{port}"))
            .map_err(|error| ConnectError::Invalid(error.to_string()))?
            .tcp_nodelay(true)
            .connect_timeout(self.options.gossip_timeout)
            .http2_keep_alive_interval(self.options.keep_alive_interval)
            .keep_alive_timeout(self.options.keep_alive_timeout)
            .keep_alive_while_idle(true)
            // The default of 64 KiB a stream would make each page of a catch-up wait for the other side.
            .initial_stream_window_size(8 * 1_024 * 1_024)
            .initial_connection_window_size(16 * 1_024 * 1_024);
        let endpoint = self.secured(endpoint)?;
        endpoint.connect().await.map_err(|error| unreachable(host, port, &causes(&error)))
    }

    #[cfg(feature = "tls")]
    fn secured(&self, endpoint: Endpoint) -> Result<Endpoint, ConnectError> {
        use tonic::transport::{Certificate, ClientTlsConfig};
        if !self.options.tls {
            return Ok(endpoint);
        }
        let config = match &self.options.tls_ca_file {
            None => ClientTlsConfig::new().with_native_roots(),
            Some(path) => {
                let pem = std::fs::read(path)
                    .map_err(|error| ConnectError::Invalid(format!("{}: {error}", path.display())))?;
                ClientTlsConfig::new().ca_certificate(Certificate::from_pem(pem))
            }
        };
        endpoint.tls_config(config).map_err(|error| ConnectError::Invalid(causes(&error)))
    }

    #[cfg(not(feature = "tls"))]
    fn secured(&self, endpoint: Endpoint) -> Result<Endpoint, ConnectError> {
        match self.options.tls {
            false => Ok(endpoint),
            true => Err(ConnectError::Invalid(
                "this build has no TLS: build with --features tls, or say tls=false".into(),
            )),
        }
    }
}

fn unreachable(host: &str, port: u16, why: &str) -> ConnectError {
    ConnectError::Unreachable { host: format!("{host}:{port}"), why: why.to_owned() }
}

/// An error with what caused it, which tonic's own text leaves out.
fn causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}

fn leader(info: &gossip::ClusterInfo) -> Option<(String, u16)> {
    let leads = |member: &&gossip::MemberInfo| member.is_alive && member.state() == VNodeState::Leader;
    let end_point = info.members.iter().find(leads)?.http_end_point.as_ref()?;
    Some((end_point.address.clone(), u16::try_from(end_point.port).ok()?))
}

/// Where a member that does not lead says that the leader is.
fn leader_of(status: &Status) -> Option<(String, u16)> {
    let text = |name| status.metadata().get(name)?.to_str().ok();
    if text("exception") != Some("not-leader") {
        return None;
    }
    Some((text("leader-endpoint-host")?.to_owned(), text("leader-endpoint-port")?.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use tonic::{Code, metadata::MetadataMap};

    #[test]
    fn a_member_that_does_not_lead_says_who_does() {
        let told = |pairs: &[(&'static str, &'static str)]| {
            let mut metadata = MetadataMap::new();
            for (name, value) in pairs {
                metadata.insert(*name, MetadataValue::from_static(value));
            }
            leader_of(&Status::with_metadata(Code::NotFound, "not the leader", metadata))
        };
        let host = ("leader-endpoint-host", "node-2");
        let port = ("leader-endpoint-port", "2114");
        let refusal = ("exception", "not-leader");
        assert_eq!(told(&[refusal, host, port]), Some(("node-2".to_owned(), 2114)));
        assert_eq!(told(&[host, port]), None, "it was refused for something else");
        assert_eq!(told(&[refusal, host, ("leader-endpoint-port", "many")]), None);
    }

    #[test]
    fn the_leader_is_alive_and_has_an_address() {
        let member = |state: VNodeState, is_alive, port| gossip::MemberInfo {
            state: state.into(),
            is_alive,
            http_end_point: Some(gossip::EndPoint { address: "node".into(), port }),
            ..Default::default()
        };
        let found = |members| leader(&gossip::ClusterInfo { members });
        let follower = member(VNodeState::Follower, true, 1);
        assert_eq!(found(vec![follower.clone()]), None);
        assert_eq!(found(vec![member(VNodeState::Leader, false, 2), follower.clone()]), None);
        let leads = member(VNodeState::Leader, true, 3);
        assert_eq!(found(vec![follower, leads]), Some(("node".to_owned(), 3)));
    }
}
