//! `exec.approvals.*`: the file that says which commands may run, here and on a node.

use std::collections::BTreeMap;

use crate::{
    field::{Int, MAX_SAFE_INTEGER, NonEmpty},
    methods,
    methods::approvals::exec::{PolicyAsk, PolicySecurity, RuleSource},
    params, results,
};

methods! {
    "exec.approvals.get": ExecApprovalsGetParams => ExecApprovalsSnapshot, v3 ADMIN, v4 ADMIN;
    "exec.approvals.set": ExecApprovalsSetParams => ExecApprovalsSnapshot, v3 ADMIN, v4 ADMIN, lane config;
    "exec.approvals.node.get": ExecApprovalsNodeGetParams => ExecApprovalsSnapshot, v3 ADMIN, v4 ADMIN;
    "exec.approvals.node.set": ExecApprovalsNodeSetParams => ExecApprovalsSnapshot, v3 ADMIN, v4 ADMIN;
}

params! {
    /// Returns `exec-approvals.json`, without the secret of its socket.
    #[derive(Default)]
    pub struct ExecApprovalsGetParams {
    }

    /// Replaces `exec-approvals.json`. The hash that `exec.approvals.get` returned must still be that of the file.
    pub struct ExecApprovalsSetParams {
        /// What the file shall say.
        file: ExecApprovalsFile,
        /// The hash of the file that was looked at.
        base_hash?: NonEmpty,
    }

    /// Returns the `exec-approvals.json` of a connected node, without the secret of its socket.
    pub struct ExecApprovalsNodeGetParams {
        /// The node.
        node_id: NonEmpty,
    }

    /// Replaces the `exec-approvals.json` of a connected node, which compares the hash with that of its file.
    pub struct ExecApprovalsNodeSetParams {
        /// The node.
        node_id: NonEmpty,
        /// What the file shall say.
        file: ExecApprovalsFile,
        /// The hash of the file that was looked at.
        base_hash?: NonEmpty,
    }

    /// `exec-approvals.json`.
    pub struct ExecApprovalsFile {
        /// 1.
        version: Int<1, 1>,
        /// A socket of OpenClaw's own; kept, not used here.
        socket?: ExecApprovalsSocket,
        /// What holds for every agent.
        defaults?: ExecApprovalsDefaults,
        /// What holds for one; `*` is every one.
        agents?: BTreeMap<String, ExecApprovalsAgent>,
    }

    /// A socket of OpenClaw's own.
    #[derive(Default)]
    pub struct ExecApprovalsSocket {
        /// Its path.
        path?: String,
        /// Its secret; never returned.
        token?: String,
    }

    /// What holds for every agent.
    #[derive(Default)]
    pub struct ExecApprovalsDefaults {
        /// What may run at all: `deny`, `allowlist` or `full`.
        security?: String,
        /// When a person is asked: `off`, `on-miss` or `always`.
        ask?: String,
        /// What holds when nobody answers.
        ask_fallback?: String,
        /// Whether programs of skills may run; kept, without effect here.
        auto_allow_skills?: bool,
    }

    /// What holds for one agent.
    #[derive(Default)]
    pub struct ExecApprovalsAgent {
        /// What may run at all: `deny`, `allowlist` or `full`.
        security?: String,
        /// When a person is asked: `off`, `on-miss` or `always`.
        ask?: String,
        /// What holds when nobody answers.
        ask_fallback?: String,
        /// Whether programs of skills may run; kept, without effect here.
        auto_allow_skills?: bool,
        /// Programs that may run without asking.
        allowlist?: Vec<AllowlistEntry>,
        /// Tools of MCP servers that may be used without asking (protocol 4); kept, without effect here.
        mcp_tools?: Vec<McpToolGrant>,
    }

    /// A program that may run without asking.
    pub struct AllowlistEntry {
        /// A name of the entry.
        id?: NonEmpty,
        /// The path of the program, with `*`, `**` and `?`.
        pattern: String,
        /// `allow-always` when a decision wrote it (protocol 4).
        source?: RuleSource,
        /// The command that was decided about (protocol 4).
        command_text?: String,
        /// Its arguments (protocol 4).
        arg_pattern?: String,
        /// When it was last used, in milliseconds since 1970.
        last_used_at?: serde_json::Number,
        /// By which command.
        last_used_command?: String,
        /// For which program.
        last_resolved_path?: String,
    }

    /// A tool of an MCP server that may be used without asking (protocol 4).
    pub struct McpToolGrant {
        /// The server.
        server: NonEmpty,
        /// The tool.
        tool: NonEmpty,
        /// `allow-always`.
        source: RuleSource,
        /// Since when, in milliseconds since 1970.
        added_at: Int<0, MAX_SAFE_INTEGER>,
        /// When it was last used.
        last_used_at?: Int<0, MAX_SAFE_INTEGER>,
    }
}

results! {
    /// The file as it is.
    pub struct ExecApprovalsSnapshot {
        /// Where it is.
        path: String,
        /// Whether it exists.
        exists: bool,
        /// Identifies its text; a change must name it as its base.
        hash: String,
        /// What it says, without the secret of its socket.
        file: ExecApprovalsFile,
        /// What holds where it says nothing (protocol 4).
        resolved_defaults?: ResolvedExecDefaults,
        /// Why the text cannot be used; then nothing may run, and `file` says so.
        invalid?: String,
    }

    /// What holds where the file says nothing.
    #[derive(Eq)]
    pub struct ResolvedExecDefaults {
        /// What may run at all.
        security: PolicySecurity,
        /// When a person is asked.
        ask: PolicyAsk,
        /// What holds when nobody answers.
        ask_fallback: PolicySecurity,
        /// Whether programs of skills may run.
        auto_allow_skills: bool,
    }
}
