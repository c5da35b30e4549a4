//! A request of any kind with what became of it: what protocol 4 shows.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    ApprovalDecision, ApprovalKind, ApprovalScope, ApprovalSeverity, ApprovalStatus, TerminalReason,
};
use crate::{results, words};

words! {
    /// What sort of thing decided.
    pub enum ResolverKind: any_of {
        /// A paired device.
        Device = "device",
        /// A person on a chat channel.
        Channel = "channel",
        /// A program that proved the shared secret.
        Runtime = "runtime",
        /// The gateway itself.
        System = "system",
    }
}

results! {
    /// A request and what became of it.
    pub struct ApprovalSnapshot {
        /// The request.
        id: String,
        /// What has become of it.
        status: ApprovalStatus,
        /// What it asks.
        presentation: ApprovalPresentation,
        /// Where the page shows it.
        url_path: String,
        /// When it was made, in milliseconds since 1970.
        created_at_ms: u64,
        /// Until when it waits.
        expires_at_ms: u64,
        /// When it ended.
        resolved_at_ms?: u64,
        /// Why it ended.
        reason?: TerminalReason,
        /// What was decided.
        decision?: ApprovalDecision,
        /// Who decided, by the gateway's records.
        resolver?: ApprovalResolver,
        /// Who asked, once it has ended.
        source?: ApprovalSource,
    }

    /// A command.
    pub struct ExecPresentation {
        /// `exec`.
        kind: ApprovalKind,
        /// The command in full.
        command_text: String,
        /// A shorter form; always null, since nothing shorter would be the command.
        command_preview: Option<String>,
        /// Words of warning.
        warning_text: Option<String>,
        /// `gateway`, `node` or `sandbox`.
        host: Option<String>,
        /// The node.
        node_id: Option<String>,
        /// The agent that asks.
        agent_id: Option<String>,
        /// What the consequence would be.
        scope?: ApprovalScope,
        /// What may be decided.
        allowed_decisions: Vec<ApprovalDecision>,
    }

    /// Something that a plugin wants to do.
    pub struct PluginPresentation {
        /// `plugin`.
        kind: ApprovalKind,
        /// What it wants, in few words.
        title: String,
        /// What it wants.
        description: String,
        /// More.
        detail?: String,
        /// How much is at stake.
        severity: ApprovalSeverity,
        /// The plugin.
        plugin_id: Option<String>,
        /// The tool.
        tool_name: Option<String>,
        /// The agent that asks.
        agent_id: Option<String>,
        /// What the consequence would be.
        scope?: ApprovalScope,
        /// What may be decided.
        allowed_decisions: Vec<ApprovalDecision>,
    }

    /// Who decided, by the gateway's records.
    #[derive(Eq)]
    pub struct ApprovalResolver {
        /// What sort of thing.
        kind: ResolverKind,
        /// Which one.
        id?: String,
    }

    /// Who asked.
    #[derive(Default, Eq)]
    pub struct ApprovalSource {
        /// The agent.
        agent_id?: String,
        /// The session.
        session_key?: String,
    }
}

/// What a request asks.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum ApprovalPresentation {
    /// A command.
    Exec(ExecPresentation),
    /// Something that a plugin wants to do.
    Plugin(PluginPresentation),
}
