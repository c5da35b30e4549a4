//! `sessions.patch`.

use crate::{
    field::{Clearable, Int, Label, MAX_SAFE_INTEGER, Ms, NonEmpty, Text},
    handled,
    methods::common::{
        AgentRuntime, BoardFace, BoardPresentation, FastMode, Object, PermissionMode,
        ThinkingLevel, ToolOverrides,
    },
    params, results,
    scope::Scope,
    words,
};

words! {
    /// Whether an answer tells what it cost.
    pub enum ResponseUsage: any_of {
        /// No.
        Off = "off",
        /// In tokens.
        Tokens = "tokens",
        /// In full.
        Full = "full",
        /// As configured.
        On = "on",
    }

    /// Whether a session may send.
    pub enum SendPolicy: any_of {
        /// It may.
        Allow = "allow",
        /// It may not.
        Deny = "deny",
    }

    /// When an agent answers in a group.
    pub enum GroupActivation: any_of {
        /// When it is mentioned.
        Mention = "mention",
        /// Always.
        Always = "always",
    }

    /// What a subagent is (protocol 3).
    pub enum SubagentRole: any_of {
        /// It starts others.
        Orchestrator = "orchestrator",
        /// It does not.
        Leaf = "leaf",
    }

    /// What a subagent may stop (protocol 3).
    pub enum SubagentControlScope: any_of {
        /// Those that it started.
        Children = "children",
        /// Nothing.
        None = "none",
    }

    /// The only change of a sandbox (protocol 4).
    pub enum SandboxMode: any_of {
        /// None is used.
        Off = "off",
    }

    /// What a session wants from a person (protocol 4).
    pub enum Attention: one_of {
        /// An answer.
        Hand = "hand",
        /// A secret.
        Key = "key",
        /// Something is wrong.
        Alert = "alert",
        /// Something is done.
        Flag = "flag",
        /// A permission.
        Lock = "lock",
        /// Patience.
        Hourglass = "hourglass",
    }
}

/// A text that `null` clears.
type ClearText = Clearable<NonEmpty>;

params! {
    /// Changes settings of a session; `null` sets one back to its default.
    pub struct SessionsPatchParams {
        /// The session.
        key: NonEmpty,
        /// The agent, for a key without one (protocol 4).
        agent_id?: NonEmpty,
        /// Changes nothing unless the session has this transcript (protocol 4).
        expected_session_id?: NonEmpty,
        /// Changes nothing unless the session is in this revision (protocol 4).
        expected_lifecycle_revision?: NonEmpty,
        /// Changes nothing unless this mode is set (protocol 4).
        expected_permission_mode?: Clearable<PermissionMode>,
        /// Changes nothing unless this sandbox is set (protocol 4).
        expected_sandbox_mode?: Clearable<SandboxMode>,
        /// Changes nothing unless this consent is set (protocol 4).
        expected_native_runtime_consent?: ClearText,
        /// Changes nothing unless these overrides are set (protocol 4).
        expected_tool_overrides?: Clearable<ToolOverrides>,
        /// Marks as read only if it was marked as not read then (protocol 4).
        expected_marked_unread_at?: Clearable<Ms>,
        /// Its name.
        label?: Clearable<Label>,
        /// Its name, given by the gateway (protocol 4).
        auto_label?: Clearable<Label>,
        /// Its symbol (protocol 4).
        icon?: Clearable<String>,
        /// Its colour (protocol 4).
        color?: Clearable<String>,
        /// Its group in the list (protocol 4).
        category?: Clearable<Label>,
        /// How it is shown (protocol 4).
        board_face?: BoardFace,
        /// How its dashboard is shown (protocol 4).
        board_presentation?: Clearable<BoardPresentation>,
        /// A short note that passes (protocol 4).
        status_note?: Clearable<Text<0, 120>>,
        /// What it wants from a person (protocol 4).
        attention?: Clearable<Attention>,
        /// After how many minutes the note passes (protocol 4).
        ttl_minutes?: Int<1, 120>,
        /// Whether it is archived (protocol 4).
        archived?: bool,
        /// Whether it is pinned (protocol 4).
        pinned?: bool,
        /// Whether it is marked as not read (protocol 4).
        unread?: bool,
        /// The context window to use (protocol 4).
        context_window?: ClearText,
        /// How much it thinks.
        thinking_level?: ClearText,
        /// Whether it is fast.
        fast_mode?: Clearable<FastMode>,
        /// What it changes about tools (protocol 4).
        tool_overrides?: Clearable<ToolOverrides>,
        /// How much it tells about tools.
        verbose_level?: ClearText,
        /// How much it tells about itself (protocol 4).
        trace_level?: ClearText,
        /// Whether it tells its reasoning.
        reasoning_level?: ClearText,
        /// Whether it tells what an answer cost.
        response_usage?: Clearable<ResponseUsage>,
        /// Whether it runs commands with more rights.
        elevated_level?: ClearText,
        /// Where it runs commands.
        exec_host?: ClearText,
        /// Which commands it may run.
        exec_security?: ClearText,
        /// When it asks before.
        exec_ask?: ClearText,
        /// The node that runs them.
        exec_node?: ClearText,
        /// What its tools may do (protocol 4).
        permission_mode?: Clearable<PermissionMode>,
        /// Whether it is sandboxed (protocol 4).
        sandbox_mode?: Clearable<SandboxMode>,
        /// Whether a person agreed to a native runtime (protocol 4).
        native_runtime_consent?: ClearText,
        /// The model, `provider/model`.
        model?: ClearText,
        /// What runs its turns (protocol 4).
        agent_runtime?: ClearText,
        /// The session that started it (protocol 3).
        spawned_by?: ClearText,
        /// The folder that it was given (protocol 3).
        spawned_workspace_dir?: ClearText,
        /// Through how many sessions it was started (protocol 3).
        spawn_depth?: Clearable<Int<0, MAX_SAFE_INTEGER>>,
        /// What it is as a subagent (protocol 3).
        subagent_role?: Clearable<SubagentRole>,
        /// What it may stop as a subagent (protocol 3).
        subagent_control_scope?: Clearable<SubagentControlScope>,
        /// The session that is told of its end (protocol 4).
        completion_owner_session_key?: ClearText,
        /// The version of the two fields below (protocol 4).
        inherited_tool_policy_version?: Clearable<Int<1, 1>>,
        /// Tools that it inherits (protocol 4).
        inherited_tool_allow?: Clearable<Vec<NonEmpty>>,
        /// Tools that it must not inherit (protocol 4).
        inherited_tool_deny?: Clearable<Vec<NonEmpty>>,
        /// Whether it may send.
        send_policy?: Clearable<SendPolicy>,
        /// When the agent answers in a group.
        group_activation?: Clearable<GroupActivation>,
    }
}

handled! { SessionsPatchParams {
    used: key, agent_id, expected_session_id, expected_marked_unread_at, label, auto_label, icon,
        color, category, archived, pinned, unread, thinking_level, verbose_level, reasoning_level,
        response_usage, model, spawned_by, spawn_depth;
    refused:
        expected_lifecycle_revision: "sessions have no revision; use expectedSessionId",
        expected_permission_mode: "no session has a permission mode, so only null is true",
        expected_sandbox_mode: "no session has a sandbox mode, so only null is true",
        expected_native_runtime_consent: "no session has such a consent, so only null is true",
        expected_tool_overrides: "no session overrides tools, so only null is true",
        board_face unless "chat": "sessions have no dashboards",
        board_presentation: "sessions have no dashboards",
        status_note: "sessions have no notes that pass",
        attention: "sessions have no notes that pass",
        ttl_minutes: "sessions have no notes that pass",
        context_window: "a model has one context window",
        fast_mode: "no model has a fast variant",
        tool_overrides: "sessions cannot change the agent's tools",
        trace_level unless "off": "there is nothing to be told about the gateway itself",
        elevated_level unless "off": "commands have no elevated rights",
        exec_host: "a session's commands have no host of their own",
        exec_security: "what may run is in exec-approvals.json alone",
        exec_ask: "when is asked is in exec-approvals.json alone",
        exec_node: "a session's commands have no node of their own",
        permission_mode: "sessions have no permissions of their own",
        sandbox_mode unless "off": "there is no sandbox",
        native_runtime_consent: "there is one runtime",
        agent_runtime: "there is one runtime",
        spawned_workspace_dir: "a session works in its agent's workspace",
        subagent_role: "agents start no subagents",
        subagent_control_scope: "agents start no subagents",
        completion_owner_session_key: "no session is told of another's end",
        inherited_tool_policy_version: "sessions cannot change the agent's tools",
        inherited_tool_allow: "sessions cannot change the agent's tools",
        inherited_tool_deny: "sessions cannot change the agent's tools",
        send_policy unless "allow": "what a session may send is not restricted",
        group_activation: "there are no groups";
    hints: ;
} }

impl SessionsPatchParams {
    /// The scope in protocol 4: whatever touches rights of the session (commands, elevation,
    /// permissions, sandbox, tools, lineage, sending, runtime) needs admin; how it is shown, what
    /// it is called, its model and its manner need write.
    pub fn scope(&self) -> Scope {
        let rights = [
            self.tool_overrides.is_some(),
            self.elevated_level.is_some(),
            self.exec_host.is_some(),
            self.exec_security.is_some(),
            self.exec_ask.is_some(),
            self.exec_node.is_some(),
            self.permission_mode.is_some(),
            self.sandbox_mode.is_some(),
            self.native_runtime_consent.is_some(),
            self.agent_runtime.is_some(),
            self.spawned_by.is_some(),
            self.spawned_workspace_dir.is_some(),
            self.spawn_depth.is_some(),
            self.subagent_role.is_some(),
            self.subagent_control_scope.is_some(),
            self.completion_owner_session_key.is_some(),
            self.inherited_tool_policy_version.is_some(),
            self.inherited_tool_allow.is_some(),
            self.inherited_tool_deny.is_some(),
            self.send_policy.is_some(),
            self.group_activation.is_some(),
        ];
        if rights.contains(&true) { Scope::Admin } else { Scope::Write }
    }
}

results! {
    /// The session after the change.
    #[derive(Default)]
    pub struct SessionsPatchResult {
        /// Always true.
        ok: bool,
        /// Where it is stored.
        path: String,
        /// Its canonical key.
        key: String,
        /// Its entry in the index, as `sessions.json` has it.
        entry: Object,
        /// What it uses in the end.
        resolved: SessionsPatchResolved,
    }

    /// What a session uses in the end.
    #[derive(Default, Eq)]
    pub struct SessionsPatchResolved {
        /// The provider.
        model_provider?: String,
        /// The model.
        model?: String,
        /// What runs its turns (protocol 4).
        agent_runtime?: AgentRuntime,
        /// Whether its runtime is fixed (protocol 4).
        runtime_selection_locked?: bool,
        /// How much it thinks (protocol 4).
        thinking_level?: String,
        /// The levels of its model (protocol 4).
        thinking_levels?: Vec<ThinkingLevel>,
    }
}
