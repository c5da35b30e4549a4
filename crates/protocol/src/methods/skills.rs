//! `skills.bins`: what the skills of this gateway need.

use crate::{methods, params, results};

methods! {
    "skills.bins": SkillsBinsParams => SkillsBinsResult, v3 NODE, v4 NODE;
}

params! {
    /// Lists the programs that the skills in the agents' workspaces need, for a node's own policy.
    #[derive(Default)]
    pub struct SkillsBinsParams {
    }
}

results! {
    /// The programs.
    #[derive(Default, Eq)]
    pub struct SkillsBinsResult {
        /// Their names, sorted.
        bins: Vec<String>,
    }
}
