//! The accept loop: HTTP/1.1 on one listener, every wait and every buffer bounded.
//!
//! hyper speaks the protocol. What it lacks is here: a bound on open connections, time limits
//! that cost a request nothing (hyper's own timer is allocated and set for each), a close that
//! does not take the answer away, and an orderly stop. Made for a current-thread runtime; works
//! on any.
//!
//! Time limits: each connection notes in [`phase`] what it is doing since when, on a counter that
//! this loop advances some times per limit, and the loop drops those that are late. So a limit
//! ends between once and one and a half times its length.

use std::convert::Infallible;
use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use http::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{AbortHandle, JoinSet};
use tokio::time::{MissedTickBehavior, interval, sleep};
use tracing::{debug, warn};

use crate::edge::Edge;
use line::Line;
use phase::{Phase, PhaseLimits, Phases, Ticks};

mod line;
mod phase;

/// Wait after a failed accept that will fail again at once, such as for want of descriptors.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// What a listener lets its clients take.
#[derive(Debug, Clone, Copy)]
pub struct ServerLimits {
    /// Beyond these, a new connection is closed at once.
    pub connections: usize,
    /// From the connection, or a request's first byte, to the end of its head. The connection is
    /// then closed without an answer.
    pub header_deadline: Duration,
    /// Between an answer and the next request's first byte; a client that does not take its
    /// answer is closed by it too.
    pub idle: Duration,
    /// Request line and header fields; more is 431.
    pub header_bytes: usize,
    /// Header fields; more is 431.
    pub headers: usize,
    /// For requests under way when the server stops.
    pub stop: Duration,
    /// How long a connection is still read from after an answer to a request that was not read
    /// to its end.
    pub linger: Duration,
}

impl Default for ServerLimits {
    fn default() -> Self {
        Self {
            connections: 4096,
            header_deadline: Duration::from_secs(10),
            idle: Duration::from_secs(75),
            header_bytes: 32 * 1024,
            headers: 64,
            stop: Duration::from_secs(20),
            linger: Duration::from_secs(2),
        }
    }
}

/// An extension of answers that take as long as they take. Such a connection is closed when for
/// `idle` no byte comes or goes, and after the answer: what a client sends behind it has no limit
/// of its own.
#[derive(Debug, Clone, Copy)]
pub struct Streaming;

/// An extension of requests: that the server is asked to stop, which an answer that takes as long
/// as it takes has to look out for.
#[derive(Debug, Clone)]
pub struct Stopping(Arc<Ticks>);

impl Stopping {
    /// Waits until it is asked.
    pub async fn asked(self) {
        self.0.stopping().await;
    }
}

/// How serving ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stopped {
    /// Connections that were closed before their request was answered, because the time allowed
    /// for stopping was over.
    pub cut_off: usize,
}

/// Serves until `shutdown`, then accepts no more, lets requests under way finish within
/// `limits.stop`, and returns.
pub async fn serve(
    listener: TcpListener,
    edge: Arc<Edge>,
    limits: ServerLimits,
    shutdown: impl Future<Output = ()>,
) -> Stopped {
    let mut server = Server::new(edge, limits);
    let mut sweep = interval(server.phase_limits.tick());
    sweep.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut shutdown = pin!(shutdown);
    loop {
        tokio::select! {
            biased;
            () = &mut shutdown => break,
            accepted = listener.accept() => match accepted {
                Ok((stream, peer)) => server.open(stream, peer),
                Err(error) if is_of_one_connection(&error) => {}
                Err(error) => {
                    warn!(%error, "no connection could be accepted");
                    tokio::select! {
                        () = &mut shutdown => break,
                        () = sleep(ACCEPT_PAUSE) => {}
                    }
                }
            },
            _ = sweep.tick(), if !server.open.is_empty() => server.sweep(),
        }
    }
    drop(listener);
    server.stop().await
}

/// The client went away between its connection and our accept.
fn is_of_one_connection(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset)
}

struct Server {
    edge: Arc<Edge>,
    limits: ServerLimits,
    phase_limits: PhaseLimits,
    http: http1::Builder,
    ticks: Arc<Ticks>,
    graceful: GracefulShutdown,
    tasks: JoinSet<()>,
    open: Vec<(AbortHandle, Arc<Phases>)>,
}

impl Server {
    fn new(edge: Arc<Edge>, limits: ServerLimits) -> Self {
        let mut http = http1::Builder::new();
        http.keep_alive(true)
            .half_close(false)
            .max_headers(limits.headers)
            .max_header_size(limits.header_bytes)
            // Ours is in the phases.
            .header_read_timeout(None);
        Self {
            edge,
            limits,
            phase_limits: PhaseLimits::new(limits.header_deadline, limits.idle, limits.linger),
            http,
            ticks: Arc::new(Ticks::default()),
            graceful: GracefulShutdown::new(),
            tasks: JoinSet::new(),
            open: Vec::new(),
        }
    }

    fn open(&mut self, stream: TcpStream, peer: SocketAddr) {
        while self.tasks.try_join_next().is_some() {}
        if self.tasks.len() >= self.limits.connections {
            debug!("a connection beyond the bound was closed");
            return;
        }
        // Without it a small answer waits for the client's acknowledgement of the one before.
        if stream.set_nodelay(true).is_err() {
            return;
        }
        let phases = Arc::new(Phases::new(Arc::clone(&self.ticks)));
        let line = Line::new(stream, Arc::clone(&phases));
        let (edge, handled) = (Arc::clone(&self.edge), Arc::clone(&phases));
        let stopping = Stopping(Arc::clone(&self.ticks));
        let service = service_fn(move |mut request: Request<Incoming>| {
            let (edge, phases) = (Arc::clone(&edge), Arc::clone(&handled));
            request.extensions_mut().insert(stopping.clone());
            async move {
                phases.enter(Phase::Handling);
                let answer = edge.answer(peer, request).await;
                let streaming = answer.extensions().get::<Streaming>().is_some();
                phases.enter(if streaming { Phase::Streaming } else { Phase::Idle });
                Ok::<_, Infallible>(answer)
            }
        });
        let connection = self.http.serve_connection(TokioIo::new(line), service);
        let connection = self.graceful.watch(connection);
        let task = self.tasks.spawn(async move {
            if let Err(error) = connection.await {
                // A client that breaks the protocol or goes away; nothing of ours is wrong.
                debug!(%error, "a connection ended early");
            }
        });
        self.open.push((task, phases));
        // Without sweeps between, as under a flood of short connections, it must not grow.
        if self.open.len() > 2 * self.limits.connections {
            self.open.retain(|(task, _)| !task.is_finished());
        }
    }

    /// Drops the connections that are late, and forgets those that ended.
    fn sweep(&mut self) {
        drop_late(&self.ticks, &mut self.open, &self.phase_limits);
        while self.tasks.try_join_next().is_some() {}
    }

    async fn stop(self) -> Stopped {
        let Self { limits, phase_limits, ticks, graceful, mut tasks, mut open, .. } = self;
        ticks.stop();
        // What lingers has its answer; nothing is owed to it.
        for (task, phases) in &open {
            if phases.now() == Phase::Closing {
                task.abort();
            }
        }
        let all = async {
            graceful.shutdown().await;
            while tasks.join_next().await.is_some() {}
        };
        // A head that does not end would hold the stop up to its bound.
        let sweeps = async {
            loop {
                sleep(phase_limits.tick()).await;
                drop_late(&ticks, &mut open, &phase_limits);
            }
        };
        tokio::select! {
            () = all => {}
            () = sweeps => {}
            () = sleep(limits.stop) => {}
        }
        let cut_off = tasks.len();
        if cut_off > 0 {
            warn!(cut_off, "requests were still under way when the time to stop was over");
        }
        tasks.shutdown().await;
        Stopped { cut_off }
    }
}

fn drop_late(ticks: &Ticks, open: &mut Vec<(AbortHandle, Arc<Phases>)>, limits: &PhaseLimits) {
    ticks.advance();
    open.retain(|(task, phases)| {
        let late = phases.is_late(limits);
        if late {
            task.abort();
        }
        !late && !task.is_finished()
    });
}

#[cfg(test)]
mod tests;
