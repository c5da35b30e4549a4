//! Who is at an address of the tailnet, as Tailscale on this machine tells it.

use std::{
    io,
    net::SocketAddr,
    os::unix::fs::MetadataExt as _,
    path::{Path, PathBuf},
    time::Duration,
};

use async_trait::async_trait;
use axum::body::Body;
use bytes::Bytes;
use http::{Request, StatusCode, header};
use http_body_util::{BodyExt as _, Limited};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use serde::Deserialize;
use tokio::net::UnixStream;

/// Where Tailscale's daemon listens on Linux.
const SOCKET: &str = "/var/run/tailscale/tailscaled.sock";
/// The host that its interface wants to be asked for.
const HOST: &str = "local-tailscaled.sock";
/// Bytes of an answer; one about a machine with many capabilities has some thousand.
const MAX_ANSWER: usize = 64 * 1024;
/// How long the daemon may take to answer.
const DEADLINE: Duration = Duration::from_secs(2);

/// Somebody who knows the people of the tailnet. Given to a gateway in [`crate::Options::whois`].
#[async_trait]
pub trait Whois: Send + Sync {
    /// The login of the person whose machine has this address, `None` when it is nobody's: no machine of
    /// the tailnet, or one that belongs to a tag. The port is 0 where it is not known.
    async fn user(&self, address: SocketAddr) -> Result<Option<String>, WhoisError>;

    /// The user on this machine that Tailscale runs as: only what comes from its sockets is its word.
    async fn runs_as(&self) -> Result<u32, WhoisError>;
}

/// Why nobody can say who it is.
#[derive(Debug, thiserror::Error)]
pub enum WhoisError {
    /// There is no daemon, or it may not be asked.
    #[error(
        "cannot reach Tailscale at {}: {source}; start tailscaled, or turn gateway.auth.allowTailscale off", .path.display()
    )]
    Socket {
        /// Its socket.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// It broke off.
    #[error("Tailscale broke off: {0}")]
    Broken(#[from] hyper::Error),
    /// It answered something else.
    #[error("Tailscale answered {0}, which says nothing about a person")]
    Answer(String),
    /// It did not answer.
    #[error("Tailscale did not answer in time")]
    Late,
}

/// The daemon on this machine, asked through its socket.
#[derive(Debug, Clone)]
pub struct Tailscaled {
    socket: PathBuf,
}

impl Default for Tailscaled {
    fn default() -> Self {
        Self::at(SOCKET)
    }
}

impl Tailscaled {
    /// The daemon behind this socket.
    pub fn at(socket: impl Into<PathBuf>) -> Self {
        Self { socket: socket.into() }
    }

    fn unreachable(&self, source: io::Error) -> WhoisError {
        WhoisError::Socket { path: self.socket.clone(), source }
    }

    async fn ask(&self, address: SocketAddr) -> Result<Option<String>, WhoisError> {
        let stream = UnixStream::connect(&self.socket).await.map_err(|e| self.unreachable(e))?;
        let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
        let request = Request::get(format!("/localapi/v0/whois?addr={address}"))
            .header(header::HOST, HOST)
            .header(header::CONNECTION, "close")
            .body(Body::empty())
            .map_err(|error| WhoisError::Answer(error.to_string()))?;
        let answer = async {
            let answer = sender.send_request(request).await?;
            let status = answer.status();
            let body = Limited::new(answer.into_body(), MAX_ANSWER).collect().await;
            let body = body.map_err(|error| WhoisError::Answer(error.to_string()))?;
            Ok::<_, WhoisError>((status, body.to_bytes()))
        };
        tokio::pin!(connection, answer);
        // The answer may be whole before the connection has ended.
        let (status, body) = tokio::select! {
            biased;
            answer = &mut answer => answer?,
            ended = &mut connection => { ended?; answer.await? }
        };
        match status {
            StatusCode::OK => login(&body),
            StatusCode::NOT_FOUND => Ok(None),
            other => Err(WhoisError::Answer(other.to_string())),
        }
    }
}

#[async_trait]
impl Whois for Tailscaled {
    async fn user(&self, address: SocketAddr) -> Result<Option<String>, WhoisError> {
        tokio::time::timeout(DEADLINE, self.ask(address)).await.map_err(|_| WhoisError::Late)?
    }

    async fn runs_as(&self) -> Result<u32, WhoisError> {
        let owner = |path: &Path| std::fs::metadata(path).map(|metadata| metadata.uid());
        let path = self.socket.clone();
        let looked = tokio::task::spawn_blocking(move || owner(&path)).await;
        looked.unwrap_or_else(|error| Err(io::Error::other(error))).map_err(|e| self.unreachable(e))
    }
}

/// What is read of an answer; it says much more.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Answer {
    node: Node,
    user_profile: Profile,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Node {
    #[serde(default)]
    tags: Option<Vec<String>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Profile {
    login_name: String,
}

fn login(body: &Bytes) -> Result<Option<String>, WhoisError> {
    let answer: Answer =
        serde_json::from_slice(body).map_err(|error| WhoisError::Answer(error.to_string()))?;
    let tagged = answer.node.tags.is_some_and(|tags| !tags.is_empty());
    let login = answer.user_profile.login_name;
    Ok(Some(login).filter(|login| !tagged && !login.trim().is_empty()))
}

#[cfg(test)]
mod tests {
    use tokio::{
        io::{AsyncReadExt as _, AsyncWriteExt as _},
        net::UnixListener,
    };

    use super::*;

    const PHONE: &str = "100.64.0.7:0";

    /// A daemon that answers one request with these bytes; what it was asked.
    async fn asked(answer: &str) -> (Result<Option<String>, WhoisError>, String) {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("tailscaled.sock");
        let listener = UnixListener::bind(&path).unwrap();
        let daemon = async {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut head = Vec::new();
            while !head.ends_with(b"\r\n\r\n") {
                assert!(stream.read_buf(&mut head).await.unwrap() > 0);
            }
            // Who has read enough hangs up.
            stream.write_all(answer.as_bytes()).await.ok();
            String::from_utf8(head).unwrap()
        };
        let daemon_of = Tailscaled::at(&path);
        tokio::join!(daemon_of.user(PHONE.parse().unwrap()), daemon)
    }

    fn ok(body: &str) -> String {
        format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{body}", body.len())
    }

    const ADA: &str = r#"{"Node":{"ID":7,"Name":"phone.tail.ts.net.","Tags":null},"UserProfile":{"ID":1,"LoginName":"ada@example.org"},"CapMap":{}}"#;

    #[tokio::test]
    async fn the_daemon_says_who_it_is() {
        let (user, head) = asked(&ok(ADA)).await;
        assert_eq!(user.unwrap().as_deref(), Some("ada@example.org"));
        assert!(
            head.starts_with("GET /localapi/v0/whois?addr=100.64.0.7:0 HTTP/1.1\r\n"),
            "{head}"
        );
        assert!(head.to_lowercase().contains("\r\nhost: local-tailscaled.sock\r\n"), "{head}");
        let chunked = format!(
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{:x}\r\n{ADA}\r\n0\r\n\r\n",
            ADA.len()
        );
        assert_eq!(asked(&chunked).await.0.unwrap().as_deref(), Some("ada@example.org"));
    }

    #[tokio::test]
    async fn what_is_no_person_is_nobody() {
        let tagged =
            r#"{"Node":{"Tags":["tag:server"]},"UserProfile":{"LoginName":"tagged-devices"}}"#;
        let blank = r#"{"Node":{},"UserProfile":{"LoginName":" "}}"#;
        let missing = "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n".to_owned();
        for answer in [ok(tagged), ok(blank), missing] {
            assert_eq!(asked(&answer).await.0.unwrap(), None, "{answer}");
        }
    }

    #[tokio::test]
    async fn what_is_no_answer_is_an_error() {
        let large = ok(&format!(r#"{{"x":"{}",{}"#, "x".repeat(MAX_ANSWER), &ADA[1..]));
        for answer in [
            String::new(),
            "HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{".to_owned(),
            "HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n".to_owned(),
            ok("{}"),
            ok(r#"{"Node":{},"UserProfile":{"LoginName":null}}"#),
            ok("no JSON"),
            large,
        ] {
            assert!(asked(&answer).await.0.is_err(), "{answer:.80}");
        }
        let nobody = Tailscaled::at("/nowhere/tailscaled.sock");
        assert!(nobody.user(PHONE.parse().unwrap()).await.is_err());
        assert!(nobody.runs_as().await.is_err());
    }

    #[tokio::test(start_paused = true)]
    async fn a_daemon_that_says_nothing_is_not_waited_for() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("tailscaled.sock");
        let _silent = UnixListener::bind(&path).unwrap();
        let late = Tailscaled::at(&path).user(PHONE.parse().unwrap()).await;
        assert!(matches!(late, Err(WhoisError::Late)));
    }

    #[tokio::test]
    async fn the_socket_tells_whose_daemon_it_is() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("tailscaled.sock");
        let _listener = UnixListener::bind(&path).unwrap();
        let own = rustix::process::geteuid().as_raw();
        assert_eq!(Tailscaled::at(&path).runs_as().await.unwrap(), own);
    }
}
