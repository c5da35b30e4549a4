//! `agents.list`, `agent.identity.get`, `agents.files.*`: the agents that there are, and the files that
//! tell them who they are.

use serde_json::Value;

use crate::{
    field::NonEmpty,
    methods,
    methods::common::{AgentRuntime, ThinkingLevel},
    params, results,
};

methods! {
    "agents.list": AgentsListParams => AgentsListResult, v3 READ, v4 READ;
    "agent.identity.get": AgentIdentityParams => AgentIdentityResult, v3 READ, v4 READ;
    "agents.files.list": AgentsFilesListParams => AgentsFilesListResult, v3 READ, v4 READ;
    "agents.files.get": AgentsFilesGetParams => AgentsFilesGetResult, v3 READ, v4 READ;
}

params! {
    /// Lists the configured agents and names the default.
    #[derive(Default)]
    pub struct AgentsListParams {
    }

    /// Returns name and picture of the assistant behind an agent or a session.
    #[derive(Default)]
    pub struct AgentIdentityParams {
        /// The agent; the default when neither is given.
        agent_id?: NonEmpty,
        /// A session of the agent.
        session_key?: String,
    }

    /// Lists the files of an agent's workspace that belong to its system prompt.
    pub struct AgentsFilesListParams {
        /// The agent.
        agent_id: NonEmpty,
    }

    /// Returns one of these files.
    pub struct AgentsFilesGetParams {
        /// The agent.
        agent_id: NonEmpty,
        /// The file's name.
        name: NonEmpty,
    }
}

results! {
    /// The agents.
    pub struct AgentsListResult {
        /// The default agent.
        default_id: String,
        /// Who owns the list: `sole`, `legacy` or `explicit` (protocol 4).
        ownership?: String,
        /// Whether a person has to choose an agent first (protocol 4).
        selection_required?: bool,
        /// The key of a main session without its agent, always `main`.
        main_key: String,
        /// `per-sender` or `global`.
        scope: String,
        /// The agents, in the order of the config.
        agents: Vec<AgentSummary>,
    }

    /// An agent.
    #[derive(Default)]
    pub struct AgentSummary {
        /// The agent's id.
        id: String,
        /// Its name.
        name?: String,
        /// Who it says that it is.
        identity?: AgentSummaryIdentity,
        /// `agent` or `system` (protocol 4).
        kind?: String,
        /// `operator`, `agent` or `claw` (protocol 4).
        created_via?: String,
        /// The agent that made it (protocol 4).
        creator_agent_id?: Value,
        /// When it was made, in milliseconds since 1970 (protocol 4).
        created_at?: u64,
        /// The model for small tasks (protocol 4).
        utility_model?: String,
        /// Its folder (protocol 4).
        workspace?: String,
        /// Whether the folder is a git repository (protocol 4).
        workspace_git?: bool,
        /// Its models (protocol 4).
        model?: AgentModel,
        /// What runs its turns (protocol 4).
        agent_runtime?: AgentRuntime,
        /// The thinking levels of its model (protocol 4).
        thinking_levels?: Vec<ThinkingLevel>,
        /// Their labels (protocol 4).
        thinking_options?: Vec<String>,
        /// The level of a new session (protocol 4).
        thinking_default?: String,
        /// What its tools may do in a new session (protocol 4).
        default_permission_mode?: String,
    }

    /// Who an agent says that it is.
    #[derive(Default, Eq)]
    pub struct AgentSummaryIdentity {
        /// Its name.
        name?: String,
        /// Its character.
        theme?: String,
        /// Its emoji.
        emoji?: String,
        /// Its picture as configured.
        avatar?: String,
        /// Where the picture can be fetched.
        avatar_url?: String,
    }

    /// The models of an agent.
    #[derive(Default, Eq)]
    pub struct AgentModel {
        /// The first choice, `provider/model`.
        primary?: String,
        /// What follows when it fails.
        fallbacks?: Vec<String>,
    }

    /// The files of an agent.
    #[derive(Eq)]
    pub struct AgentsFilesListResult {
        /// The agent.
        agent_id: String,
        /// Its folder.
        workspace: String,
        /// The files, in the order of the prompt.
        files: Vec<AgentFile>,
    }

    /// One file of an agent.
    #[derive(Eq)]
    pub struct AgentsFilesGetResult {
        /// The agent.
        agent_id: String,
        /// Its folder.
        workspace: String,
        /// The file.
        file: AgentFile,
    }

    /// A file of an agent's workspace.
    #[derive(Default, Eq)]
    pub struct AgentFile {
        /// Its name.
        name: String,
        /// Where it is, or would be.
        path: String,
        /// Whether it is not there, or is no plain file.
        missing: bool,
        /// Whether nothing is wrong when it is not there (protocol 4).
        expected_absent?: bool,
        /// Its size in bytes.
        size?: u64,
        /// The last change, in milliseconds since 1970.
        updated_at_ms?: u64,
        /// Its text, where that was asked for.
        content?: String,
    }

    /// Name and picture of an assistant.
    #[derive(Default, Eq)]
    pub struct AgentIdentityResult {
        /// The agent.
        agent_id: String,
        /// Its name.
        name?: String,
        /// Where the name is set: `config`, `agent`, `workspace` or `default` (protocol 4).
        name_source?: String,
        /// A letter, an emoji, a path under the gateway or a URL.
        avatar?: String,
        /// Where the picture is set (protocol 4).
        avatar_source?: String,
        /// `none`, `local`, `remote` or `data` (protocol 4).
        avatar_status?: String,
        /// Why there is no picture (protocol 4).
        avatar_reason?: String,
        /// Its emoji.
        emoji?: String,
    }
}
