//! A server for tests, in front of a bare log: it does what servers do now and then. It refuses appends, or writes them
//! and does not say so; it hangs, or takes its time; its clock steps back; another one leads.

use super::{EventStoreLog, EventStoreOptions};
use crate::{
    MemoryLog, Served,
    conformance::ManualClock,
    live::held,
    protocol::{
        self, rpc,
        server_features::{
            SupportedMethods,
            server_features_client::ServerFeaturesClient,
            server_features_server::{ServerFeatures, ServerFeaturesServer},
        },
        shared,
        streams::{
            self as wire, BatchAppendReq, BatchAppendResp, ReadReq, ReadResp, batch_append_resp,
            read_resp::Content,
            streams_client::StreamsClient,
            streams_server::{Streams, StreamsServer},
        },
    },
};
use futures::stream::{self, BoxStream, StreamExt};
use std::{
    collections::{HashMap, VecDeque},
    net::SocketAddr,
    sync::{Arc, Mutex},
    time::Duration,
};
use tokio::{
    net::TcpListener,
    sync::{mpsc, watch},
};
use tokio_stream::wrappers::UnboundedReceiverStream;
use tonic::{
    Request, Response, Status, Streaming,
    metadata::MetadataMap,
    service::Routes,
    transport::{Channel, Endpoint, Server, server::TcpIncoming},
};

/// What is done with an append.
pub(super) enum Turn {
    /// It is refused, and nothing is written.
    Refuse(rpc::Status),
    /// It is written, and the answer says something else.
    WriteAndSay(rpc::Status),
}

/// What the server is to do.
#[derive(Default)]
pub(super) struct Script {
    /// With the next appends; those that come later are written.
    pub(super) turns: VecDeque<Turn>,
    /// With all appends.
    pub(super) refuse_all: Option<rpc::Status>,
    /// It answers nothing more.
    pub(super) hung: bool,
    /// How long it takes for each event that is read.
    pub(super) pace: Duration,
    /// When the events at these positions were written: microseconds.
    pub(super) created: HashMap<u64, i64>,
    /// Who leads, if it does not.
    pub(super) leader: Option<SocketAddr>,
    /// How many reads came.
    pub(super) reads: u64,
    /// How many events were told.
    pub(super) told: u64,
    /// How many appends came.
    pub(super) appends: u64,
}

/// A server that follows its script.
#[derive(Clone)]
pub(super) struct Fake {
    pub(super) log: Arc<MemoryLog>,
    pub(super) address: SocketAddr,
    pub(super) script: Arc<Mutex<Script>>,
    behind: Channel,
    _stop: Arc<watch::Sender<bool>>,
}

impl Fake {
    /// In front of an empty log.
    pub(super) async fn new() -> Self {
        Self::of(MemoryLog::new(ManualClock::at(1_000).clock())).await
    }

    /// In front of a log.
    pub(super) async fn of(log: Arc<MemoryLog>) -> Self {
        let (stop, stopped) = watch::channel(false);
        let served = Served::new(log.clone(), Arc::new(|_| false), None, stopped).bare();
        let mut routes = Routes::builder();
        served.add_to(&mut routes);
        let behind = listen(TcpListener::bind("127.0.0.1:0").await.unwrap(), routes.routes());
        let behind = Endpoint::from_shared(format!("http://{behind}")).unwrap().connect_lazy();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let script = Arc::default();
        let fake = Self { log, address, script, behind, _stop: Arc::new(stop) };
        let mut routes = Routes::builder();
        routes
            .add_service(StreamsServer::new(fake.clone()))
            .add_service(ServerFeaturesServer::new(fake.clone()));
        listen(listener, routes.routes());
        fake
    }

    /// Changes what it is to do.
    pub(super) fn told(&self, change: impl FnOnce(&mut Script)) {
        change(&mut held(&self.script));
    }

    /// The engine on it.
    pub(super) async fn connect(&self, options: &str) -> Arc<EventStoreLog> {
        EventStoreLog::open(self.options(options)).await.unwrap()
    }

    pub(super) fn options(&self, options: &str) -> EventStoreOptions {
        format!("esdb://{}?tls=false{options}", self.address).parse().unwrap()
    }

    /// Waits for ever if it hangs, and sends others to who leads.
    async fn received(&self) -> Result<(), Status> {
        let (hung, leader) = {
            let script = held(&self.script);
            (script.hung, script.leader)
        };
        if hung {
            std::future::pending::<()>().await;
        }
        leader.map_or(Ok(()), |leader| Err(not_leader(leader)))
    }
}

fn listen(listener: TcpListener, routes: Routes) -> SocketAddr {
    let address = listener.local_addr().unwrap();
    let incoming = TcpIncoming::from(listener).with_nodelay(Some(true));
    tokio::spawn(Server::builder().add_routes(routes).serve_with_incoming(incoming));
    address
}

fn not_leader(leader: SocketAddr) -> Status {
    let mut metadata = MetadataMap::new();
    metadata.insert("exception", "not-leader".parse().unwrap());
    metadata.insert("leader-endpoint-host", leader.ip().to_string().parse().unwrap());
    metadata.insert("leader-endpoint-port", leader.port().to_string().parse().unwrap());
    Status::with_metadata(tonic::Code::NotFound, "another leads", metadata)
}

/// A refusal as KurrentDB makes it.
pub(super) fn refusal(code: i32, details: &str, message: &str) -> rpc::Status {
    let package = if details == "Empty" { "google.protobuf" } else { "event_store.client" };
    let details =
        prost_types::Any { type_url: format!("type.googleapis.com/{package}.{details}"), value: Vec::new() };
    rpc::Status { code, message: message.to_owned(), details: Some(details) }
}

fn refused(correlation: Option<shared::Uuid>, status: rpc::Status) -> BatchAppendResp {
    let result = Some(batch_append_resp::Result::Error(status));
    BatchAppendResp { correlation_id: correlation, result, ..Default::default() }
}

#[tonic::async_trait]
impl ServerFeatures for Fake {
    async fn get_supported_methods(
        &self,
        request: Request<shared::Empty>,
    ) -> Result<Response<SupportedMethods>, Status> {
        if held(&self.script).hung {
            std::future::pending::<()>().await;
        }
        ServerFeaturesClient::new(self.behind.clone()).get_supported_methods(request.into_inner()).await
    }
}

#[tonic::async_trait]
impl Streams for Fake {
    type ReadStream = BoxStream<'static, Result<ReadResp, Status>>;
    type BatchAppendStream = BoxStream<'static, Result<BatchAppendResp, Status>>;

    async fn read(&self, request: Request<ReadReq>) -> Result<Response<Self::ReadStream>, Status> {
        self.received().await?;
        held(&self.script).reads += 1;
        let answers = StreamsClient::new(self.behind.clone()).read(request.into_inner()).await?.into_inner();
        let script = self.script.clone();
        let answers = answers.then(move |answer| {
            let script = script.clone();
            async move {
                let mut answer = answer?;
                if let Some(Content::Event(event)) = &mut answer.content {
                    let pace = told(&script, event);
                    tokio::time::sleep(pace).await;
                }
                Ok(answer)
            }
        });
        Ok(Response::new(answers.boxed()))
    }

    async fn batch_append(
        &self,
        request: Request<Streaming<BatchAppendReq>>,
    ) -> Result<Response<Self::BatchAppendStream>, Status> {
        self.received().await?;
        let (pass, passed) = mpsc::unbounded_channel();
        let (say, said) = mpsc::unbounded_channel();
        let instead = Arc::new(Mutex::new(HashMap::new()));
        tokio::spawn(take(request.into_inner(), self.script.clone(), pass, say, instead.clone()));
        let passed = UnboundedReceiverStream::new(passed);
        let answers = StreamsClient::new(self.behind.clone()).batch_append(passed).await?.into_inner();
        let answers = answers.map(move |answer| {
            let answer = answer?;
            let number = protocol::id_of(answer.correlation_id.as_ref());
            let status = number.and_then(|number| held(&instead).remove(&number));
            Ok(status.map_or(answer.clone(), |status| refused(answer.correlation_id, status)))
        });
        Ok(Response::new(stream::select(answers, UnboundedReceiverStream::new(said).map(Ok)).boxed()))
    }

    async fn append(
        &self,
        _: Request<Streaming<wire::AppendReq>>,
    ) -> Result<Response<wire::AppendResp>, Status> {
        Err(Status::unimplemented("nobody asks for it"))
    }

    async fn delete(&self, _: Request<wire::DeleteReq>) -> Result<Response<wire::DeleteResp>, Status> {
        Err(Status::unimplemented("nobody asks for it"))
    }

    async fn tombstone(
        &self,
        _: Request<wire::TombstoneReq>,
    ) -> Result<Response<wire::TombstoneResp>, Status> {
        Err(Status::unimplemented("nobody asks for it"))
    }
}

/// Does with each append what the script says.
async fn take(
    mut messages: Streaming<BatchAppendReq>,
    script: Arc<Mutex<Script>>,
    pass: mpsc::UnboundedSender<BatchAppendReq>,
    say: mpsc::UnboundedSender<BatchAppendResp>,
    instead: Arc<Mutex<HashMap<[u8; 16], rpc::Status>>>,
) {
    while let Ok(Some(message)) = messages.message().await {
        let turn = {
            let mut script = held(&script);
            script.appends += 1;
            script.refuse_all.clone().map(Turn::Refuse).or_else(|| script.turns.pop_front())
        };
        match turn {
            Some(Turn::Refuse(status)) => drop(say.send(refused(message.correlation_id, status))),
            Some(Turn::WriteAndSay(status)) => {
                let number = protocol::id_of(message.correlation_id.as_ref()).unwrap();
                held(&instead).insert(number, status);
                drop(pass.send(message));
            }
            None => drop(pass.send(message)),
        }
    }
}

/// Counts an event and sets its time; how long it takes to tell it.
fn told(script: &Mutex<Script>, event: &mut wire::read_resp::ReadEvent) -> Duration {
    let mut script = held(script);
    script.told += 1;
    if let Some(event) = &mut event.event
        && let Some(created) = script.created.get(&event.commit_position)
    {
        event.metadata.insert("created".to_owned(), (created * 10).to_string());
    }
    script.pace
}
