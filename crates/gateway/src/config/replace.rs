//! Another secret in the place of the gateway's own, written into the config file.

use std::path::PathBuf;

use openclaw_auth::{Credentials, Mode, Secret};
use serde_json::{Value, json};

use super::{
    edit,
    environment::Environment,
    error::ConfigError,
    files,
    load::{self, look},
    paths::Paths,
    substitute,
    token::{TOKEN_BYTES, keep_original},
};

/// A secret that took the place of another one in the config file.
pub struct Replaced {
    /// Its place: `gateway.auth.token` or `gateway.auth.password`.
    pub place: &'static str,
    file: PathBuf,
    before: String,
    after: String,
}

impl std::fmt::Debug for Replaced {
    /// Without the texts: they hold secrets.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Replaced({} in {})", self.place, self.file.display())
    }
}

impl Replaced {
    /// Puts the former text back, unless somebody has changed the file meanwhile.
    ///
    /// # Errors
    /// When the file cannot be read or written, or was changed.
    pub fn undo(self) -> Result<(), ConfigError> {
        let now = std::fs::read_to_string(&self.file).map_err(ConfigError::io(&self.file))?;
        if now != self.after {
            return Err(changed(self.place, &self.file));
        }
        files::replace_private(&self.file, &self.before)
    }
}

/// A random secret, as a first start makes it.
///
/// # Errors
/// When the system gives no random bytes.
pub fn new_secret() -> Result<Secret, ConfigError> {
    let text = files::random_hex(TOKEN_BYTES).map_err(ConfigError::io("the random source"))?;
    Ok(Secret::new(text))
}

/// Writes `secret` where the gateway's own stands in the config file. Comments and order of the file stay.
///
/// # Errors
/// When the mode asks for none, it is not written there, or the file cannot be used or written.
pub fn replace_secret(
    paths: &Paths,
    env: &Environment,
    secret: &Secret,
) -> Result<Replaced, ConfigError> {
    let loaded = look(paths, env)?;
    let (place, name) = match Credentials::new(&loaded.config.gateway.auth).mode {
        Mode::Token | Mode::Tailscale | Mode::Device => ("gateway.auth.token", "token"),
        Mode::Password => ("gateway.auth.password", "password"),
        Mode::None | Mode::TrustedProxy => {
            return Err(refused("gateway.auth", "its mode asks for no secret"));
        }
    };
    let written = loaded.snapshot.parsed.pointer(&format!("/gateway/auth/{name}"));
    if let Some(reason) = elsewhere(written) {
        return Err(refused(place, reason));
    }
    let Some(secret) = secret.usable() else {
        return Err(refused(place, "the new secret is empty, too long, or a word like undefined"));
    };
    let before = loaded.snapshot.raw.unwrap_or_default();
    let path = ["gateway", "auth", name].map(str::to_owned);
    let after = edit::set(&before, &path, json!(secret.expose()))?;
    load::load_text(paths, env, Some(after.clone()))?;
    // Someone may have written the file since it was read; his text is not lost for a secret.
    if load::read(paths).is_ok_and(|now| now.as_ref() != Some(&before)) {
        return Err(changed(place, &paths.config_file));
    }
    keep_original(paths)?;
    files::replace_private(&paths.config_file, &after)?;
    Ok(Replaced { place, file: paths.config_file.clone(), before, after })
}

/// Why a secret cannot be replaced where it stands; nothing when it is a plain text there.
fn elsewhere(written: Option<&Value>) -> Option<&'static str> {
    match written {
        Some(Value::String(text)) if substitute::has_reference(text) => Some(
            "a variable gives it; change it where that is set, then run `openclaw secrets reload`",
        ),
        Some(Value::String(_)) => None,
        Some(_) => {
            Some("it is a reference; change the secret there, then run `openclaw secrets reload`")
        }
        None => Some(
            "it is not written there, but given by an included file, an older spelling or a variable, or made at the first start",
        ),
    }
}

fn refused(place: &str, reason: &str) -> ConfigError {
    ConfigError::Edit { path: place.to_owned(), reason: reason.to_owned() }
}

fn changed(place: &str, file: &std::path::Path) -> ConfigError {
    refused(place, &format!("{} changed meanwhile; try again", file.display()))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::config::Profile;

    fn home(config: &str) -> (tempfile::TempDir, Environment, Paths) {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("openclaw.json"), config).unwrap();
        let vars = [("OPENCLAW_STATE_DIR", dir.path().to_str().unwrap()), ("A", "from-a-variable")];
        let env = Environment::from_vars(vars);
        let paths = Paths::resolve(&env, &Profile::DEFAULT).unwrap();
        (dir, env, paths)
    }

    #[test]
    fn the_secret_changes_and_nothing_else_of_the_file() {
        let text =
            "{\n  // mine\n  gateway: { auth: { token: 'old-secret' /* here */ }, port: 5 },\n}\n";
        let (dir, env, paths) = home(text);
        let replaced = replace_secret(&paths, &env, &"new-secret".into()).unwrap();
        assert_eq!(replaced.place, "gateway.auth.token");
        let file = dir.path().join("openclaw.json");
        let now = fs::read_to_string(&file).unwrap();
        assert!(!now.contains("old-secret") && now.contains("new-secret"));
        assert_eq!(now.split("new-secret").count(), 2);
        assert!(now.contains("// mine") && now.contains("/* here */") && now.contains("port: 5"));
        assert!(!format!("{replaced:?}").contains("secret"));
        replaced.undo().unwrap();
        assert_eq!(fs::read_to_string(&file).unwrap(), text);
        let replaced = replace_secret(&paths, &env, &"new-secret".into()).unwrap();
        fs::write(&file, "{}").unwrap();
        assert!(replaced.undo().unwrap_err().to_string().contains("changed meanwhile"));
        assert_eq!(fs::read_to_string(&file).unwrap(), "{}");
    }

    #[test]
    fn a_password_has_its_own_place() {
        let (dir, env, paths) = home("{ gateway: { auth: { password: 'old-secret' } } }");
        let replaced = replace_secret(&paths, &env, &"new-secret".into()).unwrap();
        assert_eq!(replaced.place, "gateway.auth.password");
        assert!(
            fs::read_to_string(dir.path().join("openclaw.json")).unwrap().contains("new-secret")
        );
    }

    #[test]
    fn what_is_kept_elsewhere_or_makes_no_secret_is_refused() {
        let one = |auth: &str, secret: &str| {
            let (dir, env, paths) = home(&format!("{{ gateway: {{ auth: {auth} }} }}"));
            let before = fs::read_to_string(dir.path().join("openclaw.json")).unwrap();
            let error = replace_secret(&paths, &env, &secret.into()).unwrap_err().to_string();
            assert_eq!(fs::read_to_string(dir.path().join("openclaw.json")).unwrap(), before);
            assert!(!error.contains("old-") && !error.contains('\n'), "{error}");
            error
        };
        assert!(one("{ token: '${A}' }", "new-secret").contains("a variable gives it"));
        let reference = "{ token: { source: 'exec', provider: 'p', id: 'x' } }";
        assert!(one(reference, "new-secret").contains("it is a reference"));
        assert!(one("{}", "new-secret").contains("it is not written there"));
        assert!(one("{ mode: 'none' }", "new-secret").contains("asks for no secret"));
        assert!(one("{ token: 'old-secret' }", " ").contains("the new secret is empty"));
    }

    #[test]
    fn what_somebody_writes_meanwhile_is_not_lost() {
        let (dir, env, paths) = home("{}");
        // Both are looked at, one after the other, once the file itself has been read.
        let pipe = |name: &str| {
            let path = dir.path().join(name);
            let (kind, mode) = (rustix::fs::FileType::Fifo, rustix::fs::Mode::RWXU);
            rustix::fs::mknodat(rustix::fs::CWD, &path, kind, mode, 0).unwrap();
            path
        };
        let (first, second) = (pipe("first"), pipe("second"));
        let of = |name: &str| json!({ "source": "file", "provider": name, "id": "/" });
        let provider = |path: &PathBuf| json!({ "source": "file", "path": path });
        let config = json!({
            "gateway": { "auth": { "token": "old-secret" },
                "remote": { "password": of("first"), "token": of("second") } },
            "secrets": { "providers": { "first": provider(&first), "second": provider(&second) } },
        });
        let file = dir.path().join("openclaw.json");
        fs::write(&file, config.to_string()).unwrap();
        let theirs = config.to_string().replace("old-secret", "their-secret");
        let other = std::thread::spawn({
            let (file, theirs) = (file.clone(), theirs.clone());
            move || {
                // Opens as soon as somebody reads it, who then waits for the second.
                let open = |path| fs::OpenOptions::new().write(true).open(path).unwrap();
                let first = open(first);
                fs::write(file, theirs).unwrap();
                (first, open(second))
            }
        });
        let refused = replace_secret(&paths, &env, &"new-secret".into()).unwrap_err().to_string();
        assert!(refused.contains("changed meanwhile"), "{refused}");
        other.join().unwrap();
        assert_eq!(fs::read_to_string(file).unwrap(), theirs);
    }
}
