//! Calls: how many, how long, how they end, and the span of each. What is measured ends with the answer: with its
//! trailers, or when whoever called went away.

use std::{
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use engine::{SPANS, Stopwatch};
use futures::{
    FutureExt,
    future::{BoxFuture, Either},
};
use http_body::Frame;
use opentelemetry::metrics::Histogram;
use tonic::{
    Code, Status,
    body::Body,
    codegen::http::{self, HeaderMap},
};
use tower::{Layer, Service};
use tracing::{Instrument, Span, field::Empty};

use super::{
    methods::{Method, Methods},
    propagation::{self, TRACEPARENT},
};

/// Measures every call, or none.
#[derive(Clone, Default)]
pub struct WatchCalls(Option<Arc<Calls>>);

/// What is needed to measure calls.
pub(super) struct Calls {
    pub(super) methods: Methods,
    pub(super) duration: Histogram<f64>,
}

impl WatchCalls {
    pub(super) fn new(calls: Calls) -> Self {
        Self(Some(Arc::new(calls)))
    }
}

impl<S> Layer<S> for WatchCalls {
    type Service = WatchedCalls<S>;

    fn layer(&self, service: S) -> WatchedCalls<S> {
        WatchedCalls { service, calls: self.0.clone() }
    }
}

/// A service whose calls are measured.
#[derive(Clone)]
pub struct WatchedCalls<S> {
    service: S,
    calls: Option<Arc<Calls>>,
}

impl<S, B> Service<http::Request<B>> for WatchedCalls<S>
where
    S: Service<http::Request<B>, Response = http::Response<Body>>,
    S::Future: Send + 'static,
    S::Error: Send,
{
    type Response = http::Response<Body>;
    type Error = S::Error;
    type Future = Either<S::Future, BoxFuture<'static, Result<Self::Response, S::Error>>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.service.poll_ready(context)
    }

    fn call(&mut self, mut request: http::Request<B>) -> Self::Future {
        let Some(calls) = &self.calls else { return Either::Left(self.service.call(request)) };
        let method = calls.methods.at(request.uri().path());
        let traced = method.begins_traces || request.headers().contains_key(TRACEPARENT);
        let span = if traced { span(&method) } else { Span::none() };
        propagation::pass_through(&span, request.headers_mut());
        let call = Call::begin(calls.clone(), method, span.clone());
        let response = span.in_scope(|| self.service.call(request));
        Either::Right(
            async move { response.await.map(|response| call.answer(response)) }.instrument(span).boxed(),
        )
    }
}

fn span(method: &Method) -> Span {
    tracing::info_span!(
        target: SPANS, "rpc",
        otel.name = %method.full, otel.kind = "server", otel.status_code = Empty,
        rpc.system = "grpc", rpc.service = %method.service, rpc.method = %method.name,
        rpc.grpc.status_code = Empty,
    )
}

/// A call under way.
struct Call {
    calls: Arc<Calls>,
    method: Arc<Method>,
    span: Span,
    since: Stopwatch,
    ended: bool,
}

impl Call {
    fn begin(calls: Arc<Calls>, method: Arc<Method>, span: Span) -> Self {
        Self { calls, method, span, since: Stopwatch::start(), ended: false }
    }

    /// The answer, which tells when it ends. A refusal without a reply has its status in the headers, and ends there.
    fn answer(mut self, response: http::Response<Body>) -> http::Response<Body> {
        if let Some(code) = code(response.headers()) {
            self.end(code);
            return response;
        }
        response.map(|body| Body::new(Answer { body, call: self }))
    }

    /// The first end is the end.
    fn end(&mut self, code: Code) {
        if std::mem::replace(&mut self.ended, true) {
            return;
        }
        let number = code as i32;
        self.calls.duration.record(self.since.elapsed().as_secs_f64(), &self.method.labels(number));
        self.span.record("rpc.grpc.status_code", i64::from(number));
        if is_error(code) {
            self.span.record("otel.status_code", "ERROR");
        }
        self.span.in_scope(|| tell(&self.method, code));
    }
}

impl Drop for Call {
    fn drop(&mut self) {
        // Whoever called has gone, or the connection was cut.
        self.end(Code::Cancelled);
    }
}

/// The body of an answer.
struct Answer {
    body: Body,
    call: Call,
}

impl http_body::Body for Answer {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        let Self { body, call } = self.get_mut();
        let frame = ready!(call.span.in_scope(|| Pin::new(body).poll_frame(context)));
        match &frame {
            Some(Ok(frame)) => {
                if let Some(code) =
                    frame.trailers_ref().map(|trailers| code(trailers).unwrap_or(Code::Unknown))
                {
                    call.end(code);
                }
            }
            Some(Err(status)) => call.end(status.code()),
            // An answer of gRPC would have had trailers.
            None => call.end(Code::Unknown),
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> http_body::SizeHint {
        self.body.size_hint()
    }
}

fn code(headers: &HeaderMap) -> Option<Code> {
    headers.get("grpc-status").map(|status| Code::from_bytes(status.as_bytes()))
}

/// Whether the span of a call that ends so is an error of the server's, by OpenTelemetry's conventions.
const fn is_error(code: Code) -> bool {
    matches!(
        code,
        Code::Unknown
            | Code::DeadlineExceeded
            | Code::Unimplemented
            | Code::Internal
            | Code::Unavailable
            | Code::DataLoss
    )
}

/// Says in the log how a call ended, if not well. Not with which words: they name who asked for what.
fn tell(method: &Method, code: Code) {
    match code {
        Code::Ok => {}
        Code::Unknown | Code::Internal | Code::DataLoss => {
            tracing::warn!(method = %method.full, ?code, "a call failed");
        }
        _ => tracing::debug!(method = %method.full, ?code, "a call was refused or broken off"),
    }
}
