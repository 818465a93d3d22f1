//! The endpoint that Prometheus scrapes.

use std::{io, net::SocketAddr};

use axum::{
    Router,
    http::{StatusCode, header::CONTENT_TYPE},
    response::{IntoResponse, Response},
    routing::get,
};
use prometheus::{Encoder, TextEncoder};
use tokio::{net::TcpListener, task::JoinHandle};

/// An endpoint that listens.
pub(super) struct Endpoint {
    address: SocketAddr,
    server: JoinHandle<io::Result<()>>,
}

impl Endpoint {
    pub(super) async fn start(listen: SocketAddr, metrics: prometheus::Registry) -> io::Result<Self> {
        let listener = TcpListener::bind(listen).await?;
        let address = listener.local_addr()?;
        let answer = move || {
            let metrics = metrics.clone();
            async move { exposition(&metrics) }
        };
        let router = Router::new().route("/metrics", get(answer));
        let server = tokio::spawn(async move { axum::serve(listener, router).await });
        Ok(Self { address, server })
    }

    pub(super) const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Whoever is scraping comes again elsewhere.
    pub(super) fn stop(self) {
        self.server.abort();
    }
}

fn exposition(metrics: &prometheus::Registry) -> Response {
    let encoder = TextEncoder::new();
    let mut text = Vec::new();
    match encoder.encode(&metrics.gather(), &mut text) {
        Ok(()) => ([(CONTENT_TYPE, encoder.format_type().to_owned())], text).into_response(),
        Err(error) => {
            tracing::error!(%error, "the metrics could not be written down");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}
