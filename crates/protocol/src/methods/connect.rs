//! `connect`: the first request on a socket.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::{
    field::{Hex64, Int, List, MAX_SAFE_INTEGER, Ms, NonEmpty, Text},
    methods, params, words,
};

mod hello;

pub use hello::{
    AttachmentPolicy, ExtraDeviceToken, HelloAuth, HelloFeatures, HelloHealth, HelloOk,
    HelloPolicy, HelloServer, HelloSnapshot, SessionDefaults, Suspension, UpdateAvailable,
};

methods! {
    "connect": ConnectParams => HelloOk, v3 OPEN, v4 OPEN, is hidden;
}

words! {
    /// The clients that there are.
    pub enum ClientId: one_of {
        /// The chat widget.
        WebchatUi = "webchat-ui",
        /// The pages that the gateway serves.
        ControlUi = "openclaw-control-ui",
        /// The browser extension (protocol 4).
        BrowserCopilot = "openclaw-browser-copilot",
        /// The terminal interface.
        Tui = "openclaw-tui",
        /// The chat widget, by its old name.
        Webchat = "webchat",
        /// The command line.
        Cli = "cli",
        /// A program that uses the client library.
        GatewayClient = "gateway-client",
        /// The macOS app.
        Macos = "openclaw-macos",
        /// The Linux app (protocol 4).
        Linux = "openclaw-linux",
        /// The iOS app.
        Ios = "openclaw-ios",
        /// The watch app (protocol 4).
        Watchos = "openclaw-watchos",
        /// The Android app.
        Android = "openclaw-android",
        /// A node without a screen.
        NodeHost = "node-host",
        /// A worker (protocol 4).
        Worker = "openclaw-worker",
        /// A test.
        Test = "test",
        /// A look at what answers.
        Fingerprint = "fingerprint",
        /// A look at whether it works.
        Probe = "openclaw-probe",
    }

    /// The ways that a client is used.
    pub enum ClientMode: one_of {
        /// A conversation in a browser.
        Webchat = "webchat",
        /// A command.
        Cli = "cli",
        /// An interface.
        Ui = "ui",
        /// A program.
        Backend = "backend",
        /// A node.
        Node = "node",
        /// A worker (protocol 4).
        Worker = "worker",
        /// A look at whether it works.
        Probe = "probe",
        /// A test.
        Test = "test",
    }
}

params! {
    /// Opens a session on a fresh socket: versions, who the client is, and how it proves it.
    pub struct ConnectParams {
        /// The lowest protocol that the client speaks.
        min_protocol: Int<1, MAX_SAFE_INTEGER>,
        /// The highest.
        max_protocol: Int<1, MAX_SAFE_INTEGER>,
        /// The client.
        client: ClientInfo,
        /// What the client understands, for example `tool-events`.
        caps?: Vec<NonEmpty>,
        /// The commands that a node can run.
        commands?: Vec<NonEmpty>,
        /// What a node offers for using its screen (protocol 4).
        computer_use?: Value,
        /// What a worker can run (protocol 4).
        worker_runs?: WorkerRuns,
        /// What the node's operating system lets it do.
        permissions?: BTreeMap<String, bool>,
        /// Where a node looks for programs.
        path_env?: String,
        /// The role that is asked for; `operator` when absent.
        role?: NonEmpty,
        /// The scopes that are asked for; they can only narrow what the server grants.
        scopes?: Vec<NonEmpty>,
        /// For which session the first list of models is wanted (protocol 4).
        model_catalog?: ModelCatalogTarget,
        /// The device's key and signature.
        device?: ConnectDevice,
        /// Secrets.
        auth?: ConnectAuth,
        /// The language.
        locale?: String,
        /// The browser.
        user_agent?: String,
    }

    /// The client.
    pub struct ClientInfo {
        /// Which client.
        id: ClientId,
        /// How it is shown.
        display_name?: NonEmpty,
        /// Its version.
        version: NonEmpty,
        /// Its build (protocol 4).
        build_id?: Text<1, 96>,
        /// Its operating system.
        platform: NonEmpty,
        /// Its kind of device.
        device_family?: NonEmpty,
        /// Its model.
        model_identifier?: NonEmpty,
        /// Its time zone (protocol 4).
        time_zone?: Text<1, 64>,
        /// How it is used.
        mode: ClientMode,
        /// This installation.
        instance_id?: NonEmpty,
    }

    /// What a worker can run (protocol 4).
    pub struct WorkerRuns {
        /// The SHA-256 of its bundle.
        bundle_hash: Hex64,
        /// The OpenClaw version of its bundle.
        openclaw_version: Text<1, 128>,
        /// What it understands.
        protocol_features: List<Text<1, 128>, 0, 64, true>,
        /// The version of its prewarming.
        bundle_prewarm?: Int<1, MAX_SAFE_INTEGER>,
    }

    /// For which session the first list of models is wanted (protocol 4).
    #[derive(Default)]
    pub struct ModelCatalogTarget {
        /// The agent.
        agent_id?: NonEmpty,
        /// The session.
        session_key?: NonEmpty,
        /// The session, by its short id.
        short_id?: NonEmpty,
        /// Its name in the address.
        slug_hint?: NonEmpty,
    }

    /// A device's key, and its signature over the challenge.
    pub struct ConnectDevice {
        /// Lower-case hex SHA-256 of the raw public key.
        id: NonEmpty,
        /// The raw Ed25519 key in base64url, or PEM.
        public_key: NonEmpty,
        /// The signature in base64url.
        signature: NonEmpty,
        /// When it was made, in milliseconds since 1970.
        signed_at: Ms,
        /// The challenge.
        nonce: NonEmpty,
    }

    /// Secrets. What is sent is never logged.
    #[derive(Default)]
    pub struct ConnectAuth {
        /// The gateway's token.
        token?: String,
        /// The one-time token of a pairing code.
        bootstrap_token?: String,
        /// The device's own token.
        device_token?: String,
        /// The gateway's password.
        password?: String,
        /// The token of an approval runtime (protocol 4).
        approval_runtime_token?: String,
        /// The token of an agent runtime (protocol 4).
        agent_runtime_identity_token?: String,
    }
}
