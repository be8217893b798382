//! What happens to every request around its handler: an id, the caller's socket address, a span,
//! a log line, and an answer even if the handler panics.
//!
//! It stands around the whole router instead of being a layer of it: a layer of axum clones and
//! boxes a service and a future per request, and would also not see what no route takes.

use std::future::Future;
use std::net::SocketAddr;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll};

use axum::Router;
use axum::extract::FromRequestParts;
use axum::response::Response;
use bytes::Bytes;
use http::header::CONNECTION;
use http::request::Parts;
use http::{HeaderValue, Request, StatusCode};
use hyper::body::Body;
use tower::Service;
use tracing::{Instrument, debug_span, error};

use crate::access_log::{Line, Monotonic};
use crate::fault::{Fault, Faults, Plain};
use crate::request_id::{self, RequestId, RequestIds};
use noted::Noted;

mod noted;

type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// What the transport knows about a request. Handlers take it as an extractor or as an extension.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Arrival {
    /// The other end of the connection, which may be a proxy: see
    /// [`crate::address::client_address`].
    pub peer: SocketAddr,
    pub id: RequestId,
}

impl<S: Sync> FromRequestParts<S> for Arrival {
    // Only a router that is called without its edge has none.
    type Rejection = StatusCode;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, StatusCode> {
        parts.extensions.get::<Self>().copied().ok_or(StatusCode::INTERNAL_SERVER_ERROR)
    }
}

/// The router of all doors, and what surrounds it.
pub struct Edge {
    router: Router,
    doors: Vec<(&'static str, Arc<dyn Faults>)>,
    ids: RequestIds,
    clock: Monotonic,
}

impl Edge {
    /// `router` has every door mounted; `clock` times the log lines.
    pub fn new(router: Router, ids: RequestIds, clock: Monotonic) -> Self {
        Self { router, doors: Vec::new(), ids, clock }
    }

    /// The door whose shape a panic below `prefix` is shown in. The first that fits is taken.
    #[must_use]
    pub fn door(mut self, prefix: &'static str, faults: Arc<dyn Faults>) -> Self {
        self.doors.push((prefix, faults));
        self
    }

    /// The answer to one request, whatever happens in its handler.
    pub async fn answer<B>(&self, peer: SocketAddr, mut request: Request<B>) -> Response
    where
        B: Body<Data = Bytes> + Unpin + Send + 'static,
        B::Error: Into<BoxError>,
    {
        let id = self.ids.next();
        let line = Line::begin(id, request.method(), request.uri(), &self.clock);
        let faults = self.faults_of(request.uri().path());
        request.extensions_mut().insert(Arrival { peer, id });

        let (head, body) = request.into_parts();
        let (noted, body) = Noted::new(body);
        let request = Request::from_parts(head, noted);
        let mut router = self.router.clone();
        let handler = pin!(async move { router.call(request).await });
        // Debug level, as the log line: a span that is filtered off costs one comparison.
        let handled = CatchPanic(handler).instrument(debug_span!("request", %id)).await;
        let mut answer = match handled {
            Some(Ok(answer)) => answer,
            Some(Err(never)) => match never {},
            None => {
                // Not the panic's own text, which may hold a value; the hook has printed where.
                error!(request = %id, "a handler panicked");
                Fault::Internal.answer(faults, None)
            }
        };
        answer.headers_mut().insert(request_id::HEADER, id.header());
        // No further request can come behind a body that is left unread. A client that is not told
        // sends one, and loses it.
        if !body.is_read() {
            answer.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
        }
        if let Some(line) = line {
            line.end(answer.status(), &self.clock);
        }
        answer
    }

    fn faults_of(&self, path: &str) -> &dyn Faults {
        let below = |prefix: &str| {
            path.strip_prefix(prefix).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        let door = self.doors.iter().find(|(prefix, _)| below(prefix));
        door.map_or(&Plain, |(_, faults)| &**faults)
    }
}

/// The future's output, or nothing where it panicked; it is not polled again then.
struct CatchPanic<'a, F>(Pin<&'a mut F>);

impl<F: Future> Future for CatchPanic<'_, F> {
    type Output = Option<F::Output>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<F::Output>> {
        // What a panic may leave half-changed is the request, which is dropped with its future;
        // what handlers share is behind the engine, which catches panics of its own.
        match catch_unwind(AssertUnwindSafe(|| self.0.as_mut().poll(cx))) {
            Ok(polled) => polled.map(Some),
            Err(_payload) => Poll::Ready(None),
        }
    }
}

#[cfg(test)]
mod tests;
