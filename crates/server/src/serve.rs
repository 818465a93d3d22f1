//! `kiban serve`: opens the node, listens, says what it serves, and stops cleanly.

use std::{net::SocketAddr, path::Path, process::ExitCode, sync::Arc, time::Duration};

use engine::SystemClock;
use futures::{FutureExt, future::BoxFuture};
use tokio::{net::TcpListener, sync::watch, task::JoinHandle};
use tokio_stream::wrappers::TcpListenerStream;
use tonic::transport::Server;
use tonic_health::{
    ServingStatus,
    pb::health_server::{Health, HealthServer},
};

use crate::{
    cli::{Outcome, ServeArguments},
    explain::Explain,
    node::{Node, OpenFailure},
    roles::Role,
    telemetry::Telemetry,
    verify::verify_log,
};

/// How long calls in flight may take to end once the server is to stop.
const GRACE: Duration = Duration::from_secs(5);

/// How much of one stream, and of one connection, may come before the server has looked at it.
const STREAM_WINDOW: u32 = 2 * 1_024 * 1_024;
const CONNECTION_WINDOW: u32 = 8 * 1_024 * 1_024;

/// Serves until SIGTERM or Ctrl-C.
pub async fn run(arguments: ServeArguments, telemetry: &Telemetry) -> Outcome {
    let tls = tls(&arguments)?;
    let node = Node::with(arguments.node()?, Arc::new(SystemClock)).await?;
    let embedded = node.embedded().is_some();
    let listener = TcpListener::bind(arguments.listen)
        .await
        .map_err(|error| format!("cannot listen on {}: {error}", arguments.listen))?;
    let address = listener.local_addr()?;
    let banner = banner(address, &node);
    let server = Running::watched(node, listener, tls, telemetry)?;
    print!("{banner}");
    if let Some(address) = telemetry.metrics_address() {
        println!("  Metrics on http://{address}/metrics");
    }
    let failed = tokio::select! {
        signal = asked_to_stop() => {
            println!("\n{signal}: finishing what is in flight…");
            None
        }
        failure = server.failed() => Some(failure),
        finding = damage(&arguments.data_dir), if embedded => Some(finding),
    };
    server.stop().await;
    match failed {
        None => {
            println!("stopped; everything acknowledged is on disk");
            Ok(ExitCode::SUCCESS)
        }
        Some(failure) => Err(failure.into()),
    }
}

/// A node that listens.
pub struct Running {
    node: Node,
    stop: watch::Sender<bool>,
    server: JoinHandle<Result<(), tonic::transport::Error>>,
    readiness: JoinHandle<()>,
    address: SocketAddr,
}

impl Running {
    /// Serves a node on a listener.
    pub fn start(node: Node, listener: TcpListener) -> Result<Self, OpenFailure> {
        Self::watched(node, listener, None, &Telemetry::off())
    }

    /// Serves a node on a listener, over TLS if there is an identity for it, while telemetry watches both.
    pub fn watched(
        node: Node,
        listener: TcpListener,
        tls: Option<Tls>,
        telemetry: &Telemetry,
    ) -> Result<Self, OpenFailure> {
        let address = listener.local_addr()?;
        let (stop, stopped) = watch::channel(false);
        let (health, readiness) = health(&node);
        let routes = node.routes(&stopped)?;
        telemetry.watch(node.registry());
        let server = with_tls(Server::builder(), tls)?
            .tcp_nodelay(true)
            // The default of 64 KiB would make a full report or a page of the log wait for the other side.
            .initial_stream_window_size(STREAM_WINDOW)
            .initial_connection_window_size(CONNECTION_WINDOW)
            .layer(telemetry.layer())
            .layer(Explain)
            .add_routes(routes)
            .add_service(health)
            .add_service(reflection().build_v1().map_err(std::io::Error::other)?)
            .add_service(reflection().build_v1alpha().map_err(std::io::Error::other)?)
            .serve_with_incoming_shutdown(incoming(listener), told(stopped));
        Ok(Self { node, stop, server: tokio::spawn(server), readiness, address })
    }

    /// Where it listens.
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// The node that it serves.
    pub const fn node(&self) -> &Node {
        &self.node
    }

    /// Resolves when the log can take no more writes or cannot be read: the process must stop rather than guess.
    pub async fn failed(&self) -> String {
        self.node.failed().await
    }

    /// Takes no new calls, finishes those in flight, and takes the last snapshots. A connection that does not
    /// end in time is cut: one that never says a word would else keep the server for ever.
    pub async fn stop(mut self) {
        let _ = self.stop.send(true);
        self.readiness.abort();
        match tokio::time::timeout(GRACE, &mut self.server).await {
            Ok(Ok(Ok(()))) => {}
            Ok(Ok(Err(error))) => tracing::error!(%error, "the transport failed"),
            Ok(Err(error)) => tracing::error!(%error, "the transport was cut off"),
            Err(_) => {
                tracing::warn!("some connections did not end within {GRACE:?}; they are cut");
                self.server.abort();
            }
        }
        self.node.close().await;
    }
}

/// By this name `grpc.health.v1.Health` is asked whether a process can take the place of another: whether its
/// projections have caught up with the log since it started.
pub const READINESS: &str = "readiness";

/// Says "serving", of all and of each service, from here on: a log that fails ends the process. Whether it is ready
/// turns out later.
fn health(node: &Node) -> (HealthServer<impl Health>, JoinHandle<()>) {
    let (reporter, health) = tonic_health::server::health_reporter();
    let say = |name, status| {
        // Nobody else has the reporter's lock yet, so this never waits.
        let _ = reporter.set_service_status(name, status).now_or_never();
    };
    for (service, _) in node.services() {
        say(service, ServingStatus::Serving);
    }
    say(READINESS, ServingStatus::NotServing);
    let ready = node.ready();
    let readiness = tokio::spawn(async move {
        match ready.await {
            Ok(()) => reporter.set_service_status(READINESS, ServingStatus::Serving).await,
            // A projection that stopped ends the process.
            Err(refusal) => tracing::error!(?refusal, "the projections did not catch up"),
        }
    });
    (health, readiness)
}

/// Both versions are served: not every client speaks the newer one.
fn reflection() -> tonic_reflection::server::Builder<'static> {
    tonic_reflection::server::Builder::configure()
        .register_encoded_file_descriptor_set(proto::DESCRIPTORS)
        .register_encoded_file_descriptor_set(tonic_health::pb::FILE_DESCRIPTOR_SET)
        // So that clients that know only reflection can read the details of a refusal.
        .register_encoded_file_descriptor_set(tonic_types::pb::FILE_DESCRIPTOR_SET)
}

/// Connections as they come; small messages are sent at once.
fn incoming(
    listener: TcpListener,
) -> impl futures::Stream<Item = std::io::Result<tokio::net::TcpStream>> + Send + 'static {
    use futures::StreamExt;
    TcpListenerStream::new(listener).map(|connection| {
        let connection = connection?;
        connection.set_nodelay(true)?;
        Ok(connection)
    })
}

/// Resolves if something is wrong with what the log held at the start. Opening looks at the end of the log
/// alone; the rest is read while the server serves, and nothing may be added to a log that is damaged.
async fn damage(data_dir: &Path) -> String {
    match verify_log(data_dir.to_owned()).await {
        Ok(report) if report.is_sound() => std::future::pending().await,
        Ok(report) => {
            let findings: Vec<String> = report.findings.iter().map(ToString::to_string).collect();
            format!("the log is damaged: {}", findings.join("; "))
        }
        Err(error) => {
            tracing::warn!(%error, "the log could not be checked from its beginning");
            std::future::pending().await
        }
    }
}

fn told(mut stopped: watch::Receiver<bool>) -> BoxFuture<'static, ()> {
    async move {
        let _ = stopped.wait_for(|stopped| *stopped).await;
    }
    .boxed()
}

async fn asked_to_stop() -> &'static str {
    let mut terminate = match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
        Ok(terminate) => terminate,
        Err(error) => {
            tracing::warn!(%error, "SIGTERM cannot be heard; only Ctrl-C stops the server cleanly");
            let _ = tokio::signal::ctrl_c().await;
            return "interrupted";
        }
    };
    tokio::select! {
        _ = terminate.recv() => "terminated",
        _ = tokio::signal::ctrl_c() => "interrupted",
    }
}

/// What a client must know to speak TLS with this server.
#[cfg(feature = "tls")]
pub type Tls = tonic::transport::Identity;
/// What a client must know to speak TLS with this server: this build has no TLS.
#[cfg(not(feature = "tls"))]
pub type Tls = std::convert::Infallible;

/// The server's identity, if it is to have one.
fn tls(arguments: &ServeArguments) -> Result<Option<Tls>, OpenFailure> {
    let (Some(cert), Some(key)) = (&arguments.tls_cert, &arguments.tls_key) else { return Ok(None) };
    let read = |path: &Path| std::fs::read(path).map_err(|error| format!("{}: {error}", path.display()));
    identity(read(cert)?, read(key)?).map(Some)
}

#[cfg(feature = "tls")]
fn identity(cert: Vec<u8>, key: Vec<u8>) -> Result<Tls, OpenFailure> {
    Ok(tonic::transport::Identity::from_pem(cert, key))
}

#[cfg(not(feature = "tls"))]
fn identity(_: Vec<u8>, _: Vec<u8>) -> Result<Tls, OpenFailure> {
    Err("this build has no TLS: build with --features tls".into())
}

#[cfg(feature = "tls")]
fn with_tls(server: Server, tls: Option<Tls>) -> Result<Server, OpenFailure> {
    match tls {
        None => Ok(server),
        Some(identity) => {
            // Where several cryptographies are linked, rustls would not choose one by itself. If one is chosen already,
            // it is that one.
            let _ = rustls::crypto::ring::default_provider().install_default();
            Ok(server.tls_config(tonic::transport::ServerTlsConfig::new().identity(identity))?)
        }
    }
}

#[cfg(not(feature = "tls"))]
fn with_tls(server: Server, _: Option<Tls>) -> Result<Server, OpenFailure> {
    Ok(server)
}

/// What the process is, where it listens and how to go on.
fn banner(address: SocketAddr, node: &Node) -> String {
    let options = node.options();
    let services: String =
        node.services().iter().map(|(name, what)| format!("    {name:<50} {what}\n")).collect();
    let data = options.data_dir.display();
    let stands_on = match &options.event_log {
        None if !options.roles.iter().any(|role| role.needs_log()) => "passing calls on".to_owned(),
        None => format!("data in {data}"),
        Some(log) => format!("on the event log at {}, what is built from it in {data}", log.host_names()),
    };
    let whole = Role::WHOLE.iter().all(|role| options.roles.contains(role));
    let names: Vec<_> = options.roles.iter().map(|role| role.name()).collect();
    let roles = if whole { String::new() } else { format!("  roles {}\n", names.join(", ")) };
    if !whole {
        return format!(
            "Kiban (基盤) {version}
  gRPC on {address}, {stands_on}
{roles}
{services}    grpc.health.v1.Health, grpc.reflection.v1 and v1alpha

  Stop with Ctrl-C or SIGTERM.
",
            version = env!("CARGO_PKG_VERSION"),
        );
    }
    format!(
        "Kiban (基盤) {version}
  gRPC on {address}, {stands_on}

{services}
    grpc.health.v1.Health, grpc.reflection.v1 and v1alpha

  Every call says who makes it, in the header kiban-caller (on loopback only):
    organisation=org_…; person=per_…; roles=administrator,contracts,reviewer,finance,researcher,meter
  The platform itself, which registers the first organisations, is organisation={platform}.

  Try:
    kiban demo                                  a year of the forum, with statements and shares
    grpcurl -plaintext {address} list
    kiban backup --data-dir {data} --to copy
  Stop with Ctrl-C or SIGTERM.
",
        version = env!("CARGO_PKG_VERSION"),
        platform = engine::PLATFORM,
    )
}
