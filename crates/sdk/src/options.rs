//! Where a client connects to, and as whom.

use std::time::Duration;

use openclaw_protocol::{Role, Version};

use crate::DeviceIdentity;

/// The secret that a client proves.
#[derive(Clone, Default, PartialEq, Eq)]
pub enum Auth {
    /// None; the gateway's `auth.mode` is `none`, or the device is all there is.
    #[default]
    None,
    /// The gateway's shared token.
    Token(String),
    /// The gateway's shared password.
    Password(String),
    /// A token that the gateway gave to this device.
    DeviceToken(String),
    /// A one-time token of a setup code.
    BootstrapToken(String),
}

impl std::fmt::Debug for Auth {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::None => "None",
            Self::Token(_) => "Token(..)",
            Self::Password(_) => "Password(..)",
            Self::DeviceToken(_) => "DeviceToken(..)",
            Self::BootstrapToken(_) => "BootstrapToken(..)",
        })
    }
}

/// What a client says about itself; shown in presence lists, never trusted.
#[derive(Debug, Clone)]
pub struct ClientInfo {
    /// One of the ids that gateways know, for example `cli` or `gateway-client`.
    pub id: String,
    /// One of the modes that gateways know, for example `cli`, `backend` or `probe`.
    pub mode: String,
    /// The client's version.
    pub version: String,
    /// The operating system, for example `linux`.
    pub platform: String,
    /// A name for people.
    pub display_name: Option<String>,
    /// The kind of device; signed, when there is an identity.
    pub device_family: Option<String>,
    /// Tells two instances of the same client apart.
    pub instance_id: Option<String>,
}

impl Default for ClientInfo {
    fn default() -> Self {
        Self {
            id: "gateway-client".into(),
            mode: "backend".into(),
            version: env!("CARGO_PKG_VERSION").into(),
            platform: std::env::consts::OS.into(),
            display_name: None,
            device_family: None,
            instance_id: None,
        }
    }
}

/// How long a client waits.
#[derive(Debug, Clone, Copy)]
pub struct Timeouts {
    /// For the socket, the challenge and `hello-ok` together.
    pub connect: Duration,
    /// For the answer to a call.
    pub call: Duration,
    /// For one frame to leave.
    pub write: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(10),
            call: Duration::from_secs(30),
            write: Duration::from_secs(10),
        }
    }
}

/// How to connect.
#[derive(Debug, Clone)]
pub struct Options {
    /// `ws://host:port` or `wss://host:port`, with a path when a proxy needs one.
    pub url: String,
    /// The secret.
    pub auth: Auth,
    /// The device that signs; `None` connects without a device.
    pub identity: Option<DeviceIdentity>,
    /// What the connection is.
    pub role: Role,
    /// The scopes asked for, in the order in which they are signed.
    pub scopes: Vec<String>,
    /// The capabilities offered, for example `tool-events`.
    pub caps: Vec<String>,
    /// The commands that a node can be asked for, for example `system.which`; none for an operator.
    pub commands: Vec<String>,
    /// The folders in which a node looks for programs.
    pub path_env: Option<String>,
    /// What the client says about itself.
    pub client: ClientInfo,
    /// Lowest protocol that is offered.
    pub min_protocol: u32,
    /// Highest protocol that is offered.
    pub max_protocol: u32,
    /// Deadlines.
    pub timeouts: Timeouts,
    /// Whether a lost connection is made again.
    pub reconnect: bool,
}

impl Options {
    /// An operator that may read and write, offers both protocols and reconnects.
    pub fn new(url: impl Into<String>) -> Self {
        Self {
            url: url.into(),
            auth: Auth::None,
            identity: None,
            role: Role::Operator,
            scopes: vec!["operator.read".into(), "operator.write".into()],
            caps: Vec::new(),
            commands: Vec::new(),
            path_env: None,
            client: ClientInfo::default(),
            min_protocol: Version::MIN.number(),
            max_protocol: Version::MAX.number(),
            timeouts: Timeouts::default(),
            reconnect: true,
        }
    }

    /// A node, which can be asked for these commands once they are approved.
    pub fn node<S: Into<String>>(
        url: impl Into<String>,
        commands: impl IntoIterator<Item = S>,
    ) -> Self {
        let commands = commands.into_iter().map(Into::into).collect();
        let client =
            ClientInfo { id: "node-host".into(), mode: "node".into(), ..ClientInfo::default() };
        Self { role: Role::Node, scopes: Vec::new(), commands, client, ..Self::new(url) }
    }

    /// Sets the secret.
    #[must_use]
    pub fn auth(self, auth: Auth) -> Self {
        Self { auth, ..self }
    }

    /// Sets the device.
    #[must_use]
    pub fn identity(self, identity: DeviceIdentity) -> Self {
        Self { identity: Some(identity), ..self }
    }

    /// Sets the scopes asked for.
    #[must_use]
    pub fn scopes<S: Into<String>>(self, scopes: impl IntoIterator<Item = S>) -> Self {
        Self { scopes: scopes.into_iter().map(Into::into).collect(), ..self }
    }

    /// Sets what the client says about itself.
    #[must_use]
    pub fn client(self, client: ClientInfo) -> Self {
        Self { client, ..self }
    }

    /// Sets whether a lost connection is made again.
    #[must_use]
    pub fn reconnect(self, reconnect: bool) -> Self {
        Self { reconnect, ..self }
    }
}
