//! The listener: how many connections, how long for a request's head, and how they end.
//!
//! A connection that sends its head slowly costs one task and a small buffer, and is closed; those beyond
//! [`Limits::connections`] wait outside.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::{Request, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use rustix::process::{Resource, getrlimit, setrlimit};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tower::ServiceExt;

/// The longest wait for a request's head, and between two requests of a connection.
const HEAD: Duration = Duration::from_secs(10);
/// What is read of a request before it is understood; more headers than that are hung up on.
const BUFFER_BYTES: usize = 64 * 1024;
/// How long requests in progress may take to end when the node is told to stop.
const GRACE: Duration = Duration::from_secs(20);
/// Files that the store, children and the log may have open beside the connections.
const OTHER_FILES: u64 = 256;

/// What the listener allows.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// Most connections at once.
    pub(crate) connections: u32,
}

impl Limits {
    /// As many connections as asked for, or as many as this process may have files open for.
    pub(crate) fn of_this_machine(most: u32) -> Self {
        let wanted = u64::from(most) + OTHER_FILES;
        let files = files_for(wanted);
        let fit = u32::try_from(files.saturating_sub(OTHER_FILES)).unwrap_or(most);
        Self {
            connections: most.min(fit).max(16),
        }
    }
}

/// How many files this process may have open, once it has asked for that many.
fn files_for(wanted: u64) -> u64 {
    let mut files = getrlimit(Resource::Nofile);
    let most = files.maximum.unwrap_or(wanted);
    if files.current.is_some_and(|current| current < wanted) {
        files.current = Some(wanted.min(most));
        // Refused, the limit is what it was, and is read anew.
        let _refused = setrlimit(Resource::Nofile, files);
        files = getrlimit(Resource::Nofile);
    }
    files.current.unwrap_or(wanted)
}

/// Whom a request comes from, as the connection tells it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Peer(pub(crate) IpAddr);

/// Answers until `end` comes; then lets what is in progress end, for a while.
pub(crate) async fn listen(
    listener: TcpListener,
    router: Router,
    limits: Limits,
    end: impl Future<Output = ()>,
) {
    let places = usize::try_from(limits.connections).unwrap_or(Semaphore::MAX_PERMITS);
    let places = Arc::new(Semaphore::new(places));
    let ending = GracefulShutdown::new();
    tokio::pin!(end);
    loop {
        let next = async {
            let place = Arc::clone(&places).acquire_owned().await.ok()?;
            Some((listener.accept().await, place))
        };
        let (accepted, place) = tokio::select! {
            () = &mut end => break,
            next = next => match next {
                Some(next) => next,
                None => break,
            },
        };
        let Ok((stream, peer)) = accepted else {
            // Out of files, or the caller is gone already: neither gets better by trying at once.
            tokio::time::sleep(Duration::from_millis(20)).await;
            continue;
        };
        let connection = ending.watch(serve(stream, peer, router.clone()));
        tokio::spawn(async move {
            metrics::gauge!("meridian_connections").increment(1);
            // A connection that breaks is its caller's business.
            let _ended = connection.await;
            metrics::gauge!("meridian_connections").decrement(1);
            drop(place);
        });
    }
    drop(listener);
    if tokio::time::timeout(GRACE, ending.shutdown())
        .await
        .is_err()
    {
        tracing::warn!("some requests did not end in time");
    }
}

fn serve(
    stream: TcpStream,
    peer: SocketAddr,
    router: Router,
) -> impl hyper_util::server::graceful::GracefulConnection<Error = hyper::Error> {
    // What is answered is small: waiting to fill a packet only delays it.
    let _fine = stream.set_nodelay(true);
    let peer = Peer(peer.ip().to_canonical());
    let service = service_fn(move |mut request: Request<Incoming>| {
        request.extensions_mut().insert(peer);
        router.clone().oneshot(request)
    });
    http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD)
        .max_buf_size(BUFFER_BYTES)
        .serve_connection(TokioIo::new(stream), service)
}
