//! Parts that several methods and events share.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{
    field::{IdText, Int, List, MAX_SAFE_INTEGER, NonEmpty},
    open_params, params, results, words,
};

/// A JSON object with free names.
pub type Object = serde_json::Map<String, Value>;

words! {
    /// What a session's tools may do without asking (protocol 4).
    pub enum PermissionMode: any_of {
        /// Reading only.
        ReadOnly = "read-only",
        /// Everything after an approval.
        Guarded = "guarded",
        /// Everything inside the workspace.
        Workspace = "workspace",
        /// Everything.
        Full = "full",
    }

    /// The word of a fast mode that is neither on nor off.
    pub enum Auto: any_of {
        /// Fast after some seconds of waiting.
        Auto = "auto",
    }

    /// Where an attachment came from.
    pub enum AttachmentOrigin: any_of {
        /// The clipboard.
        Paste = "paste",
        /// A chosen file.
        File = "file",
    }

    /// Who is behind an input that did not come from the client's own keyboard.
    pub enum ProvenanceKind: one_of {
        /// A person outside.
        ExternalUser = "external_user",
        /// Another session.
        InterSession = "inter_session",
        /// The gateway itself.
        InternalSystem = "internal_system",
    }

    /// The only role that a provenance may name.
    pub enum SourceRole: any_of {
        /// A subagent.
        Subagent = "subagent",
    }

    /// The way a session is shown.
    pub enum BoardFace: any_of {
        /// As a conversation.
        Chat = "chat",
        /// As a dashboard.
        Dashboard = "dashboard",
    }

    /// The way a dashboard is shown beside its conversation.
    pub enum BoardPresentation: any_of {
        /// Side by side.
        Split = "split",
        /// Alone.
        Expanded = "expanded",
    }
}

/// Whether the fast variant of a model is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum FastMode {
    /// On or off.
    Switch(bool),
    /// `auto`.
    Word(Auto),
}

params! {
    /// What a session changes about the agent's tools (protocol 4).
    #[derive(Default)]
    pub struct ToolOverrides {
        /// MCP servers that are switched on or off.
        mcp_servers?: BTreeMap<String, bool>,
        /// Tools that are denied, by MCP server.
        mcp_tools_deny?: BTreeMap<String, Vec<NonEmpty>>,
        /// Skills that are switched on or off.
        skills?: BTreeMap<String, bool>,
        /// Whether the web may be searched.
        web_search?: bool,
    }

    /// A person who is named in a message (protocol 4).
    pub struct Mention {
        /// The person's profile.
        profile_id: IdText,
        /// Where the name begins in the message, in UTF-16 units.
        start: Int<0, MAX_SAFE_INTEGER>,
        /// Where it ends.
        end: Int<1, MAX_SAFE_INTEGER>,
    }

    /// Where an input really came from. Only the gateway's own components may claim one.
    pub struct InputProvenance {
        /// Who is behind it.
        kind: ProvenanceKind,
        /// The session that it began in.
        origin_session_id?: String,
        /// The session that passed it on.
        source_session_key?: String,
        /// The channel that it came through.
        source_channel?: String,
        /// The tool that made it.
        source_tool?: String,
        /// The role of the sender (protocol 4).
        source_role?: SourceRole,
        /// A text that the sender put before it (protocol 4).
        source_prompt_prefix?: String,
        /// The schedule that made it (protocol 4).
        job_id?: String,
        /// The run that made it (protocol 4).
        run_id?: String,
    }
}

/// At most ten people.
pub type Mentions = List<Mention, 0, 10>;

open_params! {
    /// A file that comes with a message. Unknown names are ignored, as OpenClaw does.
    #[derive(Default)]
    pub struct Attachment {
        /// `image`, `audio`, `video` or `file`.
        r#type?: String,
        /// Its MIME type.
        mime_type?: String,
        /// Its name.
        file_name?: String,
        /// Where it came from.
        origin?: AttachmentOrigin,
        /// Its bytes as Base64, or a reference that the gateway understands.
        content?: Value,
        /// Its size.
        size_bytes?: f64,
        /// How long it plays.
        duration_ms?: f64,
        /// Its width in pixels.
        width?: f64,
        /// Its height in pixels.
        height?: f64,
    }
}

results! {
    /// A thinking level that a model offers.
    #[derive(Eq)]
    pub struct ThinkingLevel {
        /// The level's word, for example `low`.
        id: String,
        /// How it is shown.
        label: String,
    }

    /// What runs an agent's turns (protocol 4).
    #[derive(Eq)]
    pub struct AgentRuntime {
        /// The runtime, for example `openclaw` or `auto`.
        id: String,
        /// The runtime that is used when this one is missing.
        fallback?: String,
        /// Whether sessions may move to a cloud worker.
        cloud_placement_supported?: bool,
        /// How a cloud worker would run a turn.
        cloud_placement_execution_mode?: String,
        /// What a device must offer to run turns.
        device_placement?: DevicePlacement,
        /// Whether sessions may move to a device.
        device_placement_supported?: bool,
        /// Which setting chose it, for example `implicit`.
        source: String,
    }

    /// What a device must offer to run turns (protocol 4).
    #[derive(Eq)]
    pub struct DevicePlacement {
        /// Commands that the node must declare.
        required_node_commands: Vec<String>,
        /// Whether a turn takes one of the worker's slots.
        consumes_worker_slot: bool,
    }

    /// How busy the gateway is (protocol 4).
    #[derive(Default)]
    pub struct EventLoop {
        /// Whether it is too busy.
        degraded: bool,
        /// Since how many milliseconds, or null.
        degraded_since_ms: Option<u64>,
        /// Why: `event_loop_delay`, `event_loop_utilization`, `cpu`.
        reasons: Vec<String>,
        /// The span that was measured, in milliseconds.
        interval_ms: f64,
        /// The delay that 99 of 100 tasks stayed under, in milliseconds.
        delay_p99_ms: f64,
        /// The longest delay, in milliseconds.
        delay_max_ms: f64,
        /// The share of time that was not idle.
        utilization: f64,
        /// Cores used by the process.
        cpu_core_ratio: f64,
        /// Where the processor time went.
        cpu_breakdown?: CpuBreakdown,
    }

    /// Where the processor time went (protocol 4).
    #[derive(Default)]
    pub struct CpuBreakdown {
        /// Cores used by the main thread.
        main_thread_core_ratio?: f64,
        /// Cores used by workers.
        worker_core_ratio?: f64,
        /// Cores used by other threads.
        other_threads_core_ratio?: f64,
        /// Share of all cores in use on the machine, 0 to 1.
        host_utilization?: f64,
        /// Cores of the machine.
        host_cpu_count?: u64,
    }

    /// Tokens and their price.
    #[derive(Default)]
    pub struct Usage {
        /// Tokens read by the model.
        input?: u64,
        /// Tokens written by the model.
        output?: u64,
        /// Tokens read from the provider's cache.
        cache_read?: u64,
        /// Tokens written to the provider's cache.
        cache_write?: u64,
        /// All of them.
        total_tokens?: u64,
        /// The price in US dollars.
        cost?: UsageCost,
    }

    /// A price in US dollars.
    #[derive(Default)]
    pub struct UsageCost {
        /// For tokens read.
        input?: f64,
        /// For tokens written.
        output?: f64,
        /// For tokens read from the cache.
        cache_read?: f64,
        /// For tokens written to the cache.
        cache_write?: f64,
        /// The sum.
        total?: f64,
    }
}
