//! `sessions.create`, `sessions.reset`, `sessions.delete`.

use super::patch::SessionsPatchResolved;
use crate::{
    error::RpcError,
    field::{Int, Label, MAX_SAFE_INTEGER, Ms, NonEmpty, Text, Title, WorktreeName},
    handled,
    methods::common::{Attachment, FastMode, Mentions, Object, PermissionMode, ToolOverrides},
    params, results,
    scope::Scope,
    words,
};

words! {
    /// Why a session begins anew.
    pub enum ResetReason: any_of {
        /// A person began something else.
        New = "new",
        /// A person threw it away.
        Reset = "reset",
    }

    /// Who may see a session (protocol 4).
    pub enum CreateVisibility: any_of {
        /// Everyone may write.
        Shared = "shared",
        /// Everyone may read.
        ReadOnly = "read-only",
        /// Everyone may suggest.
        Suggest = "suggest",
        /// Nobody else.
        Draft = "draft",
    }

    /// Up to where a copy goes (protocol 4).
    pub enum ForkFrom: any_of {
        /// The last answer that was completed.
        LastCompleted = "last-completed",
    }

    /// What a worktree begins with (protocol 4).
    pub enum WorktreeSource: any_of {
        /// Nothing.
        Empty = "empty",
    }
}

params! {
    /// Makes a session, and with a message starts its first turn.
    #[derive(Default)]
    pub struct SessionsCreateParams {
        /// Its key; `agent:<id>:dashboard:<uuid>` when absent.
        key?: NonEmpty,
        /// A repetition with the same key returns the first session (protocol 4).
        idempotency_key?: NonEmpty,
        /// Its agent.
        agent_id?: NonEmpty,
        /// Its name.
        label?: Label,
        /// How it is shown; need not be unique (protocol 4).
        display_name?: Title,
        /// A text from which a title is made (protocol 4).
        title_source?: Text<0, 1000>,
        /// Its group in the list (protocol 4).
        category?: Label,
        /// Its model.
        model?: NonEmpty,
        /// What runs its turns (protocol 4).
        agent_runtime?: NonEmpty,
        /// The context window to use (protocol 4).
        context_window?: NonEmpty,
        /// How much it thinks (protocol 4).
        thinking_level?: NonEmpty,
        /// Whether it is fast (protocol 4).
        fast_mode?: FastMode,
        /// What its tools may do; needs admin (protocol 4).
        permission_mode?: PermissionMode,
        /// What it changes about tools; needs admin (protocol 4).
        tool_overrides?: ToolOverrides,
        /// Whether it leaves no trace (protocol 4).
        incognito?: bool,
        /// Who may see it (protocol 4).
        visibility?: CreateVisibility,
        /// The catalogue that it belongs to (protocol 4).
        catalog_id?: NonEmpty,
        /// The session that it branches off.
        parent_session_key?: NonEmpty,
        /// Through how many sessions it is started; needs a parent (protocol 4).
        spawn_depth?: Int<1, MAX_SAFE_INTEGER>,
        /// Whether it begins as a copy of its parent (protocol 4).
        fork?: bool,
        /// Up to where (protocol 4).
        fork_from?: ForkFrom,
        /// Whether hooks run (protocol 4).
        emit_command_hooks?: bool,
        /// Whether it takes its parent's place (protocol 4).
        succeeds_parent?: bool,
        /// The longest time of the first turn, in milliseconds (protocol 4).
        timeout_ms?: Ms,
        /// The first message, by its old name.
        task?: String,
        /// The first message.
        message?: String,
        /// People who are named in it (protocol 4).
        mentions?: Mentions,
        /// Files (protocol 4).
        attachments?: Vec<Attachment>,
        /// Its project (protocol 4).
        project_id?: NonEmpty,
        /// A remote project that is fetched before (protocol 4).
        project_git_url?: Text<1, 2048>,
        /// A repository that is fetched before (protocol 4).
        repository?: Repository,
        /// Whether it gets a worktree of its own (protocol 4).
        worktree?: bool,
        /// What the worktree begins with (protocol 4).
        worktree_source?: WorktreeSource,
        /// The commit that its branch begins at (protocol 4).
        worktree_base_ref?: NonEmpty,
        /// Its name (protocol 4).
        worktree_name?: WorktreeName,
        /// The node that runs its commands; needs admin (protocol 4).
        exec_node?: NonEmpty,
        /// The folder of its commands; needs admin (protocol 4).
        cwd?: NonEmpty,
    }

    /// A repository (protocol 4).
    pub struct Repository {
        /// Where it is.
        url: Text<1, 2048>,
        /// The commit.
        r#ref?: Text<1, 1024>,
    }

    /// Gives a session a new, empty transcript; the old one is archived.
    pub struct SessionsResetParams {
        /// The session.
        key: NonEmpty,
        /// The agent, for a key without one (protocol 4).
        agent_id?: NonEmpty,
        /// Why.
        reason?: ResetReason,
        /// Changes nothing unless the session has this transcript (protocol 4).
        expected_session_id?: NonEmpty,
    }

    /// Deletes a session, but never an agent's main session; its transcript is archived.
    pub struct SessionsDeleteParams {
        /// The session.
        key: NonEmpty,
        /// The agent, for a key without one (protocol 4).
        agent_id?: NonEmpty,
        /// Whether the transcript is archived too; true when absent.
        delete_transcript?: bool,
        /// Deletes nothing unless the session has this transcript (protocol 4).
        expected_session_id?: NonEmpty,
        /// Deletes nothing unless the session is in this revision (protocol 4).
        expected_lifecycle_revision?: NonEmpty,
        /// Deletes nothing unless the last change was then (protocol 4).
        expected_session_updated_at?: Ms,
        /// Whether hooks run.
        emit_lifecycle_hooks?: bool,
        /// Deletes nothing unless the session is archived (protocol 4).
        archived_only?: bool,
    }
}

handled! { SessionsCreateParams {
    used: key, idempotency_key, agent_id, label, display_name, category, model, thinking_level,
        parent_session_key, spawn_depth, timeout_ms, task, message, attachments;
    refused:
        agent_runtime: "there is one runtime",
        context_window: "a model has one context window",
        fast_mode: "no model has a fast variant",
        permission_mode: "sessions have no permissions of their own",
        tool_overrides: "sessions cannot change the agent's tools",
        incognito: "every session is kept",
        visibility unless "shared": "every operator sees every session",
        catalog_id: "there are no catalogues of sessions",
        fork: "sessions cannot be copied",
        fork_from: "sessions cannot be copied",
        succeeds_parent: "a session cannot take the place of another",
        mentions: "there are no profiles of people who could be told",
        project_id: "there are no projects",
        project_git_url: "there are no projects",
        repository: "repositories are not fetched",
        worktree: "there are no worktrees",
        worktree_source: "there are no worktrees",
        worktree_base_ref: "there are no worktrees",
        worktree_name: "there are no worktrees",
        exec_node: "a session's commands have no node of their own",
        cwd: "a session works in its agent's workspace";
    hints:
        title_source: "titles are made from the first message",
        emit_command_hooks: "no hooks are there to be run";
} }

handled! { SessionsResetParams {
    used: key, agent_id, expected_session_id;
    refused: ;
    hints: reason: "both begin a new transcript and keep the old one; only hooks would differ";
} }

handled! { SessionsDeleteParams {
    used: key, agent_id, delete_transcript, expected_session_id, expected_session_updated_at,
        archived_only;
    refused:
        expected_lifecycle_revision: "sessions have no revision; use expectedSessionId";
    hints: emit_lifecycle_hooks: "no hooks are there to be run";
} }

impl SessionsCreateParams {
    /// The scope in protocol 4: a session with rights of its own (permissions, tools, a node or a
    /// folder for its commands, another runtime, a place in a lineage) needs admin, another one
    /// write.
    pub fn scope(&self) -> Scope {
        let rights = [
            self.permission_mode.is_some(),
            self.tool_overrides.is_some(),
            self.exec_node.is_some(),
            self.cwd.is_some(),
            self.agent_runtime.is_some(),
            self.spawn_depth.is_some(),
        ];
        if rights.contains(&true) { Scope::Admin } else { Scope::Write }
    }
}

impl SessionsDeleteParams {
    /// The scope in protocol 4: what is archived already may be deleted with write, everything
    /// else needs admin.
    pub fn scope(&self) -> Scope {
        if self.archived_only == Some(true) { Scope::Write } else { Scope::Admin }
    }
}

results! {
    /// The new session.
    #[derive(Default)]
    pub struct SessionsCreateResult {
        /// Always true.
        ok: bool,
        /// Its key.
        key: String,
        /// Its transcript.
        session_id?: String,
        /// Its entry in the index, as `sessions.json` has it.
        entry?: Object,
        /// Whether a first turn was started.
        run_started?: bool,
        /// The turn.
        run_id?: String,
        /// How far the turn is, for example `started`.
        status?: String,
        /// The place of the first message in the transcript.
        message_seq?: u64,
        /// Why the turn was not started.
        run_error?: RpcError,
    }

    /// The session after the reset.
    #[derive(Default)]
    pub struct SessionsResetResult {
        /// Always true.
        ok: bool,
        /// Its key.
        key: String,
        /// Its entry in the index, as `sessions.json` has it.
        entry: Object,
        /// What it uses in the end (protocol 4).
        resolved?: SessionsPatchResolved,
    }

    /// What was deleted.
    #[derive(Default, Eq)]
    pub struct SessionsDeleteResult {
        /// Always true.
        ok: bool,
        /// The key.
        key: String,
        /// Whether there was such a session.
        deleted: bool,
        /// Files that were archived.
        archived: Vec<String>,
    }
}
