//! The gateway between callers and a role that has more to say than they read.

use std::{convert::Infallible, sync::Arc, time::Duration};

use axum::{
    body::{Body, Bytes},
    extract::Request,
    http::{HeaderMap, HeaderValue},
    response::Response,
};
use engine::SystemClock;
use futures::stream::{self, BoxStream};
use http_body::Frame;
use http_body_util::StreamBody;
use proto::kiban::directory::v1::{
    ListOrganisationsRequest, WatchRequest, directory_service_client::DirectoryServiceClient,
};
use server::{
    node::{Node, NodeOptions},
    roles::Role,
    serve::Running,
};
use tokio::net::TcpListener;
use tokio_stream::wrappers::TcpListenerStream;
use tonic::{service::Routes, transport::Channel};

/// Callers who read nothing.
const IDLE: usize = 40;

/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(20);

/// A message with a field of 64 KiB that nobody knows.
fn message() -> Bytes {
    const LENGTH: usize = 64 * 1_024;
    // Field 15, of bytes, and their number as a varint.
    let mut field = vec![(15 << 3) | 2, 0x80, 0x80, 0x04];
    field.resize(field.len() + LENGTH, 7);
    let mut message = vec![0];
    message.extend((field.len() as u32).to_be_bytes());
    message.extend(field);
    message.into()
}

/// A directory whose watches never end, and whose lists are empty.
async fn directory(request: Request) -> Response {
    let mut ok = HeaderMap::new();
    ok.insert("grpc-status", HeaderValue::from_static("0"));
    let frames: BoxStream<'static, Result<Frame<Bytes>, Infallible>> =
        if request.uri().path().ends_with("/Watch") {
            Box::pin(stream::repeat_with(|| Ok(Frame::data(message()))))
        } else {
            let empty = Frame::data(Bytes::from_static(&[0; 5]));
            Box::pin(stream::iter([Ok(empty), Ok(Frame::trailers(ok))]))
        };
    let mut response = Response::new(Body::new(StreamBody::new(frames)));
    response.headers_mut().insert("content-type", HeaderValue::from_static("application/grpc"));
    response
}

async fn gateway(data_dir: &std::path::Path, route: String) -> Running {
    let options = NodeOptions {
        roles: vec![Role::Gateway],
        routes: vec![route.parse().unwrap()],
        ..NodeOptions::whole(data_dir)
    };
    let node = Node::with(options, Arc::new(SystemClock)).await.unwrap();
    Running::start(node, TcpListener::bind("127.0.0.1:0").await.unwrap()).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn callers_who_do_not_read_keep_nobody_from_an_answer() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let route = format!("directory=http://{}", listener.local_addr().unwrap());
    let routes = Routes::from(axum::Router::new().fallback(directory));
    let role = tonic::transport::Server::builder().add_routes(routes);
    tokio::spawn(role.serve_with_incoming(TcpListenerStream::new(listener)));
    let directory = tempfile::tempdir().unwrap();
    let gateway = gateway(directory.path(), route).await;
    let address = format!("http://{}", gateway.address());

    let mut idle = Vec::new();
    for _ in 0..IDLE {
        // Each on a connection of its own: what it does not read stays with the gateway.
        let channel = Channel::from_shared(address.clone()).unwrap().connect().await.unwrap();
        let mut client = DirectoryServiceClient::new(channel);
        let mut watching = client.watch(WatchRequest::default()).await.unwrap().into_inner();
        let first = tokio::time::timeout(PATIENCE, watching.message()).await.expect("it waits for others");
        assert!(first.unwrap().is_some());
        idle.push(watching);
    }
    // Time for all that can come to come.
    tokio::time::sleep(Duration::from_millis(500)).await;
    let channel = Channel::from_shared(address).unwrap().connect().await.unwrap();
    let mut client = DirectoryServiceClient::new(channel);
    let list = client.list_organisations(ListOrganisationsRequest::default());
    let answer = tokio::time::timeout(PATIENCE, list).await.expect("it waits for others");
    assert!(answer.unwrap().into_inner().organisations.is_empty());
    drop(idle);
    gateway.stop().await;
}
