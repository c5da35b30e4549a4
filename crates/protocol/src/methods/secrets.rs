//! `secrets.reload`: the secrets of the config, looked up again while the gateway runs.

use crate::{methods, params, results};

methods! {
    "secrets.reload": SecretsReloadParams => SecretsReloadResult, v3 ADMIN, v4 ADMIN, lane config, is lenient;
}

params! {
    /// Reads the config file again and takes over its secrets: the gateway's own, and the providers of
    /// models with their keys. What the former secret let in is closed; any other change waits for a
    /// restart. A file that cannot be used changes nothing.
    #[derive(Default)]
    pub struct SecretsReloadParams {
    }
}

results! {
    /// What was taken over.
    #[derive(Default, Eq)]
    pub struct SecretsReloadResult {
        /// That it was.
        ok: bool,
        /// How many remarks there are.
        warning_count: u64,
        /// The remarks, one line each; never a secret.
        warnings?: Vec<String>,
        /// The places of the config whose secrets are other ones now, for example `gateway.auth.token`.
        changed?: Vec<String>,
    }
}
