//! Something that a plugin wants to do.

use super::{ApprovalDecision, ApprovalScope, ApprovalSeverity, ThreadId};
use crate::{
    field::{Clearable, Int, List, NonEmpty, Text},
    handled, params, results,
};

/// The longest title, in characters.
pub const MAX_TITLE: usize = 80;
/// The longest description, in characters.
pub const MAX_DESCRIPTION: usize = 512;
/// The longest detail, in characters.
pub const MAX_DETAIL: usize = 16_384;
/// The longest wait, in milliseconds.
pub const MAX_TIMEOUT_MS: u64 = 600_000;

params! {
    /// Asks operators about something that a plugin wants to do. The id begins with `plugin:`.
    pub struct PluginApprovalRequestParams {
        /// The plugin.
        plugin_id?: Clearable<NonEmpty>,
        /// What it wants, in few words.
        title: Text<1, MAX_TITLE>,
        /// What it wants.
        description: Text<1, MAX_DESCRIPTION>,
        /// More, for those who want to see it (protocol 4).
        detail?: Clearable<Text<1, MAX_DETAIL>>,
        /// How much is at stake.
        severity?: Clearable<ApprovalSeverity>,
        /// What the consequence would be (protocol 4).
        scope?: Clearable<ApprovalScope>,
        /// The tool.
        tool_name?: Clearable<String>,
        /// The tool call.
        tool_call_id?: Clearable<String>,
        /// The tool of an MCP server (protocol 4).
        mcp_tool?: McpTool,
        /// What may be decided (protocol 4).
        allowed_decisions?: Clearable<List<ApprovalDecision, 1, 3>>,
        /// The agent that asks.
        agent_id?: Clearable<String>,
        /// The session that asks.
        session_key?: Clearable<String>,
        /// Devices that may decide; heard from the gateway's own parts alone (protocol 4).
        approval_reviewer_device_ids?: Clearable<Vec<NonEmpty>>,
        /// The channel that the turn came from.
        turn_source_channel?: Clearable<String>,
        /// The recipient of its answers.
        turn_source_to?: Clearable<String>,
        /// The account that it came to.
        turn_source_account_id?: Clearable<String>,
        /// The thread that it belongs to.
        turn_source_thread_id?: Clearable<ThreadId>,
        /// How long it waits, in milliseconds.
        timeout_ms?: Int<1, MAX_TIMEOUT_MS>,
        /// Whether to answer twice: at once, and when it is decided.
        two_phase?: bool,
    }

    /// A tool of an MCP server (protocol 4).
    pub struct McpTool {
        /// The server.
        server: NonEmpty,
        /// The tool.
        tool: NonEmpty,
    }
}

handled! { PluginApprovalRequestParams {
    used: plugin_id, title, description, detail, severity, scope, tool_name, tool_call_id, allowed_decisions, agent_id, session_key, turn_source_channel, turn_source_to, turn_source_account_id, turn_source_thread_id, timeout_ms, two_phase;
    refused: ;
    hints:
        approval_reviewer_device_ids: "whoever may decide is asked, and the record says who did",
        mcp_tool: "the title and the description are what a person is shown";
} }

results! {
    /// Something that a plugin wants to do, as approvers see it: in full, with what is invisible made visible.
    #[derive(Default)]
    pub struct PluginApprovalRequest {
        /// The plugin.
        plugin_id: Option<String>,
        /// What it wants, in few words.
        title: String,
        /// What it wants.
        description: String,
        /// More (protocol 4).
        detail?: String,
        /// How much is at stake.
        severity: Option<ApprovalSeverity>,
        /// What the consequence would be (protocol 4).
        scope?: ApprovalScope,
        /// The tool.
        tool_name: Option<String>,
        /// The tool call.
        tool_call_id: Option<String>,
        /// What may be decided (protocol 4).
        allowed_decisions?: Vec<ApprovalDecision>,
        /// The agent that asks.
        agent_id: Option<String>,
        /// The session that asks.
        session_key: Option<String>,
        /// The channel that the turn came from.
        turn_source_channel: Option<String>,
        /// The recipient of its answers.
        turn_source_to: Option<String>,
        /// The account that it came to.
        turn_source_account_id: Option<String>,
        /// The thread that it belongs to.
        turn_source_thread_id: Option<ThreadId>,
    }
}
