//! The gateway as a service: what its own listener serves, and what a host mounts in a server of
//! its own.

use std::{
    convert::Infallible,
    net::SocketAddr,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use ::http::StatusCode;
use axum::{
    BoxError,
    body::{Body, HttpBody},
    extract::{ConnectInfo, Request, connect_info::Connected},
    response::Response,
    serve::IncomingStream,
};
use bytes::Bytes;
use tokio::net::TcpListener;

use crate::{http, server::Arrival, state::App};

/// For `axum::serve(listener, app.into_make_service_with_connect_info::<Arrival>())`.
impl Connected<IncomingStream<'_, TcpListener>> for Arrival {
    fn connect_info(stream: IncomingStream<'_, TcpListener>) -> Self {
        let peer = *stream.remote_addr();
        // A socket without an address is gone; the unspecified one matches no Host.
        let nowhere = SocketAddr::from(([0, 0, 0, 0], 0));
        Self { peer, local: stream.io().local_addr().unwrap_or(nowhere) }
    }
}

/// A running gateway as a [`tower::Service`], for a host's own server: web sockets, the page and the
/// HTTP API, at the root of a host name.
///
/// Each request must carry an [`Arrival`] in its extensions, itself or as axum's `ConnectInfo`, else
/// it is answered with 500. web sockets need a plain TCP connection that hyper or `axum::serve`
/// serves with upgrades; one behind the host's own TLS is not taken.
#[derive(Clone)]
pub struct GatewayService {
    app: Arc<App>,
    routes: axum::Router,
}

impl GatewayService {
    pub(crate) fn new(app: &Arc<App>) -> Self {
        Self { app: Arc::clone(app), routes: http::routes(app) }
    }

    /// Answers one request that came in at `arrival`.
    pub(crate) async fn answer(self, arrival: Arrival, request: Request) -> Response {
        http::serve(self.app, self.routes, arrival, request).await
    }
}

impl<B> tower::Service<::http::Request<B>> for GatewayService
where
    B: HttpBody<Data = Bytes> + Send + 'static,
    B::Error: Into<BoxError>,
{
    type Response = Response;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response, Infallible>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: ::http::Request<B>) -> Self::Future {
        let request = request.map(Body::new);
        let extensions = request.extensions();
        let axum = extensions.get::<ConnectInfo<Arrival>>().map(|info| info.0);
        let arrival = extensions.get::<Arrival>().copied().or(axum);
        let gateway = self.clone();
        Box::pin(async move {
            Ok(match arrival {
                Some(arrival) => gateway.answer(arrival, request).await,
                None => http::text(
                    StatusCode::INTERNAL_SERVER_ERROR,
                    "the host service does not say where requests come from (Arrival)",
                ),
            })
        })
    }
}
