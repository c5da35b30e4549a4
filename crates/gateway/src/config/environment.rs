//! The process environment, read once. Nothing else in the gateway reads it.
//!
//! Variables that `.env` files and `env.vars` add serve the config (`${VAR}`) and credentials; they are never
//! handed to child processes, so a `.env` in a workspace cannot set `PATH` or `LD_PRELOAD` for a tool.

use std::{
    collections::BTreeMap,
    fmt,
    path::{Path, PathBuf},
    time::Duration,
};

use super::error::ConfigError;

/// The variables that matter, in one value that tests can make.
#[derive(Clone, Default)]
pub struct Environment {
    process: BTreeMap<String, String>,
    added: BTreeMap<String, String>,
    cwd: Option<PathBuf>,
}

impl fmt::Debug for Environment {
    /// Counts only: the values hold secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Environment({} + {} variables)", self.process.len(), self.added.len())
    }
}

impl Environment {
    /// Reads the environment of this process; variables that are not UTF-8 are left out.
    pub fn from_process() -> Self {
        let utf8 = std::env::vars_os().filter_map(|(name, value)| {
            Some((name.into_string().ok()?, value.into_string().ok()?))
        });
        Self { process: utf8.collect(), added: BTreeMap::new(), cwd: std::env::current_dir().ok() }
    }

    /// An environment with just these variables and no working directory.
    pub fn from_vars<N: Into<String>, V: Into<String>>(
        vars: impl IntoIterator<Item = (N, V)>,
    ) -> Self {
        let process = vars.into_iter().map(|(name, value)| (name.into(), value.into())).collect();
        Self { process, added: BTreeMap::new(), cwd: None }
    }

    /// The same, with a working directory (where a `.env` may lie).
    #[must_use]
    pub fn with_cwd(mut self, cwd: impl Into<PathBuf>) -> Self {
        self.cwd = Some(cwd.into());
        self
    }

    /// The working directory.
    pub fn cwd(&self) -> Option<&Path> {
        self.cwd.as_deref()
    }

    /// The value of `name`; an empty one counts as missing.
    pub fn get(&self, name: &str) -> Option<&str> {
        let value = self.process.get(name).filter(|value| !value.is_empty());
        value.or_else(|| self.added.get(name)).map(String::as_str).filter(|value| !value.is_empty())
    }

    /// Sets `name` for config and credentials, unless the process or an earlier file has a value for it.
    pub fn fill(&mut self, name: &str, value: &str) {
        if self.get(name).is_none() && !value.is_empty() {
            self.added.insert(name.to_owned(), value.to_owned());
        }
    }

    /// The same without what files added: where a new load begins.
    #[must_use]
    pub fn as_started(&self) -> Self {
        Self { added: BTreeMap::new(), ..self.clone() }
    }

    /// The real environment, for child processes; without what files added.
    pub fn process(&self) -> &BTreeMap<String, String> {
        &self.process
    }

    /// `OPENCLAW_HOME`, else `HOME`.
    pub fn home(&self) -> Option<PathBuf> {
        let user = || self.path("HOME").filter(|home| home.is_absolute());
        match self.get("OPENCLAW_HOME").map(str::trim).filter(|home| !home.is_empty()) {
            Some(home) => Some(expand(home, user().as_deref())),
            None => user(),
        }
    }

    /// A path variable with `~` expanded; blank counts as missing.
    pub(super) fn path(&self, name: &str) -> Option<PathBuf> {
        let value = self.get(name)?.trim();
        let user = self.get("HOME").map(Path::new);
        (!value.is_empty()).then(|| expand(value, user))
    }

    /// `OPENCLAW_GATEWAY_PORT`.
    ///
    /// # Errors
    /// When it is set and is no port.
    pub fn gateway_port(&self) -> Result<Option<u16>, ConfigError> {
        let Some(text) = self.get("OPENCLAW_GATEWAY_PORT").map(str::trim) else { return Ok(None) };
        match text.parse() {
            Ok(port) if port > 0 => Ok(Some(port)),
            _ => Err(ConfigError::Variable {
                name: "OPENCLAW_GATEWAY_PORT",
                value: text.to_owned(),
                expected: "a port from 1 to 65535",
            }),
        }
    }

    /// `OPENCLAW_GATEWAY_TOKEN`: the gateway's token when the config has none.
    pub fn gateway_token(&self) -> Option<&str> {
        self.get("OPENCLAW_GATEWAY_TOKEN").map(str::trim).filter(|token| !token.is_empty())
    }

    /// `OPENCLAW_GATEWAY_PASSWORD`: the gateway's password when the config has none.
    pub fn gateway_password(&self) -> Option<&str> {
        self.get("OPENCLAW_GATEWAY_PASSWORD").map(str::trim).filter(|word| !word.is_empty())
    }

    /// `OPENCLAW_HANDSHAKE_TIMEOUT_MS`, when it is a positive number.
    pub fn handshake_timeout(&self) -> Option<Duration> {
        let millis = self.get("OPENCLAW_HANDSHAKE_TIMEOUT_MS")?.trim().parse::<u64>().ok()?;
        (millis > 0).then(|| Duration::from_millis(millis))
    }

    /// `OPENCLAW_SKIP_CHANNELS`: start without channels.
    pub fn skip_channels(&self) -> bool {
        self.flag("OPENCLAW_SKIP_CHANNELS")
    }

    /// `NO_COLOR` is set, whatever its value.
    pub fn no_color(&self) -> bool {
        self.get("NO_COLOR").is_some()
    }

    /// Whether `name` is set to something that means yes.
    pub fn flag(&self, name: &str) -> bool {
        let value = self.get(name).map(|value| value.trim().to_ascii_lowercase());
        matches!(value.as_deref(), Some("1" | "true" | "yes" | "on"))
    }
}

/// `~` and `~/x` under `home`; everything else as it is.
pub(super) fn expand(path: &str, home: Option<&Path>) -> PathBuf {
    match (path.strip_prefix('~'), home) {
        (Some(""), Some(home)) => home.to_owned(),
        (Some(rest), Some(home)) if rest.starts_with('/') => {
            home.join(rest.trim_start_matches('/'))
        }
        _ => PathBuf::from(path),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_process_wins_over_files_and_blank_is_missing() {
        let mut env = Environment::from_vars([("A", "process"), ("B", "")]);
        env.fill("A", "file");
        env.fill("B", "file");
        env.fill("B", "later file");
        assert_eq!(
            (env.get("A"), env.get("B"), env.get("C")),
            (Some("process"), Some("file"), None)
        );
        assert!(!env.process().contains_key("C") && env.process()["B"].is_empty());
    }

    #[test]
    fn a_port_is_a_port() {
        let port =
            |text: &str| Environment::from_vars([("OPENCLAW_GATEWAY_PORT", text)]).gateway_port();
        assert_eq!(port(" 19001 ").unwrap(), Some(19001));
        assert_eq!(port("").unwrap(), None);
        for bad in ["0", "65536", "abc", "-1", "80 80"] {
            assert!(port(bad).unwrap_err().to_string().contains("OPENCLAW_GATEWAY_PORT"), "{bad}");
        }
    }

    #[test]
    fn home_follows_openclaw_home_first() {
        let home = |vars: &[(&str, &str)]| Environment::from_vars(vars.iter().copied()).home();
        assert_eq!(home(&[("HOME", "/h")]), Some("/h".into()));
        assert_eq!(home(&[("HOME", "/h"), ("OPENCLAW_HOME", "~/o")]), Some("/h/o".into()));
        assert_eq!(home(&[("HOME", "/h"), ("OPENCLAW_HOME", "  ")]), Some("/h".into()));
        assert_eq!(home(&[]), None);
    }
}
