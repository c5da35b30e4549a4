//! The result of `status`.
#![expect(clippy::struct_field_names, reason = "names on the wire")]

use serde_json::Value;

use super::ModelRuntime;
use crate::{methods::common::EventLoop, results};

results! {
    /// The summary of the gateway.
    #[derive(Default)]
    pub struct StatusResult {
        /// The gateway's version.
        runtime_version: String,
        /// The desktop that agents may use (protocol 4).
        host_desktop?: Value,
        /// Heartbeats.
        heartbeat: HeartbeatSummary,
        /// One line for each channel.
        channel_summary: Vec<String>,
        /// Events that wait for the next turn of the main session.
        queued_system_events: Vec<String>,
        /// Owners of secrets that cannot be read (protocol 4).
        degraded_secret_owners?: Vec<Value>,
        /// Plugins that do not work (protocol 4).
        degraded_plugins?: Vec<Value>,
        /// Background tasks (protocol 4).
        tasks?: Value,
        /// What an audit of the tasks found (protocol 4).
        task_audit?: Value,
        /// Sessions.
        sessions: StatusSessions,
        /// Whether model runtimes are ready (protocol 4).
        model_runtime?: ModelRuntime,
        /// How busy the gateway is (protocol 4).
        event_loop?: EventLoop,
        /// The memory of the process (protocol 4).
        process_memory?: ProcessMemory,
        /// Pools of workers (protocol 4).
        worker_pools?: Value,
        /// The process (protocol 4).
        pid?: u32,
        /// What a stop would wait for (protocol 4).
        shutdown_budget?: Value,
    }

    /// Heartbeats of all agents.
    #[derive(Default)]
    pub struct HeartbeatSummary {
        /// The default agent.
        default_agent_id: String,
        /// Every agent.
        agents: Vec<HeartbeatAgentStatus>,
    }

    /// The heartbeat of one agent.
    #[derive(Default)]
    pub struct HeartbeatAgentStatus {
        /// The agent.
        agent_id: String,
        /// Whether it is on.
        enabled: bool,
        /// The interval as configured.
        every: String,
        /// The interval in milliseconds, or null when it is off.
        every_ms: Option<u64>,
        /// Whether its answers have no route yet (protocol 4).
        waiting_for_route?: bool,
    }

    /// The memory of the process in bytes (protocol 4).
    #[derive(Default)]
    pub struct ProcessMemory {
        /// Resident.
        rss_bytes: u64,
        /// Heap in use.
        heap_used_bytes: u64,
        /// Heap reserved.
        heap_total_bytes: u64,
        /// Outside the heap.
        external_bytes: u64,
        /// Of it, buffers.
        array_buffers_bytes: u64,
    }

    /// The sessions of all agents.
    #[derive(Default)]
    pub struct StatusSessions {
        /// Where they are stored.
        paths: Vec<String>,
        /// How many there are.
        count: u64,
        /// What a new session uses.
        defaults: StatusDefaults,
        /// The latest ten.
        recent: Vec<StatusSession>,
        /// The same, by agent.
        by_agent: Vec<AgentStatus>,
    }

    /// What a new session uses.
    #[derive(Default)]
    pub struct StatusDefaults {
        /// The model, or null when none is configured.
        model: Option<String>,
        /// The size of its context window, or null.
        context_tokens: Option<u64>,
    }

    /// The sessions of one agent.
    #[derive(Default)]
    pub struct AgentStatus {
        /// The agent.
        agent_id: String,
        /// Where they are stored; `[redacted]` without admin.
        path: String,
        /// How many there are.
        count: u64,
        /// The latest ten.
        recent: Vec<StatusSession>,
    }

    /// A session in the summary.
    #[derive(Default)]
    pub struct StatusSession {
        /// The agent.
        agent_id?: String,
        /// Its key.
        key: String,
        /// `direct`, `group`, `global` or `unknown`.
        kind: String,
        /// Its transcript.
        session_id?: String,
        /// The last change, in milliseconds since 1970, or null.
        updated_at: Option<u64>,
        /// Milliseconds since then, or null.
        age: Option<u64>,
        /// How much it thinks.
        thinking_level?: String,
        /// Whether it is fast.
        fast_mode?: Value,
        /// How much it tells about tools.
        verbose_level?: String,
        /// Whether it tells its reasoning.
        reasoning_level?: String,
        /// Whether it runs commands with more rights.
        elevated_level?: String,
        /// Whether the system prompt was sent.
        system_sent?: bool,
        /// Whether the last run was aborted.
        aborted_last_run?: bool,
        /// Tokens read.
        input_tokens?: u64,
        /// Tokens written.
        output_tokens?: u64,
        /// Tokens read from the cache.
        cache_read?: u64,
        /// Tokens written to the cache.
        cache_write?: u64,
        /// Tokens in the context, or null when unknown.
        total_tokens: Option<u64>,
        /// Whether that number is of the last turn.
        total_tokens_fresh: bool,
        /// Tokens left in the context window, or null.
        remaining_tokens: Option<u64>,
        /// Share of the context window in percent, or null.
        percent_used: Option<u64>,
        /// The model, or null.
        model: Option<String>,
        /// The size of its context window, or null.
        context_tokens: Option<u64>,
        /// Short remarks, for example `id:...`.
        flags: Vec<String>,
    }
}
