//! What stands over the config's `gateway.auth`: the flags of the command line, and a token that could not be kept.

use std::sync::Arc;

use serde_json::{Map, Value};

use super::{gateway::GatewayConfig, load::Loaded};

impl Loaded {
    /// Puts `flags` (`mode`, `token`, `password`) over `gateway.auth`. When the secrets are loaded again while the
    /// gateway runs, they are put over what the file says then.
    ///
    /// # Errors
    /// When a flag has a value that `gateway.auth` does not take.
    pub fn override_auth(&mut self, flags: Map<String, Value>) -> Result<(), serde_json::Error> {
        let mut section = self.snapshot.config.get("gateway").cloned().unwrap_or_default();
        if !section.is_object() {
            section = Value::Object(Map::new());
        }
        if !section["auth"].is_object() {
            section["auth"] = Value::Object(Map::new());
        }
        for (name, value) in &flags {
            section["auth"][name] = value.clone();
        }
        let gateway: GatewayConfig = serde_json::from_value(section)?;
        Arc::make_mut(&mut self.config).gateway = gateway;
        let secrets =
            ["token", "password"].into_iter().filter_map(|name| flags.get(name)?.as_str());
        self.secrets.extend(secrets.map(str::to_owned));
        self.overrides.extend(flags);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::config::{Environment, Paths, Profile, load_text};

    #[test]
    fn flags_win_over_the_file_and_the_rest_of_it_stays() {
        let env = Environment::from_vars([("HOME", "/nowhere")]);
        let paths = Paths::resolve(&env, &Profile::DEFAULT).unwrap();
        let text = "{ gateway: { port: 5, auth: { token: 'from-the-config' } } }";
        let mut loaded = load_text(&paths, &env, Some(text.to_owned())).unwrap();
        let flags = json!({ "mode": "password", "password": "from-the-flag" });
        loaded.override_auth(flags.as_object().unwrap().clone()).unwrap();
        let gateway = &loaded.config.gateway;
        assert_eq!(gateway.port, Some(5));
        assert_eq!(gateway.auth.mode, Some(openclaw_auth::Mode::Password));
        assert!(gateway.auth.token.is_some() && gateway.auth.password.is_some());
        assert!(loaded.secrets.contains(&"from-the-flag".to_owned()), "the log masks it");
        let bad = json!({ "mode": "magic" });
        assert!(loaded.override_auth(bad.as_object().unwrap().clone()).is_err());
        assert_eq!(Value::from(loaded.overrides), flags, "what was refused is not kept");
    }
}
