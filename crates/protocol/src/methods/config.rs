//! `config.get`: the config file as it is.

use serde_json::Value;

use crate::{methods, params, results};

methods! {
    "config.get": ConfigGetParams => ConfigGetResult, v3 READ, v4 READ;
}

params! {
    /// Returns the config file with its secrets replaced by `__OPENCLAW_REDACTED__`.
    #[derive(Default)]
    pub struct ConfigGetParams {
    }
}

results! {
    /// The config file and what became of it.
    #[derive(Default)]
    pub struct ConfigGetResult {
        /// Where it is.
        path: String,
        /// Files that it includes (protocol 4).
        included_paths?: Vec<String>,
        /// Which part came from which file (protocol 4).
        include_provenance?: Vec<Value>,
        /// Whether the list of agents is in an included file (protocol 4).
        agent_roster_include_owned?: bool,
        /// Whether the bindings are in an included file (protocol 4).
        bindings_include_owned?: bool,
        /// Whether the file exists.
        exists: bool,
        /// The text, or null when it does not exist.
        raw: Option<String>,
        /// The text as JSON.
        parsed: Value,
        /// The same after includes (protocol 4).
        source_config?: Value,
        /// The same after includes and variables.
        resolved: Value,
        /// Whether it can be used.
        valid: bool,
        /// What the gateway uses now (protocol 4).
        runtime_config?: Value,
        /// What the file says, with defaults.
        config: Value,
        /// Identifies the text; a change must name it as its base.
        hash?: String,
        /// What is wrong.
        issues: Vec<ConfigIssue>,
        /// What is doubtful.
        warnings: Vec<ConfigIssue>,
        /// What is old.
        legacy_issues: Vec<ConfigIssue>,
        /// Identifies the text and all that it includes (protocol 4).
        config_revision_hash?: String,
        /// Identifies what the gateway uses now (protocol 4).
        applied_config_hash?: String,
    }

    /// A remark about one place of the config.
    #[derive(Eq)]
    pub struct ConfigIssue {
        /// The place, for example `gateway.port`; empty for the whole.
        path: String,
        /// The remark.
        message: String,
    }
}
