//! `exec.approval.*`, `plugin.approval.*`: requests that wait for a decision, and what was decided.

use crate::{
    events,
    methods::approvals::{
        ApprovalDecision, ApprovalKind, ExecApprovalRequest, PluginApprovalRequest,
    },
    results,
};

events! {
    "exec.approval.requested": ExecApprovalRequestedEvent, to APPROVALS, droppable;
    "exec.approval.resolved": ExecApprovalResolvedEvent, to APPROVALS, droppable;
    "plugin.approval.requested": PluginApprovalRequestedEvent, to APPROVALS, droppable;
    "plugin.approval.resolved": PluginApprovalResolvedEvent, to APPROVALS, droppable;
}

results! {
    /// A command wants to run.
    pub struct ExecApprovalRequestedEvent {
        /// The request.
        id: String,
        /// The command, in full.
        request: ExecApprovalRequest,
        /// When it was made, in milliseconds since 1970.
        created_at_ms: u64,
        /// Until when it waits.
        expires_at_ms: u64,
        /// `exec` (protocol 4, in lists).
        approval_kind?: ApprovalKind,
    }

    /// A command was decided about, or nobody decided in time.
    pub struct ExecApprovalResolvedEvent {
        /// The request.
        id: String,
        /// What was decided; null when nobody did.
        decision: Option<ApprovalDecision>,
        /// Who decided, by the gateway's records.
        resolved_by: Option<String>,
        /// When, in milliseconds since 1970.
        ts: u64,
        /// The command.
        request: ExecApprovalRequest,
    }

    /// A plugin wants to do something.
    pub struct PluginApprovalRequestedEvent {
        /// The request.
        id: String,
        /// What it wants, in full.
        request: PluginApprovalRequest,
        /// When it was made, in milliseconds since 1970.
        created_at_ms: u64,
        /// Until when it waits.
        expires_at_ms: u64,
        /// `plugin` (protocol 4, in lists).
        approval_kind?: ApprovalKind,
    }

    /// A plugin's request was decided, or nobody decided in time.
    pub struct PluginApprovalResolvedEvent {
        /// The request.
        id: String,
        /// What was decided; null when nobody did.
        decision: Option<ApprovalDecision>,
        /// Who decided, by the gateway's records.
        resolved_by: Option<String>,
        /// When, in milliseconds since 1970.
        ts: u64,
        /// What it wanted.
        request: PluginApprovalRequest,
    }
}
