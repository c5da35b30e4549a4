//! A command that wants to run: how it is asked about, and how approvers see it.

use std::collections::BTreeMap;

use super::{ApprovalDecision, ApprovalScope, ThreadId};
use crate::{
    field::{Clearable, Int, List, MAX_SAFE_INTEGER, NonEmpty, OrNull},
    handled, params, results, words,
};

words! {
    /// The decision that an asker can rule out.
    pub enum OptionalDecision: one_of {
        /// A lasting one.
        AllowAlways = "allow-always",
    }

    /// What may run at all.
    pub enum PolicySecurity: any_of {
        /// Nothing.
        Deny = "deny",
        /// What is listed.
        Allowlist = "allowlist",
        /// Everything.
        Full = "full",
    }

    /// When a person is asked.
    pub enum PolicyAsk: any_of {
        /// Never.
        Off = "off",
        /// When it is not listed.
        OnMiss = "on-miss",
        /// Always.
        Always = "always",
    }

    /// Where a rule comes from.
    pub enum RuleSource: any_of {
        /// A lasting decision.
        AllowAlways = "allow-always",
    }
}

params! {
    /// Asks operators whether a command may run. What is decided holds for exactly this command, folder, environment and session, once.
    #[derive(Default)]
    pub struct ExecApprovalRequestParams {
        /// A name of the asker's own, so that it finds the decision again; letters, digits, `.`, `_`, `:` and `-`.
        id?: NonEmpty,
        /// The command as text; only shown when there is no list of its parts.
        command?: NonEmpty,
        /// The command and its arguments.
        command_argv?: Vec<String>,
        /// What a node would run.
        system_run_plan?: PlanParams,
        /// Variables that are set for it.
        env?: BTreeMap<String, String>,
        /// The folder that it runs in.
        cwd?: Clearable<String>,
        /// The node that it runs on.
        node_id?: Clearable<NonEmpty>,
        /// `gateway`, `node` or `sandbox`.
        host?: Clearable<String>,
        /// The asker's limit: `deny`, `allowlist` or `full`.
        security?: Clearable<String>,
        /// When the asker wants a person asked: `off`, `on-miss` or `always`.
        ask?: Clearable<String>,
        /// Words of warning to show (protocol 4).
        warning_text?: Clearable<String>,
        /// What the consequence would be (protocol 4).
        scope?: ApprovalScope,
        /// Decisions that the asker cannot carry out (protocol 4).
        unavailable_decisions?: List<OptionalDecision, 1, 1>,
        /// Parts of the command to stress (protocol 4); what is shown here is our own rendering.
        command_spans?: Vec<CommandSpan>,
        /// The agent that asks.
        agent_id?: Clearable<String>,
        /// The program's path as the asker resolved it.
        resolved_path?: Clearable<String>,
        /// The session that asks.
        session_key?: Clearable<String>,
        /// Its transcript (protocol 4).
        session_id?: Clearable<String>,
        /// The run that asks (protocol 4).
        run_id?: Clearable<String>,
        /// The tool call that asks (protocol 4).
        tool_call_id?: Clearable<String>,
        /// The channel that the turn came from.
        turn_source_channel?: Clearable<String>,
        /// The recipient of its answers.
        turn_source_to?: Clearable<String>,
        /// The account that it came to.
        turn_source_account_id?: Clearable<String>,
        /// The thread that it belongs to.
        turn_source_thread_id?: Clearable<ThreadId>,
        /// Devices that may decide; heard from the gateway's own parts alone (protocol 4).
        approval_reviewer_device_ids?: Vec<NonEmpty>,
        /// Whether the request ends at once when nobody is there to decide; true when absent (protocol 4).
        require_delivery_route?: bool,
        /// Whether nobody is told (protocol 4).
        suppress_delivery?: bool,
        /// Whether only connected approvers are told (protocol 4).
        deliver_to_approval_clients_only?: bool,
        /// How long it waits, in milliseconds; at most a day.
        timeout_ms?: Int<1, MAX_SAFE_INTEGER>,
        /// Whether to answer twice: at once, and when it is decided.
        two_phase?: bool,
    }

    /// What a node would run.
    pub struct PlanParams {
        /// The command and its arguments.
        argv: Vec<String>,
        /// The folder.
        cwd: OrNull<String>,
        /// The command as text.
        command_text: String,
        /// A shorter form of it.
        command_preview?: Clearable<String>,
        /// The agent.
        agent_id: OrNull<String>,
        /// The session.
        session_key: OrNull<String>,
        /// The node's policy when the plan was made (protocol 4).
        policy_snapshot?: PolicySnapshot,
        /// A script that the command names, with its digest.
        mutable_file_operand?: Clearable<MutableFileOperand>,
    }

    /// A node's policy at some time (protocol 4).
    pub struct PolicySnapshot {
        /// What may run at all.
        security: PolicySecurity,
        /// When a person is asked.
        ask: PolicyAsk,
        /// What holds when nobody answers.
        ask_fallback: PolicySecurity,
        /// Whether programs of skills may run.
        auto_allow_skills: bool,
        /// What is listed.
        allowlist_rules: Vec<PolicyRule>,
    }

    /// A listed program (protocol 4).
    pub struct PolicyRule {
        /// Its path, with wildcards.
        pattern: String,
        /// Its arguments.
        arg_pattern?: String,
        /// Where the rule comes from.
        source?: RuleSource,
    }

    /// A file that a command runs, with its digest.
    pub struct MutableFileOperand {
        /// Which argument names it.
        argv_index: Int<0, MAX_SAFE_INTEGER>,
        /// Its path.
        path: String,
        /// SHA-256 of its content, hex.
        sha256: String,
    }

    /// A part of a command, in UTF-16 units (protocol 4).
    pub struct CommandSpan {
        /// Where it begins.
        start_index: Int<0, MAX_SAFE_INTEGER>,
        /// Where it ends.
        end_index: Int<1, MAX_SAFE_INTEGER>,
    }

    /// Returns a command that waits for a decision (protocol 4).
    pub struct ExecApprovalGetParams {
        /// The request; the first characters do when no other begins so.
        id: NonEmpty,
    }
}

handled! { ExecApprovalRequestParams {
    used: id, command, command_argv, system_run_plan, env, cwd, node_id, host, security, ask, warning_text, scope, unavailable_decisions, agent_id, resolved_path, session_key, session_id, run_id, tool_call_id, turn_source_channel, turn_source_to, turn_source_account_id, turn_source_thread_id, require_delivery_route, suppress_delivery, timeout_ms, two_phase;
    refused: ;
    hints:
        approval_reviewer_device_ids: "whoever may decide is asked, and the record says who did",
        command_spans: "the whole command is shown, as it would run",
        deliver_to_approval_clients_only: "requests are shown by approval clients alone";
} }

results! {
    /// A command that wants to run, as approvers see it: in full, with what is invisible made visible.
    #[derive(Default)]
    pub struct ExecApprovalRequest {
        /// The command.
        command: String,
        /// Its parts, unless a node runs it.
        command_argv?: Vec<String>,
        /// Names of variables that are set for it.
        env_keys?: Vec<String>,
        /// What a node may run with it.
        system_run_binding: Option<SystemRunBinding>,
        /// What a node would run.
        system_run_plan: Option<SystemRunPlan>,
        /// The folder.
        cwd: Option<String>,
        /// The node.
        node_id: Option<String>,
        /// `gateway`, `node` or `sandbox`.
        host: Option<String>,
        /// The asker's limit.
        security: Option<String>,
        /// When the asker wants a person asked.
        ask: Option<String>,
        /// Words of warning, the gateway's own among them (protocol 4).
        warning_text?: String,
        /// What the consequence would be (protocol 4).
        scope?: ApprovalScope,
        /// What may be decided (protocol 4).
        allowed_decisions: Vec<ApprovalDecision>,
        /// The agent that asks.
        agent_id: Option<String>,
        /// The program's path as the asker resolved it.
        resolved_path: Option<String>,
        /// The session that asks.
        session_key: Option<String>,
        /// Its transcript (protocol 4).
        session_id?: String,
        /// The run that asks (protocol 4).
        run_id?: String,
        /// The tool call that asks (protocol 4).
        tool_call_id?: String,
        /// The channel that the turn came from.
        turn_source_channel: Option<String>,
        /// The recipient of its answers.
        turn_source_to: Option<String>,
        /// The account that it came to.
        turn_source_account_id: Option<String>,
        /// The thread that it belongs to.
        turn_source_thread_id: Option<ThreadId>,
    }

    /// What a node may run with an approval.
    #[derive(Default, Eq)]
    pub struct SystemRunBinding {
        /// The command and its arguments.
        argv: Vec<String>,
        /// The folder.
        cwd: Option<String>,
        /// The agent.
        agent_id: Option<String>,
        /// The session.
        session_key: Option<String>,
        /// Digest of the variables; null when none is set.
        env_hash: Option<String>,
    }

    /// What a node would run, as approvers see it.
    #[derive(Default)]
    pub struct SystemRunPlan {
        /// The command and its arguments.
        argv: Vec<String>,
        /// The folder.
        cwd: Option<String>,
        /// The command as text.
        command_text: String,
        /// The agent.
        agent_id: Option<String>,
        /// The session.
        session_key: Option<String>,
        /// A script that the command names, with its digest.
        mutable_file_operand?: MutableFileOperand,
    }

    /// A command that waits for a decision (protocol 4).
    pub struct ExecApprovalGetResult {
        /// The request.
        id: String,
        /// The command.
        command_text: String,
        /// A shorter form; always null, since nothing shorter would be the command.
        command_preview: Option<String>,
        /// What may be decided.
        allowed_decisions: Vec<ApprovalDecision>,
        /// `gateway`, `node` or `sandbox`.
        host: Option<String>,
        /// The node.
        node_id: Option<String>,
        /// The agent that asks.
        agent_id: Option<String>,
        /// Until when it waits, in milliseconds since 1970.
        expires_at_ms: u64,
    }
}
