//! One address for clients in front of many processes: each call goes to the role that answers its service, as it is.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use engine::{Reason, Refusal};
use futures::{FutureExt, future::BoxFuture};
use tonic::{
    Status,
    body::Body,
    codegen::http::{Request, Response},
    transport::{Channel, Endpoint, Uri, server::TcpConnectInfo},
};
use tower::{Service, ServiceExt};

use crate::roles::Route;

/// How long a role may take to accept a connection.
const CONNECT: Duration = Duration::from_secs(5);

/// How much of one answer may come before its caller has taken it; and of all of a role's, which is as much as HTTP/2
/// has: one connection carries all calls of a role, and callers who do not read what they asked for must not keep the
/// others from theirs.
const STREAM_WINDOW: u32 = 1_024 * 1_024;
const CONNECTION_WINDOW: u32 = (1 << 31) - 1;

/// Whether an address beside loopback may say who calls.
pub(crate) type Trusted = Arc<dyn Fn(IpAddr) -> bool + Send + Sync>;

/// Passes calls on.
#[derive(Clone)]
pub(crate) struct Gateway {
    /// By the name of the gRPC service.
    channels: Arc<HashMap<&'static str, Channel>>,
    trusted: Trusted,
}

impl Gateway {
    /// Connects to each role when it is first asked for, and again whenever it has gone.
    pub(crate) fn new(routes: &[Route], trusted: Trusted) -> Result<Self, String> {
        let mut channels = HashMap::new();
        for route in routes {
            let address: Uri =
                route.address.parse().map_err(|error| format!("{}: {error}", route.address))?;
            let channel = Endpoint::from(address)
                .tcp_nodelay(true)
                .connect_timeout(CONNECT)
                .initial_stream_window_size(STREAM_WINDOW)
                .initial_connection_window_size(CONNECTION_WINDOW)
                .http2_keep_alive_interval(Duration::from_secs(10))
                .connect_lazy();
            channels.extend(route.services().map(|(service, _)| (service, channel.clone())));
        }
        Ok(Self { channels: Arc::new(channels), trusted })
    }

    /// The role's channel, if the caller may say who it is.
    fn channel(&self, request: &Request<Body>) -> Result<Channel, Refusal> {
        let from = request.extensions().get::<TcpConnectInfo>().and_then(TcpConnectInfo::remote_addr);
        let ip = from.map(|address| address.ip().to_canonical());
        // The roles behind believe this process; so it must not pass on what it would not believe.
        if ip.is_some_and(|ip| !ip.is_loopback() && !(self.trusted)(ip)) {
            return Err(Refusal::new(Reason::Unauthenticated, "callers are believed on loopback only"));
        }
        let service = request.uri().path().split('/').nth(1).unwrap_or_default();
        let channel = self.channels.get(service).cloned();
        channel
            .ok_or_else(|| Refusal::new(Reason::UnknownMethod, format!("no role here answers {service:?}")))
    }
}

impl Service<Request<axum::body::Body>> for Gateway {
    type Response = Response<Body>;
    type Error = std::convert::Infallible;
    type Future = BoxFuture<'static, Result<Self::Response, Self::Error>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<axum::body::Body>) -> Self::Future {
        let request = request.map(Body::new);
        let channel = self.channel(&request);
        async move {
            Ok(pass_on(channel, request).await.unwrap_or_else(|refusal| Status::from(refusal).into_http()))
        }
        .boxed()
    }
}

async fn pass_on(
    channel: Result<Channel, Refusal>,
    request: Request<Body>,
) -> Result<Response<Body>, Refusal> {
    let mut channel = channel?;
    let gone = |error: tonic::transport::Error| {
        let mut why = error.to_string();
        let mut cause = std::error::Error::source(&error);
        while let Some(error) = cause {
            why = format!("{why}: {error}");
            cause = error.source();
        }
        Refusal::new(Reason::RoleUnavailable, format!("the role that answers this cannot be reached: {why}"))
    };
    channel.ready().await.map_err(gone)?.call(request).await.map_err(gone)
}
