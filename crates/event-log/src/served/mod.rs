//! A log served over the EventStoreDB protocol: other processes of Kiban get a log to talk to, and any EventStoreDB
//! client can read it.
//!
//! A caller who proves to be Kiban appends as if it held the log itself, guards and command ids included. Everyone else
//! is foreign: it may read, and append to streams of its own, but Kiban's categories and the types `kiban.…` are not
//! its own. What the log does not do (deleting, above all) answers `UNIMPLEMENTED`.

mod append;
mod batch;
mod events;
mod extension;
mod filter;
mod read;
mod subscribe;

pub(crate) use extension::EXTENSION;

use crate::{Log, ReadError, protocol};
use events::Shape;
use futures::stream::BoxStream;
use protocol::{
    gossip::gossip_server::GossipServer,
    kiban::event_log_service_server::EventLogServiceServer,
    server_features::server_features_server::ServerFeaturesServer,
    streams::{self, streams_server::StreamsServer},
};
use sha2::{Digest, Sha256};
use std::{net::IpAddr, sync::Arc};
use tokio::sync::{mpsc, watch};
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Request, Response, Status, Streaming, metadata::MetadataMap, service::RoutesBuilder};

/// Whose streams and types are whose.
pub type Reserved = Arc<dyn Fn(&str) -> bool + Send + Sync>;

/// What every event type of Kiban starts with.
const KIBAN_TYPES: &str = "kiban.";

/// A log that other processes can reach.
#[derive(Clone)]
pub struct Served {
    log: Arc<dyn Log>,
    /// Whether a category is Kiban's own.
    reserved: Reserved,
    /// SHA-256 of the secret by which Kiban proves itself; without one nobody can.
    secret: Option<[u8; 32]>,
    /// Whether an address beside loopback may read and write without proof.
    trusted: Arc<dyn Fn(IpAddr) -> bool + Send + Sync>,
    stopped: watch::Receiver<bool>,
    /// Speaks the bare protocol, as a log that is not Kiban's would.
    bare: bool,
}

/// Who calls.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Peer {
    Kiban,
    Foreign,
}

impl Served {
    /// Serves a log until `stopped` turns true. `reserved` says which categories are Kiban's own; who knows the secret
    /// is Kiban.
    pub fn new(
        log: Arc<dyn Log>,
        reserved: Reserved,
        secret: Option<&str>,
        stopped: watch::Receiver<bool>,
    ) -> Self {
        let secret = secret.map(|secret| Sha256::digest(secret).into());
        Self { log, reserved, secret, trusted: Arc::new(|_| false), stopped, bare: false }
    }

    /// Lets addresses beside loopback read, and keep streams of their own, without proof.
    #[must_use]
    pub fn trusting(mut self, trusted: impl Fn(IpAddr) -> bool + Send + Sync + 'static) -> Self {
        self.trusted = Arc::new(trusted);
        self
    }

    /// Serves the bare protocol: neither guards nor command ids nor proofs, as a log that is not Kiban's would. The
    /// engine is tested against it.
    #[must_use]
    pub fn bare(mut self) -> Self {
        self.reserved = Arc::new(|_| false);
        self.bare = true;
        self
    }

    /// The names of the services, for health checks and people.
    pub const SERVICES: &'static [(&'static str, &'static str)] = &[
        ("event_store.client.streams.Streams", "the log, over the EventStoreDB protocol"),
        ("event_store.client.server_features.ServerFeatures", "what of that protocol it speaks"),
        ("event_store.client.gossip.Gossip", "who leads: it does"),
        ("kiban.event_log.v1.EventLogService", "what the log has beyond that protocol"),
    ];

    /// Adds the services to those of a server.
    pub fn add_to(&self, routes: &mut RoutesBuilder) {
        let limit = protocol::MAX_MESSAGE;
        routes
            .add_service(StreamsServer::new(self.clone()).max_decoding_message_size(limit))
            .add_service(ServerFeaturesServer::new(self.clone()))
            .add_service(GossipServer::new(self.clone()));
        if !self.bare {
            routes.add_service(EventLogServiceServer::new(self.clone()));
        }
    }

    fn peer(&self, metadata: &MetadataMap) -> Result<Peer, Status> {
        if self.bare {
            return Ok(Peer::Foreign);
        }
        let Some(given) = metadata.get(protocol::PROOF_HEADER) else { return Ok(Peer::Foreign) };
        // Digests are compared, so that the time it takes tells nothing of the secret.
        let digest: [u8; 32] = Sha256::digest(given.as_bytes()).into();
        match self.secret {
            Some(secret) if secret == digest => Ok(Peer::Kiban),
            Some(_) => Err(refused(tonic::Code::Unauthenticated, "the proof is not this log's secret")),
            None => Err(refused(
                tonic::Code::Unauthenticated,
                "this log has no secret: nobody can prove anything",
            )),
        }
    }

    /// Who calls, if it may read or write at all: loopback, who is trusted, and who has proved to be Kiban.
    fn near<T>(&self, request: &Request<T>) -> Result<Peer, Status> {
        let peer = self.peer(request.metadata())?;
        // A request without an address came from within the process.
        let near = request.remote_addr().is_none_or(|address| {
            let ip = address.ip().to_canonical();
            ip.is_loopback() || (self.trusted)(ip)
        });
        match peer {
            Peer::Kiban => Ok(peer),
            Peer::Foreign if near => Ok(peer),
            Peer::Foreign => Err(refused(
                tonic::Code::PermissionDenied,
                "without a proof the log is read and written from loopback only",
            )),
        }
    }

    /// Refuses what nobody but Kiban may ask.
    fn kiban_only<T>(&self, request: &Request<T>) -> Result<(), Status> {
        match self.peer(request.metadata())? {
            Peer::Kiban => Ok(()),
            Peer::Foreign => Err(refused(
                tonic::Code::PermissionDenied,
                "this is for Kiban's own processes: the proof is missing",
            )),
        }
    }
}

/// A refusal for want of rights; EventStoreDB's clients know it by a trailer.
fn refused(code: tonic::Code, message: &str) -> Status {
    let mut metadata = MetadataMap::new();
    metadata.insert("exception", tonic::metadata::MetadataValue::from_static("access-denied"));
    Status::with_metadata(code, message, metadata)
}

/// Waits until the log stops; whoever let go of it has stopped it, too.
async fn stop(stopped: &mut watch::Receiver<bool>) {
    drop(stopped.wait_for(|stopped| *stopped).await);
}

fn stopping() -> Status {
    Status::unavailable("the log is stopping")
}

fn status_of(error: ReadError) -> Status {
    match error {
        ReadError::Corrupt { .. } => Status::data_loss(error.to_string()),
        ReadError::Unavailable(_) | ReadError::Closed => Status::unavailable(error.to_string()),
    }
}

/// How many answers wait for a slow reader.
const ANSWERS_AHEAD: usize = 16;

type Answers = mpsc::Sender<Result<streams::ReadResp, Status>>;

#[tonic::async_trait]
impl streams::streams_server::Streams for Served {
    type ReadStream = BoxStream<'static, Result<streams::ReadResp, Status>>;
    type BatchAppendStream = BoxStream<'static, Result<streams::BatchAppendResp, Status>>;

    async fn read(&self, request: Request<streams::ReadReq>) -> Result<Response<Self::ReadStream>, Status> {
        self.near(&request)?;
        let options = request.into_inner().options.unwrap_or_default();
        let asked = read::Asked::of(&options)?;
        let (answers, answered) = mpsc::channel(ANSWERS_AHEAD);
        let served = self.clone();
        let shape = Shape::of(&options, &self.reserved, self.bare);
        tokio::spawn(async move {
            let mut stopped = served.stopped.clone();
            let ended = tokio::select! {
                ended = read::answer(&served, asked, &shape, &answers) => ended,
                // A stream that ended without an error would be taken for one that has nothing more to say.
                () = stop(&mut stopped) => Err(stopping()),
                // Nobody listens any more.
                () = answers.closed() => Ok(()),
            };
            if let Err(status) = ended {
                let _ = answers.send(Err(status)).await;
            }
        });
        Ok(Response::new(Box::pin(ReceiverStream::new(answered))))
    }

    async fn append(
        &self,
        request: Request<Streaming<streams::AppendReq>>,
    ) -> Result<Response<streams::AppendResp>, Status> {
        let peer = self.near(&request)?;
        append::one(self, peer, request.into_inner()).await.map(Response::new)
    }

    async fn batch_append(
        &self,
        request: Request<Streaming<streams::BatchAppendReq>>,
    ) -> Result<Response<Self::BatchAppendStream>, Status> {
        let peer = self.near(&request)?;
        Ok(Response::new(batch::many(self.clone(), peer, request.into_inner())))
    }

    async fn delete(&self, _: Request<streams::DeleteReq>) -> Result<Response<streams::DeleteResp>, Status> {
        Err(Status::unimplemented("history is never rewritten: streams are not deleted"))
    }

    async fn tombstone(
        &self,
        _: Request<streams::TombstoneReq>,
    ) -> Result<Response<streams::TombstoneResp>, Status> {
        Err(Status::unimplemented("history is never rewritten: streams are not deleted"))
    }
}
