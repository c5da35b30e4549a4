//! Where state, config and logs lie.

use std::path::{Path, PathBuf};

use super::{environment::Environment, error::ConfigError, files};

/// The port of the development profile when nothing else names one.
pub const DEV_PORT: u16 = 19001;
/// The names of a config file, in the order in which they are looked for.
const FILE_NAMES: [&str; 2] = ["openclaw.json", "openclaw.json5"];

/// Which of a user's gateways is meant: `--profile NAME`, `--dev`, `OPENCLAW_PROFILE`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Profile(Option<String>);

impl Profile {
    /// The unnamed profile, in `~/.openclaw`.
    pub const DEFAULT: Self = Self(None);

    /// The profile `name`, in `~/.openclaw-NAME`; `default` is the unnamed one.
    ///
    /// # Errors
    /// When `name` cannot be part of a directory name.
    pub fn named(name: &str) -> Result<Self, ConfigError> {
        let name = name.trim();
        let fits = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        let first = name.starts_with(|c: char| c.is_ascii_alphanumeric());
        if !first || name.len() > 64 || !name.chars().all(fits) {
            return Err(ConfigError::Profile(name.to_owned()));
        }
        Ok(if name.eq_ignore_ascii_case("default") {
            Self(None)
        } else {
            Self(Some(name.to_owned()))
        })
    }

    /// The profile of `--dev`.
    pub fn dev() -> Self {
        Self(Some("dev".to_owned()))
    }

    /// The profile that `OPENCLAW_PROFILE` names, else the unnamed one.
    ///
    /// # Errors
    /// When it names an impossible one.
    pub fn from_environment(env: &Environment) -> Result<Self, ConfigError> {
        env.get("OPENCLAW_PROFILE").map_or(Ok(Self::DEFAULT), Self::named)
    }

    /// Its name, when it has one.
    pub fn name(&self) -> Option<&str> {
        self.0.as_deref()
    }

    /// The port that this profile has when neither the command line, the environment nor the config names one.
    pub fn default_port(&self) -> Option<u16> {
        (self.name() == Some("dev")).then_some(DEV_PORT)
    }

    fn dir_name(&self) -> String {
        self.name().map_or_else(|| ".openclaw".to_owned(), |name| format!(".openclaw-{name}"))
    }
}

/// The places of one gateway.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Paths {
    /// The home directory that `~` in config paths means, when there is one.
    pub home: Option<PathBuf>,
    /// `OPENCLAW_STATE_DIR`, else `OPENCLAW_CONFIG_DIR`, else `~/.openclaw` or `~/.openclaw-PROFILE`.
    pub state_dir: PathBuf,
    /// The config file; it need not exist.
    pub config_file: PathBuf,
    /// A second config file beside it that is not read.
    pub ignored_config_file: Option<PathBuf>,
    /// What the profile sets when nothing else names a port.
    pub default_port: Option<u16>,
}

impl Paths {
    /// Finds the places. Nothing is created.
    ///
    /// # Errors
    /// When no variable says where the home is.
    pub fn resolve(env: &Environment, profile: &Profile) -> Result<Self, ConfigError> {
        let home = env.home();
        let config_dir = env.path("OPENCLAW_CONFIG_DIR");
        let state_dir = env
            .path("OPENCLAW_STATE_DIR")
            .or_else(|| config_dir.clone())
            .or_else(|| Some(home.as_ref()?.join(profile.dir_name())))
            .ok_or(ConfigError::NoHome)?;
        let state_dir = absolute(&state_dir, env);
        let (config_file, ignored_config_file) = match env.path("OPENCLAW_CONFIG_PATH") {
            Some(file) => (absolute(&file, env), None),
            None => find(&config_dir.map_or_else(|| state_dir.clone(), |dir| absolute(&dir, env))),
        };
        let default_port = profile.default_port();
        Ok(Self { home, state_dir, config_file, ignored_config_file, default_port })
    }

    /// The directory of the config file; `$include` stays under it.
    pub fn config_dir(&self) -> &Path {
        self.config_file.parent().unwrap_or(Path::new("/"))
    }

    /// A path from a config: `~` is the home, a relative one lies in the state directory.
    pub fn expand(&self, path: &str) -> PathBuf {
        self.state_dir.join(super::environment::expand(path, self.home.as_deref()))
    }

    /// Makes the state directory, readable by its owner only, unless it is there.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn create_state_dir(&self) -> Result<(), ConfigError> {
        files::create_private_dir(&self.state_dir)
    }
}

fn absolute(path: &Path, env: &Environment) -> PathBuf {
    env.cwd().map_or_else(|| path.to_owned(), |cwd| cwd.join(path))
}

/// The config file of `dir`, and a second one that loses.
fn find(dir: &Path) -> (PathBuf, Option<PathBuf>) {
    let [first, second] = FILE_NAMES.map(|name| dir.join(name));
    match (first.exists(), second.exists()) {
        (false, true) => (second, None),
        (true, true) => (first, Some(second)),
        _ => (first, None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(vars: &[(&str, &str)], profile: &Profile, state: &str, config: &str) {
        let env = Environment::from_vars(vars.iter().copied()).with_cwd("/cwd");
        let paths = Paths::resolve(&env, profile).unwrap();
        assert_eq!(
            (paths.state_dir.to_str().unwrap(), paths.config_file.to_str().unwrap()),
            (state, config)
        );
    }

    #[test]
    fn variables_and_profiles() {
        let home = ("HOME", "/h");
        let none = &Profile::DEFAULT;
        check(&[home], none, "/h/.openclaw", "/h/.openclaw/openclaw.json");
        check(&[home], &Profile::dev(), "/h/.openclaw-dev", "/h/.openclaw-dev/openclaw.json");
        let x = Profile::named("x").unwrap();
        check(&[home], &x, "/h/.openclaw-x", "/h/.openclaw-x/openclaw.json");
        check(&[home, ("OPENCLAW_HOME", "/o")], none, "/o/.openclaw", "/o/.openclaw/openclaw.json");
        check(&[home, ("OPENCLAW_STATE_DIR", "~/s")], none, "/h/s", "/h/s/openclaw.json");
        check(&[home, ("OPENCLAW_STATE_DIR", "s")], none, "/cwd/s", "/cwd/s/openclaw.json");
        check(&[("OPENCLAW_CONFIG_DIR", "/c")], none, "/c", "/c/openclaw.json");
        let both = [("OPENCLAW_CONFIG_DIR", "/c"), ("OPENCLAW_STATE_DIR", "/s")];
        check(&both, none, "/s", "/c/openclaw.json");
        check(&[home, ("OPENCLAW_CONFIG_PATH", "/f.json5")], none, "/h/.openclaw", "/f.json5");
        assert!(Paths::resolve(&Environment::default(), none).is_err());
    }

    #[test]
    fn profile_names() {
        assert_eq!(Profile::named("default").unwrap(), Profile::DEFAULT);
        assert_eq!(
            (Profile::dev().default_port(), Profile::DEFAULT.default_port()),
            (Some(19001), None)
        );
        for bad in ["", "../x", "a b", "-x", "a/b", &"x".repeat(65)] {
            assert!(Profile::named(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn json_wins_over_json5() {
        let dir = tempfile::tempdir().unwrap();
        let (json, json5) = (dir.path().join("openclaw.json"), dir.path().join("openclaw.json5"));
        assert_eq!(find(dir.path()), (json.clone(), None));
        std::fs::write(&json5, "{}").unwrap();
        assert_eq!(find(dir.path()), (json5.clone(), None));
        std::fs::write(&json, "{}").unwrap();
        assert_eq!(find(dir.path()), (json, Some(json5)));
    }
}
