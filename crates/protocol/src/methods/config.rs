//! `config.get`, `config.schema`: the config file as it is, and what may be in it.

use std::{borrow::Cow, collections::BTreeMap};

use serde_json::Value;

use crate::{field::ConfigPath, methods, params, results};

methods! {
    "config.get": ConfigGetParams => ConfigGetResult, v3 READ, v4 READ;
    "config.schema": ConfigSchemaParams => ConfigSchemaResult, v3 ADMIN, v4 READ;
    "config.schema.lookup": ConfigSchemaLookupParams => ConfigSchemaLookupResult, v3 READ, v4 READ;
}

params! {
    /// Returns the config file with its secrets replaced by `__OPENCLAW_REDACTED__`.
    #[derive(Default)]
    pub struct ConfigGetParams {
    }

    /// Returns the JSON Schema of the config, with hints for forms.
    #[derive(Default)]
    pub struct ConfigSchemaParams {
    }

    /// Returns what may be at one place of the config.
    pub struct ConfigSchemaLookupParams {
        /// The place, for example `gateway.auth` or `agents.list[].id`.
        path: ConfigPath,
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

results! {
    /// What may be in the config.
    pub struct ConfigSchemaResult {
        /// The JSON Schema (draft 7), without references.
        schema: Value,
        /// Hints for forms, by place.
        ui_hints: BTreeMap<String, ConfigHint>,
        /// The version that knows this config.
        version: String,
        /// When this was made, ISO 8601.
        generated_at: String,
    }

    /// A hint for a form.
    #[derive(Default, Eq)]
    pub struct ConfigHint {
        /// How the field is called.
        label?: String,
        /// What the field is for.
        help?: String,
        /// Whether it holds a secret.
        sensitive?: bool,
    }

    /// What may be at one place of the config.
    pub struct ConfigSchemaLookupResult {
        /// The place.
        path: String,
        /// Its own schema, without what is inside.
        schema: Value,
        /// What a change of it needs: here always `restart` (protocol 4).
        reload_kind?: Cow<'static, str>,
        /// A hint for forms.
        hint?: ConfigHint,
        /// The place that the hint is of.
        hint_path?: String,
        /// What may be inside.
        children: Vec<ConfigSchemaChild>,
    }

    /// What may be inside a place of the config.
    pub struct ConfigSchemaChild {
        /// Its name; `*` for any name or number.
        key: String,
        /// Its place.
        path: String,
        /// Its type, or its types.
        r#type?: Value,
        /// Whether it must be there.
        required: bool,
        /// Whether something may be inside.
        has_children: bool,
        /// What a change of it needs: here always `restart` (protocol 4).
        reload_kind?: Cow<'static, str>,
        /// A hint for forms.
        hint?: ConfigHint,
        /// The place that the hint is of.
        hint_path?: String,
    }
}
