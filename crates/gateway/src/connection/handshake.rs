//! The handshake: challenge, `connect`, and either `hello-ok` or a refusal and a close.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use openclaw_auth::{
    Attempt, AuthFields, Decision, DeviceClaim, Grant, PeerFacts, Secret, attempt, challenge,
};
use openclaw_protocol::{
    Close, RpcError, Version,
    frame::{MAX_PREAUTH_FRAME, RequestIn},
    ids::ConnId,
    methods::connect::ConnectParams,
    validate::{self, FrameRefusal, Spoken},
};
use serde_json::json;
use tokio::io::{AsyncRead, AsyncWrite};
use tracing::info;
use uuid::Uuid;

use super::{
    hello,
    socket::{Incoming, Socket, push_frame},
};
use crate::{
    dispatch,
    peer::{Caller, ClientInfo, Peer},
    router,
    state::App,
    upgrade::Facts,
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

/// Lets a peer in, or says why not.
pub(crate) async fn shake<S>(
    app: &Arc<App>,
    socket: &mut Socket<S>,
    facts: &Facts,
) -> Result<Arc<Peer>, Refused>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let nonce = challenge::nonce();
    challenge_peer(app, socket, &nonce).await?;
    let bytes = first_message(socket).await?;
    let request = first_request(&bytes)?;
    let id = request.id.as_ref();
    let Spoken { version: words, newer } = validate::spoken(request.params);
    let params: ConnectParams = router::params(request.params, words, newer)
        .map_err(|error| Refused::answered(id, error))?;
    let version = negotiate(&params).map_err(|error| Refused {
        close: Close::new(Close::PROTOCOL, error.message.clone()),
        response: Some(dispatch::response(id, Err(error))),
    })?;
    let attempt = attempt_of(facts, version, nonce, &params);
    let grant = authenticate(app, &attempt, facts).await.map_err(|refusal| Refused {
        response: Some(dispatch::response(id, Err(refusal.error))),
        close: refusal.close,
    })?;
    let peer = peer_of(facts, version, &params, &grant);
    let peer = Arc::new(if newer { peer.newer() } else { peer });
    let hello = hello::hello(app, &peer, &grant);
    let payload = router::write::<ConnectParams>(&hello, version);
    peer.respond(dispatch::response(id, payload));
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

/// The first frame must be a `connect` request. As recorded: what is no JSON is closed with 1000
/// and no word, what is no request frame with 1008, another request is answered and closed.
fn first_request(bytes: &[u8]) -> Result<RequestIn<'_>, Refused> {
    let request = dispatch::read(bytes, Version::MAX).map_err(|refusal| match refusal {
        FrameRefusal::NotJson => Refused::silent(Close::new(Close::NORMAL, "")),
        FrameRefusal::NotRequest { .. } => Refused::silent(Close::policy("invalid request frame")),
    })?;
    if request.method != "connect" {
        let error = RpcError::invalid("invalid handshake: first request must be connect");
        return Err(Refused::answered(&request.id, error));
    }
    Ok(request)
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
        peer: PeerFacts {
            address: facts.arrival.peer.ip(),
            loopback: facts.arrival.peer.ip().to_canonical().is_loopback(),
            forwarded: facts.forwarded,
            host_loopback: facts.passed.host.is_loopback(),
            browser: facts.browser,
            origin: facts.passed.origin,
            verified: None,
        },
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

/// Asks the authority; a delay that it imposes is waited for here, inside the handshake's deadline.
async fn authenticate(
    app: &App,
    attempt: &Attempt,
    facts: &Facts,
) -> Result<Grant, openclaw_auth::Refusal> {
    loop {
        let now = u64::try_from(app.clock.now_ms()).unwrap_or_default();
        match app.authority.authenticate(attempt, now).await {
            Decision::Granted(grant) => return Ok(*grant),
            Decision::Wait { ms } => tokio::time::sleep(Duration::from_millis(ms)).await,
            Decision::Refused(refusal) => {
                info!(
                    reason = refusal.reason, client = attempt.client.id,
                    address = %facts.arrival.peer.ip(), agent = facts.user_agent.as_deref(),
                    "a client was not let in"
                );
                return Err(*refusal);
            }
        }
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
        address: facts.arrival.peer.ip().to_canonical().to_string(),
    };
    let caller = Caller { role: grant.role, scopes: grant.scopes, device: grant.device.clone() };
    let id = ConnId::from(Uuid::new_v4().to_string());
    Peer::new(id, version, caller, info).with_grant(grant.clone())
}
