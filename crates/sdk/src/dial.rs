//! How bytes reach a gateway: TCP, TLS over TCP, or whatever a test or a tunnel brings.

use std::{io, pin::Pin, sync::Arc};

use rustls::{ClientConfig, crypto::ring, pki_types::ServerName};
use rustls_platform_verifier::BuilderVerifierExt as _;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
};
use tokio_tungstenite::tungstenite::http::Uri;

use crate::Error;

/// A future of a trait object.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// A two-way stream of bytes.
pub trait Io: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Io for T {}

/// Opens a stream of bytes to the gateway, once for each attempt to connect.
pub trait Dial: Send + Sync + 'static {
    /// Opens one; the client's connect deadline applies.
    fn dial<'a>(&'a self, url: &'a str) -> BoxFuture<'a, Result<Box<dyn Io>, Error>>;
}

/// TCP for `ws://`; TLS, checked against the system's certificates, for `wss://`.
#[derive(Debug, Clone, Copy, Default)]
pub struct TcpDial;

impl Dial for TcpDial {
    fn dial<'a>(&'a self, url: &'a str) -> BoxFuture<'a, Result<Box<dyn Io>, Error>> {
        Box::pin(open(url, tls_config))
    }
}

/// Where a URL leads.
struct Target {
    host: String,
    port: u16,
    tls: bool,
}

fn target(url: &str) -> Result<Target, Error> {
    let bad = |reason: &str| Error::Url { url: url.to_owned(), reason: reason.to_owned() };
    let uri: Uri = url.parse().map_err(|error| bad(&format!("{error}")))?;
    let tls = match uri.scheme_str() {
        Some("ws") => false,
        Some("wss") => true,
        _ => return Err(bad("it must begin with ws:// or wss://")),
    };
    let host = uri.host().filter(|host| !host.is_empty()).ok_or_else(|| bad("it has no host"))?;
    let host = host.trim_start_matches('[').trim_end_matches(']').to_owned();
    Ok(Target { host, port: uri.port_u16().unwrap_or(if tls { 443 } else { 80 }), tls })
}

/// TCP, and for `wss://` TLS as `config` says.
pub(crate) async fn open(
    url: &str,
    config: impl FnOnce() -> Result<ClientConfig, rustls::Error> + Send,
) -> Result<Box<dyn Io>, Error> {
    let Target { host, port, tls } = target(url)?;
    let failed =
        |source: io::Error| Error::Connect { url: url.to_owned(), source: Arc::new(source) };
    let stream = TcpStream::connect((host.as_str(), port)).await.map_err(failed)?;
    stream.set_nodelay(true).map_err(failed)?;
    if !tls {
        return Ok(Box::new(stream));
    }
    let name = ServerName::try_from(host)
        .map_err(|error| Error::Url { url: url.to_owned(), reason: error.to_string() })?;
    let config = config().map_err(|error| failed(io::Error::other(error)))?;
    let connector = tokio_rustls::TlsConnector::from(Arc::new(config));
    Ok(Box::new(connector.connect(name, stream).await.map_err(failed)?))
}

fn tls_config() -> Result<ClientConfig, rustls::Error> {
    Ok(ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_platform_verifier()?
        .with_no_client_auth())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_taken_apart() {
        let parts = |url: &str| target(url).map(|t| (t.host, t.port, t.tls)).ok();
        assert_eq!(parts("ws://127.0.0.1:18789"), Some(("127.0.0.1".into(), 18789, false)));
        assert_eq!(parts("wss://gw.example/path"), Some(("gw.example".into(), 443, true)));
        assert_eq!(parts("ws://[::1]:1/"), Some(("::1".into(), 1, false)));
        for bad in ["http://a", "127.0.0.1:1", "ws://", "ws:///x", ""] {
            assert!(parts(bad).is_none(), "{bad}");
        }
    }

    #[test]
    fn tls_can_be_set_up_without_a_process_wide_provider() {
        tls_config().unwrap();
    }

    #[tokio::test]
    async fn nobody_there_is_said_with_the_address() {
        let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let url = format!("ws://{free}");
        let Err(error) = TcpDial.dial(&url).await else { panic!("nobody listens there") };
        assert!(error.to_string().starts_with(&format!("no gateway answers at {url}: ")));
    }
}
