//! Accepts TCP connections and hands each to hyper; limits before a byte is read.

use std::{convert::Infallible, net::SocketAddr, sync::Arc, time::Duration};

use axum::body::Body;
use hyper::{server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{Semaphore, watch},
};
use tracing::{debug, warn};

use crate::{patience::Patience, service::GatewayService, state::App};

mod paced;

pub(crate) use paced::Paced;

/// TCP connections at a time; above it new ones wait in the kernel's queue.
pub(crate) const MAX_CONNECTIONS: usize = 16_384;
/// Bytes of a request's head; a larger one gets 431.
const MAX_HEAD: usize = 32 * 1024;
/// How long accepting pauses when the process has no file descriptor left.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// Where a request came in. Rights depend on it (a loopback peer may be trusted with more), so a
/// host that serves the gateway itself takes it from the accepted socket and never from a header.
#[derive(Debug, Clone, Copy)]
pub struct Arrival {
    /// The peer, as the kernel knows it.
    pub peer: SocketAddr,
    /// The address that it reached.
    pub local: SocketAddr,
}

/// Accepts until told to stop.
pub(crate) async fn serve(app: Arc<App>, listener: TcpListener, mut stop: watch::Receiver<bool>) {
    let gateway = GatewayService::new(&app);
    let places = Arc::new(Semaphore::new(MAX_CONNECTIONS));
    loop {
        let Ok(place) = Arc::clone(&places).acquire_owned().await else { return };
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = async { drop(stop.wait_for(|stop| *stop).await) } => return,
        };
        let (stream, peer) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                warn!(%error, "cannot accept a connection");
                tokio::time::sleep(ACCEPT_PAUSE).await;
                continue;
            }
        };
        let gateway = gateway.clone();
        let (patience, stop) = (app.patience, stop.clone());
        app.tasks.spawn("http connection", async move {
            one(gateway, (stream, peer), patience, stop).await;
            drop(place);
        });
    }
}

async fn one(
    gateway: GatewayService,
    (stream, peer): (TcpStream, SocketAddr),
    patience: Patience,
    mut stop: watch::Receiver<bool>,
) {
    let Ok(local) = stream.local_addr() else { return };
    if let Err(error) = stream.set_nodelay(true) {
        debug!(%error, "cannot turn off delayed sending");
    }
    let arrival = Arrival { peer, local };
    let service = service_fn(move |request: hyper::Request<hyper::body::Incoming>| {
        let answer = gateway.clone().answer(arrival, request.map(Body::new));
        async move { Ok::<_, Infallible>(answer.await) }
    });
    let stream = TokioIo::new(Paced::new(stream, patience.write));
    let connection = limits(patience).serve_connection(stream, service).with_upgrades();
    let mut connection = std::pin::pin!(connection);
    let stopped = async { drop(stop.wait_for(|stop| *stop).await) };
    let ended = tokio::select! {
        result = connection.as_mut() => Some(result),
        () = stopped => None,
    };
    let result = if let Some(result) = ended {
        result
    } else {
        connection.as_mut().graceful_shutdown();
        connection.await
    };
    if let Err(error) = result {
        debug!(%error, %peer, "an HTTP connection ended early");
    }
}

/// What every connection may cost before its request is known.
fn limits(patience: Patience) -> http1::Builder {
    let mut limits = http1::Builder::new();
    limits.timer(TokioTimer::new()).header_read_timeout(patience.head).max_buf_size(MAX_HEAD);
    limits
}

#[cfg(test)]
mod tests {
    use axum::response::Response;
    use tokio::{
        io::{AsyncReadExt as _, AsyncWriteExt as _},
        time::Instant,
    };

    use super::*;

    /// What a peer gets that sends this and then waits.
    async fn answer(sent: &[u8]) -> String {
        let (mut peer, ours) = tokio::io::duplex(MAX_HEAD);
        let service = service_fn(async |_| Ok::<_, Infallible>(Response::new(Body::empty())));
        let serve = limits(Patience::default()).serve_connection(TokioIo::new(ours), service);
        let mut got = Vec::new();
        let ask = async {
            // A head that is too long is not read to its end.
            peer.write_all(sent).await.ok();
            peer.read_to_end(&mut got).await
        };
        let (_, read) = tokio::join!(serve, ask);
        read.unwrap();
        String::from_utf8_lossy(&got).into_owned()
    }

    #[tokio::test(start_paused = true)]
    async fn a_head_that_does_not_come_ends_the_connection() {
        for begun in ["", "GET / HTTP/1.1\r\nHost: "] {
            let start = Instant::now();
            answer(begun.as_bytes()).await;
            let limit = Patience::default().head + Duration::from_secs(1);
            assert!(start.elapsed() <= limit, "{begun:?}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_head_is_bounded() {
        let head = |padding: usize| {
            let padding = "x".repeat(padding);
            format!("GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\nX: {padding}\r\n\r\n")
        };
        assert!(answer(head(MAX_HEAD / 2).as_bytes()).await.starts_with("HTTP/1.1 200"));
        // What one read brought along may be more than the bound, but not a multiple of it.
        let refused = answer(head(4 * MAX_HEAD).as_bytes()).await;
        assert!(refused.starts_with("HTTP/1.1 431"), "{refused}");
    }
}
