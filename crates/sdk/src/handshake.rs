//! From a stream of bytes to `hello-ok`: upgrade, wait for the challenge, connect.

use std::sync::Arc;

use futures_util::{SinkExt as _, StreamExt as _};
use openclaw_protocol::{events::system::ConnectChallenge, frame::MAX_BUFFERED};
use serde::Serialize;
use serde_json::value::{RawValue, to_raw_value};
use tokio_tungstenite::{
    WebSocketStream, client_async_with_config,
    tungstenite::{
        Error as WsError, Message, client::IntoClientRequest as _, protocol::WebSocketConfig,
    },
};

use crate::{
    Auth, Error, Hello, Options,
    dial::{Dial, Io},
    identity::Signed,
    wire::{self, Incoming},
};

/// A WebSocket over any stream.
pub(crate) type Socket = WebSocketStream<Box<dyn Io>>;

/// Buffer for reading; small, because most frames are.
const READ_BUFFER: usize = 8 * 1024;
/// How much of the body of a refused upgrade is kept for the message.
const REFUSAL_BODY: usize = 120;
/// The id of the `connect` request.
const CONNECT_ID: &str = "connect";

/// Connects once, within the deadline of the options.
pub(crate) async fn connect(dial: &dyn Dial, options: &Options) -> Result<(Socket, Hello), Error> {
    let after = options.timeouts.connect;
    tokio::time::timeout(after, async {
        let stream = dial.dial(&options.url).await?;
        let mut socket = upgrade(stream, &options.url).await?;
        let hello = greet(&mut socket, options).await?;
        Ok((socket, hello))
    })
    .await
    .unwrap_or_else(|_| Err(Error::Timeout { what: format!("connect at {}", options.url), after }))
}

async fn upgrade(stream: Box<dyn Io>, url: &str) -> Result<Socket, Error> {
    let request = url
        .into_client_request()
        .map_err(|error| Error::Url { url: url.to_owned(), reason: error.to_string() })?;
    // A frame may be as large as what the gateway buffers for one reader.
    let config = WebSocketConfig::default()
        .read_buffer_size(READ_BUFFER)
        .write_buffer_size(0)
        .max_message_size(Some(MAX_BUFFERED))
        .max_frame_size(Some(MAX_BUFFERED));
    match client_async_with_config(request, stream, Some(config)).await {
        Ok((socket, _)) => Ok(socket),
        Err(WsError::Http(response)) => {
            let body = String::from_utf8_lossy(response.body().as_deref().unwrap_or_default());
            Err(Error::Upgrade {
                url: url.to_owned(),
                status: response.status().as_u16(),
                body: body.chars().take(REFUSAL_BODY).collect(),
            })
        }
        Err(WsError::Io(source)) => {
            Err(Error::Connect { url: url.to_owned(), source: Arc::new(source) })
        }
        Err(error) => Err(Error::Decode {
            what: format!("the answer of {url} to the upgrade"),
            reason: error.to_string(),
        }),
    }
}

async fn greet(socket: &mut Socket, options: &Options) -> Result<Hello, Error> {
    let challenge = loop {
        if let Incoming::Event(event) = receive(socket).await?
            && *event.name == *"connect.challenge"
        {
            break parse::<ConnectChallenge>("connect.challenge", &event.payload)?;
        }
    };
    let params = ConnectParams::new(options, &challenge);
    let params = to_raw_value(&params)
        .map_err(|error| Error::Encode { method: "connect".into(), reason: error.to_string() })?;
    let request = wire::request(CONNECT_ID, "connect", Some(&params))?;
    socket.send(Message::text(request)).await.map_err(lost)?;
    loop {
        if let Incoming::Response { id, result } = receive(socket).await?
            && id == CONNECT_ID
        {
            return parse("hello-ok", &result.map_err(Error::Refused)?);
        }
    }
}

fn parse<T: serde::de::DeserializeOwned>(what: &str, raw: &RawValue) -> Result<T, Error> {
    serde_json::from_str(raw.get())
        .map_err(|error| Error::Decode { what: what.to_owned(), reason: error.to_string() })
}

async fn receive(socket: &mut Socket) -> Result<Incoming, Error> {
    loop {
        if let Some(text) = text_of(socket.next().await)? {
            return wire::read(&text);
        }
    }
}

/// The text of a message; `None` for those that carry none.
pub(crate) fn text_of(
    message: Option<Result<Message, WsError>>,
) -> Result<Option<tokio_tungstenite::tungstenite::Utf8Bytes>, Error> {
    match message {
        Some(Ok(Message::Text(text))) => Ok(Some(text)),
        Some(Ok(Message::Binary(bytes))) => {
            bytes.try_into().map(Some).map_err(|_| Error::broken("a binary frame is not UTF-8"))
        }
        Some(Ok(Message::Close(frame))) => Err(Error::Closed {
            code: frame.as_ref().map_or(1005, |frame| frame.code.into()),
            reason: frame.map_or_else(String::new, |frame| frame.reason.to_string()),
        }),
        Some(Ok(_)) => Ok(None),
        Some(Err(error)) => Err(lost(error)),
        None => Err(Error::broken("the socket ended")),
    }
}

/// A socket that failed.
pub(crate) fn lost(error: WsError) -> Error {
    Error::broken(match error {
        WsError::ConnectionClosed | WsError::AlreadyClosed => "the socket ended".to_owned(),
        error => error.to_string(),
    })
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ConnectParams<'a> {
    min_protocol: u32,
    max_protocol: u32,
    client: Client<'a>,
    caps: &'a [String],
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    commands: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    path_env: Option<&'a str>,
    role: &'static str,
    scopes: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    auth: Option<Secret<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    device: Option<Device<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Client<'a> {
    id: &'a str,
    mode: &'a str,
    version: &'a str,
    platform: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    display_name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    device_family: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    instance_id: Option<&'a str>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
enum Secret<'a> {
    Token(&'a str),
    Password(&'a str),
    DeviceToken(&'a str),
    BootstrapToken(&'a str),
}

impl<'a> Secret<'a> {
    fn new(auth: &'a Auth) -> Option<Self> {
        Some(match auth {
            Auth::None => return None,
            Auth::Token(secret) => Self::Token(secret),
            Auth::Password(secret) => Self::Password(secret),
            Auth::DeviceToken(secret) => Self::DeviceToken(secret),
            Auth::BootstrapToken(secret) => Self::BootstrapToken(secret),
        })
    }

    /// What a device signs of it; a password is never signed.
    fn signed(&self) -> &'a str {
        match self {
            Self::Token(secret) | Self::DeviceToken(secret) | Self::BootstrapToken(secret) => {
                secret
            }
            Self::Password(_) => "",
        }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Device<'a> {
    id: &'a str,
    public_key: String,
    signature: String,
    signed_at: u64,
    nonce: &'a str,
}

impl<'a> ConnectParams<'a> {
    /// The gateway's own clock, from the challenge, is the time of signing: no skew.
    fn new(options: &'a Options, challenge: &'a ConnectChallenge) -> Self {
        let client = &options.client;
        let secret = Secret::new(&options.auth);
        let role = options.role.name();
        let device = options.identity.as_ref().map(|identity| Device {
            id: identity.id().as_str(),
            public_key: identity.public_key(),
            signature: identity.sign_connect(&Signed {
                client_id: &client.id,
                client_mode: &client.mode,
                role,
                scopes: &options.scopes,
                at: challenge.ts,
                token: secret.as_ref().map_or("", Secret::signed),
                nonce: &challenge.nonce,
                platform: &client.platform,
                device_family: client.device_family.as_deref().unwrap_or_default(),
            }),
            signed_at: challenge.ts,
            nonce: &challenge.nonce,
        });
        Self {
            min_protocol: options.min_protocol,
            max_protocol: options.max_protocol,
            client: Client {
                id: &client.id,
                mode: &client.mode,
                version: &client.version,
                platform: &client.platform,
                display_name: client.display_name.as_deref(),
                device_family: client.device_family.as_deref(),
                instance_id: client.instance_id.as_deref(),
            },
            caps: &options.caps,
            commands: &options.commands,
            path_env: options.path_env.as_deref(),
            role,
            scopes: &options.scopes,
            auth: secret,
            device,
        }
    }
}
