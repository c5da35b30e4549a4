//! `sessions.list`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::SessionRow;
use crate::{
    field::{Label, Limit, NonEmpty, Offset},
    handled,
    methods::common::{AgentRuntime, BoardFace, ThinkingLevel},
    params, results, words,
};

words! {
    /// The order of a list (protocol 4).
    pub enum SessionSort: any_of {
        /// Latest change first.
        UpdatedAt = "updatedAt",
        /// Latest message of a person first.
        LastInteractionAt = "lastInteractionAt",
        /// Latest turn first.
        Activity = "activity",
    }

    /// What a person has to do with a session (protocol 4).
    pub enum ProfileRelationship: any_of {
        /// Owns it.
        Owned = "owned",
        /// Made it.
        Created = "created",
        /// Took part in it.
        Involving = "involving",
    }

    /// The word of an archive filter that is neither yes nor no.
    pub enum ArchivedAll: any_of {
        /// Both.
        All = "all",
    }
}

/// Whether archived sessions are listed (protocol 4).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum ArchivedFilter {
    /// Only archived ones, or only others.
    Only(bool),
    /// `all`.
    Word(ArchivedAll),
}

params! {
    /// Lists sessions, the latest first.
    #[derive(Default)]
    pub struct SessionsListParams {
        /// The most rows.
        limit?: Limit,
        /// How many rows are skipped (protocol 4).
        offset?: Offset,
        /// Only sessions that changed in the last minutes.
        active_minutes?: Limit,
        /// Only sessions with a running turn (protocol 4).
        active_only?: bool,
        /// Only sessions that a person wrote to (protocol 4).
        require_last_interaction?: bool,
        /// The order (protocol 4).
        sort_by?: SessionSort,
        /// Whether the global session is listed.
        include_global?: bool,
        /// Whether sessions of unknown kind are listed.
        include_unknown?: bool,
        /// Whether sessions of subagents are left out (protocol 4).
        exclude_subagents?: bool,
        /// Whether sessions of schedules are left out (protocol 4).
        exclude_cron?: bool,
        /// Whether sessions of the gateway itself are left out (protocol 4).
        exclude_system?: bool,
        /// Only sessions of agents that are configured (protocol 4).
        configured_agents_only?: bool,
        /// Whether to make titles from the first message.
        include_derived_titles?: bool,
        /// Whether to add the beginning of the last message.
        include_last_message?: bool,
        /// Whether to add a summary of what happened (protocol 4).
        include_activity_summary?: bool,
        /// Only the session with this label.
        label?: Label,
        /// Only of this project (protocol 4).
        project_id?: NonEmpty,
        /// Only of this folder (protocol 4).
        workspace_dir?: NonEmpty,
        /// Only of this group (protocol 4).
        group?: String,
        /// Only pinned ones, or only others (protocol 4).
        pinned?: bool,
        /// Only those that are shown this way (protocol 4).
        board_face?: BoardFace,
        /// Only those with a dashboard, or only others (protocol 4).
        has_board?: bool,
        /// Only those that this person made (protocol 4).
        creator_id?: NonEmpty,
        /// Only those of this owner (protocol 4).
        owner_id?: NonEmpty,
        /// Whether the caller's own come first (protocol 4).
        owner_first?: bool,
        /// Only those that the caller took part in (protocol 4).
        involving_me?: bool,
        /// Only those that a person has to do with (protocol 4).
        profile_relation?: ProfileRelation,
        /// Only those that this person took part in (protocol 4).
        involving_profile_id?: NonEmpty,
        /// Whether to add the people (protocol 4).
        include_people?: bool,
        /// Only those that this session started.
        spawned_by?: NonEmpty,
        /// Only of this agent.
        agent_id?: NonEmpty,
        /// Only those whose names contain this.
        search?: String,
        /// Whether archived ones are listed (protocol 4).
        archived?: ArchivedFilter,
    }

    /// What a person has to do with a session (protocol 4).
    pub struct ProfileRelation {
        /// The person.
        profile_id: NonEmpty,
        /// What they have to do with it.
        relationship: ProfileRelationship,
    }
}

handled! { SessionsListParams {
    used: limit, offset, active_minutes, active_only, require_last_interaction, sort_by,
        include_global, include_unknown, exclude_subagents, exclude_cron, configured_agents_only,
        include_derived_titles, include_last_message, label, project_id, workspace_dir, group,
        pinned, board_face, has_board, creator_id, owner_id, profile_relation,
        involving_profile_id, spawned_by, agent_id, search, archived;
    refused: involving_me: "who took part in a session is not kept";
    hints:
        exclude_system: "the gateway has no sessions of its own",
        include_activity_summary: "it adds to rows, and clients do without",
        owner_first: "sessions have no owners, so none comes first",
        include_people: "sessions have no people, so there are none to add";
} }

results! {
    /// The sessions.
    #[derive(Default)]
    pub struct SessionsListResult {
        /// When the list was made, in milliseconds since 1970.
        ts: u64,
        /// Where they are stored; `(multiple)` for several places.
        path: String,
        /// How many rows follow.
        count: u64,
        /// How many sessions there are (protocol 4).
        total_count?: u64,
        /// The limit that was used (protocol 4).
        limit_applied?: u64,
        /// Where the next page begins, or null at the end.
        next_offset: Option<u64>,
        /// Whether there are more (protocol 4).
        has_more?: bool,
        /// The people who own some (protocol 4).
        owners?: Vec<Value>,
        /// What a new session uses.
        defaults: SessionsListDefaults,
        /// The rows.
        sessions: Vec<SessionRow>,
    }

    /// What a new session uses.
    #[derive(Default)]
    pub struct SessionsListDefaults {
        /// The provider, or null when no model is configured.
        model_provider: Option<String>,
        /// The model, or null.
        model: Option<String>,
        /// The size of its context window, or null.
        context_tokens: Option<u64>,
        /// What runs its turns (protocol 4).
        agent_runtime?: AgentRuntime,
        /// Its thinking levels (protocol 4).
        thinking_levels?: Vec<ThinkingLevel>,
        /// Their labels (protocol 4).
        thinking_options?: Vec<String>,
        /// The level of a new session (protocol 4).
        thinking_default?: String,
        /// What choosing a model changes, for example `session` (protocol 4).
        model_selection_target?: String,
    }
}
