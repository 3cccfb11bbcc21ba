//! Accepts connections and serves them. Every handshake runs on its own and against the clock, so that a slow client
//! keeps nobody else waiting; a connection that is idle too long is closed.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::Body;
use axum::http::Request;
use hyper::body::Incoming;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use rustls::ServerConfig;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;
use tower::ServiceExt as _;

use crate::api::Peer;

/// How long clients are waited for, and how many there may be.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Patience {
    /// The longest a handshake may take.
    pub handshake: Duration,
    /// The longest the head of a request may take.
    pub header: Duration,
    /// The longest a connection may stay open without a request.
    pub idle: Duration,
    /// The most handshakes at the same time.
    pub handshakes: usize,
    /// The most connections at the same time.
    pub connections: usize,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            handshake: Duration::from_secs(10),
            header: Duration::from_secs(10),
            idle: Duration::from_mins(1),
            handshakes: 512,
            connections: 8192,
        }
    }
}

/// The longest open requests may take once the collector stops.
const FAREWELL: Duration = Duration::from_secs(10);

/// Serves `app` on `tcp` until `stop` turns true.
pub(crate) async fn serve(
    tcp: TcpListener,
    tls: impl Fn() -> Arc<ServerConfig> + Send,
    app: Router,
    patience: Patience,
    mut stop: watch::Receiver<bool>,
) {
    let handshakes = Arc::new(Semaphore::new(patience.handshakes));
    let connections = Arc::new(Semaphore::new(patience.connections));
    let mut tasks = JoinSet::new();
    loop {
        let accepted = tokio::select! {
            accepted = tcp.accept() => accepted,
            _ = stop.wait_for(|stop| *stop) => break,
        };
        while tasks.try_join_next().is_some() {}
        let (stream, address) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                // Mostly too many open files: it passes when connections end.
                tracing::warn!("Failed to accept a connection: {error}");
                tokio::time::sleep(Duration::from_millis(100)).await;
                continue;
            }
        };
        // Beyond the limits the newest is turned away; those already here are served.
        let Ok(connection) = Arc::clone(&connections).try_acquire_owned() else {
            continue;
        };
        let Ok(handshake) = Arc::clone(&handshakes).try_acquire_owned() else {
            continue;
        };
        let acceptor = TlsAcceptor::from(tls());
        let (app, stop) = (app.clone(), stop.clone());
        tasks.spawn(async move {
            let _connection = connection;
            let _ = stream.set_nodelay(true);
            let Ok(Ok(stream)) = tokio::time::timeout(patience.handshake, acceptor.accept(stream)).await else {
                return;
            };
            drop(handshake);
            converse(stream, address, app, patience, stop).await;
        });
    }
    drop(tcp);
    let _ = tokio::time::timeout(FAREWELL, async { while tasks.join_next().await.is_some() {} }).await;
}

async fn converse(
    stream: tokio_rustls::server::TlsStream<TcpStream>,
    address: SocketAddr,
    app: Router,
    patience: Patience,
    mut stop: watch::Receiver<bool>,
) {
    let certificate = stream.get_ref().1.peer_certificates().and_then(<[_]>::first);
    let peer = Peer::new(address, certificate);
    let activity = Arc::new(Activity::new());
    let noted = Arc::clone(&activity);
    let service = hyper::service::service_fn(move |mut request: Request<Incoming>| {
        request.extensions_mut().insert(peer.clone());
        let guard = noted.begin();
        let answer = app.clone().oneshot(request.map(Body::new));
        async move {
            let answer = answer.await;
            drop(guard);
            answer
        }
    });
    let mut builder = Builder::new(TokioExecutor::new());
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(patience.header);
    builder
        .http2()
        .timer(TokioTimer::new())
        .max_concurrent_streams(32)
        .max_header_list_size(16 * 1024)
        .keep_alive_interval(Some(Duration::from_secs(30)));
    let connection = builder.serve_connection(TokioIo::new(stream), service);
    tokio::pin!(connection);
    let mut tick = tokio::time::interval(patience.idle / 4);
    loop {
        tokio::select! {
            _ = &mut connection => return,
            _ = tick.tick() => if activity.is_idle_for(patience.idle) { break },
            _ = stop.wait_for(|stop| *stop) => break,
        }
    }
    connection.as_mut().graceful_shutdown();
    // Whoever does not even read the answer is not waited for.
    let _ = tokio::time::timeout(patience.idle, connection).await;
}

/// When a connection was last used.
struct Activity {
    start: Instant,
    last: AtomicU64,
    running: AtomicUsize,
}

impl Activity {
    fn new() -> Self {
        Self {
            start: Instant::now(),
            last: AtomicU64::new(0),
            running: AtomicUsize::new(0),
        }
    }

    fn begin(self: &Arc<Self>) -> Running {
        self.running.fetch_add(1, Ordering::Relaxed);
        Running(Arc::clone(self))
    }

    fn is_idle_for(&self, time: Duration) -> bool {
        let idle = self
            .start
            .elapsed()
            .saturating_sub(Duration::from_millis(self.last.load(Ordering::Relaxed)));
        self.running.load(Ordering::Relaxed) == 0 && idle >= time
    }

    fn note(&self) {
        let now = u64::try_from(self.start.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.last.store(now, Ordering::Relaxed);
    }
}

/// A request that runs.
struct Running(Arc<Activity>);

impl Drop for Running {
    fn drop(&mut self) {
        self.0.note();
        self.0.running.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests;
