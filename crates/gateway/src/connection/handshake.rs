//! The handshake: challenge, `connect`, and either `hello-ok` or a refusal and a close.

use std::sync::Arc;

use bytes::Bytes;
use openclaw_auth::{Attempt, AuthFields, DeviceClaim, Grant, Refusal, Secret, attempt, challenge};
use openclaw_protocol::{
    Close, RpcError, Version,
    frame::{MAX_PREAUTH_FRAME, RequestIn},
    methods::connect::ConnectParams,
    validate::{self, Spoken},
};
use serde_json::json;
use tokio::io::{AsyncRead, AsyncWrite};
use tracing::error;

use super::{
    hello, node,
    socket::{Incoming, Socket, push_frame},
};
use crate::{
    dispatch,
    edge::{
        self, Fault, Voice, admit,
        first::{self, Entry, First},
    },
    peer::{ClientInfo, Peer},
    router,
    state::App,
    upgrade::Facts,
    voucher,
};

/// A refused handshake: what is still answered, and the close.
pub(crate) struct Refused {
    pub(crate) response: Option<Bytes>,
    pub(crate) close: Close,
}

impl Refused {
    /// Closed without an answer.
    fn silent(close: Close) -> Self {
        Self { response: None, close }
    }

    /// Answered with an error, then closed with its message.
    fn answered(id: &str, error: RpcError) -> Self {
        let close = Close::policy(error.message.clone());
        Self { response: Some(dispatch::response(id, Err(error))), close }
    }
}

/// A peer that has been let in.
pub(crate) struct Shaken {
    pub(crate) peer: Arc<Peer>,
    /// Its first frame, where that is a request already.
    pub(crate) first: Option<Bytes>,
}

/// Lets a peer in, or says why not.
pub(crate) async fn shake<S>(
    app: &Arc<App>,
    socket: &mut Socket<S>,
    facts: &Facts,
) -> Result<Shaken, Refused>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let nonce = challenge::nonce();
    challenge_peer(app, socket, &nonce).await?;
    let bytes = first_message(socket).await?;
    // As recorded: what is no JSON is closed with 1000 and no word, what is no request frame with
    // 1008, another request is answered and closed.
    match first::choose(&bytes, &facts.offered) {
        First::Connect(request) => connect(app, facts, nonce, &request).await,
        First::Older(entry) => {
            let peer = older(app, facts, nonce, &entry).await?;
            Ok(Shaken { peer, first: (!entry.is_connect).then_some(bytes) })
        }
        First::Request(request) => {
            let error = RpcError::invalid("invalid handshake: first request must be connect");
            Err(Refused::answered(&request.id, error))
        }
        First::Frame => Err(Refused::silent(Close::policy("invalid request frame"))),
        First::NotJson => Err(Refused::silent(Close::new(Close::NORMAL, ""))),
    }
}

/// `connect` of protocols 3 and 4, or its short form.
async fn connect(
    app: &Arc<App>,
    facts: &Facts,
    nonce: String,
    request: &RequestIn<'_>,
) -> Result<Shaken, Refused> {
    let id = request.id.as_ref();
    let Spoken { version: words, newer } = validate::spoken(request.params);
    let params: ConnectParams = match router::params(request.params, words, newer) {
        Ok(params) => params,
        Err(error) => {
            let entry = first::short(request).ok_or_else(|| Refused::answered(id, error))?;
            return Ok(Shaken { peer: older(app, facts, nonce, &entry).await?, first: None });
        }
    };
    let version = negotiate(&params).map_err(|error| Refused {
        close: Close::new(Close::PROTOCOL, error.message.clone()),
        response: Some(dispatch::response(id, Err(error))),
    })?;
    let mut attempt = attempt_of(facts, version, nonce, &params);
    if let Some(checked) = voucher::tailnet(app, facts, &attempt).await {
        attempt.peer.verified = Some(checked);
    }
    let grant = admit::ask(app, &attempt, facts, None).await.map_err(|refusal| Refused {
        response: Some(dispatch::response(id, Err(refusal.error))),
        close: refusal.close,
    })?;
    let peer = peer_of(facts, version, &params, &grant);
    let peer = if newer { peer.newer() } else { peer };
    let peer = node::declare(app, peer, &params).await.map_err(|error| {
        error!(%error, "what a node declares cannot be noted");
        Refused::answered(id, RpcError::busy("node records are not available, try again", 1000))
    })?;
    let peer = Arc::new(peer);
    let hello = hello::hello(app, &peer, &grant);
    let payload = router::write::<ConnectParams>(&hello, version);
    peer.respond(dispatch::response(id, payload));
    Ok(Shaken { peer, first: None })
}

/// A client of an older door: let in by its secret or by the local permit.
async fn older(
    app: &Arc<App>,
    facts: &Facts,
    nonce: String,
    entry: &Entry,
) -> Result<Arc<Peer>, Refused> {
    let refuse = |Refusal { error, close, .. }: Refusal| Refused {
        response: edge::answer(entry.voice, &entry.back, Err(Fault::Refused(error))),
        close,
    };
    let grant = admit::grant(app, facts, nonce, entry).await.map_err(refuse)?;
    let peer = Arc::new(admit::peer(facts, entry.voice, &grant));
    if entry.is_connect {
        let hello = hello::hello(app, &peer, &grant);
        let payload = router::write::<ConnectParams>(&hello, peer.version);
        peer.answer(&entry.back, payload.map_err(Fault::Internal));
    }
    Ok(peer)
}

async fn challenge_peer<S>(app: &App, socket: &mut Socket<S>, nonce: &str) -> Result<(), Refused>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let payload = json!({"nonce": nonce, "ts": app.clock.now_ms()});
    let text = json!({"type": "event", "event": "connect.challenge", "payload": payload});
    let mut out = Vec::with_capacity(160);
    push_frame(&mut out, |out| out.extend_from_slice(text.to_string().as_bytes()));
    let sent = socket.write(&out).await;
    sent.map_err(|_| Refused::silent(Close::new(Close::NORMAL, "")))
}

async fn first_message<S>(socket: &mut Socket<S>) -> Result<Bytes, Refused>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    loop {
        match socket.read().await {
            Incoming::Message(bytes) if bytes.len() > MAX_PREAUTH_FRAME => {
                return Err(Refused::silent(Close::new(Close::TOO_LARGE, "")));
            }
            Incoming::Message(bytes) => return Ok(bytes),
            Incoming::Control => {}
            Incoming::Closing | Incoming::Gone => {
                return Err(Refused::silent(Close::new(Close::NORMAL, "")));
            }
            Incoming::Broken(close) => return Err(Refused::silent(close)),
        }
    }
}

fn negotiate(params: &ConnectParams) -> Result<Version, RpcError> {
    let (min, max) = (params.min_protocol.get(), params.max_protocol.get());
    Version::negotiate(min, max).ok_or_else(|| {
        RpcError::invalid("protocol mismatch").with_details(json!({
            "code": "PROTOCOL_MISMATCH",
            "clientMinProtocol": min,
            "clientMaxProtocol": max,
            "expectedProtocol": Version::MAX.number(),
            "minimumProbeProtocol": Version::MIN.number(),
        }))
    })
}

fn attempt_of(facts: &Facts, version: Version, nonce: String, params: &ConnectParams) -> Attempt {
    let client = &params.client;
    let secret = |text: &Option<String>| text.clone().map(Secret::new);
    let text = |value: &Option<_>| value.as_ref().map(ToString::to_string);
    let auth = params.auth.as_ref();
    Attempt {
        version,
        peer: facts.peer(),
        nonce,
        client: attempt::ClientInfo {
            id: client.id.name().to_owned(),
            mode: client.mode.name().to_owned(),
            display_name: text(&client.display_name),
            platform: Some(client.platform.to_string()),
            device_family: text(&client.device_family),
        },
        role: text(&params.role),
        scopes: params.scopes.iter().flatten().map(ToString::to_string).collect(),
        device: params.device.as_ref().map(|device| DeviceClaim {
            id: device.id.to_string(),
            public_key: device.public_key.to_string(),
            signature: device.signature.to_string(),
            signed_at: i64::try_from(device.signed_at.get()).unwrap_or(i64::MAX),
            nonce: Some(device.nonce.to_string()),
        }),
        auth: AuthFields {
            token: auth.and_then(|auth| secret(&auth.token)),
            password: auth.and_then(|auth| secret(&auth.password)),
            device_token: auth.and_then(|auth| secret(&auth.device_token)),
            bootstrap_token: auth.and_then(|auth| secret(&auth.bootstrap_token)),
        },
    }
}

fn peer_of(facts: &Facts, version: Version, params: &ConnectParams, grant: &Grant) -> Peer {
    let client = &params.client;
    let text = |value: &Option<_>| value.as_ref().map(ToString::to_string);
    let info = ClientInfo {
        id: client.id.name().to_owned(),
        mode: client.mode.name().to_owned(),
        display_name: text(&client.display_name),
        version: client.version.to_string(),
        platform: client.platform.to_string(),
        device_family: text(&client.device_family),
        model_identifier: text(&client.model_identifier),
        instance_id: text(&client.instance_id),
        caps: params.caps.iter().flatten().map(ToString::to_string).collect(),
        address: facts.client.to_string(),
    };
    Peer::granted(Voice::Protocol(version), info, grant)
}

#[cfg(test)]
mod tests {
    use openclaw_auth::{Host, OriginVerdict};

    use super::*;
    use crate::{edge::query::Offered, http::gatekeeper::Passed, server::Arrival};

    /// Where a caller is comes from its socket and its request's head; `connect` has no word in it.
    #[test]
    fn locality_is_what_the_socket_and_the_head_say() {
        let params = json!({
            "minProtocol": 4, "maxProtocol": 4, "role": "operator", "scopes": ["operator.admin"],
            "client": {"id": "cli", "version": "1", "platform": "linux", "mode": "cli"},
        });
        let params: ConnectParams = serde_json::from_value(params).unwrap();
        let facts = |peer: &str, host: &str, origin, forwarded, browser| Facts {
            arrival: Arrival { peer: peer.parse().unwrap(), local: "127.0.0.1:1".parse().unwrap() },
            client: peer.parse::<std::net::SocketAddr>().unwrap().ip(),
            passed: Passed { host: Host::parse(host).unwrap(), origin },
            forwarded,
            browser,
            user_agent: None,
            offered: Offered::default(),
            proxied: None,
            tailnet: None,
            limit: None,
        };
        let (absent, own) = (OriginVerdict::Absent, OriginVerdict::SameHost);
        for (facts, loopback, host_loopback, program) in [
            (facts("127.0.0.1:9", "localhost:1", absent, false, false), true, true, true),
            (facts("[::ffff:127.0.0.1]:9", "localhost", absent, false, false), true, true, true),
            (facts("192.0.2.7:9", "localhost", absent, false, false), false, true, false),
            (facts("127.0.0.1:9", "claw.example.org", absent, false, false), true, false, true),
            (facts("127.0.0.1:9", "localhost", absent, true, false), true, true, false),
            (facts("127.0.0.1:9", "localhost", absent, false, true), true, true, false),
            (facts("127.0.0.1:9", "localhost", own, false, false), true, true, false),
        ] {
            let peer = attempt_of(&facts, Version::V4, "n".to_owned(), &params).peer;
            assert_eq!((peer.loopback, peer.host_loopback), (loopback, host_loopback), "{facts:?}");
            assert_eq!(peer.local_program(), program, "{facts:?}");
            assert!(peer.verified.is_none() && peer.limit.is_none());
        }
    }
}
