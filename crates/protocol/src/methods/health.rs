//! `health`, `status`, `last-heartbeat`: what the gateway is doing now.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::{lenient, methods, methods::common::EventLoop, results};

mod heartbeat;
mod status;

pub use heartbeat::{Heartbeat, HeartbeatStatus, LastHeartbeatResult};
pub use status::{
    AgentStatus, HeartbeatAgentStatus, HeartbeatSummary, ProcessMemory, StatusDefaults,
    StatusResult, StatusSession, StatusSessions,
};

methods! {
    "health": HealthParams => HealthResult, v3 OPEN, v4 READ, is lenient;
    "status": StatusParams => StatusResult, v3 READ, v4 READ, is lenient;
    "last-heartbeat": LastHeartbeatParams => LastHeartbeatResult, v3 READ, v4 READ, is lenient;
}

lenient! {
    /// Tells whether the gateway works, and what its channels, agents and sessions are doing.
    #[derive(Default)]
    pub struct HealthParams {
        /// Asks for a fresh look instead of the last one, which is at most a minute old.
        probe?: bool,
    }

    /// Summarises the gateway: sessions, heartbeats, channels. Paths are hidden without admin.
    #[derive(Default)]
    pub struct StatusParams {
        /// Whether to look at the channels; true when absent (protocol 4).
        include_channel_summary?: bool,
        /// Whether to add what only the command line shows (protocol 4).
        include_cli_projection?: bool,
    }

    /// Returns the latest heartbeat event, or null.
    #[derive(Default)]
    pub struct LastHeartbeatParams {
    }
}

results! {
    /// The state of the gateway; also the payload of the `health` event.
    #[derive(Default)]
    pub struct HealthResult {
        /// Always true when the gateway answers.
        ok: bool,
        /// When the look was taken, in milliseconds since 1970.
        ts: u64,
        /// How long it took.
        duration_ms: u64,
        /// Loaded plugins (protocol 4).
        plugins?: HealthPlugins,
        /// Whether the config is reloaded while running (protocol 4).
        config_reload?: ConfigReload,
        /// Each channel's own summary, by channel.
        channels: BTreeMap<String, Value>,
        /// The channels in the order of display.
        channel_order: Vec<String>,
        /// How each channel is called.
        channel_labels: BTreeMap<String, String>,
        /// Seconds between two heartbeats of the default agent; 0 when off.
        heartbeat_seconds: u64,
        /// The default agent.
        default_agent_id: String,
        /// Every agent.
        agents: Vec<HealthAgent>,
        /// The sessions of the default agent.
        sessions: HealthSessions,
        /// Whether model runtimes are ready (protocol 4).
        model_runtime?: ModelRuntime,
        /// How busy the gateway is (protocol 4).
        event_loop?: EventLoop,
    }

    /// Loaded plugins (protocol 4).
    #[derive(Default)]
    pub struct HealthPlugins {
        /// Plugins that work.
        loaded: Vec<String>,
        /// Plugins that failed.
        errors: Vec<Value>,
        /// Plugins that are configured and missing.
        unavailable?: Vec<Value>,
    }

    /// Whether the config is reloaded while running (protocol 4).
    #[derive(Eq)]
    pub struct ConfigReload {
        /// `active` or `disabled`.
        hot_reload_status: String,
    }

    /// Whether model runtimes are ready (protocol 4).
    #[derive(Default, Eq)]
    pub struct ModelRuntime {
        /// Whether one is not.
        degraded: bool,
        /// Agents that still wait for theirs.
        pending_agents: Vec<String>,
    }

    /// An agent in the health summary.
    #[derive(Default)]
    pub struct HealthAgent {
        /// The agent.
        agent_id: String,
        /// Its name.
        name?: String,
        /// Whether it is the default.
        is_default: bool,
        /// Its heartbeat.
        heartbeat: HealthHeartbeat,
        /// Its sessions.
        sessions: HealthSessions,
    }

    /// The heartbeat settings of an agent.
    #[derive(Default, Eq)]
    pub struct HealthHeartbeat {
        /// Whether it is on.
        enabled: bool,
        /// The interval as configured, for example `30m`.
        every: String,
        /// The interval in milliseconds, or null when it is off.
        every_ms: Option<u64>,
        /// What the agent is asked.
        prompt: String,
        /// Where an answer goes.
        target: String,
        /// The model, when it differs.
        model?: String,
        /// The session, when it differs.
        session?: String,
        /// The longest remainder beside the quiet token that is still not delivered.
        ack_max_chars: u64,
    }

    /// The sessions of an agent in the health summary.
    #[derive(Default, Eq)]
    pub struct HealthSessions {
        /// Where they are stored.
        path: String,
        /// How many there are.
        count: u64,
        /// The latest five.
        recent: Vec<RecentSession>,
    }

    /// A session that was changed lately.
    #[derive(Default, Eq)]
    pub struct RecentSession {
        /// Its key.
        key: String,
        /// The last change, in milliseconds since 1970, or null.
        updated_at: Option<u64>,
        /// Milliseconds since then, or null.
        age: Option<u64>,
    }
}
