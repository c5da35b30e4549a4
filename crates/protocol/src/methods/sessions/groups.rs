//! `sessions.groups.*`: the groups that sessions are in (protocol 4).

use crate::{params, results};

params! {
    /// Lists the groups: what `category` of `sessions.patch` has put sessions into.
    #[derive(Default)]
    pub struct SessionsGroupsListParams {
    }

    /// Lists what a new session of a group begins with.
    #[derive(Default)]
    pub struct SessionsGroupsDefaultsParams {
    }
}

results! {
    /// The groups.
    #[derive(Default, Eq)]
    pub struct SessionsGroupsListResult {
        /// The groups, by name.
        groups: Vec<SessionGroup>,
        /// The order of the sections of a list that a person has chosen; none has been.
        section_order: Vec<String>,
    }

    /// A group.
    #[derive(Default, Eq)]
    pub struct SessionGroup {
        /// Its name.
        name: String,
        /// Its place, from 0.
        position: u64,
    }

    /// What new sessions of groups begin with.
    #[derive(Default, Eq)]
    pub struct SessionsGroupsDefaultsResult {
        /// Of the groups that have such; here none has, since a session works in its agent's workspace.
        defaults: Vec<SessionGroupDefaults>,
    }

    /// What a new session of a group begins with.
    #[derive(Default, Eq)]
    pub struct SessionGroupDefaults {
        /// The group.
        name: String,
        /// The folder of its commands.
        cwd?: String,
        /// Whether it gets a worktree of its own.
        worktree?: bool,
    }
}
