//! What the transport refuses before a handler sees it gets a reason of the catalogue, too: bytes that are no
//! message, messages that are too large, methods that there are not.

use std::task::{Context, Poll};

use engine::{Reason, Refusal};
use futures::{FutureExt, future::BoxFuture};
use tonic::{Code, Status, body::Body, codegen::http};
use tower::{Layer, Service};

/// Adds reasons to refusals of the transport.
#[derive(Clone, Copy)]
pub(crate) struct Explain;

impl<S> Layer<S> for Explain {
    type Service = Explained<S>;

    fn layer(&self, service: S) -> Explained<S> {
        Explained(service)
    }
}

/// A service whose refusals all have reasons.
#[derive(Clone)]
pub(crate) struct Explained<S>(S);

impl<S, B> Service<http::Request<B>> for Explained<S>
where
    S: Service<http::Request<B>, Response = http::Response<Body>>,
    S::Future: Send + 'static,
{
    type Response = http::Response<Body>;
    type Error = S::Error;
    type Future = BoxFuture<'static, Result<Self::Response, S::Error>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.0.poll_ready(context)
    }

    fn call(&mut self, request: http::Request<B>) -> Self::Future {
        let response = self.0.call(request);
        async move { response.await.map(explained) }.boxed()
    }
}

fn explained(response: http::Response<Body>) -> http::Response<Body> {
    // A refusal without a reply has its status in the headers.
    match Status::from_header_map(response.headers()).as_ref().and_then(refusal) {
        Some(refusal) => Status::from(refusal).into_http(),
        None => response,
    }
}

/// The refusal that says what the transport meant, unless the status has its reason.
fn refusal(status: &Status) -> Option<Refusal> {
    if !status.details().is_empty() {
        return None;
    }
    let reason = match status.code() {
        Code::Internal if status.message().contains("decode") => Reason::MalformedMessage,
        Code::OutOfRange | Code::ResourceExhausted => Reason::MessageTooLarge,
        Code::Unimplemented => Reason::UnknownMethod,
        _ => return None,
    };
    let message = match status.message() {
        "" => "there is no such method".to_owned(),
        message => message.to_owned(),
    };
    Some(Refusal::new(reason, message))
}
