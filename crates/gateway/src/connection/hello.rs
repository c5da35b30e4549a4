//! `hello-ok`: what the gateway is, what it offers, what it grants and how it stands.

use std::sync::Arc;

use openclaw_agent::session;
use openclaw_auth::Grant;
use openclaw_protocol::{
    Scope, Version, events,
    frame::{MAX_BUFFERED, MAX_PAYLOAD, StateVersion, TICK_INTERVAL_MS},
    methods::{
        connect::{
            AttachmentPolicy, ExtraDeviceToken, HelloAuth, HelloFeatures, HelloHealth, HelloOk,
            HelloPolicy, HelloServer, HelloSnapshot, SessionDefaults, Suspension,
        },
        health::HealthResult,
    },
};

use crate::{
    peer::Peer,
    state::{App, VERSION},
};

/// Largest attachment and largest picture, in bytes.
const MAX_ATTACHMENT: u64 = 5_000_000;

/// Builds it for one connection.
pub(super) fn hello(app: &App, peer: &Arc<Peer>, grant: &Grant) -> HelloOk {
    HelloOk {
        r#type: "hello-ok".to_owned(),
        protocol: peer.version.number(),
        server: HelloServer {
            version: VERSION.to_owned(),
            build_id: None,
            boot_id: Some(app.boot_id.clone()),
            control_ui_build_source: None,
            conn_id: peer.id.to_string(),
        },
        features: features(app, peer.version),
        snapshot: snapshot(app, peer),
        canvas_host_url: None,
        control_ui_url: None,
        control_ui_tabs: None,
        control_ui_widget_kinds: None,
        control_ui_link_readers: None,
        plugin_surface_urls: None,
        auth: auth(peer, grant),
        policy: policy(),
    }
}

fn features(app: &App, version: Version) -> HelloFeatures {
    let owned = |name: &str| name.to_owned();
    let own = events::all().filter(|event| !event.unsent).copied();
    let told = own.chain(app.host_events.iter().copied());
    let heard = told.filter(|event| event.v3 || version != Version::V3);
    HelloFeatures {
        methods: app.router.advertised(version).into_iter().map(owned).collect(),
        events: heard.map(|event| owned(event.name)).collect(),
        capabilities: None,
    }
}

fn snapshot(app: &App, peer: &Peer) -> HelloSnapshot {
    let agent = app.agents.default_id();
    // Where files lie is told to administrators alone.
    let shown = peer.caller.scopes.allows(Scope::Admin);
    let readable = peer.caller.scopes.allows(Scope::Read);
    let now = app.clock.now_ms();
    HelloSnapshot {
        suspension: Some(Suspension { phase: "accepting".to_owned() }),
        presence: if readable { app.presence.list(now) } else { Vec::new() },
        health: match app.health.last() {
            // Recorded behaviour: the model runtime is told by `health` alone.
            Some(health) if readable => HelloHealth::Known(Box::new(HealthResult {
                model_runtime: None,
                ..(*health).clone()
            })),
            _ => HelloHealth::default(),
        },
        state_version: StateVersion {
            presence: app.presence.version(),
            health: app.health.version(),
        },
        uptime_ms: u64::try_from(app.started.elapsed().as_millis()).unwrap_or_default(),
        applied_config_hash: Some(app.in_force().revision.clone()),
        config_path: shown.then(|| app.paths.config_file.display().to_string()),
        state_dir: shown.then(|| app.paths.state_dir.display().to_string()),
        session_defaults: Some(SessionDefaults {
            default_agent_id: agent.to_string(),
            model_configured: Some(app.catalog.resolve(agent.as_str(), None).is_ok()),
            ownership: Some("sole".to_owned()),
            selection_required: Some(false),
            main_key: "main".to_owned(),
            main_session_key: session::main_key(agent).to_string(),
            scope: Some("per-sender".to_owned()),
        }),
        control_ui_identity_url: None,
        auth_mode: Some(app.auth_mode().to_owned()),
        update_available: None,
        update_schedule: None,
    }
}

/// Protocol 3 tells it only with a device token, protocol 4 always.
fn auth(peer: &Peer, grant: &Grant) -> Option<HelloAuth> {
    let token = grant.device_token.as_ref();
    if peer.version == Version::V3 {
        let token = token?;
        return Some(HelloAuth {
            device_tokens: more_tokens(grant),
            device_token: Some(token.token.expose().to_owned()),
            role: token.role.name().to_owned(),
            scopes: token.scopes.names(),
            issued_at_ms: Some(token.issued_at_ms),
            ..HelloAuth::default()
        });
    }
    Some(HelloAuth {
        method: Some(grant.method.name().to_owned()),
        device_token: token.map(|token| token.token.expose().to_owned()),
        role: grant.role.name().to_owned(),
        scopes: grant.scopes.names(),
        issued_at_ms: token.map(|token| token.issued_at_ms),
        device_tokens: more_tokens(grant),
        ..HelloAuth::default()
    })
}

/// The tokens of the other roles that a setup code has given.
fn more_tokens(grant: &Grant) -> Option<Vec<ExtraDeviceToken>> {
    let tokens = grant.more_tokens.iter().map(|token| ExtraDeviceToken {
        device_token: token.token.expose().to_owned(),
        role: token.role.name().to_owned(),
        scopes: token.scopes.names(),
        issued_at_ms: token.issued_at_ms,
    });
    Some(tokens.collect::<Vec<_>>()).filter(|tokens| !tokens.is_empty())
}

fn policy() -> HelloPolicy {
    HelloPolicy {
        max_payload: MAX_PAYLOAD as u64,
        max_buffered_bytes: MAX_BUFFERED as u64,
        tick_interval_ms: TICK_INTERVAL_MS,
        attachments: Some(AttachmentPolicy {
            max_bytes: MAX_ATTACHMENT,
            max_image_bytes: MAX_ATTACHMENT,
        }),
        allowed_session_visibilities: None,
        has_multiple_session_sharing_identities: None,
    }
}
