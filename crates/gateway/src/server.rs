//! Accepts TCP connections and hands each to hyper; limits before a byte is read.

use std::{convert::Infallible, io, net::SocketAddr, sync::Arc, time::Duration};

use axum::{body::Body, response::Response};
use http::{HeaderValue, StatusCode, header};
use hyper::{server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::watch,
};
use tracing::{debug, warn};

use crate::{gate::Seat, patience::Patience, service::GatewayService, sockets::Place, state::App};

mod paced;
mod refuse;

pub(crate) use paced::Paced;
use refuse::Refusals;

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
    let refusals = Refusals::default();
    loop {
        let next = tokio::select! {
            next = accept(&app, &listener) => next,
            () = async { drop(stop.wait_for(|stop| *stop).await) } => return,
        };
        let Some((stream, peer, place)) = next else { return };
        // A proxy's socket is counted for its client, once a request says who that is.
        let address = (!app.is_trusted_proxy(peer.ip())).then(|| peer.ip());
        let Some(ticket) = app.gate.enter(address) else {
            refusals.refuse(&app.tasks, stream, place);
            continue;
        };
        let arrived = Arrived { stream, peer, place, seat: Seat::new(ticket) };
        let (gateway, patience, stop) = (gateway.clone(), app.patience, stop.clone());
        app.tasks.spawn("http connection", one(gateway, arrived, patience, stop));
    }
}

/// The next connection. What cannot be accepted now is tried again after a pause.
async fn accept(app: &App, listener: &TcpListener) -> Option<(TcpStream, SocketAddr, Place)> {
    // While there is none, new ones wait in the kernel's queue.
    drop(app.sockets.place().await?);
    let mut told = false;
    loop {
        match listener.accept().await {
            Ok((stream, peer)) => return Some((stream, peer, app.sockets.place().await?)),
            // That one is gone; the next may be there already.
            Err(error) if error.kind() == io::ErrorKind::ConnectionAborted => {}
            Err(error) => {
                if !told {
                    warn!(%error, "cannot accept connections; trying again until it works");
                    told = true;
                }
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
        }
    }
}

/// A connection that has come in, with its places.
struct Arrived {
    stream: TcpStream,
    peer: SocketAddr,
    place: Place,
    seat: Seat,
}

async fn one(
    gateway: GatewayService,
    arrived: Arrived,
    patience: Patience,
    mut stop: watch::Receiver<bool>,
) {
    let Arrived { stream, peer, place, seat } = arrived;
    let Ok(local) = stream.local_addr() else { return };
    if let Err(error) = stream.set_nodelay(true) {
        debug!(%error, "cannot turn off delayed sending");
    }
    let arrival = Arrival { peer, local };
    let service = service_fn(move |mut request: hyper::Request<hyper::body::Incoming>| {
        request.extensions_mut().insert(seat.clone());
        let answer = gateway.clone().answer(arrival, request.map(Body::new));
        let seat = seat.clone();
        async move { Ok::<_, Infallible>(make_room(&seat, answer.await)) }
    });
    let stream = TokioIo::new(Paced::new(stream, patience.write, Some(place)));
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

/// Ends a stranger's connection behind this answer when places are scarce: one that waits for its next
/// request would keep the place from somebody who has one.
fn make_room(seat: &Seat, mut response: Response) -> Response {
    if response.status() != StatusCode::SWITCHING_PROTOCOLS && seat.is_wanted() {
        let close = HeaderValue::from_static("close");
        response.headers_mut().insert(header::CONNECTION, close);
    }
    response
}

/// What every connection may cost before its request is known.
fn limits(patience: Patience) -> http1::Builder {
    let mut limits = http1::Builder::new();
    limits.timer(TokioTimer::new()).header_read_timeout(patience.head).max_buf_size(MAX_HEAD);
    limits
}

#[cfg(test)]
mod tests {
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
